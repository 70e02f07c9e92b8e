//! What a repair does beside the task: every probe decided as it was, as a good repair leaves it, and as it is now.

use super::case::Case;
use super::probes::{Source, Tried, tried};
use crate::diagnose::{Probe, Probed, denied_request, probe};
use crate::evaluate::{Decision, Layer, LayerEffect, Verdict};
use crate::evidence::Evidence;

/// Something that a repair does beside the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideEffect {
    /// A request is allowed that the task does not need.
    Opens(String),
    /// A request is not known to be allowed, and one layer less refuses it.
    Weakens {
        /// The request in words.
        says: String,
        /// The layer that refused it.
        layer: Layer,
        /// Whether something else refuses it for sure.
        is_refused: bool,
    },
    /// A request is refused that was allowed.
    Closes(String),
    /// A request is still refused that the task is about.
    Misses(String),
}

impl SideEffect {
    /// Whether it gives more than the task needs.
    pub fn opens(&self) -> bool {
        matches!(self, Self::Opens(_) | Self::Weakens { .. })
    }
}

/// What the edited evidence does beside the task, measured against good repairs.
pub(super) fn side_effects(case: &Case, good: &[Evidence], edited: &Evidence) -> Vec<SideEffect> {
    let Some(request) = denied_request(&case.evidence, &case.selection) else { return Vec::new() };
    let tried = tried(case, &request, edited);
    let probes: Vec<Probe> = tried.iter().map(|one| one.probe.clone()).collect();
    let decided = |world: &Evidence| probe(&case.evidence, &case.selection, world, &probes);
    let good: Vec<Vec<Probed>> = good.iter().map(decided).collect();
    let pairs = decided(&case.evidence).into_iter().zip(decided(edited)).enumerate();
    let mut found: Vec<SideEffect> = Vec::new();
    for (one, (number, (before, now))) in tried.iter().zip(pairs) {
        let good: Vec<&Probed> = good.iter().filter_map(|decided| decided.get(number)).collect();
        if let Some(effect) = difference(one, &before, &good, &now) {
            found.push(effect);
        }
    }
    found
}

fn difference(tried: &Tried, before: &Probed, good: &[&Probed], now: &Probed) -> Option<SideEffect> {
    let says = tried.says.clone();
    let allows = |probed: &Probed| probed.verdict == Verdict::Determined(Decision::Allowed);
    let (some, all) = (good.iter().any(|one| allows(one)), good.iter().all(|one| allows(one)));
    if allows(now) {
        return (!some && !allows(before)).then_some(SideEffect::Opens(says));
    }
    if all && allows(before) {
        return Some(SideEffect::Closes(says));
    }
    if all {
        let is_wanted = matches!(tried.source, Source::Task | Source::Session);
        return is_wanted.then_some(SideEffect::Misses(says));
    }
    // Of a request that somebody thought of it matters too how many layers hold it back.
    if matches!(tried.source, Source::Policies | Source::Session) {
        return None;
    }
    let layers = good.iter().map(|one| weakened(one, now));
    let least = layers.reduce(|one, other| one.filter(|_| other.is_some())).flatten();
    let is_refused = matches!(now.verdict, Verdict::Determined(_));
    least.map(|layer| SideEffect::Weakens { says, layer, is_refused })
}

/// A layer that holds the request back in a good repair and does not in the one that was found.
fn weakened(good: &Probed, found: &Probed) -> Option<Layer> {
    let lets_through = |effect: LayerEffect, before: LayerEffect| match before {
        LayerEffect::ExplicitDeny => !effect.denies() && effect != LayerEffect::Unknown,
        LayerEffect::ImplicitDeny | LayerEffect::NoImpact | LayerEffect::Unknown => {
            effect == LayerEffect::Allow
        }
        LayerEffect::Allow => false,
    };
    // A layer that is gone holds nothing back: a permissions boundary that was taken away, say.
    let of = |probed: &Probed, key| probed.layers.get(key).copied().unwrap_or(LayerEffect::Allow);
    good.layers
        .iter()
        .find(|(key, before)| lets_through(of(found, key), **before))
        .map(|((layer, _), _)| *layer)
}
