//! What the answer depends on, and what it must not depend on: the files of a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::examples::{diagnoses, explain, folder, names, strings};
use crate::program::{Run, copy_folder, run};

fn bundle(folder: &Path) -> Run {
    run(["explain", "--format", "json", "--bundle", folder.to_str().unwrap()])
}

fn copied(name: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&folder(name), copy.path());
    copy
}

fn change(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_policy_that_allows_what_was_denied_contradicts_the_denial() {
    let copy = copied("s3-kms-download");
    change(&copy.path().join("accounts/111122223333/iam.json"), |iam| {
        iam["UserDetailList"][0]["UserPolicyList"] = json!([{
            "PolicyName": "decrypt",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}],
            },
        }]);
    });
    // Nobody knows whether the policies were changed since: changes of IAM are recorded in us-east-1.
    let run = bundle(copy.path());
    let report = run.json();
    let diagnosis = &diagnoses(&report)[0];
    assert_eq!(diagnosis["standing"], "by-elimination", "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("us-east-1"), "{}", run.stdout);

    // The events of that Region show no change, and the call did not succeed later.
    change(&copy.path().join("events/eu-west-1.json"), |log| {
        let records = log["Records"].as_array_mut().unwrap();
        records.retain(|event| event["eventName"] != "Decrypt" || event["errorCode"] == "AccessDenied");
        let mut read = records[0].clone();
        read["awsRegion"] = "us-east-1".into();
        read["eventID"] = "0d5a3b1e-7c1f-4b52-9d0e-3a5f6c7d8e9f".into();
        records.push(read);
    });
    let run = bundle(copy.path());
    let report = run.json();
    let diagnosis = &diagnoses(&report)[0];
    assert_eq!(diagnosis["standing"], "contradicted", "{}{}", run.stdout, run.stderr);
    assert_eq!(diagnosis["decision"], "Allowed");
    // What these policies allow is not explained by them.
    assert_eq!(run.code, Some(3));
}

#[test]
fn the_order_of_files_and_records_does_not_matter() {
    for name in names() {
        let copy = copied(&name);
        let events = copy.path().join("events");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&events).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for (number, file) in files.iter().rev().enumerate() {
            change(file, |log| {
                if let Some(records) = log["Records"].as_array_mut() {
                    records.reverse();
                }
            });
            std::fs::rename(file, events.join(format!("{number}.json"))).unwrap();
        }
        for entry in walkdir::WalkDir::new(copy.path().join("accounts")) {
            let entry = entry.unwrap();
            if entry.file_name() == "iam.json" {
                change(entry.path(), |iam| {
                    for list in iam.as_object_mut().unwrap().values_mut().filter_map(Value::as_array_mut) {
                        list.reverse();
                    }
                });
            }
        }
        assert_eq!(bundle(copy.path()).json(), explain(&name, "json").json(), "{name}");
    }
}

#[test]
fn the_order_of_event_files_on_the_command_line_does_not_matter() {
    for name in names() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder(&name).join("events"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let explained = |files: &[PathBuf]| {
            let mut args: Vec<PathBuf> =
                ["explain", "--format", "json", "--events"].map(PathBuf::from).to_vec();
            args.extend_from_slice(files);
            run(args)
        };
        let forwards = explained(&files);
        files.reverse();
        assert_eq!(forwards, explained(&files), "{name}");
    }
}

/// What is known less leads to the same decision or to none, never to another one.
#[test]
fn less_evidence_never_turns_a_decision_round() {
    let mut wrong = Vec::new();
    for name in names() {
        let whole = decisions(&explain(&name, "json").json());
        let root = folder(&name);
        for entry in walkdir::WalkDir::new(&root) {
            let entry = entry.unwrap();
            let file = entry.path().strip_prefix(&root).unwrap();
            if !entry.file_type().is_file() {
                continue;
            }
            let copy = copied(&name);
            std::fs::remove_file(copy.path().join(file)).unwrap();
            let run = bundle(copy.path());
            let place = format!("{name} without {}", file.display());
            if run.stdout.is_empty() {
                // Nothing at all can be said, and that is said.
                if run.code != Some(1) || !run.stderr.contains("error: ") {
                    wrong.push(format!("{place}: no answer and no error: {run:?}"));
                }
                continue;
            }
            let less = run.json();
            let is_about_events = file.starts_with("events");
            wrong.extend(
                turned_round(&whole, &less, is_about_events)
                    .into_iter()
                    .map(|text| format!("{place}: {text}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The decision and the standing by event.
fn decisions(report: &Value) -> BTreeMap<String, Value> {
    let of = |diagnosis: &Value| {
        let ids: BTreeSet<String> = strings(&diagnosis["event_ids"]);
        ids.into_iter().map(|id| (id, diagnosis.clone())).collect::<Vec<_>>()
    };
    diagnoses(report).iter().flat_map(of).collect()
}

fn turned_round(whole: &BTreeMap<String, Value>, less: &Value, may_miss_events: bool) -> Vec<String> {
    let less = decisions(less);
    let mut wrong = Vec::new();
    for (id, before) in whole {
        let Some(after) = less.get(id) else {
            if !may_miss_events {
                wrong.push(format!("no diagnosis of {id} any more"));
            }
            continue;
        };
        let is_same = after["decision"] == before["decision"];
        let names_a_gap = after["not_checked"].as_array().is_some_and(|gaps| !gaps.is_empty());
        let is_open = after["decision"] == "Undetermined" && names_a_gap;
        if !is_same && !is_open {
            wrong.push(format!(
                "{id} was {} ({}) and is {} ({}), not checked: {}",
                before["decision"],
                before["standing"],
                after["decision"],
                after["standing"],
                after["not_checked"]
            ));
        }
    }
    wrong
}

#[test]
fn an_event_id_that_no_event_has_is_an_error() {
    let run = run(["explain", "--example", "s3-kms-download", "--event-id", "no-such-event"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("no event has the id `no-such-event`"), "{}", run.stderr);
}

/// One request has one caller: an event that names two of different accounts proves nothing.
#[test]
fn an_event_whose_message_names_a_caller_of_another_account_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    let event = json!({
        "eventVersion": "1.09", "eventID": "6a0e0000-0000-4000-8000-000000000001",
        "eventTime": "2026-10-14T09:00:00Z", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
        "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "errorCode": "Client.UnauthorizedOperation",
        "errorMessage": "You are not authorized to perform this operation. User: \
            arn:aws:sts::444455556666:assumed-role/ci/run is not authorized to perform: ec2:RunInstances on \
            resource: arn:aws:ec2:eu-west-1:444455556666:instance/* because no identity-based policy allows the \
            ec2:RunInstances action.",
        "userIdentity": {
            "type": "AssumedRole", "accountId": "111122223333", "principalId": "AROAEXAMPLEEXAMPLECI1:run",
            "arn": "arn:aws:sts::111122223333:assumed-role/ci/run",
        },
    });
    std::fs::write(&file, event.to_string()).unwrap();
    let run = run(["explain", "--format", "json", "--events", file.to_str().unwrap()]);
    let report = run.json();
    let diagnosis = &diagnoses(&report)[0];
    assert_eq!(diagnosis["standing"], "reported", "{}", run.stdout);
    let gaps = diagnosis["not_checked"].to_string();
    assert!(gaps.contains("444455556666") && gaps.contains("who made the call"), "{gaps}");
    assert_eq!(run.code, Some(3));
}
