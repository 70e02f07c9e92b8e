//! What the principal called: resources by ARN, and whatever else its calls named.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Seen;
use super::subject::{Who, is_in_catalog};
use super::words::name_of;
use crate::evidence::Evidence;
use crate::trail::Event;
use crate::trail::change::ChangeTarget as T;
use crate::trail::denial::Denial;
use crate::trail::identity::Caller;
use crate::trail::request::{reconstruct, requests_of};

/// The calls of a principal.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// ARNs of resources, each with an action that was called on it.
    pub called: BTreeMap<String, String>,
    /// Names and ARNs in the parameters, each with a call.
    pub named: BTreeMap<String, String>,
    /// VPC endpoints that calls came through.
    pub endpoints: BTreeSet<String>,
}

impl Calls {
    /// A change that the principal made is no use of the resource.
    pub(super) fn of(evidence: &Evidence, seen: &[Seen<'_>], who: &Who) -> Self {
        let mut calls = Self::default();
        let changes: BTreeSet<*const Event> =
            seen.iter().map(|seen| std::ptr::from_ref(seen.event)).collect();
        for event in &evidence.events {
            let caller = Caller::of(event, None);
            if !changes.contains(&std::ptr::from_ref(event)) && who.made(event, &caller) {
                calls.add(event, &caller);
            }
        }
        calls
    }

    fn add(&mut self, event: &Event, caller: &Caller) {
        self.endpoints.extend(event.vpc_endpoint_id.clone());
        for (arn, action) in resources(event, caller) {
            self.called.entry(arn).or_insert(action);
        }
        for name in names(event).into_iter().take(MAX_NAMES.saturating_sub(self.named.len())) {
            self.named.entry(name).or_insert_with(|| call(event));
        }
    }
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
pub(super) fn is_unmistakable(target: &T, name: &str) -> bool {
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
