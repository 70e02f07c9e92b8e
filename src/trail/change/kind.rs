//! What a change is about, and what it did.

use std::collections::BTreeMap;

use crate::ids::AccountId;

/// What was changed. Names and ids are as the event writes them: a key can be an id, an ARN or an alias.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeTarget {
    /// An IAM user, by name.
    User(String),
    /// An IAM role, by name.
    Role(String),
    /// An IAM group, by name.
    Group(String),
    /// A managed policy, by ARN.
    ManagedPolicy(String),
    /// A bucket, by name.
    Bucket(String),
    /// An object.
    Object {
        /// The bucket's name.
        bucket: String,
        /// The key.
        key: String,
    },
    /// Block Public Access of a whole account.
    AccountPublicAccess(Option<AccountId>),
    /// A KMS key.
    Key(String),
    /// A KMS alias, with its prefix `alias/`.
    Alias(String),
    /// A policy of the organization, by id (`p-…`).
    OrganizationPolicy(String),
    /// A root, an organizational unit or an account in the organization.
    OrganizationTarget(String),
    /// The delegation policy of the organization.
    OrganizationDelegation,
    /// VPC endpoints, by id.
    VpcEndpoints(Vec<String>),
    /// An SQS queue, by URL.
    Queue(String),
    /// An SNS topic, by ARN.
    Topic(String),
    /// A Lambda function, by name or ARN.
    Function(String),
    /// A secret, by name or ARN.
    Secret(String),
    /// An ECR repository, by name.
    Repository(String),
    /// Another resource with a resource-based policy: its service and its name, the ARN's resource without the type.
    PolicyOf {
        /// The service as ARNs write it.
        service: String,
        /// The name.
        name: String,
    },
    /// A resource, by ARN or id, of which only the tags are read.
    Resource(String),
    /// An identity provider that IAM trusts, by ARN.
    IdentityProvider(String),
    /// An S3 access point, by name.
    AccessPoint(String),
    /// A route table, by id.
    RouteTable(String),
    /// Databases, tables and locations of the Glue Data Catalog, such as `table/sales/orders`.
    DataCatalog(Vec<String>),
}

/// How a target was changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The user, role, group or endpoint was created.
    Created,
    /// The user, role, group or endpoint was deleted.
    Deleted,
    /// An inline policy was written.
    InlinePolicyPut {
        /// The policy's name.
        policy: String,
    },
    /// An inline policy was deleted.
    InlinePolicyDeleted {
        /// The policy's name.
        policy: String,
    },
    /// A managed policy, SCP or RCP was attached.
    PolicyAttached {
        /// Its ARN or id.
        policy: String,
    },
    /// A managed policy, SCP or RCP was detached.
    PolicyDetached {
        /// Its ARN or id.
        policy: String,
    },
    /// A managed policy, SCP or RCP was created.
    PolicyCreated,
    /// An SCP or RCP was updated.
    PolicyUpdated,
    /// A managed policy, SCP or RCP was deleted.
    PolicyDeleted,
    /// A version of a managed policy was created.
    VersionCreated {
        /// The version, where the response tells it.
        version: Option<String>,
        /// Whether it is the version that counts.
        default: bool,
    },
    /// A version of a managed policy was deleted.
    VersionDeleted {
        /// The version.
        version: String,
    },
    /// Another version of a managed policy was made the one that counts.
    DefaultVersionSet {
        /// The version.
        version: String,
    },
    /// A permissions boundary was set.
    BoundaryPut {
        /// The ARN of the policy.
        policy: String,
    },
    /// The permissions boundary was removed.
    BoundaryDeleted,
    /// The trust policy was replaced.
    TrustPolicyPut,
    /// A user joined a group.
    MemberAdded {
        /// The user's name.
        user: String,
    },
    /// A user left a group.
    MemberRemoved {
        /// The user's name.
        user: String,
    },
    /// Tags were set.
    Tagged(BTreeMap<String, String>),
    /// Tags were removed.
    Untagged(Vec<String>),
    /// A resource-based policy or endpoint policy was written.
    ResourcePolicyPut,
    /// A resource-based policy or endpoint policy was deleted or reset to its default.
    ResourcePolicyDeleted,
    /// A statement was added to a resource-based policy.
    PermissionAdded {
        /// The statement's id or label.
        statement: String,
    },
    /// A statement was removed from a resource-based policy.
    PermissionRemoved {
        /// The statement's id or label.
        statement: String,
    },
    /// Block Public Access was written.
    PublicAccessBlockPut,
    /// Block Public Access was removed.
    PublicAccessBlockDeleted,
    /// Default encryption was written.
    EncryptionPut,
    /// Default encryption was set back.
    EncryptionDeleted,
    /// Object ownership was written.
    OwnershipPut,
    /// Object ownership was set back.
    OwnershipDeleted,
    /// An ACL was written.
    AclPut,
    /// Who pays for requests was written.
    RequestPaymentPut {
        /// Whether it is the requester.
        requester: bool,
    },
    /// Retention or a legal hold of an object, or the default retention of a bucket, was written.
    ObjectLockPut,
    /// A KMS grant was created.
    GrantCreated {
        /// The grant's id, where the response tells it.
        grant: Option<String>,
        /// The grantee.
        grantee: Option<String>,
    },
    /// A KMS grant was retired.
    GrantRetired {
        /// The grant's id, where the event tells it.
        grant: Option<String>,
    },
    /// A KMS grant was revoked.
    GrantRevoked {
        /// The grant's id.
        grant: Option<String>,
    },
    /// A key was enabled.
    KeyEnabled,
    /// A key was disabled.
    KeyDisabled,
    /// The deletion of a key was scheduled, which ends its use at once.
    KeyDeletionScheduled,
    /// The deletion of a key was cancelled; the key stays disabled.
    KeyDeletionCancelled,
    /// An alias was created or now points to another key.
    AliasSet {
        /// The key.
        key: String,
    },
    /// An alias was deleted.
    AliasDeleted,
    /// An account was moved.
    AccountMoved {
        /// The parent before.
        from: String,
        /// The parent after.
        to: String,
    },
    /// A policy type was enabled in a root.
    PolicyTypeEnabled {
        /// For example `SERVICE_CONTROL_POLICY`.
        policy_type: String,
    },
    /// A policy type was disabled in a root.
    PolicyTypeDisabled {
        /// For example `SERVICE_CONTROL_POLICY`.
        policy_type: String,
    },
    /// An account joined the organization.
    AccountJoined,
    /// An account left the organization, or was removed from it.
    AccountLeft,
    /// An account became the delegated administrator of a service.
    DelegatedAdministratorSet {
        /// The service principal.
        service: String,
    },
    /// An account is no longer the delegated administrator of a service.
    DelegatedAdministratorRemoved {
        /// The service principal.
        service: String,
    },
    /// Where a VPC endpoint is used was changed: its routes, subnets or groups.
    EndpointRouted,
    /// A route was created or replaced.
    RouteSet {
        /// The destination: an address range or a prefix list.
        destination: String,
        /// The gateway, endpoint or interface that it leads to.
        via: Option<String>,
    },
    /// A route was deleted.
    RouteDeleted {
        /// The destination.
        destination: String,
    },
    /// A subnet or gateway now uses the route table.
    RouteTableAssociated {
        /// The subnet, gateway, or the association that was replaced.
        with: Option<String>,
    },
    /// A subnet or gateway no longer uses its route table; the event names the association only.
    RouteTableDisassociated,
    /// The name or the path was changed, and with it the ARN.
    Renamed {
        /// The new name, or the new path where only that was changed.
        to: String,
    },
    /// What an identity provider may vouch for was changed: audiences, thumbprints, or its metadata.
    ProviderUpdated,
    /// Key material was imported.
    KeyMaterialImported,
    /// Imported key material was deleted, which ends the key's use at once.
    KeyMaterialDeleted,
    /// Lake Formation permissions were granted.
    DataPermissionsGranted {
        /// ARNs, account ids, or `IAM_ALLOWED_PRINCIPALS`.
        principals: Vec<String>,
        /// `SELECT`, `DESCRIBE`, …
        permissions: Vec<String>,
    },
    /// Lake Formation permissions were revoked.
    DataPermissionsRevoked {
        /// ARNs, account ids, or `IAM_ALLOWED_PRINCIPALS`.
        principals: Vec<String>,
        /// `SELECT`, `DESCRIBE`, …
        permissions: Vec<String>,
    },
    /// The administrators and defaults of Lake Formation were written.
    DataLakeSettingsPut,
}
