//! What an evaluation found, in a form that a person can act on.

use std::sync::Arc;

use super::codes::FindingCode;
use super::incident::Incident;
use super::testimony::Testimony;
use super::{Examined, Standing, account_kind, grant, standing, suspect};
use crate::evaluate::{
    Compared, Decision, ElementTrace, Got, Known, Layer, LayerEffect, LayerTrace, NamedPolicy, ObjectOwner,
    PolicySet, StatementTrace, Verdict,
};
use crate::evidence::Evidence;
use crate::knowledge::managed_policies::{SpecialPolicy, special};
use crate::policy::{Effect, Element, PolicyDocument, Span};
use crate::request::{KeyState, Principal};

/// One thing that was found. The first finding of a diagnosis decided.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The stable code.
    pub code: FindingCode,
    /// The layer, if the finding is about one.
    pub layer: Option<Layer>,
    /// The root, organizational unit or account of an SCP or RCP level.
    pub target: Option<String>,
    /// The policy, by ARN or a name that a person can find.
    pub policy: Option<String>,
    /// The statement's `Sid` or number.
    pub statement: Option<String>,
    /// The element that decided.
    pub element: Option<Element>,
    /// The operator of a condition.
    pub operator: Option<String>,
    /// The condition key.
    pub key: Option<String>,
    /// The policy's side of the comparison.
    pub wanted: Vec<String>,
    /// The request's side.
    pub got: Option<Got>,
    /// The finding as a sentence.
    pub text: String,
    /// The deciding statement with the deciding element.
    pub excerpt: Option<Excerpt>,
}

/// A statement in the text of its policy, and the part of it that decided.
#[derive(Debug, Clone)]
pub struct Excerpt {
    /// The policy's name.
    pub policy: String,
    /// The policy.
    pub document: Arc<PolicyDocument>,
    /// The statement.
    pub statement: Span,
    /// The deciding part.
    pub element: Span,
    /// What to write beside it.
    pub label: String,
}

impl Finding {
    /// A finding that is about no statement.
    pub(super) fn plain(code: FindingCode, layer: Option<Layer>, text: String) -> Self {
        Self {
            code,
            layer,
            target: None,
            policy: None,
            statement: None,
            element: None,
            operator: None,
            key: None,
            wanted: Vec::new(),
            got: None,
            text,
            excerpt: None,
        }
    }
}

/// The findings of an incident, the deciding one first.
pub(super) fn findings(
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    standing: Standing,
    testimony: Option<&Testimony>,
    world: &Evidence,
) -> Vec<Finding> {
    if standing == Standing::NotAPolicy
        && let Some(finding) = account_kind::not_a_policy(incident, examined)
    {
        return vec![finding];
    }
    let key_state = examined.and_then(|examined| standing::unusable_key(examined, world));
    if let Some(state) = key_state.filter(|_| standing == Standing::NotAPolicy) {
        let text = format!("not a policy: the KMS key is {state}, and every policy allows its use");
        return vec![Finding::plain(FindingCode::KmsKeyState, None, text)];
    }
    let mut findings = examined.map(evaluated).unwrap_or_default();
    // Explicit denies decide before anything that is merely missing.
    findings.sort_by_key(|finding| !is_explicit(finding.code));
    // What AWS says and these policies do not show goes first: the policies may have been different.
    let said = testimony.and_then(|testimony| said(testimony, examined));
    if let Some(said) = said
        .filter(|said| standing == Standing::Reported && !findings.is_empty() && !is_among(said, &findings))
    {
        findings.insert(0, said);
    }
    if findings.is_empty() {
        findings.push(without_evaluation(incident, examined, standing, testimony));
    }
    findings.extend(examined.and_then(delegation));
    findings
}

/// What AWS's message says, with the statement that it can only mean.
fn said(testimony: &Testimony, examined: Option<&Examined>) -> Option<Finding> {
    let finding = testimony.finding()?;
    Some(match examined {
        Some(examined) => suspect::name_statement(finding, testimony, examined),
        None => finding,
    })
}

fn is_among(said: &Finding, findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.code == said.code)
}

/// Whether the caller's identity-based policies are all known and none of them can allow the request.
pub(super) fn identity_is_silent(examined: &Examined) -> bool {
    let layer = examined.evaluation.layers.iter().find(|layer| layer.layer == Layer::Identity);
    let has_policies = matches!(
        examined.request.principal,
        Principal::User { .. } | Principal::Role(_) | Principal::FederatedUser { .. }
    );
    let all_read = examined
        .policies
        .identity
        .known()
        .is_some_and(|policies| policies.iter().all(|policy| !policy.document.unreadable));
    has_policies
        && all_read
        && layer.is_some_and(|layer| {
            layer
                .statements
                .iter()
                .all(|statement| statement.effect == Some(Effect::Deny) || statement.applies.is_false())
        })
}

/// Whether what decided is that the caller's own policies do not allow the request.
pub(super) fn is_missing_permission(findings: &[Finding]) -> bool {
    findings.first().is_some_and(|finding| finding.code == FindingCode::IdentityNoAllow)
}

fn is_explicit(code: FindingCode) -> bool {
    code.as_str().ends_with("explicit-deny")
}

fn evaluated(examined: &Examined) -> Vec<Finding> {
    let silent = |layer: &LayerTrace| {
        layer.layer == Layer::Identity && layer.effect == LayerEffect::Unknown && identity_is_silent(examined)
    };
    let allowed = examined.evaluation.verdict == Verdict::Determined(Decision::Allowed);
    let layers = examined.evaluation.layers.iter();
    layers
        .filter(|layer| layer.effect.denies() || (silent(layer) && !allowed))
        .flat_map(|layer| of_layer(layer, examined))
        .collect()
}

fn of_layer(layer: &LayerTrace, examined: &Examined) -> Vec<Finding> {
    if layer.effect == LayerEffect::ExplicitDeny {
        return layer
            .applying(Effect::Deny)
            .map(|statement| explicit_deny(layer, statement, examined))
            .collect();
    }
    if layer.layer == Layer::AccountKind {
        return vec![account_kind::finding(examined)];
    }
    vec![no_allow(layer, examined)]
}

/// The element that a person should look at first in a statement that applies: a condition, else the narrowest of
/// resource, action and principal that is not simply `*`.
fn decisive(statement: &StatementTrace) -> Option<&ElementTrace> {
    let is_star = |element: &ElementTrace| match &element.compared {
        Compared::Patterns { wanted, .. } => wanted.iter().any(|pattern| pattern == "*"),
        Compared::Condition { .. } => false,
    };
    let condition = statement.elements.iter().find(|element| element.element == Element::Condition);
    let negated = |element: &&ElementTrace| {
        matches!(element.element, Element::NotAction | Element::NotResource | Element::NotPrincipal)
    };
    condition
        .or_else(|| statement.elements.iter().find(negated))
        .or_else(|| {
            statement.elements.iter().find(|element| element.element == Element::Action && !is_star(element))
        })
        .or_else(|| statement.elements.iter().find(|element| !is_star(element)))
        .or_else(|| statement.elements.first())
}

fn explicit_deny(layer: &LayerTrace, statement: &StatementTrace, examined: &Examined) -> Finding {
    let element = decisive(statement);
    let place = place(layer);
    let because = element
        .filter(|element| element.element == Element::Condition)
        .map(|element| format!("{}{}", condition_text(element), through_endpoint(element, examined)));
    let mut reason = because.map_or_else(String::new, |because| format!(": {because}"));
    if let Some(special) = with_advice(&statement.policy) {
        reason = format!("; {}", special.text);
    }
    let text = format!(
        "explicit deny: statement {} of {}{place}{reason}",
        statement.label,
        describe(layer.layer, &statement.policy)
    );
    let mut finding = with_element(FindingCode::explicit_deny(layer.layer), layer, element, text);
    finding.policy = Some(statement.policy.clone());
    finding.statement = Some(statement.label.clone());
    finding.excerpt = excerpt(layer, statement, element, &examined.policies, "denies this request");
    finding
}

fn no_allow(layer: &LayerTrace, examined: &Examined) -> Finding {
    let code = FindingCode::no_allow(layer.layer);
    let action = &examined.request.action;
    if let Some(note) = &layer.note {
        return Finding::plain(code, Some(layer.layer), note.clone());
    }
    let near = layer.near_misses(Effect::Allow);
    let place = place(layer);
    let base = match layer.layer {
        Layer::Resource => {
            let name = resource_policy_name(&examined.policies).unwrap_or_else(|| "the resource".to_owned());
            format!("{name} does not allow {action}")
        }
        Layer::RoleTrust => format!("the trust policy does not let this caller use {action}"),
        Layer::S3BlockPublicAccess => "S3 Block Public Access refuses the request".to_owned(),
        Layer::S3Ownership => match &examined.policies.s3.object_owner {
            ObjectOwner::Account(owner) => format!(
                "not a policy: account {owner} owns the object, so the policies of the bucket's account do not open it"
            ),
            _ => "not a policy: another account owns the object".to_owned(),
        },
        _ => format!("no {} allows {action}{place}", layer.layer.title()),
    };
    // A trust policy names the caller, and lets it do something else.
    let other_action = (layer.layer == Layer::RoleTrust).then(|| names_caller(layer)).flatten();
    let grant = (layer.layer == Layer::Resource).then(|| grant::near_miss(examined)).flatten();
    if let Some(grant) = grant {
        return grant.finding(code, layer.layer, &base);
    }
    let Some(nearest) = near.first().copied().or(other_action) else {
        let mut finding = Finding::plain(code, Some(layer.layer), base);
        finding.target.clone_from(&layer.target);
        return finding;
    };
    let failed = nearest.failed().max_by_key(|failed| u8::from(failed.element != Element::Condition));
    let miss = failed.map_or_else(String::new, |failed| format!("; {}", near_miss_text(nearest, failed)));
    let mut finding = with_element(code, layer, failed, format!("{base}{miss}"));
    finding.policy = Some(nearest.policy.clone());
    finding.statement = Some(nearest.label.clone());
    finding.excerpt = excerpt(layer, nearest, failed, &examined.policies, "does not match this request");
    finding
}

pub(super) fn with_element(
    code: FindingCode,
    layer: &LayerTrace,
    element: Option<&ElementTrace>,
    text: String,
) -> Finding {
    let mut finding = Finding::plain(code, Some(layer.layer), text);
    finding.target.clone_from(&layer.target);
    let Some(element) = element else { return finding };
    finding.element = Some(element.element);
    match &element.compared {
        Compared::Patterns { got, wanted } => {
            finding.wanted.clone_from(wanted);
            finding.got = Some(Got::Values(vec![got.clone()]));
        }
        Compared::Condition { operator, key, wanted, got } => {
            finding.operator = Some(operator.clone());
            finding.key = Some(key.clone());
            finding.wanted.clone_from(wanted);
            finding.got = Some(got.clone());
        }
    }
    finding
}

pub(super) fn place(layer: &LayerTrace) -> String {
    layer.target.as_ref().map_or_else(String::new, |target| format!(" at {target}"))
}

pub(super) fn describe(layer: Layer, policy: &str) -> String {
    match layer {
        // Names of resource-based policies say what they are.
        Layer::Resource | Layer::RoleTrust => policy.to_owned(),
        _ if policy.starts_with("arn:") => format!("{} {}", layer.title(), short_policy(policy)),
        _ => policy.to_owned(),
    }
}

/// The last part of a policy's ARN.
fn short_policy(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn list(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first, second] => format!("{first} or {second}"),
        [first, rest @ ..] => format!("{first} or one of {} others", rest.len()),
    }
}

/// What the request carried, in words.
pub(super) fn got_text(got: &Got) -> String {
    match got {
        Got::Values(values) => values.join(", "),
        Got::Absent => "nothing (the key is absent from the request)".to_owned(),
        Got::Unknown(why) => format!("something that is not known ({why})"),
    }
}

pub(super) fn condition_text(element: &ElementTrace) -> String {
    match &element.compared {
        Compared::Condition { operator, key, wanted, got } => {
            format!("{operator} {key} {}, the request carried {}", list(wanted), got_text(got))
        }
        Compared::Patterns { .. } => String::new(),
    }
}

/// A policy of AWS's that is attached for a reason and not to be taken away just so.
pub(super) fn with_advice(policy: &str) -> Option<&'static SpecialPolicy> {
    special(policy).filter(|special| !special.advice.is_empty())
}

/// Why a request has no source address.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>
fn through_endpoint(element: &ElementTrace, examined: &Examined) -> String {
    let Compared::Condition { key, got: Got::Absent, .. } = &element.compared else { return String::new() };
    match examined.request.context.get("aws:sourcevpce") {
        KeyState::Known(endpoint) if key.eq_ignore_ascii_case("aws:SourceIp") => {
            format!(": it came through VPC endpoint {}", endpoint.as_slice().join(", "))
        }
        _ => String::new(),
    }
}

fn near_miss_text(statement: &StatementTrace, failed: &ElementTrace) -> String {
    let what = miss_text(failed);
    format!("nearest is statement {} of {}: {what}", statement.label, short_policy(&statement.policy))
}

/// Why an element does not match, in words.
pub(super) fn miss_text(failed: &ElementTrace) -> String {
    match &failed.compared {
        Compared::Condition { .. } => condition_text(failed).replacen(' ', " wants ", 1),
        Compared::Patterns { wanted, got } => match failed.element {
            Element::Resource | Element::NotResource => {
                format!("its {} is {}, not {got}", failed.element, list(wanted))
            }
            Element::Principal | Element::NotPrincipal => {
                format!("its {} is {}", failed.element, list(wanted))
            }
            _ => format!("its {} does not cover {got}", failed.element),
        },
    }
}

/// The only Allow that fails by its action and nothing else.
fn names_caller(layer: &LayerTrace) -> Option<&StatementTrace> {
    let only_action = |statement: &&StatementTrace| {
        statement.effect == Some(Effect::Allow)
            && statement.failed().all(|failed| failed.element == Element::Action && failed.matched.is_false())
            && statement.failed().next().is_some()
    };
    layer.statements.iter().find(only_action)
}

fn resource_policy_name(policies: &PolicySet) -> Option<String> {
    match &policies.resource {
        Known::Known(Some(policy)) => Some(policy.name.clone()),
        _ => None,
    }
}

pub(super) fn excerpt(
    layer: &LayerTrace,
    statement: &StatementTrace,
    element: Option<&ElementTrace>,
    policies: &PolicySet,
    label: &str,
) -> Option<Excerpt> {
    let policy = find_policy(layer, statement, policies)?;
    Some(Excerpt {
        policy: policy.name.clone(),
        document: Arc::clone(&policy.document),
        statement: statement.span,
        element: element.map_or(statement.span, |element| element.span),
        label: label.to_owned(),
    })
}

pub(super) fn find_policy<'p>(
    layer: &LayerTrace,
    statement: &StatementTrace,
    policies: &'p PolicySet,
) -> Option<&'p NamedPolicy> {
    fn at(list: &Known<Vec<NamedPolicy>>, index: usize) -> Option<&NamedPolicy> {
        match list {
            Known::Known(list) => list.get(index),
            Known::Unknown(_) => None,
        }
    }
    fn one(policy: &Known<Option<NamedPolicy>>) -> Option<&NamedPolicy> {
        match policy {
            Known::Known(policy) => policy.as_ref(),
            Known::Unknown(_) => None,
        }
    }
    let index = statement.policy_index;
    match layer.layer {
        Layer::Identity => at(&policies.identity, index),
        Layer::Session => at(&policies.session, index),
        Layer::Boundary => one(&policies.boundary),
        Layer::Resource | Layer::RoleTrust => one(&policies.resource),
        Layer::VpcEndpoint => one(&policies.vpc_endpoint),
        Layer::Scp | Layer::Rcp => {
            let levels = if layer.layer == Layer::Scp { &policies.scps } else { &policies.rcps };
            let Known::Known(Some(levels)) = levels else { return None };
            let level = levels.iter().find(|level| Some(&level.target) == layer.target.as_ref())?;
            at(&level.policies, index)
        }
        Layer::KmsGrant | Layer::S3BlockPublicAccess | Layer::S3Ownership | Layer::AccountKind => None,
    }
}

/// A key policy that leaves the decision to the account: worth knowing, since it opens a second way to a fix.
fn delegation(examined: &Examined) -> Option<Finding> {
    let denied_by = examined.evaluation.denied_by();
    let resource = examined.evaluation.layers.iter().find(|layer| layer.layer == Layer::Resource)?;
    let is_key = examined.request.action.service() == "kms";
    if !is_key || resource.effect != LayerEffect::Allow || !denied_by.contains(&Layer::Identity) {
        return None;
    }
    let name = resource_policy_name(&examined.policies)?;
    let text =
        format!("{name} leaves the decision to the account's IAM policies and names this caller nowhere");
    let mut finding = Finding::plain(FindingCode::KeyPolicyDelegates, Some(Layer::Resource), text);
    finding.policy = Some(name);
    if let Some(statement) = resource.applying(Effect::Allow).next() {
        let principal = statement.elements.iter().find(|element| element.element == Element::Principal);
        let label = "the account: its IAM policies decide";
        finding.statement = Some(statement.label.clone());
        finding.element = principal.map(|element| element.element);
        finding.excerpt = excerpt(resource, statement, principal, &examined.policies, label);
    }
    Some(finding)
}

/// What can be said when no evaluated layer refuses.
fn without_evaluation(
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    standing: Standing,
    testimony: Option<&Testimony>,
) -> Finding {
    let action = incident.denied(examined).action;
    let said = testimony.and_then(|testimony| said(testimony, examined));
    if let Some(finding) = said.filter(|_| standing != Standing::Contradicted) {
        return finding;
    }
    let suspect =
        |examined| suspect::by_elimination(examined).or_else(|| suspect::doubtful_guardrail(examined));
    if let Some(finding) = examined.and_then(suspect) {
        return finding;
    }
    match standing {
        Standing::Contradicted => Finding::plain(
            FindingCode::NothingDenies,
            None,
            format!(
                "these policies allow {action}: they are not those that refused it, or something that is no policy did"
            ),
        ),
        Standing::ByElimination => Finding::plain(
            FindingCode::NotRead,
            None,
            "everything that could be read allows the request; what could not be read decided".to_owned(),
        ),
        _ => Finding::plain(
            FindingCode::ReportedByAws,
            None,
            format!("AWS refused {action} and gave no reason; the policies are not in the evidence"),
        ),
    }
}
