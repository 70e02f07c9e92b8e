//! The grammar of AWS denial messages.
//!
//! A message is testimony: it names one policy type although several may deny, and sometimes the wrong one. This
//! module reads what is written and decides nothing.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

mod clean;
mod fixed;
mod meaning;
mod sentence;
mod wrapper;

pub use wrapper::Wrapper;

/// What a denial message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenialMessage {
    /// Which sentence it is.
    pub kind: MessageKind,
    /// Who was denied, as written: an ARN, a service principal, `anonymous`.
    pub principal: Option<String>,
    /// The action that was denied, with its case as written. It can belong to another service than the call.
    pub action: Option<String>,
    /// The resource as written: an ARN, `*`, `role NAME`, `this resource`, …
    pub resource: Option<String>,
    /// Whether something denied or nothing allowed.
    pub effect: MessageEffect,
    /// The type of policy that AWS names.
    pub policy_type: Option<PolicyType>,
    /// The policy that AWS names.
    pub policy_arn: Option<String>,
    /// The id for `GetRequestAuthorizationDetails`, valid for 24 hours in the region of the denial.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>
    pub authorization_id: Option<String>,
    /// The region that the link to the authorization details names.
    pub authorization_region: Option<String>,
    /// Whether there is an encoded authorization message, even if it was cut off.
    pub encoded: bool,
    /// The encoded authorization message, where it is whole.
    pub encoded_message: Option<String>,
    /// The policy through which the named policy denied, for example a VPC endpoint policy.
    pub transitive_via: Option<PolicyType>,
    /// Whether the text was cut: CloudTrail keeps 1,024 characters and ends them with `...`.
    pub truncated: bool,
    /// What an SDK or the AWS CLI wrote around the message.
    pub wrapper: Wrapper,
}

/// Whether something denied or nothing allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageEffect {
    /// `with an explicit deny`
    Explicit,
    /// `because no … allows`
    Implicit,
    /// The message gives several reasons to choose from.
    Ambiguous,
    /// A rule or setting of the service that is no policy.
    Service,
    /// The message does not say.
    Unknown,
}

/// The policy types that messages name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyType {
    /// Identity-based policy.
    Identity,
    /// Resource-based policy.
    Resource,
    /// Permissions boundary.
    Boundary,
    /// Service control policy.
    Scp,
    /// Resource control policy.
    Rcp,
    /// VPC endpoint policy.
    VpcEndpoint,
    /// Session policy.
    Session,
    /// Role trust policy.
    RoleTrust,
}

/// The sentences that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// `User: … is not authorized to perform: …`
    IamSentence,
    /// EC2's `You are not authorized to perform this operation.` with no more than an encoded message.
    GenericEc2,
    /// `Access Denied`, `Forbidden`: no reason given.
    GenericDenied,
    /// The account may not call this API: not the management account, no delegated administrator.
    CallerValidation,
    /// S3 Block Public Access refused the call.
    BlockPublicAccess(BlockPublicAccess),
    /// The bucket refuses uploads with customer-provided keys.
    SseCBlocked,
    /// The bucket has ACLs disabled.
    AclsDisabled,
    /// Object Lock protects the object version.
    ObjectLock,
    /// Older text of S3 and Systems Manager for a key that cannot be used: three hypotheses.
    KmsCiphertext,
    /// KMS across accounts: no such key, nothing allows, or something denies.
    KmsThreeHypotheses,
    /// A service says that it may not use a KMS key.
    KmsNotAllowed,
    /// The key is disabled, pending deletion or import, or does not exist.
    KmsKeyState,
    /// Lake Formation permissions are missing.
    LakeFormation,
    /// A setting of the account, such as IAM access to billing data.
    AccountSetting,
    /// The account has no access to a part of the service, such as a Bedrock model.
    Entitlement,
    /// A role of another account cannot be passed.
    CrossAccountPassRole,
    /// Credentials of this kind cannot make the call, whatever the policies say.
    CredentialKind,
    /// The role that the call hands to a service may not do something that the service needs.
    PassedRoleLacks,
    /// CloudWatch Logs may not use the KMS key of a log group, or there is no such key.
    LogGroupKey,
    /// The service cannot assume the role: a trust policy in disguise.
    RoleCannotBeAssumed,
    /// A service-linked role is missing and the caller may not create it.
    ServiceLinkedRole,
    /// The network activity event of a VPC endpoint.
    VpcEndpointNetwork,
    /// The service may not write to the log bucket.
    LogBucket,
    /// SQS hides whether the queue exists.
    MayNotExist,
    /// The request or the credentials expired: authentication, not authorization.
    Expired,
    /// Sign-in failed: authentication, not authorization.
    SignInFailed,
    /// The MFA code was wrong.
    WrongMfaCode,
    /// AWS hides the text.
    Hidden,
    /// No known sentence.
    Unrecognized,
}

/// The switches of S3 Block Public Access.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockPublicAccess {
    /// `BlockPublicAcls`
    BlockPublicAcls,
    /// `IgnorePublicAcls`
    IgnorePublicAcls,
    /// `BlockPublicPolicy`
    BlockPublicPolicy,
    /// `RestrictPublicBuckets`
    RestrictPublicBuckets,
    /// The text does not say which.
    Unnamed,
}

impl DenialMessage {
    /// Reads a message in any wrapping. It never fails: what is not understood is [`MessageKind::Unrecognized`].
    pub fn parse(text: &str) -> Self {
        let clean = clean::clean(text);
        let (wrapper, core) = wrapper::unwrap(&clean);
        let mut message = Self::empty(wrapper);
        sentence::read(core, &mut message);
        fixed::read(core, &mut message);
        message
    }

    fn empty(wrapper: Wrapper) -> Self {
        Self {
            kind: MessageKind::Unrecognized,
            principal: None,
            action: None,
            resource: None,
            effect: MessageEffect::Unknown,
            policy_type: None,
            policy_arn: None,
            authorization_id: None,
            authorization_region: None,
            encoded: false,
            encoded_message: None,
            transitive_via: None,
            truncated: false,
            wrapper,
        }
    }

    /// What is named as the reason, in one word: a policy type, or the rule that is no policy.
    pub fn reason_name(&self) -> Option<&'static str> {
        self.policy_type.map(PolicyType::name).or_else(|| self.kind.rule_name())
    }
}

impl MessageEffect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Implicit => "implicit",
            Self::Ambiguous => "ambiguous",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

impl PolicyType {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Boundary => "boundary",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpce",
            Self::Session => "session",
            Self::RoleTrust => "trust",
        }
    }
}

impl MessageKind {
    /// The name of the rule that refused, where it is no policy.
    pub fn rule_name(self) -> Option<&'static str> {
        Some(match self {
            Self::CallerValidation => "caller-validation",
            Self::BlockPublicAccess(_) => "s3-block-public-access",
            Self::SseCBlocked => "s3-blocked-encryption",
            Self::AclsDisabled => "s3-ownership",
            Self::ObjectLock => "s3-object-lock",
            Self::KmsKeyState => "kms-key-state",
            Self::LakeFormation => "lake-formation",
            Self::AccountSetting => "account-setting",
            Self::Entitlement => "service-entitlement",
            Self::CrossAccountPassRole | Self::CredentialKind => "service-rule",
            _ => return None,
        })
    }

    /// Whether a text of this kind says by itself that an authorization was refused.
    pub fn tells_a_denial(self) -> bool {
        !matches!(
            self,
            Self::Unrecognized
                | Self::Hidden
                | Self::Expired
                | Self::SignInFailed
                | Self::WrongMfaCode
                | Self::KmsKeyState
                | Self::MayNotExist
        )
    }
}

#[cfg(test)]
mod tests;
