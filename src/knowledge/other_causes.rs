//! What can refuse a call that every policy allows.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// A fact that no evidence shows and that can refuse a call.
#[derive(Debug, Clone, Copy)]
pub struct OtherCause {
    /// The service prefix, or `*`.
    pub service: &'static str,
    /// The fact, as a question.
    pub what: &'static str,
    /// What it does.
    pub why: &'static str,
    /// The page.
    pub source: Source,
}

/// What can refuse the calls of a service beside policies.
pub fn other_causes(service: &str) -> impl Iterator<Item = &'static OtherCause> {
    ROWS.iter().filter(move |row| row.service == service || row.service == "*")
}

static ROWS: LazyLock<Vec<OtherCause>> = LazyLock::new(|| {
    table::rows(include_str!("tables/other_causes.tsv"))
        .map(|row| OtherCause {
            service: row.get("service"),
            what: row.get("what"),
            why: row.get("why"),
            source: row.source(),
        })
        .collect()
});
