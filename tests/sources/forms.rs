//! One test for each form, from a sample of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use why_denied::sources::{Form, Options, SkipReason};

use super::{event, field, gzip, read, read_with};

const ARN: &str = "arn:aws:iam::123837392027:user/bert-jan";

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/sources/forms/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every sample holds denied calls of `AssumeRole`; this checks how many, their form, and one field each.
fn check(name: &str, form: Form, pointer: &str, expected: &[&str]) {
    for options in [Options::default(), Options { only_denials_hint: true }] {
        for bytes in [sample(name), gzip(sample(name))] {
            let read = read_with(bytes, options);
            let found: Vec<_> = read.records.iter().map(|record| field(record, pointer)).collect();
            assert_eq!(found, expected, "{name}");
            assert!(read.records.iter().all(|record| record.form == form), "{name}");
            assert_eq!(read.skipped, [], "{name}");
            assert_eq!(read.problems.len(), usize::from(form == Form::EventHistoryCsv), "{name}");
        }
    }
}

const EVENT_IDS: [&str; 3] = [
    "e4bad408-6272-4892-bf47-bd41b435ce40",
    "30a952c1-cb48-458c-b023-bec3b45b68ec",
    "9cca03e9-a7da-47cc-85a8-f5fde08125a5",
];

#[test]
fn complete_events() {
    for (name, form) in [
        ("logfile.json", Form::LogFile),
        ("logfile.json.gz", Form::LogFile),
        ("jsonl.jsonl", Form::JsonLines),
        ("concatenated.json", Form::Concatenated),
        ("lookup-events.json", Form::LookupEvents),
        ("cwlogs-subscription.json", Form::LogsSubscription),
        ("cwlogs-lambda.json", Form::LogsSubscription),
        ("filter-log-events.json", Form::LogsFilter),
        ("cwlogs-s3-export.txt", Form::LogsExport),
    ] {
        check(name, form, "/eventID", &EVENT_IDS);
        check(name, form, "/userIdentity/arn", &[ARN; 3]);
    }
    check("eventbridge.json", Form::EventBridge, "/userIdentity/arn", &[ARN]);
}

#[test]
fn athena_csv() {
    check("athena-result.csv", Form::AthenaCsv, "/eventID", &EVENT_IDS);
    check("athena-result.csv", Form::AthenaCsv, "/userIdentity/arn", &[ARN; 3]);
    check("athena-result.csv", Form::AthenaCsv, "/userIdentity/accountId", &["123837392027"; 3]);
    check("athena-result.csv", Form::AthenaCsv, "/userIdentity/invokedBy", &["-"; 3]);
}

#[test]
fn event_history_csv() {
    check("event-history.csv", Form::EventHistoryCsv, "/eventID", &EVENT_IDS);
    check("event-history.csv", Form::EventHistoryCsv, "/userIdentity/userName", &["bert-jan"; 3]);
    check("event-history.csv", Form::EventHistoryCsv, "/readOnly", &["true"; 3]);
    assert!(!Form::EventHistoryCsv.is_complete());
    let read = read("Event name,New column\nA,x\nB\n\"C\",y,z\n");
    assert_eq!(read.names(), ["A", "B", "C"]);
    assert!(read.problems[0].hint().unwrap().contains("JSON"));
}

#[test]
fn lake_results() {
    let times = ["2023-07-10T11:54:42Z", "2023-07-10T11:54:44Z", "2023-07-10T11:54:47Z"];
    check("lake-get-query-results.json", Form::LakeResults, "/eventTime", &times);
    check("lake-get-query-results.json", Form::LakeResults, "/errorCode", &["AccessDenied"; 3]);
}

#[test]
fn rows_without_an_error_code_may_be_denials() {
    let options = Options { only_denials_hint: true };
    let csv = "eventtime,eventname\n2023-07-10T11:54:42Z,A\n";
    assert_eq!(read_with(csv, options).names(), ["A"]);
    let csv = "eventname,errorcode\nA,\nB,AccessDenied\n";
    assert_eq!(read_with(csv, options).names(), ["B"]);
    let lake = r#"{"QueryResultRows":[[{"eventName":"A"}],[{"eventName":"B"},{"errorCode":null}]]}"#;
    assert_eq!(read_with(lake, options).names(), ["A", "B"]);
}

/// A text that is one form or another, and the names of its events.
fn check_text(text: &str, form: Form, names: &[&str]) {
    let read = read(text);
    assert_eq!(read.names(), names, "{text}\n{}", read.told());
    assert!(read.records.iter().all(|record| record.form == form), "{text} {:?}", read.records);
    assert!(read.problems.is_empty(), "{text}\n{}", read.told());
}

#[test]
fn plain_events() {
    let (a, b) = (event("A"), event("B"));
    check_text(&a, Form::Bare, &["A"]);
    check_text(&format!("\n {a}\n\n"), Form::Bare, &["A"]);
    check_text(&format!("[{a},\n{b}]"), Form::Array, &["A", "B"]);
    check_text(&format!("[[{a}],[{b}]]"), Form::Array, &["A", "B"]);
    check_text(&format!("{a}\r\n{b}\r\n"), Form::JsonLines, &["A", "B"]);
    check_text(&format!("{a}{b}"), Form::Concatenated, &["A", "B"]);
    check_text(&format!("{a},\n{b},\n"), Form::Concatenated, &["A", "B"]);
    check_text(&format!("{}\n{b}", a.replace(',', ",\n ")), Form::Concatenated, &["A", "B"]);
}

#[test]
fn shortened_events() {
    check_text(r#"{"eventName":"A","errorCode":"AccessDenied"}"#, Form::Bare, &["A"]);
}

#[test]
fn wrapped_events_of_other_tools() {
    let line = |name| {
        event(name).replacen('{', r#"{"@timestamp":"x","p_log_type":"AWS.CloudTrail","p_any":["y"],"#, 1)
    };
    check_text(&format!("{}\n{}\n", line("A"), line("B")), Form::JsonLines, &["A", "B"]);
}

#[test]
fn event_bridge_events() {
    let bridge = |name| {
        format!(r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{}}}"#, event(name))
    };
    let (a, b) = (bridge("A"), bridge("B"));
    check_text(&format!("{a}\n{b}"), Form::EventBridge, &["A", "B"]);
    check_text(&format!("[{a},{b}]"), Form::EventBridge, &["A", "B"]);
    // EventBridge with CloudWatch Logs as its target.
    let message = serde_json::to_string(&a).unwrap();
    check_text(&format!(r#"{{"events":[{{"message":{message}}}]}}"#), Form::LogsFilter, &["A"]);
}

#[test]
fn lists_in_any_order_of_members() {
    let text = format!(
        r#"{{"NextToken":"Records","x":{{"Records":[1]}},"Records" : [ {} ] , "y":[1] }}"#,
        event("A")
    );
    check_text(&text, Form::LogFile, &["A"]);
    check_text(&format!("{text}\n{text}"), Form::LogFile, &["A", "A"]);
    check_text(r#"{"Records":[]}"#, Form::LogFile, &[]);
}

#[test]
fn logs_insights() {
    let message = serde_json::to_string(&event("A")).unwrap();
    let row = format!(r#"[{{"field":"@timestamp","value":"x"}},{{"field":"@message","value":{message}}}]"#);
    let fields = r#"[{"field":"eventName","value":"B"},{"field":"userIdentity.arn","value":"x"}]"#;
    check_text(
        &format!(r#"{{"results":[{row},{fields}],"status":"Complete"}}"#),
        Form::LogsInsights,
        &["A", "B"],
    );
    check_text(&format!(r#"[{{"@timestamp":"x","@message":{message}}}]"#), Form::LogsInsights, &["A"]);
    check_text(&format!(r#"[{{"@message":{}}}]"#, event("A")), Form::LogsInsights, &["A"]);
    let csv = format!("@timestamp,@message\nx,\"{}\"\n", event("A").replace('"', "\"\""));
    check_text(&csv, Form::LogsInsights, &["A"]);
}

#[test]
fn kinesis_and_firehose() {
    let message = serde_json::to_string(&event("A")).unwrap();
    let data = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{message}}}]}}"#);
    let packed = STANDARD.encode(gzip(&data));
    let records = format!(r#"{{"Records":[{{"SequenceNumber":"1","Data":"{packed}"}}]}}"#);
    check_text(&records, Form::LogsSubscription, &["A"]);
    let lambda =
        format!(r#"{{"Records":[{{"kinesis":{{"data":"{packed}"}},"eventSource":"aws:kinesis"}}]}}"#);
    check_text(&lambda, Form::LogsSubscription, &["A"]);
    check_text(&format!("{data}{data}"), Form::LogsSubscription, &["A", "A"]);
    assert_eq!(read(gzip(gzip(&data))).names(), ["A"]);
}

fn check_skipped(text: &str, reason: SkipReason, count: u64) {
    let read = read(text);
    assert_eq!(read.skipped, [(reason, count)], "{text}\n{}", read.told());
    assert!(read.problems.is_empty() && read.records.is_empty(), "{text}\n{}", read.told());
}

#[test]
fn what_is_no_event() {
    let insight = r#"{"eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"X"},"eventCategory":"Insight"}"#;
    check_skipped(insight, SkipReason::Insight, 1);
    check_skipped(&format!(r#"{{"Records":[{insight},{insight}]}}"#), SkipReason::Insight, 2);
    check_skipped(r#"{"awsAccountId":"1","digestS3Object":"x","logFiles":[]}"#, SkipReason::Digest, 1);
    let control = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}]}"#;
    check_skipped(control, SkipReason::ControlMessage, 1);
    check_skipped("", SkipReason::Empty, 1);
    check_skipped(" \r\n\t", SkipReason::Empty, 1);
    for text in [
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}"#,
        // A notification of S3 has the same members as an event.
        r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}"#,
        r#"{"events":[{"message":"plain text"}]}"#,
        r#"{"results":[[{"field":"count","value":"1"}]]}"#,
        r#"["text"]"#,
        "{}",
        "name,number\nx,1\n",
        "2026-01-01 a line of some other log\n",
        "# A README\n",
    ] {
        check_skipped(text, SkipReason::NotCloudTrail, 1);
    }
}

#[test]
fn the_hint_never_drops_a_denial() {
    let options = Options { only_denials_hint: true };
    let denied = event("A").replace('}', r#","errorCode":"Client.UnauthorizedOperation"}"#);
    let text = format!(r#"{{"Records":[{},{denied},{}]}}"#, event("B"), event("C"));
    assert_eq!(read_with(&text, options).names(), ["A"]);
    assert_eq!(read_with(format!("{}\n{denied}\n{}\n", event("B"), event("C")), options).names(), ["A"]);
    let message = serde_json::to_string(&denied).unwrap();
    let lookup = format!(r#"{{"Events":[{{"CloudTrailEvent":{message}}},{{"CloudTrailEvent":{message}}}]}}"#);
    assert_eq!(read_with(lookup, options).names(), ["A", "A"]);
}
