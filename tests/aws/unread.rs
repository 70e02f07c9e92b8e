//! Events that could not be read: that nothing was denied in the others is no answer.

use serde_json::Value;

use crate::live::{Live, explain_bundle};
use crate::program::{Run, run};
use crate::server::{Fault, Rule, Server, World};

const REGION: &str = "eu-central-1";
/// Somebody who was denied nothing.
const NOBODY: &str = "AKIAI44QH8DHBEXAMPLE";

/// The download just happened, in another Region than the one that refuses.
fn with_a_region_that_refuses() -> (Server, Live) {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "LookupEvents").in_region(REGION));
    let live = Live::new(&server);
    (server, live)
}

#[track_caller]
fn names_the_region(gaps: &Value) {
    let gaps = gaps.as_array().unwrap();
    let found = gaps.iter().find(|gap| gap["what"] == format!("events of {REGION} in the event history"));
    let why = found.unwrap_or_else(|| panic!("{gaps:?}"))["why"].as_str().unwrap();
    assert!(why.contains("cloudtrail:LookupEvents"), "{why}");
}

#[track_caller]
fn is_no_answer(found: &Run) {
    assert_eq!(found.code, Some(3), "{}{}", found.stdout, found.stderr);
    let said = ["could not be read, so that is no answer", "so nothing is known of any denial"];
    assert!(said.iter().any(|said| found.stderr.contains(said)), "{}", found.stderr);
}

#[test]
fn nothing_found_and_a_region_unread_is_undetermined() {
    let (_server, live) = with_a_region_that_refuses();
    let json = live.run(&["explain", "--principal", NOBODY, "--format", "json"]);
    is_no_answer(&json);
    assert_eq!(json.json()["diagnoses"], Value::Array(Vec::new()));
    names_the_region(&json.json()["not_checked"]);
    let text = live.run(&["explain", "--principal", NOBODY]);
    is_no_answer(&text);
    assert!(
        text.stdout.starts_with("Nothing that was asked for was denied in what could be read\n"),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains(&format!("- events of {REGION} in the event history")), "{}", text.stdout);
}

#[test]
fn everything_read_and_nothing_found_is_an_answer() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let found = Live::new(&server).run(&["explain", "--principal", NOBODY, "--format", "json"]);
    assert_eq!(found.json()["not_checked"], Value::Array(Vec::new()), "{}", found.stderr);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
}

/// Others were denied something, and the one who asks was not.
#[test]
fn of_other_events_nothing_is_concluded_for_those_that_are_unread() {
    let (_server, live) = with_a_region_that_refuses();
    let until = ["explain", "--until", "20m", "--since", "1h", "--format", "json"];
    let found = live.run(&until);
    is_no_answer(&found);
    names_the_region(&found.json()["not_checked"]);
}

/// What was found stands; what was not read is said beside it.
#[test]
fn a_denial_that_is_found_is_explained_all_the_same() {
    let (_server, live) = with_a_region_that_refuses();
    let found = live.run(&["--format", "json"]);
    assert_eq!(found.json()["diagnoses"][0]["standing"], "proven", "{}", found.stderr);
    names_the_region(&found.json()["diagnoses"][0]["not_checked"]);
    names_the_region(&found.json()["not_checked"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
}

#[test]
fn the_bundle_of_such_a_run_is_no_answer_either() {
    let (_server, live) = with_a_region_that_refuses();
    let out = live.folder("bundle");
    let collected = live.run(&["collect", "--principal", NOBODY, "--out", out.to_str().unwrap()]);
    assert_eq!(collected.code, Some(1), "{}", collected.stderr);
    let again = explain_bundle(&out);
    is_no_answer(&again);
    names_the_region(&again.json()["not_checked"]);
    assert_eq!(run(["explain", "--bundle", out.to_str().unwrap()]).code, Some(3));
}

#[test]
fn the_list_of_denials_says_it_too() {
    let (_server, live) = with_a_region_that_refuses();
    let args = ["denials", "--event-history", "--since", "1h", "--principal", NOBODY];
    let json = live.run(&[&args[..], &["--format", "json"]].concat());
    names_the_region(&json.json()["not_checked"]);
    let text = live.run(&args);
    assert_eq!((json.code, text.code), (Some(1), Some(1)));
    assert_eq!(text.stdout, "no denials in what could be read\n");
}

/// Regions that nobody listed may hold denials as well.
#[test]
fn the_list_of_regions_is_a_part_of_the_events() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    server.fault(Rule::new(Fault::Denied, "ec2", "DescribeRegions"));
    let found = Live::new(&server).run(&["explain", "--principal", NOBODY, "--format", "json"]);
    is_no_answer(&found);
    assert!(
        found.json()["not_checked"]
            .to_string()
            .contains("events of Regions beyond those that every account has")
    );
}

/// A profile that is of no use is named on the terminal; the report, which is handed on, does not name it.
#[test]
fn an_account_without_credentials_is_a_gap() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let mut live = Live::new(&server);
    live.profile("default", crate::server::ACCESS_KEY).profile("secret-project", "AKIANOBODYKNOWSEXAMPLE");
    let found = live.run(&["--profile", "default", "--profile", "secret-project", "--format", "json"]);
    let gaps = found.json()["not_checked"].to_string();
    assert!(gaps.contains("the account that a further --profile is for"), "{gaps}");
    assert!(!found.stdout.contains("secret-project"), "{}", found.stdout);
    assert!(found.stderr.contains("profile `secret-project` is not used"), "{}", found.stderr);
}
