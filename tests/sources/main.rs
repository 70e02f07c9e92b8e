//! Events from files in every form, whole and damaged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::format_collect,
    reason = "a test may fail loudly, and slowly"
)]

mod damage;
mod folders;
mod forms;
mod laws;

use std::ops::ControlFlow;
use std::path::Path;

use why_denied::sources::{Item, Options, Problem, Record, SkipReason, read_stream};

/// What reading a stream gave, sorted by kind.
#[derive(Default)]
struct Read {
    records: Vec<Record>,
    problems: Vec<Problem>,
    skipped: Vec<(SkipReason, u64)>,
}

impl Read {
    fn take(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Record(record) => self.records.push(record),
            Item::Problem(problem) => self.problems.push(problem),
            Item::Skipped { reason, count, .. } => self.skipped.push((reason, count)),
        }
        ControlFlow::Continue(())
    }

    fn names(&self) -> Vec<String> {
        self.records.iter().map(|record| field(record, "/eventName")).collect()
    }

    /// What a person would see, with the records as their place and name.
    fn told(&self) -> String {
        let records =
            self.records.iter().map(|record| format!("{} {}", record.origin, field(record, "/eventName")));
        let problems = self.problems.iter().map(ToString::to_string);
        let skipped = self.skipped.iter().map(|(reason, count)| format!("skipped {count}: {reason}"));
        records.chain(problems).chain(skipped).collect::<Vec<_>>().join("\n")
    }
}

fn read(bytes: impl AsRef<[u8]>) -> Read {
    read_with(bytes, Options::default())
}

fn read_with(bytes: impl AsRef<[u8]>, options: Options) -> Read {
    let mut read = Read::default();
    let flow = read_stream(Path::new("f"), bytes.as_ref(), options, &mut |item| read.take(item));
    assert_eq!(flow, ControlFlow::Continue(()));
    read
}

/// The text at a JSON pointer, or the JSON there if it is not text.
fn field(record: &Record, pointer: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(&record.json).unwrap();
    match event.pointer(pointer) {
        None => "-".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// The smallest thing that is an event.
fn event(name: &str) -> String {
    format!(r#"{{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"{name}"}}"#)
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}
