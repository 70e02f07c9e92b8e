//! Where access follows tags, the tags of the resource are fetched; elsewhere nobody asks for them.
//!
//! The story is that of `tests/catalogue/abac-tag-mismatch`: the tag of the secret and that of the session differ by the
//! case of a letter.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::collect::narrowing;
use crate::live::{Live, explain_bundle};
use crate::program::{Run, copy_folder, in_project};
use crate::server::{Fault, Rule, Server, World};

const STORY: &str = "tests/catalogue/abac-tag-mismatch";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:atlas/db-AbCdEf";

fn story(change: impl FnOnce(&Path)) -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project(STORY), folder.path());
    change(folder.path());
    let server = Server::start(World::open(folder.path()));
    (folder, server)
}

/// The answer of the bundle that is collected.
fn collected(server: &Server) -> Run {
    let live = Live::new(server);
    let out = live.folder("bundle");
    let window = narrowing(server.world());
    let mut args = vec!["collect", "--out", out.to_str().unwrap()];
    args.extend(window.iter().map(String::as_str));
    let run = live.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    explain_bundle(&out)
}

fn count(server: &Server, operation: &str) -> usize {
    server.calls().iter().filter(|call| call.operation == operation).count()
}

#[test]
fn the_tags_of_the_secret_are_fetched_once_and_the_answer_is_that_of_the_story() {
    let (folder, server) = story(|_| {});
    let found = collected(&server);
    assert_eq!(found.stdout, explain_bundle(folder.path()).stdout, "{}", found.stderr);
    assert_eq!(count(&server, "GetResources"), 1, "{:?}", server.calls());
    assert_eq!(server.inputs("GetResources")[0]["ResourceARNList"], json!([SECRET]));
}

#[test]
fn tags_that_may_not_be_read_are_a_gap_and_leave_the_answer_open() {
    let (_folder, server) = story(|_| {});
    server.fault(Rule::new(Fault::Denied, "tagging", "GetResources"));
    let found = collected(&server);
    let diagnosis = &found.json()["diagnoses"][0];
    assert_eq!(diagnosis["decision"], "Undetermined", "{}", found.stdout);
    let gaps = diagnosis["not_checked"].as_array().unwrap();
    let gap = gaps.iter().find(|gap| gap["what"] == format!("tags of {SECRET}"));
    assert_eq!(gap.unwrap()["why"], "AccessDeniedException: tag:GetResources");
}

/// A resource that never had a tag is not in the answer.
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
#[test]
fn a_secret_that_is_not_listed_has_no_tags() {
    let (_folder, server) = story(|folder| {
        let file = folder.join("accounts/111122223333/resource-tags.json");
        fs::write(file, r#"{"ResourceTagMappingList": []}"#).unwrap();
    });
    let found = collected(&server);
    let diagnosis = &found.json()["diagnoses"][0];
    assert_eq!(diagnosis["decision"], "ImplicitDeny", "{}", found.stdout);
    let states: Vec<&Value> =
        diagnosis["findings"].as_array().unwrap().iter().map(|finding| &finding["got_state"]).collect();
    assert!(states.contains(&&json!("absent")) || diagnosis["standing"] == "proven", "{}", found.stdout);
}

#[test]
fn where_no_policy_looks_at_tags_nobody_asks_for_them() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let found = Live::new(&server).run(&["--format", "json"]);
    assert_eq!(found.json()["diagnoses"][0]["standing"], "proven", "{}", found.stderr);
    let asked =
        ["GetResources", "GetBucketAbac", "GetBucketLocation"].map(|operation| count(&server, operation));
    assert_eq!(asked, [0, 0, 0]);
}
