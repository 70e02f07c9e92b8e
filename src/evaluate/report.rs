//! From evaluated layers to the trace that people and reports read.

use super::authorize::{Layers, ignores_policies, permissionless_verdict};
use super::guardrails::Guardrail;
use super::policies::Said;
use super::relation::ResourceRole;
use super::s3::PublicAccess;
use super::trace::{LayerEffect, LayerTrace};
use super::truth::Truth;
use super::verdict::{Decision, Verdict};
use super::{Evaluation, Layer};
use crate::knowledge::permissionless::Permissionless;
use crate::request::Request;

/// The trace of a call that AWS does not authorize: what its policies say is shown as without effect.
pub(super) fn permissionless(layers: Layers<'_>, request: &Request, fact: &Permissionless) -> Evaluation {
    let verdict = permissionless_verdict(request, fact, &layers);
    let credentials_open = layers.credentials.is_unknown();
    let mut layers = trace(layers);
    let allowed = verdict == Verdict::Determined(Decision::Allowed);
    if allowed || ignores_policies(fact) {
        for layer in &mut layers {
            match layer.layer {
                Layer::VpcEndpoint if !allowed => in_doubt(layer, &verdict),
                Layer::Session if credentials_open => {}
                _ => without_effect(layer, request),
            }
        }
    }
    let page = fact.source.references().flatten().next().unwrap_or(fact.source.as_str());
    Evaluation { verdict, layers, permissionless: Some(page.to_owned()) }
}

fn without_effect(layer: &mut LayerTrace, request: &Request) {
    layer.note = (layer.effect == LayerEffect::ExplicitDeny)
        .then(|| format!("without effect: no permissions are required for {}", request.action));
    layer.effect = LayerEffect::NoImpact;
    layer.hinges.clear();
}

/// A layer that refuses, where it is not known whether it can.
fn in_doubt(layer: &mut LayerTrace, verdict: &Verdict) {
    if layer.effect != LayerEffect::Allow {
        layer.effect = LayerEffect::Unknown;
        layer.hinges = verdict.hinges().to_vec();
    }
}

/// The evaluation with its trace.
pub(super) fn evaluation(verdict: Verdict, layers: Layers<'_>) -> Evaluation {
    Evaluation { verdict, layers: trace(layers), permissionless: None }
}

fn trace(layers: Layers<'_>) -> Vec<LayerTrace> {
    let needs = Needs::of(&layers);
    let resource_layer = layers.relation.resource_layer();
    let never_across =
        layers.relation.works_across_accounts.is_false() && layers.relation.same_account.is_false();
    let kind = if layers.relation.about_key { "key" } else { "resource" };
    let mut out = Vec::new();
    guardrail(&mut out, layers.rcp);
    guardrail(&mut out, layers.scp);
    if let Some(said) = layers.vpc_endpoint {
        out.push(layer(Layer::VpcEndpoint, said, &Truth::True));
    }
    let mut resource = layer(resource_layer, layers.resource, &needs.resource);
    if never_across && resource.effect != LayerEffect::ExplicitDeny {
        resource.effect = LayerEffect::ImplicitDeny;
        resource.note = Some(format!("this operation cannot be used on a {kind} of another account"));
    }
    if layers.acl.is_some_and(|acl| acl.any().is_true()) {
        resource.note = Some("the access control list (ACL) grants it".to_owned());
    }
    out.push(resource);
    if let Some(granted) = layers.grants {
        let note = (!granted.applying.is_empty()).then(|| granted.applying.join(", "));
        let said = Said { allow: granted.naming, ..Said::nothing() };
        out.push(LayerTrace { note, ..layer(Layer::KmsGrant, said, &Truth::False) });
    }
    out.push(layer(Layer::Identity, layers.identity, &needs.identity));
    if let Some(said) = layers.boundary {
        out.push(layer(Layer::Boundary, said, &needs.limits));
    }
    if let Some(said) = layers.session {
        out.push(layer(Layer::Session, said, &needs.limits));
    }
    credentials(&mut out, layers.credentials);
    public_access(&mut out, &layers.public_access);
    if let Some(allows) = layers.ownership {
        fact(&mut out, Layer::S3Ownership, allows);
    }
    if let Some(allows) = layers.account_kind {
        fact(&mut out, Layer::AccountKind, allows);
    }
    out
}

/// Whether a layer that is silent refuses the request, or another path decides.
struct Needs {
    resource: Truth,
    identity: Truth,
    limits: Truth,
}

impl Needs {
    fn of(layers: &Layers<'_>) -> Self {
        let allow = layers.resource_allow();
        if layers.relation.resource == ResourceRole::Sole {
            return Self { resource: allow.any().negate(), identity: Truth::False, limits: Truth::False };
        }
        let by_resource = allow.direct.clone().or(allow.role.clone());
        let same = match layers.relation.resource {
            // The key or the role leaves the decision to the account: then its identities have to allow.
            ResourceRole::KmsKey | ResourceRole::RoleTrust => Self {
                resource: allow.any().negate(),
                identity: by_resource.negate(),
                limits: allow.direct.clone().negate(),
            },
            ResourceRole::BesideIdentity => {
                Self { resource: allow.any().negate(), identity: Truth::True, limits: Truth::True }
            }
            ResourceRole::Optional | ResourceRole::Sole => Self {
                resource: Truth::False,
                identity: by_resource.negate(),
                limits: allow.direct.clone().negate(),
            },
        };
        let across = Self { resource: allow.any().negate(), identity: Truth::True, limits: Truth::True };
        match &layers.relation.same_account {
            _ if layers.relation.retires_grant => same,
            Truth::True => same,
            Truth::False => across,
            unknown @ Truth::Unknown(_) => Self {
                resource: either(unknown, same.resource, across.resource),
                identity: either(unknown, same.identity, across.identity),
                limits: either(unknown, same.limits, across.limits),
            },
        }
    }
}

fn either(unknown: &Truth, same: Truth, across: Truth) -> Truth {
    if same == across { same } else { unknown.clone() }
}

fn guardrail(out: &mut Vec<LayerTrace>, guardrail: Guardrail<'_>) {
    if let Some(note) = guardrail.note {
        out.push(LayerTrace {
            layer: guardrail.layer,
            target: None,
            effect: LayerEffect::NoImpact,
            statements: Vec::new(),
            hinges: Vec::new(),
            note: Some(note),
        });
    }
    for level in guardrail.levels {
        let target = Some(level.target).filter(|target| !target.is_empty()).map(str::to_owned);
        // A guardrail that may not apply has not denied for sure.
        let said = Said { deny: guardrail.applies.clone().and(level.said.deny), ..level.said };
        out.push(LayerTrace { target, ..layer(guardrail.layer, said, &guardrail.applies) });
    }
}

/// The trace of a layer of policies; `needed` tells whether its silence refuses the request.
fn layer(layer: Layer, said: Said, needed: &Truth) -> LayerTrace {
    let allow = said.allow.any();
    let (effect, hinges) = match (&said.deny, &allow) {
        (Truth::True, _) => (LayerEffect::ExplicitDeny, Vec::new()),
        (unknown @ Truth::Unknown(_), _) => (LayerEffect::Unknown, unknown.hinges().to_vec()),
        (Truth::False, Truth::True) => (LayerEffect::Allow, Vec::new()),
        (Truth::False, unknown @ Truth::Unknown(_)) => (LayerEffect::Unknown, unknown.hinges().to_vec()),
        (Truth::False, Truth::False) => match needed {
            Truth::True => (LayerEffect::ImplicitDeny, Vec::new()),
            Truth::False => (LayerEffect::NoImpact, Vec::new()),
            unknown @ Truth::Unknown(_) => (LayerEffect::Unknown, unknown.hinges().to_vec()),
        },
    };
    LayerTrace { layer, target: None, effect, statements: said.statements, hinges, note: None }
}

/// The trace of a check that is not a policy. One that passes is not worth a line.
fn fact(out: &mut Vec<LayerTrace>, layer: Layer, passes: Truth) {
    let (effect, hinges) = match passes {
        Truth::True => return,
        Truth::False => (LayerEffect::ImplicitDeny, Vec::new()),
        unknown @ Truth::Unknown(_) => (LayerEffect::Unknown, unknown.into_hinges()),
    };
    out.push(LayerTrace { layer, target: None, effect, statements: Vec::new(), hinges, note: None });
}

/// The setting of S3 Block Public Access that refuses, if that is sure.
fn public_access(out: &mut Vec<LayerTrace>, public_access: &PublicAccess) {
    let before = out.len();
    fact(out, Layer::S3BlockPublicAccess, public_access.refused().negate());
    for layer in out.iter_mut().skip(before) {
        layer.note = public_access.reason().map(str::to_owned);
    }
}

/// Temporary credentials that cannot call an operation at all: reported with the session, whose kind forbids it.
fn credentials(out: &mut Vec<LayerTrace>, can_call: Truth) {
    let before = out.len();
    fact(out, Layer::Session, can_call);
    for layer in out.iter_mut().skip(before) {
        layer.note = Some("temporary credentials of this kind cannot call this operation".to_owned());
    }
}
