//! The Principal and NotPrincipal elements. IAM User Guide, `reference_policies_elements_principal` and
//! `reference_policies_elements_notprincipal`.

use super::Modelled;
use super::pattern::{matches_pattern, plain_pattern};
use super::request::{Caller, Request, is_account_id};
use super::statement::PolicyKind;
use serde_json::Value;
use std::collections::BTreeSet;

/// In which way a statement names the caller. `reference_policies_evaluation-logic`: "the principal ARN that is
/// specified in the policy determines whether implicit denies in other policy types are applicable".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// The ARN of the IAM user.
    User,
    /// The ARN of the role session or of the federated user session.
    Session,
    /// The ARN of the role of the session.
    Role,
    /// The ARN of the IAM user that federated.
    UserOfSession,
    /// The account of the caller.
    Account,
    /// `*`
    Everyone,
    Service,
    /// The identity provider.
    Provider,
    /// A NotPrincipal that does not exempt the caller.
    NotExempt,
    /// The policy is attached to the caller and has no Principal.
    Attached,
}

/// The ways in which a Principal element names the caller; none if it does not.
pub fn principal_names(
    principal: &Value,
    kind: PolicyKind,
    effect_is_allow: bool,
    request: &Request,
) -> Modelled<BTreeSet<Named>> {
    let mut named = BTreeSet::new();
    match principal {
        // "You can use a wildcard (*) to specify all principals"
        Value::String(text) if text == "*" => {
            if kind == PolicyKind::RoleTrust
                && effect_is_allow
                && matches!(request.caller, Caller::Provider { .. })
            {
                return Err("a role trust policy that allows everyone, and a federated caller".to_owned());
            }
            named.insert(Named::Everyone);
        }
        Value::Object(map) if !map.is_empty() => {
            for (entry_type, entries) in map {
                for entry in entry_texts(entries)? {
                    named.extend(entry_names(entry_type, entry, effect_is_allow, request)?);
                }
            }
        }
        _ => return Err("a Principal element of an unknown form".to_owned()),
    }
    // VPC User Guide, `vpc-endpoints-access`, "Principals for gateway endpoints": "you must use the aws:PrincipalArn
    // condition key to grant access to a principal"; an account there means its root user only. The request does not
    // tell whether the endpoint of S3 or DynamoDB is a gateway.
    let by_name = named.iter().any(|how| !matches!(how, Named::Everyone | Named::Service));
    if kind == PolicyKind::VpcEndpoint && by_name && matches!(request.service.as_str(), "s3" | "dynamodb") {
        return Err("an endpoint policy of S3 or DynamoDB that names a principal".to_owned());
    }
    Ok(named)
}

fn entry_texts(entries: &Value) -> Modelled<Vec<&str>> {
    let texts: Option<Vec<&str>> = match entries {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.ok_or_else(|| "an entry of Principal that is neither a text nor a list of texts".to_owned())
}

/// Every text by which an entry could name the caller.
fn texts_of(caller: &Caller) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(account) = caller.account() {
        texts.push(account.to_owned());
        texts.push(format!("arn:{}:iam::{account}:root", caller.partition().unwrap_or("aws")));
    }
    match caller {
        Caller::User { arn, .. } | Caller::OriginAccessIdentity { arn } => texts.push(arn.clone()),
        Caller::RoleSession { session_arn, role_arn, .. } => {
            texts.extend([session_arn.clone(), role_arn.clone()]);
        }
        Caller::FederatedUser { session_arn, user_arn, .. } => {
            texts.push(session_arn.clone());
            texts.extend(user_arn.clone());
        }
        Caller::Role { role_arn, .. } => texts.push(role_arn.clone()),
        Caller::Service { name } | Caller::Provider { name } => texts.push(name.clone()),
        Caller::Root { .. } | Caller::Anonymous => {}
    }
    texts
}

/// "You cannot use a wildcard to match part of a principal name or ARN": such an entry allows nobody. An old Deny with
/// one may mean what it seems to mean.
fn partial_wildcard_names(entry: &str, effect_is_allow: bool, caller: &Caller) -> Modelled<Option<Named>> {
    let unclear = match caller {
        // The name of the session or the user is not known.
        Caller::Role { .. } => entry.contains(":assumed-role/"),
        Caller::FederatedUser { user_arn: None, .. } => entry.contains(":user/"),
        _ => false,
    };
    let seems = unclear || texts_of(caller).iter().any(|text| matches_pattern(&plain_pattern(entry), text));
    match !effect_is_allow && seems {
        true => Err(format!("a Deny with a wildcard inside the principal {entry:?}")),
        false => Ok(None),
    }
}

fn entry_names(
    entry_type: &str,
    entry: &str,
    effect_is_allow: bool,
    request: &Request,
) -> Modelled<Option<Named>> {
    let has_wildcard = entry.contains('*') && !(entry_type == "AWS" && entry == "*");
    match entry_type {
        "AWS" if has_wildcard => partial_wildcard_names(entry, effect_is_allow, &request.caller),
        "AWS" => aws_entry_names(entry, request),
        // "AWS service principals"
        "Service" if has_wildcard => match request.caller {
            Caller::Service { .. } => partial_wildcard_names(entry, effect_is_allow, &request.caller),
            _ => Ok(None),
        },
        "Service" => Ok(match &request.caller {
            Caller::Service { name } if name == entry => Some(Named::Service),
            _ => None,
        }),
        // "Web identity session principals", "SAML session principals"
        "Federated" if entry.contains('*') => Err(format!("the identity provider {entry:?}")),
        "Federated" => Ok(match &request.caller {
            Caller::Provider { name } if name == entry => Some(Named::Provider),
            _ => None,
        }),
        // The canonical user id of an account is not in the request.
        "CanonicalUser" => match request.caller {
            Caller::Service { .. } | Caller::Provider { .. } | Caller::Anonymous => Ok(None),
            _ if has_wildcard && effect_is_allow => Ok(None),
            _ => Err("a canonical user id in Principal".to_owned()),
        },
        _ => Err(format!("the principal type {entry_type:?}")),
    }
}

/// One entry under "AWS". "the user name part of the ARN is case sensitive".
fn aws_entry_names(entry: &str, request: &Request) -> Modelled<Option<Named>> {
    let caller = &request.caller;
    if entry == "*" {
        return match caller {
            Caller::Provider { .. } => {
                Err("the principal type AWS with *, and a federated caller".to_owned())
            }
            _ => Ok(Some(Named::Everyone)),
        };
    }
    // "you can use the account ARN, or a shortened form that consists of the account ID"
    let account_of_entry = match entry.strip_suffix(":root") {
        Some(head) => head.rsplit(':').next().filter(|_| entry.contains(":iam::")),
        None => Some(entry),
    };
    if let Some(account) = account_of_entry.filter(|account| is_account_id(account)) {
        // `id_roles_compare-resource-policies`: an account of another partition is another account.
        let elsewhere = entry.starts_with("arn:") && entry.split(':').nth(1) != caller.partition();
        return Ok((caller.account() == Some(account) && !elsewhere).then_some(Named::Account));
    }
    // `reference_identifiers`, "Unique identifiers": AIDA for a user, AROA for a role. Such an id stands in a policy
    // when its principal was deleted; a living principal is known by aws:userid.
    if entry.starts_with("AIDA") || entry.starts_with("AROA") {
        return names_unique_id(entry, request);
    }
    Ok(match caller {
        Caller::User { arn, .. } | Caller::OriginAccessIdentity { arn } if arn == entry => Some(Named::User),
        Caller::Role { role_arn, .. } | Caller::RoleSession { role_arn, .. } if role_arn == entry => {
            Some(Named::Role)
        }
        Caller::RoleSession { session_arn, .. } | Caller::FederatedUser { session_arn, .. }
            if session_arn == entry =>
        {
            Some(Named::Session)
        }
        Caller::FederatedUser { user_arn: Some(user), .. } if user == entry => Some(Named::UserOfSession),
        Caller::FederatedUser { user_arn: None, account, .. }
            if entry.contains(&format!("::{account}:user/")) =>
        {
            return Err(
                "which user federated is not known, and Principal names a user of the account".to_owned()
            );
        }
        Caller::Role { role_arn, account } => {
            let name = role_arn.rsplit('/').next().unwrap_or_default();
            if entry.contains(&format!("::{account}:assumed-role/{name}/")) {
                return Err("the name of the role session is not known, and Principal names one".to_owned());
            }
            None
        }
        _ => None,
    })
}

fn names_unique_id(entry: &str, request: &Request) -> Modelled<Option<Named>> {
    let Some(userid) = request.context.get("aws:userid")? else {
        return Ok(None);
    };
    let [userid] = userid.values.as_slice() else {
        return Err("aws:userid is not one value".to_owned());
    };
    Ok(match &request.caller {
        Caller::User { .. } if userid == entry => Some(Named::User),
        Caller::Role { .. } | Caller::RoleSession { .. } if userid.split(':').next() == Some(entry) => {
            Some(Named::Role)
        }
        _ => None,
    })
}

/// `reference_policies_elements_notprincipal`, with Deny: "you must also specify the account ARN of the not-denied
/// principal. Otherwise, the policy might deny access to the entire account"; for an assumed role "AWS might check the
/// account, then the role, then the assumed role user". So: every level listed exempts, no level listed does not, and
/// between the two the page says "might".
/// "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary
/// policy attached, regardless of the values specified in the NotPrincipal element."
pub fn not_principal_denies(principal: &Value, kind: PolicyKind, request: &Request) -> Modelled<bool> {
    let named = principal_names(principal, kind, false, request)?;
    if named.contains(&Named::Everyone) {
        return Err("NotPrincipal with everyone".to_owned());
    }
    let levels: &[Named] = match request.caller {
        Caller::Root { .. } => &[Named::Account],
        Caller::User { .. } => &[Named::Account, Named::User],
        Caller::Role { .. } | Caller::RoleSession { .. } => &[Named::Account, Named::Role, Named::Session],
        Caller::FederatedUser { .. } => &[Named::Account, Named::UserOfSession, Named::Session],
        Caller::Service { .. } => &[Named::Service],
        Caller::Provider { .. } => &[Named::Provider],
        Caller::OriginAccessIdentity { .. } => &[Named::User],
        Caller::Anonymous => &[],
    };
    if request.layer("permissions_boundary")?.is_some() {
        return match (&request.caller, named.is_empty()) {
            (Caller::FederatedUser { .. }, false) => {
                Err("NotPrincipal and the boundary of a federated user".to_owned())
            }
            _ => Ok(true),
        };
    }
    if levels.iter().all(|level| !named.contains(level)) {
        return Ok(true);
    }
    match levels.iter().all(|level| named.contains(level)) {
        true => Ok(false),
        false => Err("NotPrincipal lists only some of account, role or user, and session".to_owned()),
    }
}
