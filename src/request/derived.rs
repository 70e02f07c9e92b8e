//! Condition keys that follow from who calls and what is called.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::BTreeMap;

use super::{ContextValue, Principal, Provenance, Request};

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";

impl Request {
    /// Fills in the keys that AWS derives from the principal and the resource, and the keys that AWS documents as
    /// absent for this kind of principal. What is in the context already stays.
    pub fn derive_context(&mut self) {
        for (name, value) in principal_keys(&self.principal) {
            self.set_derived(name, value, "the principal");
        }
        match self.resource.owner() {
            _ if self.resource.is_none() => {}
            Some(owner) => {
                self.set_derived("aws:ResourceAccount", Some(owner.to_string()), "the owner of the resource");
            }
            // The request carries the key; what is not known is whose bucket it is.
            None if self.resource.is_bucket() => {
                let value = ContextValue::Unknown("the owner of the bucket is not known".to_owned());
                self.context.set_default("aws:ResourceAccount", value, Provenance::Derived("the resource"));
            }
            None => {}
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
            keys.extend(
                ["aws:PrincipalOrgID", "aws:PrincipalArn", "aws:PrincipalAccount"].map(|key| (key, None)),
            );
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
