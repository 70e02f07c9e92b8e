//! The layers of an authorization and what can stand in them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::ids::AccountId;
use crate::policy::PolicyDocument;

/// The layers, in the order in which AWS reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Resource control policies of the resource's account.
    Rcp,
    /// Service control policies of the principal's account.
    Scp,
    /// The policy of the VPC endpoint that the request came through.
    VpcEndpoint,
    /// The resource-based policy; for a KMS key its key policy.
    Resource,
    /// The trust policy of a role.
    RoleTrust,
    /// KMS grants.
    KmsGrant,
    /// Identity-based policies of the principal.
    Identity,
    /// The permissions boundary of the principal.
    Boundary,
    /// Session policies.
    Session,
    /// S3 Block Public Access: a setting, not a policy.
    S3BlockPublicAccess,
    /// S3 Object Ownership: a fact, not a policy.
    S3Ownership,
    /// Which kind of account may call an API: a check that is not a policy.
    AccountKind,
}

impl Layer {
    /// The name in request files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rcp => "rcp",
            Self::Scp => "scp",
            Self::VpcEndpoint => "vpc-endpoint",
            Self::Resource => "resource",
            Self::RoleTrust => "role-trust",
            Self::KmsGrant => "kms-grant",
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::S3BlockPublicAccess => "s3-block-public-access",
            Self::S3Ownership => "s3-ownership",
            Self::AccountKind => "account-kind",
        }
    }

    /// What AWS calls the policies of the layer.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rcp => "resource control policy",
            Self::Scp => "service control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
            Self::Resource => "resource-based policy",
            Self::RoleTrust => "role trust policy",
            Self::KmsGrant => "grant",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::S3BlockPublicAccess => "S3 Block Public Access setting",
            Self::S3Ownership => "S3 Object Ownership",
            Self::AccountKind => "caller account check",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fact that was read, or one that could not be.
#[derive(Debug, Clone)]
pub enum Known<T> {
    /// This is how it is.
    Known(T),
    /// It could not be read; the text says why.
    Unknown(String),
}

impl<T: Default> Default for Known<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

impl<T> Known<T> {
    /// The fact, if it was read.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::Unknown(_) => None,
        }
    }
}

/// A policy with a name that a person can find.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// An ARN, or for example `key policy of …`.
    pub name: String,
    /// The parsed document, shared between evaluations.
    pub document: Arc<PolicyDocument>,
}

impl NamedPolicy {
    /// Names a document.
    pub fn new(name: impl Into<String>, document: PolicyDocument) -> Self {
        Self { name: name.into(), document: Arc::new(document) }
    }
}

/// The policies attached to one root, organizational unit or account.
#[derive(Debug, Clone)]
pub struct Level {
    /// `r-…`, `ou-…` or an account id.
    pub target: String,
    /// What is attached to it.
    pub policies: Known<Vec<NamedPolicy>>,
}

/// Everything that can take part in one decision. The default is "nothing there, and that is known".
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Identity-based policies: of a user with its groups, or of a role.
    pub identity: Known<Vec<NamedPolicy>>,
    /// The permissions boundary.
    pub boundary: Known<Option<NamedPolicy>>,
    /// Session policies; an empty list is "no session policy was passed".
    pub session: Known<Vec<NamedPolicy>>,
    /// The resource-based policy, key policy or role trust policy.
    pub resource: Known<Option<NamedPolicy>>,
    /// KMS grants of the key.
    pub grants: Known<Vec<Grant>>,
    /// The VPC endpoint policy; `None` if the request did not come through an endpoint.
    pub vpc_endpoint: Known<Option<NamedPolicy>>,
    /// SCP levels of the principal's account, root first; `None` if no SCP can apply.
    pub scps: Known<Option<Vec<Level>>>,
    /// RCP levels of the resource's account, root first; `None` if no RCP can apply.
    pub rcps: Known<Option<Vec<Level>>>,
    /// Facts about the organization.
    pub organization: Known<Organization>,
    /// Facts about the bucket and the object.
    pub s3: S3Facts,
    /// Whether the key is an AWS managed key.
    pub aws_managed_key: bool,
}

impl PolicySet {
    /// Every policy that was read, in AWS's order of the layers.
    pub fn named(&self) -> impl Iterator<Item = &NamedPolicy> {
        let guardrails = [&self.rcps, &self.scps].into_iter().filter_map(Known::known).flatten().flatten();
        let of_levels = guardrails.filter_map(|level| level.policies.known()).flatten();
        let resource_side =
            [&self.vpc_endpoint, &self.resource].into_iter().filter_map(Known::known).flatten();
        let identity = self.identity.known().into_iter().flatten();
        let boundary = self.boundary.known().into_iter().flatten();
        let session = self.session.known().into_iter().flatten();
        of_levels.chain(resource_side).chain(identity).chain(boundary).chain(session)
    }
}

/// The organization of the caller, as far as account-kind checks need it.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    /// `None`: the account is in no organization.
    pub management_account: Option<AccountId>,
    /// Service principal → accounts registered as its delegated administrators.
    pub delegated_administrators: BTreeMap<String, BTreeSet<AccountId>>,
}

/// Facts about S3 that are not policies.
#[derive(Debug, Clone, Default)]
pub struct S3Facts {
    /// The effective Block Public Access settings, if they matter.
    pub block_public_access: Known<BlockPublicAccess>,
    /// Who owns the object.
    pub object_owner: ObjectOwner,
    /// Access control lists, where they are not disabled.
    pub acls: super::acl::Acls,
}

/// The owner of an S3 object.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ObjectOwner {
    /// The bucket's owner, as it is wherever ACLs are disabled.
    #[default]
    BucketOwner,
    /// This account.
    Account(AccountId),
    /// It is not known; the text says why.
    Unknown(String),
}

/// The four settings of S3 Block Public Access.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are AWS's four independent switches under their own names"
)]
pub struct BlockPublicAccess {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACL grants are ignored.
    pub ignore_public_acls: bool,
    /// New public bucket policies are refused.
    pub block_public_policy: bool,
    /// While the policy is public, only the owner's account and AWS services get in.
    pub restrict_public_buckets: bool,
}

/// A KMS grant, as `aws kms list-grants` prints it.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// `GrantId`
    pub id: String,
    /// `Name`
    pub name: Option<String>,
    /// `KeyId`: the id or the ARN of the key.
    pub key: Option<String>,
    /// `GranteePrincipal`
    pub grantee: String,
    /// `RetiringPrincipal`
    pub retiring: Option<String>,
    /// `Operations`
    pub operations: Vec<String>,
    /// `Constraints.EncryptionContextEquals`
    pub context_equals: Option<BTreeMap<String, String>>,
    /// `Constraints.EncryptionContextSubset`
    pub context_subset: Option<BTreeMap<String, String>>,
    /// `Constraints.SourceArn`
    pub source_arn: Option<String>,
}
