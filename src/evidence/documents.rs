//! All policies of the evidence, wherever they belong.

use std::sync::Arc;

use super::{Account, Evidence, Iam};
use crate::evaluate::Known;
use crate::policy::PolicyDocument;

impl Evidence {
    /// Every policy document that was read.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<PolicyDocument>> {
        let organization = match &self.organization.0 {
            Known::Known(Some(facts)) => Some(facts),
            _ => None,
        };
        let guardrails = organization.into_iter().flat_map(|facts| {
            let delegation = facts.delegation_policy.iter().flatten();
            facts.policies.values().filter_map(|policy| policy.document.as_ref()).chain(delegation)
        });
        guardrails.chain(self.accounts.values().flat_map(Account::documents))
    }

    /// Whether a policy has a word in its text, in whatever case: such as a condition key, or a variable of it.
    pub fn mentions(&self, word: &str) -> bool {
        self.documents().any(|document| document.mentions(word))
    }
}

impl Account {
    fn documents(&self) -> impl Iterator<Item = &Arc<PolicyDocument>> {
        let buckets = self.buckets.values().filter_map(|bucket| bucket.policy.as_ref());
        let keys = self.keys.values().filter_map(|key| key.policy.as_ref());
        let endpoints = self.vpc_endpoints.values().filter_map(|endpoint| endpoint.policy.as_ref());
        let of_iam = self.iam.iter().flat_map(Iam::documents);
        buckets.chain(keys).chain(endpoints).chain(self.resource_policies.values()).chain(of_iam)
    }
}

impl Iam {
    fn documents(&self) -> impl Iterator<Item = &Arc<PolicyDocument>> {
        let users = self.users.values().flat_map(|user| &user.inline);
        let groups = self.groups.values().flat_map(|group| &group.inline);
        let roles = self.roles.values().flat_map(|role| &role.inline);
        let inline = users.chain(groups).chain(roles).map(|policy| &policy.document);
        let trust = self.roles.values().filter_map(|role| role.trust.as_ref());
        let managed = self.policies.values().filter_map(|policy| policy.default_document());
        inline.chain(trust).chain(managed)
    }
}
