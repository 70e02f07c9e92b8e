//! Repetitions of one denial become one diagnosis.

use std::collections::BTreeMap;

use super::{CallRef, Diagnosis, Standing, graph};
use crate::evaluate::{Decision, Layer};

/// What makes two diagnoses the same: who, what, and why; not when.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    principal: String,
    surface: CallRef,
    denied: CallRef,
    standing: Standing,
    decision: Option<Decision>,
    denied_by: Vec<Layer>,
    reason: Option<String>,
    change: Option<String>,
}

impl Key {
    fn of(diagnosis: &Diagnosis) -> Self {
        Self {
            principal: diagnosis.principal.clone(),
            surface: diagnosis.surface.clone(),
            denied: diagnosis.denied.clone(),
            standing: diagnosis.standing,
            decision: diagnosis.decision,
            denied_by: diagnosis.denied_by.clone(),
            reason: diagnosis.findings.first().map(|finding| finding.text.clone()),
            change: diagnosis.introduced_by.as_ref().and_then(|change| change.event_id.clone()),
        }
    }
}

/// The diagnoses with their repetitions counted, in the order of their first events.
pub(super) fn merged(diagnoses: Vec<Diagnosis>) -> Vec<Diagnosis> {
    let mut positions: BTreeMap<Key, usize> = BTreeMap::new();
    let mut out: Vec<Diagnosis> = Vec::new();
    for diagnosis in diagnoses {
        let next = out.len();
        let position = *positions.entry(Key::of(&diagnosis)).or_insert(next);
        match out.get_mut(position) {
            None => out.push(diagnosis),
            Some(known) => absorb(known, diagnosis),
        }
    }
    for diagnosis in &mut out {
        diagnosis.graph = graph::causal_graph(diagnosis);
    }
    out
}

fn absorb(known: &mut Diagnosis, again: Diagnosis) {
    known.event_ids.extend(again.event_ids);
    let occurrences = &mut known.occurrences;
    occurrences.count += again.occurrences.count;
    occurrences.first = [occurrences.first, again.occurrences.first].into_iter().flatten().min();
    occurrences.last = occurrences.last.max(again.occurrences.last);
    known.not_checked.extend(again.not_checked);
    known.not_checked.sort();
    known.not_checked.dedup();
}
