//! What a collector brings back.

use crate::bundle::{Draft, DraftError};
use crate::evidence::Gap;

/// Facts that were fetched, and those that were not.
#[derive(Default)]
pub(super) struct Brought {
    puts: Vec<Put>,
    gaps: Vec<Gap>,
}

type Put = Box<dyn FnOnce(&mut Draft) -> Result<(), DraftError> + Send>;

impl Brought {
    /// One fact.
    pub(super) fn put(put: impl FnOnce(&mut Draft) -> Result<(), DraftError> + Send + 'static) -> Self {
        Self { puts: vec![Box::new(put)], gaps: Vec::new() }
    }

    /// One fact that could not be had.
    pub(super) fn gap(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { puts: Vec::new(), gaps: vec![Gap { what: what.into(), why: why.into() }] }
    }

    /// Both.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.puts.extend(other.puts);
        self.gaps.extend(other.gaps);
        self
    }

    /// Puts the facts into the bundle and gives back the gaps. What a bundle cannot hold becomes one too.
    pub(super) fn into(self, draft: &mut Draft, what: &str) -> Vec<Gap> {
        let mut gaps = self.gaps;
        for put in self.puts {
            if let Err(error) = put(draft) {
                gaps.push(Gap { what: what.to_owned(), why: error.to_string() });
            }
        }
        gaps
    }
}
