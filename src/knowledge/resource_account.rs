//! Actions whose requests do not carry `aws:ResourceAccount`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount>

use std::sync::LazyLock;

use super::{pattern, table};

/// Whether the requests of an action carry the account of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceAccount {
    /// They do.
    Carried,
    /// They do not.
    Absent,
    /// Some do; AWS does not say which.
    Unknown,
}

/// Whether the requests of an action (in lower case) carry the account of the resource.
pub fn resource_account(action: &str) -> ResourceAccount {
    let service = action.split(':').next().unwrap_or_default();
    let of_service = |row: &&(&str, ResourceAccount)| row.0.split(':').next() == Some(service);
    let row = ROWS.iter().filter(of_service).find(|(actions, _)| pattern::matches(actions, action));
    row.map_or(ResourceAccount::Carried, |(_, state)| *state)
}

static ROWS: LazyLock<Vec<(&'static str, ResourceAccount)>> = LazyLock::new(|| {
    table::rows(include_str!("tables/no_resource_account.tsv"))
        .map(|row| {
            let state =
                if row.get("state") == "absent" { ResourceAccount::Absent } else { ResourceAccount::Unknown };
            (row.get("action"), state)
        })
        .collect()
});
