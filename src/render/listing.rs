//! The list of denials, grouped.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::evidence::Gap;

/// One group of denials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DenialRow {
    /// The caller, as the event or its message names it.
    pub principal: Option<String>,
    /// The action: the message's, or the one that the event stands for.
    pub action: String,
    /// The resource, where the message or the parameters show it.
    pub resource: Option<String>,
    /// The error code.
    pub error_code: Option<String>,
    /// What AWS's message gives as the reason, in the words of the layers.
    pub reason: Option<String>,
}

/// How often and when a group of denials happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DenialTally {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Option<String>,
    /// The last.
    pub last: Option<String>,
}

/// The list as JSON: entries with counts, a total, and what could not be read.
pub fn listing_json(rows: &BTreeMap<DenialRow, DenialTally>, gaps: &[Gap]) -> Value {
    let entries: Vec<Value> = sorted(rows)
        .into_iter()
        .map(|(row, tally)| {
            json!({
                "principal": row.principal,
                "action": row.action,
                "resource": row.resource,
                "error_code": row.error_code,
                "reason": row.reason,
                "count": tally.count,
                "first": tally.first,
                "last": tally.last,
            })
        })
        .collect();
    let total: u64 = rows.values().map(|tally| tally.count).sum();
    let gaps: Vec<Value> = gaps.iter().map(|gap| json!({ "what": gap.what, "why": gap.why })).collect();
    json!({ "version": 1, "denials": entries, "total": total, "not_checked": gaps })
}

/// The list as cells of a table.
pub fn listing_table_rows(rows: &BTreeMap<DenialRow, DenialTally>) -> Vec<Vec<String>> {
    sorted(rows)
        .into_iter()
        .map(|(row, tally)| {
            let cell = |text: &Option<String>| super::printable(text.as_deref().unwrap_or("-")).into_owned();
            vec![
                tally.count.to_string(),
                cell(&tally.last),
                cell(&row.principal.as_deref().map(short)),
                super::printable(&row.action).into_owned(),
                cell(&row.resource.as_deref().map(short)),
                cell(&row.reason.clone().or_else(|| row.error_code.clone())),
            ]
        })
        .collect()
}

/// The most frequent first.
fn sorted(rows: &BTreeMap<DenialRow, DenialTally>) -> Vec<(&DenialRow, &DenialTally)> {
    let mut sorted: Vec<_> = rows.iter().collect();
    sorted.sort_by_key(|(row, tally)| (std::cmp::Reverse(tally.count), *row));
    sorted
}

/// An ARN's resource part: the account and region are the same in most rows, and JSON has all of it.
fn short(text: &str) -> String {
    crate::arn::Arn::parse(text).map_or_else(|_| text.to_owned(), |arn| arn.resource().to_owned())
}
