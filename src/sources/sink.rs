//! Where everything that was read from one stream ends up, on its way to the caller.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::denials::DenialHint;
use super::window::Place;
use super::{Form, Item, MAX_PROBLEMS, Options, Origin, Problem, Record, SkipReason};

/// Who wants no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The rest of this file is not worth reading.
    File,
    /// The caller has enough.
    Everything,
}

/// How a stream came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    ByName,
    InPassing,
}

pub(super) type Flow = ControlFlow<Stop>;

/// How often packed data may lie inside packed data.
const MAX_NESTING: usize = 3;

pub(super) struct Sink<'on> {
    path: Arc<Path>,
    on: &'on mut dyn FnMut(Item) -> ControlFlow<()>,
    hint: Option<DenialHint>,
    skipped: BTreeMap<SkipReason, u64>,
    problems: usize,
    recognised: bool,
    /// The places of the records whose packed data is being read, outermost first.
    within: Vec<Origin>,
}

impl<'on> Sink<'on> {
    pub(super) fn new(
        path: Arc<Path>,
        options: Options,
        on: &'on mut dyn FnMut(Item) -> ControlFlow<()>,
    ) -> Self {
        Self {
            path,
            on,
            hint: options.only_denials_hint.then(DenialHint::new),
            skipped: BTreeMap::new(),
            problems: 0,
            recognised: false,
            within: Vec::new(),
        }
    }

    pub(super) fn path(&self) -> Arc<Path> {
        Arc::clone(&self.path)
    }

    /// The origin of something at this place; inside packed data that is the record that carries it.
    pub(super) fn origin(&self, place: Place) -> Origin {
        let here = || Origin { path: self.path(), line: place.line, column: place.column };
        self.within.first().cloned().unwrap_or_else(here)
    }

    /// Whether a record can be left out on sight. The first events of a file never are, so that what the file
    /// is becomes known.
    pub(super) fn may_drop(&mut self, record: &[u8]) -> bool {
        self.recognised && self.cannot_be_wanted(record)
    }

    fn cannot_be_wanted(&mut self, record: &[u8]) -> bool {
        self.hint.as_mut().is_some_and(|hint| !hint.may_be_denial(record))
    }

    /// An event whose columns were chosen by a query, so that a missing error code says nothing.
    pub(super) fn selected(&mut self, json: String, origin: Origin, form: Form) -> Flow {
        self.recognised = true;
        if memchr::memmem::find(json.as_bytes(), br#""errorCode""#).is_none() {
            return self.send(Item::Record(Record { json, origin, form }));
        }
        self.record(json, origin, form)
    }

    pub(super) fn record(&mut self, json: String, origin: Origin, form: Form) -> Flow {
        self.recognised = true;
        if self.cannot_be_wanted(json.as_bytes()) {
            return Flow::Continue(());
        }
        self.send(Item::Record(Record { json, origin, form }))
    }

    pub(super) fn skip(&mut self, reason: SkipReason) {
        let count = self.skipped.entry(reason).or_default();
        *count += 1;
    }

    pub(super) fn problem(&mut self, problem: Problem) -> Flow {
        self.problems += 1;
        self.send(Item::Problem(problem))?;
        if self.problems < MAX_PROBLEMS {
            return Flow::Continue(());
        }
        let path = self.path();
        self.send(Item::Problem(Problem::TooMany { path }))?;
        Flow::Break(Stop::File)
    }

    /// How many problems there were so far.
    pub(super) fn problems(&self) -> usize {
        self.problems
    }

    /// Reads what is packed inside the record at `origin`.
    pub(super) fn inside(&mut self, origin: Origin, read: impl FnOnce(&mut Self) -> Flow) -> Flow {
        if self.within.len() >= MAX_NESTING {
            self.skip(SkipReason::NotCloudTrail);
            return Flow::Continue(());
        }
        self.within.push(origin);
        let flow = read(self);
        self.within.pop();
        flow
    }

    /// Says what was left out and turns the answer into the caller's. If that is all there is, a file that
    /// was asked for by name is a disappointment.
    pub(super) fn finish(self, flow: Flow, asked: Asked) -> ControlFlow<()> {
        if flow == Flow::Break(Stop::Everything) {
            return ControlFlow::Break(());
        }
        let disappointing = asked == Asked::ByName && !self.recognised;
        for (reason, count) in self.skipped {
            let path = Arc::clone(&self.path);
            (self.on)(if disappointing {
                Item::Problem(Problem::NoEvents { path, reason })
            } else {
                Item::Skipped { path, reason, count }
            })?;
        }
        ControlFlow::Continue(())
    }

    fn send(&mut self, item: Item) -> Flow {
        match (self.on)(item) {
            ControlFlow::Continue(()) => Flow::Continue(()),
            ControlFlow::Break(()) => Flow::Break(Stop::Everything),
        }
    }
}
