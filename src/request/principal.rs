//! Who makes a request.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>

use std::fmt;

use crate::arn::Arn;
use crate::ids::AccountId;

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// `arn:aws:iam::ACCOUNT:root`
        arn: Arn,
    },
    /// An IAM user.
    User {
        /// The user's ARN, path included.
        arn: Arn,
        /// `AIDA…`, where known.
        unique_id: Option<String>,
    },
    /// A role, or a session of it.
    Role(RoleSession),
    /// A `GetFederationToken` session.
    FederatedUser {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`
        arn: Arn,
        /// The user (or root) that asked for the session, where known.
        issuer: Option<Arn>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed.
    Federated {
        /// The provider's ARN, or a built-in provider such as `accounts.google.com`.
        provider: String,
    },
    /// An AWS service acting for itself, such as `cloudtrail.amazonaws.com`.
    Service {
        /// The service principal name.
        name: String,
    },
    /// Nobody: an unsigned request.
    Anonymous,
    /// Somebody inside an account of whom the owner of the resource sees no more than the account.
    SomeoneIn {
        /// The caller's account.
        account: AccountId,
        /// `AIDA…` or `AROA…:session`, where known.
        unique_id: Option<String>,
    },
}

/// A role and, where there is one, the session in which it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSession {
    /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`; it never holds the role's path.
    pub session: Option<Arn>,
    /// The role's ARN. If `path_known` is false the path is an assumption.
    pub role: Arn,
    /// Whether the ARN of the role was read, and not built from the session ARN.
    pub path_known: bool,
    /// `AROA…`, where known.
    pub unique_id: Option<String>,
}

/// The text names no principal that can make a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a principal (an IAM or STS ARN, a service principal, or anonymous)")]
pub struct PrincipalError(String);

impl RoleSession {
    /// The role's name: the last part of its ARN.
    pub fn role_name(&self) -> &str {
        self.role.resource().rsplit('/').next().unwrap_or_default()
    }

    /// The session name, which the caller of `AssumeRole` chose.
    pub fn session_name(&self) -> Option<&str> {
        self.session.as_ref()?.resource().splitn(3, '/').nth(2)
    }

    /// Whether AWS alone gives such names: to service-linked roles and to the roles of IAM Identity Center. Both have a
    /// path.
    ///
    /// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html>,
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
    pub fn is_named_by_aws(&self) -> bool {
        let name = self.role_name();
        name.starts_with("AWSServiceRoleFor") || name.starts_with("AWSReservedSSO_")
    }

    /// Whether the role is a service-linked role, which its path tells. `None` if the path is not known.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
    pub fn is_service_linked(&self) -> Option<bool> {
        if self.role.resource().starts_with("role/aws-service-role/") {
            return Some(true);
        }
        if self.path_known || !self.role_name().starts_with("AWSServiceRoleFor") {
            return Some(false);
        }
        None
    }
}

impl Principal {
    /// Reads an IAM or STS ARN or a service principal name.
    ///
    /// `role_arn` gives the role's real ARN to a session, whose own ARN has lost the path.
    pub fn parse(text: &str, role_arn: Option<&Arn>) -> Result<Self, PrincipalError> {
        let error = || PrincipalError(text.to_owned());
        let Ok(arn) = Arn::parse(text) else {
            return match text {
                "anonymous" | "Anonymous" => Ok(Self::Anonymous),
                _ if is_service_name(text) => Ok(Self::Service { name: text.to_owned() }),
                _ => Err(error()),
            };
        };
        if !matches!(arn.service(), "iam" | "sts") {
            return Err(error());
        }
        match (arn.service(), arn.resource_type()) {
            ("iam", None) if arn.resource() == "root" => Ok(Self::Root { arn }),
            ("iam", Some(("user", name))) if !name.is_empty() => Ok(Self::User { arn, unique_id: None }),
            ("iam", Some(("role", name))) if !name.is_empty() => {
                Ok(Self::Role(RoleSession { session: None, role: arn, path_known: true, unique_id: None }))
            }
            ("iam", Some(("oidc-provider" | "saml-provider", _))) => {
                Ok(Self::Federated { provider: text.to_owned() })
            }
            ("sts", Some(("assumed-role", rest))) => {
                let name = rest.split('/').next().filter(|name| !name.is_empty()).ok_or_else(error)?;
                let assumed = format!("arn:{}:iam::{}:role/{name}", arn.partition(), arn.account_text());
                let path_known = role_arn.is_some();
                let role = match role_arn {
                    Some(role) => role.clone(),
                    None => Arn::parse(&assumed).map_err(|_| error())?,
                };
                Ok(Self::Role(RoleSession { session: Some(arn), role, path_known, unique_id: None }))
            }
            ("sts", Some(("federated-user", name))) if !name.is_empty() => {
                Ok(Self::FederatedUser { arn, issuer: None })
            }
            _ => Err(error()),
        }
    }

    /// The account that the principal belongs to. Services and anonymous callers belong to none.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Root { arn } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => arn.account(),
            Self::Role(session) => session.role.account(),
            Self::SomeoneIn { account, .. } => Some(*account),
            Self::Federated { .. } | Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// Whether this is a CloudFront origin access identity: it is written like a user, and has no account and no
    /// policies.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
    pub fn is_origin_access_identity(&self) -> bool {
        matches!(self, Self::User { arn, .. } if arn.account_text() == "cloudfront")
    }

    /// The partition of the principal's ARN.
    pub fn partition(&self) -> Option<&str> {
        match self {
            Self::Root { arn } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => {
                Some(arn.partition())
            }
            Self::Role(session) => Some(session.role.partition()),
            _ => None,
        }
    }

    /// The value of `aws:PrincipalArn`: for a role session the ARN of the role, not of the session.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
    pub fn principal_arn(&self) -> Option<&Arn> {
        match self {
            Self::Root { arn } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => Some(arn),
            Self::Role(session) => Some(&session.role),
            _ => None,
        }
    }

    /// The value of `aws:PrincipalType`.
    pub fn principal_type(&self) -> Option<&'static str> {
        match self {
            Self::Root { .. } => Some("Account"),
            Self::User { .. } => Some("User"),
            Self::Role(_) => Some("AssumedRole"),
            Self::FederatedUser { .. } => Some("FederatedUser"),
            Self::Anonymous => Some("Anonymous"),
            Self::Federated { .. } | Self::Service { .. } | Self::SomeoneIn { .. } => None,
        }
    }

    /// The name a person would use: the last part of the ARN, `role/session` for a session.
    pub fn short_name(&self) -> String {
        match self {
            Self::Root { arn } => format!("the root user of {}", arn.account_text()),
            Self::User { arn, .. } | Self::FederatedUser { arn, .. } => {
                arn.resource().rsplit('/').next().unwrap_or_default().to_owned()
            }
            Self::Role(session) => match session.session_name() {
                Some(name) => format!("{}/{name}", session.role_name()),
                None => session.role_name().to_owned(),
            },
            Self::Federated { provider } => provider.clone(),
            Self::Service { name } => name.clone(),
            Self::Anonymous => "anonymous".to_owned(),
            Self::SomeoneIn { account, .. } => format!("somebody in account {account}"),
        }
    }
}

/// Service principals look like `service.amazonaws.com`, with a region or a partition suffix for some.
fn is_service_name(text: &str) -> bool {
    (text.ends_with(".amazonaws.com")
        || text.ends_with(".amazonaws.com.cn")
        || text.ends_with(".aws.internal"))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root { arn } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => arn.fmt(f),
            Self::Role(session) => session.session.as_ref().unwrap_or(&session.role).fmt(f),
            Self::Federated { provider } => f.write_str(provider),
            Self::Service { name } => f.write_str(name),
            Self::Anonymous => f.write_str("anonymous"),
            Self::SomeoneIn { account, unique_id: Some(id) } => write!(f, "{id} in account {account}"),
            Self::SomeoneIn { account, unique_id: None } => write!(f, "somebody in account {account}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: the session ARN has no path.
    #[test]
    fn a_session_does_not_tell_the_path_of_its_role() {
        let text = "arn:aws:sts::111122223333:assumed-role/app/i-0123";
        let Principal::Role(session) = Principal::parse(text, None).unwrap() else { panic!("not a role") };
        assert_eq!(session.role.as_str(), "arn:aws:iam::111122223333:role/app");
        assert!(!session.path_known);
        assert_eq!(session.session_name(), Some("i-0123"));
        let role = Arn::parse("arn:aws:iam::111122223333:role/team/app").unwrap();
        let principal = Principal::parse(text, Some(&role)).unwrap();
        assert_eq!(principal.principal_arn().unwrap().as_str(), role.as_str());
    }

    #[test]
    fn what_cannot_call_is_refused() {
        for text in
            ["", "*", "arn:aws:iam::111122223333:group/g", "arn:aws:s3:::b", "arn:aws:sts::1:assumed-role/"]
        {
            assert!(Principal::parse(text, None).is_err(), "{text}");
        }
    }
}
