//! What is still wanted: facts that a diagnosis would look at if they were there.

use std::fmt;

use crate::arn::Arn;
use crate::evidence::PolicyType;
use crate::ids::AccountId;

/// A fact that is not in the evidence. Displayed, it is the `what` of the [`Gap`](super::Gap) that it leaves, so
/// whoever cannot get it can say why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// A user or role with its policies, its permissions boundary and its tags, by ARN.
    Principal(Arn),
    /// A group with its policies.
    Group {
        /// The account that it is in.
        account: AccountId,
        /// Its name.
        name: String,
    },
    /// The document of a managed policy that is attached in an account.
    ManagedPolicy {
        /// The account.
        account: AccountId,
        /// The ARN of the policy.
        arn: String,
    },
    /// The document of a managed policy that is a permissions boundary in an account.
    Boundary {
        /// The account.
        account: AccountId,
        /// The ARN of the policy.
        arn: String,
    },
    /// The trust policy of a role.
    Trust(Arn),
    /// Something about a bucket.
    Bucket {
        /// Its name.
        name: String,
        /// Whose it is, if that is known.
        owner: Option<AccountId>,
        /// What.
        fact: BucketWant,
    },
    /// S3 Block Public Access of an account.
    AccountPublicAccess(AccountId),
    /// Something about a KMS key.
    Key {
        /// The ARN, with the id of the key.
        arn: Arn,
        /// What.
        fact: KeyWant,
    },
    /// A VPC endpoint with its policy.
    VpcEndpoint {
        /// Its id.
        id: String,
        /// The Region of the call that came through it.
        region: Option<String>,
        /// The account that it is in, as far as the call shows.
        account: Option<AccountId>,
    },
    /// The resource-based policy of any other resource.
    ResourcePolicy(Arn),
    /// The tags of a resource.
    ResourceTags {
        /// The ARN; that of a bucket names neither account nor Region.
        arn: Arn,
        /// Whose it is.
        owner: AccountId,
        /// The Region of the call, which is that of the resource.
        region: Option<String>,
    },
    /// The SCPs or RCPs that apply to an account.
    Guardrails {
        /// Which.
        kind: PolicyType,
        /// The account.
        account: AccountId,
    },
    /// The policies that are attached to a root, organizational unit or account.
    Attachments(String),
    /// The document of an SCP or RCP.
    OrganizationPolicy(String),
    /// The delegated administrators of the organization.
    DelegatedAdministrators,
    /// The delegation policy of the organization.
    DelegationPolicy,
    /// The event that issued the caller's session.
    Session {
        /// The session.
        principal: String,
        /// The access key that was issued with it.
        access_key: Option<String>,
    },
}

/// A fact about a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BucketWant {
    /// The bucket policy.
    Policy,
    /// S3 Block Public Access of the bucket.
    PublicAccess,
    /// Default encryption.
    Encryption,
    /// S3 Object Ownership.
    Ownership,
    /// The ACL.
    Acl,
    /// The Region.
    Location,
    /// Whether its tags count for access control.
    Abac,
}

/// A fact about a KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyWant {
    /// State, and whether AWS manages it.
    Metadata,
    /// The key policy.
    Policy,
    /// Grants.
    Grants,
    /// Aliases.
    Aliases,
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(arn) => write!(f, "IAM policies of {arn}"),
            Self::Group { name, .. } => write!(f, "policies of group {name}"),
            Self::ManagedPolicy { arn, .. } => write!(f, "managed policy {arn}"),
            Self::Boundary { arn, .. } => write!(f, "permissions boundary {arn}"),
            Self::Trust(arn) => write!(f, "trust policy of role {}", last(arn.resource())),
            Self::Bucket { name, fact, .. } => match fact {
                BucketWant::Policy => write!(f, "bucket policy of {name}"),
                BucketWant::PublicAccess => write!(f, "S3 Block Public Access of bucket {name}"),
                BucketWant::Encryption => write!(f, "default encryption of bucket {name}"),
                BucketWant::Ownership => write!(f, "S3 Object Ownership of bucket {name}"),
                BucketWant::Acl => write!(f, "ACL of bucket {name}"),
                BucketWant::Location => write!(f, "region of bucket {name}"),
                BucketWant::Abac => write!(f, "access by tags of bucket {name}"),
            },
            Self::AccountPublicAccess(account) => write!(f, "S3 Block Public Access of account {account}"),
            Self::Key { arn, fact } => match fact {
                KeyWant::Metadata => write!(f, "state of {arn}"),
                KeyWant::Policy => write!(f, "key policy of {arn}"),
                KeyWant::Grants => write!(f, "grants of {arn}"),
                KeyWant::Aliases => write!(f, "aliases of {arn}"),
            },
            Self::VpcEndpoint { id, .. } => write!(f, "policy of VPC endpoint {id}"),
            Self::ResourcePolicy(arn) => write!(f, "resource-based policy of {arn}"),
            Self::ResourceTags { arn, .. } => write!(f, "tags of {arn}"),
            Self::Guardrails { kind: PolicyType::ServiceControl, account } => {
                write!(f, "service control policies of account {account}")
            }
            Self::Guardrails { kind: PolicyType::ResourceControl, account } => {
                write!(f, "resource control policies of account {account}")
            }
            Self::Attachments(target) => write!(f, "policies attached to {target}"),
            Self::OrganizationPolicy(id) => write!(f, "organization policy {id}"),
            Self::DelegatedAdministrators => f.write_str("delegated administrators of the organization"),
            Self::DelegationPolicy => f.write_str("delegation policy of the organization"),
            Self::Session { principal, .. } => write!(f, "the event that issued the session {principal}"),
        }
    }
}

fn last(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}
