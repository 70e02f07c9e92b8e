//! Changes in S3: bucket policies, Block Public Access, encryption, ownership and ACLs.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;
use super::{Change, Document};
use crate::ids::AccountId;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let bucket = || call.text("bucketName").map(T::Bucket);
    match name {
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
        "PutBucketAcl" => Change::with(bucket()?, K::AclPut, acl(call)),
        "PutObjectAcl" => {
            let target = T::Object { bucket: call.text("bucketName")?, key: call.text("key")? };
            Change::with(target, K::AclPut, acl(call))
        }
        _ => None,
    }
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
