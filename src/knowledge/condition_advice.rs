//! How to meet a condition: what to send, and who sends it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// What to do about a condition key.
#[derive(Debug, Clone, Copy)]
pub struct ConditionAdvice {
    /// The key, or the beginning that keys of one family share.
    pub key: &'static str,
    /// Who can do it.
    pub who: &'static str,
    /// What to do, for people.
    pub advice: &'static str,
    /// Whether only the statement can be changed: what is sent follows from something else.
    pub statement_follows: bool,
    /// What to do instead about a Deny of what the condition names; empty where nothing is known.
    pub where_named: &'static str,
    /// The page.
    pub source: Source,
}

/// The row of a condition key, in any case.
pub fn condition_advice(key: &str) -> Option<&'static ConditionAdvice> {
    ROWS.iter().find(|row| {
        let is_family = row.key.ends_with(['/', ':']);
        let start = if is_family { key.get(..row.key.len()) } else { Some(key) };
        start.is_some_and(|start| start.eq_ignore_ascii_case(row.key))
    })
}

static ROWS: LazyLock<Vec<ConditionAdvice>> = LazyLock::new(|| {
    table::rows(include_str!("tables/condition_advice.tsv"))
        .map(|row| ConditionAdvice {
            key: row.get("key"),
            who: row.get("who"),
            advice: row.get("advice"),
            statement_follows: row.get("statement_follows") == "yes",
            where_named: row.get("where_named"),
            source: row.source(),
        })
        .collect()
});
