//! The stable codes of findings. Each has its section in `docs/findings.md`.

use std::fmt;

use crate::evaluate::Layer;

macro_rules! finding_codes {
    ($($name:ident $code:literal $doc:literal,)*) => {
        /// A stable, documented code of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingCode { $(#[doc = $doc] $name,)* }

        impl FindingCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it stands in reports and in the documentation.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, in one sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }
        }
    };
}

finding_codes! {
    IdentityNoAllow "identity-no-allow" "No identity-based policy of the principal allows the request.",
    IdentityExplicitDeny "identity-explicit-deny" "A statement of an identity-based policy denies the request.",
    BoundaryNoAllow "boundary-no-allow" "The permissions boundary does not allow the request.",
    BoundaryExplicitDeny "boundary-explicit-deny" "A statement of the permissions boundary denies the request.",
    SessionNoAllow "session-no-allow" "No session policy allows the request.",
    SessionExplicitDeny "session-explicit-deny" "A statement of a session policy denies the request.",
    ResourceNoAllow "resource-no-allow" "The resource-based policy does not allow the request.",
    ResourceExplicitDeny "resource-explicit-deny" "A statement of the resource-based policy denies the request.",
    RoleTrustNoAllow "role-trust-no-allow" "The role trust policy does not let the principal assume the role.",
    RoleTrustExplicitDeny "role-trust-explicit-deny" "A statement of the role trust policy denies the request.",
    ScpNoAllow "scp-no-allow" "No service control policy at some level allows the request.",
    ScpExplicitDeny "scp-explicit-deny" "A statement of a service control policy denies the request.",
    RcpNoAllow "rcp-no-allow" "No resource control policy at some level allows the request.",
    RcpExplicitDeny "rcp-explicit-deny" "A statement of a resource control policy denies the request.",
    VpcEndpointNoAllow "vpc-endpoint-no-allow" "The policy of the VPC endpoint does not allow the request.",
    VpcEndpointExplicitDeny "vpc-endpoint-explicit-deny" "A statement of the VPC endpoint policy denies the request.",
    OrganizationsCallerAccount "organizations-caller-account" "The caller's account is not of the kind that may call this API.",
    S3BlockPublicAccess "s3-block-public-access" "A setting of S3 Block Public Access refuses the request.",
    S3ObjectOwnership "s3-object-ownership" "Another account owns the object, so the bucket owner's policies do not count.",
    S3SseCBlocked "s3-sse-c-blocked" "The bucket refuses uploads with customer-provided keys.",
    S3AclsDisabled "s3-acls-disabled" "The bucket has ACLs disabled, and the request sets one.",
    S3MissingObject "s3-missing-object" "The object does not exist, and without s3:ListBucket S3 does not say so.",
    LogBucketEncryption "log-bucket-encryption" "The service cannot write to a log bucket with this default encryption.",
    KmsKeyState "kms-key-state" "The state of the KMS key forbids its use.",
    LakeFormation "lake-formation" "Lake Formation permissions are missing.",
    AccountSetting "account-setting" "A setting of the account, not a policy, refuses the request.",
    BillingAccess "billing-access" "IAM access to the billing data of the account is not activated.",
    S3ObjectLock "s3-object-lock" "Object Lock protects the version of the object.",
    RequesterPays "requester-pays" "The bucket makes the requester pay, and the request does not accept it.",
    RequestExpired "request-expired" "The presigned URL had expired when it was used.",
    PropagationDelay "propagation-delay" "A change had not taken effect yet.",
    CrossAccountPassRole "cross-account-pass-role" "A role of another account cannot be passed.",
    CredentialKind "credential-kind" "Credentials of this kind cannot make the call.",
    KeyPolicyDelegates "key-policy-delegates" "The key policy leaves the decision to the account's IAM policies.",
    PermissionlessCall "permissionless-call" "The call needs no permission, so a deny of it has no effect.",
    CompromisedKey "compromised-key" "AWS has put the user under quarantine, because an access key of it was found exposed.",
    EcrImageLayer "ecr-image-layer" "The call was the download of an image layer, which Amazon ECR signs.",
    SucceededLater "succeeded-later" "The same call by the same caller succeeded after the denial.",
    CallerChanged "caller-changed" "The same call was made by another principal before.",
    UnfamiliarSource "unfamiliar-source" "The access key was used from an address it was not used from before.",
    SurfaceRefused "surface-refused" "The call that was made is refused too, beside the hidden call behind it.",
    ReportedByAws "reported-by-aws" "Only AWS's message says why; nothing here could check it.",
    NothingDenies "nothing-denies" "Complete evidence says that the request is allowed.",
    NotRead "not-read" "Everything that could be read allows; what could not be read must have decided.",
}

impl FindingCode {
    /// The code of a layer in which nothing allows.
    pub(super) fn no_allow(layer: Layer) -> Self {
        match layer {
            Layer::Rcp => Self::RcpNoAllow,
            Layer::Scp => Self::ScpNoAllow,
            Layer::VpcEndpoint => Self::VpcEndpointNoAllow,
            Layer::Resource | Layer::KmsGrant => Self::ResourceNoAllow,
            Layer::RoleTrust => Self::RoleTrustNoAllow,
            Layer::Identity => Self::IdentityNoAllow,
            Layer::Boundary => Self::BoundaryNoAllow,
            Layer::Session => Self::SessionNoAllow,
            Layer::S3BlockPublicAccess => Self::S3BlockPublicAccess,
            Layer::S3Ownership => Self::S3ObjectOwnership,
            Layer::AccountKind => Self::OrganizationsCallerAccount,
        }
    }

    /// The code of a layer in which a statement denies.
    pub(super) fn explicit_deny(layer: Layer) -> Self {
        match layer {
            Layer::Rcp => Self::RcpExplicitDeny,
            Layer::Scp => Self::ScpExplicitDeny,
            Layer::VpcEndpoint => Self::VpcEndpointExplicitDeny,
            Layer::Resource | Layer::KmsGrant => Self::ResourceExplicitDeny,
            Layer::RoleTrust => Self::RoleTrustExplicitDeny,
            Layer::Identity => Self::IdentityExplicitDeny,
            Layer::Boundary => Self::BoundaryExplicitDeny,
            Layer::Session => Self::SessionExplicitDeny,
            Layer::S3BlockPublicAccess => Self::S3BlockPublicAccess,
            Layer::S3Ownership => Self::S3ObjectOwnership,
            Layer::AccountKind => Self::OrganizationsCallerAccount,
        }
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
