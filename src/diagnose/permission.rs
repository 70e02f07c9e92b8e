//! Whether a principal may do something in general, apart from any event.

use std::collections::BTreeSet;

use super::gather;
use crate::evaluate::{Known, Layer, LayerEffect, explain};
use crate::evidence::{Evidence, Want};
use crate::request::{Action, Principal, Request, RequestContext, Resource};
use crate::trail::session::SessionIndex;

/// What the evidence says of a permission, for resources of the principal's own account that do not object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Whether the principal has it; `None` if the evidence does not tell.
    pub granted: Option<bool>,
    /// What would have to be known to tell.
    pub wants: BTreeSet<Want>,
}

/// Whether the principal's own policies, its permissions boundary and the SCPs let it do something to a resource, or to
/// any. What a session policy takes away again is not seen.
pub fn permission(
    evidence: &Evidence,
    principal: &Principal,
    action: &Action,
    resource: &Resource,
) -> Permission {
    let request = Request {
        principal: principal.clone(),
        action: action.clone(),
        resource: resource.clone(),
        context: RequestContext::open(),
    };
    if matches!(principal, Principal::Root { .. }) {
        return Permission { granted: Some(true), wants: BTreeSet::new() };
    }
    let mut gathered = gather::gather(evidence, &SessionIndex::new(&[]), None, request);
    // What else the policy of a resource gives is not the principal's own; a key has one that decides.
    if action.service() != "kms" {
        gathered.policies.resource = Known::Known(None);
    }
    let evaluation = explain(&gathered.request, &gathered.policies);
    let mut granted = Some(false);
    for layer in &evaluation.layers {
        match (layer.layer, layer.effect) {
            (Layer::Identity, LayerEffect::Allow) => granted = Some(true),
            (Layer::Identity | Layer::Boundary, LayerEffect::Unknown) => {
                return Permission { granted: None, wants: gathered.wants };
            }
            (Layer::Boundary | Layer::Scp, effect) if effect.denies() => {
                return Permission { granted: Some(false), wants: gathered.wants };
            }
            _ => {}
        }
    }
    Permission { granted, wants: gathered.wants }
}
