//! AWS managed policies that mean more than their text: a quarantined key, a task policy of the root user, the default
//! SCP.
//!
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// A managed policy with a special meaning.
#[derive(Debug, Clone, Copy)]
pub struct SpecialPolicy {
    /// The policy's ARN in the partition `aws`.
    pub arn: &'static str,
    /// A stable word for the meaning, such as `compromised-key`.
    pub meaning: &'static str,
    /// What it means, for people.
    pub text: &'static str,
    /// What to do about it; may be empty.
    pub advice: &'static str,
    /// The policy's page.
    pub source: Source,
}

/// The row of a policy, by ARN (of any partition) or by name.
pub fn special(arn_or_name: &str) -> Option<&'static SpecialPolicy> {
    let after_partition = |arn: &'static str| arn.split_once(":aws:").map_or(arn, |(_, rest)| rest);
    ROWS.iter().find(|row| match arn_or_name.strip_prefix("arn:").and_then(|rest| rest.split_once(':')) {
        Some((_, rest)) => rest == after_partition(row.arn),
        None => {
            row.arn.rsplit('/').next().map(|name| name.trim_start_matches("p-"))
                == Some(arn_or_name.trim_start_matches("p-"))
        }
    })
}

/// All such policies.
pub fn all() -> &'static [SpecialPolicy] {
    &ROWS
}

static ROWS: LazyLock<Vec<SpecialPolicy>> = LazyLock::new(|| {
    table::rows(include_str!("tables/managed_policies.tsv"))
        .map(|row| SpecialPolicy {
            arn: row.get("arn"),
            meaning: row.get("meaning"),
            text: row.get("text"),
            advice: row.get("advice"),
            source: row.source(),
        })
        .collect()
});
