//! From a CloudTrail event to the IAM actions that AWS checks for it.
//!
//! The order: events without an action; API Gateway's paths; date suffixes of Lambda and CloudFront; the exceptions of
//! `tables/event_actions.tsv`; else the event's own name. Where an error message says `perform: X`, X is AWS's own word
//! and wins over this table.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

mod dates;
mod exceptions;

use super::table::{self, Source};
use super::{parameters::When, service_reference};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The IAM actions of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionMapping {
    /// The actions; none where the event stands for no IAM action.
    pub actions: Vec<MappedAction>,
    /// How the answer was found.
    pub certainty: MappingCertainty,
    /// Where the rule or the row comes from.
    pub source: Source,
}

/// How an event's actions were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingCertainty {
    /// A row of the table.
    Documented,
    /// The event name, perhaps without its date, is the name of a known action.
    Rule,
    /// The event name was taken for the action; the service reference does not have it, or the row is only believed.
    Assumed,
    /// The event stands for no IAM action; the text says why.
    NoIamAction(&'static str),
}

/// One action of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedAction {
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// Whether the request needs it.
    pub need: Need,
    /// Which resource of the request it is checked against.
    pub role: ResourceRole,
    /// The ARN format of that resource where it is not the service reference's (API Gateway paths).
    pub resource: Option<&'static str>,
    /// The condition that decided, or would decide, `need`.
    pub when: When,
    /// What else is to be known; may be empty.
    pub note: &'static str,
}

/// Whether a request needs an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Yes.
    Required,
    /// One or more of the actions so marked; the event does not tell which.
    OneOf,
    /// Perhaps; the event does not tell.
    Possible,
}

/// The resource of a request that an action is checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceRole {
    /// The request's resource.
    Subject,
    /// What is read, in a request that copies or re-encrypts.
    Source,
    /// What is written, in a request that copies or re-encrypts.
    Destination,
    /// The role that the request hands to a service.
    PassedRole,
}

/// The IAM actions of an event. `request_parameters` decides between alternatives where it can; `None` or null gives
/// them all. Names are taken in any case.
pub fn iam_actions(
    event_source: &str,
    event_name: &str,
    request_parameters: Option<&Value>,
) -> ActionMapping {
    let source = short_source(event_source);
    let name = dates::strip(&source, event_name);
    if let Some((reason, source)) = exceptions::no_action(&source, name) {
        return ActionMapping {
            actions: Vec::new(),
            certainty: MappingCertainty::NoIamAction(reason),
            source,
        };
    }
    exceptions::find(&source, name, request_parameters).unwrap_or_else(|| identity(&source, event_name, name))
}

/// The IAM prefix of an event source: `monitoring.amazonaws.com` gives `cloudwatch`.
pub fn prefix(event_source: &str) -> String {
    let short = short_source(event_source);
    match PREFIXES.get(short.as_str()) {
        Some(prefix) => (*prefix).to_owned(),
        None => short.split('.').next().unwrap_or_default().to_owned(),
    }
}

fn identity(source: &str, event_name: &str, name: &str) -> ActionMapping {
    let prefix = prefix(source);
    let known = service_reference::action(&prefix, name);
    let rule = match (source, name == event_name) {
        ("lambda", false) => "RULE-LAMBDA",
        ("cloudfront", false) => "RULE-CLOUDFRONT",
        _ => "RULE-IDENTITY",
    };
    let action = MappedAction {
        action: format!("{prefix}:{}", known.map_or(name, |facts| facts.name)),
        need: Need::Required,
        role: ResourceRole::Subject,
        resource: None,
        when: When::new(""),
        note: "",
    };
    let certainty = if known.is_some() { MappingCertainty::Rule } else { MappingCertainty::Assumed };
    ActionMapping { actions: vec![action], certainty, source: Source::new(rule) }
}

/// The event source in lower case, without `.amazonaws.com` or another partition's domain.
fn short_source(event_source: &str) -> String {
    let lower = event_source.trim().to_ascii_lowercase();
    match lower.find(".amazonaws.") {
        Some(end) => lower.get(..end).unwrap_or_default().to_owned(),
        None => lower,
    }
}

static PREFIXES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/event_sources.tsv"))
        .map(|r| (r.get("event_source"), r.get("prefix")))
        .collect()
});

/// The event sources, without `.amazonaws.com`, whose name is not the prefix of their actions.
pub fn event_sources() -> impl Iterator<Item = &'static str> {
    PREFIXES.keys().copied()
}

/// A request parameter whose value is a role that the call hands to a service.
#[derive(Debug, Clone, Copy)]
pub struct PassedRoleParameter {
    /// The parameter's name, in any case.
    pub parameter: &'static str,
    /// Which services use it; may be empty.
    pub note: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// The service that a role is passed to with a call, where the called API leaves no doubt.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
pub fn passed_to(event_source: &str, event_name: &str) -> Option<&'static str> {
    static ROWS: LazyLock<Vec<(&str, &str, &str)>> = LazyLock::new(|| {
        table::rows(include_str!("../tables/passed_to_services.tsv"))
            .map(|row| (row.get("event_source"), row.get("event"), row.get("service")))
            .collect()
    });
    let is_meant = |event: &str| match event.strip_suffix('*') {
        Some(start) => event_name.starts_with(start),
        None => event_name == event,
    };
    ROWS.iter()
        .find(|(source, event, _)| *source == event_source && is_meant(event))
        .map(|(.., service)| *service)
}

/// The parameters that make a call need `iam:PassRole`, which never has an event of its own.
pub fn passed_role_parameters() -> &'static [PassedRoleParameter] {
    static ROWS: LazyLock<Vec<PassedRoleParameter>> = LazyLock::new(|| {
        table::rows(include_str!("../tables/passed_role_parameters.tsv"))
            .map(|r| PassedRoleParameter {
                parameter: r.get("parameter"),
                note: r.get("note"),
                source: r.source(),
            })
            .collect()
    });
    &ROWS
}
