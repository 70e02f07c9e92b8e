//! Every event once.

use std::collections::HashSet;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;

use super::receiver::{Receiver, Step};
use crate::sources::{Item, Options, read_stream};

/// Hands on every event once: pages overlap, and CloudTrail may deliver an event twice.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
pub(super) struct Once<'r> {
    receiver: &'r mut dyn Receiver,
    options: Options,
    seen: HashSet<String>,
    pub(super) events: u64,
}

#[derive(Deserialize)]
struct Id {
    #[serde(rename = "eventID")]
    id: Option<String>,
}

impl<'r> Once<'r> {
    pub(super) fn new(receiver: &'r mut dyn Receiver, options: Options) -> Self {
        Self { receiver, options, seen: HashSet::new(), events: 0 }
    }

    /// Reads text in one of the forms that files have.
    pub(super) fn read(&mut self, name: &str, text: impl Read) -> ControlFlow<()> {
        let options = self.options;
        read_stream(Path::new(name), text, options, &mut |item| self.item(item))
    }

    pub(super) fn item(&mut self, item: Item) -> ControlFlow<()> {
        if let Item::Record(record) = &item {
            let id = serde_json::from_str::<Id>(&record.json).ok().and_then(|event| event.id);
            if id.is_some_and(|id| !self.seen.insert(id)) {
                return ControlFlow::Continue(());
            }
            self.events += 1;
        }
        self.receiver.item(item)
    }

    pub(super) fn step(&mut self, step: &Step) {
        self.receiver.step(step);
    }

    pub(super) fn has_found(&self) -> bool {
        self.receiver.has_found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept(Vec<String>);

    impl Receiver for Kept {
        fn item(&mut self, item: Item) -> ControlFlow<()> {
            if let Item::Record(record) = item {
                self.0.push(record.json);
            }
            ControlFlow::Continue(())
        }

        fn step(&mut self, _: &Step) {}

        fn has_found(&self) -> bool {
            !self.0.is_empty()
        }
    }

    #[test]
    fn an_event_that_comes_twice_is_one_event() {
        let event = |id: &str| format!(r#"{{"eventSource":"s3.amazonaws.com","eventName":"X"{id}}}"#);
        let (a, b, none) = (event(r#","eventID":"a""#), event(r#","eventID":"b""#), event(""));
        let mut kept = Kept::default();
        let mut once = Once::new(&mut kept, Options::default());
        assert!(!once.has_found());
        let pages = [[&a, &b], [&b, &a], [&none, &none]];
        for page in pages {
            let text = format!(r#"{{"Records":[{},{}]}}"#, page[0], page[1]);
            assert!(once.read("page", text.as_bytes()).is_continue());
        }
        // Without an id, nobody can say that two are one.
        assert_eq!((once.events, kept.0.len()), (4, 4));
    }
}
