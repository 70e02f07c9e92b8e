//! Actions that need no permission.

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// An action that needs no permission.
#[derive(Debug, Clone, Copy)]
pub struct Permissionless {
    /// The action.
    pub action: &'static str,
    /// Whether AWS ignores even an explicit deny; `None` if no page says.
    pub deny_ignored: Option<bool>,
    /// How sure the row is.
    pub certainty: Certainty,
    /// What AWS says.
    pub note: &'static str,
    /// The page.
    pub source: Source,
}

/// The row of an action (`sts:GetCallerIdentity`, any case) that needs no permission.
pub fn permissionless(action: &str) -> Option<&'static Permissionless> {
    let same_length = BY_LENGTH.get(action.len())?;
    same_length.iter().copied().find(|row| row.action.eq_ignore_ascii_case(action))
}

/// All such actions.
pub fn all() -> &'static [Permissionless] {
    &ROWS
}

/// Every decision asks for its action, and few actions have the length of a row.
static BY_LENGTH: LazyLock<Vec<Vec<&'static Permissionless>>> = LazyLock::new(|| {
    let longest = ROWS.iter().map(|row| row.action.len()).max().unwrap_or_default();
    (0..=longest).map(|length| ROWS.iter().filter(|row| row.action.len() == length).collect()).collect()
});

static ROWS: LazyLock<Vec<Permissionless>> = LazyLock::new(|| {
    table::rows(include_str!("tables/permissionless.tsv"))
        .map(|row| Permissionless {
            action: row.get("action"),
            deny_ignored: match row.get("deny_ignored") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            certainty: row.certainty(),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});
