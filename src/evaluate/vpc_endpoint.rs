//! What is particular to the policies of VPC endpoints.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>

use super::principal::{self, Naming};
use super::statement::Subject;
use super::truth::{Hinge, Truth};
use crate::policy::{Effect, PrincipalElement};
use crate::request::Principal;

/// The services that have gateway endpoints. S3 and DynamoDB have interface endpoints as well.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>
const WITH_GATEWAY_ENDPOINTS: &[&str] = &["s3", "s3express", "dynamodb"];

/// How an endpoint policy names the caller. At a gateway endpoint "the Principal element must be set to *"; an account
/// there stands for its root user only, "and not all users and roles for the account". Which kind of endpoint it was the
/// request does not show.
pub(super) fn names(element: &PrincipalElement, effect: Option<Effect>, subject: Subject<'_>) -> Naming {
    let request = subject.request;
    let named = principal::names(element, effect, &request.principal, subject.facts);
    if named.is_nobody()
        || element.is_everyone()
        || matches!(request.principal, Principal::Root { .. })
        || !WITH_GATEWAY_ENDPOINTS.contains(&request.action.service())
    {
        return named;
    }
    named.and(&Truth::unknown(Hinge::Fact(
        "whether the VPC endpoint is a gateway endpoint, whose policy can name everyone only".to_owned(),
    )))
}
