//! SCPs and RCPs: every level must allow, one Deny at any level denies.
//!
//! Sources: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>,
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>

use super::policies::{Said, evaluate_known};
use super::statement::{Grammar, Subject};
use super::truth::{Hinge, Truth};
use super::{Known, Layer, Level, PolicySet};
use crate::ids::AccountId;
use crate::knowledge::rcp_services::supports_rcp;
use crate::request::{Principal, Request};

/// One level, evaluated.
pub(super) struct LevelSaid<'a> {
    pub target: &'a str,
    pub said: Said,
}

/// All levels of a guardrail.
pub(super) struct Guardrail<'a> {
    pub layer: Layer,
    pub levels: Vec<LevelSaid<'a>>,
    /// Whether the guardrail applies to the request at all.
    pub applies: Truth,
    /// Why it does not apply, where that is worth saying.
    pub note: Option<String>,
}

impl Guardrail<'_> {
    /// Every level allows.
    pub(super) fn allow(&self) -> Truth {
        let all = self.levels.iter().map(|level| level.said.allow.any()).fold(Truth::True, Truth::and);
        self.applies.clone().negate().or(all)
    }

    /// Some level denies.
    pub(super) fn deny(&self) -> Truth {
        let any = Truth::any(self.levels.iter().map(|level| &level.said.deny));
        self.applies.clone().and(any)
    }

    fn absent(layer: Layer, note: Option<String>) -> Self {
        Self { layer, levels: Vec::new(), applies: Truth::False, note }
    }
}

fn levels<'a, const FULL: bool>(
    layer: Layer,
    levels: &'a Known<Option<Vec<Level>>>,
    grammar: Grammar,
    subject: Subject<'_>,
) -> Vec<LevelSaid<'a>> {
    match levels {
        Known::Known(None) => Vec::new(),
        Known::Known(Some(levels)) => levels
            .iter()
            .map(|level| LevelSaid {
                target: &level.target,
                said: evaluate_known::<FULL>(layer, &level.policies, grammar, subject),
            })
            .collect(),
        Known::Unknown(why) => vec![LevelSaid { target: "", said: Said::unknown(layer, why) }],
    }
}

/// SCPs restrict the principals of member accounts, wherever the resource is.
pub(super) fn scps<'a, const FULL: bool>(policies: &'a PolicySet, subject: Subject<'_>) -> Guardrail<'a> {
    let layer = Layer::Scp;
    let principal = &subject.request.principal;
    if matches!(policies.scps, Known::Known(None)) {
        return Guardrail::absent(layer, None);
    }
    let applies = match principal {
        // "SCPs affect only … users and roles that are managed by accounts that are part of the organization."
        Principal::Service { .. } | Principal::Anonymous | Principal::Federated { .. } => Truth::False,
        _ if principal.is_origin_access_identity() => Truth::False,
        _ if is_management(policies, principal.account()) => Truth::False,
        _ => service_linked(principal).negate(),
    };
    if applies.is_false() {
        return Guardrail::absent(
            layer,
            Some("service control policies do not apply to this principal".to_owned()),
        );
    }
    let grammar = Grammar::WithoutPrincipal;
    Guardrail { layer, levels: levels::<FULL>(layer, &policies.scps, grammar, subject), applies, note: None }
}

/// RCPs restrict the resources of member accounts, whoever calls.
pub(super) fn rcps<'a, const FULL: bool>(policies: &'a PolicySet, subject: Subject<'_>) -> Guardrail<'a> {
    let layer = Layer::Rcp;
    if matches!(policies.rcps, Known::Known(None)) {
        return Guardrail::absent(layer, None);
    }
    let request = subject.request;
    if let Some(note) = rcp_exemption(policies, request) {
        return Guardrail::absent(layer, Some(note));
    }
    let applies = service_linked(&request.principal).negate().and(owner_is_member(policies, request));
    if applies.is_false() {
        let note = "resource control policies do not restrict service-linked roles";
        return Guardrail::absent(layer, Some(note.to_owned()));
    }
    let grammar = Grammar::Rcp;
    Guardrail { layer, levels: levels::<FULL>(layer, &policies.rcps, grammar, subject), applies, note: None }
}

/// Whether the owner is another account than the management account, whose resources no RCP restricts.
fn owner_is_member(policies: &PolicySet, request: &Request) -> Truth {
    let management = policies.organization.known().and_then(|organization| organization.management_account);
    match (management, owner(request)) {
        (Some(_), None) => Truth::unknown(Hinge::Fact(format!("which account owns {}", request.resource))),
        _ => Truth::True,
    }
}

fn rcp_exemption(policies: &PolicySet, request: &Request) -> Option<String> {
    let owner = owner(request);
    let assumed_service_linked_role = request.action.service() == "sts"
        && request.resource.arn().is_some_and(|arn| arn.resource().starts_with("role/aws-service-role/"));
    let reason = if !supports_rcp(request.action.service()) {
        format!("resource control policies do not support {}", request.action.service())
    } else if is_management(policies, owner) {
        "resource control policies do not apply to resources of the management account".to_owned()
    } else if request.action.is("kms:RetireGrant") {
        "resource control policies do not restrict kms:RetireGrant".to_owned()
    } else if policies.aws_managed_key {
        "resource control policies do not apply to AWS managed keys".to_owned()
    } else if assumed_service_linked_role {
        "resource control policies do not restrict the assumption of service-linked roles".to_owned()
    } else {
        return None;
    };
    Some(reason)
}

fn is_management(policies: &PolicySet, account: Option<AccountId>) -> bool {
    match &policies.organization {
        Known::Known(organization) => account.is_some() && organization.management_account == account,
        Known::Unknown(_) => false,
    }
}

fn service_linked(principal: &Principal) -> Truth {
    match principal {
        Principal::Role(session) => session.is_service_linked().map_or_else(
            || {
                Truth::unknown(Hinge::Fact(format!(
                    "whether {} is a service-linked role",
                    session.role_name()
                )))
            },
            Truth::from,
        ),
        Principal::SomeoneIn { unique_id, .. }
            if !unique_id.as_deref().is_some_and(|id| id.starts_with("AIDA")) =>
        {
            Truth::unknown(Hinge::Fact("whether the caller is a service-linked role".to_owned()))
        }
        _ => Truth::False,
    }
}

/// The account whose RCPs apply: the resource's, or the caller's where the action has no resource.
fn owner(request: &Request) -> Option<AccountId> {
    if request.resource.is_none() { request.principal.account() } else { request.resource.owner() }
}
