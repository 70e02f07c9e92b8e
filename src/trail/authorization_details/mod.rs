//! What AWS's Access Troubleshooter says about a refused request: the answer to `GetRequestAuthorizationDetails`.
//!
//! Like a message it is testimony. This module knows what it says, and decides nothing.
//!
//! Source: <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html>

mod compare;

use std::collections::BTreeMap;
use std::fmt;

use super::message::PolicyType;

/// The details of one refused request. They do not hold the authorization id that they were asked for with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationDetails {
    /// Condition keys with one value each that is a text, a number or a truth value; lists have their values.
    pub context: BTreeMap<String, Vec<String>>,
    /// Each action that the request needed, with the resource.
    pub evaluations: Vec<AuthorizationEvaluation>,
    /// Whether there are evaluations on another page.
    pub is_cut: bool,
}

/// What AWS decided on one action and resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationEvaluation {
    /// Such as `iam:PassRole`.
    pub action: String,
    /// An ARN, perhaps with wildcards; `None` for an action without a resource.
    pub resource: Option<String>,
    /// The decision, where it is one that is known here.
    pub effect: Option<AuthorizationEffect>,
    /// What was checked, in AWS's order; `None` if AWS does not tell the caller.
    pub checks: Option<Vec<AuthorizationCheck>>,
    /// Policies with matching statements, where there are no checks.
    pub matched: Vec<AuthorizationPolicy>,
}

/// The words for decisions and for checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthorizationEffect {
    /// Allowed.
    Allow,
    /// Nothing matched, and another path allowed.
    NoImpact,
    /// Nothing allowed that had to.
    ImplicitDeny,
    /// A statement denied.
    ExplicitDeny,
}

/// One requirement and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCheck {
    /// AWS's word for the requirement, such as `SERVICE_CONTROL_POLICY`.
    pub check_type: String,
    /// The result, where it is one that is known here.
    pub effect: Option<AuthorizationEffect>,
    /// The root, organizational unit or account of an SCP or RCP check.
    pub target: Option<String>,
    /// Policies with matching statements. It can be empty whatever the result is.
    pub matched: Vec<AuthorizationPolicy>,
}

/// A policy with statements that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationPolicy {
    /// The ARN of a managed policy; an opaque id of any other.
    pub uri: String,
    /// AWS's word for the kind of policy, such as `IDENTITY_BASED_POLICY`.
    pub policy_type: Option<String>,
    /// Whether it has no ARN of its own.
    pub inline: bool,
    /// What it is attached to.
    pub attached_to: Vec<String>,
    /// What a policy was made from that is none of IAM's, such as a KMS grant.
    pub source: Option<String>,
    /// The statements that matched, each with `ALLOW` or `DENY`.
    pub statements: Vec<(String, String)>,
}

impl AuthorizationEffect {
    /// The effect of AWS's word.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "ALLOW" => Self::Allow,
            "NO_IMPACT" => Self::NoImpact,
            "IMPLICIT_DENY" => Self::ImplicitDeny,
            "EXPLICIT_DENY" => Self::ExplicitDeny,
            _ => return None,
        })
    }

    /// AWS's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::NoImpact => "NO_IMPACT",
            Self::ImplicitDeny => "IMPLICIT_DENY",
            Self::ExplicitDeny => "EXPLICIT_DENY",
        }
    }

    /// Whether it refuses.
    pub fn denies(self) -> bool {
        matches!(self, Self::ImplicitDeny | Self::ExplicitDeny)
    }
}

impl AuthorizationCheck {
    /// The type of policy that the check is about, as messages name it.
    pub fn policy_type(&self) -> Option<PolicyType> {
        Some(match self.check_type.as_str() {
            "RESOURCE_CONTROL_POLICY" => PolicyType::Rcp,
            "SERVICE_CONTROL_POLICY" => PolicyType::Scp,
            "VPC_ENDPOINT" => PolicyType::VpcEndpoint,
            "RESOURCE" => PolicyType::Resource,
            "PRINCIPAL" => PolicyType::Identity,
            "PERMISSIONS_BOUNDARY" => PolicyType::Boundary,
            "SESSION" => PolicyType::Session,
            _ => return None,
        })
    }

    /// Whether the check refused.
    pub fn denies(&self) -> bool {
        self.effect.is_some_and(AuthorizationEffect::denies)
    }

    /// The policies whose statements deny.
    pub fn denying(&self) -> impl Iterator<Item = &AuthorizationPolicy> {
        self.matched.iter().filter(|policy| policy.statements.iter().any(|(_, effect)| effect == "DENY"))
    }
}

impl AuthorizationDetails {
    /// Who made the request: the user, or the role behind a session.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
    pub fn principal(&self) -> Option<&str> {
        self.value("aws:PrincipalArn")
    }

    /// When the request was made, as AWS wrote it.
    pub fn time(&self) -> Option<&str> {
        self.value("aws:CurrentTime")
    }

    fn value(&self, key: &str) -> Option<&str> {
        let found = self.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.and_then(|(_, values)| values.first()).map(String::as_str)
    }
}

/// What a person calls the policy: its ARN, or what it is attached to.
impl fmt::Display for AuthorizationPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.inline && self.source.is_none() {
            return f.write_str(&self.uri);
        }
        f.write_str(self.source.as_deref().unwrap_or("inline policy"))?;
        if let Some(holder) = self.attached_to.first() {
            write!(f, " of {holder}")?;
        }
        write!(f, " ({})", self.uri)
    }
}
