//! Refusals that no policy made: who may call instead, and which setting it was.

use super::Examined;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evaluate::{Known, Layer, NamedPolicy, Organization, is_public};
use crate::knowledge::organizations_callers::{CallerKind, callers, restrictions};
use crate::policy::{PolicyDocument, Statement};
use crate::request::Action;
use crate::trail::Event;
use crate::trail::denial::CodeMeaning;
use crate::trail::message::MessageKind;

/// The finding for a refusal that AWS's own words call no policy.
pub(super) fn not_a_policy(incident: &Incident<'_>, examined: Option<&Examined>) -> Option<Finding> {
    let denial = incident.denial()?;
    let kind = denial.message.as_ref().map(|message| message.kind);
    let (code, layer, text) = match kind {
        Some(MessageKind::BlockPublicAccess(_)) => (
            FindingCode::S3BlockPublicAccess,
            Some(Layer::S3BlockPublicAccess),
            format!(
                "not a policy: a setting of S3 Block Public Access refuses this request{}",
                incident.event().and_then(public_statements).unwrap_or_default()
            ),
        ),
        Some(MessageKind::SseCBlocked) => (
            FindingCode::S3SseCBlocked,
            None,
            "not a policy: the bucket refuses uploads with customer-provided keys (SSE-C)".to_owned(),
        ),
        Some(MessageKind::AclsDisabled) => (
            FindingCode::S3AclsDisabled,
            Some(Layer::S3Ownership),
            "not a policy: the bucket has ACLs disabled (Object Ownership: bucket owner enforced)".to_owned(),
        ),
        _ if denial.meaning == CodeMeaning::KeyState || kind == Some(MessageKind::KmsKeyState) => (
            FindingCode::KmsKeyState,
            None,
            "not a policy: the KMS key is disabled, pending deletion or import, or does not exist".to_owned(),
        ),
        Some(MessageKind::LakeFormation) => (
            FindingCode::LakeFormation,
            None,
            "not IAM: permissions of AWS Lake Formation are missing".to_owned(),
        ),
        Some(MessageKind::AccountSetting) => (
            FindingCode::AccountSetting,
            None,
            "not a policy: a setting of the account, which only its root user or payer can change".to_owned(),
        ),
        Some(MessageKind::CrossAccountPassRole) => (
            FindingCode::CrossAccountPassRole,
            None,
            "not a policy: a role of another account cannot be passed to a service".to_owned(),
        ),
        Some(MessageKind::CallerValidation) => return Some(caller_account(incident, examined)),
        _ if denial.meaning == CodeMeaning::AccountKind => return Some(caller_account(incident, examined)),
        _ => return None,
    };
    Some(Finding::plain(code, layer, text))
}

/// The statements that make the new bucket policy of a request public.
fn public_statements(event: &Event) -> Option<String> {
    let policy = event.parameter(&["bucketPolicy"])?;
    let document = PolicyDocument::parse(policy.to_string());
    let is_public = |statement: &&Statement| {
        let alone = document.with_statements(vec![(*statement).clone()]);
        is_public(&NamedPolicy::new("the new policy", alone)).is_true()
    };
    let labels: Vec<String> = document.statements.iter().filter(is_public).map(Statement::label).collect();
    (!labels.is_empty()).then(|| format!(": the new policy is public by statement {}", labels.join(", ")))
}

/// The finding of an evaluation in which the kind of the account refuses.
pub(super) fn finding(examined: &Examined) -> Finding {
    let text = text(&examined.request.action, organization(examined));
    Finding::plain(FindingCode::OrganizationsCallerAccount, Some(Layer::AccountKind), text)
}

fn caller_account(incident: &Incident<'_>, examined: Option<&Examined>) -> Finding {
    let action = examined
        .map(|examined| examined.request.action.clone())
        .or_else(|| incident.attempts.first().map(|attempt| attempt.request.action.clone()));
    let text = action.map_or_else(
        || "not a policy: accounts of this kind may not call this API".to_owned(),
        |action| text(&action, examined.and_then(organization)),
    );
    Finding::plain(FindingCode::OrganizationsCallerAccount, Some(Layer::AccountKind), text)
}

fn organization(examined: &Examined) -> Option<&Organization> {
    match &examined.policies.organization {
        Known::Known(organization) => Some(organization),
        Known::Unknown(_) => None,
    }
}

fn text(action: &Action, organization: Option<&Organization>) -> String {
    format!("not a policy: only {} may call {action}", who_may_call(action, organization))
}

/// Who may call an API, with account ids where they are known.
pub(super) fn who_may_call(action: &Action, organization: Option<&Organization>) -> String {
    let kinds: Vec<CallerKind> = callers(action.lower())
        .map(|rule| rule.kinds.clone())
        .or_else(|| restrictions(action.lower()).next().map(|row| row.kinds.clone()))
        .unwrap_or_default();
    let names: Vec<String> = kinds.iter().map(|kind| kind_text(*kind, organization)).collect();
    if names.is_empty() { "certain accounts".to_owned() } else { names.join(" or ") }
}

fn kind_text(kind: CallerKind, organization: Option<&Organization>) -> String {
    match kind {
        CallerKind::Management => {
            let id = organization.and_then(|organization| organization.management_account);
            id.map_or_else(
                || "the management account".to_owned(),
                |id| format!("the management account {id}"),
            )
        }
        CallerKind::DelegatedAdministrator => {
            let ids: std::collections::BTreeSet<String> = organization
                .into_iter()
                .flat_map(|organization| organization.delegated_administrators.values().flatten())
                .map(ToString::to_string)
                .collect();
            match ids.len() {
                0 => "a delegated administrator".to_owned(),
                1 => format!("the delegated administrator {}", ids.into_iter().next().unwrap_or_default()),
                _ => {
                    format!("a delegated administrator ({})", ids.into_iter().collect::<Vec<_>>().join(", "))
                }
            }
        }
        CallerKind::AnyAccountInOrganization => "an account of an organization".to_owned(),
        CallerKind::Member => "a member account".to_owned(),
        CallerKind::Standalone => "an account outside any organization".to_owned(),
        CallerKind::HandshakeSender => "the account that sent the handshake".to_owned(),
        CallerKind::HandshakeRecipient => "the account that received the handshake".to_owned(),
        CallerKind::ServiceAdministrator => {
            "the account that the service knows as its administrator".to_owned()
        }
    }
}
