//! The organization of a request: SCPs and RCPs from the root to the account, its administrators, its keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gather::Gatherer;
use crate::evaluate::{Known, Level, NamedPolicy, Organization};
use crate::evidence::{Evidence, OrganizationFacts, PolicyType, Want};
use crate::ids::AccountId;
use crate::request::{ContextValue, Principal, Provenance, Request};

/// Keys of the request context that follow from who is in the organization.
pub(super) fn context_keys(world: &Evidence, request: &mut Request) {
    let Known::Known(organization) = &world.organization.0 else { return };
    let state = |account: Option<AccountId>| match organization {
        None if account.is_some_and(|account| world.accounts.contains_key(&account)) => {
            Some(ContextValue::Absent)
        }
        None => None,
        Some(facts) => match account {
            Some(account) if facts.has(account) => facts.id.clone().map(|id| ContextValue::Known(id.into())),
            // It is outside this organization, and may be in another.
            Some(_) => Some(ContextValue::AbsentOrOther {
                example: "o-(another)".to_owned(),
                why: "the account is outside this organization, and may be in another".to_owned(),
            }),
            None => None,
        },
    };
    let provenance = Provenance::Evidence("organization.json".to_owned());
    // Who signs in with a token or an assertion is no principal of an account yet.
    let principal = match request.principal {
        Principal::Federated { .. } => Some(ContextValue::Absent),
        _ => state(request.principal.account()),
    };
    if let Some(value) = principal {
        request.context.set_default("aws:PrincipalOrgID", value, provenance.clone());
    }
    if let Some(value) = paths(organization.as_ref(), request) {
        request.context.set_default("aws:PrincipalOrgPaths", value, provenance.clone());
    }
    let owner =
        if request.resource.is_none() { request.principal.account() } else { request.resource.owner() };
    if let Some(value) = state(owner) {
        request.context.set_default("aws:ResourceOrgID", value, provenance);
    }
}

/// The place of the caller's account, from the organization down to its organizational unit. That of an account outside is
/// in another organization, or nowhere.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths>
fn paths(organization: Option<&OrganizationFacts>, request: &Request) -> Option<ContextValue> {
    if matches!(request.principal, Principal::Federated { .. } | Principal::Service { .. }) {
        return None;
    }
    let (facts, account) = (organization?, request.principal.account()?);
    let mut path = facts.path_to(account)?;
    path.pop();
    let path = format!("{}/{}/", facts.id.as_deref()?, path.join("/"));
    Some(ContextValue::Known(vec![path].into()))
}

impl Gatherer<'_> {
    pub(super) fn delegation_policy(&mut self) -> Known<Option<NamedPolicy>> {
        match &self.world.organization.0 {
            Known::Known(None) => Known::Known(None),
            Known::Known(Some(facts)) => match facts.delegation_policy.clone() {
                Some(None) => Known::Known(None),
                Some(Some(document)) => Known::Known(Some(NamedPolicy {
                    name: "organization delegation policy".to_owned(),
                    document,
                })),
                None => self.wanted(Want::DelegationPolicy),
            },
            Known::Unknown(_) => self.wanted(Want::DelegationPolicy),
        }
    }

    pub(super) fn organization(&mut self, request: &Request) -> Known<Organization> {
        match &self.world.organization.0 {
            Known::Unknown(why) => Known::Unknown(why.clone()),
            Known::Known(None) => Known::default(),
            Known::Known(Some(facts)) => match &facts.delegated_administrators {
                None => {
                    if request.action.service() == "organizations" {
                        self.wants.insert(Want::DelegatedAdministrators);
                    }
                    Known::Unknown("its delegated administrators were not read".to_owned())
                }
                Some(list) => {
                    let mut by_service: BTreeMap<String, BTreeSet<AccountId>> = BTreeMap::new();
                    for administrator in list {
                        let services = administrator.services.iter().cloned();
                        let fallback = administrator.services.is_empty().then(String::new);
                        for service in services.chain(fallback) {
                            by_service.entry(service).or_default().insert(administrator.account);
                        }
                    }
                    Known::Known(Organization {
                        management_account: facts.management_account,
                        delegated_administrators: by_service,
                    })
                }
            },
        }
    }

    pub(super) fn scps(&mut self, request: &Request) -> Known<Option<Vec<Level>>> {
        let Some(account) = request.principal.account() else { return Known::default() };
        if matches!(request.principal, Principal::Service { .. }) {
            return Known::default();
        }
        self.levels(PolicyType::ServiceControl, account)
    }

    pub(super) fn rcps(&mut self, request: &Request) -> Known<Option<Vec<Level>>> {
        if !crate::knowledge::rcp_services::supports_rcp(request.action.service()) {
            return Known::default();
        }
        let owner =
            if request.resource.is_none() { request.principal.account() } else { request.resource.owner() };
        match owner {
            Some(account) => self.levels(PolicyType::ResourceControl, account),
            None => match &self.world.organization.0 {
                Known::Known(None) => Known::default(),
                _ => self.missing(format!(
                    "resource control policies of the account that owns {}",
                    request.resource
                )),
            },
        }
    }

    fn levels(&mut self, kind: PolicyType, account: AccountId) -> Known<Option<Vec<Level>>> {
        let facts = match &self.world.organization.0 {
            Known::Known(None) => return Known::default(),
            Known::Known(Some(facts)) => facts,
            Known::Unknown(_) => return self.wanted(Want::Guardrails { kind, account }),
        };
        if facts.management_account == Some(account) {
            return Known::default();
        }
        if !facts.has(account) && !facts.attachments.contains_key(&account.to_string()) {
            // An account that the organization does not list is outside of it.
            return Known::default();
        }
        match &facts.enabled_types {
            Some(types) if !types.contains(&kind) => return Known::default(),
            Some(_) => {}
            None => {
                return self.missing(format!(
                    "which policy types the organization of account {account} has enabled"
                ));
            }
        }
        let Some(path) = facts.path_to(account) else {
            return self.missing(format!("the place of account {account} in the organization"));
        };
        Known::Known(Some(path.into_iter().map(|target| self.level(facts, kind, target)).collect()))
    }

    fn level(&mut self, facts: &OrganizationFacts, kind: PolicyType, target: String) -> Level {
        let Some(ids) = facts.attachments.get(&target) else {
            let policies = self.wanted(Want::Attachments(target.clone()));
            return Level { target, policies };
        };
        let mut policies = Vec::new();
        for id in ids {
            match facts.policies.get(id) {
                Some(policy) if policy.kind != kind => {}
                Some(policy) => {
                    let name = policy.arn.clone().unwrap_or_else(|| id.clone());
                    match &policy.document {
                        Some(document) => policies.push(NamedPolicy { name, document: Arc::clone(document) }),
                        None => {
                            let want = Want::OrganizationPolicy(id.clone());
                            policies.push(self.unread(want, name, "its document is not in the evidence"));
                        }
                    }
                }
                None => {
                    let want = Want::OrganizationPolicy(id.clone());
                    policies.push(self.unread(want, id.clone(), "it is not in the evidence"));
                }
            }
        }
        Level { target, policies: Known::Known(policies) }
    }
}
