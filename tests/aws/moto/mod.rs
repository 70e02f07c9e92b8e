//! moto as the second server: another implementation of AWS's APIs than ours, with the policies of an example in it.
//! The event history comes from the scenario server, since moto has none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::live::{Live, explain_bundle};
use crate::program::in_project;
use crate::python;
use crate::server::{Server, World};

/// moto with a bundle in it. It ends when it is dropped, and with the test in any case.
struct Moto {
    child: Child,
    seeded: Seeded,
    /// The bundle with the ids that moto gave.
    bundle: TempDir,
}

#[derive(Debug, Deserialize)]
struct Seeded {
    url: String,
    caller: BTreeMap<String, String>,
    renamed: BTreeMap<String, String>,
}

impl Moto {
    fn start(test: &str, example: &Path) -> Option<Self> {
        let programs = python::environment(test)?;
        let mut child = Command::new(programs.join("python"))
            .arg(in_project("tests/aws/moto/serve.py"))
            .arg(example)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let seeded: Seeded =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("moto did not start: {error}: {line}"));
        let bundle = renamed(example, &seeded.renamed);
        Some(Self { child, seeded, bundle })
    }

    /// A run with moto for everything but CloudTrail.
    fn live(&self, history: &Server) -> Live {
        let principal = history.world().principal();
        let token = self.seeded.caller.get("AWS_SESSION_TOKEN").map_or("", String::as_str);
        history.world().hand_out(&self.seeded.caller["AWS_ACCESS_KEY_ID"], token, &principal);
        let credentials: Vec<(&str, &str)> =
            self.seeded.caller.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut live = Live::at(&self.seeded.url, &credentials);
        live.variable("AWS_ENDPOINT_URL_CLOUDTRAIL", &history.url());
        live
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A copy of a bundle with other ids, in texts and in names of files.
fn renamed(bundle: &Path, ids: &BTreeMap<String, String>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rename = |text: &str| ids.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
    for entry in
        walkdir::WalkDir::new(bundle).into_iter().flatten().filter(|entry| entry.file_type().is_file())
    {
        let target = rename(entry.path().strip_prefix(bundle).unwrap().to_str().unwrap());
        let target = folder.path().join(target);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, rename(&fs::read_to_string(entry.path()).unwrap())).unwrap();
    }
    folder
}

/// What both answers have to have in common: moto has another text of AWS's policies, and no organization.
fn essence(report: &Value) -> Vec<String> {
    let diagnoses = report["diagnoses"].as_array().cloned().unwrap_or_default();
    let essence = |diagnosis: &Value| {
        ["decision", "principal", "denied", "denied_by"].map(|field| diagnosis[field].to_string()).join(" ")
    };
    diagnoses.iter().map(essence).collect()
}

fn check(test: &str, name: &str) {
    let Some(moto) = Moto::start(test, &in_project("policies/examples").join(name)) else { return };
    let history = Server::start(World::open(moto.bundle.path()));
    let narrowing = crate::collect::narrowing(history.world());
    let mut args = vec!["explain", "--format", "json"];
    args.extend(narrowing.iter().map(String::as_str));
    let live = moto.live(&history).run(&args);
    let offline = explain_bundle(moto.bundle.path());
    let open = &live.json()["diagnoses"][0]["not_checked"];
    assert_eq!(essence(&live.json()), essence(&offline.json()), "not checked: {open:#}\n{}", live.stderr);
    assert!(!essence(&live.json()).is_empty());
}

#[test]
fn the_download_in_moto() {
    check("the_download_in_moto", "s3-kms-download");
}

#[test]
fn the_session_called_alice_in_moto() {
    check("the_session_called_alice_in_moto", "role-session-identity");
}

#[test]
fn the_stopped_job_in_moto() {
    check("the_stopped_job_in_moto", "job-stopped-after-policy-change");
}
