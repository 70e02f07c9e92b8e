//! `organization.json`, and the documents of the organization's policies.
//!
//! Unlike elsewhere, one damaged entry makes the whole file unknown: an account that is not listed is outside the
//! organization, so a list that lost an entry would say something false.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::layout::ORGANIZATION;
use super::reader::Reader;
use super::shape::{Given, account};
use super::text::Text;
use super::{BundleProblem, document};
use crate::evaluate::Known;
use crate::evidence::{
    DelegatedAdministrator, Gap, Node, Organization, OrganizationFacts, OrganizationPolicy, PolicyType,
};
use crate::ids::AccountId;

const WHAT: &str = "the organization";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `Organization`")]
struct File<'a> {
    #[serde(default)]
    organization: Given<Description>,
    roots: Option<Vec<Unit>>,
    organizational_units: Option<Vec<Unit>>,
    accounts: Option<Vec<Member>>,
    policies: Option<Vec<Policy>>,
    policy_targets: Option<BTreeMap<String, Vec<String>>>,
    delegated_administrators: Option<Vec<Administrator>>,
    #[serde(borrow, default)]
    resource_policy: Given<ResourcePolicy<'a>>,
}

/// `aws organizations describe-organization`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an organization with `Id`")]
struct Description {
    id: String,
    #[serde(deserialize_with = "account")]
    master_account_id: AccountId,
}

/// A root or an organizational unit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a root or organizational unit with `Id`")]
struct Unit {
    id: String,
    name: Option<String>,
    parent_id: Option<String>,
    policy_types: Option<Vec<EnabledType>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a policy type with `Type` and `Status`")]
struct EnabledType {
    r#type: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an account with `Id`")]
struct Member {
    #[serde(deserialize_with = "account")]
    id: AccountId,
    name: Option<String>,
    parent_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a policy with `Id` and `Type`")]
struct Policy {
    id: String,
    arn: Option<String>,
    name: Option<String>,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a delegated administrator with `Id`")]
struct Administrator {
    #[serde(deserialize_with = "account")]
    id: AccountId,
    delegated_services: Option<Vec<DelegatedService>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a delegated service with `ServicePrincipal`")]
struct DelegatedService {
    service_principal: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a resource policy with `Content`")]
struct ResourcePolicy<'a> {
    #[serde(borrow)]
    content: &'a RawValue,
}

/// The organization without the documents of its policies.
pub(super) fn read(reader: &mut Reader<'_>) -> Organization {
    let Some(text) = reader.text(ORGANIZATION, WHAT) else {
        return Organization::default();
    };
    match text.parse::<File<'_>>() {
        Ok(file) => facts(reader, &text, file),
        Err(problem) => unknown(reader, problem),
    }
}

/// Adds the document of a policy.
pub(super) fn read_policy(reader: &mut Reader<'_>, organization: &mut Organization, file: &str, id: &str) {
    let facts = match &mut organization.0 {
        Known::Known(Some(facts)) => facts,
        // Why the organization is unknown was said already.
        Known::Unknown(_) => return,
        Known::Known(None) => {
            return reader.warn(BundleProblem::UnlistedPolicy { file: file.to_owned() });
        }
    };
    match facts.policies.get_mut(id) {
        Some(policy) => {
            policy.document = document::file(reader, file, &format!("{} {id}", title(policy.kind)));
        }
        None => reader.warn(BundleProblem::UnlistedPolicy { file: file.to_owned() }),
    }
}

fn unknown(reader: &mut Reader<'_>, problem: BundleProblem) -> Organization {
    let why = problem.to_string();
    reader.lost(WHAT, problem);
    Organization(Known::Unknown(why))
}

fn facts(reader: &mut Reader<'_>, text: &Text, file: File<'_>) -> Organization {
    let description = match file.organization {
        Given::Absent => {
            return unknown(reader, BundleProblem::Missing { place: text.start(), field: "Organization" });
        }
        Given::Null => return Organization(Known::Known(None)),
        Given::Value(description) => description,
    };
    // Whoever may describe the organization may not yet list it. Then nobody can be said to be outside of it.
    let Some(accounts) = file.accounts else {
        let why = "`organization.json` does not list the accounts".to_owned();
        reader.gap(Gap { what: "the accounts of the organization".to_owned(), why: why.clone() });
        return Organization(Known::Unknown(why));
    };
    let policies = file.policies.unwrap_or_default();
    let attachments = attachments(file.policy_targets.unwrap_or_default(), &policies);
    let roots = file.roots.as_deref();
    let units = file.organizational_units.as_deref().unwrap_or_default();
    Organization(Known::Known(Some(OrganizationFacts {
        id: Some(description.id),
        management_account: Some(description.master_account_id),
        nodes: nodes(reader, roots.unwrap_or_default(), units, &accounts),
        enabled_types: roots.and_then(enabled_types),
        policies: policies.into_iter().filter_map(authorizing).collect(),
        attachments,
        delegated_administrators: file.delegated_administrators.map(administrators),
        delegation_policy: match file.resource_policy {
            Given::Absent => None,
            Given::Null => Some(None),
            Given::Value(policy) => {
                Some(Some(document::part_of(reader, text, policy.content.get(), "delegation policy")))
            }
        },
    })))
}

fn nodes(
    reader: &mut Reader<'_>,
    roots: &[Unit],
    units: &[Unit],
    accounts: &[Member],
) -> BTreeMap<String, Node> {
    let mut nodes = BTreeMap::new();
    let mut add = |id: String, name: &Option<String>, parent: Option<String>| {
        nodes.insert(id.clone(), Node { id, name: name.clone(), parent });
    };
    for root in roots {
        add(root.id.clone(), &root.name, None);
    }
    let units = units.iter().map(|unit| (unit.id.clone(), &unit.name, &unit.parent_id));
    let accounts = accounts.iter().map(|account| (account.id.to_string(), &account.name, &account.parent_id));
    for (id, name, parent) in units.chain(accounts) {
        if parent.is_none() {
            let why = "`organization.json` gives no `ParentId`".to_owned();
            reader.gap(Gap { what: format!("the place of {id} in the organization"), why });
        }
        // No node has the empty id, so a path that leads there is unknown; without a parent it would be a root.
        add(id, name, Some(parent.clone().unwrap_or_default()));
    }
    nodes
}

fn enabled_types(roots: &[Unit]) -> Option<Vec<PolicyType>> {
    let mut enabled = Vec::new();
    for root in roots {
        let types = root.policy_types.as_ref()?.iter();
        enabled
            .extend(types.filter(|found| found.status == "ENABLED").filter_map(|found| kind(&found.r#type)));
    }
    enabled.sort_unstable();
    enabled.dedup();
    Some(enabled)
}

/// Policies of other types, such as tag policies, authorize nothing and are left out everywhere.
fn attachments(targets: BTreeMap<String, Vec<String>>, policies: &[Policy]) -> BTreeMap<String, Vec<String>> {
    let other =
        |id: &String| policies.iter().any(|policy| policy.id == *id && kind(&policy.r#type).is_none());
    let keep =
        |(target, ids): (String, Vec<String>)| (target, ids.into_iter().filter(|id| !other(id)).collect());
    targets.into_iter().map(keep).collect()
}

fn authorizing(policy: Policy) -> Option<(String, OrganizationPolicy)> {
    let Policy { id, arn, name, r#type } = policy;
    let kind = kind(&r#type)?;
    Some((id.clone(), OrganizationPolicy { id, name, arn, kind, document: None }))
}

fn administrators(administrators: Vec<Administrator>) -> Vec<DelegatedAdministrator> {
    let read = |administrator: Administrator| DelegatedAdministrator {
        account: administrator.id,
        services: administrator
            .delegated_services
            .unwrap_or_default()
            .into_iter()
            .map(|service| service.service_principal)
            .collect(),
    };
    administrators.into_iter().map(read).collect()
}

fn kind(name: &str) -> Option<PolicyType> {
    match name {
        "SERVICE_CONTROL_POLICY" => Some(PolicyType::ServiceControl),
        "RESOURCE_CONTROL_POLICY" => Some(PolicyType::ResourceControl),
        _ => None,
    }
}

fn title(kind: PolicyType) -> &'static str {
    match kind {
        PolicyType::ServiceControl => "service control policy",
        PolicyType::ResourceControl => "resource control policy",
    }
}
