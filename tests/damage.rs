//! Bad input through the program: every damage is named, nothing panics, and the rest of the answer stands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "cli/program.rs"]
mod program;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use program::{Run, copy_folder, finished, in_project, run, run_with};

const DEPTH: usize = 100_000;

fn logfile() -> PathBuf {
    in_project("tests/sources/forms/logfile.json")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn example(name: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&in_project("policies/examples").join(name), copy.path());
    copy
}

fn bundle(folder: &Path, format: &str) -> Run {
    run(["explain", "--bundle", text(folder), "--format", format])
}

fn deep() -> String {
    "[".repeat(DEPTH) + &"]".repeat(DEPTH)
}

fn change(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(path, value.to_string()).unwrap();
}

/// The damage is said on standard error, and the denials of the whole file beside it are still listed.
fn is_said_and_the_rest_stands(name: &str, bytes: &[u8], said: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    std::fs::copy(logfile(), folder.path().join("whole.json")).unwrap();
    let [damaged, whole] = [name, "whole.json"].map(|name| folder.path().join(name));
    let run = run(["denials", "--format", "json", text(&damaged), text(&whole)]);
    assert_eq!(run.code, Some(1), "{name}: {run:?}");
    assert!(run.json()["total"].as_u64().unwrap() >= 3, "{name}: {run:?}");
    let warning = run.stderr.lines().find(|line| line.starts_with("warning: ") && line.contains(name));
    let warning = warning.unwrap_or_else(|| panic!("{name} is not named: {run:?}"));
    assert!(warning.contains(said), "{name}: `{said}` is not in: {warning}");
    assert!(warning.len() < 1000, "{name}: nobody reads {} characters", warning.len());
}

#[test]
fn damaged_files_of_events_are_named() {
    let whole = std::fs::read(logfile()).unwrap();
    let packed = std::fs::read(logfile().with_extension("json.gz")).unwrap();
    is_said_and_the_rest_stands("cut.json.gz", &packed[..packed.len() / 2], "cut.json.gz");
    is_said_and_the_rest_stands(
        "noise.json.gz",
        &[packed[..20].to_vec(), vec![7; 500]].concat(),
        "noise.json.gz",
    );
    is_said_and_the_rest_stands("cut.json", &whole[..whole.len() / 2], "cut.json:");
    is_said_and_the_rest_stands("comma.json", b"{\n  \"Records\": [\n    {,}\n  ]\n}", "comma.json:3:6");
    let record = json!({"eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "errorCode": "AccessDenied", "additionalEventData": 0});
    let deep_record =
        format!("{{\"Records\":[{}]}}", record.to_string().replacen(":0", &format!(":{}", deep()), 1));
    is_said_and_the_rest_stands("deep.json", deep_record.as_bytes(), "deep.json:1:13");
    is_said_and_the_rest_stands("open.json", "[{\"a\":".repeat(DEPTH).as_bytes(), "open.json");
    is_said_and_the_rest_stands(
        "nul.json",
        &[b"{\"Records\":[", &[0; 64][..], b"]}"].concat(),
        "nul.json:1:13",
    );
    // A block of a file that was never written: the beginning of a record is gone.
    let hole = [&b"{\"Records\":["[..], &[0; 512], b"\",\"errorCode\":\"AccessDenied\"},", &whole[..], b"]}"];
    is_said_and_the_rest_stands("hole.json", &hole.concat(), "hole.json:1:13");
    is_said_and_the_rest_stands("bytes.json", b"{\"Records\":[{\"eventName\":\"\xff\xfe\"}]}", "bytes.json");
    is_said_and_the_rest_stands("other.json", b"{\"Records\":[{\"hello\":\"world\"}]}", "other.json");
}

#[test]
fn a_byte_order_mark_is_no_damage() {
    let whole = std::fs::read(logfile()).unwrap();
    let marked = run_with(["denials", "--format", "json", "-"], [b"\xef\xbb\xbf".to_vec(), whole].concat());
    assert_eq!((marked.code, marked.json()["total"].as_u64()), (Some(0), Some(3)), "{marked:?}");
}

/// A number or a list where a string is expected: the event is refused or read without the field, and its neighbour
/// is read.
#[test]
fn wrong_types_in_an_event_are_survived() {
    let log: Value = serde_json::from_str(&std::fs::read_to_string(logfile()).unwrap()).unwrap();
    let records = log["Records"].as_array().unwrap();
    let fields: Vec<String> = records[0].as_object().unwrap().keys().cloned().collect();
    for field in &fields {
        for wrong in [json!(17), json!([1, 2]), json!({"a": {"b": 1}}), json!(null), json!(true)] {
            let mut first = records[0].clone();
            first[field] = wrong.clone();
            // Its own id, so that it is not taken for its neighbour again.
            let events = json!({ "Records": [first, records[1]] }).to_string();
            for command in
                [&["denials", "--format", "json", "-"][..], &["explain", "--format", "json", "--events", "-"]]
            {
                let run = run_with(command, events.as_str());
                let found = run.json();
                let is_there = match found["total"].as_u64() {
                    Some(total) => total >= 1,
                    None => found["diagnoses"].as_array().is_some_and(|list| !list.is_empty()),
                };
                assert!(is_there, "{field} = {wrong}: {run:?}");
            }
        }
    }
}

#[test]
fn a_deep_policy_is_refused_and_not_obeyed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    for policy in [
        deep(),
        "{\"Statement\":".repeat(DEPTH),
        format!(r#"{{"Statement":[{{"Effect":"Allow","Action":{},"Resource":"*"}}]}}"#, deep()),
        format!(
            r#"{{"Statement":[{allow},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{}}}]}}"#,
            deep()
        ),
    ] {
        std::fs::write(file.path(), &policy).unwrap();
        let run = run([
            "simulate",
            "--principal",
            "arn:aws:iam::111122223333:user/u",
            "--action",
            "s3:ListAllMyBuckets",
            "--context-complete",
            "--identity-policy",
            text(file.path()),
        ]);
        assert!(matches!(run.code, Some(1..=3)), "not allowed, and not denied for sure: {run:?}");
        assert!(!run.stderr.is_empty() && run.stderr.len() < 5000, "{} bytes", run.stderr.len());
    }
}

#[test]
fn a_damaged_request_line_is_answered_and_the_others_go_on() {
    let good = r#"{"id":"good","principal":"arn:aws:iam::111122223333:user/u","action":"s3:ListAllMyBuckets","context_complete":true}"#;
    let deep_policy = format!(
        r#"{{"id":"deep","principal":"arn:aws:iam::111122223333:user/u","action":"s3:ListAllMyBuckets","identity_policies":[{}]}}"#,
        deep()
    );
    let numbers = r#"{"id":"numbers","principal":1,"action":2,"resource":3}"#;
    let mut input = Vec::new();
    for line in [
        deep().as_bytes(),
        b"\xff\xfe\x00",
        deep_policy.as_bytes(),
        numbers.as_bytes(),
        b"null",
        b"\"",
        b"[]",
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
        input.extend_from_slice(good.as_bytes());
        input.push(b'\n');
    }
    let run = run_with(["simulate", "--requests", "-"], input);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((answers.len(), run.code), (14, Some(1)), "{run:?}");
    for pair in answers.chunks(2) {
        let is_refused = pair[0]["error"].is_string() || pair[0]["decision"] == "Undetermined";
        assert!(is_refused, "{}", pair[0]);
        assert_eq!(pair[1]["decision"], "ImplicitDeny", "{}", pair[1]);
    }
}

/// AWS refuses such a policy, so nobody knows what was meant, least of all that nothing was.
#[test]
fn a_deny_that_cannot_be_read_lets_nothing_through() {
    let wrong = [
        json!(null),
        json!({}),
        json!({"a": 1}),
        json!([17]),
        json!([17, "x:y"]),
        json!([null]),
        json!([["*"]]),
    ];
    let mut lines = String::new();
    for element in ["Action", "Resource", "Principal", "Condition"] {
        // A number or a boolean is text in a condition.
        let is_text = |wrong: &Value| element == "Condition" && wrong[0].is_number();
        for wrong in wrong.iter().filter(|wrong| !is_text(wrong)) {
            let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
            statement[element] = match element {
                "Principal" => json!({ "AWS": wrong }),
                "Condition" => json!({"StringLike": {"aws:UserAgent": wrong}}),
                _ => wrong.clone(),
            };
            let line = json!({
                "id": {element: wrong},
                "principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
                "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333",
                "context": {"aws:UserAgent": "curl"}, "context_complete": true,
                "identity_policies": [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
                "resource_policy": {"Statement": [statement]},
            });
            lines += &(line.to_string() + "\n");
        }
    }
    let answers = run_with(["simulate", "--requests", "-"], lines).stdout;
    let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let through: Vec<String> = answers
        .filter(|answer| answer["decision"] == "Allowed")
        .map(|answer| answer["id"].to_string())
        .collect();
    assert!(through.is_empty(), "allowed in spite of a Deny with\n{}", through.join("\n"));
}

/// Every file of a bundle, damaged in every way: the answer stays, or becomes undetermined, and the file is named.
#[test]
fn a_damaged_file_of_a_bundle_is_named_and_never_turns_the_answer_round() {
    let mut wrong = Vec::new();
    for name in ["s3-kms-download", "role-session-identity"] {
        let root = in_project("policies/examples").join(name);
        let before = bundle(&root, "json").json()["diagnoses"][0]["decision"].clone();
        for entry in walkdir::WalkDir::new(&root) {
            let entry = entry.unwrap();
            let file = entry.path().strip_prefix(&root).unwrap();
            let own = ["README.md", "expected.json", "lesson.toml", "event-history.csv"];
            if !entry.file_type().is_file() || own.iter().any(|own| file.ends_with(own)) {
                continue;
            }
            let whole = std::fs::read(entry.path()).unwrap();
            let damages: [(&str, Vec<u8>); 5] = [
                ("cut", whole[..whole.len() / 2].to_vec()),
                ("empty", Vec::new()),
                ("deep", deep().into_bytes()),
                ("bytes", [&whole[..whole.len() / 2], b"\xff\x00\xfe", &whole[whole.len() / 2..]].concat()),
                ("another shape", b"[1, \"two\", null]".to_vec()),
            ];
            for (damage, bytes) in damages {
                let copy = example(name);
                std::fs::write(copy.path().join(file), bytes).unwrap();
                let run = bundle(copy.path(), "json");
                let place = format!("{name}: {} {damage}", file.display());
                let file_name = file.file_name().unwrap().to_str().unwrap();
                if !run.stderr.contains(file_name) {
                    wrong.push(format!("{place}: the file is not named: {}", run.stderr));
                }
                if run.stdout.is_empty() {
                    continue;
                }
                let report = run.json();
                let diagnoses = report["diagnoses"].as_array().unwrap();
                if diagnoses.is_empty() && run.code == Some(0) {
                    wrong.push(format!(
                        "{place}: the denial is lost, and this is called a success: {}",
                        run.stderr
                    ));
                }
                for diagnosis in diagnoses {
                    let after = &diagnosis["decision"];
                    if *after != before && *after != "Undetermined" {
                        wrong.push(format!("{place}: was {before}, is {after}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A statement that cannot be understood allows nothing for sure, and denies nothing for sure.
#[test]
fn a_policy_with_a_wrong_element_is_a_gap() {
    for wrong in [
        json!({"Effect": "Perhaps", "Action": "kms:Decrypt", "Resource": "*"}),
        json!({"Effect": "Allow", "Acton": "kms:Decrypt", "Resource": "*"}),
        json!({"Effect": "Allow", "Action": 17, "Resource": "*"}),
        json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"a": 1}}),
        json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": "yes"}),
        json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringIsh": {"a": "b"}}}),
        json!("Allow everything"),
    ] {
        let copy = example("s3-kms-download");
        change(&copy.path().join("accounts/111122223333/iam.json"), |iam| {
            iam["UserDetailList"][0]["UserPolicyList"] = json!([{
                "PolicyName": "odd",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [wrong]},
            }]);
        });
        let run = bundle(copy.path(), "json");
        let diagnosis = &run.json()["diagnoses"][0];
        assert_ne!(diagnosis["decision"], "Allowed", "{wrong}: {run:?}");
        let is_told = run.stdout.contains("odd") || run.stderr.contains("odd");
        assert!(is_told, "{wrong}: nobody says that the policy has a problem: {run:?}");
    }
}

/// What a terminal obeys: the title is set, the text turns red, the clipboard is written, the direction turns.
const EVIL: &str = "\x1b]0;owned\x07\x1b[31m\u{9b}31m\u{202e}\r";

fn poisoned(value: &mut Value, spared: &[&str]) {
    match value {
        Value::String(text) => text.push_str(EVIL),
        Value::Array(items) => items.iter_mut().for_each(|item| poisoned(item, spared)),
        Value::Object(map) => {
            let names: Vec<String> = map.keys().cloned().collect();
            for name in names {
                if !spared.contains(&name.as_str()) {
                    poisoned(&mut map[&name], spared);
                }
            }
        }
        _ => {}
    }
}

fn is_harmless(run: &Run, what: &str) {
    for character in ['\x1b', '\x07', '\u{9b}', '\r'] {
        for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if let Some(line) = text.split('\n').find(|line| line.contains(character)) {
                panic!("{what}: {stream} has {character:?}: {line:?}");
            }
        }
    }
}

#[test]
fn escape_sequences_never_reach_the_terminal() {
    // With more or less of the event left whole, it comes more or less far.
    let kept: &[&[&str]] = &[
        &[],
        &["eventTime", "eventSource", "eventName", "errorCode", "eventID", "accountId", "recipientAccountId"],
        &[
            "eventTime",
            "eventSource",
            "eventName",
            "errorCode",
            "arn",
            "accountId",
            "type",
            "requestParameters",
            "resources",
        ],
        &[
            "eventTime",
            "eventSource",
            "eventName",
            "errorCode",
            "errorMessage",
            "arn",
            "accountId",
            "type",
            "requestParameters",
            "resources",
            "awsRegion",
        ],
    ];
    for name in ["job-stopped-after-policy-change", "s3-kms-download", "role-session-identity"] {
        for kept in kept {
            let copy = example(name);
            for entry in walkdir::WalkDir::new(copy.path().join("events")) {
                let entry = entry.unwrap();
                if entry.file_type().is_file() {
                    change(entry.path(), |log| poisoned(log, kept));
                }
            }
            for format in ["text", "json", "dot", "mermaid"] {
                is_harmless(&bundle(copy.path(), format), &format!("{name} as {format}, {kept:?} kept"));
            }
            let events = copy.path().join("events");
            is_harmless(&run(["denials", text(&events)]), name);
            is_harmless(&run(["denials", "--format", "json", text(&events)]), name);
        }
        let policies = example(name);
        for entry in walkdir::WalkDir::new(policies.path().join("accounts")) {
            let entry = entry.unwrap();
            let kept = [
                "Arn",
                "PolicyArn",
                "Version",
                "VersionId",
                "DefaultVersionId",
                "Effect",
                "Action",
                "Resource",
                "UserName",
            ];
            if entry.file_type().is_file() {
                change(entry.path(), |file| poisoned(file, &kept));
            }
        }
        for format in ["text", "json", "dot", "mermaid"] {
            is_harmless(&bundle(policies.path(), format), &format!("{name} as {format}, its policies"));
        }
    }
}

#[test]
fn escape_sequences_in_requests_and_messages_are_shown_and_not_sent() {
    let line = json!({
        "id": EVIL, "principal": "arn:aws:iam::111122223333:user/u", "action": "s3:ListAllMyBuckets",
        "identity_policies": [{"name": EVIL, "document": {"Statement": [{
            "Sid": EVIL, "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/a": EVIL}},
        }]}}],
    });
    is_harmless(&run_with(["simulate", "--requests", "-"], line.to_string()), "a request line");
    let message = format!("User: {EVIL} is not authorized to perform: s3:{EVIL} on resource: {EVIL}");
    is_harmless(&run(["explain", "--message", &message]), "a message");
    is_harmless(&run(["explain", "--format", "json", "--message", &message]), "a message as JSON");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("\x1b[31mred.json"), "{").unwrap();
    is_harmless(&run(["denials", text(folder.path())]), "the name of a file");
    is_harmless(&run(["explain", "--example", EVIL]), "an argument");
    is_harmless(&run(["explain", "--bundle", EVIL]), "an argument");
    is_harmless(&run(["explain", "--example", "s3-kms-download", "--since", EVIL]), "an argument");
    is_harmless(&run(["explain", "--example", "s3-kms-download", "--format", EVIL]), "an argument");
}

/// Markup in a name stays text in a picture of the graph.
#[test]
fn markup_in_labels_is_quoted() {
    let markup = "\"<b onclick='x'>&amp;#60;</b>\"]; end --> \\N \\\" x";
    let copy = example("s3-kms-download");
    let log = std::fs::read_to_string(copy.path().join("events/eu-west-1.json")).unwrap();
    let quoted = json!(format!("2026-08-sales.csv{markup}")).to_string();
    let log = log.replace("2026-08-sales.csv", quoted.trim_matches('"'));
    std::fs::write(copy.path().join("events/eu-west-1.json"), &log).unwrap();
    let report = bundle(copy.path(), "json").json();
    let label = report["diagnoses"][0]["graph"]["nodes"][0]["label"].as_str().unwrap().to_owned();
    assert!(label.ends_with(markup), "{label}");
    let dot = bundle(copy.path(), "dot").stdout;
    let in_dot = label.replace('\\', "\\\\").replace('"', "\\\"");
    assert!(dot.contains(&format!("[label=\"{in_dot}\"")), "{dot}");
    let mermaid = bundle(copy.path(), "mermaid").stdout;
    let node = mermaid.lines().find(|line| line.starts_with("    d0-call")).unwrap();
    let inside = node.split_once('"').unwrap().1.rsplit_once('"').unwrap().0;
    assert!(!inside.contains(['<', '>', '"', '&', '\\', '`']), "{node}");
}

/// The peak of memory in kilobytes while the program reads what `feed` writes. It waits for the end of its input, so
/// the peak of reading can be looked up before that; the rest is looked up as often as possible.
#[cfg(target_os = "linux")]
fn peak(args: &[&str], start: &str, filler: u8, end: &str) -> (u64, Run) {
    let megabytes: usize =
        std::env::var("WHY_DENIED_LINE_MB").map_or(64, |text| text.parse().expect("a number of megabytes"));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_why-denied"));
    let command = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) =
            std::fs::read_to_string(&status).ok().and_then(|status| high_water_mark(&status))
        {
            peak = peak.max(now);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        peak
    });
    let mut stdin = child.stdin.take().unwrap();
    let chunk = vec![filler; 1 << 20];
    // The program may well refuse such a line before its end, and close the pipe.
    let mut write = |bytes: &[u8]| stdin.write_all(bytes).is_ok();
    let _ = write(start.as_bytes()) && (0..megabytes).all(|_| write(&chunk)) && write(end.as_bytes());
    drop(stdin);
    let run = finished(&child.wait_with_output().unwrap());
    (watcher.join().unwrap(), run)
}

#[cfg(target_os = "linux")]
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// One line without an end. `WHY_DENIED_LINE_MB` makes it longer.
#[cfg(target_os = "linux")]
#[test]
fn an_endless_line_does_not_fill_the_memory() {
    let mut wrong = Vec::new();
    for args in [&["denials", "-"][..], &["explain", "--events", "-"], &["simulate", "--requests", "-"]] {
        for (what, start, filler, end) in [
            ("no JSON", "", b'x', ""),
            ("one string", "{\"Records\":[{\"eventName\":\"", b'x', "\"}]}"),
            ("one number", "{\"Records\":[{\"errorCode\":\"AccessDenied\",\"a\":", b'1', "}]}"),
            ("blanks", "", b' ', "{}"),
            ("one list", "[", b'[', ""),
        ] {
            let (peak, run) = peak(args, start, filler, end);
            if peak > 100 * 1024 {
                wrong.push(format!("{args:?}: {what}: {} MB", peak / 1024));
            }
            // A request that cannot be read is answered in its line.
            let said = run.stderr.len() + if args[0] == "simulate" { run.stdout.len() } else { 0 };
            if run.code == Some(0) || said == 0 || said > 10_000 {
                let said: String = run.stderr.chars().take(300).collect();
                wrong.push(format!("{args:?}: {what}: ended with {:?} and said: {said}", run.code));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
