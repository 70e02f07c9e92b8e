//! AWS's authorization details beside a diagnosis. They are testimony: they are compared and shown, they name the
//! policy where nothing else does, and they never are the verdict.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>

use jiff::{SignedDuration, Timestamp};

use super::codes::FindingCode;
use super::finding::Finding;
use super::{CallRef, Diagnosis, Standing, graph};
use crate::evaluate::{Decision, Layer};
use crate::trail::authorization_details::{
    AuthorizationCheck, AuthorizationDetails, AuthorizationEffect, AuthorizationEvaluation,
    AuthorizationPolicy,
};
use crate::trail::message::PolicyType;

/// What AWS's Access Troubleshooter says about a denial, and how that goes with the diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationTestimony {
    /// What AWS says.
    pub details: AuthorizationDetails,
    /// How it goes with the verdict.
    pub agreement: Agreement,
}

/// How AWS's details go with a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// Nothing in them speaks against it.
    Agrees,
    /// They say something else, in these respects.
    Contradicts(Vec<String>),
    /// There is no verdict to compare with.
    NotCompared,
}

impl Agreement {
    /// The word in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Contradicts(_) => "contradicts",
            Self::NotCompared => "not-compared",
        }
    }
}

/// The clocks of CloudTrail and of the authorization differ by less.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Puts the details beside the diagnoses of the request that they are about. The result is how many these are; the
/// details do not name their request, so it is known by its caller, its action, its resource and its time.
pub fn with_authorization_details(diagnoses: &mut [Diagnosis], details: &AuthorizationDetails) -> usize {
    let concerned = diagnoses.iter_mut().filter(|diagnosis| is_about(details, diagnosis));
    concerned.map(|diagnosis| put_beside(diagnosis, details)).count()
}

fn put_beside(diagnosis: &mut Diagnosis, details: &AuthorizationDetails) {
    let contradictions = contradictions(diagnosis, details);
    let agreement = match (diagnosis.decision, contradictions.is_empty()) {
        (_, false) => Agreement::Contradicts(contradictions),
        (None, true) => Agreement::NotCompared,
        (Some(_), true) => Agreement::Agrees,
    };
    if diagnosis.decision.is_none()
        && let Some(finding) = evaluation_of(&diagnosis.denied, details).and_then(named)
    {
        lead(&mut diagnosis.findings, finding);
        diagnosis.graph = graph::causal_graph(diagnosis);
    }
    diagnosis.authorization = Some(AuthorizationTestimony { details: details.clone(), agreement });
}

/// Puts a finding first, in the place of one that says less of the same.
fn lead(findings: &mut Vec<Finding>, finding: Finding) {
    match findings.first_mut() {
        Some(first) if first.code == finding.code && first.statement.is_none() => *first = finding,
        Some(first) if first.policy == finding.policy && first.statement == finding.statement => {}
        _ => findings.insert(0, finding),
    }
}

fn is_about(details: &AuthorizationDetails, diagnosis: &Diagnosis) -> bool {
    let calls = [&diagnosis.denied, &diagnosis.surface];
    details.is_by(&diagnosis.principal)
        && calls.into_iter().any(|call| evaluation_of(call, details).is_some())
        && is_in_time(details, diagnosis)
}

fn is_in_time(details: &AuthorizationDetails, diagnosis: &Diagnosis) -> bool {
    let time: Option<Timestamp> = details.time().and_then(|time| time.parse().ok());
    let (Some(time), Some(first)) = (time, diagnosis.occurrences.first) else { return true };
    let last = diagnosis.occurrences.last.unwrap_or(first);
    time.duration_since(first) >= -TOLERANCE && time.duration_since(last) <= TOLERANCE
}

/// The evaluation of a call.
fn evaluation_of<'d>(
    call: &CallRef,
    details: &'d AuthorizationDetails,
) -> Option<&'d AuthorizationEvaluation> {
    details.evaluation_of(&call.action, call.resource.as_deref())
}

/// In which respects AWS says something else than the verdict.
fn contradictions(diagnosis: &Diagnosis, details: &AuthorizationDetails) -> Vec<String> {
    let Some(decision) = diagnosis.decision else { return Vec::new() };
    let others = details.refused().join(", ");
    let Some(evaluation) = evaluation_of(&diagnosis.denied, details) else {
        return if others.is_empty() {
            Vec::new()
        } else {
            vec![format!(
                "AWS says that {others} was refused, and does not speak of {}",
                diagnosis.denied.action
            )]
        };
    };
    let mut found = Vec::new();
    match (evaluation.effect, decision) {
        (Some(AuthorizationEffect::Allow), Decision::Allowed) | (None, _) => {}
        (Some(AuthorizationEffect::Allow), _) => {
            let instead =
                if others.is_empty() { String::new() } else { format!(", and that {others} was refused") };
            found.push(format!("AWS says that {} was allowed{instead}", evaluation.action));
        }
        (Some(AuthorizationEffect::ExplicitDeny), Decision::ExplicitDeny)
        | (Some(AuthorizationEffect::ImplicitDeny | AuthorizationEffect::NoImpact), Decision::ImplicitDeny) =>
            {}
        (Some(effect), decision) => {
            found.push(format!("AWS says {}, the evaluation here says {}", effect.name(), decision.name()));
        }
    }
    // A setting that is no policy is none of AWS's checks.
    if diagnosis.standing != Standing::NotAPolicy {
        for check in evaluation.checks.iter().flatten() {
            found.extend(layer_contradiction(diagnosis, check, evaluation));
        }
        found.extend(policy_contradiction(diagnosis, evaluation));
    }
    found.sort();
    found.dedup();
    found
}

/// The layers that AWS has one check for.
fn policy_type(layer: Layer) -> Option<PolicyType> {
    Some(match layer {
        Layer::Rcp => PolicyType::Rcp,
        Layer::Scp => PolicyType::Scp,
        Layer::VpcEndpoint => PolicyType::VpcEndpoint,
        Layer::Resource | Layer::RoleTrust | Layer::KmsGrant => PolicyType::Resource,
        Layer::Identity => PolicyType::Identity,
        Layer::Boundary => PolicyType::Boundary,
        Layer::Session => PolicyType::Session,
        Layer::S3BlockPublicAccess | Layer::S3Ownership | Layer::AccountKind => return None,
    })
}

fn layer(kind: PolicyType) -> Layer {
    match kind {
        PolicyType::Rcp => Layer::Rcp,
        PolicyType::Scp => Layer::Scp,
        PolicyType::VpcEndpoint => Layer::VpcEndpoint,
        PolicyType::Resource => Layer::Resource,
        PolicyType::Identity => Layer::Identity,
        PolicyType::Boundary => Layer::Boundary,
        PolicyType::Session => Layer::Session,
        PolicyType::RoleTrust => Layer::RoleTrust,
    }
}

fn layer_contradiction(
    diagnosis: &Diagnosis,
    check: &AuthorizationCheck,
    evaluation: &AuthorizationEvaluation,
) -> Option<String> {
    let (kind, effect) = (check.policy_type()?, check.effect?);
    let here = diagnosis.denied_by.iter().any(|layer| policy_type(*layer) == Some(kind));
    // SCPs and RCPs have a check for every level.
    let mut of_kind = evaluation.checks.iter().flatten().filter(|other| other.policy_type() == Some(kind));
    let there = of_kind.any(AuthorizationCheck::denies);
    let title = layer(kind).title();
    match (here, there) {
        (false, true) if check.denies() => {
            let by = listed(check);
            Some(format!("AWS says that a {title} refuses it{by}; the evaluation here found none that does"))
        }
        (true, false) => {
            Some(format!("the evaluation here says that a {title} refuses it; AWS says {}", effect.name()))
        }
        _ => None,
    }
}

/// AWS and the evaluation agree on the kind of policy, and name different ones.
fn policy_contradiction(diagnosis: &Diagnosis, evaluation: &AuthorizationEvaluation) -> Option<String> {
    let first = diagnosis.findings.first()?;
    let (ours, kind) = (first.policy.as_deref()?, policy_type(first.layer?)?);
    if first.code != FindingCode::explicit_deny(first.layer?) {
        return None;
    }
    let checks = evaluation.checks.iter().flatten().filter(|check| check.policy_type() == Some(kind));
    let named: Vec<&AuthorizationPolicy> = checks.flat_map(AuthorizationCheck::denying).collect();
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    // An inline policy is named by an id that says nothing.
    if named.is_empty() || named.iter().any(|policy| policy.inline || last(&policy.uri) == last(ours)) {
        return None;
    }
    let named: Vec<String> = named.into_iter().map(ToString::to_string).collect();
    Some(format!("AWS says that {} denies it, the evaluation here says {ours}", named.join(", ")))
}

fn listed(check: &AuthorizationCheck) -> String {
    let named: Vec<String> = check.denying().map(ToString::to_string).collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

/// What AWS names, as a finding: in AWS's words, and said to be that.
fn named(evaluation: &AuthorizationEvaluation) -> Option<Finding> {
    let effect = evaluation.effect.filter(|effect| effect.denies())?;
    let mut checks = evaluation.checks.iter().flatten();
    let deciding = checks.find(|check| check.effect == Some(effect));
    let kind = deciding.and_then(AuthorizationCheck::policy_type);
    let matched = deciding.map_or(&evaluation.matched, |check| &check.matched);
    let denies = |policy: &&AuthorizationPolicy| policy.statements.iter().any(|(_, effect)| effect == "DENY");
    let policy = matched.iter().find(denies).filter(|_| effect == AuthorizationEffect::ExplicitDeny);
    let kind = kind.or_else(|| kind_of(policy?.policy_type.as_deref()?))?;
    let layer = layer(kind);
    let mut finding = match policy {
        Some(policy) => {
            let statement = policy.statements.iter().find(|(_, effect)| effect == "DENY");
            let sid = statement.map(|(sid, _)| sid.clone()).filter(|sid| !sid.is_empty());
            let part =
                sid.as_ref().map_or_else(|| "a statement".to_owned(), |sid| format!("statement {sid}"));
            let text = format!("AWS's authorization details say: {part} of {policy} denies it");
            let mut finding = Finding::plain(FindingCode::explicit_deny(layer), Some(layer), text);
            finding.policy = Some(policy.to_string());
            finding.statement = sid;
            finding
        }
        None if effect == AuthorizationEffect::ExplicitDeny => {
            let text = format!("AWS's authorization details say: an explicit deny, {}", layer.title());
            Finding::plain(FindingCode::explicit_deny(layer), Some(layer), text)
        }
        None => {
            let text = format!("AWS's authorization details say: no {} allows it", layer.title());
            Finding::plain(FindingCode::no_allow(layer), Some(layer), text)
        }
    };
    finding.target = deciding.and_then(|check| check.target.clone());
    finding.text.push_str("; the evidence does not show it");
    Some(finding)
}

fn kind_of(policy_type: &str) -> Option<PolicyType> {
    Some(match policy_type {
        "IDENTITY_BASED_POLICY" => PolicyType::Identity,
        "RESOURCE_BASED_POLICY" => PolicyType::Resource,
        "PERMISSIONS_BOUNDARY" => PolicyType::Boundary,
        "SESSION_POLICY" => PolicyType::Session,
        "SERVICE_CONTROL_POLICY" => PolicyType::Scp,
        "RESOURCE_CONTROL_POLICY" => PolicyType::Rcp,
        "VPC_ENDPOINT_POLICY" => PolicyType::VpcEndpoint,
        _ => return None,
    })
}
