//! A lesson with its bundle and the diagnosis of its denial: what everything else is asked of.

use std::collections::BTreeSet;

use super::lesson::{Asks, Choice, Lesson, Question};
use crate::bundle::{Embedded, example, read};
use crate::diagnose::{Diagnosis, Selection, diagnose};
use crate::evidence::Evidence;

/// A lesson, opened.
#[derive(Debug, Clone)]
pub struct Case {
    /// The lesson.
    pub lesson: Lesson,
    /// The denial, explained.
    pub diagnosis: Diagnosis,
    pub(super) evidence: Evidence,
    pub(super) selection: Selection,
    pub(super) bundle: Embedded,
}

impl Case {
    /// Reads the bundle of a lesson and explains its denial; `None` if the example has no such denial.
    pub fn open(lesson: Lesson) -> Option<Self> {
        let bundle = example(&lesson.name)?;
        let evidence = read(&bundle).evidence;
        let scope = evidence.scope.clone();
        let event_ids: BTreeSet<String> = lesson.event.iter().cloned().collect();
        let mut selection = Selection { scope, event_ids };
        let diagnosis = diagnose(&evidence, &selection).into_iter().next()?;
        selection.event_ids = diagnosis.event_ids.iter().cloned().collect();
        Some(Self { lesson, diagnosis, evidence, selection, bundle })
    }

    /// Whether an option is what the diagnosis says.
    pub fn is_right(&self, question: &Question, option: &Choice) -> bool {
        let found = match question.asks {
            Asks::Advice => return option.right == Some(true),
            Asks::Denied => Some(self.diagnosis.denied.action.as_str()),
            Asks::Finding => self.diagnosis.findings.first().map(|finding| finding.code.as_str()),
            Asks::Region => self.diagnosis.introduced_by.as_ref().and_then(|change| change.region.as_deref()),
        };
        found.is_some() && option.value.as_deref() == found
    }
}
