//! What holds for every input.

use std::io::{self, Read as _};

use proptest::prelude::*;
use serde_json::Value;
use why_denied::sources::{Options, Record};

use super::{gzip, read, read_with};

/// Any JSON, with the letters that matter to a splitter more often than others.
fn json() -> impl Strategy<Value = Value> {
    let text = || r#"[a-c"\\{}\[\],:\n\u{e9}\u{1F600}]{0,90}"#;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn event() -> impl Strategy<Value = Value> {
    (json(), json(), "[a-z]{1,70}").prop_map(|(a, b, name)| {
        serde_json::json!({"a": a, "eventName": name, "eventSource": "x", "requestParameters": b})
    })
}

fn spaces() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,5}"
}

fn print(event: &Value, pretty: bool) -> String {
    if pretty { serde_json::to_string_pretty(event).unwrap() } else { event.to_string() }
}

fn values(records: &[Record]) -> Vec<Value> {
    records.iter().map(|record| serde_json::from_str(&record.json).unwrap()).collect()
}

proptest! {
    #[test]
    fn events_come_back(events in prop::collection::vec((event(), spaces(), any::<bool>()), 1..8)) {
        let expected: Vec<_> = events.iter().map(|(event, ..)| event.clone()).collect();
        let parts: Vec<_> = events.iter().map(|(event, space, pretty)| format!("{space}{}{space}", print(event, *pretty))).collect();
        for text in [
            parts.concat(),
            format!("[{}]", parts.join(",")),
            format!(r#"{{"a":"Records","Records":[{}],"b":{{}}}}"#, parts.join(",")),
            expected.iter().map(|event| format!("{event}\n")).collect(),
            expected.iter().map(|event| format!("2026-01-01T00:00:00Z {event}\n")).collect(),
            format!(r#"{{"Events":[{}]}}"#, parts.iter().map(|part| serde_json::json!({"CloudTrailEvent": part.trim()}).to_string()).collect::<Vec<_>>().join(",")),
        ] {
            let plain = read(&text);
            prop_assert!(plain.problems.is_empty(), "{} {}", text, plain.told());
            prop_assert_eq!(&values(&plain.records), &expected, "{}", text);
            let packed = read(gzip(&text));
            prop_assert_eq!(&packed.records, &plain.records);
        }
    }

    #[test]
    fn places_are_right(events in prop::collection::vec((event(), spaces()), 1..8)) {
        let text: String = events.iter().map(|(event, space)| format!("{space}{event}")).collect();
        for record in read(&text).records {
            let line = text.split('\n').nth(record.origin.line as usize - 1).unwrap();
            prop_assert!(line[record.origin.column as usize - 1..].starts_with(&record.json));
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
        read(gzip(&bytes));
        read([&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], bytes.as_slice()].concat());
        read([b"eventname,x\n", bytes.as_slice()].concat());
    }

    #[test]
    fn nothing_panics_on_what_looks_like_json(text in r#"(\{|\}|\[|\]|"|\\|,|:|\n| |"Records":\[|"Events"|"eventName":"A"|"eventSource":"B"|"CloudTrailEvent":"\{|20:|a=|null|"detail":|"message":|"awslogs":\{"data":"H4sI){0,40}"#) {
        read(&text);
        read(format!("{{{text}"));
        read(format!("useridentity,eventname\n\"{}\",a\n", text.replace('"', "\"\"")));
        read_with(&text, Options { only_denials_hint: true });
    }
}

/// Text that is never in memory as a whole.
struct Endless {
    piece: Vec<u8>,
    left: usize,
}

impl io::Read for Endless {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        // Odd sizes, so that pieces are cut everywhere.
        let size = space.len().min(self.piece.len()).min(self.left).min(997);
        space[..size].copy_from_slice(&self.piece[..size]);
        self.piece.rotate_left(size);
        self.left -= size;
        Ok(size)
    }
}

#[test]
fn one_line_of_several_megabytes() {
    let piece = format!("{},", super::event("A")).into_bytes();
    let number = 100_000;
    let left = piece.len() * number;
    let text =
        io::Cursor::new(br#"{"Records":["#).chain(Endless { piece, left }).chain(io::Cursor::new(b"]}"));
    let mut records = 0;
    let _ =
        why_denied::sources::read_stream(std::path::Path::new("f"), text, Options::default(), &mut |item| {
            assert!(matches!(item, why_denied::sources::Item::Record(_)), "{item:?}");
            records += 1;
            std::ops::ControlFlow::Continue(())
        });
    assert_eq!(records, number);
}
