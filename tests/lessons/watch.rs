//! `lessons check --watch`: every save is judged, and it ends when the lesson is solved.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::program::in_project;
use crate::{cases, edit, written};

/// With a policy of the user that is about something else.
fn with_a_policy(iam: &str) -> String {
    let policy = r#""UserPolicyList": [{"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}], "GroupList""#;
    iam.replacen("\"GroupList\"", policy, 1)
}

#[test]
fn every_save_is_judged_until_it_is_solved() {
    let case = cases().into_iter().find(|case| case.lesson.name == "s3-kms-download").unwrap();
    let folder = written(&case.lesson);
    let progress = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_why-denied"))
        .args(["lessons", "check", "--watch"])
        .arg(folder.path())
        .arg("--progress")
        .arg(progress.path().join("lessons.json"))
        .current_dir(in_project(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (sender, lines) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let wait = |start: &str| loop {
        let line = lines.recv_timeout(Duration::from_mins(1)).expect("a judgement after a save");
        if line.starts_with(start) {
            break;
        }
    };
    wait("Nothing is edited yet");
    let file = folder.path().join("accounts/111122223333/iam.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, "{").unwrap();
    wait("This cannot be read");
    // As editors save: under another name, which then takes the place of the old.
    let beside = file.with_extension("swp");
    std::fs::write(&beside, with_a_policy(&whole)).unwrap();
    std::fs::rename(&beside, &file).unwrap();
    wait("STILL DENIED");
    std::fs::write(&file, &whole).unwrap();
    wait("Nothing is edited yet");
    edit(folder.path(), &case.lesson.repair);
    wait("SOLVED");
    let ended = child.wait().unwrap();
    assert_eq!(ended.code(), Some(0));
}
