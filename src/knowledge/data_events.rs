//! Data events: calls that CloudTrail records only where a trail or an event data store selects them. Event history and
//! `LookupEvents` never have them, so their absence proves nothing.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// An event that is a data event.
#[derive(Debug, Clone, Copy)]
pub struct DataEvent {
    /// The event source, without `.amazonaws.com`.
    pub event_source: &'static str,
    /// The event name.
    pub event_name: &'static str,
    /// Amazon S3: whether the call is about an object (else about a bucket).
    pub object_level: bool,
    /// How sure the row is.
    pub certainty: Certainty,
    /// Where this comes from.
    pub source: Source,
}

/// The row of an event that is a data event, by its source with or without `.amazonaws.com`.
pub fn data_event(event_source: &str, event_name: &str) -> Option<&'static DataEvent> {
    let short = event_source.strip_suffix(".amazonaws.com").unwrap_or(event_source);
    ROWS.iter().find(|row| {
        row.event_name.eq_ignore_ascii_case(event_name) && row.event_source.eq_ignore_ascii_case(short)
    })
}

/// All data events of the table.
pub fn all() -> &'static [DataEvent] {
    &ROWS
}

static ROWS: LazyLock<Vec<DataEvent>> = LazyLock::new(|| {
    table::rows(include_str!("tables/data_events.tsv"))
        .map(|row| DataEvent {
            event_source: row.get("event_source"),
            event_name: row.get("event_name"),
            object_level: row.get("level") == "object",
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});
