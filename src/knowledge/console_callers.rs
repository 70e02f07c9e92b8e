//! Services whose consoles call AWS Organizations by themselves, so that a member account sees denials of calls that
//! nobody made knowingly.

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// A console that calls Organizations.
#[derive(Debug, Clone, Copy)]
pub struct ConsoleCaller {
    /// The event source of the service, without `.amazonaws.com`.
    pub event_source: &'static str,
    /// The console's name for people.
    pub console: &'static str,
    /// What it calls; `organizations:*` where only the service is known.
    pub calls: &'static str,
    /// Observed in an event, or only believed.
    pub certainty: Certainty,
    /// Where this comes from.
    pub source: Source,
}

/// All such consoles, observed ones first.
pub fn all() -> &'static [ConsoleCaller] {
    &ROWS
}

/// The console of an event source, with or without `.amazonaws.com`.
pub fn console(event_source: &str) -> Option<&'static ConsoleCaller> {
    let short = event_source.strip_suffix(".amazonaws.com").unwrap_or(event_source);
    ROWS.iter().find(|row| row.event_source.eq_ignore_ascii_case(short))
}

static ROWS: LazyLock<Vec<ConsoleCaller>> = LazyLock::new(|| {
    table::rows(include_str!("tables/console_callers.tsv"))
        .map(|row| ConsoleCaller {
            event_source: row.get("event_source"),
            console: row.get("console"),
            calls: row.get("calls"),
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});
