//! Whom and what was asked for: a principal or a resource, by ARN or by name, and whether an event or a change is
//! about it.

use serde_json::Value;

use super::words::{last, name_of};
use crate::arn::Arn;
use crate::evidence::Evidence;
use crate::ids::AccountId;
use crate::request::Principal;
use crate::trail::Event;
use crate::trail::change::{ChangeTarget as T, PolicyChange};
use crate::trail::identity::Caller;

/// What kind of principal was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A name does not tell.
    Any,
    User,
    Role,
    Root,
    Service,
}

/// The principal that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Who {
    kind: Kind,
    /// The name of the user, role or service.
    name: String,
    pub account: Option<AccountId>,
    /// As it was typed.
    text: String,
}

impl Who {
    /// Reads an ARN, a name, `ROLE/SESSION`, an access key id or a unique id.
    pub(super) fn read(text: &str, evidence: &Evidence) -> Self {
        if let Ok(principal) = Principal::parse(text, None)
            && let Some(who) = Self::of(&principal, text)
        {
            return who;
        }
        // An access key or a unique id stands for the caller of the events that have it.
        let is_meant = |event: &&Event| {
            let identity = &event.user_identity;
            let id = identity.principal_id.as_deref().and_then(|id| id.split(':').next());
            identity.access_key_id.as_deref() == Some(text) || id == Some(text)
        };
        let caller =
            evidence.events.iter().find(is_meant).and_then(|event| Caller::of(event, None).principal);
        if let Some(who) = caller.and_then(|principal| Self::of(&principal, text)) {
            return who;
        }
        let name = text.split('/').next().unwrap_or(text).to_owned();
        let mut who = Self { kind: Kind::Any, name, account: None, text: text.to_owned() };
        who.account = who.only_account(evidence);
        who
    }

    fn of(principal: &Principal, text: &str) -> Option<Self> {
        let (kind, name) = match principal {
            Principal::Root { .. } => (Kind::Root, "root".to_owned()),
            Principal::User { arn, .. } => (Kind::User, last(arn.resource()).to_owned()),
            Principal::Role(session) => (Kind::Role, session.role_name().to_owned()),
            Principal::FederatedUser { arn, issuer } => {
                let user = issuer.as_ref().unwrap_or(arn);
                (Kind::User, last(user.resource()).to_owned())
            }
            Principal::Service { name } => (Kind::Service, name.clone()),
            _ => return None,
        };
        Some(Self { kind, name, account: principal.account(), text: text.to_owned() })
    }

    /// The account of a name, if only one has it.
    fn only_account(&self, evidence: &Evidence) -> Option<AccountId> {
        let mut accounts = evidence.accounts.iter().filter(|(_, account)| {
            account
                .iam
                .as_ref()
                .is_some_and(|iam| iam.users.contains_key(&self.name) || iam.roles.contains_key(&self.name))
        });
        let (only, _) = accounts.next()?;
        accounts.next().is_none().then_some(*only)
    }

    /// For people: `role app`, `user alice`, or what was typed.
    pub(super) fn title(&self) -> String {
        match self.kind {
            Kind::User => format!("user {}", self.name),
            Kind::Role => format!("role {}", self.name),
            Kind::Root => "the root user".to_owned(),
            Kind::Any | Kind::Service => self.name.clone(),
        }
    }

    fn is_in(&self, account: Option<AccountId>) -> bool {
        self.account.is_none() || account.is_none() || self.account == account
    }

    /// Whether the target of a change is this principal.
    pub(super) fn is(&self, target: &T, account: Option<AccountId>) -> bool {
        let named = match target {
            T::User(name) => matches!(self.kind, Kind::User | Kind::Any) && *name == self.name,
            T::Role(name) => matches!(self.kind, Kind::Role | Kind::Any) && *name == self.name,
            _ => false,
        };
        named && self.is_in(account)
    }

    /// Whether it is the user of that name.
    pub(super) fn is_user(&self, name: &str, account: Option<AccountId>) -> bool {
        self.is(&T::User(name.to_owned()), account)
    }

    pub(super) fn role_name(&self) -> Option<&str> {
        matches!(self.kind, Kind::Role | Kind::Any).then_some(self.name.as_str())
    }

    pub(super) fn user_name(&self) -> Option<&str> {
        matches!(self.kind, Kind::User | Kind::Any).then_some(self.name.as_str())
    }

    /// Whether the caller of an event is this principal, or a session of it.
    pub(super) fn made(&self, event: &Event, caller: &Caller) -> bool {
        if caller.principal.as_ref().is_some_and(|principal| self.is_principal(principal)) {
            return true;
        }
        let identity = &event.user_identity;
        let names = [
            identity.arn.as_deref(),
            identity.user_name.as_deref(),
            identity.principal_id.as_deref(),
            identity.invoked_by.as_deref().filter(|_| self.kind == Kind::Service),
            caller.claimed.federated_user.as_deref(),
        ];
        names.into_iter().flatten().any(|name| name == self.text)
    }

    pub(super) fn is_principal(&self, principal: &Principal) -> bool {
        let Some(other) = Self::of(principal, "") else { return false };
        other.name == self.name
            && (self.kind == Kind::Any || self.kind == other.kind)
            && self.is_in(other.account)
    }

    /// Whether a policy's text names it. A wildcard names everybody, and is no reason to list a policy.
    pub(super) fn is_named_in(&self, document: &str) -> bool {
        has_text(document, |text| self.is_arn(text))
    }

    /// Whether an ARN is its own, or the ARN of a session of it.
    pub(super) fn is_arn(&self, text: &str) -> bool {
        if self.kind == Kind::Service {
            return text == self.name;
        }
        let Ok(arn) = Arn::parse(text) else { return false };
        Principal::parse(text, None).is_ok_and(|principal| self.is_principal(&principal))
            && self.is_in(arn.account())
    }
}

/// The resource that was asked for.
#[derive(Debug, Clone)]
pub(super) enum What {
    Arn(Arn),
    Name(String),
}

impl What {
    pub(super) fn read(text: &str) -> Self {
        Arn::parse(text).map_or_else(|_| Self::Name(text.to_owned()), Self::Arn)
    }

    /// Whether a change is about the resource itself, or about what it is in.
    pub(super) fn is(&self, change: &PolicyChange) -> bool {
        match self {
            Self::Arn(arn) => is_about(change, arn),
            Self::Name(name) => is_named(&change.target, name),
        }
    }

    /// The bucket that is meant, if it can be one.
    pub(super) fn bucket(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) if arn.service() == "s3" => arn.resource().split('/').next(),
            Self::Arn(_) => None,
            Self::Name(name) => Some(name),
        }
    }

    /// The account that owns the resource, where the ARN or the evidence tells.
    pub(super) fn owner(&self, evidence: &Evidence) -> Option<AccountId> {
        match self {
            Self::Arn(arn) if arn.account().is_some() => arn.account(),
            _ => {
                let key = |name: &str| {
                    let mut accounts = evidence.accounts.iter();
                    accounts.find(|(_, account)| account.keys.contains_key(name)).map(|(id, _)| *id)
                };
                evidence.bucket_owner(self.bucket()?).or_else(|| key(self.bucket()?))
            }
        }
    }

    /// Whether a policy's text names it, in an ARN.
    pub(super) fn is_named_in(&self, document: &str) -> bool {
        let is_meant = |text: &str| match (self, Arn::parse(text)) {
            (Self::Arn(arn), Ok(other)) => other == *arn,
            (Self::Name(name), Ok(other)) => {
                other.resource().split(['/', ':']).any(|part| part == name) || last(other.resource()) == name
            }
            _ => false,
        };
        has_text(document, is_meant)
    }
}

fn is_named(target: &T, name: &str) -> bool {
    match target {
        T::VpcEndpoints(ids) | T::DataCatalog(ids) => ids.iter().any(|id| id == name || last(id) == name),
        T::Alias(alias) => alias == name || alias.strip_prefix("alias/") == Some(name),
        T::Object { bucket, .. } => bucket == name,
        T::Secret(_) => is_secret(&name_of(target), name),
        T::ManagedPolicy(arn) | T::IdentityProvider(arn) | T::Resource(arn) => {
            arn == name || last(arn) == name
        }
        other => name_of(other) == name,
    }
}

/// Whether a change is about the resource with this ARN, about a version or object of it, or about what it is in.
pub(super) fn is_about(change: &PolicyChange, arn: &Arn) -> bool {
    let resource = arn.resource();
    let name = name_of(&change.target);
    let typed = |service: &str, kind: &str| {
        arn.service() == service && arn.resource_type().is_some_and(|(found, _)| found == kind)
    };
    let here = arn.account().is_none() || change.account.is_none() || arn.account() == change.account;
    match &change.target {
        T::Bucket(bucket) => arn.service() == "s3" && resource.split('/').next() == Some(bucket),
        T::Object { bucket, .. } => arn.service() == "s3" && (resource == name || resource == bucket),
        T::AccessPoint(point) => {
            typed("s3", "accesspoint") && resource.split('/').nth(1) == Some(point) && here
        }
        T::Key(_) => typed("kms", "key") && last(resource) == name,
        T::Alias(alias) => arn.service() == "kms" && resource == alias && here,
        T::Queue(_) => arn.service() == "sqs" && resource == name && here,
        T::Topic(topic) => arn.as_str() == topic,
        T::Function(_) => {
            arn.service() == "lambda" && resource.split(':').nth(1) == Some(name.as_str()) && here
        }
        T::Secret(_) => {
            let secret = arn.resource_type().map(|(_, secret)| secret).unwrap_or_default();
            arn.service() == "secretsmanager" && here && is_secret(&name, secret)
        }
        T::Repository(_) => typed("ecr", "repository") && here && rest(arn) == name,
        T::PolicyOf { service, .. } if service == "glue" => arn.service() == "glue" && here,
        T::PolicyOf { service, .. } => {
            arn.service() == service && here && (rest(arn) == name || resource == name)
        }
        T::Resource(other) => {
            other == arn.as_str() || (!other.starts_with("arn:") && last(resource) == other)
        }
        T::DataCatalog(names) => {
            arn.service() == "glue" && here && names.iter().any(|name| is_in_catalog(name, resource))
        }
        T::Role(_) => typed("iam", "role") && last(resource) == name && here,
        T::User(_) => typed("iam", "user") && last(resource) == name && here,
        T::Group(_) => typed("iam", "group") && last(resource) == name && here,
        T::ManagedPolicy(policy) | T::IdentityProvider(policy) => policy == arn.as_str(),
        T::VpcEndpoints(ids) => ids.iter().any(|id| last(resource) == id),
        T::RouteTable(_) | T::OrganizationPolicy(_) | T::OrganizationTarget(_) => last(resource) == name,
        T::AccountPublicAccess(_) | T::OrganizationDelegation => false,
    }
}

fn rest(arn: &Arn) -> &str {
    arn.resource_type().map_or(arn.resource(), |(_, rest)| rest)
}

/// Secrets Manager puts a hyphen and six characters behind the name of a secret.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
fn is_secret(one: &str, other: &str) -> bool {
    let plain = |name: &str| match name.len().checked_sub(7) {
        Some(at) if name.as_bytes().get(at) == Some(&b'-') => name.get(..at).unwrap_or(name).to_owned(),
        _ => name.to_owned(),
    };
    one == other || plain(one) == other || one == plain(other)
}

/// Permissions on a database are about its tables too, and those on all tables about each.
pub(super) fn is_in_catalog(name: &str, resource: &str) -> bool {
    let inside = |whole: &str| resource.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'));
    let database = name.strip_prefix("database/").map(|database| format!("table/{database}"));
    name == resource
        || name == "catalog"
        || name.strip_suffix("/*").is_some_and(inside)
        || database.is_some_and(|tables| inside(&tables))
}

/// Whether a text in a JSON document passes a test. What is no JSON has no texts.
fn has_text(document: &str, is_meant: impl Fn(&str) -> bool) -> bool {
    fn search(value: &Value, is_meant: &impl Fn(&str) -> bool) -> bool {
        match value {
            Value::String(text) => is_meant(text),
            Value::Array(items) => items.iter().any(|item| search(item, is_meant)),
            Value::Object(map) => map.values().any(|item| search(item, is_meant)),
            _ => false,
        }
    }
    serde_json::from_str(document).is_ok_and(|value| search(&value, &is_meant))
}
