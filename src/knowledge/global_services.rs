//! Services whose events are logged in one Region of a partition, whatever Region the caller had in mind.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html>

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// A global service.
#[derive(Debug, Clone, Copy)]
pub struct GlobalService {
    /// The event source, without `.amazonaws.com`.
    pub event_source: &'static str,
    /// The Region of its events in the partition `aws`.
    pub region: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// The row of an event source, with or without `.amazonaws.com`.
pub fn global_service(event_source: &str) -> Option<&'static GlobalService> {
    let short = event_source.strip_suffix(".amazonaws.com").unwrap_or(event_source);
    SERVICES.iter().find(|row| row.event_source.eq_ignore_ascii_case(short))
}

/// All global services.
pub fn all() -> &'static [GlobalService] {
    &SERVICES
}

/// The Region where a partition's global services log; `None` for a partition that is not in the table.
pub fn home_region(partition: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(name, _)| *name == partition).map(|(_, region)| *region)
}

static SERVICES: LazyLock<Vec<GlobalService>> = LazyLock::new(|| {
    table::rows(include_str!("tables/global_services.tsv"))
        .map(|row| GlobalService {
            event_source: row.get("event_source"),
            region: row.get("region"),
            certainty: row.certainty(),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});

static REGIONS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    table::rows(include_str!("tables/global_regions.tsv"))
        .map(|row| (row.get("partition"), row.get("region")))
        .collect()
});
