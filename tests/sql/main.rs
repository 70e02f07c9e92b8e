//! The queries that are printed are Trino, and find what they should: checked with `trino-sql-validator`, and run over
//! local log files with `DuckDB`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "not every test of the program needs everything of it")]
mod program;
#[path = "../aws/python.rs"]
#[allow(dead_code, reason = "this test has an environment of its own")]
mod python;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use program::{in_project, run};

const PACKAGES: [&str; 3] = ["sqlglot==30.30.0", "duckdb==2.0.0", "trino-sql-validator==0.23.0"];
const STORE: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/App";

/// A call of a role's session.
fn by_session(id: &str, role: &str, time: &str, error: Option<&str>) -> Value {
    let mut event = event(id, time, "s3.amazonaws.com", "GetBucketPolicy");
    event["userIdentity"] = json!({
        "type": "AssumedRole",
        "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/i-0abc"),
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111122223333:role/team/{role}"), "userName": role}},
    });
    event["readOnly"] = true.into();
    event["errorCode"] = error.map_or(Value::Null, Value::from);
    event
}

fn event(id: &str, time: &str, source: &str, name: &str) -> Value {
    json!({"eventVersion": "1.11", "eventID": id, "eventTime": time, "eventSource": source, "eventName": name,
        "awsRegion": "eu-west-1", "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/admin", "userName": "admin"}})
}

/// What the owner of a bucket sees of a call from another account: who called is in the message only.
fn in_the_message() -> Value {
    let mut event = event("message", "2026-09-10T12:20:00Z", "s3.amazonaws.com", "GetObject");
    event["userIdentity"] = json!({"type": "AWSAccount", "accountId": "111122223333", "principalId": "AROAIOSFODNN7EXAMPLE:i-0abc"});
    event["errorCode"] = "AccessDenied".into();
    event["errorMessage"] =
        "User: arn:aws:sts::111122223333:assumed-role/App/i-0abc is not authorized to perform: s3:GetObject"
            .into();
    event
}

fn change(id: &str, name: &str, read_only: bool) -> Value {
    let mut event = event(id, "2026-09-10T12:05:00Z", "iam.amazonaws.com", name);
    event["readOnly"] = read_only.into();
    event
}

fn issued() -> Value {
    let mut event = event("issued", "2026-09-10T12:01:00Z", "sts.amazonaws.com", "AssumeRole");
    event["readOnly"] = true.into();
    event["responseElements"] =
        json!({"assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/App/i-0abc"}});
    event
}

fn put(root: &Path, account: &str, region: &str, day: &str, events: &[Value]) {
    let folder = root.join(format!("AWSLogs/o-exampleorg1/{account}/CloudTrail/{region}/{day}"));
    fs::create_dir_all(&folder).unwrap();
    let name =
        format!("{account}_CloudTrail_{region}_{}T1230Z_Mu0KsOhtH1ar15ZZ.json.gz", day.replace('/', ""));
    let mut encoder = GzEncoder::new(fs::File::create(folder.join(name)).unwrap(), Compression::fast());
    encoder.write_all(json!({"Records": events}).to_string().as_bytes()).unwrap();
    encoder.finish().unwrap();
}

fn mirror(root: &Path) {
    let denied = Some("AccessDenied");
    let events = [
        by_session("denied", "App", "2026-09-10T12:10:00Z", denied),
        in_the_message(),
        by_session("success", "App", "2026-09-10T12:30:00Z", None),
        by_session("other role", "App2", "2026-09-10T12:10:00Z", denied),
        by_session("too late", "App", "2026-09-10T13:10:00Z", denied),
        change("change", "PutRolePolicy", false),
        change("look", "GetRolePolicy", true),
        issued(),
        // Not what CloudTrail writes; it must not end the query.
        by_session("damaged", "App", "yesterday", denied),
    ];
    put(root, "111122223333", "eu-west-1", "2026/09/10", &events);
    let elsewhere = [by_session("elsewhere", "App", "2026-09-10T12:10:00Z", denied)];
    put(root, "111122223333", "ap-south-1", "2026/09/10", &elsewhere);
    put(root, "444455556666", "eu-west-1", "2026/09/10", &elsewhere);
    put(
        root,
        "111122223333",
        "us-east-1",
        "2026/09/10",
        &[by_session("global", "App", "2026-09-10T12:40:00Z", denied)],
    );
}

/// The query that the program prints.
fn query(command: &str, place: [&str; 2], principal: &str) -> String {
    let window =
        ["--since", "2026-09-10T12:00:00Z", "--until", "2026-09-10T13:00:00Z", "--regions", "eu-west-1"];
    let found = run([&[command, "--print-sql", "--principal", principal][..], &place, &window].concat());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    found.stdout
}

#[test]
fn queries_are_trino_and_find_what_they_should() {
    let made = python::make("sql-1", &PACKAGES);
    let Some(programs) = python::or_skipped("queries_are_trino_and_find_what_they_should", &made) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    mirror(folder.path());
    let table = ["--athena", "default.cloudtrail_logs"];
    let cases: [(&str, String, Option<Vec<&str>>); 7] = [
        ("denials of a role", query("denials", table, ROLE), Some(vec!["denied", "message", "global"])),
        (
            "explanation of a role",
            query("explain", table, ROLE),
            Some(vec!["issued", "change", "denied", "message", "success", "global"]),
        ),
        (
            "denials of a session",
            query("denials", table, "arn:aws:sts::111122223333:assumed-role/App/i-0abc"),
            Some(vec!["denied", "message", "global"]),
        ),
        ("denials of a name", query("denials", table, "App2"), Some(vec!["other role"])),
        ("a quote is a letter", query("denials", table, "x' OR '1'='1"), Some(vec![])),
        ("a key", query("explain", table, "AKIAIOSFODNN7EXAMPLE"), Some(vec!["change"])),
        // Lake takes the bare id, which is no name in Trino.
        ("lake", query("explain", ["--lake", STORE], ROLE).replace(STORE, &format!("\"{STORE}\"")), None),
    ];
    let queries: BTreeMap<&str, Value> = cases
        .iter()
        .map(|(name, sql, wanted)| (*name, json!({"sql": sql, "run": wanted.is_some()})))
        .collect();
    let file = folder.path().join("queries.json");
    fs::write(&file, serde_json::to_string(&queries).unwrap()).unwrap();
    let output = Command::new(programs.join("python"))
        .arg(in_project("tests/sql/run.py"))
        .args([folder.path(), &file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: BTreeMap<String, Option<Vec<String>>> = serde_json::from_slice(&output.stdout).unwrap();
    for (name, _, wanted) in cases {
        let wanted = wanted.map(|ids| ids.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(found[name], wanted, "{name}: {}", queries[name]["sql"].as_str().unwrap());
    }
}
