//! Refusals that no policy made: who may call instead, and which setting it was.

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use super::{Context, Examined, bucket_rule};
use crate::evaluate::{BlockPublicAccess, Known, Layer, NamedPolicy, Organization, is_public};
use crate::evidence::Evidence;
use crate::knowledge::kms::key_states;
use crate::knowledge::organizations_callers::{CallerKind, callers, restrictions};
use crate::knowledge::s3::setting_named_in;
use crate::policy::{PolicyDocument, Statement};
use crate::request::Action;
use crate::trail::Event;
use crate::trail::denial::CodeMeaning;
use crate::trail::message::MessageKind;

/// The finding for a refusal that AWS's own words call no policy.
pub(super) fn not_a_policy(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    world: &Evidence,
) -> Option<Finding> {
    let denial = incident.denial()?;
    let kind = denial.message.as_ref().map(|message| message.kind);
    let (code, layer, text) = match kind {
        Some(MessageKind::BlockPublicAccess(_)) => (
            FindingCode::S3BlockPublicAccess,
            Some(Layer::S3BlockPublicAccess),
            format!(
                "not a policy: {} refuses this request{}",
                block_public_access(incident, world),
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
        _ if denial.meaning == CodeMeaning::KeyState || kind == Some(MessageKind::KmsKeyState) => {
            (FindingCode::KmsKeyState, None, format!("not a policy: the KMS key {}", key_trouble(incident)))
        }
        Some(MessageKind::LakeFormation) => (
            FindingCode::LakeFormation,
            None,
            "not IAM: permissions of AWS Lake Formation are missing".to_owned(),
        ),
        Some(MessageKind::ObjectLock) => (
            FindingCode::S3ObjectLock,
            None,
            format!(
                "not a policy: Object Lock protects the object version{}",
                bucket_rule::lock(context, incident)
            ),
        ),
        Some(MessageKind::AccountSetting) if is_billing(incident) => (
            FindingCode::BillingAccess,
            None,
            "not a policy: IAM users and roles may not see the billing data of this account, \
             until its root user activates IAM access"
                .to_owned(),
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
        Some(MessageKind::CredentialKind) => (
            FindingCode::CredentialKind,
            None,
            "not a policy: credentials of this kind cannot make the call".to_owned(),
        ),
        Some(MessageKind::CallerValidation) => return Some(caller_account(incident, examined)),
        _ if denial.meaning == CodeMeaning::AccountKind => return Some(caller_account(incident, examined)),
        _ => return None,
    };
    Some(Finding::plain(code, layer, text))
}

/// Services that show billing data.
///
/// Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html>
const BILLING: &[&str] = &["billing", "ce", "cur", "budgets", "consolidatedbilling", "invoicing", "payments"];

fn is_billing(incident: &Incident<'_>) -> bool {
    let event = incident.event();
    let service = event.and_then(|event| event.event_source.split('.').next()).unwrap_or_default();
    let message = event.and_then(|event| event.error_message.as_deref()).unwrap_or_default();
    BILLING.contains(&service) || message.to_ascii_lowercase().contains("iam user access not activated")
}

/// What is wrong with the key, in the words of AWS's message, or as its code tells.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
fn key_trouble(incident: &Incident<'_>) -> String {
    let message = incident.event().and_then(|event| event.error_message.as_deref()).unwrap_or_default();
    let code = incident.event().and_then(|event| event.error_code.as_deref()).unwrap_or_default();
    let rows: Vec<_> = key_states(code).filter(|row| !row.message.is_empty()).collect();
    let told = rows.iter().find(|row| message.contains(row.message));
    match (told, rows.as_slice()) {
        (Some(row), _) => row.message.to_owned(),
        (None, [only]) => only.message.to_owned(),
        _ => "is disabled, pending deletion or import, or does not exist".to_owned(),
    }
}

/// The setting that AWS's message names, and whether the account has it or the bucket.
fn block_public_access(incident: &Incident<'_>, world: &Evidence) -> String {
    let message = incident.event().and_then(|event| event.error_message.as_deref()).unwrap_or_default();
    let setting = setting_named_in(message)
        .map_or_else(|| "a setting".to_owned(), |named| format!("the setting {}", named.setting));
    let bucket = incident.event().and_then(|event| event.parameter(&["bucketName"])?.as_str());
    let found = bucket.and_then(|name| world.bucket(name));
    let of_account = found.and_then(|(owner, _)| world.accounts.get(&owner)?.public_access_block);
    let of_bucket = found.and_then(|(_, bucket)| bucket.public_access_block);
    let is_on = |block: Option<BlockPublicAccess>| {
        block.is_some_and(|block| {
            block.block_public_acls
                || block.ignore_public_acls
                || block.block_public_policy
                || block.restrict_public_buckets
        })
    };
    match (is_on(of_bucket), is_on(of_account)) {
        (false, true) if of_bucket.is_some() => {
            format!("{setting} of S3 Block Public Access of the account")
        }
        (true, false) if of_account.is_some() => {
            format!("{setting} of S3 Block Public Access of the bucket")
        }
        _ => format!("{setting} of S3 Block Public Access"),
    }
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
