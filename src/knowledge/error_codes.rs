//! What an error code says about a refusal. Codes differ by service, and CloudTrail's can differ from the API's, so an
//! unknown code is no proof of anything.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html> and the API References

use super::table::{self, Source};
use std::sync::LazyLock;

/// A known error code.
#[derive(Debug, Clone, Copy)]
pub struct ErrorCode {
    /// The code, as CloudTrail or the API writes it.
    pub code: &'static str,
    /// What it says.
    pub class: ErrorClass,
    /// The service that refused, where the code names another one than was called.
    pub behind: Option<&'static str>,
    /// The services that use it, for people; may be empty.
    pub services: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// What an error code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The call was denied.
    Denied,
    /// A call behind the call was denied.
    Downstream,
    /// No policy: the kind of the account.
    AccountKind,
    /// No policy: the state of the KMS key, or the ciphertext.
    KeyState,
    /// Some of its uses are refusals.
    Maybe,
    /// Not a refusal, although it may look like one.
    NotDenied,
}

/// The row of a code, in any case.
pub fn error_code(code: &str) -> Option<&'static ErrorCode> {
    CODES.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

/// All known codes.
pub fn all() -> &'static [ErrorCode] {
    &CODES
}

/// Whether a code, listed or not, reads like a refusal because of the kind of the account.
pub fn names_account_kind(code: &str) -> bool {
    match error_code(code) {
        Some(row) => row.class == ErrorClass::AccountKind,
        None => {
            let code = code.to_ascii_lowercase();
            FRAGMENTS.iter().any(|fragment| code.contains(fragment))
        }
    }
}

static CODES: LazyLock<Vec<ErrorCode>> = LazyLock::new(|| {
    table::rows(include_str!("tables/error_codes.tsv"))
        .map(|row| ErrorCode {
            code: row.get("code"),
            class: class(row.get("class")),
            behind: Some(row.get("behind")).filter(|service| !service.is_empty()),
            services: row.get("services"),
            source: row.source(),
        })
        .collect()
});

static FRAGMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    table::rows(include_str!("tables/account_kind_fragments.tsv"))
        .map(|row| row.get("fragment").to_ascii_lowercase())
        .collect()
});

fn class(cell: &str) -> ErrorClass {
    match cell {
        "denied" => ErrorClass::Denied,
        "downstream" => ErrorClass::Downstream,
        "account-kind" => ErrorClass::AccountKind,
        "key-state" => ErrorClass::KeyState,
        "not-denied" => ErrorClass::NotDenied,
        _ => ErrorClass::Maybe,
    }
}
