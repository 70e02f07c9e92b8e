//! Why a change concerns the principal or the resource that was asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::organization::Above;
use super::subject::{What, Who, is_about, is_in_catalog};
use super::words::{last, name_of};
use super::{DocumentChange, DocumentText, Seen, TimelineQuery};
use crate::arn::Arn;
use crate::evidence::{Evidence, Iam, PolicyType};
use crate::ids::AccountId;
use crate::trail::Event;
use crate::trail::change::{ChangeKind as K, ChangeTarget as T, PolicyChange};
use crate::trail::denial::Denial;
use crate::trail::identity::Caller;
use crate::trail::request::{reconstruct, requests_of};
use crate::trail::session::SessionIssue;

/// What was asked for, and everything in the evidence that belongs to it.
pub(super) struct Concern<'a> {
    evidence: &'a Evidence,
    pub who: Option<Who>,
    pub what: Option<What>,
    /// What the principal called: the ARN, and a call of it.
    called: BTreeMap<String, String>,
    /// Names and ARNs in the parameters of the principal's calls, with a call.
    named: BTreeMap<String, String>,
    /// VPC endpoints that the principal's calls came through.
    endpoints: BTreeSet<String>,
    /// Groups of the user, now and before.
    groups: BTreeSet<String>,
    /// Managed policies of the principal, now and before, and how it has them.
    managed: BTreeMap<String, String>,
    /// The accounts whose SCPs and RCPs take part.
    above: Vec<Above<'a>>,
}

impl<'a> Concern<'a> {
    pub(super) fn new(evidence: &'a Evidence, seen: &[Seen<'_>], query: &TimelineQuery) -> Self {
        let who = query.principal.as_deref().map(|text| Who::read(text, evidence));
        let what = query.resource.as_deref().map(What::read);
        let mut concern = Self {
            evidence,
            who,
            what,
            called: BTreeMap::new(),
            named: BTreeMap::new(),
            endpoints: BTreeSet::new(),
            groups: BTreeSet::new(),
            managed: BTreeMap::new(),
            above: Vec::new(),
        };
        concern.look_at_calls(seen);
        concern.look_at_iam(seen);
        concern.above = concern.accounts(seen);
        concern
    }

    /// The resources that the principal called. A change that it made is no use of the resource.
    fn look_at_calls(&mut self, seen: &[Seen<'_>]) {
        let Some(who) = &self.who else { return };
        let changes: BTreeSet<*const Event> =
            seen.iter().map(|seen| std::ptr::from_ref(seen.event)).collect();
        for event in &self.evidence.events {
            let caller = Caller::of(event, None);
            if changes.contains(&std::ptr::from_ref(event)) || !who.made(event, &caller) {
                continue;
            }
            self.endpoints.extend(event.vpc_endpoint_id.clone());
            for (arn, action) in resources(event, &caller) {
                self.called.entry(arn).or_insert(action);
            }
            for name in names(event).into_iter().take(MAX_NAMES.saturating_sub(self.named.len())) {
                self.named.entry(name).or_insert_with(|| call(event));
            }
        }
    }

    /// The groups and managed policies of the principal.
    fn look_at_iam(&mut self, seen: &[Seen<'_>]) {
        let Some(who) = &self.who else { return };
        for (account, found) in &self.evidence.accounts {
            let Some(iam) = found.iam.as_ref().filter(|_| who.account.is_none_or(|own| own == *account))
            else {
                continue;
            };
            let (groups, managed) = now(iam, who);
            self.groups.extend(groups);
            self.managed.extend(managed);
        }
        for Seen { change, .. } in seen {
            if let (T::Group(group), K::MemberAdded { user } | K::MemberRemoved { user }) =
                (&change.target, &change.kind)
                && who.is_user(user, change.account)
            {
                self.groups.insert(group.clone());
            }
        }
        for Seen { change, .. } in seen {
            let holder = match &change.target {
                T::Group(group) if self.groups.contains(group) => format!("group {group}"),
                target if who.is(target, change.account) => super::words::target(target),
                _ => continue,
            };
            let (policy, how) = match &change.kind {
                K::PolicyAttached { policy } | K::PolicyDetached { policy } => (policy, "attached to"),
                K::BoundaryPut { policy } => (policy, "the permissions boundary of"),
                _ => continue,
            };
            self.managed.entry(policy.clone()).or_insert(format!("it is or was {how} {holder}"));
        }
        for event in &self.evidence.events {
            let Some(issue) = SessionIssue::from_event(event) else { continue };
            if issue.principal().is_some_and(|principal| who.is_principal(&principal)) {
                let why = || "it limits a session as a managed session policy".to_owned();
                self.managed.extend(issue.policy_arns.iter().map(|arn| (arn.clone(), why())));
            }
        }
    }

    /// SCPs count for the principal's account, RCPs for the account of what it called.
    fn accounts(&self, seen: &[Seen<'_>]) -> Vec<Above<'a>> {
        let own = self.own_account();
        let mut owners: BTreeSet<AccountId> = self.called.keys().filter_map(|arn| self.owner(arn)).collect();
        owners.extend(self.what.as_ref().and_then(|what| what.owner(self.evidence)));
        let above = |account, kind| Above::new(self.evidence, seen, account, kind);
        let scps = own.into_iter().map(|account| above(account, PolicyType::ServiceControl));
        scps.chain(owners.into_iter().map(|account| above(account, PolicyType::ResourceControl))).collect()
    }

    /// The account of the principal: its own, or where the events put it.
    pub(super) fn own_account(&self) -> Option<AccountId> {
        let who = self.who.as_ref()?;
        who.account.or_else(|| {
            let callers = self.evidence.events.iter().map(|event| (event, Caller::of(event, None)));
            let mut made = callers.filter(|(event, caller)| who.made(event, caller));
            made.find_map(|(_, caller)| caller.principal?.account())
        })
    }

    fn owner(&self, arn: &str) -> Option<AccountId> {
        let arn = Arn::parse(arn).ok()?;
        let bucket = || self.evidence.bucket_owner(arn.resource().split('/').next()?);
        arn.account().or_else(|| (arn.service() == "s3").then(bucket).flatten())
    }

    /// Why a change is in the timeline; `None` if it is not.
    pub(super) fn why(
        &self,
        change: &PolicyChange,
        document: Option<&DocumentChange>,
    ) -> Option<Vec<String>> {
        if self.who.is_none() && self.what.is_none() {
            return Some(Vec::new());
        }
        let mut why: Vec<String> = Vec::new();
        if let Some(who) = &self.who {
            why.extend(self.why_principal(who, change, document));
        }
        if let Some(what) = &self.what {
            why.extend(self.why_resource(what, change, document));
        }
        why.extend(self.above.iter().filter_map(|above| above.why(change)));
        why.dedup();
        (!why.is_empty()).then_some(why)
    }

    fn why_principal(
        &self,
        who: &Who,
        change: &PolicyChange,
        document: Option<&DocumentChange>,
    ) -> Option<String> {
        if who.is(&change.target, change.account) {
            return Some(format!("it is about {} itself", who.title()));
        }
        match (&change.target, &change.kind) {
            (T::Group(_), K::MemberAdded { user } | K::MemberRemoved { user }) => {
                return who.is_user(user, change.account).then(|| format!("it is about {}", who.title()));
            }
            (T::Group(group), _) if self.groups.contains(group) => {
                return Some(format!("{} is or was in group {group}", who.title()));
            }
            (T::ManagedPolicy(arn), _) => return self.managed.get(arn).cloned(),
            (T::VpcEndpoints(ids), _) if ids.iter().any(|id| self.endpoints.contains(id)) => {
                return Some(format!("calls of {} came through it", who.title()));
            }
            (T::RouteTable(_), K::RouteSet { via: Some(via), .. }) if self.endpoints.contains(via) => {
                return Some(format!("calls of {} came through {via}", who.title()));
            }
            (_, K::GrantCreated { grantee: Some(grantee), .. }) if who.is_arn(grantee) => {
                return Some(format!("the grant is for {}", who.title()));
            }
            (
                _,
                K::DataPermissionsGranted { principals, .. } | K::DataPermissionsRevoked { principals, .. },
            ) if principals.iter().any(|principal| who.is_arn(principal)) => {
                return Some(format!("it is about permissions of {}", who.title()));
            }
            _ => {}
        }
        let named = || {
            let named = is_resource_based(&change.target) && mentions(document, |text| who.is_named_in(text));
            named.then(|| format!("the text before or after names {}", who.title()))
        };
        self.called_by(who, change).or_else(named)
    }

    /// Resources that the principal called, and what takes part in such a call.
    fn called_by(&self, who: &Who, change: &PolicyChange) -> Option<String> {
        // With a resource asked for, its other resources are not.
        if self.what.is_some() {
            return None;
        }
        let called = self.called.iter().find_map(|(arn, action)| {
            let parsed = Arn::parse(arn).ok()?;
            let how = match &change.target {
                _ if is_about(change, &parsed) => String::new(),
                T::AccountPublicAccess(account) if *account == self.owner(arn) && account.is_some() => {
                    format!(" in account {}", account.map(|id| id.to_string()).unwrap_or_default())
                }
                T::Key(_) if self.encrypts(change, &parsed) => ", which it encrypts".to_owned(),
                T::Alias(_) if self.leads_to(change, &parsed) => ", to which it leads or led".to_owned(),
                T::OrganizationDelegation if parsed.service() == "organizations" => String::new(),
                _ => return None,
            };
            Some(format!("{} called {action} on {arn}{how}", who.title()))
        });
        let named = || {
            let is_meant = |name: &str| match Arn::parse(name) {
                Ok(arn) => is_about(change, &arn),
                Err(_) => is_unmistakable(&change.target, name),
            };
            let (name, call) = self.named.iter().find(|(name, _)| is_meant(name))?;
            Some(format!("{} named {name} in a call of {call}", who.title()))
        };
        called.or_else(named)
    }

    fn why_resource(
        &self,
        what: &What,
        change: &PolicyChange,
        document: Option<&DocumentChange>,
    ) -> Option<String> {
        if what.is(change) {
            return Some("it is about the resource itself".to_owned());
        }
        let arn = match what {
            What::Arn(arn) => Some(arn.clone()),
            What::Name(name) => Arn::parse(&format!("arn:aws:s3:::{name}")).ok(),
        };
        let key = match what {
            What::Arn(arn) => Some(arn.clone()),
            What::Name(name) => Arn::parse(&format!("arn:aws:kms:::key/{name}")).ok(),
        };
        match (&change.target, &change.kind) {
            (T::AccountPublicAccess(account), _)
                if account.is_some() && *account == what.owner(self.evidence) =>
            {
                Some("it covers all buckets of the account that owns the bucket".to_owned())
            }
            (T::Key(_), _) if arn.is_some_and(|arn| self.encrypts(change, &arn)) => {
                Some("the key encrypts the bucket".to_owned())
            }
            (T::Alias(_), _) if key.is_some_and(|key| self.leads_to(change, &key)) => {
                Some("the alias leads or led to the key".to_owned())
            }
            (_, K::PolicyAttached { policy } | K::PolicyDetached { policy } | K::BoundaryPut { policy })
                if is_policy(what, policy) =>
            {
                Some("it is about the policy itself".to_owned())
            }
            (_, K::RouteSet { via: Some(via), .. }) if matches!(what, What::Name(name) if name == via) => {
                Some("the route leads to it".to_owned())
            }
            _ if mentions(document, |text| what.is_named_in(text)) => {
                Some("the text before or after names the resource".to_owned())
            }
            _ => None,
        }
    }

    /// Whether the changed key is the one that a bucket is encrypted with, as the evidence says.
    fn encrypts(&self, change: &PolicyChange, bucket: &Arn) -> bool {
        let T::Key(_) = change.target else { return false };
        let name = bucket.resource().split('/').next().unwrap_or_default();
        let found = (bucket.service() == "s3").then(|| self.evidence.bucket(name)).flatten();
        let key = found.and_then(|(_, bucket)| bucket.encryption.as_ref()?.key.as_deref());
        key.is_some_and(|key| last(key) == name_of(&change.target))
    }

    /// Whether the changed alias belongs to a key, now or by this change.
    fn leads_to(&self, change: &PolicyChange, key: &Arn) -> bool {
        let T::Alias(alias) = &change.target else { return false };
        let id = last(key.resource());
        let now = || {
            let mut accounts = self.evidence.accounts.values();
            accounts.any(|account| {
                let aliases = account.keys.get(id).and_then(|key| key.aliases.as_ref());
                aliases.is_some_and(|aliases| aliases.contains(alias))
            })
        };
        key.service() == "kms" && (matches!(&change.kind, K::AliasSet { key } if last(key) == id) || now())
    }
}

fn is_policy(what: &What, policy: &str) -> bool {
    match what {
        What::Arn(arn) => arn.as_str() == policy || last(arn.resource()) == policy,
        What::Name(name) => name == policy || last(policy) == name,
    }
}

/// Policies that say whom they are for. What an identity-based policy names are resources.
fn is_resource_based(target: &T) -> bool {
    !matches!(target, T::User(_) | T::Group(_) | T::ManagedPolicy(_))
}

fn mentions(document: Option<&DocumentChange>, is_meant: impl Fn(&str) -> bool) -> bool {
    let texts = document.map(|document| [&document.before, &document.after]);
    texts.into_iter().flatten().any(|text| matches!(text, DocumentText::Text(text) if is_meant(text)))
}

/// Groups and managed policies, as they were read.
fn now(iam: &Iam, who: &Who) -> (Vec<String>, Vec<(String, String)>) {
    let mut managed = Vec::new();
    let mut groups = Vec::new();
    let mut add = |holder: String,
                   attached: &[crate::evidence::AttachedPolicy],
                   boundary: Option<&String>| {
        managed.extend(
            attached.iter().map(|policy| (policy.arn.clone(), format!("it is attached to {holder}"))),
        );
        managed
            .extend(boundary.map(|arn| (arn.clone(), format!("it is the permissions boundary of {holder}"))));
    };
    if let Some((name, user)) = who.user_name().and_then(|name| iam.users.get_key_value(name)) {
        add(format!("user {name}"), &user.attached, user.boundary.as_ref());
        groups.clone_from(&user.groups);
        for (name, group) in iam.groups.iter().filter(|(name, _)| user.groups.contains(name)) {
            add(format!("group {name}"), &group.attached, None);
        }
    }
    if let Some((name, role)) = who.role_name().and_then(|name| iam.roles.get_key_value(name)) {
        add(format!("role {name}"), &role.attached, role.boundary.as_ref());
    }
    (groups, managed)
}

/// The ARNs that a call was about, each with the action.
fn resources(event: &Event, caller: &Caller) -> Vec<(String, String)> {
    let requests: Vec<_> = match Denial::from_event(event) {
        Some(denial) => {
            reconstruct(event, &denial).attempts.into_iter().map(|attempt| attempt.request).collect()
        }
        None => caller.principal.as_ref().map(|principal| requests_of(event, principal)).unwrap_or_default(),
    };
    let of_requests = requests
        .iter()
        .filter_map(|request| Some((request.resource.arn()?.to_string(), request.action.to_string())));
    let listed = event.resources.iter().filter_map(|entry| Some((entry.arn.clone()?, call(event))));
    of_requests.chain(listed).collect()
}

/// So many names are kept: parameters are what a caller wrote.
const MAX_NAMES: usize = 10_000;

/// The texts in the parameters of a call, and the table that a call of Glue means.
fn names(event: &Event) -> Vec<String> {
    let Some(parameters) = event.request_parameters.as_ref() else { return Vec::new() };
    let mut names = Vec::new();
    texts_in(parameters, &mut names);
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    if let (Some(database), Some(table)) = (text("databaseName"), text("tableName").or_else(|| text("name")))
    {
        names.push(format!("table/{database}/{table}"));
    }
    names
}

fn texts_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() <= 2048 => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts_in(item, found)),
        Value::Object(map) => map.values().for_each(|item| texts_in(item, found)),
        _ => {}
    }
}

/// Whether a text can only mean the target: names of buckets are unique in the world, `default` is not.
fn is_unmistakable(target: &T, name: &str) -> bool {
    match target {
        T::Bucket(bucket) => bucket == name,
        T::Key(_) => name_of(target) == name,
        T::Alias(alias) => alias == name,
        T::Queue(url) => url == name,
        T::VpcEndpoints(ids) => ids.iter().any(|id| id == name),
        T::RouteTable(id) => id == name,
        T::DataCatalog(tables) => tables.iter().any(|table| table == name || is_in_catalog(table, name)),
        _ => false,
    }
}

fn call(event: &Event) -> String {
    format!("{}:{}", event.event_source.split('.').next().unwrap_or_default(), event.event_name)
}
