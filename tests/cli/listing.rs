//! `denials` on small files of events in several forms.

use serde_json::json;

use crate::program::{in_project, run, run_with};

fn form(name: &str) -> String {
    in_project("tests/sources/forms").join(name).to_str().unwrap().to_owned()
}

#[test]
fn denials_are_grouped_and_counted() {
    let listed = run(["denials", "--format", "json", &form("logfile.json")]);
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
    let role = "arn:aws:iam::123837392027:role/stratus-red-team-ec2-get-password-data-role";
    assert_eq!(
        listed.json(),
        json!({
            "version": 1,
            "total": 3,
            "not_checked": [],
            "denials": [{
                "principal": "arn:aws:iam::123837392027:user/bert-jan",
                "action": "sts:AssumeRole",
                "resource": role,
                "error_code": "AccessDenied",
                "reason": null,
                "count": 3,
                "first": "2023-07-10T11:54:42Z",
                "last": "2023-07-10T11:54:47Z",
            }],
        })
    );
    let text = run(["denials", &form("logfile.json")]);
    assert_eq!(text.code, Some(0));
    assert!(text.stdout.contains("sts:AssumeRole") && text.stdout.contains("3 denials"), "{}", text.stdout);
}

/// The same records, packed and not packed, from a file and from standard input, once and twice.
#[test]
fn the_form_of_the_events_does_not_matter() {
    let plain = run(["denials", "--format", "json", &form("logfile.json")]);
    let packed = run(["denials", "--format", "json", &form("logfile.json.gz")]);
    let piped =
        run_with(["denials", "--format", "json", "-"], std::fs::read(form("logfile.json.gz")).unwrap());
    let twice = run(["denials", "--format", "json", &form("logfile.json"), &form("logfile.json.gz")]);
    assert_eq!(plain, packed);
    assert_eq!(plain, piped);
    assert_eq!(plain, twice, "an event that stands in two files is one event");
}

#[test]
fn denials_can_be_narrowed() {
    let file = form("logfile.json");
    let total = |more: &[&str]| {
        let args = ["denials", "--format", "json", &file];
        run(args.iter().chain(more)).json()["total"].as_u64().unwrap()
    };
    assert_eq!(total(&["--principal", "bert-jan"]), 3);
    assert_eq!(total(&["--principal", "arn:aws:iam::123837392027:user/bert-jan"]), 3);
    assert_eq!(total(&["--principal", "bert"]), 0);
    assert_eq!(total(&["--until", "2023-07-10T11:54:42Z"]), 1);
    assert_eq!(total(&["--since", "2023-07-10T11:54:43Z"]), 2);
    assert_eq!(total(&["--since", "2023-07-11"]), 0);
}

#[test]
fn no_denials_is_an_answer() {
    let none = run(["denials", &form("logfile.json"), "--principal", "nobody"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "no denials\n"));
}

/// Source of the events: the console's Event history, downloaded as CSV, has no message and no ARN.
#[test]
fn an_event_history_is_listed_and_not_explained() {
    let file = form("event-history.csv");
    let listed = run(["denials", "--format", "json", &file]);
    assert_eq!(listed.json()["total"], 3, "{}", listed.stderr);
    let explained = run(["explain", "--events", &file]);
    assert!(explained.stderr.contains("hint: "), "{}", explained.stderr);
}
