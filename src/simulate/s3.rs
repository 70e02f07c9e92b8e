//! The field `s3` of a request line.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::line::LineError;
use crate::evaluate::{AccessControlList, Acls, BlockPublicAccess, Known, ObjectOwner, S3Facts};
use crate::ids::AccountId;

/// Facts about a bucket and an object that are not policies.
#[derive(Deserialize)]
pub(super) struct S3Line {
    block_public_access: Option<Value>,
    object_owner: Option<String>,
    bucket_acl: Option<Value>,
    object_acl: Option<Value>,
    #[serde(default)]
    canonical_user_ids: BTreeMap<String, String>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "AWS's own four names")]
struct BlockPublicAccessLine {
    #[serde(default)]
    block_public_acls: bool,
    #[serde(default)]
    ignore_public_acls: bool,
    #[serde(default)]
    block_public_policy: bool,
    #[serde(default)]
    restrict_public_buckets: bool,
}

impl S3Line {
    /// What the line says.
    pub(super) fn facts(&self) -> Result<S3Facts, LineError> {
        // A misspelt setting would be taken for one that is off.
        let looks_known = |name: &&String| ["public", "owner", "acl"].iter().any(|part| name.contains(part));
        if let Some(name) = self.others.keys().find(looks_known) {
            return Err(LineError::UnknownField(format!("s3.{name}")));
        }
        Ok(S3Facts {
            block_public_access: self.block_public_access()?,
            object_owner: self.object_owner()?,
            acls: Acls {
                bucket: acl("s3.bucket_acl", self.bucket_acl.as_ref())?,
                object: acl("s3.object_acl", self.object_acl.as_ref())?,
                accounts: self.accounts()?,
            },
        })
    }

    fn block_public_access(&self) -> Result<Known<BlockPublicAccess>, LineError> {
        let Some(value) = given(self.block_public_access.as_ref()) else { return Ok(Known::default()) };
        let Known::Known(value) = value else { return Ok(Known::Unknown("given as unknown".to_owned())) };
        // As `aws s3api get-public-access-block` prints it, or the four settings alone.
        let value = value.get("PublicAccessBlockConfiguration").unwrap_or(value);
        let line: BlockPublicAccessLine = serde_json::from_value(value.clone())
            .map_err(|error| LineError::field("s3.block_public_access", &error))?;
        Ok(Known::Known(BlockPublicAccess {
            block_public_acls: line.block_public_acls,
            ignore_public_acls: line.ignore_public_acls,
            block_public_policy: line.block_public_policy,
            restrict_public_buckets: line.restrict_public_buckets,
        }))
    }

    fn object_owner(&self) -> Result<ObjectOwner, LineError> {
        match self.object_owner.as_deref() {
            None => Ok(ObjectOwner::BucketOwner),
            Some("unknown") => Ok(ObjectOwner::Unknown("which account owns the object".to_owned())),
            Some(text) => account("s3.object_owner", text).map(ObjectOwner::Account),
        }
    }

    fn accounts(&self) -> Result<BTreeMap<String, AccountId>, LineError> {
        let accounts = self.canonical_user_ids.iter();
        accounts.map(|(text, id)| Ok((id.clone(), account("s3.canonical_user_ids", text)?))).collect()
    }
}

fn account(field: &'static str, text: &str) -> Result<AccountId, LineError> {
    text.parse().map_err(|error| LineError::field(field, &error))
}

/// A fact that is given, or given as `"unknown"`.
fn given(value: Option<&Value>) -> Option<Known<&Value>> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text == "unknown" => Some(Known::Unknown("given as unknown".to_owned())),
        Some(value) => Some(Known::Known(value)),
    }
}

fn acl(field: &'static str, value: Option<&Value>) -> Result<Known<Option<AccessControlList>>, LineError> {
    match given(value) {
        None => Ok(Known::default()),
        Some(Known::Unknown(_)) => {
            Ok(Known::Unknown("the access control list was given as unknown".to_owned()))
        }
        Some(Known::Known(value)) => AccessControlList::deserialize(value)
            .map(|list| Known::Known(Some(list)))
            .map_err(|error| LineError::field(field, &error)),
    }
}
