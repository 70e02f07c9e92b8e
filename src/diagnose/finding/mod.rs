//! What an evaluation found, in a form that a person can act on.

mod layer;
mod words;

use std::sync::Arc;

pub(super) use layer::{excerpt, with_element};
pub(super) use words::{condition_text, describe, miss_text, place};

use super::codes::FindingCode;
use super::incident::Incident;
use super::testimony::{Testimony, unexplained};
use super::{Context, Examined, Standing, account_kind, standing, suspect};
use crate::evaluate::{Decision, Got, Layer, LayerEffect, LayerTrace, Verdict};
use crate::evidence::Evidence;
use crate::knowledge::managed_policies::{SpecialPolicy, special};
use crate::policy::{Effect, Element, PolicyDocument, Span};
use crate::request::Principal;
use layer::{of_layer, resource_policy_name};

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
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    standing: Standing,
    testimony: Option<&Testimony>,
    world: &Evidence,
) -> Vec<Finding> {
    if standing == Standing::NotAPolicy
        && let Some(finding) = account_kind::not_a_policy(context, incident, examined, world)
    {
        return vec![finding];
    }
    let key_state = examined.and_then(|examined| standing::unusable_key(examined, world));
    if let Some(state) = key_state.as_ref().filter(|_| standing == Standing::NotAPolicy) {
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
    findings.extend(findings.first().and_then(quarantine));
    if let Some(state) = key_state.filter(|_| examined.is_some_and(Examined::is_surely_refused)) {
        let text =
            format!("beside that the KMS key is {state}: a permission alone leads to the next refusal");
        findings.push(Finding::plain(FindingCode::KmsKeyState, None, text));
    }
    findings.extend(examined.and_then(delegation));
    findings
}

/// A policy that AWS itself attaches to a user whose access key was found exposed.
fn quarantine(decided: &Finding) -> Option<Finding> {
    let policy = decided.policy.as_deref()?;
    let row = special(policy).filter(|row| row.meaning == "compromised-key")?;
    let text = format!("{policy} was {}", row.text);
    let mut finding = Finding::plain(FindingCode::CompromisedKey, decided.layer, text);
    finding.policy = Some(policy.to_owned());
    Some(finding)
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

/// A policy of AWS's that is attached for a reason and not to be taken away just so.
pub(super) fn with_advice(policy: &str) -> Option<&'static SpecialPolicy> {
    special(policy).filter(|special| !special.advice.is_empty())
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
        _ => unexplained(testimony, &action),
    }
}
