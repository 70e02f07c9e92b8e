//! Operations that a service decides by a rule of its own.

use super::request::{Caller, Request};
use super::statement::Found;
use super::{CallerSide, Denials, Modelled};

fn is_about_bucket_policy(request: &Request) -> bool {
    let operations = ["getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"];
    request.service == "s3" && operations.contains(&request.operation.as_str())
}

/// S3 API Reference, `API_GetBucketPolicy`, `API_PutBucketPolicy` and `API_DeleteBucketPolicy`: "the root principal in a
/// bucket owner's AWS account can perform [them], even if their bucket policy explicitly denies the root principal's
/// access. Bucket owner root principals can only be blocked from performing these API actions by VPC endpoint policies and
/// AWS Organizations policies."
pub fn root_cannot_be_locked_out(request: &Request) -> bool {
    matches!(request.caller, Caller::Root { .. }) && request.same_account() && is_about_bucket_policy(request)
}

/// SQS Developer Guide, `sqs-limitations-of-custom-policies`: "Cross-account permissions don't apply to the following
/// actions".
const OWN_QUEUES_ONLY: &[&str] = &[
    "addpermission",
    "cancelmessagemovetask",
    "createqueue",
    "deletequeue",
    "listmessagemovetasks",
    "listqueues",
    "listqueuetags",
    "removepermission",
    "setqueueattributes",
    "startmessagemovetask",
    "tagqueue",
    "untagqueue",
];

fn anonymous_about_bucket_policy(request: &Request) -> bool {
    matches!(request.caller, Caller::Anonymous) && is_about_bucket_policy(request)
}

/// The operation works on resources of the caller's account only, and this resource is none. `API_GetBucketPolicy`: "the
/// calling identity must […] belong to the bucket owner's account".
pub fn belongs_to_own_account(request: &Request) -> Modelled<bool> {
    let limited = is_about_bucket_policy(request)
        || (request.service == "sqs" && OWN_QUEUES_ONLY.contains(&request.operation.as_str()));
    match limited && !request.same_account() {
        true if request.caller.account().is_none() && !anonymous_about_bucket_policy(request) => {
            Err(format!("{} by a caller without an account", request.action))
        }
        refused => Ok(refused),
    }
}

/// `id_roles_terms-and-concepts`: a trust policy says who may assume the role. For IAM's operations on it, it is no
/// resource-based policy.
pub fn is_on_role(request: &Request) -> bool {
    request.resource.splitn(6, ':').nth(5).is_some_and(|rest| rest.starts_with("role/"))
}

/// What lets in without any policy depends on facts that are not in the request.
pub fn check_allowed_without_policy(
    request: &Request,
    caller_side: &CallerSide,
    by_resource: &Found,
    denials: &Denials,
) -> Modelled<()> {
    let open = denials.explicit.is_empty() && denials.implicit.is_empty();
    if !open || caller_side.all_allow() || by_resource.allow() {
        return Ok(());
    }
    let operation = request.operation.as_str();
    // `id_credentials_passwords_enable-user-change`: "This allows all users in the account access to the iam:ChangePassword
    // action for only their user and to the iam:GetAccountPasswordPolicy action."
    let own_password = match &request.caller {
        Caller::User { arn, .. } if request.service == "iam" => {
            operation == "getaccountpasswordpolicy"
                || (operation == "changepassword" && request.resource == *arn)
        }
        _ => false,
    };
    if own_password {
        return Err("whether the account lets users change their own password".to_owned());
    }
    // EFS User Guide, `iam-access-control-nfs-efs`: the default file system policy "grants full access to any anonymous
    // client that can connect to the file system using a mount target".
    let mounts = ["clientmount", "clientwrite", "clientrootaccess"].contains(&operation);
    if request.service == "elasticfilesystem" && mounts && request.layer("resource_policy")?.is_none() {
        return Err("a file system without a policy".to_owned());
    }
    Ok(())
}
