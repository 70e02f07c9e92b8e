//! The events of a live run, on their way into the bundle.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::Watch;
use crate::bundle::Draft;
use crate::sources::Item;
use crate::sources::aws::{Receiver, Step};
use crate::trail::Event;
use crate::trail::denial::{DenialClass, classify};

/// More events than this are no denial that a person looks at right now, but a trail to be searched.
const MOST: usize = 200_000;

/// Which events are in the bundle, by id and Region.
pub(super) type Seen = BTreeSet<(String, Option<String>)>;

/// Takes events into a bundle.
pub(super) struct Events<'w> {
    draft: &'w mut Draft,
    watch: &'w mut dyn Watch,
    seen: &'w mut Seen,
    found: bool,
    pub(super) problems: Vec<String>,
}

impl<'w> Events<'w> {
    pub(super) fn new(draft: &'w mut Draft, watch: &'w mut dyn Watch, seen: &'w mut Seen) -> Self {
        Self { draft, watch, seen, found: false, problems: Vec::new() }
    }
}

impl Receiver for Events<'_> {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        let record = match item {
            Item::Record(record) => record,
            Item::Problem(problem) => {
                self.problems.push(problem.to_string());
                return ControlFlow::Continue(());
            }
            Item::Skipped { .. } => return ControlFlow::Continue(()),
        };
        let event = match Event::from_json(&record.json) {
            Ok(event) => event,
            Err(error) => {
                self.problems.push(format!("{}: {error}", record.origin));
                return ControlFlow::Continue(());
            }
        };
        let is_new = event.event_id.clone().is_none_or(|id| self.seen.insert((id, event.aws_region.clone())));
        if is_new {
            self.found |= classify(&event) == Some(DenialClass::Denied);
            let label = event.aws_region.as_deref().unwrap_or("unknown");
            if let Err(error) = self.draft.add_event(label, &record.json) {
                self.problems.push(format!("{}: {error}", record.origin));
            }
        }
        if self.seen.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn step(&mut self, step: &Step) {
        self.watch.said(&match step {
            Step::Read { place, so_far } => format!("reading events of {place} ({so_far} pages)"),
            Step::Query { id, state, .. } => format!("query {id}: {state}"),
            Step::Waiting => "waiting for events to be delivered".to_owned(),
        });
    }

    fn has_found(&self) -> bool {
        self.found
    }
}
