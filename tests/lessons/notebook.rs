//! The file that keeps how far the learner is: damage to it is told and never stops the course.

use std::fs;

use crate::program::{Run, finished, program};

fn list(progress: &std::path::Path) -> Run {
    finished(&program().args(["lessons", "--progress"]).arg(progress).output().unwrap())
}

#[test]
fn damage_is_told_and_put_aside() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("lessons.json");
    let damages: [&[u8]; 7] = [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"{\"version\":99}",
        b"{\"version\":1,\"lessons\":{\"a\":{\"answered\":-1}}}",
        b"{\"version\":1,\"current\":7}",
    ];
    for damage in damages {
        fs::write(&file, damage).unwrap();
        let run = list(&file);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains("the course begins anew"), "{}", run.stderr);
        assert!(run.stdout.contains("0 solved"), "{}", run.stdout);
        assert_eq!(fs::read(&file).unwrap(), damage, "looking changes nothing");
        let folder = home.path().join("lesson");
        let start = ["lessons", "start", "1"];
        let run =
            finished(&program().args(start).arg(&folder).arg("--progress").arg(&file).output().unwrap());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(
            fs::read(home.path().join("lessons.json.damaged")).unwrap(),
            damage,
            "the old one is kept"
        );
        assert!(list(&file).stderr.is_empty(), "the new one can be read");
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_place_that_cannot_be_written_is_a_warning() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a-file");
    fs::write(&file, "").unwrap();
    let inside = file.join("lessons.json");
    let run = finished(
        &program()
            .args(["lessons", "start", "1"])
            .arg(home.path().join("lesson"))
            .arg("--progress")
            .arg(inside)
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("warning: "), "{}", run.stderr);
    assert!(run.stdout.contains("Question 1"), "{}", run.stdout);
}

/// Without an override it is the platform's place for data, which on Linux `XDG_DATA_HOME` names.
#[cfg(target_os = "linux")]
#[test]
fn without_an_override_it_is_in_the_data_folder() {
    let home = tempfile::tempdir().unwrap();
    let run = finished(
        &program()
            .args(["lessons", "start", "1"])
            .arg(home.path().join("lesson"))
            .env("XDG_DATA_HOME", home.path().join("data"))
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = fs::read_to_string(home.path().join("data/why-denied/lessons.json")).unwrap();
    assert!(text.contains("\"identity-missing-allow\""), "{text}");
}

/// A lesson of another version of the program stays in the file.
#[test]
fn what_is_not_known_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("lessons.json");
    fs::write(&file, r#"{"version":1,"lessons":{"of-tomorrow":{"solved":"exactly"}}}"#).unwrap();
    let start = ["lessons", "start", "1"];
    finished(
        &program().args(start).arg(home.path().join("x")).arg("--progress").arg(&file).output().unwrap(),
    );
    assert!(fs::read_to_string(&file).unwrap().contains("of-tomorrow"));
}
