//! The form of the tables: tab-separated text, `#` comments, a header line, a `source` in the last column. The table's
//! text is part of the program, so every cell is a `&'static str`.

use std::fmt;
use std::sync::LazyLock;

/// How sure a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// AWS says so on the page that the source names.
    Documented,
    /// Seen in real events or messages; AWS does not say it.
    Observed,
    /// Neither: general knowledge. Say "probably" when an answer rests on it.
    Believed,
}

impl Certainty {
    pub(crate) fn of(cell: &str) -> Self {
        match cell {
            "documented" => Self::Documented,
            "observed" => Self::Observed,
            _ => Self::Believed,
        }
    }
}

/// Where a row comes from: pages, or keys of `tables/sources.tsv`. `Display` writes the keys out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(&'static str);

impl Source {
    pub(crate) const fn new(cell: &'static str) -> Self {
        Self(cell)
    }

    /// The cell as it stands in the table.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Each page or reference, keys written out. A key that `sources.tsv` does not have gives `None`.
    pub fn references(self) -> impl Iterator<Item = Option<&'static str>> {
        self.0.split("; ").map(|part| {
            if part.starts_with("https://") {
                return Some(part);
            }
            SOURCES.iter().find(|(key, _)| *key == part).map(|(_, text)| *text)
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.references().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(part.unwrap_or(self.0))?;
        }
        Ok(())
    }
}

static SOURCES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    rows(include_str!("tables/sources.tsv")).map(|row| (row.get("key"), row.get("text"))).collect()
});

/// One row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    header: &'static str,
    line: &'static str,
}

impl Row {
    /// The cell of a column; empty where the table has no such column.
    pub fn get(&self, column: &str) -> &'static str {
        self.header
            .split('\t')
            .zip(self.line.split('\t'))
            .find_map(|(name, cell)| (name == column).then_some(cell))
            .unwrap_or_default()
    }

    /// The row's source.
    pub fn source(&self) -> Source {
        Source::new(self.get("source"))
    }

    /// How sure the row is; `Documented` where the table does not tell rows apart.
    pub fn certainty(&self) -> Certainty {
        match self.get("certainty") {
            "" => Certainty::Documented,
            cell => Certainty::of(cell),
        }
    }

    /// The parts of a cell that is a list.
    pub(crate) fn list(&self, column: &str) -> Vec<&'static str> {
        self.get(column).split(',').filter(|part| !part.is_empty()).collect()
    }

    /// Whether the row has as many cells as the header.
    pub fn is_complete(&self) -> bool {
        self.header.split('\t').count() == self.line.split('\t').count()
    }
}

/// The rows of a table's text.
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Row> {
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let header = lines.next().unwrap_or_default();
    lines.map(move |line| Row { header, line })
}

/// Every table but the service reference, with its file name: for documentation and for tests.
pub fn all() -> impl Iterator<Item = (&'static str, Vec<Row>)> {
    TABLES.iter().map(|(name, text)| (*name, rows(text).collect()))
}

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("tables/", $name, ".tsv")))),*]
    };
}

const TABLES: &[(&str, &str)] = tables![
    "account_kind_fragments",
    "account_kind_refusals",
    "api_gateway",
    "arn_placeholders",
    "arn_sure_types",
    "change_events",
    "condition_advice",
    "condition_keys",
    "console_callers",
    "data_events",
    "error_codes",
    "event_actions",
    "event_fields",
    "event_sources",
    "global_regions",
    "global_services",
    "kms_actions",
    "kms_behind",
    "kms_encryption_contexts",
    "kms_key_states",
    "managed_policies",
    "no_action",
    "no_resource_account",
    "operation_rules",
    "organizations_callers",
    "other_causes",
    "partitions",
    "passed_role_parameters",
    "passed_to_services",
    "permissionless",
    "rcp_exemptions",
    "rcp_services",
    "reader_calls",
    "regions",
    "resource_policies",
    "resource_policy_events",
    "resource_tag_keys",
    "restricted_apis",
    "s3_acl_permissions",
    "s3_block_public_access",
    "s3_non_public_keys",
    "s3_object_calls",
    "security_hub_filters",
    "shared_resources",
];
