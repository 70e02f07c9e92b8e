//! Changes in S3: bucket policies, Block Public Access, encryption, ownership and ACLs.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>

use std::collections::BTreeMap;

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::{Parameters, document};
use super::{Change, Document};
use crate::ids::AccountId;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let bucket = || call.text("bucketName").map(T::Bucket);
    match name {
        "CreateBucket" => Change::new(bucket()?, K::Created),
        "DeleteBucket" => Change::new(bucket()?, K::Deleted),
        "PutBucketTagging" => Change::new(bucket()?, K::Tagged(tags(call))),
        // The call removes all tags and names none.
        "DeleteBucketTagging" => Change::new(bucket()?, K::Untagged(Vec::new())),
        "PutBucketPolicy" => Change::with(bucket()?, K::ResourcePolicyPut, call.document("bucketPolicy")),
        "DeleteBucketPolicy" => Change::new(bucket()?, K::ResourcePolicyDeleted),
        "PutBucketPublicAccessBlock" | "PutPublicAccessBlock" => {
            Change::with(bucket()?, K::PublicAccessBlockPut, call.document("PublicAccessBlockConfiguration"))
        }
        "DeleteBucketPublicAccessBlock" | "DeletePublicAccessBlock" => {
            Change::new(bucket()?, K::PublicAccessBlockDeleted)
        }
        "PutAccountPublicAccessBlock" => Change::with(
            account(call),
            K::PublicAccessBlockPut,
            call.document("PublicAccessBlockConfiguration"),
        ),
        "DeleteAccountPublicAccessBlock" => Change::new(account(call), K::PublicAccessBlockDeleted),
        "PutBucketEncryption" => {
            Change::with(bucket()?, K::EncryptionPut, call.document("ServerSideEncryptionConfiguration"))
        }
        "DeleteBucketEncryption" => Change::new(bucket()?, K::EncryptionDeleted),
        "PutBucketOwnershipControls" => {
            Change::with(bucket()?, K::OwnershipPut, call.document("OwnershipControls"))
        }
        "DeleteBucketOwnershipControls" => Change::new(bucket()?, K::OwnershipDeleted),
        "PutBucketRequestPayment" => {
            let payer = call.value("RequestPaymentConfiguration")?.get("Payer")?.as_str()?;
            Change::new(bucket()?, K::RequestPaymentPut { requester: payer == "Requester" })
        }
        "PutObjectLockConfiguration" | "PutBucketObjectLockConfiguration" => {
            Change::with(bucket()?, K::ObjectLockPut, call.document("ObjectLockConfiguration"))
        }
        "PutObjectRetention" => Change::with(object(call)?, K::ObjectLockPut, call.document("Retention")),
        "PutObjectLegalHold" => Change::with(object(call)?, K::ObjectLockPut, call.document("LegalHold")),
        "PutBucketAcl" => Change::with(bucket()?, K::AclPut, acl(call)),
        "PutObjectAcl" => Change::with(object(call)?, K::AclPut, acl(call)),
        _ => access_point(name, call),
    }
}

fn object(call: Parameters<'_>) -> Option<T> {
    Some(T::Object { bucket: call.text("bucketName")?, key: call.text("key")? })
}

/// S3 writes the body of a request as an object named after it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicy.html>
fn access_point(name: &str, call: Parameters<'_>) -> Option<Change> {
    let kind = match name {
        "CreateAccessPoint" => K::Created,
        "DeleteAccessPoint" => K::Deleted,
        "PutAccessPointPolicy" => K::ResourcePolicyPut,
        "DeleteAccessPointPolicy" => K::ResourcePolicyDeleted,
        _ => return None,
    };
    let target = T::AccessPoint(call.text("name")?);
    let body = call.value(&format!("{name}Request"));
    let policy = body.and_then(|body| body.get("Policy")).or_else(|| call.named("policy"));
    Change::with(target, kind, policy.map_or(Document::Absent, document))
}

/// `Tagging` → `TagSet` → `Tag`, one or several: XML does not tell a list of one from the one.
fn tags(call: Parameters<'_>) -> BTreeMap<String, String> {
    let set = call.value("Tagging").and_then(|tagging| tagging.get("TagSet"));
    let tag = set.map(|set| set.get("Tag").unwrap_or(set));
    tag.map(super::parameters::tags).unwrap_or_default()
}

fn account(call: Parameters<'_>) -> T {
    let named = call.text("accountId").as_deref().and_then(AccountId::parse);
    T::AccountPublicAccess(named.or_else(|| call.event.recipient_account()))
}

/// A full ACL in the body, or a canned one in a header.
fn acl(call: Parameters<'_>) -> Document {
    match call.document("AccessControlPolicy") {
        Document::Absent => call.document("x-amz-acl"),
        body => body,
    }
}
