//! Operations that credentials of a certain kind cannot call, whatever the policies say.
//!
//! Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>,
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>

use super::truth::{Hinge, Truth};
use crate::arn::Arn;
use crate::knowledge::operation_rules::OperationRule;
use crate::request::{KeyState, Principal, Request};

/// Whether the kind of credentials lets the request be made at all.
pub(super) fn can_call(request: &Request) -> Truth {
    let action = request.action.lower();
    if matches!(request.action.service(), "iam" | "kms") && is_kept_by_aws(request) {
        return Truth::undocumented(&format!("how AWS refuses {} on what it keeps itself", request.action));
    }
    match &request.principal {
        Principal::Anonymous => takes_unsigned(request),
        // "You cannot call any STS operations except GetCallerIdentity"; IAM can be called in a console session only.
        Principal::FederatedUser { .. } => match request.action.service() {
            "sts" => (action == "sts:getcalleridentity").into(),
            "iam" => Truth::unknown(Hinge::Fact(
                "whether the federated user calls from a console session".to_owned(),
            )),
            _ => Truth::True,
        },
        // "You cannot use AWS account root user credentials to call AssumeRole", and so for AssumeRoot.
        Principal::Root { .. } if matches!(action, "sts:assumerole" | "sts:assumeroot") => Truth::False,
        Principal::User { .. } | Principal::Root { .. } if may_be_closed_session_token(request) => {
            Truth::unknown(Hinge::Fact(
                "whether the credentials are those of GetSessionToken, which cannot make this call (a console session \
                 can; a request without aws:TokenIssueTime has long-term ones)"
                    .to_owned(),
            ))
        }
        Principal::Role(_) => (!matches!(action, "sts:getsessiontoken" | "sts:getfederationtoken")).into(),
        // "Create an IAM OIDC identity provider in your account": a role of another account is not described.
        Principal::Federated { provider } => {
            let account = Arn::parse(provider).ok().and_then(|arn| arn.account());
            let role_account = request.resource.owner();
            if account.is_some() && role_account.is_some() && account != role_account {
                Truth::undocumented("a role that trusts the identity provider of another account")
            } else {
                Truth::True
            }
        }
        // Of a foreign caller nothing but the account is seen: it may be a session that cannot call STS.
        Principal::SomeoneIn { .. } if matches!(request.action.service(), "sts" | "iam") => {
            Truth::unknown(Hinge::Fact("which kind of credentials made the request".to_owned()))
        }
        _ => Truth::True,
    }
}

/// Whether the request may be made with credentials of `GetSessionToken` that cannot make it: "You cannot call any IAM API
/// operations unless MFA authentication information is included in the request", nor "any STS API except `AssumeRole`
/// or `GetCallerIdentity`". A console session has temporary credentials too, without these limits. `iam:PassRole` is no
/// operation.
fn may_be_closed_session_token(request: &Request) -> bool {
    let may_have = |key| !matches!(request.context.get(key), KeyState::Absent);
    let may_be_temporary = match request.action.service() {
        "iam" if request.action.is("iam:PassRole") || says_true(request, "aws:multifactorauthpresent") => {
            false
        }
        // Both keys are there "only when the principal uses temporary credentials".
        "iam" => may_have("aws:tokenissuetime") || may_have("aws:multifactorauthpresent"),
        // An operation of STS itself can carry an MFA code.
        "sts" if !OPEN_TO_SESSION_TOKENS.contains(&request.action.lower()) => may_have("aws:tokenissuetime"),
        _ => false,
    };
    may_be_temporary && !request.context.is_console_session() && !is_assumed_root(request)
}

/// What credentials of `GetSessionToken` can call of STS, with the permissions that go along with `AssumeRole`.
const OPEN_TO_SESSION_TOKENS: &[&str] =
    &["sts:assumerole", "sts:getcalleridentity", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];

/// Whether the request says that a session of `AssumeRoot` makes it.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-assumedroot>
pub(super) fn is_assumed_root(request: &Request) -> bool {
    says_true(request, "aws:assumedroot")
}

fn says_true(request: &Request, key: &str) -> bool {
    match request.context.get(key) {
        KeyState::Known(values) => values.as_slice().iter().any(|value| value.eq_ignore_ascii_case("true")),
        KeyState::Absent | KeyState::Unknown(_) => false,
    }
}

/// Whether AWS answers requests that nobody signed: "Anonymous caller (Amazon SQS, Amazon SNS, and Amazon S3 only)",
/// and those of the services that have pages of their own about it.
fn takes_unsigned(request: &Request) -> Truth {
    let service = request.action.service();
    if OperationRule::Unsigned.holds_for(request.action.lower())
        || OperationRule::Unsigned.holds_for(&format!("{service}:*"))
    {
        Truth::True
    } else {
        Truth::undocumented(&format!("whether {} can be called without a signature", request.action))
    }
}

/// Whether the request would change an AWS managed policy, a role that a service or IAM Identity Center keeps, or an
/// alias of an AWS managed key.
fn is_kept_by_aws(request: &Request) -> bool {
    let Some(arn) = request.resource.arn() else { return false };
    let kept = arn.account_text() == "aws"
        || ["role/aws-service-role/", "role/aws-reserved/", "alias/aws/"]
            .iter()
            .any(|start| arn.resource().starts_with(start));
    kept && OperationRule::KeptByAws.holds_for(request.action.lower())
}
