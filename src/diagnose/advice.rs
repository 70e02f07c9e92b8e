//! What to do where no policy is to be changed.

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use super::remedy::Remedy;
use super::testimony::Testimony;
use super::{Examined, account_kind};
use crate::evaluate::{Known, Layer};
use crate::trail::message::MessageKind;

/// A key that may have leaked is checked before anything is allowed to it.
pub(super) fn check_the_key(incident: &Incident<'_>) -> Remedy {
    let key =
        incident.event().and_then(|event| event.user_identity.access_key_id.clone()).unwrap_or_default();
    let text = format!(
        "before anything is allowed: find out who used access key {key} from a new address, \
         and deactivate it if nobody knows"
    );
    Remedy::advice("whoever owns the access key", text)
}

/// CloudWatch Logs uses the key of a log group as itself, not as whoever creates the group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
pub(super) fn log_group_key(incident: &Incident<'_>) -> Option<Remedy> {
    let testimony = Testimony::of(incident)?;
    if testimony.message.kind != MessageKind::LogGroupKey {
        return None;
    }
    let text = format!(
        "let {} use the key in its key policy (kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey*, \
         kms:Describe*), with a condition on kms:EncryptionContext:aws:logs:arn",
        testimony.logs_principal()
    );
    Some(Remedy::advice("whoever administers the key", text))
}

/// No policy gives the call to credentials of this kind.
///
/// Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) fn other_credentials(incident: &Incident<'_>) -> Remedy {
    let is_root = incident.event().is_some_and(|event| event.user_identity.kind.as_deref() == Some("Root"));
    let text = if is_root {
        "make the call as an IAM user or a role session: the root user of an account cannot assume roles"
    } else {
        "make the call with the access keys of an IAM user, or use the session that there is: session credentials \
         cannot ask for another session this way"
    };
    Remedy::advice("whoever makes the request", text)
}

/// A permission for the wrong caller helps everybody who can use its credentials.
pub(super) fn check_the_caller(incident: &Incident<'_>, findings: &[Finding]) -> Remedy {
    let found = findings.iter().find(|finding| finding.code == FindingCode::CallerChanged);
    let before = found.and_then(|finding| finding.text.split(' ').next()).unwrap_or("the other principal");
    let by = found.and_then(|finding| finding.text.split_once(" (sessions by ")?.1.split(')').next());
    let by = by.map_or(String::new(), |name| format!(" by {name}"));
    let text = format!(
        "make the call as {} again{by}: find out why its credentials were not used, before {} is allowed more",
        named(before),
        incident.principal_name()
    );
    Remedy::advice("whoever runs the caller", text)
}

/// `role app` for the ARN of it.
fn named(arn: &str) -> String {
    let kind_and_name = crate::arn::Arn::parse(arn).ok().and_then(|arn| {
        let (kind, rest) = arn.resource_type()?;
        Some(format!("{kind} {}", rest.rsplit('/').next().unwrap_or(rest)))
    });
    kind_and_name.unwrap_or_else(|| arn.to_owned())
}

/// "Do not add a permission": change the setting or the request, call from elsewhere, or leave it.
pub(super) fn not_a_policy(incident: &Incident<'_>, examined: &Examined, findings: &[Finding]) -> Remedy {
    let code = findings.first().map(|finding| finding.code);
    match code {
        Some(FindingCode::OrganizationsCallerAccount) => other_account(incident, examined),
        Some(code) => of_setting(code, incident, examined).unwrap_or_else(any_setting),
        None => any_setting(),
    }
}

fn any_setting() -> Remedy {
    let text = "no policy can change this: change the setting that refuses, or the request";
    Remedy::advice("whoever owns the setting", text.to_owned())
}

/// Sources: the pages of the findings, see `docs/findings.md`.
fn of_setting(code: FindingCode, incident: &Incident<'_>, examined: &Examined) -> Option<Remedy> {
    let bucket = || bucket(incident, examined).unwrap_or_else(|| "the bucket".to_owned());
    let (who, text) = match code {
        FindingCode::S3MissingObject => (
            "whoever names the object",
            format!(
                "check the key of the object; to be told 404 instead of 403, the caller needs s3:ListBucket on {}",
                bucket()
            ),
        ),
        FindingCode::S3ObjectOwnership => (
            "whoever writes the objects, or the owner of the bucket",
            format!(
                "let the owner of the object write it with the canned ACL bucket-owner-full-control, \
                 or set Object Ownership of {} to BucketOwnerEnforced",
                bucket()
            ),
        ),
        FindingCode::S3AclsDisabled => (
            "whoever makes the request",
            format!("send the request without an ACL: {} has ACLs disabled", bucket()),
        ),
        FindingCode::S3BlockPublicAccess => (
            "whoever owns the setting",
            "no policy can change this: S3 Block Public Access refuses what would be public; make the request \
             not public, or ask the owner of the setting"
                .to_owned(),
        ),
        FindingCode::S3SseCBlocked => (
            "whoever makes the request",
            format!("upload to {} without a customer-provided key (SSE-C)", bucket()),
        ),
        FindingCode::LogBucketEncryption => (
            "the owner of the bucket",
            format!("set the default encryption of {} to SSE-S3 (AES256)", bucket()),
        ),
        FindingCode::LakeFormation => (
            "a Lake Formation administrator",
            format!(
                "grant the permission in Lake Formation to {}: no IAM policy replaces it",
                incident.principal_name()
            ),
        ),
        FindingCode::KmsKeyState => ("whoever administers the key", key_again(incident).to_owned()),
        FindingCode::BillingAccess => (
            "the root user of the account; in an organization the management account as well",
            "activate IAM access to billing information on the Account page".to_owned(),
        ),
        FindingCode::S3ObjectLock => (
            "whoever set the lock",
            "nothing to do until the retention ends or the legal hold is taken off; only a lock in governance mode can \
             be passed, with s3:BypassGovernanceRetention and the header x-amz-bypass-governance-retention"
                .to_owned(),
        ),
        FindingCode::RequesterPays => (
            "whoever makes the request",
            format!(
                "accept the charge: send x-amz-request-payer with requests to {} (--request-payer requester)",
                bucket()
            ),
        ),
        FindingCode::RequestExpired => (
            "whoever signs the URL",
            "sign a new URL, with a longer time if need be: no policy has to change".to_owned(),
        ),
        FindingCode::PropagationDelay => (
            "whoever makes the request",
            "nothing to do: wait a moment after a change of a policy, and repeat the call".to_owned(),
        ),
        _ => return None,
    };
    Some(Remedy::advice(who, text))
}

/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
fn key_again(incident: &Incident<'_>) -> &'static str {
    let message = incident.event().and_then(|event| event.error_message.as_deref()).unwrap_or_default();
    if message.contains("pending deletion") {
        "cancel the deletion of the key and enable it again (kms:CancelKeyDeletion, kms:EnableKey)"
    } else if message.contains("pending import") {
        "import the key material again (kms:ImportKeyMaterial)"
    } else if message.contains("is disabled") {
        "enable the key again (kms:EnableKey)"
    } else {
        "enable the key again, or cancel its deletion"
    }
}

fn bucket(incident: &Incident<'_>, examined: &Examined) -> Option<String> {
    let named = incident.event().and_then(|event| event.parameter(&["bucketName"])?.as_str());
    let in_request = examined.request.resource.arn().filter(|arn| arn.service() == "s3");
    named
        .map(str::to_owned)
        .or_else(|| in_request?.resource().split('/').next().map(str::to_owned))
        .or_else(|| super::log_bucket::bucket_of(incident))
}

fn other_account(incident: &Incident<'_>, examined: &Examined) -> Remedy {
    let organization = match &examined.policies.organization {
        Known::Known(organization) => Some(organization),
        Known::Unknown(_) => None,
    };
    let refused_by_kind = examined.evaluation.denied_by().contains(&Layer::AccountKind)
        || incident.denial().is_some_and(|denial| {
            denial
                .message
                .as_ref()
                .is_some_and(|message| message.kind == crate::trail::message::MessageKind::CallerValidation)
        });
    if !refused_by_kind {
        return any_setting();
    }
    let from_console = incident.event().and_then(|event| event.session_credential_from_console) == Some(true);
    let who = account_kind::who_may_call(&examined.request.action, organization);
    if from_console {
        let text = format!(
            "nothing to do: the page made this call by itself, and it is harmless unless the list was needed; then \
             call it from {who}"
        );
        return Remedy::advice("whoever opened the console page", text);
    }
    Remedy::advice(&who, format!("no policy can change this: call it from {who}"))
}
