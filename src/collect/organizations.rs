//! Organizations: the tree above the accounts in question, and the SCPs and RCPs on the way.
//!
//! Only the management account and delegated administrators may ask most of this.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::put::Brought;
use crate::aws::{CallError, Connection, Json, Service};
use crate::evidence::{Gap, PolicyType, Want};
use crate::ids::AccountId;

const ORGANIZATIONS: Service =
    Service { id: "Organizations", signing_name: "organizations", host: "organizations" };
const JSON: Json = Json { target: "AWSOrganizationsV20161128", version: "1.1" };

/// The longest way from an account to its root, with room to spare: AWS allows five levels of organizational units.
const MAX_DEPTH: usize = 16;

/// What was learned of the organization so far. It becomes `organization.json`.
#[derive(Debug, Default)]
pub(super) struct Organization {
    /// `describe-organization`; null if the account is in none.
    described: Option<Result<Value, CallError>>,
    /// Every member account may know this.
    management: Option<AccountId>,
    accounts: Vec<Value>,
    roots: Vec<Value>,
    units: BTreeMap<String, String>,
    parents: BTreeMap<String, String>,
    policies: BTreeMap<String, Value>,
    /// Ids of policies by what they are attached to and by their kind.
    targets: BTreeMap<(String, PolicyType), BTreeSet<String>>,
    documents: BTreeMap<String, String>,
    administrators: Option<Vec<Value>>,
    delegation: Option<Value>,
}

impl Organization {
    /// Learns what the wants are about, and gives back what it could not learn.
    pub(super) async fn learn(&mut self, connection: &Connection, wants: &[Want]) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let client = Client { connection };
        if self.described.is_none() {
            self.described = Some(self.describe(&client).await);
        }
        let is_none = match &self.described {
            Some(Err(error)) => {
                gaps.extend(wants.iter().map(|want| gap(want, error)));
                return gaps;
            }
            Some(Ok(described)) => described.is_null(),
            None => return gaps,
        };
        for want in wants.iter().filter(|_| !is_none) {
            match want {
                Want::Guardrails { kind, account } => {
                    gaps.extend(self.guardrails(&client, *kind, *account).await);
                }
                Want::DelegatedAdministrators => match client.administrators().await {
                    Ok(administrators) => self.administrators = Some(administrators),
                    Err(error) => gaps.push(gap(want, &error)),
                },
                Want::DelegationPolicy => match client.delegation().await {
                    Ok(policy) => self.delegation = Some(policy),
                    Err(error) => gaps.push(gap(want, &error)),
                },
                _ => {}
            }
        }
        gaps
    }

    /// The management account, if it is known.
    pub(super) fn management_account(&self) -> Option<AccountId> {
        self.management
    }

    async fn describe(&mut self, client: &Client<'_>) -> Result<Value, CallError> {
        let described = match client.ask("DescribeOrganization", &json!({})).await {
            Ok(mut answer) => match answer.get_mut("Organization").map(Value::take) {
                Some(described) if described.is_object() => described,
                _ => return Err(client.lacks("organizations:DescribeOrganization", "Organization")),
            },
            Err(error) if error.code() == Some("AWSOrganizationsNotInUseException") => {
                return Ok(Value::Null);
            }
            Err(error) => return Err(error),
        };
        self.management = text(&described, "MasterAccountId").and_then(AccountId::parse);
        // An account that is not listed counts as being outside of the organization, so there is no answer without
        // the list.
        self.accounts = client.list("ListAccounts", &json!({}), "Accounts").await?;
        self.roots = client.list("ListRoots", &json!({}), "Roots").await?;
        Ok(described)
    }

    /// The SCPs or RCPs on the way from the root to an account.
    async fn guardrails(&mut self, client: &Client<'_>, kind: PolicyType, account: AccountId) -> Vec<Gap> {
        let account = account.to_string();
        let is_listed = self.accounts.iter().any(|listed| text(listed, "Id") == Some(&account));
        if !is_listed || !self.is_enabled(kind) {
            return Vec::new();
        }
        let path = match self.path(client, &account).await {
            Ok(path) => path,
            Err(error) => {
                let what = format!("the place of account {account} in the organization");
                return vec![Gap { what, why: error.to_string() }];
            }
        };
        let mut gaps = Vec::new();
        for target in path {
            if let Err(error) = self.attached(client, &target).await {
                gaps.push(gap(&Want::Attachments(target), &error));
                continue;
            }
            let ids = self.targets.get(&(target, kind)).cloned().unwrap_or_default();
            for id in ids {
                gaps.extend(self.document(client, id).await);
            }
        }
        gaps
    }

    fn is_enabled(&self, kind: PolicyType) -> bool {
        let types = self.roots.iter().filter_map(|root| root.get("PolicyTypes")?.as_array()).flatten();
        let mut enabled = types.filter(|found| text(found, "Status") == Some("ENABLED"));
        enabled.any(|found| text(found, "Type") == Some(filter(kind)))
    }

    /// The account, its organizational units, and the root.
    async fn path(&mut self, client: &Client<'_>, account: &str) -> Result<Vec<String>, CallError> {
        let mut path = vec![account.to_owned()];
        let mut child = account.to_owned();
        while path.len() < MAX_DEPTH && !child.starts_with("r-") {
            let parent = match self.parents.get(&child) {
                Some(parent) => parent.clone(),
                None => client.parent(&child).await?,
            };
            self.parents.insert(child.clone(), parent.clone());
            if parent.starts_with("ou-") {
                self.units.entry(parent.clone()).or_default();
            }
            path.push(parent.clone());
            child = parent;
        }
        Ok(path)
    }

    /// Lists the policies of every kind: a bundle has one list for all, and what it does not list is not attached.
    async fn attached(&mut self, client: &Client<'_>, target: &str) -> Result<(), CallError> {
        for kind in KINDS {
            if !self.is_enabled(kind) || self.targets.contains_key(&(target.to_owned(), kind)) {
                continue;
            }
            let input = json!({ "TargetId": target, "Filter": filter(kind) });
            let policies = client.list("ListPoliciesForTarget", &input, "Policies").await?;
            let mut ids = BTreeSet::new();
            for policy in policies {
                let Some(id) = text(&policy, "Id").map(str::to_owned) else { continue };
                ids.insert(id.clone());
                self.policies.insert(id, policy);
            }
            self.targets.insert((target.to_owned(), kind), ids);
        }
        Ok(())
    }

    /// Reads the document of a policy, once.
    async fn document(&mut self, client: &Client<'_>, id: String) -> Option<Gap> {
        if self.documents.contains_key(&id) {
            return None;
        }
        match client.document(&id).await {
            Ok(document) => {
                self.documents.insert(id, document);
                None
            }
            Err(error) => Some(gap(&Want::OrganizationPolicy(id), &error)),
        }
    }

    /// What was learned, as a file; nothing if the organization is unknown.
    pub(super) fn brought(&self) -> Option<Brought> {
        let described = self.described.as_ref()?.as_ref().ok()?;
        let mut file = json!({ "Organization": described });
        if !described.is_null() {
            self.fill(&mut file);
        }
        let mut brought = Brought::put(move |draft| draft.set_organization(&file));
        for (id, document) in self.documents.clone() {
            brought = brought.and(Brought::put(move |draft| draft.set_organization_policy(&id, &document)));
        }
        Some(brought)
    }

    fn fill(&self, file: &mut Value) {
        let Some(fields) = file.as_object_mut() else { return };
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        let accounts = self.accounts.iter().map(|account| {
            let id = text(account, "Id").unwrap_or_default();
            // The place of the other accounts was not looked up; nothing has the empty id.
            let parent = self.parents.get(id).map_or("", String::as_str);
            json!({ "Id": id, "Name": account.get("Name"), "ParentId": parent })
        });
        set("Accounts", accounts.collect());
        set("Roots", json!(self.roots));
        let units = self.units.keys().map(|id| json!({ "Id": id, "ParentId": self.parents.get(id) }));
        set("OrganizationalUnits", units.collect());
        set("Policies", self.policies.values().cloned().collect());
        let is_whole = |target: &str| {
            KINDS
                .into_iter()
                .all(|kind| !self.is_enabled(kind) || self.targets.contains_key(&(target.to_owned(), kind)))
        };
        let mut targets: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        for ((target, _), ids) in self.targets.iter().filter(|((target, _), _)| is_whole(target)) {
            targets.entry(target).or_default().extend(ids);
        }
        set("PolicyTargets", json!(targets));
        if let Some(administrators) = &self.administrators {
            set("DelegatedAdministrators", json!(administrators));
        }
        if let Some(policy) = &self.delegation {
            set("ResourcePolicy", policy.clone());
        }
    }
}

fn gap(want: &Want, error: &CallError) -> Gap {
    Gap { what: want.to_string(), why: error.to_string() }
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

const KINDS: [PolicyType; 2] = [PolicyType::ServiceControl, PolicyType::ResourceControl];

fn filter(kind: PolicyType) -> &'static str {
    match kind {
        PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
        PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
    }
}

/// Organizations has one endpoint in a partition.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/ao.html>
pub(super) fn region(connection: &Connection) -> &str {
    match connection.partition() {
        "aws-cn" => "cn-northwest-1",
        _ => connection.home_region(),
    }
}

struct Client<'c> {
    connection: &'c Connection,
}

impl Client<'_> {
    fn region(&self) -> &str {
        region(self.connection)
    }

    async fn ask(&self, operation: &'static str, input: &Value) -> Result<Value, CallError> {
        self.connection.json(ORGANIZATIONS, JSON, operation, self.region(), input).await
    }

    /// All pages of a list. A page may be empty although there are more.
    async fn list(
        &self,
        operation: &'static str,
        input: &Value,
        field: &str,
    ) -> Result<Vec<Value>, CallError> {
        let mut items = Vec::new();
        let mut input = input.clone();
        loop {
            let mut answer = self.ask(operation, &input).await?;
            match answer.get_mut(field).map(Value::take) {
                Some(Value::Array(page)) => items.extend(page),
                // An empty list is there too.
                _ => return Err(self.lacks(&format!("organizations:{operation}"), field)),
            }
            match answer.get_mut("NextToken").map(Value::take) {
                Some(Value::String(token)) if !token.is_empty() => {
                    if let Some(fields) = input.as_object_mut() {
                        fields.insert("NextToken".to_owned(), json!(token));
                    }
                }
                _ => return Ok(items),
            }
        }
    }

    async fn parent(&self, child: &str) -> Result<String, CallError> {
        let parents = self.list("ListParents", &json!({ "ChildId": child }), "Parents").await?;
        let parent = parents.first().and_then(|parent| text(parent, "Id")).map(str::to_owned);
        parent.ok_or_else(|| {
            CallError::not_understood("organizations:ListParents", self.region(), "it has no parent")
        })
    }

    async fn document(&self, id: &str) -> Result<String, CallError> {
        let answer = self.ask("DescribePolicy", &json!({ "PolicyId": id })).await?;
        let content = answer.get("Policy").and_then(|policy| text(policy, "Content")).map(str::to_owned);
        content.ok_or_else(|| self.lacks("organizations:DescribePolicy", "Content"))
    }

    fn lacks(&self, action: &str, field: &str) -> CallError {
        CallError::not_understood(action, self.region(), &format!("it has no `{field}`"))
    }

    async fn administrators(&self) -> Result<Vec<Value>, CallError> {
        let mut administrators =
            self.list("ListDelegatedAdministrators", &json!({}), "DelegatedAdministrators").await?;
        for administrator in &mut administrators {
            let id = json!({ "AccountId": administrator.get("Id") });
            let services = self.list("ListDelegatedServicesForAccount", &id, "DelegatedServices").await?;
            if let Some(fields) = administrator.as_object_mut() {
                fields.insert("DelegatedServices".to_owned(), json!(services));
            }
        }
        Ok(administrators)
    }

    /// The delegation policy; null if there is none.
    async fn delegation(&self) -> Result<Value, CallError> {
        match self.ask("DescribeResourcePolicy", &json!({})).await {
            Ok(mut answer) => match answer.get_mut("ResourcePolicy").map(Value::take) {
                Some(policy) if policy.is_object() => Ok(policy),
                _ => Err(self.lacks("organizations:DescribeResourcePolicy", "ResourcePolicy")),
            },
            Err(error) if error.code() == Some("ResourcePolicyNotFoundException") => Ok(Value::Null),
            Err(error) => Err(error),
        }
    }
}
