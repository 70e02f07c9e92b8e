//! Who takes what is read, and what is said about the reading.

use std::ops::ControlFlow;

use crate::evidence::Gap;
use crate::sources::Item;

/// Takes the events of a source.
pub trait Receiver {
    /// Takes an event, or a problem with one; `Break` ends the reading.
    fn item(&mut self, item: Item) -> ControlFlow<()>;

    /// Is told how far it has come.
    fn step(&mut self, step: &Step);

    /// Whether what was looked for is there, so that nothing more has to be waited for.
    fn has_found(&self) -> bool;
}

/// How far the reading has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A page of events, or a file, was read.
    Read {
        /// Where.
        place: String,
        /// How many pages or files there were so far.
        so_far: u64,
    },
    /// A query goes on.
    Query {
        /// Its id.
        id: String,
        /// What AWS says of it.
        state: String,
        /// How much it has read, in bytes.
        bytes: Option<u64>,
    },
    /// Nothing was found yet; it is looked for again.
    Waiting,
}

/// What came of reading a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How many different events were delivered.
    pub events: u64,
    /// How much a query read, in bytes: that is what it costs.
    pub bytes_scanned: Option<u64>,
    /// Nothing was found, and what happened so shortly ago may not have been delivered yet.
    pub perhaps_late: bool,
}

impl Outcome {
    /// Adds what could not be read, and why.
    pub fn gap(&mut self, what: impl Into<String>, why: impl ToString) {
        self.gaps.push(Gap { what: what.into(), why: why.to_string() });
    }
}
