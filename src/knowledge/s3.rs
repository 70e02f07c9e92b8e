//! Amazon S3 beyond the service reference: Block Public Access, what makes a bucket policy public, and ACLs.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// A switch of S3 Block Public Access.
#[derive(Debug, Clone)]
pub struct BlockPublicAccessSetting {
    /// AWS's name of the switch.
    pub setting: &'static str,
    /// What it does.
    pub effect: &'static str,
    /// What the refusal says, where it names the switch.
    pub denial_text: Option<&'static str>,
    /// What the refusal says where it names no switch and blames a policy that is innocent.
    pub reads_like: Option<&'static str>,
    /// The actions that it can refuse; none: it changes how requests are evaluated.
    pub actions: Vec<&'static str>,
    /// The pages.
    pub source: Source,
}

/// A condition key that can keep a bucket policy from being public.
#[derive(Debug, Clone, Copy)]
pub struct NonPublicKey {
    /// The key.
    pub key: &'static str,
    /// What its values must be besides fixed (no wildcard, no variable); may be empty.
    pub constraint: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// The page.
    pub source: Source,
}

/// The access control list that an action is checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclOf {
    /// That of the bucket.
    Bucket,
    /// That of the object.
    Object,
}

/// What a permission of an access control list allows.
#[derive(Debug, Clone)]
pub struct AclPermission {
    /// Whose list it stands in.
    pub acl: AclOf,
    /// `READ`, `WRITE`, `READ_ACP` or `WRITE_ACP`; `FULL_CONTROL` is all of them.
    pub permission: &'static str,
    /// The actions.
    pub actions: Vec<&'static str>,
    /// The page.
    pub source: Source,
}

/// The permission of an access control list that allows an action (in any case), if one does.
pub fn acl_permission(action: &str) -> Option<&'static AclPermission> {
    ACL_PERMISSIONS.iter().find(|row| row.actions.iter().any(|name| name.eq_ignore_ascii_case(action)))
}

/// The four switches.
pub fn block_public_access() -> &'static [BlockPublicAccessSetting] {
    &SETTINGS
}

/// The switch whose own text stands in a denial message.
pub fn setting_named_in(message: &str) -> Option<&'static BlockPublicAccessSetting> {
    SETTINGS.iter().find(|row| row.denial_text.is_some_and(|text| message.contains(text)))
}

/// The row of a condition key, in any case, that makes a statement non-public.
pub fn non_public_key(key: &str) -> Option<&'static NonPublicKey> {
    NON_PUBLIC.iter().find(|row| row.key.eq_ignore_ascii_case(key))
}

/// Whether S3 answers calls that this action allows (in lower case) with 403 instead of 404 where the object does not
/// exist and the caller may not list the bucket.
pub fn is_told_404(action: &str) -> bool {
    OBJECT_CALLS.iter().any(|row| row.hides_absence && row.action.eq_ignore_ascii_case(action))
}

/// Whether an event of this name reads an object.
pub fn reads_object(event_name: &str) -> bool {
    OBJECT_CALLS.iter().any(|row| !row.writes && row.event == event_name)
}

/// Whether an event of this name writes an object under its key.
pub fn writes_object(event_name: &str) -> bool {
    OBJECT_CALLS.iter().any(|row| row.writes && row.event == event_name)
}

struct ObjectCall {
    action: &'static str,
    event: &'static str,
    writes: bool,
    hides_absence: bool,
}

static OBJECT_CALLS: LazyLock<Vec<ObjectCall>> = LazyLock::new(|| {
    table::rows(include_str!("tables/s3_object_calls.tsv"))
        .map(|row| ObjectCall {
            action: row.get("action"),
            event: row.get("event"),
            writes: row.get("does") == "write",
            hides_absence: row.get("tells_404") == "yes",
        })
        .collect()
});

static SETTINGS: LazyLock<Vec<BlockPublicAccessSetting>> = LazyLock::new(|| {
    let text = |cell: &'static str| Some(cell).filter(|cell| !cell.is_empty());
    table::rows(include_str!("tables/s3_block_public_access.tsv"))
        .map(|row| BlockPublicAccessSetting {
            setting: row.get("setting"),
            effect: row.get("effect"),
            denial_text: text(row.get("denial_text")),
            reads_like: text(row.get("reads_like")),
            actions: row.list("actions"),
            source: row.source(),
        })
        .collect()
});

static NON_PUBLIC: LazyLock<Vec<NonPublicKey>> = LazyLock::new(|| {
    table::rows(include_str!("tables/s3_non_public_keys.tsv"))
        .map(|row| NonPublicKey {
            key: row.get("key"),
            constraint: row.get("constraint"),
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});

static ACL_PERMISSIONS: LazyLock<Vec<AclPermission>> = LazyLock::new(|| {
    table::rows(include_str!("tables/s3_acl_permissions.tsv"))
        .map(|row| AclPermission {
            acl: if row.get("acl") == "bucket" { AclOf::Bucket } else { AclOf::Object },
            permission: row.get("permission"),
            actions: row.list("actions"),
            source: row.source(),
        })
        .collect()
});
