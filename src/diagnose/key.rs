//! Which KMS key a call used, where its own event does not show it.
//!
//! A `Decrypt` that S3 makes names no key: the key stands in the ciphertext. Other events about the same encryption
//! context tell it for sure; the default encryption of the bucket tells what it probably was.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::arn::Arn;
use crate::evidence::{Bucket, Evidence, Gap, Key};
use crate::request::{Request, Resource};
use crate::trail::Event;

/// A key that was found, and what is doubtful about that.
pub(super) struct UsedKey {
    pub arn: Arn,
    pub doubt: Option<Gap>,
}

/// Completes a request to KMS whose key the event does not show. Tells what is doubtful about the key.
pub(super) fn complete(evidence: &Evidence, event: &Event, request: &mut Request) -> Option<UsedKey> {
    if request.action.service() != "kms" || request.resource.arn().is_some() || request.resource.is_none() {
        return None;
    }
    let found = used_key(evidence, event)?;
    request.resource = Resource::new(found.arn.as_str(), found.arn.account());
    request.derive_context();
    Some(found)
}

fn used_key(evidence: &Evidence, event: &Event) -> Option<UsedKey> {
    let context = event.parameter(&["encryptionContext"])?;
    let same = evidence.events.iter().filter(|other| {
        other.event_source == event.event_source && other.parameter(&["encryptionContext"]) == Some(context)
    });
    let keys: BTreeSet<String> = same.flat_map(keys_of).collect();
    let mut keys = keys.into_iter();
    if let (Some(only), None) = (keys.next(), keys.next()) {
        return Some(UsedKey { arn: Arn::parse(&only).ok()?, doubt: None });
    }
    default_key(evidence, context)
}

/// The keys that an event names by ARN.
fn keys_of(event: &Event) -> Vec<String> {
    let listed = event.resources.iter().filter_map(|entry| entry.arn.clone());
    let given = event.parameter(&["keyId"]).and_then(Value::as_str).map(str::to_owned);
    listed.chain(given).filter(|text| is_key(text)).collect()
}

fn is_key(text: &str) -> bool {
    Arn::parse(text).is_ok_and(|arn| arn.service() == "kms" && arn.resource().starts_with("key/"))
}

/// A key id and no alias: a key and its bucket are in one Region, and only the bucket says which.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html>
fn is_key_id(configured: &str) -> bool {
    let id = configured.strip_prefix("mrk-").unwrap_or(configured);
    id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether the Region of the bucket is needed to know which key its default encryption means.
pub(super) fn needs_region(bucket: &Bucket) -> bool {
    let configured = bucket.encryption.as_ref().and_then(|encryption| encryption.key.as_deref());
    bucket.region.is_none() && configured.is_some_and(is_key_id)
}

fn bucket_in(object: &str) -> Option<&str> {
    object.splitn(6, ':').nth(5)?.split('/').next()
}

/// The bucket whose default encryption would tell the key, if nothing tells it so far.
pub(super) fn bucket_to_ask(event: &Event, request: &Request) -> Option<String> {
    if request.action.service() != "kms" || request.resource.arn().is_some() || request.resource.is_none() {
        return None;
    }
    let object = event.parameter(&["encryptionContext", "aws:s3:arn"])?.as_str()?;
    bucket_in(object).map(str::to_owned)
}

/// The key that the bucket encrypts new objects with; an object keeps the key that it was written with.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>
fn default_key(evidence: &Evidence, context: &Value) -> Option<UsedKey> {
    let object = context.get("aws:s3:arn").and_then(Value::as_str)?;
    let bucket = bucket_in(object)?;
    let (owner, found) = evidence.bucket(bucket)?;
    let configured = found.encryption.as_ref()?.key.as_deref()?;
    let arn = if is_key(configured) {
        Arn::parse(configured).ok()?
    } else if let Some(region) = found.region.as_deref().filter(|_| is_key_id(configured)) {
        // A key id without account is one of the account that set it, which is nearly always the owner.
        let partition =
            Arn::parse(object).map_or_else(|_| "aws".to_owned(), |arn| arn.partition().to_owned());
        Arn::parse(&format!("arn:{partition}:kms:{region}:{owner}:key/{configured}")).ok()?
    } else {
        let account = evidence.accounts.get(&owner)?;
        let alias = configured.rsplit_once(":alias/").map_or(configured, |(_, name)| name);
        let alias = alias.strip_prefix("alias/").unwrap_or(alias);
        let is_meant = |id: &str, key: &Key| {
            id == configured
                || key.aliases.iter().flatten().any(|name| name.strip_prefix("alias/") == Some(alias))
        };
        account.keys.iter().find(|(id, key)| is_meant(id, key))?.1.arn.clone()?
    };
    let doubt = Gap {
        what: format!("which key {object} is encrypted with"),
        why: format!("no event shows it; {arn} is what bucket {bucket} encrypts new objects with"),
    };
    Some(UsedKey { arn, doubt: Some(doubt) })
}
