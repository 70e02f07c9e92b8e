//! What is known of one account.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::arn::Arn;
use crate::evaluate::{AccessControlList, BlockPublicAccess, Grant};
use crate::policy::PolicyDocument;

/// One account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// `aws iam get-account-authorization-details`; `None` if it was not read.
    pub iam: Option<Iam>,
    /// Block Public Access of the account; all off if it is known that none is set.
    pub public_access_block: Option<BlockPublicAccess>,
    /// Tags by resource ARN; `None` if they were not read.
    pub resource_tags: Option<BTreeMap<String, BTreeMap<String, String>>>,
    /// Buckets by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// KMS keys by key id.
    pub keys: BTreeMap<String, Key>,
    /// VPC endpoints by id.
    pub vpc_endpoints: BTreeMap<String, VpcEndpoint>,
    /// Resource-based policies by service and the name of the resource (the ARN's resource without its type).
    pub resource_policies: BTreeMap<(String, String), Arc<PolicyDocument>>,
}

/// IAM users, groups, roles and managed policies. A subset is fine: who is not listed is unknown.
#[derive(Debug, Clone, Default)]
pub struct Iam {
    /// By user name.
    pub users: BTreeMap<String, User>,
    /// By group name.
    pub groups: BTreeMap<String, Group>,
    /// By role name.
    pub roles: BTreeMap<String, Role>,
    /// By ARN.
    pub policies: BTreeMap<String, ManagedPolicy>,
}

/// An inline policy.
#[derive(Debug, Clone)]
pub struct InlinePolicy {
    /// `PolicyName`
    pub name: String,
    /// The document.
    pub document: Arc<PolicyDocument>,
}

/// A managed policy that is attached to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// `PolicyName`
    pub name: String,
    /// `PolicyArn`
    pub arn: String,
}

/// An IAM user.
#[derive(Debug, Clone)]
pub struct User {
    /// The ARN, path included.
    pub arn: Arn,
    /// `AIDA…`
    pub id: Option<String>,
    /// Creation date.
    pub created: Option<Timestamp>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// Attached managed policies.
    pub attached: Vec<AttachedPolicy>,
    /// Names of the groups that the user is in.
    pub groups: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Tags; `None` if they are not known.
    pub tags: Option<BTreeMap<String, String>>,
}

/// An IAM group.
#[derive(Debug, Clone)]
pub struct Group {
    /// The ARN.
    pub arn: Arn,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// Attached managed policies.
    pub attached: Vec<AttachedPolicy>,
}

/// An IAM role.
#[derive(Debug, Clone)]
pub struct Role {
    /// The ARN, path included.
    pub arn: Arn,
    /// `AROA…`
    pub id: Option<String>,
    /// Creation date.
    pub created: Option<Timestamp>,
    /// The trust policy; `None` if it was not given.
    pub trust: Option<Arc<PolicyDocument>>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// Attached managed policies.
    pub attached: Vec<AttachedPolicy>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Tags; `None` if they are not known.
    pub tags: Option<BTreeMap<String, String>>,
}

/// A managed policy with the versions that were read.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// `PolicyName`
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// The id of the default version.
    pub default_version: Option<String>,
    /// The versions, newest first as AWS lists them.
    pub versions: Vec<ManagedVersion>,
}

/// A version of a managed policy.
#[derive(Debug, Clone)]
pub struct ManagedVersion {
    /// `v1`, `v2`, …
    pub id: String,
    /// Whether it is the default version.
    pub is_default: bool,
    /// Creation date.
    pub created: Option<Timestamp>,
    /// The document.
    pub document: Arc<PolicyDocument>,
}

impl ManagedPolicy {
    /// The document in force.
    pub fn default_document(&self) -> Option<&Arc<PolicyDocument>> {
        let by_id = self.versions.iter().find(|version| Some(&version.id) == self.default_version.as_ref());
        by_id
            .or_else(|| self.versions.iter().find(|version| version.is_default))
            .map(|version| &version.document)
    }
}

/// An S3 bucket. A field that is `None` was not read.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// The bucket policy; an empty document if it is known that there is none.
    pub policy: Option<Arc<PolicyDocument>>,
    /// Default encryption.
    pub encryption: Option<BucketEncryption>,
    /// Block Public Access of the bucket.
    pub public_access_block: Option<BlockPublicAccess>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: Option<String>,
    /// The access control list.
    pub acl: Option<AccessControlList>,
    /// `aws s3api get-bucket-location`: the region.
    pub region: Option<String>,
    /// `aws s3api get-bucket-abac`: whether the tags of the bucket count for access control.
    pub abac: Option<bool>,
}

/// Default encryption of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketEncryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key as it is configured: id, alias or ARN.
    pub key: Option<String>,
    /// Whether an S3 Bucket Key is used.
    pub bucket_key: bool,
    /// Encryption types that the bucket refuses, such as `SSE-C`.
    pub blocked: Vec<String>,
}

/// A KMS key. A field that is `None` was not read.
#[derive(Debug, Clone, Default)]
pub struct Key {
    /// The ARN.
    pub arn: Option<Arn>,
    /// `AWS` or `CUSTOMER`.
    pub manager: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: Option<String>,
    /// The key policy.
    pub policy: Option<Arc<PolicyDocument>>,
    /// Grants.
    pub grants: Option<Vec<Grant>>,
    /// Alias names such as `alias/app`.
    pub aliases: Option<Vec<String>>,
}

/// A VPC endpoint.
#[derive(Debug, Clone, Default)]
pub struct VpcEndpoint {
    /// The endpoint policy.
    pub policy: Option<Arc<PolicyDocument>>,
    /// The VPC.
    pub vpc: Option<String>,
    /// The account that owns the endpoint.
    pub owner: Option<String>,
    /// `com.amazonaws.eu-west-1.s3`
    pub service: Option<String>,
}
