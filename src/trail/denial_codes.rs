//! Error codes and what they say about authorization, one row and one source each.
//!
//! Codes are compared without regard to case, without `Client.` and similar prefixes, and without an
//! `Exception`, `Fault` or `Error` at the end, since CloudTrail's code can differ from the API's
//! (`AccessDenied` and `AccessDeniedException`).

use super::denial::CodeMeaning::{
    self, AccountKind, Authentication, Authorization, Downstream, Entitlement, Existence, KeyState,
    WouldHaveSucceeded,
};

/// One row: the code without its ending, what it means, and where that is written.
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) meaning: CodeMeaning,
    pub(super) source: &'static str,
}

const fn row(code: &'static str, meaning: CodeMeaning, source: &'static str) -> Row {
    Row { code, meaning, source }
}

const COMMON: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html";
const MODELS: &str = "API models of botocore 1.44.5";
const EC2: &str = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html";
const S3: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";
const KMS: &str = "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html";
const NETWORK: &str =
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html";
const ORGANIZATIONS: &str = "https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html";

/// Codes whose meaning does not follow from their words.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("AccessDenied", Authorization, COMMON),
    row("UnauthorizedOperation", Authorization, EC2),
    row("VpceAccessDenied", Authorization, NETWORK),
    row("Authorization", Authorization, "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"),
    row("NotAuthorized", Authorization, COMMON),
    row("Unauthorized", Authorization, MODELS),
    row("UnauthorizedClient", Authorization, MODELS),
    row("UnauthorizedResourceAccess", Authorization, MODELS),
    row("UnauthorizedPartnerIntegration", Authorization, MODELS),
    row("Forbidden", Authorization, MODELS),
    row("AccessForbidden", Authorization, MODELS),
    row("InsufficientPermissions", Authorization, MODELS),
    row("ChannelInsufficientPermission", Authorization, MODELS),
    row("OpsItemAccessDenied", AccountKind, MODELS),
    row("AccessDeniedByMeta", Entitlement, MODELS),
    row("OperationNotPermitted", CodeMeaning::Perhaps, MODELS),
    // Codes that name the service behind the one that was called.
    row("KMSAccessDenied", Downstream("kms"), MODELS),
    row("KMS.AccessDenied", Downstream("kms"), MODELS),
    row("EncryptionKeyAccessDenied", Downstream("kms"), MODELS),
    row("S3AccessDenied", Downstream("s3"), MODELS),
    row("LoadUrlAccessDenied", Downstream("s3"), MODELS),
    row("EC2AccessDenied", Downstream("ec2"), MODELS),
    row("AccessDeniedForDependency", Downstream("organizations"), MODELS),
    row("DependencyAccessDenied", Downstream("organizations"), MODELS),
    row("DependentServiceAccessDenied", Downstream("iam"), MODELS),
    // The account may not call this, whatever its policies say.
    row("OrganizationAccessDenied", AccountKind, MODELS),
    row("AccountNotManagementOrDelegatedAdministrator", AccountKind, MODELS),
    row("CallerIsNotManagementAccount", AccountKind, MODELS),
    row("AWSOrganizationsNotInUse", AccountKind, ORGANIZATIONS),
    row("InvalidAccess", CodeMeaning::PerhapsAccountKind, "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html"),
    row("OptInRequired", Entitlement, COMMON),
    row("SubscriptionRequired", Entitlement, MODELS),
    row("AuthFailure", CodeMeaning::Perhaps, EC2),
    row("AllAccessDisabled", Entitlement, S3),
    row("AccountProblem", Entitlement, S3),
    row("AccessControlListNotSupported", CodeMeaning::Perhaps, S3),
    // Keys that cannot be used, and KMS hiding that a key exists.
    row("KMS.Disabled", KeyState, KMS),
    row("KMS.KMSInvalidState", KeyState, KMS),
    row("KMS.NotFound", KeyState, KMS),
    row("KMSInvalidState", KeyState, KMS),
    row("KMSDisabled", KeyState, MODELS),
    row("KMSNotFound", KeyState, MODELS),
    row("Disabled", KeyState, KMS),
    row("InvalidKMSKey", KeyState, MODELS),
    row("InvalidKMSKeyId", KeyState, MODELS),
    // Some services answer so when the caller may not even know that the resource exists.
    row("ResourceNotFound", Existence, MODELS),
    row("NoSuchKey", Existence, S3),
    row("NoSuchBucket", Existence, S3),
    row("QueueDoesNotExist", Existence, "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html"),
    row("NonExistentQueue", Existence, "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html"),
    // Not the same as a refusal: the caller was not recognised, or would have been let in.
    row("DryRunOperation", WouldHaveSucceeded, EC2),
    row("ExpiredToken", Authentication, COMMON),
    row("RequestExpired", Authentication, COMMON),
    row("InvalidClientTokenId", Authentication, COMMON),
    row("UnrecognizedClient", CodeMeaning::PerhapsAuthentication, COMMON),
    row("SignatureDoesNotMatch", Authentication, S3),
    row("InvalidSignature", Authentication, MODELS),
    row("IncompleteSignature", Authentication, COMMON),
    row("MissingAuthenticationToken", Authentication, COMMON),
    row("InvalidAccessKeyId", Authentication, S3),
    row("RequestTimeTooSkewed", Authentication, S3),
    row("InvalidIdentityToken", Authentication, "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"),
    row("IDPRejectedClaim", Authentication, "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"),
    row("IDPCommunication", Authentication, "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"),
];

/// Parts of a code, in lower case, that tell an account-kind refusal in any service.
pub(super) const ACCOUNT_KIND: &[&str] = &[
    "notmanagement",
    "notmaster",
    "notorganization",
    "organizationaccessdenied",
    "noavailableorganization",
    "organizationsnotinuse",
    "organizationnotinallfeatures",
    "notdelegatedadmin",
];

/// Parts of a code, in lower case, that tell a refused authorization in any service.
pub(super) const AUTHORIZATION: &[&str] = &[
    "accessdenied",
    "notauthorized",
    "unauthorized",
    "forbidden",
    "insufficientpermission",
    "permissiondenied",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_no_ending() {
        for row in ROWS {
            assert!(!row.source.is_empty(), "{}", row.code);
            assert!(!row.code.ends_with("Exception") && !row.code.ends_with("Fault"), "{}", row.code);
        }
    }
}
