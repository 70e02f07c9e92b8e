//! `events/`: `CloudTrail` events in any form that `sources` reads.

use std::ops::ControlFlow;
use std::path::Path;

use super::reader::Reader;
use super::{BundleProblem, MAX_EVENTS};
use crate::sources::{Item, Options, Record, read_stream};
use crate::trail::event::Event;

/// The events that were read so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) events: Vec<Event>,
    /// The bytes of their texts.
    size: u64,
}

impl Events {
    /// Adds the events of one file.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, file: &str) {
        let what = format!("CloudTrail events of {file}");
        let bytes = reader.bytes(file);
        let Some(bytes) = reader.keep(&what, bytes) else {
            return;
        };
        // The answer says only who ended the reading.
        let _ = read_stream(Path::new(file), &*bytes, Options::default(), &mut |item| match item {
            Item::Record(record) => self.record(reader, &what, record),
            Item::Problem(problem) => {
                reader.lost(&what, problem.into());
                ControlFlow::Continue(())
            }
            Item::Skipped { reason, count, .. } => {
                reader.warn(BundleProblem::NoEvents { file: file.to_owned(), reason, count });
                ControlFlow::Continue(())
            }
        });
    }

    fn record(&mut self, reader: &mut Reader<'_>, what: &str, record: Record) -> ControlFlow<()> {
        self.size = self.size.saturating_add(u64::try_from(record.json.len()).unwrap_or(u64::MAX));
        if self.size > MAX_EVENTS {
            reader.lost(what, BundleProblem::TooManyEvents { origin: record.origin });
            return ControlFlow::Break(());
        }
        match Event::from_json(&record.json) {
            Ok(event) => self.events.push(event),
            Err(source) => reader.lost(what, BundleProblem::NotAnEvent { origin: record.origin, source }),
        }
        ControlFlow::Continue(())
    }
}
