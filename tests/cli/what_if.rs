//! `explain --what-if`: the denied requests with an edited policy in place.

use std::fs;

use serde_json::{Value, json};
use why_denied::bundle::{Folder, read};
use why_denied::diagnose::{Outcome, Selection, what_if};

use crate::program::{Run, in_project, run};

const KEY: &str = "key policy of arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// `explain` of a bundle with an edit; the document is written to a file first.
fn edited(source: &[&str], policy: &str, document: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("edited.json");
    fs::write(&file, document).unwrap();
    let edit = format!("{policy}={}", file.display());
    let mut args = vec!["explain", "--format", "json", "--what-if", &edit];
    args.extend(source);
    run(args)
}

fn outcomes(run: &Run) -> Vec<String> {
    let found = run.json();
    let requests = found["requests"].as_array().unwrap();
    requests.iter().map(|request| request["outcome"].as_str().unwrap().to_owned()).collect()
}

fn allow(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>: a key policy that names the user
/// allows by itself; one that only trusts the account leaves the decision to IAM.
#[test]
fn a_key_policy_that_names_the_user_helps_and_one_that_does_not_does_not() {
    let example = ["--example", "s3-kms-download"];
    let user = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
                      "Principal": {"AWS": "arn:aws:iam::111122223333:user/s3_full_access"}});
    let helped = edited(&example, KEY, &allow(&user));
    assert_eq!((helped.code, outcomes(&helped)), (Some(0), vec!["allowed".to_owned()]), "{}", helped.stderr);
    let account = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
                         "Principal": {"AWS": "arn:aws:iam::111122223333:root"}});
    let same = edited(&example, KEY, &allow(&account));
    assert_eq!((same.code, outcomes(&same)), (Some(0), vec!["denied".to_owned()]));
    assert_eq!(same.json()["requests"][0]["denied_by"], json!(["identity"]));
    let path = "accounts/111122223333/keys/1234abcd-12ab-34cd-56ef-1234567890ab/policy.json";
    assert_eq!(outcomes(&edited(&example, path, &allow(&user))), ["allowed"], "by its path in the bundle");
}

/// Origin: the example `job-stopped-after-policy-change`: a managed policy denies, and without its Deny nothing does.
#[test]
fn a_deny_that_is_taken_out_denies_no_more() {
    let example = ["--example", "job-stopped-after-policy-change"];
    let report = run(["explain", "--format", "json", "--example", "job-stopped-after-policy-change"]).json();
    let policy = report["diagnoses"][0]["findings"][0]["policy"].as_str().unwrap().to_owned();
    let other = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*"});
    let run = edited(&example, &policy, &allow(&other));
    assert_eq!((run.code, outcomes(&run)), (Some(0), vec!["allowed".to_owned()]), "{}", run.stdout);
}

/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_permissions_overview.html>: who may call is
/// decided by the kind of the account, which no policy changes.
#[test]
fn what_no_policy_refused_no_edit_allows() {
    let bundle = in_project("policies/examples/organizations-caller-validation");
    let loaded = read(&Folder::new(&bundle));
    let found = what_if(&loaded.evidence, &Selection::default(), &[]).unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().all(|one| !matches!(one.outcome, Outcome::Allowed)), "{found:#?}");
}

/// Without an edit nothing is different, so no edit is what makes a denied request allowed.
#[test]
fn no_edit_allows_nothing() {
    let mut checked = 0;
    for folder in ["tests/catalogue", "policies/examples"].map(in_project) {
        for story in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if !story.join("bundle.json").exists() {
                continue;
            }
            let loaded = read(&Folder::new(&story));
            for one in what_if(&loaded.evidence, &Selection::default(), &[]).unwrap() {
                assert_ne!(one.outcome, Outcome::Allowed, "{}: {:?}", story.display(), one.event_ids);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn an_edit_that_cannot_be_placed_is_wrong_usage() {
    let example = ["--example", "s3-kms-download"];
    let unknown = edited(&example, "bucket policy of nowhere", &allow(&json!({})));
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains(KEY), "the names are listed: {}", unknown.stderr);
    let bare = run(["explain", "--example", "s3-kms-download", "--what-if", "edited.json"]);
    assert_eq!(bare.code, Some(2));
    assert!(bare.stderr.contains("POLICY=FILE"), "{}", bare.stderr);
    let damaged = edited(&example, KEY, "{ not json");
    assert_eq!(damaged.code, Some(1));
    assert!(damaged.stderr.contains("edited.json:1:"), "{}", damaged.stderr);
    let missing =
        run(["explain", "--example", "s3-kms-download", "--what-if", &format!("{KEY}=/nowhere.json")]);
    assert_eq!(missing.code, Some(1));
}

#[test]
fn a_damaged_edit_is_reported_where_it_is_damaged() {
    let document =
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\",}\n  ]\n}";
    let run = edited(&["--example", "s3-kms-download"], KEY, document);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("edited.json:4:2"), "{}", run.stderr);
}

/// Whether the file is there matters only once it is clear what it replaces.
#[test]
fn an_unknown_name_is_reported_before_the_file() {
    let run = run(["explain", "--example", "s3-kms-download", "--what-if", "nope=/nowhere.json"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("`nope`") && run.stderr.contains(KEY), "{}", run.stderr);
    assert!(!run.stderr.contains("nowhere"), "{}", run.stderr);
}

/// Names of queue policies in answers are ARNs; the bundle has the service and the name.
#[test]
fn the_policy_of_a_queue_is_named_by_its_arn() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("accounts/111122223333/resource-policies/sqs");
    fs::create_dir_all(&policies).unwrap();
    fs::write(folder.path().join("bundle.json"), r#"{"format":1}"#).unwrap();
    fs::write(policies.join("orders.json"), r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
    let bundle = ["--bundle", folder.path().to_str().unwrap()];
    let place = |account: &str| {
        let name = format!("resource-based policy of arn:aws:sqs:eu-west-1:{account}:orders");
        edited(&bundle, &name, r#"{"Version":"2012-10-17","Statement":[]}"#).code
    };
    assert_ne!(place("111122223333"), Some(2));
    assert_eq!(place("444455556666"), Some(2), "the queue of another account is another queue");
}

/// "its name as the answer writes it": the headlines of the examples, and the names in their advice.
#[test]
fn every_name_that_an_answer_writes_is_accepted() {
    for (example, names) in [
        (
            "region-scp-global",
            &[
                "service control policy p-euonly01",
                "service control policy p-euonly01 at ou-ab12-workload",
                "policy/o-exampleorg1/service_control_policy/p-euonly01",
            ][..],
        ),
        (
            "job-stopped-after-policy-change",
            &["identity-based policy quarantine-exports", "policy/quarantine-exports", "quarantine-exports"],
        ),
        ("boundary-missing-allow", &["workload-boundary", "permissions boundary policy/workload-boundary"]),
        ("key-policy-no-root", &["key policy of key/77c1d2e3-4f50-4616-a728-39405a6b7c8d"]),
        ("assumerole-trust-missing", &["trust policy of role prod-admin"]),
        ("identity-missing-allow", &["role app-runner inline policy sessions"]),
    ] {
        for name in names {
            let run = run(["explain", "--example", example, "--what-if", &format!("{name}=/nowhere.json")]);
            assert_eq!(run.code, Some(1), "{example}: {name}: {}", run.stderr);
            assert!(run.stderr.contains("nowhere"), "{example}: {name}: {}", run.stderr);
        }
    }
    let other =
        run(["explain", "--example", "region-scp-global", "--what-if", "policy/p-other=/nowhere.json"]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);
}
