//! `collect` against a server that serves a bundle gives that bundle back: the same answer, byte for byte.

use serde_json::Value;

use crate::live::{Live, explain_bundle};
use crate::program::{Run, in_project};
use crate::server::{Server, World};

/// A run that may read all accounts of the bundle, and its organization.
pub fn with_all_accounts(server: &Server) -> (Live, Vec<String>) {
    let world = server.world();
    let mut live = Live::new(server);
    let mut args = Vec::new();
    let own = world.principal().split(':').nth(4).unwrap_or_default().to_owned();
    live.profile("default", crate::server::ACCESS_KEY);
    args.extend(["--profile".to_owned(), "default".to_owned()]);
    for account in world.accounts().into_iter().filter(|account| *account != own) {
        let key = format!("AKIA{account}EXAMPLE");
        world.add_caller(&key, &format!("arn:aws:iam::{account}:user/reader"));
        live.profile(&account, &key);
        args.extend(["--profile".to_owned(), account]);
    }
    let organization = world.organization().unwrap_or_default();
    if let Some(management) = organization["Organization"]["MasterAccountId"].as_str() {
        world.add_caller("AKIAORGANIZATIONEXAMPLE", &format!("arn:aws:iam::{management}:user/reader"));
        live.profile("organization", "AKIAORGANIZATIONEXAMPLE");
        args.extend(["--org-profile".to_owned(), "organization".to_owned()]);
    }
    (live, args)
}

/// The changes of SCPs and RCPs are in the history of the management account.
#[test]
fn the_management_account_is_asked_who_changed_its_policies() {
    let server = Server::start(World::example("organizations-caller-validation"));
    collected(&server);
    let management = server.world().organization().unwrap()["Organization"]["MasterAccountId"].clone();
    let asked = server.calls().into_iter().filter(|call| {
        call.operation == "LookupEvents" && management == call.account.as_str() && call.region == "us-east-1"
    });
    // What is attached where (AttachPolicy, DetachPolicy, UpdatePolicy, MoveAccount, EnablePolicyType, DisablePolicyType),
    // and for a call to Organizations who may ask it: two of delegated administrators, two of the delegation policy.
    assert_eq!(asked.count(), 10);
}

/// What the bundle was made for: whose denials, and when.
pub fn narrowing(world: &World) -> Vec<String> {
    let manifest: Value = serde_json::from_str(&world.file("bundle.json").unwrap()).unwrap();
    let mut args = Vec::new();
    for option in ["principal", "since", "until"] {
        if let Some(value) = manifest[option].as_str() {
            args.extend([format!("--{option}"), value.to_owned()]);
        }
    }
    args
}

fn collected(server: &Server) -> (Run, Run) {
    let (live, mut args) = with_all_accounts(server);
    let out = live.folder("bundle");
    args.extend(narrowing(server.world()));
    args.extend(["--out".to_owned(), out.to_str().unwrap().to_owned()]);
    let mut all = vec!["collect"];
    all.extend(args.iter().map(String::as_str));
    let collecting = live.run(&all);
    (collecting, explain_bundle(&out))
}

fn check(name: &str) {
    let original = explain_bundle(&in_project("policies/examples").join(name));
    let server = Server::start(World::example(name));
    let (collecting, again) = collected(&server);
    assert_eq!(collecting.code, Some(0), "{name}: {}", collecting.stderr);
    if again.stdout != original.stdout {
        let difference = difference(&original.json(), &again.json(), String::new());
        panic!("{name}: {}\n{}\n{}", difference.join("\n"), collecting.stderr, again.stderr);
    }
}

/// Where two reports differ.
fn difference(wanted: &Value, found: &Value, place: String) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(one), Value::Object(other)) => {
            let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            names
                .into_iter()
                .flat_map(|name| difference(&wanted[name], &found[name], format!("{place}/{name}")))
                .collect()
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .flat_map(|(index, (one, other))| difference(one, other, format!("{place}/{index}")))
                .collect()
        }
        _ if wanted == found => Vec::new(),
        _ => vec![format!("{place}: wanted {wanted}, found {found}")],
    }
}

/// The answer of a run that cannot have all that the bundle has: where it is firm, it is the same.
fn check_in_part(name: &str) {
    let original = explain_bundle(&in_project("policies/examples").join(name)).json();
    let server = Server::start(World::example(name));
    let (collecting, again) = collected(&server);
    assert_eq!(collecting.code, Some(0), "{name}: {}", collecting.stderr);
    let documented = original["diagnoses"].as_array().unwrap();
    for found in again.json()["diagnoses"].as_array().unwrap() {
        let same = documented.iter().find(|wanted| {
            let ids = wanted["event_ids"].as_array().unwrap();
            found["event_ids"].as_array().unwrap().iter().any(|id| ids.contains(id))
        });
        let wanted = same.unwrap_or_else(|| panic!("{name}: {found}"));
        assert_eq!(found["denied"], wanted["denied"], "{name}");
        if found["decision"] == "Undetermined" {
            assert_ne!(found["not_checked"], serde_json::json!([]), "{name}: nothing says what is missing");
        } else {
            for field in ["decision", "denied_by"] {
                assert_eq!(found[field], wanted[field], "{name}: {field}");
            }
            assert_eq!(found["findings"][0]["code"], wanted["findings"][0]["code"], "{name}");
        }
        let blamed = &found["introduced_by"];
        assert!(blamed.is_null() || blamed["event_id"] == wanted["introduced_by"]["event_id"], "{name}");
    }
}

macro_rules! examples {
    (whole { $($test:ident: $name:literal;)* } part { $($partly:ident: $of:literal, $why:literal;)* }) => {
        $(#[test]
        fn $test() {
            check($name);
        })*

        $(#[doc = $why]
        #[test]
        fn $partly() {
            check_in_part($of);
        })*

        /// A new example belongs into one of the lists above.
        #[test]
        fn every_example_is_collected() {
            let mut listed = vec![$($name,)* $($of),*];
            listed.sort_unstable();
            let mut found: Vec<String> = std::fs::read_dir(in_project("policies/examples"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            assert_eq!(listed, found);
        }
    };
}

// The second list is of bundles with more than a live run finds, such as what only a trail delivers.
examples! {
    whole {
        the_caller_identity: "get-caller-identity-cannot-be-denied";
        the_stopped_job: "job-stopped-after-policy-change";
        the_member_account: "organizations-caller-validation";
        the_other_region: "region-scp-global";
        the_session_called_alice: "role-session-identity";
        the_download: "s3-kms-download";
    }
    part {
        the_administrator: "admin-but-denied", "Calls of S3 objects are data events.";
        the_boundary: "boundary-missing-allow", "Calls of SQS messages are data events.";
        the_detached_policy: "identity-missing-allow", "Calls of DynamoDB items are data events.";
        the_encryption_context: "bucket-key-context", "The download is a data event, the use of the key is not.";
        the_key_of_another_account: "cross-account-kms", "The downloads that show the key are data events.";
        the_trust_policy: "assumerole-trust-missing", "Who changed a role is looked up in the caller's account only.";
        the_key_policy: "key-policy-no-root", "The event that made the key is older than the event history.";
    }
}
