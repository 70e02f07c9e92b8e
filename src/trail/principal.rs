//! The principal that a `userIdentity` names.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use super::identity::is_service_host;
use super::user_identity::UserIdentity;
use crate::arn::Arn;
use crate::ids::AccountId;
use crate::request::{Principal, RoleSession};

/// The principal, and whether its path is an assumption.
pub(super) fn principal_of(identity: &UserIdentity) -> (Option<Principal>, bool) {
    let arn = || identity.arn.as_deref().and_then(|text| Arn::parse(text).ok());
    let principal = match identity.kind.as_deref() {
        Some("IAMUser") => return user_of(identity),
        Some("Root") => arn().or_else(|| root_arn(identity)).map(|arn| Principal::Root { arn }),
        Some("AssumedRole" | "Role") => role_of(identity).map(Principal::Role),
        Some("FederatedUser") => {
            arn().map(|arn| Principal::FederatedUser { arn, issuer: issuer_arn(identity) })
        }
        Some("AWSAccount") => foreign(identity),
        Some("AWSService") => service_of(identity),
        Some("SAMLUser" | "WebIdentityUser") => provider_of(identity),
        Some("IdentityCenterUser" | "Directory") => None,
        _ => arn().and_then(|arn| Principal::parse(arn.as_str(), None).ok()).or_else(|| service_of(identity)),
    };
    (principal, false)
}

fn user_of(identity: &UserIdentity) -> (Option<Principal>, bool) {
    let unique_id = identity.principal_id.as_deref().and_then(unique_part).map(str::to_owned);
    if let Some(arn) = identity.arn.as_deref().and_then(|text| Arn::parse(text).ok()) {
        return (Some(Principal::User { arn, unique_id }), false);
    }
    // Sign-in events name the user without an ARN.
    let built = identity.account_id.as_deref().zip(identity.user_name.as_deref());
    let arn =
        built.and_then(|(account, name)| Arn::parse(&format!("arn:aws:iam::{account}:user/{name}")).ok());
    (arn.map(|arn| Principal::User { arn, unique_id }), true)
}

fn root_arn(identity: &UserIdentity) -> Option<Arn> {
    Arn::parse(&format!("arn:aws:iam::{}:root", identity.account_id.as_deref()?)).ok()
}

fn issuer_arn(identity: &UserIdentity) -> Option<Arn> {
    let arn = Arn::parse(identity.session_issuer()?.arn.as_deref()?).ok()?;
    // AWS's own samples hold the session ARN here.
    (arn.service() == "iam").then_some(arn)
}

fn role_of(identity: &UserIdentity) -> Option<RoleSession> {
    let issuer = issuer_arn(identity);
    let session = identity.arn.clone().or_else(|| session_arn(identity, issuer.as_ref()));
    let principal = session.and_then(|text| Principal::parse(&text, issuer.as_ref()).ok());
    let mut role = match (principal, issuer) {
        (Some(Principal::Role(role)), _) => role,
        (_, Some(role)) => RoleSession { session: None, role, path_known: true, unique_id: None },
        _ => return None,
    };
    let id = identity.principal_id.as_deref().and_then(unique_part);
    role.unique_id = id.map(str::to_owned);
    Some(role)
}

/// The session ARN, put together where the record has only its parts.
fn session_arn(identity: &UserIdentity, role: Option<&Arn>) -> Option<String> {
    let (_, session) = identity.principal_id.as_deref()?.split_once(':')?;
    let role = role?;
    let name = role.resource().rsplit('/').next()?;
    Some(format!("arn:{}:sts::{}:assumed-role/{name}/{session}", role.partition(), role.account_text()))
}

/// The owner of a resource sees of a foreign caller the account and perhaps the unique id.
fn foreign(identity: &UserIdentity) -> Option<Principal> {
    let nobody =
        |text: &str| matches!(text.to_ascii_lowercase().as_str(), "anonymous" | "anonymous_principal");
    if [&identity.account_id, &identity.principal_id].into_iter().flatten().any(|text| nobody(text)) {
        return Some(Principal::Anonymous);
    }
    if let Some(principal) = identity.arn.as_deref().and_then(|text| Principal::parse(text, None).ok()) {
        return Some(principal);
    }
    let account = AccountId::parse(identity.account_id.as_deref()?)?;
    Some(Principal::SomeoneIn { account, unique_id: identity.principal_id.clone() })
}

fn service_of(identity: &UserIdentity) -> Option<Principal> {
    let name = identity.invoked_by.as_deref().filter(|text| is_service_host(text))?;
    Some(Principal::Service { name: name.to_owned() })
}

fn provider_of(identity: &UserIdentity) -> Option<Principal> {
    let provider =
        identity.identity_provider.clone().or_else(|| provider_in(identity.principal_id.as_deref()?))?;
    Some(Principal::Federated { provider })
}

/// The provider at the start of `principalId`: a provider ARN, or a host before the first colon.
fn provider_in(principal_id: &str) -> Option<String> {
    if !principal_id.starts_with("arn:") {
        let (host, _) = principal_id.split_once(':')?;
        return (!host.is_empty()).then(|| host.to_owned());
    }
    let parts: Vec<_> = principal_id.split(':').take(6).collect();
    (parts.len() == 6).then(|| parts.join(":"))
}

/// The unique id before the session name. Account ids and access keys are no unique ids of principals.
pub(super) fn unique_part(principal_id: &str) -> Option<&str> {
    let id = principal_id.split(':').next()?;
    (id.starts_with("AIDA") || id.starts_with("AROA")).then_some(id)
}
