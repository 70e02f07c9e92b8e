//! Requests around the denied one: what a repair opens beyond the task, and what it closes.

use std::collections::BTreeMap;

use super::case::Case;
use super::lesson::ProbeText;
use crate::diagnose::{Probe, Probed, denied_request, probe};
use crate::evaluate::{Decision, Layer, LayerEffect, Verdict};
use crate::evidence::Evidence;
use crate::request::{Action, Principal, Request};

/// So many other principals are tried.
const MAX_PRINCIPALS: usize = 20;

/// Something that a repair does beside the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideEffect {
    /// A request is allowed that the task does not need.
    Opens(String),
    /// A request is still refused, but by one layer less.
    Weakens(String, Layer),
    /// A request is refused that was allowed.
    Closes(String),
}

/// What the edited evidence does beside the task, measured against a good repair.
pub(super) fn side_effects(case: &Case, measure: &Evidence, edited: &Evidence) -> Vec<SideEffect> {
    let Some(request) = denied_request(&case.evidence, &case.selection) else { return Vec::new() };
    let mut probes: Vec<(String, Probe)> = case.lesson.probes.iter().filter_map(told).collect();
    probes.extend(around(&request, &case.evidence));
    let (says, probes): (Vec<String>, Vec<Probe>) = probes.into_iter().unzip();
    let decided = |world| probe(&case.evidence, &case.selection, world, &probes);
    let pairs = decided(measure).into_iter().zip(decided(edited));
    says.into_iter().zip(pairs).filter_map(|(says, (good, found))| difference(says, &good, &found)).collect()
}

fn difference(says: String, good: &Probed, found: &Probed) -> Option<SideEffect> {
    let allows = |probed: &Probed| probed.verdict == Verdict::Determined(Decision::Allowed);
    match (allows(good), allows(found)) {
        (false, true) => Some(SideEffect::Opens(says)),
        (true, false) => Some(SideEffect::Closes(says)),
        (true, true) => None,
        (false, false) => weakened(good, found).map(|layer| SideEffect::Weakens(says, layer)),
    }
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

/// A probe of the lesson; `None` if it names something that is none.
fn told(text: &ProbeText) -> Option<(String, Probe)> {
    let principal = text.principal.as_deref().map(|text| Principal::parse(text, None)).transpose().ok()?;
    let action = text.action.as_deref().map(Action::parse).transpose().ok()?;
    let context: BTreeMap<_, _> = text.context.clone();
    let probe =
        Probe { principal, action, resource: text.resource.clone(), context: context.into_iter().collect() };
    Some((text.says.clone(), probe))
}

/// What every repair could open by a star too many: other actions, other resources, other callers.
fn around(request: &Request, evidence: &Evidence) -> Vec<(String, Probe)> {
    let mut probes = Vec::new();
    let service = request.action.service();
    if let Ok(action) = Action::parse(&format!("{service}:AnotherAction")) {
        let probe = Probe { action: Some(action), ..Probe::default() };
        probes.push((format!("every other action of {service}"), probe));
    }
    if let Some(arn) = request.resource.arn() {
        let sibling = format!("{arn}-another");
        let probe = Probe { resource: Some(sibling.clone()), ..Probe::default() };
        probes.push((format!("{} on other resources, such as {sibling}", request.action), probe));
    }
    for principal in others(request, evidence) {
        let says = format!("{} by {principal}", request.action);
        probes.push((says, Probe { principal: Some(principal), ..Probe::default() }));
    }
    let anybody = Probe { principal: Some(Principal::Anonymous), ..Probe::default() };
    probes.push((format!("{} by anybody, without signing in", request.action), anybody));
    probes
}

/// The other users and roles of the evidence.
fn others(request: &Request, evidence: &Evidence) -> Vec<Principal> {
    let iam = evidence.accounts.values().filter_map(|account| account.iam.as_ref());
    let arns = iam.flat_map(|iam| {
        let users = iam.users.values().map(|user| &user.arn);
        users.chain(iam.roles.values().map(|role| &role.arn))
    });
    let own = request.principal.principal_arn();
    let others = arns.filter(|arn| own.is_none_or(|own| own.resource() != arn.resource()));
    others.filter_map(|arn| Principal::parse(arn.as_str(), Some(arn)).ok()).take(MAX_PRINCIPALS).collect()
}
