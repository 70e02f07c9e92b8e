//! Requests that nobody made: the denied one with parts of it replaced. They tell what else an edit opens or closes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::incident::{Incident, incidents};
use super::super::replay::without_events;
use super::super::{Context, Examined, Selection, by_key, doubt};
use crate::evaluate::{Known, Layer, LayerEffect, NamedPolicy, Verdict};
use crate::evidence::Evidence;
use crate::request::{Action, ContextValue, Principal, Provenance, Request, Resource, Values};
use crate::trail::session::SessionIndex;

/// The denied request with parts of it replaced; what is `None` stays as it was.
#[derive(Debug, Clone, Default)]
pub struct Probe {
    /// Who calls.
    pub principal: Option<Principal>,
    /// What is called.
    pub action: Option<Action>,
    /// On what.
    pub resource: Option<String>,
    /// Condition keys with other values; without values the request does not carry the key.
    pub context: Vec<(String, Vec<String>)>,
}

/// What became of a probe.
#[derive(Debug, Clone)]
pub struct Probed {
    /// The verdict.
    pub verdict: Verdict,
    /// What every layer contributed, levels of SCPs and RCPs by what they are attached to.
    pub layers: BTreeMap<(Layer, Option<String>), LayerEffect>,
}

/// The policies that were looked at for a request: by layer, their names and texts, without regard to white space.
pub type Consulted = BTreeMap<Layer, BTreeSet<(String, String)>>;

/// The request that was denied, as the events show it.
pub fn denied_request(evidence: &Evidence, selection: &Selection) -> Option<Request> {
    with_denial(evidence, selection, |_, _, request| request.clone())
}

/// Decides probes of the denied request in a copy of the evidence that may be edited.
pub fn probe(evidence: &Evidence, selection: &Selection, world: &Evidence, probes: &[Probe]) -> Vec<Probed> {
    let decided = with_denial(evidence, selection, |context, incident, request| {
        probes.iter().map(|probe| probed(context, incident, varied(request, probe), world)).collect()
    });
    decided.unwrap_or_default()
}

/// The policies that count for the denied request in a copy of the evidence that may be edited.
pub fn consulted(evidence: &Evidence, selection: &Selection, world: &Evidence) -> Consulted {
    let found = with_denial(evidence, selection, |context, incident, request| {
        consulted_in(&context.examine_request(incident, request.clone(), world))
    });
    found.unwrap_or_default()
}

/// The first denial that is selected, with the request that was denied in it.
pub(super) fn with_denial<T>(
    evidence: &Evidence,
    selection: &Selection,
    look: impl FnOnce(&Context<'_>, &Incident<'_>, &Request) -> T,
) -> Option<T> {
    let sessions = SessionIndex::new(&evidence.events);
    let context = Context { evidence, sessions: &sessions, changes: &[], by_key: by_key(evidence) };
    let wanted = |incident: &Incident<'_>| {
        selection.event_ids.is_empty()
            || incident.event_ids().iter().any(|id| selection.event_ids.contains(id))
    };
    let incident = incidents(evidence, selection).into_iter().find(wanted)?;
    let examined = doubt::pick(&context, &incident, &without_events(evidence))?;
    let request = &incident.attempt(&examined)?.request;
    Some(look(&context, &incident, request))
}

fn probed(context: &Context<'_>, incident: &Incident<'_>, request: Request, world: &Evidence) -> Probed {
    let is_caller = incident.attempts.iter().any(|attempt| attempt.request.principal == request.principal);
    let evaluation = if is_caller {
        context.examine_request(incident, request, world).evaluation
    } else {
        // The event tells of its own caller's session and network, of nobody else's.
        let gathered = super::super::gather::gather(world, context.sessions, None, request);
        crate::evaluate::explain(&gathered.request, &gathered.policies)
    };
    let layers = evaluation.layers.iter().map(|layer| ((layer.layer, layer.target.clone()), layer.effect));
    Probed { layers: layers.collect(), verdict: evaluation.verdict }
}

/// The request with the parts of the probe in it. What followed from a part that was replaced is forgotten.
fn varied(request: &Request, probe: &Probe) -> Request {
    let mut varied = request.clone();
    if let Some(principal) = &probe.principal {
        varied.principal = principal.clone();
        varied.context.forget(is_about_principal);
    }
    if let Some(action) = &probe.action {
        varied.action = action.clone();
    }
    if let Some(resource) = &probe.resource {
        varied.resource = Resource::new(resource, None);
        varied.context.forget(|key| key.starts_with("aws:resource"));
    }
    for (key, values) in &probe.context {
        let value = match values.as_slice() {
            [] => ContextValue::Absent,
            [one] => ContextValue::Known(Values::One(one.clone())),
            many => ContextValue::Known(Values::Many(many.to_vec())),
        };
        varied.context.set(key, value, Provenance::Given);
    }
    varied
}

fn is_about_principal(key: &str) -> bool {
    const KEYS: &[&str] = &["aws:userid", "aws:username", "aws:sourceidentity", "kms:calleraccount"];
    key.starts_with("aws:principal") || key.starts_with("aws:multifactorauth") || KEYS.contains(&key)
}

fn consulted_in(examined: &Examined) -> Consulted {
    let policies = &examined.policies;
    let is_trust = examined.evaluation.layers.iter().any(|layer| layer.layer == Layer::RoleTrust);
    let mut found = Consulted::new();
    let mut add = |layer: Layer, list: &[NamedPolicy]| {
        let texts = list.iter().map(|policy| (policy.name.clone(), policy.document.without_space()));
        found.entry(layer).or_default().extend(texts);
    };
    for (layer, list) in [(Layer::Identity, &policies.identity), (Layer::Session, &policies.session)] {
        if let Known::Known(list) = list {
            add(layer, list);
        }
    }
    let resource = if is_trust { Layer::RoleTrust } else { Layer::Resource };
    let single = [
        (Layer::Boundary, &policies.boundary),
        (resource, &policies.resource),
        (Layer::VpcEndpoint, &policies.vpc_endpoint),
    ];
    for (layer, policy) in single {
        if let Known::Known(Some(policy)) = policy {
            add(layer, std::slice::from_ref(policy));
        }
    }
    for (layer, levels) in [(Layer::Scp, &policies.scps), (Layer::Rcp, &policies.rcps)] {
        let Known::Known(Some(levels)) = levels else { continue };
        for level in levels {
            if let Known::Known(list) = &level.policies {
                add(layer, list);
            }
        }
    }
    found
}
