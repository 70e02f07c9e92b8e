//! What a learner's folder is worth: is the request allowed now, and what else changed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;
pub use super::probes::SideEffect;
use super::probes::side_effects;
use crate::bundle::{FileTree, Severity, read};
use crate::diagnose::{Outcome, consulted, what_if_world};
use crate::evaluate::Layer;
use crate::evidence::{Evidence, Gap};

/// The judgement of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// No policy and no other fact was changed.
    Unchanged,
    /// A file cannot be read; the texts name the place.
    Damaged(Vec<String>),
    /// The request is still refused.
    Denied {
        /// By these layers.
        by: Vec<Layer>,
        /// The element that decides, in words.
        text: String,
        /// What the edits are about.
        aim: Aim,
    },
    /// It cannot be said any more, for these reasons.
    Undetermined(Vec<Gap>),
    /// The request is allowed.
    Allowed {
        /// What else is different from a good repair; empty is best.
        beside: Vec<SideEffect>,
    },
}

/// What an edit that does not help is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// No policy that is asked about this request.
    Elsewhere,
    /// Policies of these layers, and none of them refuses.
    OtherLayer(Vec<Layer>),
    /// A layer that refuses.
    RefusingLayer,
}

/// Judges an edited copy of a lesson's bundle. Only facts count: what happened is in the events that the program has.
pub fn judge(case: &Case, files: &dyn FileTree) -> Judgement {
    let loaded = read(files);
    let damage: Vec<String> = loaded
        .problems
        .iter()
        .filter(|problem| problem.severity() != Severity::Warning)
        .map(ToString::to_string)
        .collect();
    if !damage.is_empty() {
        return Judgement::Damaged(damage);
    }
    if !is_changed(case, files) {
        return Judgement::Unchanged;
    }
    judge_evidence(case, &loaded.evidence)
}

/// Whether a file with facts is another than in the lesson; white space does not count.
fn is_changed(case: &Case, files: &dyn FileTree) -> bool {
    let names = |tree: &dyn FileTree| -> BTreeSet<String> {
        let is_fact = |name: &String| name.starts_with("accounts/") || name.starts_with("organization");
        tree.list().files.into_iter().filter(is_fact).collect()
    };
    let content = |tree: &dyn FileTree, name: &str| {
        let bytes = tree.read(name, crate::bundle::MAX_FILE).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    };
    let (own, found) = (names(&case.bundle), names(files));
    own != found || own.iter().any(|name| content(&case.bundle, name) != content(files, name))
}

/// Judges facts.
pub fn judge_evidence(case: &Case, edited: &Evidence) -> Judgement {
    let mut outcomes: Vec<Outcome> =
        what_if_world(&case.evidence, &case.selection, edited).into_iter().map(|one| one.outcome).collect();
    // A repair has to help every repetition of the denial, so the worst counts.
    outcomes.sort_by_key(|outcome| match outcome {
        Outcome::Denied { .. } => 0,
        Outcome::Undetermined(_) => 1,
        Outcome::Allowed | Outcome::AllowedAlready => 2,
    });
    match outcomes.into_iter().next() {
        Some(Outcome::Denied { by, text }) => {
            let aim = aim(case, edited);
            Judgement::Denied { by, text, aim }
        }
        Some(Outcome::Undetermined(gaps)) => Judgement::Undetermined(gaps),
        Some(Outcome::Allowed | Outcome::AllowedAlready) => {
            let measure = case.measure();
            let beside = measure.map_or_else(Vec::new, |measure| side_effects(case, &measure, edited));
            Judgement::Allowed { beside }
        }
        None => Judgement::Unchanged,
    }
}

fn aim(case: &Case, edited: &Evidence) -> Aim {
    let before = consulted(&case.evidence, &case.selection, &case.evidence);
    let after = consulted(&case.evidence, &case.selection, edited);
    let layers: BTreeSet<Layer> = before.keys().chain(after.keys()).copied().collect();
    let touched: Vec<Layer> =
        layers.into_iter().filter(|layer| before.get(layer) != after.get(layer)).collect();
    if touched.is_empty() {
        Aim::Elsewhere
    } else if touched.iter().any(|layer| case.refusing().contains(layer)) {
        Aim::RefusingLayer
    } else {
        Aim::OtherLayer(touched)
    }
}
