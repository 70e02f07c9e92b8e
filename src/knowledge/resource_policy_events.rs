//! Operations that write resource-based policies, in services that have no reader of their own in `trail`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// What an operation does to the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The policy is replaced.
    Put,
    /// The policy is replaced if the event has one: it is one of many settings.
    PutIfGiven,
    /// The policy is deleted.
    Deleted,
    /// A statement is added.
    Added,
    /// A statement is removed.
    Removed,
}

/// An operation, and where its event shows what was changed. An empty name: the event does not show it.
#[derive(Debug, Clone, Copy)]
pub struct ResourcePolicyEvent {
    /// The event source without `.amazonaws.com`.
    pub event_source: &'static str,
    /// The event name.
    pub event_name: &'static str,
    /// What it does.
    pub change: Written,
    /// The service as ARNs write it.
    pub arn_service: &'static str,
    /// The parameter that names the resource, by ARN or name.
    pub resource: &'static str,
    /// The resource where no parameter names it.
    pub fallback: &'static str,
    /// The parameter that holds the policy.
    pub document: &'static str,
    /// The parameter that names the statement.
    pub statement: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// The row of an operation, by the event source without `.amazonaws.com`.
pub fn resource_policy_event(event_source: &str, event_name: &str) -> Option<&'static ResourcePolicyEvent> {
    ROWS.iter().find(|row| row.event_source == event_source && row.event_name == event_name)
}

/// All operations.
pub fn all() -> &'static [ResourcePolicyEvent] {
    &ROWS
}

static ROWS: LazyLock<Vec<ResourcePolicyEvent>> = LazyLock::new(|| {
    table::rows(include_str!("tables/resource_policy_events.tsv"))
        .map(|row| ResourcePolicyEvent {
            event_source: row.get("event_source"),
            event_name: row.get("event_name"),
            change: match row.get("change") {
                "put" => Written::Put,
                "put-if-given" => Written::PutIfGiven,
                "delete" => Written::Deleted,
                "add" => Written::Added,
                _ => Written::Removed,
            },
            arn_service: row.get("arn_service"),
            resource: row.get("resource"),
            fallback: row.get("fallback"),
            document: row.get("document"),
            statement: row.get("statement"),
            source: row.source(),
        })
        .collect()
});
