//! The fields of CloudTrail events: whether they are there, and of which type.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html> and
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// What is known of a field in the events of one kind of identity.
#[derive(Debug, Clone, Copy)]
pub struct EventField {
    /// The path with dots.
    pub field: &'static str,
    /// The `userIdentity.type`; `None` for all that have no row of their own.
    pub identity: Option<&'static str>,
    /// Whether the field is there.
    pub presence: Presence,
    /// The type of its value.
    pub value: FieldType,
    /// Whether the caller decides what stands there.
    pub chosen_by_caller: bool,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// Whether a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// In every event.
    Always,
    /// In some.
    Sometimes,
    /// In none.
    Never,
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A string, also where it says `true` or digits.
    Text,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// The rows of a field: for all identities first. Empty for a field that no row has.
pub fn rows(field: &str) -> impl Iterator<Item = &'static EventField> {
    FIELDS.iter().filter(move |row| row.field == field)
}

/// The row of a field for an identity, or for all.
pub fn row(field: &str, identity: Option<&str>) -> Option<&'static EventField> {
    let own = rows(field).find(|row| row.identity.is_some() && row.identity == identity);
    own.or_else(|| rows(field).find(|row| row.identity.is_none()))
}

/// All rows.
pub fn all() -> &'static [EventField] {
    &FIELDS
}

static FIELDS: LazyLock<Vec<EventField>> = LazyLock::new(|| {
    table::rows(include_str!("tables/event_fields.tsv"))
        .map(|row| EventField {
            field: row.get("field"),
            identity: Some(row.get("identity")).filter(|identity| *identity != "*"),
            presence: match row.get("presence") {
                "always" => Presence::Always,
                "never" => Presence::Never,
                _ => Presence::Sometimes,
            },
            value: match row.get("type") {
                "boolean" => FieldType::Boolean,
                "object" => FieldType::Object,
                "array" => FieldType::Array,
                _ => FieldType::Text,
            },
            chosen_by_caller: row.get("chosen") == "yes",
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});
