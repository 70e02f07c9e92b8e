//! `changes`: the change that a story names is in the timeline of its principal, and what was not seen is said.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::program::{Run, in_project, run};

/// All bundles with their stories: the catalogue and the examples.
fn stories() -> Vec<PathBuf> {
    let folders = ["tests/catalogue", "policies/examples"].map(in_project);
    let listed = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut stories: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    stories.retain(|story| story.join("expected.json").exists());
    stories.sort();
    assert!(stories.len() > 40, "{stories:?}");
    stories
}

fn changes(more: &[&str]) -> Run {
    let args = ["changes", "--format", "json"];
    run(args.iter().chain(more))
}

/// Origin: `introduced_by` of every story, written before any of this ran. Where nobody knows the caller, the resource is
/// asked for.
#[test]
fn the_change_that_a_story_names_is_in_the_timeline() {
    let mut checked = 0;
    for story in stories() {
        let expected: Value =
            serde_json::from_slice(&fs::read(story.join("expected.json")).unwrap()).unwrap();
        for diagnosis in expected["diagnoses"].as_array().unwrap() {
            let Some(introduced) = diagnosis["introduced_by"]["event_id"].as_str() else { continue };
            let (principal, resource) = (&diagnosis["principal"], &diagnosis["denied"]["resource"]);
            let (option, subject) = match (principal.as_str(), resource.as_str()) {
                (Some(principal), _) => ("--principal", principal),
                (None, Some(resource)) => ("--resource", resource),
                // The event of a VPC endpoint hides both.
                (None, None) => continue,
            };
            let found = changes(&["--bundle", story.to_str().unwrap(), option, subject]).json();
            let mut entries = found["changes"].as_array().unwrap().iter();
            let entry = entries.find(|entry| entry["event_id"] == introduced);
            let entry = entry.unwrap_or_else(|| panic!("{}: {introduced}", story.display()));
            assert_eq!(entry["event_name"], diagnosis["introduced_by"]["event_name"], "{}", story.display());
            assert_eq!(entry["actor"], diagnosis["introduced_by"]["actor"], "{}", story.display());
            assert!(!entry["why"].as_array().unwrap().is_empty(), "{}", story.display());
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

/// An entry of a story's timeline, by the event's name; the last, if there are several.
fn entry(more: &[&str], event_name: &str) -> Value {
    let found = changes(more).json();
    let mut entries = found["changes"].as_array().unwrap().iter();
    entries.rfind(|entry| entry["event_name"] == event_name).cloned().unwrap_or_else(|| panic!("{found:#}"))
}

fn story(name: &str) -> String {
    let folders = ["tests/catalogue", "policies/examples"].map(|folder| in_project(folder).join(name));
    let found = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    found.to_str().unwrap().to_owned()
}

/// Origin: the story `admin-but-denied`: a bucket policy gets a Deny, and keeps its statement `TlsOnly`.
#[test]
fn a_policy_is_shown_as_a_diff() {
    let bundle = story("admin-but-denied");
    let put = entry(&["--bundle", &bundle, "--resource", "finance-example"], "PutBucketPolicy");
    let diff = put["document"]["diff"].as_str().unwrap();
    let lines: Vec<&str> = diff.lines().map(str::trim_end).collect();
    assert!(lines.contains(&"+      \"Sid\": \"OfficeOnly\""), "{diff}");
    assert!(
        lines.contains(&"           \"Sid\": \"TlsOnly\"") || lines.contains(&"       \"Sid\": \"TlsOnly\""),
        "{diff}"
    );
    assert!(!lines.iter().any(|line| line.starts_with('-')), "nothing was taken away: {diff}");
    let first = changes(&["--bundle", &bundle, "--resource", "finance-example"]).json();
    assert_eq!(first["changes"][0]["document"]["before"]["state"], "unknown");
}

/// Origin: the story `deleted-principal-aroa`: a role is deleted and created again under its name.
#[test]
fn a_principal_that_was_made_again_is_called_so() {
    let created =
        entry(&["--bundle", &story("deleted-principal-aroa"), "--principal", "ci-role"], "CreateRole");
    let summary = created["summary"].as_str().unwrap();
    assert!(summary.contains("2026-11-05T08:11:58Z") && summary.contains("unique id"), "{summary}");
}

/// Origin: `boundary-missing-allow`: the person behind the session of Identity Center stands in the chain.
#[test]
fn whoever_stands_behind_a_session_is_named() {
    let put = entry(
        &["--bundle", &story("boundary-missing-allow"), "--principal", "orders-api"],
        "PutRolePermissionsBoundary",
    );
    let chain = put["chain"].as_array().unwrap();
    assert!(
        chain.len() > 1 && chain.last().unwrap().as_str().unwrap().contains("paul@example.com"),
        "{put:#}"
    );
}

fn event(region: &str, source: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-11-05T08:11:58Z", "eventID": format!("{name}-{region}"),
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": region,
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ida", "accountId": "111122223333",
                         "userName": "ida", "principalId": "AIDAEXAMPLE"},
        "requestParameters": parameters, "recipientAccountId": "111122223333",
    })
}

fn of_events(events: &[Value], more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    fs::write(&file, json!({ "Records": events }).to_string()).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let args: Vec<&str> = ["--events", &file].iter().copied().chain(more.iter().copied()).collect();
    changes(&args).json()
}

/// IAM and Organizations write to one Region: without an event of it, no change of theirs can have been seen.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html>
#[test]
fn what_cannot_have_been_seen_is_said() {
    let put = event(
        "eu-west-1",
        "s3",
        "PutBucketPolicy",
        &json!({"bucketName": "b", "bucketPolicy": {"Statement": []}}),
    );
    let says_so = |found: &Value| {
        let gaps = found["not_seen"].as_array().unwrap();
        gaps.iter().any(|gap| gap["why"].as_str().unwrap().contains("us-east-1"))
    };
    let found = of_events(std::slice::from_ref(&put), &[]);
    assert!(says_so(&found), "{found:#}");
    let tagged = event(
        "us-east-1",
        "iam",
        "TagRole",
        &json!({"roleName": "app", "tags": [{"key": "a", "value": "b"}]}),
    );
    let found = of_events(&[put, tagged], &[]);
    assert!(!says_so(&found), "{found:#}");
    assert_eq!(found["changes"].as_array().unwrap().len(), 2, "without a subject all changes are listed");
}

/// A role and a user may have one name, and what one does not concern is not listed for it.
#[test]
fn names_are_not_mixed_up() {
    let changes = [
        event("us-east-1", "iam", "TagRole", &json!({"roleName": "app", "tags": []})),
        event("us-east-1", "iam", "TagUser", &json!({"userName": "app", "tags": []})),
        event("us-east-1", "iam", "DeleteRole", &json!({"roleName": "app2"})),
    ];
    let names = |principal: &str| {
        let found = of_events(&changes, &["--principal", principal]);
        let entries = found["changes"].as_array().unwrap();
        entries.iter().map(|entry| entry["event_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("arn:aws:iam::111122223333:role/app"), ["TagRole"]);
    assert_eq!(names("arn:aws:iam::111122223333:user/app"), ["TagUser"]);
    assert_eq!(names("arn:aws:sts::111122223333:assumed-role/app/s"), ["TagRole"]);
    assert_eq!(names("arn:aws:iam::444455556666:role/app"), [""; 0]);
    assert_eq!(names("app"), ["TagRole", "TagUser"]);
    let found = of_events(&changes, &["--principal", "ap"]);
    let gaps = found["not_seen"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["what"] == "principal `ap`"), "a misprint is told: {found:#}");
}

#[test]
fn a_document_that_cloudtrail_hides_is_called_hidden() {
    let hidden = json!({"content": "HIDDEN_DUE_TO_SECURITY_REASONS"});
    let found = of_events(&[event("us-east-1", "organizations", "PutResourcePolicy", &hidden)], &[]);
    assert_eq!(found["changes"][0]["document"]["after"]["state"], "hidden");
    assert_eq!(found["changes"][0]["document"]["diff"], Value::Null);
}

#[test]
fn wrong_usage_and_no_events_are_told() {
    let none = run(["changes"]);
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), r#"{"format":1}"#).unwrap();
    let empty = run(["changes", "--bundle", folder.path().to_str().unwrap()]);
    assert_eq!(empty.code, Some(1), "{}", empty.stderr);
    assert!(empty.stdout.starts_with("no changes"), "{}", empty.stdout);
}

/// What stands in events cannot command a terminal.
#[test]
fn names_in_events_are_printed_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    let evil = event(
        "us-east-1",
        "iam",
        "PutRolePolicy",
        &json!({"roleName": "a\u{1b}[2Jb", "policyName": "p\u{202e}q",
        "policyDocument": "{\"a\":\"\u{9b}31m\"}"}),
    );
    fs::write(&file, evil.to_string()).unwrap();
    let shown = run(["changes", "--events", file.to_str().unwrap()]);
    assert!(!shown.stdout.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{:?}", shown.stdout);
}
