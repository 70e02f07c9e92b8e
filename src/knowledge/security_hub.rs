//! The metric filter patterns that Security Hub's CloudWatch controls expect.
//!
//! Source: <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// A pattern of a control.
#[derive(Debug, Clone, Copy)]
pub struct ControlFilter {
    /// The control, such as `CloudWatch.4`.
    pub control: &'static str,
    /// Whether it is what the control's page recommends, and not an older text of CIS.
    pub is_recommended: bool,
    /// What it watches.
    pub title: &'static str,
    /// The pattern, to the letter.
    pub pattern: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// All patterns, in the order of the controls.
pub fn filters() -> &'static [ControlFilter] {
    &FILTERS
}

static FILTERS: LazyLock<Vec<ControlFilter>> = LazyLock::new(|| {
    table::rows(include_str!("tables/security_hub_filters.tsv"))
        .map(|row| ControlFilter {
            control: row.get("control"),
            is_recommended: row.get("text") == "page",
            title: row.get("title"),
            pattern: row.get("pattern"),
            source: row.source(),
        })
        .collect()
});
