//! From a KMS call that a service made to the call that a person made. The encryption context, which services fill by
//! habit, names the resource.

use crate::knowledge::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// A name that a service puts in the encryption context.
#[derive(Debug, Clone, Copy)]
pub struct EncryptionContextName {
    /// The name, such as `aws:s3:arn`.
    pub name: &'static str,
    /// The IAM prefix of the service.
    pub service: &'static str,
    /// Of several names in one context the one with the lowest rank is nearest to the caller.
    pub rank: u8,
    /// What its value is.
    pub value: ContextValue,
    /// How sure the row is.
    pub certainty: Certainty,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// The page.
    pub source: Source,
}

/// What the value of an encryption context name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextValue {
    /// An ARN.
    Arn,
    /// An id or a name, which stands for `${Value}` in this ARN format.
    Named(&'static str),
}

/// A KMS action behind an action of another service.
#[derive(Debug, Clone, Copy)]
pub struct Behind {
    /// The IAM prefix under which the encryption context is found.
    pub service: &'static str,
    /// The action of the service.
    pub action: &'static str,
    /// The KMS action that it needs.
    pub kms_action: &'static str,
    /// When it needs it, for people; may be empty.
    pub when: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// The page.
    pub source: Source,
}

/// What probably stood before a KMS call.
#[derive(Debug, Clone)]
pub struct SurfaceGuess {
    /// The name that told.
    pub context: &'static EncryptionContextName,
    /// Its value: the resource of the surface call.
    pub resource: String,
    /// The actions of the service that need this KMS action; none if the table has no such row.
    pub actions: Vec<&'static Behind>,
}

impl SurfaceGuess {
    /// The IAM prefix of the service.
    pub fn service(&self) -> &'static str {
        self.context.service
    }
}

/// The call that probably stood before a KMS call, by the action (any case) and the encryption context of the KMS
/// event. `None` if the context names no service: then the principal may have called KMS itself.
pub fn surface_of<'a>(
    kms_action: &str,
    encryption_context: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<SurfaceGuess> {
    let (context, value) = encryption_context
        .into_iter()
        .filter_map(|(name, value)| Some((context_name(name)?, value)))
        .min_by_key(|(context, _)| context.rank)?;
    let actions = BEHIND
        .iter()
        .filter(|row| row.service == context.service && same_kms_action(row.kms_action, kms_action))
        .collect();
    Some(SurfaceGuess { context, resource: value.to_owned(), actions })
}

/// The KMS actions behind an action of a service, in any case.
pub fn behind(action: &str) -> impl Iterator<Item = &'static Behind> {
    BEHIND.iter().filter(move |row| row.action.eq_ignore_ascii_case(action))
}

/// The IAM prefix of a service that calls KMS with the credentials of its callers, if the table has it. Services that
/// call with a principal of their own are none.
pub fn service_before(name: &str) -> Option<&'static str> {
    let of_caller = |row: &&Behind| !row.when.starts_with("made by") && !row.when.starts_with("made through");
    BEHIND.iter().filter(of_caller).map(|row| row.service).find(|service| *service == name)
}

/// Whether an action of another service needs a KMS action, both in any case.
pub fn stands_before(action: &str, kms_action: &str) -> bool {
    behind(action).any(|row| same_kms_action(row.kms_action, kms_action))
}

/// All names that services put in encryption contexts.
pub fn context_names() -> &'static [EncryptionContextName] {
    &CONTEXTS
}

fn context_name(name: &str) -> Option<&'static EncryptionContextName> {
    CONTEXTS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

/// The API and the event are `ReEncrypt`, the actions `ReEncryptFrom` and `ReEncryptTo`.
fn same_kms_action(row: &str, kms_action: &str) -> bool {
    row.eq_ignore_ascii_case(kms_action)
        || (kms_action.eq_ignore_ascii_case("kms:ReEncrypt") && row.starts_with("kms:ReEncrypt"))
}

static CONTEXTS: LazyLock<Vec<EncryptionContextName>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/kms_encryption_contexts.tsv"))
        .map(|row| EncryptionContextName {
            name: row.get("name"),
            service: row.get("service"),
            rank: row.get("rank").parse().unwrap_or(u8::MAX),
            value: match row.get("template") {
                "" => ContextValue::Arn,
                template => ContextValue::Named(template),
            },
            certainty: row.certainty(),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});

static BEHIND: LazyLock<Vec<Behind>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/kms_behind.tsv"))
        .map(|row| Behind {
            service: row.get("service"),
            action: row.get("action"),
            kms_action: row.get("kms_action"),
            when: row.get("when"),
            certainty: row.certainty(),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});
