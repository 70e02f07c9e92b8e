//! What is known of the organization.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ids::AccountId;
use crate::policy::PolicyDocument;

/// An organization with the tree of its accounts and the policies attached to it.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFacts {
    /// `o-…`
    pub id: Option<String>,
    /// The management account.
    pub management_account: Option<AccountId>,
    /// Roots, organizational units and accounts by id.
    pub nodes: BTreeMap<String, Node>,
    /// Policy types that are enabled on the root; `None` if that was not read.
    pub enabled_types: Option<Vec<PolicyType>>,
    /// Policies by id.
    pub policies: BTreeMap<String, OrganizationPolicy>,
    /// Ids of the policies attached to each root, organizational unit and account.
    pub attachments: BTreeMap<String, Vec<String>>,
    /// Delegated administrators; `None` if they were not read.
    pub delegated_administrators: Option<Vec<DelegatedAdministrator>>,
    /// The resource-based delegation policy: `None` if it was not read, `Some(None)` if there is none.
    pub delegation_policy: Option<Option<Arc<PolicyDocument>>>,
}

/// A root, an organizational unit or an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The id of the parent; a root has none.
    pub parent: Option<String>,
}

/// The kinds of organization policies that authorize.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyType {
    /// `SERVICE_CONTROL_POLICY`
    ServiceControl,
    /// `RESOURCE_CONTROL_POLICY`
    ResourceControl,
}

/// An SCP or RCP.
#[derive(Debug, Clone)]
pub struct OrganizationPolicy {
    /// `p-…`
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The ARN.
    pub arn: Option<String>,
    /// What kind of policy.
    pub kind: PolicyType,
    /// The document; `None` if it was not read.
    pub document: Option<Arc<PolicyDocument>>,
}

/// An account that is registered as delegated administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegatedAdministrator {
    /// The account.
    pub account: AccountId,
    /// Service principals such as `inspector2.amazonaws.com`; empty if they were not read.
    pub services: Vec<String>,
}

impl OrganizationFacts {
    /// The ids from the root down to an account; `None` if the account is not listed or its place is not known.
    pub fn path_to(&self, account: AccountId) -> Option<Vec<String>> {
        let mut path = vec![account.to_string()];
        let mut node = self.nodes.get(&account.to_string())?;
        while let Some(parent) = &node.parent {
            // INVARIANT: a path is no longer than the number of nodes, or the tree has a cycle.
            if path.len() > self.nodes.len() {
                return None;
            }
            path.push(parent.clone());
            node = self.nodes.get(parent)?;
        }
        path.reverse();
        Some(path)
    }

    /// Whether the account is listed.
    pub fn has(&self, account: AccountId) -> bool {
        self.nodes.contains_key(&account.to_string())
    }
}
