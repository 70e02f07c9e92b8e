//! Requests that the policies themselves speak of: for each statement one that it covers. They show what a repair gives
//! or takes in places that nobody thought of when the lesson was written.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnose::{Document, Probe, documents};
use crate::evidence::Evidence;
use crate::knowledge::pattern;
use crate::knowledge::service_reference::service;
use crate::policy::{BaseOperator, Condition, PolicyDocument, PrincipalForm, Statement};
use crate::request::{Action, Principal, Request};

/// So many requests are made for one caller.
const MAX_REQUESTS: usize = 150;

/// So many patterns of an element are tried.
const MAX_PATTERNS: usize = 8;

/// So many actions are tried for a pattern with a wildcard.
const MAX_OF_PATTERN: usize = 3;

/// A request that a statement covers, by the caller of the denied request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Covered {
    action: String,
    resource: String,
    context: Vec<(String, Vec<String>)>,
}

impl Covered {
    pub(super) fn probe(&self, principal: Option<&Principal>) -> Option<Probe> {
        Some(Probe {
            principal: principal.cloned(),
            action: Some(Action::parse(&self.action).ok()?),
            resource: Some(self.resource.clone()),
            context: self.context.clone(),
        })
    }

    pub(super) fn says(&self) -> String {
        let with = self.context.iter().map(|(key, values)| format!("{key} {}", values.join(", ")));
        let with: Vec<String> = with.collect();
        let with = if with.is_empty() { String::new() } else { format!(", with {}", with.join(" and ")) };
        match self.resource.as_str() {
            "*" => format!("{}{with}", self.action),
            resource => format!("{} on {resource}{with}", self.action),
        }
    }
}

/// The documents that are not the same among the others.
pub(super) fn unlike<'a>(documents: &'a [Document], others: &[Document]) -> Vec<&'a Document> {
    let known: BTreeSet<(&str, String)> =
        others.iter().map(|other| (other.name.as_str(), other.policy.without_space())).collect();
    documents
        .iter()
        .filter(|document| !known.contains(&(document.name.as_str(), document.policy.without_space())))
        .collect()
}

/// The documents of two worlds: all of them, and those that are not the same in both.
pub(super) struct Texts {
    all: Vec<Arc<PolicyDocument>>,
    changed: Vec<Arc<PolicyDocument>>,
}

impl Texts {
    pub(super) fn of(before: &Evidence, after: &Evidence) -> Self {
        let (old, new) = (documents(before), documents(after));
        let policies = |documents: Vec<&Document>| -> Vec<Arc<PolicyDocument>> {
            documents.into_iter().map(|document| Arc::clone(&document.policy)).collect()
        };
        let added = policies(unlike(&new, &old));
        let all = old.iter().map(|document| &document.policy).chain(&added).map(Arc::clone).collect();
        let changed = policies(unlike(&old, &new)).into_iter().chain(added).collect();
        Self { all, changed }
    }

    /// What the caller is tried with.
    pub(super) fn for_the_caller(&self, request: &Request) -> Vec<Covered> {
        covered(&self.all, request)
    }

    /// What the others are tried with: all, where only attachments were changed.
    pub(super) fn for_others(&self, request: &Request) -> Vec<Covered> {
        covered(if self.changed.is_empty() { &self.all } else { &self.changed }, request)
    }

    /// Who is named in what was changed.
    pub(super) fn named(&self) -> Vec<Principal> {
        let statements = self.changed.iter().flat_map(|document| &document.statements);
        let entries =
            statements.filter_map(|statement| statement.principal.as_ref()).flat_map(|p| &p.entries);
        let parsed = entries.filter_map(|entry| match &entry.form {
            PrincipalForm::Account(account) => {
                Principal::parse(&format!("arn:aws:iam::{account}:role/another"), None).ok()
            }
            _ => Principal::parse(&entry.text, None).ok(),
        });
        parsed.collect()
    }
}

fn covered(documents: &[Arc<PolicyDocument>], request: &Request) -> Vec<Covered> {
    let mut found = BTreeSet::new();
    for statement in documents.iter().flat_map(|document| &document.statements) {
        found.extend(by_statement(statement, request));
    }
    found.into_iter().take(MAX_REQUESTS).collect()
}

fn by_statement(statement: &Statement, request: &Request) -> Vec<Covered> {
    let Some(actions) = statement.action.as_ref().filter(|action| !action.negated) else { return Vec::new() };
    let actions = actions.patterns.iter().take(MAX_PATTERNS).flat_map(|pattern| some_actions(&pattern.text));
    let resources: Vec<&str> = match &statement.resource {
        Some(element) if element.negated => return Vec::new(),
        Some(element) => {
            element.patterns.iter().take(MAX_PATTERNS).map(|pattern| pattern.text.as_str()).collect()
        }
        None => vec!["*"],
    };
    let context: Vec<_> = statement.conditions.iter().filter_map(met).collect();
    let pairs = actions.flat_map(|action| resources.iter().map(move |resource| (action.clone(), *resource)));
    pairs
        .map(|(action, resource)| Covered {
            resource: a_resource(resource, &action, request),
            action,
            context: context.clone(),
        })
        .collect()
}

/// A few actions that a pattern covers.
fn some_actions(pattern: &str) -> Vec<String> {
    let is_open = pattern.contains(['*', '?']);
    match pattern.split_once(':') {
        _ if !is_open => vec![pattern.to_owned()],
        // Every action of every service: the one that matters most.
        None | Some((_, "*")) if pattern.starts_with('*') => vec!["iam:CreateUser".to_owned()],
        Some((prefix, name)) => {
            let actions = service(prefix).map(|service| service.actions.as_slice()).unwrap_or_default();
            let covered = actions.iter().filter(|action| pattern::matches(name, action.name));
            covered.take(MAX_OF_PATTERN).map(|action| format!("{prefix}:{}", action.name)).collect()
        }
        None => Vec::new(),
    }
}

/// A resource that a pattern covers; behind `*` is what the denied request was about, if the action can be about it.
fn a_resource(pattern: &str, action: &str, request: &Request) -> String {
    let own = request.resource.arn().filter(|_| action.split(':').next() == Some(request.action.service()));
    match (pattern, own) {
        ("*", Some(own)) => own.to_string(),
        ("*", None) => "*".to_owned(),
        _ => pattern.replace('*', "another").replace('?', "x"),
    }
}

/// A value that meets a condition, where one can be read off it.
fn met(condition: &Condition) -> Option<(String, Vec<String>)> {
    let base = condition.operator?.base;
    let can = matches!(
        base,
        BaseOperator::StringEquals
            | BaseOperator::StringLike
            | BaseOperator::ArnEquals
            | BaseOperator::ArnLike
            | BaseOperator::Bool
            | BaseOperator::IpAddress
    );
    let value = condition.values.first().filter(|value| can && !value.text.contains("${"))?;
    let address = value.text.split('/').next().unwrap_or_default();
    let value = match base {
        BaseOperator::IpAddress => address.to_owned(),
        _ => value.text.replace('*', "another").replace('?', "x"),
    };
    Some((condition.key.text.clone(), vec![value]))
}
