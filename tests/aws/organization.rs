//! Who changed an SCP stands in the event history of the account that changed it: the management account, or a delegated
//! administrator. <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
//!
//! The story is that of `tests/catalogue/scp-explicit-deny-which`: an SCP was attached to the production unit.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::live::{Live, explain_bundle};
use crate::program::{Run, copy_folder, in_project};
use crate::server::{Fault, Rule, Server, World};

const STORY: &str = "tests/catalogue/scp-explicit-deny-which";
const MANAGEMENT: &str = "111122223333";
const MEMBER: &str = "444455556666";
const ATTACHED: &str = "b4102008-c565-4e3b-afc1-ad0cfd1f4ba1";

fn story(change: impl FnOnce(&Path)) -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project(STORY), folder.path());
    change(folder.path());
    let mut world = World::open(folder.path()).happening_now();
    world.regions = ["eu-west-1", "eu-west-3", "us-east-1"].map(str::to_owned).to_vec();
    (folder, Server::start(world))
}

fn explain(server: &Server, organization: Option<&str>) -> Run {
    let mut live = Live::new(server);
    live.profile("default", crate::server::ACCESS_KEY);
    let mut args = vec!["explain", "--since", "2h", "--format", "json", "--profile", "default"];
    if let Some(account) = organization {
        let key = "AKIAORGANIZATIONEXAMPLE";
        server.world().add_caller(key, &format!("arn:aws:iam::{account}:user/reader"));
        live.profile("organization", key);
        args.extend(["--org-profile", "organization"]);
    }
    live.run(&args)
}

fn first(run: &Run) -> Value {
    let diagnosis = run.json()["diagnoses"][0].clone();
    assert_eq!(diagnosis["denied"]["action"], "rds:CreateDBInstance", "{}", run.stderr);
    diagnosis
}

#[test]
fn the_management_account_tells_who_attached_the_policy() {
    let (_folder, server) = story(|_| {});
    let found = explain(&server, Some(MANAGEMENT));
    let diagnosis = first(&found);
    assert_eq!(diagnosis["denied_by"], json!(["scp"]), "{diagnosis}");
    assert_eq!(diagnosis["introduced_by"]["event_id"], ATTACHED, "{}", diagnosis["not_checked"]);
    assert_eq!(diagnosis["introduced_by"]["actor"], "arn:aws:iam::111122223333:user/orla");
    assert_eq!(found.code, Some(0), "{}", found.stderr);
}

/// What a delegated administrator of Organizations policies does is in its own history.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html>
#[test]
fn a_delegated_administrator_tells_it_too() {
    let (_folder, server) = story(|folder| {
        let events = folder.join("events").join("111122223333-us-east-1.json");
        let text = fs::read_to_string(&events).unwrap();
        let text = text
            .replace("\"recipientAccountId\": \"111122223333\"", "\"recipientAccountId\": \"444455556666\"");
        fs::write(&events, text.replace("arn:aws:iam::111122223333:user", "arn:aws:iam::444455556666:user"))
            .unwrap();
        let file = folder.join("organization.json");
        let mut organization: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        organization["DelegatedAdministrators"] = json!([{"Id": MEMBER, "DelegatedServices": []}]);
        fs::write(&file, organization.to_string()).unwrap();
    });
    let diagnosis = first(&explain(&server, Some(MEMBER)));
    assert_eq!(diagnosis["introduced_by"]["event_id"], ATTACHED, "{}", diagnosis["not_checked"]);
    assert_eq!(diagnosis["introduced_by"]["actor"], "arn:aws:iam::444455556666:user/orla");
}

fn gap(diagnosis: &Value, what: &str) -> String {
    let gaps = diagnosis["not_checked"].as_array().unwrap();
    let found = gaps.iter().find(|gap| gap["what"] == what).unwrap_or_else(|| panic!("no {what}: {gaps:?}"));
    found["why"].as_str().unwrap().to_owned()
}

/// A member account may not read SCPs, nor who changed them: the gaps say what to pass.
#[test]
fn without_credentials_of_the_management_account_the_gaps_say_what_to_pass() {
    let (_folder, server) = story(|_| {});
    let found = explain(&server, None);
    let diagnosis = first(&found);
    assert_eq!((&diagnosis["decision"], &diagnosis["introduced_by"]), (&json!("Undetermined"), &Value::Null));
    let policies = gap(&diagnosis, "service control policies of account 777788889999");
    assert!(
        policies.contains("organizations:ListAccounts") && policies.contains("--org-profile"),
        "{policies}"
    );
    let changes = gap(&diagnosis, "who changed SCPs and RCPs");
    assert!(
        changes.contains("the management account 111122223333") && changes.contains("--org-profile"),
        "{changes}"
    );
    assert_eq!(found.code, Some(3), "{}", found.stderr);
}

/// A delegated administrator reads the policies, and has no event of what the management account did.
#[test]
fn what_the_management_account_did_is_a_gap_for_a_delegated_administrator() {
    let (_folder, server) = story(|folder| {
        let file = folder.join("organization.json");
        let mut organization: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        organization["DelegatedAdministrators"] = json!([{"Id": MEMBER, "DelegatedServices": []}]);
        fs::write(&file, organization.to_string()).unwrap();
    });
    let diagnosis = first(&explain(&server, Some(MEMBER)));
    assert_eq!((&diagnosis["standing"], &diagnosis["introduced_by"]), (&json!("proven"), &Value::Null));
    assert!(gap(&diagnosis, "who changed SCPs and RCPs").contains("management account 111122223333"));
}

/// Whoever may read the policies and not the events still gets the denial, and the Region that could not be read.
#[test]
fn a_history_of_the_management_account_that_may_not_be_read_is_a_gap() {
    let (_folder, server) = story(|_| {});
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "LookupEvents").in_account(MANAGEMENT));
    let diagnosis = first(&explain(&server, Some(MANAGEMENT)));
    assert_eq!((&diagnosis["decision"], &diagnosis["introduced_by"]), (&json!("ExplicitDeny"), &Value::Null));
    let gaps = diagnosis["not_checked"].to_string();
    assert!(gaps.contains("cloudtrail:LookupEvents"), "{gaps}");
}

/// The bundle of such a run gives the same answer.
#[test]
fn the_bundle_has_the_events_of_the_management_account() {
    let (_folder, server) = story(|_| {});
    let key = "AKIAORGANIZATIONEXAMPLE";
    server.world().add_caller(key, &format!("arn:aws:iam::{MANAGEMENT}:user/reader"));
    let mut live = Live::new(&server);
    live.profile("default", crate::server::ACCESS_KEY).profile("organization", key);
    let out = live.folder("bundle");
    let args = [
        "--since",
        "2h",
        "--profile",
        "default",
        "--org-profile",
        "organization",
        "--out",
        out.to_str().unwrap(),
    ];
    let collected = live.run(&[&["collect"][..], &args].concat());
    assert_eq!(collected.code, Some(0), "{}", collected.stderr);
    assert_eq!(explain_bundle(&out).json()["diagnoses"][0]["introduced_by"]["event_id"], ATTACHED);
}
