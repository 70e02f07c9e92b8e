//! Condition keys that follow from who calls and what is called.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::BTreeMap;

use super::{ContextValue, KeyState, Principal, Provenance, Request};
use crate::knowledge::resource_account::{ResourceAccount, resource_account};

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";

impl Request {
    /// Fills in the keys that AWS derives from the principal and the resource, and the keys that AWS documents as
    /// absent for this kind of principal. What is in the context already stays.
    pub fn derive_context(&mut self) {
        // "By creating the bucket, you become the bucket owner."
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        if self.action.is("s3:CreateBucket") && self.resource.owner().is_none() {
            self.resource = self.resource.clone().owned_by(self.principal.account());
        }
        for (name, value) in principal_keys(&self.principal) {
            self.set_derived(name, value, "the principal");
        }
        for name in documented_absences(&self.principal).into_iter().flatten() {
            // A grant's SourceArn constraint is for roles as well: there a service that acts for the role tells it.
            // https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
            if self.action.service() != "kms" || !OF_SERVICES.contains(name) {
                self.set_derived(name, None, "");
            }
        }
        self.derive_unknown_of_services();
        if let Principal::Role(session) = &self.principal
            && !session.path_known
        {
            let why = format!("the path of role {} is not known", session.role_name());
            self.set_unknown("aws:PrincipalArn", why, "the principal");
        }
        self.derive_ends_of_chain();
        if matches!(self.principal, Principal::Service { .. } | Principal::Anonymous) {
            self.context.declare_family_complete("aws:PrincipalTag/");
        }
        match (self.resource.owner(), resource_account(self.action.lower())) {
            _ if self.resource.is_none() => {}
            (_, ResourceAccount::Absent) => {
                for name in ["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"] {
                    self.set_derived(name, None, "");
                }
            }
            (_, ResourceAccount::Unknown) => {
                let why = "AWS does not say which requests of this action carry it".to_owned();
                self.set_unknown("aws:ResourceAccount", why, "the action");
            }
            (Some(owner), _) => {
                self.set_derived("aws:ResourceAccount", Some(owner.to_string()), "the owner of the resource");
            }
            // The request carries the key; what is not known is whose bucket it is.
            (None, _) if self.resource.is_bucket() => {
                self.set_unknown(
                    "aws:ResourceAccount",
                    "the owner of the bucket is not known".to_owned(),
                    "the resource",
                );
            }
            (None, _) => {}
        }
        // "To restrict access to buckets that a specific AWS account ID owns, use s3:ResourceAccount."
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
        if self.action.service() == "s3"
            && self.resource.is_bucket()
            && let Some(owner) = self.resource.owner()
        {
            self.set_derived("s3:ResourceAccount", Some(owner.to_string()), "the owner of the bucket");
        }
        if self.action.service() == "kms"
            && let Some(account) = self.principal.account()
        {
            self.set_derived("kms:CallerAccount", Some(account.to_string()), "the caller's account");
        }
    }

    /// Tags of the principal. They are all of its tags, so every other `aws:PrincipalTag/…` is absent.
    pub fn set_principal_tags(&mut self, tags: &BTreeMap<String, String>, provenance: &Provenance) {
        for (key, value) in tags {
            let name = format!("aws:PrincipalTag/{key}");
            self.context.set_default(&name, ContextValue::Known(value.as_str().into()), provenance.clone());
        }
        self.context.declare_family_complete("aws:PrincipalTag/");
    }

    /// What every request of a service principal carries, with values that nobody sees.
    fn derive_unknown_of_services(&mut self) {
        if !matches!(self.principal, Principal::Service { .. }) {
            if !matches!(self.principal, Principal::SomeoneIn { .. }) {
                self.set_derived("aws:PrincipalServiceNamesList", None, "");
            }
            return;
        }
        for (name, why) in [
            ("aws:PrincipalServiceNamesList", "which other names the service principal has"),
            ("aws:PrincipalAccount", "which account AWS shows for a service principal"),
        ] {
            self.set_unknown(name, why.to_owned(), "the principal");
        }
    }

    /// The first and the last service of the chain in `aws:CalledVia`.
    fn derive_ends_of_chain(&mut self) {
        let ends = match self.context.get("aws:calledvia") {
            KeyState::Unknown(_) => return,
            KeyState::Absent => [None, None],
            KeyState::Known(values) => {
                let services = values.as_slice();
                [services.first().cloned(), services.last().cloned()]
            }
        };
        for (name, value) in ["aws:CalledViaFirst", "aws:CalledViaLast"].into_iter().zip(ends) {
            self.set_derived(name, value, "aws:CalledVia");
        }
    }

    fn set_unknown(&mut self, name: &str, why: String, from: &'static str) {
        self.context.set_default(name, ContextValue::Unknown(why), Provenance::Derived(from));
    }

    fn set_derived(&mut self, name: &str, value: Option<String>, from: &'static str) {
        match value {
            Some(value) => {
                self.context.set_default(name, ContextValue::Known(value.into()), Provenance::Derived(from));
            }
            None => self.context.set_default(name, ContextValue::Absent, Provenance::Documented(PAGE)),
        }
    }
}

/// `None` is a documented absence; a key that is not listed is neither derived nor documented.
fn principal_keys(principal: &Principal) -> Vec<(&'static str, Option<String>)> {
    let mut keys = Vec::new();
    let is_service = matches!(principal, Principal::Service { .. });
    if !matches!(principal, Principal::Anonymous) {
        keys.push(("aws:PrincipalIsAWSService", Some(is_service.to_string())));
    }
    let path_is_known = !matches!(principal, Principal::Role(session) if !session.path_known);
    if let Some(arn) = principal.principal_arn().filter(|_| path_is_known) {
        keys.push(("aws:PrincipalArn", Some(arn.to_string())));
    }
    if let Some(account) = principal.account() {
        keys.push(("aws:PrincipalAccount", Some(account.to_string())));
    }
    if let Some(kind) = principal.principal_type() {
        keys.push(("aws:PrincipalType", Some(kind.to_owned())));
    }
    match principal {
        // Its ARN is that of a user, and it is none.
        Principal::User { .. } if principal.is_origin_access_identity() => {}
        Principal::User { arn, unique_id } => {
            keys.push(("aws:username", arn.resource().rsplit('/').next().map(str::to_owned)));
            keys.extend(unique_id.clone().map(|id| ("aws:userid", Some(id))));
        }
        Principal::Role(session) => {
            keys.push(("aws:username", None));
            let id = session.unique_id.as_ref().map(|id| match session.session_name() {
                Some(name) if !id.contains(':') => format!("{id}:{name}"),
                _ => id.clone(),
            });
            keys.extend(id.map(|id| ("aws:userid", Some(id))));
        }
        Principal::Root { arn } => {
            keys.push(("aws:username", None));
            keys.push(("aws:userid", Some(arn.account_text().to_owned())));
        }
        Principal::FederatedUser { arn, .. } => {
            keys.push(("aws:username", None));
            let name = arn.resource().rsplit('/').next().unwrap_or_default();
            keys.push(("aws:userid", Some(format!("{}:{name}", arn.account_text()))));
        }
        Principal::Service { name } => {
            keys.push(("aws:username", None));
            keys.push(("aws:PrincipalServiceName", Some(name.clone())));
            keys.extend(["aws:PrincipalOrgID", "aws:PrincipalArn"].map(|key| (key, None)));
        }
        Principal::Anonymous => {
            keys.extend(["aws:username", "aws:PrincipalArn", "aws:PrincipalOrgID"].map(|key| (key, None)));
            // "For anonymous requests, the request context returns anonymous."
            keys.push(("aws:PrincipalAccount", Some("anonymous".to_owned())));
            keys.push(("aws:userid", Some("anonymous".to_owned())));
        }
        Principal::Federated { .. } => keys.push(("aws:username", None)),
        Principal::SomeoneIn { .. } => {}
    }
    if !is_service {
        keys.push(("aws:PrincipalServiceName", None));
    }
    keys
}

/// Carried when an AWS service principal calls directly.
const OF_SERVICES: &[&str] = &["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Properties of a role session.
const OF_ROLE_SESSIONS: &[&str] = &[
    "aws:SourceIdentity",
    "aws:FederatedProvider",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourceVpc",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "lambda:SourceFunctionArn",
];

/// Carried where credentials of an account sign the request.
const OF_ACCOUNTS: &[&str] = &[
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:PrincipalOrgPaths",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
];

/// The lists of keys that no request of this kind of principal carries. A foreign caller may be anybody, and one whom an
/// identity provider vouches for becomes a session.
fn documented_absences(principal: &Principal) -> Vec<&'static [&'static str]> {
    match principal {
        Principal::User { .. } | Principal::Root { .. } => vec![OF_SERVICES, OF_ROLE_SESSIONS],
        Principal::Role(_) | Principal::FederatedUser { .. } => vec![OF_SERVICES],
        Principal::Service { .. } => vec![OF_ROLE_SESSIONS, OF_ACCOUNTS],
        Principal::Anonymous => vec![
            OF_SERVICES,
            OF_ROLE_SESSIONS,
            OF_ACCOUNTS,
            &["aws:TokenIssueTime", "aws:PrincipalIsAWSService"],
        ],
        Principal::Federated { .. } | Principal::SomeoneIn { .. } => Vec::new(),
    }
}
