//! AWS KMS: how its actions are authorized, which calls of other services stand before them, and what a key's state
//! does.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html>

mod surface;

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

pub use surface::{
    Behind, ContextValue, EncryptionContextName, SurfaceGuess, behind, context_names, service_before,
    stands_before, surface_of,
};

/// How KMS authorizes an action.
#[derive(Debug, Clone, Copy)]
pub struct KmsAction {
    /// The action, such as `kms:Decrypt`.
    pub action: &'static str,
    /// What decides.
    pub authorized_by: AuthorizedBy,
    /// Whether a principal of another account can use it; `None` if it has no key, or no page says.
    pub cross_account: Option<bool>,
    /// Its name among a grant's operations, where a grant can allow it.
    pub grant_operation: Option<&'static str>,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// The pages.
    pub source: Source,
}

/// What decides about a KMS action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizedBy {
    /// IAM policies only: no key is concerned, the resource is `*`.
    IamOnly,
    /// The key policy, IAM policies where the key policy enables them, or a grant.
    Key,
    /// IAM policies on the alias, and the key as in [`AuthorizedBy::Key`].
    AliasAndKey,
}

/// What KMS answers when the key, not a policy, refuses.
#[derive(Debug, Clone, Copy)]
pub struct KeyState {
    /// The key's state, or another trouble in lower case (`missing`, `wrong-context`, `wrong-key`).
    pub state: &'static str,
    /// The error code.
    pub code: &'static str,
    /// The code that Amazon S3 makes of it.
    pub via_s3: Option<&'static str>,
    /// A part of the message; may be empty.
    pub message: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// The page.
    pub source: Source,
}

/// The row of an action, in any case.
pub fn kms_action(action: &str) -> Option<&'static KmsAction> {
    ACTIONS.iter().find(|row| row.action.eq_ignore_ascii_case(action))
}

/// All KMS actions.
pub fn actions() -> &'static [KmsAction] {
    &ACTIONS
}

/// The states that answer with a code, KMS's own or the one that Amazon S3 makes of it.
pub fn key_states(code: &str) -> impl Iterator<Item = &'static KeyState> {
    STATES.iter().filter(move |row| {
        row.code.eq_ignore_ascii_case(code) || row.via_s3.is_some_and(|via| via.eq_ignore_ascii_case(code))
    })
}

static ACTIONS: LazyLock<Vec<KmsAction>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/kms_actions.tsv"))
        .map(|row| KmsAction {
            action: row.get("action"),
            authorized_by: match row.get("authorized_by") {
                "iam" => AuthorizedBy::IamOnly,
                "alias-and-key" => AuthorizedBy::AliasAndKey,
                _ => AuthorizedBy::Key,
            },
            cross_account: match row.get("cross_account") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            grant_operation: Some(row.get("grant_operation")).filter(|operation| !operation.is_empty()),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});

static STATES: LazyLock<Vec<KeyState>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/kms_key_states.tsv"))
        .map(|row| KeyState {
            state: row.get("state"),
            code: row.get("code"),
            via_s3: Some(row.get("via_s3")).filter(|code| !code.is_empty()),
            message: row.get("message"),
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});
