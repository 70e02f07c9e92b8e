//! The change of a setting that is no policy, after which calls were refused.

use super::codes::FindingCode;
use super::finding::Finding;
use super::history::{Certainty, Introduction, introduction};
use super::incident::Incident;
use super::{Context, bucket_rule};
use crate::policy::Element;
use crate::request::Principal;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

/// The last change of the setting that refused. No evaluation can prove it, since the setting is no policy.
pub(super) fn introduced_by(
    context: &Context<'_>,
    incident: &Incident<'_>,
    finding: &Finding,
) -> Option<Introduction> {
    let at = incident.time()?;
    let owns = |change: &&PolicyChange| concerns(context, change, finding.code, incident);
    let before = |change: &&PolicyChange| change.event_time.is_some_and(|time| time <= at);
    let last = context.changes.iter().filter(before).filter(owns).max_by_key(|change| change.event_time)?;
    introduction(context, last, Certainty::Evidence)
}

/// A principal that was deleted and created again under its name: policies that hold the id of the old one do not
/// name the new one.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
pub(super) fn created_again(
    context: &Context<'_>,
    incident: &Incident<'_>,
    finding: &Finding,
) -> Option<Introduction> {
    let holds_an_id = finding.element == Some(Element::Principal)
        && finding.wanted.iter().any(|name| name.starts_with("AROA") || name.starts_with("AIDA"));
    let at = incident.time().filter(|_| holds_an_id)?;
    let caller = incident.denial()?.caller.principal.as_ref()?;
    let target = match caller {
        Principal::Role(session) => ChangeTarget::Role(session.role_name().to_owned()),
        Principal::User { .. } => ChangeTarget::User(caller.short_name()),
        _ => return None,
    };
    let created = context.changes.iter().filter(|change| {
        change.kind == ChangeKind::Created
            && change.target == target
            && change.account == caller.account()
            && change.event_time.is_some_and(|time| time <= at)
    });
    let last = created.max_by_key(|change| change.event_time)?;
    introduction(context, last, Certainty::Evidence)
}

fn concerns(
    context: &Context<'_>,
    change: &PolicyChange,
    code: FindingCode,
    incident: &Incident<'_>,
) -> bool {
    let bucket = incident.event().and_then(|event| {
        let named = event.parameter(&["bucketName"]).and_then(serde_json::Value::as_str);
        named.map(str::to_owned).or_else(|| bucket_of(incident.surface.resource.as_deref()?))
    });
    let key = incident.attempts.iter().find_map(|attempt| {
        let arn = attempt.request.resource.arn().filter(|arn| arn.service() == "kms")?;
        arn.resource().rsplit('/').next().map(str::to_owned)
    });
    let of_bucket = |name: &str| bucket.as_deref() == Some(name);
    match (code, &change.kind, &change.target) {
        (FindingCode::S3BlockPublicAccess, ChangeKind::PublicAccessBlockPut, ChangeTarget::Bucket(name))
        | (FindingCode::S3AclsDisabled, ChangeKind::OwnershipPut, ChangeTarget::Bucket(name))
        | (
            FindingCode::S3SseCBlocked | FindingCode::LogBucketEncryption,
            ChangeKind::EncryptionPut,
            ChangeTarget::Bucket(name),
        ) => (of_bucket(name) || message_names(incident, name)) && switches_on(change),
        (
            FindingCode::RequesterPays,
            ChangeKind::RequestPaymentPut { requester: true },
            ChangeTarget::Bucket(name),
        ) => of_bucket(name),
        (
            FindingCode::S3ObjectLock,
            ChangeKind::ObjectLockPut,
            ChangeTarget::Object { bucket: name, key },
        ) => of_bucket(name) && bucket_rule::key_of(incident).is_some_and(|denied| denied == *key),
        (FindingCode::S3BlockPublicAccess, ChangeKind::PublicAccessBlockPut, target) => {
            // The setting is that of the account which has the bucket, whoever called.
            let owner = bucket.as_deref().and_then(|name| context.evidence.bucket_owner(name));
            let caller = || incident.denial().and_then(|denial| denial.caller.proven.account);
            let meant = owner.or_else(caller);
            matches!(target, ChangeTarget::AccountPublicAccess(account) if account.or(change.account) == meant)
                && switches_on(change)
        }
        (
            FindingCode::KmsKeyState,
            ChangeKind::KeyDisabled | ChangeKind::KeyDeletionScheduled | ChangeKind::KeyMaterialDeleted,
            ChangeTarget::Key(name),
        ) => key.as_deref() == name.rsplit('/').next(),
        (
            FindingCode::LakeFormation,
            ChangeKind::DataPermissionsRevoked { .. },
            ChangeTarget::DataCatalog(names),
        ) => {
            let surface = incident.surface.resource.as_deref().unwrap_or_default();
            names.iter().any(|name| surface.ends_with(name.as_str()) || names_parameters(incident, name))
        }
        _ => false,
    }
}

/// Whether a change of S3 Block Public Access can have refused anything: one that switches all off has not.
fn switches_on(change: &PolicyChange) -> bool {
    let is_about_access = change.kind == ChangeKind::PublicAccessBlockPut;
    !is_about_access || change.new_document.as_deref().is_none_or(|document| document.contains("true"))
}

/// Whether the parts of a name of the Data Catalog, such as `table/sales/orders`, are parameters of the request.
fn names_parameters(incident: &Incident<'_>, name: &str) -> bool {
    let Some(event) = incident.event() else { return false };
    let Some(parameters) = event.request_parameters.as_ref().and_then(serde_json::Value::as_object) else {
        return false;
    };
    let mut parts = name.split('/').skip(1).filter(|part| *part != "*").peekable();
    parts.peek().is_some() && parts.all(|part| parameters.values().any(|value| value.as_str() == Some(part)))
}

fn message_names(incident: &Incident<'_>, bucket: &str) -> bool {
    let message = incident.event().and_then(|event| event.error_message.as_deref()).unwrap_or_default();
    message.split([' ', '.', ':', ',']).any(|word| word == bucket)
}

fn bucket_of(arn: &str) -> Option<String> {
    let rest = arn.splitn(6, ':').nth(5)?;
    arn.contains(":s3:::").then(|| rest.split('/').next().unwrap_or(rest).to_owned())
}
