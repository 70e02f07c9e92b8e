//! Damaged files: one bad record or file never stops the rest, and every problem says where it is.

use std::ops::ControlFlow;
use std::path::Path;

use insta::assert_snapshot;
use why_denied::sources::{Item, MAX_PROBLEMS, MAX_RECORD, Options, Problem, SkipReason, read_stream};

use super::{event, gzip, read};

fn log_file(names: &[&str]) -> String {
    let events: Vec<_> = names.iter().map(|name| event(name)).collect();
    format!(r#"{{"Records":[{}]}}"#, events.join(","))
}

#[test]
fn compression() {
    let members = [gzip(log_file(&["A"])), gzip(log_file(&["B"]))].concat();
    assert_eq!(read(&members).names(), ["A", "B"]);

    let names: Vec<String> = (0..5000).map(|number| format!("E{number}")).collect();
    let whole = gzip(log_file(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    let cut = read(&whole[..whole.len() / 2]);
    assert!(cut.records.len() > 1000 && cut.names() == names[..cut.records.len()]);
    assert!(matches!(cut.problems[..], [Problem::GzipCutOff { .. }]), "{:?}", cut.problems);

    let mut damaged = whole.clone();
    let middle = whole.len() / 2;
    damaged[middle..middle + 200].fill(0xff);
    let damaged = read(damaged);
    assert!(damaged.records.len() > 1000, "{}", damaged.records.len());
    assert!(matches!(damaged.problems[..], [.., Problem::Gzip { .. }]), "{:?}", damaged.problems);

    for cut in 2..20 {
        assert_eq!(read(&whole[..cut]).told(), "the gzip data of `f` is cut off");
    }
}

#[test]
fn a_cut_off_table_has_no_half_row() {
    let csv: String = (0..9000).map(|number| format!("Event{number},x\n")).collect();
    let whole = gzip(format!("eventname,eventsource\n{csv}"));
    let cut = read(&whole[..whole.len() / 2]);
    assert!(cut.records.len() > 1000);
    let expected: Vec<_> = (0..cut.records.len()).map(|number| format!("Event{number}")).collect();
    assert_eq!(cut.names(), expected);
    assert!(matches!(cut.problems[..], [Problem::GzipCutOff { .. }]), "{:?}", cut.problems);
}

#[test]
fn marks_and_encodings() {
    let marked = format!("\u{feff}{}\n{}", event("A"), event("B"));
    assert_snapshot!(read(&marked).told(), @"
    f:1:1 A
    f:2:1 B
    ");
    assert_eq!(read(gzip(&marked)).names(), ["A", "B"]);
    assert_eq!(read("\u{feff}eventname\nA\n").names(), ["A"]);
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_snapshot!(read(utf16).told(), @"`f` is UTF-16, not UTF-8");
    let mut latin = format!("{}\n{}\n{}", event("A"), event("Bx"), event("C")).into_bytes();
    let at = latin.iter().position(|byte| *byte == b'x').unwrap();
    latin[at] = 0xe9;
    assert_snapshot!(read(latin).told(), @"
    f:1:1 A
    f:3:1 C
    the text at f:2:71 is not UTF-8
    ");
}

#[test]
fn garbage() {
    assert_eq!(read([0; 5000]).skipped, [(SkipReason::NotCloudTrail, 1)]);
    assert_eq!(read([0xff; 5000]).skipped.len() + read([0xff; 5000]).problems.len(), 1);
    assert_eq!(read("}}}}").skipped, [(SkipReason::NotCloudTrail, 1)]);
    let nul = read(format!("{}\n{}\n", event("A\0"), event("B")));
    assert_snapshot!(nul.told(), @r"
    f:2:1 B
    invalid JSON at f:1:70: control character (\u0000-\u001F) found while parsing a string
    ");
}

#[test]
fn lines() {
    let (a, b, c) = (event("A"), event("B"), event("C"));
    let (half, rest) = b.split_at(40);
    let (structure, _) = b.split_at(23);
    for broken in [
        half.to_owned(),
        rest.to_owned(),
        structure.to_owned(),
        "text".to_owned(),
        "[1,2".to_owned(),
        "}".to_owned(),
        b.replacen(',', "", 1),
        b.replacen('"', "", 1),
        format!("{b}}}"),
        b.replace('}', "},"),
        format!("{structure}{{"),
        "\"".to_owned(),
    ] {
        let read = read(format!("{a}\n{broken}\n{c}\n{a}\n"));
        let names = read.names();
        assert!(
            names.starts_with(&["A".to_owned()]) && names.ends_with(&["A".to_owned()]),
            "{broken}: {names:?}"
        );
        assert!(names.contains(&"C".to_owned()), "{broken}: {names:?}");
    }
    let read = read(format!("{a}\n{half}\n{c}\n{rest}\n{a}"));
    assert_snapshot!(read.told(), @"
    f:1:1 A
    f:3:1 C
    f:5:1 A
    the string at f:2:38 has a raw line break
    expected a record at f:4:1
    ");
}

#[test]
fn records_in_a_list() {
    let (a, b, c) = (event("A"), event("B"), event("C"));
    let log = |broken: &str| read(format!(r#"{{"Records":[{a},{broken},{c}]}}"#));
    assert_snapshot!(log(&b.replacen(',', "", 1)).told(), @"
    f:1:13 A
    f:1:158 C
    invalid JSON at f:1:108: expected `,` or `}`
    ");
    assert_snapshot!(log(&b.replace('}', "")).told(), @"
    f:1:13 A
    f:1:158 C
    invalid JSON at f:1:158: key must be a string
    ");
    assert_snapshot!(log(&b.replace("B\"", "B")).told(), @"
    f:1:13 A
    f:1:158 C
    what begins at f:1:86 never ends
    ");
    assert_snapshot!(log("1,null,\"x\"").told(), @"
    f:1:13 A
    f:1:97 C
    expected a record at f:1:86
    expected a record at f:1:88
    expected a record at f:1:93
    ");
    let pretty = format!("{{\"Records\": [\n  {a},\n  {},\n  {c}\n]}}\n", b.replace('}', ""));
    assert_snapshot!(read(pretty).told(), @"
    f:2:3 A
    f:4:3 C
    invalid JSON at f:4:3: key must be a string
    ");
    assert_snapshot!(read(format!(r#"{{"Records":[{a},{b},{{"eventName":"#)).told(), @"
    f:1:13 A
    f:1:86 B
    what begins at f:1:159 never ends
    ");
    assert_snapshot!(read(format!(r#"{{"Records":[{a},{b}"#)).told(), @"
    f:1:13 A
    f:1:86 B
    what begins at f:1:1 never ends
    ");
    assert_snapshot!(read(format!("[{a},{b}")).told(), @"
    f:1:2 A
    f:1:75 B
    what begins at f:1:1 never ends
    ");
    assert_snapshot!(read(format!("{{\n{a}")).told(), @"
    f:2:1 A
    what begins at f:1:1 never ends
    ");
}

/// AWS's page on `Decrypt` events lacks a comma after `errorCode`, and its sample of `LookupEvents` has line
/// breaks and quotes in a string: docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.html,
/// view-cloudtrail-events-cli.html.
#[test]
fn samples_of_the_documentation() {
    let decrypt = "{\n  \"eventVersion\": \"1.05\",\n  \"errorCode\": \"InvalidCiphertextException\"\n  \"eventName\": \"Decrypt\"\n}";
    let read_decrypt = read(decrypt);
    assert_snapshot!(read_decrypt.told(), @"invalid JSON at f:4:3: expected `,` or `}`");
    assert!(read_decrypt.problems[0].hint().unwrap().contains("documentation"));
    let lookup = "{\"Events\": [{\n \"EventId\": \"0ebbaee4\",\n \"CloudTrailEvent\": \"{\n \\\"eventName\\\":\\\"X\"}\"\n}]}";
    assert_snapshot!(read(lookup).told(), @r"
    invalid JSON at f:3:22: control character (\u0000-\u001F) found while parsing a string
    expected a record at f:4:21
    what begins at f:1:1 never ends
    ");
    let lookup = r#"{"Events":[{"EventId":"0ebbaee4","CloudTrailEvent":"{\"eventName\":\"X}"},{"EventId":"1","CloudTrailEvent":"{}"}]}"#;
    assert_snapshot!(read(lookup).told(), @"
    `CloudTrailEvent` of event `0ebbaee4` at f:1:12 is not valid JSON: EOF while parsing a string at line 1 column 16
    skipped 1: not CloudTrail events
    ");
}

#[test]
fn packed_data() {
    assert_snapshot!(read(r#"{"awslogs":{"data":"!!"}}"#).told(), @"`awslogs.data` of the record at f:1:1 is not gzip data in Base64: Invalid symbol 33, offset 0.");
    assert_snapshot!(read(r#"{"awslogs":{"data":"H4sIAAAA"}}"#).told(), @"`awslogs.data` of the record at f:1:1 is not gzip data in Base64: unexpected end of file");
}

#[test]
fn nesting() {
    let deep = |depth: usize| {
        event("A").replace('}', &format!(r#","x":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1)))
    };
    assert_eq!(read(deep(127)).names(), ["A"]);
    assert_snapshot!(read(deep(128)).told(), @"the record at f:1:1 is nested more than 127 deep");
    let text = format!("{}\n{}\n{}", event("B"), deep(1_000_000), event("C"));
    assert_eq!(read(&text).names(), ["B", "C"]);
    assert!(matches!(read("[".repeat(1_000_000)).problems[..], [Problem::TooDeep { .. }]));
    assert!(matches!(read("{\"a\":".repeat(1_000_000)).problems[..], [Problem::Unclosed { .. }]));
    assert!(matches!(read("{\"Records\":[".repeat(1000)).problems[..], [Problem::Unclosed { .. }]));
}

#[test]
fn length() {
    let record = |length: usize| {
        let rest = event("L").len() + r#","x":"""#.len();
        event("L").replace('}', &format!(r#","x":"{}"}}"#, "x".repeat(length - rest)))
    };
    let log = |length| format!(r#"{{"Records":[{},{},{}]}}"#, event("A"), record(length), event("B"));
    assert_eq!(record(MAX_RECORD).len(), MAX_RECORD);
    assert_eq!(read(log(MAX_RECORD)).names(), ["A", "L", "B"]);

    let much = record(2 * MAX_RECORD);
    for text in [
        log(MAX_RECORD + 1),
        format!("{}\n{much}\n{}", event("A"), event("B")),
        format!("[{},{much},{}]", event("A"), event("B")),
    ] {
        let read = read(&text);
        assert_eq!(read.names(), ["A", "B"]);
        assert!(matches!(read.problems[..], [Problem::TooLong { .. }]), "{:?}", read.problems);
    }
    let open = format!("eventname,eventsource\nA,x\nB,\"{}", "x".repeat(2 * MAX_RECORD));
    let read = read(&open);
    assert_eq!(read.names(), ["A"]);
    assert!(matches!(read.problems[..], [Problem::Csv { .. }]), "{:?}", read.problems);
}

#[test]
fn a_hopeless_file_is_given_up() {
    let text = format!("{}\n{}", event("A"), "{\"a\n".repeat(100_000));
    let read = read(text);
    assert_eq!((read.records.len(), read.problems.len()), (1, MAX_PROBLEMS + 1));
    assert!(matches!(read.problems.last(), Some(Problem::TooMany { .. })));
}

#[test]
fn whoever_has_enough_gets_no_more() {
    let mut seen = 0;
    let text = log_file(&["A", "B", "C"]);
    let flow = read_stream(Path::new("f"), text.as_bytes(), Options::default(), &mut |item| {
        assert!(matches!(item, Item::Record(_)));
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((flow, seen), (ControlFlow::Break(()), 2));
}
