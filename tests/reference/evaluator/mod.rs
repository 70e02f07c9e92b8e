//! A reference evaluator of AWS authorization.
//!
//! It decides complete requests only: every context key that the request does not give is absent, every layer that it
//! does not give does not exist. It is written for being read beside AWS's documentation: one small function per rule,
//! with the page that states the rule. What the documentation leaves open ends in [`Decision::NotModelled`].
//!
//! Pages of the IAM User Guide are `https://docs.aws.amazon.com/IAM/latest/UserGuide/NAME.html`.

mod condition;
mod kms;
mod operations;
mod organizations;
mod pattern;
mod principal;
mod request;
mod s3;
mod statement;
#[cfg(test)]
mod tests;

use principal::Named;
use request::{Caller, Request};
use serde_json::Value;
use statement::{Found, PolicyKind, read_policies, read_policy};
use std::collections::BTreeSet;

/// The value, or why the rule does not cover this case.
type Modelled<T> = Result<T, String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
    /// The documentation does not say, or this evaluator leaves the case out; with the reason.
    NotModelled(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub decision: Decision,
    /// Every layer that denies: by a Deny statement, or because its Allow is missing and was needed.
    pub denied_by: BTreeSet<&'static str>,
}

/// Decides one line of a request file.
pub fn decide(request: &Value) -> Answer {
    match decide_modelled(request) {
        Ok(answer) => answer,
        Err(reason) => Answer { decision: Decision::NotModelled(reason), denied_by: BTreeSet::new() },
    }
}

/// The layers that deny.
#[derive(Debug, Default)]
struct Denials {
    explicit: BTreeSet<&'static str>,
    implicit: BTreeSet<&'static str>,
}

impl Denials {
    fn explicit_if(&mut self, layer: &'static str, denies: bool) {
        if denies {
            self.explicit.insert(layer);
        }
    }

    fn implicit_if(&mut self, layer: &'static str, denies: bool) {
        if denies {
            self.implicit.insert(layer);
        }
    }

    /// `reference_policies_evaluation-logic`, "The difference between explicit and implicit denies".
    fn into_answer(self) -> Answer {
        let decision = match (self.explicit.is_empty(), self.implicit.is_empty()) {
            (false, _) => Decision::ExplicitDeny,
            (true, false) => Decision::ImplicitDeny,
            (true, true) => Decision::Allowed,
        };
        Answer { decision, denied_by: self.explicit.union(&self.implicit).copied().collect() }
    }
}

fn decide_modelled(line: &Value) -> Modelled<Answer> {
    let request = Request::read(line)?;
    check_layers_are_known(&request)?;
    check_caller_has_its_layers_only(&request)?;
    check_credentials_may_call(&request)?;
    check_action_is_modelled(&request)?;
    if needs_no_permission(&request)? {
        return Ok(Denials::default().into_answer());
    }
    let mut denials = Denials::default();
    organization_policies(&request, &mut denials)?;
    endpoint_policy(&request, &mut denials)?;
    let caller_side = CallerSide::read(&request)?;
    caller_side.explicit_denials(&mut denials);
    match route_of(&request)? {
        Route::Organizations => {
            denials.implicit_if("account-kind", !organizations::account_may_call(&request)?);
            caller_side.missing_allows(&mut denials);
        }
        Route::CallerPoliciesOnly => {
            denials.implicit_if("resource", !request.same_account());
            caller_side.missing_allows(&mut denials);
        }
        Route::Key => key(&request, &caller_side, &mut denials)?,
        Route::RoleTrust => role_trust(&request, &caller_side, &mut denials)?,
        Route::Ordinary => ordinary(&request, &caller_side, &mut denials)?,
    }
    if request.service == "s3" {
        denials.explicit_if("s3-block-public-access", s3::public_access_is_blocked(&request)?);
        denials.implicit_if("s3-ownership", s3::object_is_foreign(&request)?);
    }
    Ok(denials.into_answer())
}

// ---------------------------------------------------------------------------------------------------------------------
// What is left out

fn check_layers_are_known(request: &Request) -> Modelled<()> {
    for layer in [
        "identity_policies",
        "permissions_boundary",
        "session_policies",
        "resource_policy",
        "kms_grants",
        "vpc_endpoint_policy",
        "service_control_policies",
        "resource_control_policies",
        "s3",
        "organization",
    ] {
        request.layer(layer)?;
    }
    Ok(())
}

/// `access_policies`: identity-based policies, boundaries and session policies belong to users, roles and sessions.
/// "You cannot attach identity-based policies to the root user, and you cannot set the permissions boundary for the root
/// user."
fn check_caller_has_its_layers_only(request: &Request) -> Modelled<()> {
    let identity = !request.list_layer("identity_policies")?.is_empty();
    let boundary = request.layer("permissions_boundary")?.is_some();
    let session = !request.list_layer("session_policies")?.is_empty();
    let endpoint = request.layer("vpc_endpoint_policy")?.is_some();
    match request.caller {
        Caller::User { .. } if session => Err("a session policy without a session".to_owned()),
        Caller::Root { .. } if identity || boundary || session => Err("a policy of the root user".to_owned()),
        Caller::Service { .. }
        | Caller::Provider { .. }
        | Caller::OriginAccessIdentity { .. }
        | Caller::Anonymous
            if identity || boundary || session =>
        {
            Err("a policy of a caller that is no IAM principal".to_owned())
        }
        Caller::Service { .. } if endpoint => {
            Err("an AWS service that calls through a VPC endpoint".to_owned())
        }
        _ => Ok(()),
    }
}

/// `id_credentials_sts-comparison` ("Comparing AWS STS credentials") and `id_credentials_temp_request`: which
/// credentials can call what. These refusals are not policies and have no layer.
fn check_credentials_may_call(request: &Request) -> Modelled<()> {
    let (service, operation) = (request.service.as_str(), request.operation.as_str());
    let assumes = service == "sts" && is_about_trust(operation);
    let sts_session = service == "sts" && matches!(operation, "getsessiontoken" | "getfederationtoken");
    // STS API Reference, `API_AssumeRoot`: a session has the permissions of its task policy.
    if is_true(request, "aws:AssumedRoot")? && request.list_layer("session_policies")?.is_empty() {
        return Err("a session of AssumeRoot without its task policy".to_owned());
    }
    match &request.caller {
        Caller::Root { .. } if assumes => Err("the root user cannot assume a role".to_owned()),
        Caller::Role { .. } | Caller::RoleSession { .. } if sts_session => {
            Err("a role session cannot call GetSessionToken or GetFederationToken".to_owned())
        }
        Caller::FederatedUser { .. } if service == "iam" => {
            Err("a federated user cannot call IAM".to_owned())
        }
        Caller::FederatedUser { .. } if service == "sts" && operation != "getcalleridentity" => {
            Err("a federated user cannot call AWS STS".to_owned())
        }
        Caller::User { .. } | Caller::Root { .. } if is_closed_to_session_tokens(request)? => {
            Err("temporary credentials of a user, without MFA in IAM or in AWS STS".to_owned())
        }
        // `reference_policies_variables`: "Anonymous caller (Amazon SQS, Amazon SNS, and Amazon S3 only)".
        Caller::Anonymous if !matches!(service, "s3" | "sqs" | "sns") => {
            Err("an anonymous caller of a service that needs a signature".to_owned())
        }
        Caller::OriginAccessIdentity { .. } if service != "s3" => {
            Err("an origin access identity that calls another service than S3".to_owned())
        }
        Caller::Provider { .. } if service != "sts" => {
            Err("an identity provider that calls a service".to_owned())
        }
        _ => Ok(()),
    }
}

/// STS API Reference, `API_GetSessionToken`: "You cannot call any IAM API operations unless MFA authentication information
/// is included in the request", "You cannot call any STS API except AssumeRole or GetCallerIdentity".
/// `reference_policies_condition-keys`: the keys are there with temporary credentials only.
fn is_closed_to_session_tokens(request: &Request) -> Modelled<bool> {
    let issued = request.context.get("aws:TokenIssueTime")?.is_some();
    Ok(match (request.service.as_str(), request.operation.as_str()) {
        ("iam", "passrole") => false,
        ("iam", _) => {
            let has_mfa_key = request.context.get("aws:MultiFactorAuthPresent")?.is_some();
            (issued || has_mfa_key) && !is_true(request, "aws:MultiFactorAuthPresent")?
        }
        ("sts", "getcalleridentity") => false,
        ("sts", operation) => issued && !is_about_trust(operation),
        _ => false,
    })
}

fn is_true(request: &Request, key: &str) -> Modelled<bool> {
    let entry = request.context.get(key)?;
    Ok(entry.is_some_and(|entry| entry.values.iter().any(|value| value.eq_ignore_ascii_case("true"))))
}

fn check_action_is_modelled(request: &Request) -> Modelled<()> {
    let (service, operation) = (request.service.as_str(), request.operation.as_str());
    let name = format!("{service}:{operation}");
    if matches!(name.as_str(), "sts:assumeroot" | "sts:setcontext" | "dynamodb:describeendpoints") {
        return Err(format!("{} is left out", request.action));
    }
    // API Gateway Developer Guide, `apigateway-authorization-flow`: its resource policies follow rules of their own.
    if service == "execute-api" {
        return Err("API Gateway has rules of its own".to_owned());
    }
    let reads = operation.starts_with("get") || operation.starts_with("list");
    let kept_by_aws = [":iam::aws:policy/", ":role/aws-reserved/", ":role/aws-service-role/"];
    if service == "iam" && !reads && kept_by_aws.iter().any(|part| request.resource.contains(part)) {
        return Err("a change of a policy or role that AWS keeps".to_owned());
    }
    if service == "kms" && request.resource.contains(":alias/aws/") {
        return Err("an alias that AWS keeps".to_owned());
    }
    if service == "s3" && request.resource != "*" && !request.resource.contains(":s3:::") {
        return Err("an S3 access point or another resource that is no bucket or object".to_owned());
    }
    if !request.same_account() && operations::follows_own_rule_across_accounts(request) {
        return Err(format!("{} on the ARN of another account", request.action));
    }
    if matches!(service, "s3-object-lambda" | "s3-outposts" | "s3express") {
        return Err(format!("{service} has rules of its own"));
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------
// Guards that apply to every request

/// STS API Reference, `API_GetCallerIdentity`: "No permissions are required to perform this operation. If an
/// administrator attaches a policy to your identity that explicitly denies access to the sts:GetCallerIdentity action,
/// you can still perform this operation." `API_GetSessionToken`: "No permissions are required for users to perform this
/// operation", and IAM User Guide, `id_credentials_temp_control-access_getsessiontoken`: policies cannot control it.
fn needs_no_permission(request: &Request) -> Modelled<bool> {
    if request.service != "sts"
        || !matches!(request.operation.as_str(), "getcalleridentity" | "getsessiontoken")
    {
        return Ok(false);
    }
    if request.caller.account().is_none() {
        return Err("a call of AWS STS without an account".to_owned());
    }
    match request.layer("vpc_endpoint_policy")? {
        Some(_) => Err("an operation without permissions through a VPC endpoint".to_owned()),
        None => Ok(true),
    }
}

/// `reference_policies_evaluation-logic_policy-eval-denyallow`: "Deny evaluation", "Organizations RCPs" and
/// "Organizations SCPs".
fn organization_policies(request: &Request, denials: &mut Denials) -> Modelled<()> {
    let rcp = organizations::resource_control_policies(request)?;
    denials.explicit_if("rcp", rcp.denies);
    denials.implicit_if("rcp", rcp.not_allowed);
    let scp = organizations::service_control_policies(request)?;
    denials.explicit_if("scp", scp.denies);
    denials.implicit_if("scp", scp.not_allowed);
    Ok(())
}

/// VPC User Guide, `vpc-endpoints-access`: "a resource-based policy that you attach to a VPC endpoint to control which
/// AWS principals can use the endpoint to access an AWS service." It grants nothing.
fn endpoint_policy(request: &Request, denials: &mut Denials) -> Modelled<()> {
    if let Some(policy) = request.layer("vpc_endpoint_policy")? {
        let found = read_policy(policy, PolicyKind::VpcEndpoint, request)?;
        denials.explicit_if("vpc-endpoint", found.denies);
        denials.implicit_if("vpc-endpoint", !found.allow());
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------
// The caller's side

/// The policies of the caller. `reference_policies_evaluation-logic`: identity-based policies, permissions boundary,
/// session policies.
struct CallerSide {
    identity: Found,
    boundary: Option<Found>,
    session: Option<Found>,
    /// "By default, all requests are implicitly denied with the exception of the AWS account root user, which has full
    /// access."
    is_root: bool,
    /// "If there is no session policy, the code checks whether the principal is a role session. If the principal is a
    /// role session, then the request is Allowed. Otherwise, the request is implicitly denied" (federated user sessions).
    needs_session_policy: bool,
}

impl CallerSide {
    fn read(request: &Request) -> Modelled<CallerSide> {
        let boundary = match request.layer("permissions_boundary")? {
            Some(policy) => Some(read_policy(policy, PolicyKind::Attached, request)?),
            None => None,
        };
        // STS API Reference, `API_AssumeRole`, Policy and PolicyArns: one inline and up to ten managed session policies,
        // of which the session has the union, cut with the permissions of the role.
        let session = match request.list_layer("session_policies")? {
            [] => None,
            policies => Some(read_policies(policies, PolicyKind::Session, request)?),
        };
        Ok(CallerSide {
            identity: read_policies(request.list_layer("identity_policies")?, PolicyKind::Attached, request)?,
            boundary,
            session,
            is_root: matches!(request.caller, Caller::Root { .. }),
            needs_session_policy: matches!(request.caller, Caller::FederatedUser { .. }),
        })
    }

    fn explicit_denials(&self, denials: &mut Denials) {
        denials.explicit_if("identity", self.identity.denies);
        denials.explicit_if("boundary", self.boundary.as_ref().is_some_and(|found| found.denies));
        denials.explicit_if("session", self.session.as_ref().is_some_and(|found| found.denies));
    }

    fn identity_allows(&self) -> bool {
        self.is_root || self.identity.allow()
    }

    fn boundary_allows(&self) -> bool {
        self.boundary.as_ref().is_none_or(Found::allow)
    }

    fn session_allows(&self) -> bool {
        match &self.session {
            Some(found) => found.allow(),
            None => !self.needs_session_policy,
        }
    }

    fn all_allow(&self) -> bool {
        self.identity_allows() && self.boundary_allows() && self.session_allows()
    }

    /// Identity-based policies, boundary and session policies must each allow.
    fn missing_allows(&self, denials: &mut Denials) {
        denials.implicit_if("identity", !self.identity_allows());
        self.missing_limits(denials);
    }

    /// Boundary and session policies must allow; identity-based policies need not.
    fn missing_limits(&self, denials: &mut Denials) {
        denials.implicit_if("boundary", !self.boundary_allows());
        denials.implicit_if("session", !self.session_allows());
    }
}

/// What the caller's own policies must still allow, within one account, when a resource-based policy allows.
/// `reference_policies_evaluation-logic`, table "Resource-based policies and implicit denies in other policy types
/// (same account)".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StillNeeded {
    Nothing,
    BoundaryAndSession,
    Everything,
    /// Everything as far as the page says; whether less is enough is open.
    EverythingOrLess,
}

fn still_needed(caller: &Caller, allows: &BTreeSet<Named>) -> StillNeeded {
    // "If a resource-based policy grants permission directly to the IAM user or the session principal that is making
    // the request, then an implicit deny in an identity-based policy, a permissions boundary, or a session policy does
    // not impact the final decision."
    if allows.contains(&Named::User) || allows.contains(&Named::Session) {
        return StillNeeded::Nothing;
    }
    // `reference_policies_elements_principal`, "All principals": "For IAM users and role principals within your account,
    // no other permissions are required." And "IAM role principals": boundaries and session policies "do not limit
    // permissions granted using the aws:PrincipalArn condition key with a wildcard in the Principal element".
    // Federated user sessions are not mentioned.
    if allows.contains(&Named::Everyone) {
        match caller {
            Caller::FederatedUser { .. } => return StillNeeded::EverythingOrLess,
            _ => return StillNeeded::Nothing,
        }
    }
    // "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit deny in a
    // permissions boundary or session policy." "if a resource-based policy grants permission to the ARN of the IAM user
    // who federated, then requests made by the federated user during the session are limited by an implicit deny in a
    // permission boundary or session policy."
    if allows.contains(&Named::Role) || allows.contains(&Named::UserOfSession) {
        return StillNeeded::BoundaryAndSession;
    }
    // "AWS account principals": the account's own policies decide. Also: nothing allows.
    StillNeeded::Everything
}

fn apply(needed: StillNeeded, caller_side: &CallerSide, denials: &mut Denials) -> Modelled<()> {
    match needed {
        StillNeeded::Nothing => {}
        StillNeeded::BoundaryAndSession => caller_side.missing_limits(denials),
        StillNeeded::Everything => caller_side.missing_allows(denials),
        StillNeeded::EverythingOrLess if caller_side.all_allow() => {}
        StillNeeded::EverythingOrLess => {
            return Err("a resource-based policy that allows everyone, and a federated user".to_owned());
        }
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------
// The resource's side

enum Route {
    /// AWS Organizations: who may call, and the caller's policies.
    Organizations,
    /// Operations on which no resource-based policy has a say.
    CallerPoliciesOnly,
    Key,
    RoleTrust,
    Ordinary,
}

fn route_of(request: &Request) -> Modelled<Route> {
    let has_resource_policy = request.layer("resource_policy")?.is_some();
    let has_grants = !request.list_layer("kms_grants")?.is_empty();
    let operation = request.operation.as_str();
    match request.service.as_str() {
        "organizations" if has_resource_policy => Err("the delegation policy of an organization".to_owned()),
        "organizations" => Ok(Route::Organizations),
        "kms" if kms::WITHOUT_KEY.contains(&operation) => match request.resource.as_str() {
            "*" if has_resource_policy || has_grants => {
                Err("a key policy for an operation without a key".to_owned())
            }
            "*" if request.caller.account().is_none() => {
                Err("an operation without a key, by no account".to_owned())
            }
            "*" if !request.same_account() => {
                Err("an operation without a key, in a foreign account".to_owned())
            }
            "*" => Ok(Route::CallerPoliciesOnly),
            _ => Err(format!("{} has no resource", request.action)),
        },
        // KMS Developer Guide, `alias-access`: the permission on the alias is given "in an IAM policy".
        "kms" if request.resource.contains(":alias/") => {
            if !kms::ALIAS_OPERATIONS.contains(&operation) {
                return Err("an alias is the resource of alias operations only".to_owned());
            }
            match has_resource_policy || has_grants || request.caller.account().is_none() {
                true => {
                    Err("an alias with a key policy or grants, or a caller without an account".to_owned())
                }
                false => Ok(Route::CallerPoliciesOnly),
            }
        }
        "kms" if !request.resource.contains(":key/") => {
            Err("a KMS request that is not about a key".to_owned())
        }
        "kms" => Ok(Route::Key),
        "iam" if has_resource_policy && !operations::is_on_role(request) => {
            Err("a resource-based policy of an IAM resource that is no role".to_owned())
        }
        "iam" if operations::is_on_role(request) => match request.caller.account() {
            Some(_) => Ok(Route::CallerPoliciesOnly),
            None => Err("a call of IAM without an account".to_owned()),
        },
        "sts" if is_about_trust(operation) => match request.resource.splitn(6, ':').nth(5) {
            Some(rest) if rest.starts_with("role/") => Ok(Route::RoleTrust),
            _ => Err("a request to assume something that is not a role".to_owned()),
        },
        _ if matches!(request.caller, Caller::Provider { .. }) => {
            Err("an identity provider that calls STS".to_owned())
        }
        _ => Ok(Route::Ordinary),
    }
}

fn is_about_trust(operation: &str) -> bool {
    matches!(
        operation,
        "assumerole"
            | "assumerolewithsaml"
            | "assumerolewithwebidentity"
            | "tagsession"
            | "setsourceidentity"
    )
}

/// A resource that may have a resource-based policy, in general.
fn ordinary(request: &Request, caller_side: &CallerSide, denials: &mut Denials) -> Modelled<()> {
    let found = match request.layer("resource_policy")? {
        Some(policy) => read_policy(policy, PolicyKind::Resource, request)?,
        None => Found::default(),
    };
    denials.explicit_if("resource", found.denies && !operations::root_cannot_be_locked_out(request));
    if operations::belongs_to_own_account(request)? {
        // Whatever the resource-based policy allows.
        denials.implicit_if("resource", true);
        if request.caller.account().is_some() {
            caller_side.missing_allows(denials);
        }
        return Ok(());
    }
    operations::check_allowed_without_policy(request, caller_side, &found, denials)?;
    if request.caller.account().is_none() {
        // AWS services and anonymous callers have the resource-based policy only.
        denials.implicit_if("resource", !found.allow());
        return Ok(());
    }
    if request.same_account() {
        // "If an action is allowed by an identity-based policy, a resource-based policy, or both, then AWS allows the
        // action."
        return match caller_side.all_allow() {
            true => Ok(()),
            false => apply(still_needed(&request.caller, &found.allows), caller_side, denials),
        };
    }
    // `reference_policies_evaluation-logic-cross-account`: "the request is allowed only if both evaluations return a
    // decision of Allow".
    denials.implicit_if("resource", !found.allow());
    caller_side.missing_allows(denials);
    Ok(())
}

/// `reference_policies_evaluation-logic`: "IAM role trust policies and KMS key policies are exceptions to this logic,
/// because they must explicitly allow access for principals."
fn must_be_allowed_by_resource(
    layer: &'static str,
    allows: &BTreeSet<Named>,
    request: &Request,
    caller_side: &CallerSide,
    denials: &mut Denials,
) -> Modelled<()> {
    denials.implicit_if(layer, allows.is_empty());
    match (request.caller.account(), request.same_account()) {
        (None, _) => Ok(()),
        (Some(_), true) => apply(still_needed(&request.caller, allows), caller_side, denials),
        (Some(_), false) => {
            caller_side.missing_allows(denials);
            Ok(())
        }
    }
}

/// KMS Developer Guide, `key-policy-default`, `policy-evaluation`, `key-policy-modifying-external-accounts` and `grants`.
fn key(request: &Request, caller_side: &CallerSide, denials: &mut Denials) -> Modelled<()> {
    let Some(policy) = request.layer("resource_policy")? else {
        return Err("a KMS key without its key policy".to_owned());
    };
    let found = read_policy(policy, PolicyKind::Resource, request)?;
    if request.operation == "retiregrant" {
        return retire_grant(request, &found, caller_side, denials);
    }
    denials.explicit_if("resource", found.denies);

    let across = request.caller.account().is_some() && !request.same_account();
    if across && (request.from_other_partition || !kms::works_across_accounts(request)?) {
        // "Cross-account use: No. You cannot perform this operation on a KMS key in a different AWS account."
        denials.implicit_if("resource", true);
        caller_side.missing_allows(denials);
        return Ok(());
    }
    let by_policy_alone = {
        let mut attempt = Denials::default();
        must_be_allowed_by_resource("resource", &found.allows, request, caller_side, &mut attempt)
            .map(|()| attempt)
    };
    if matches!(&by_policy_alone, Ok(attempt) if attempt.implicit.is_empty()) {
        return Ok(());
    }
    let granted = kms::grants(request)?;
    if granted.directly {
        if request.caller.account().is_none() || caller_side.all_allow() {
            return Ok(());
        }
        // In the account of the key, a grant is enough. What silent boundaries and session policies do to it is not
        // documented.
        if !across && caller_side.boundary_allows() && caller_side.session_allows() {
            return Ok(());
        }
        // `key-policy-modifying-external-accounts`: "users and roles in the external account cannot use the CMK until
        // you attach IAM policies that delegate those permissions, or use grants to manage access to the CMK".
        return Err("a grant, and silent policies of the caller".to_owned());
    }
    if granted.to_account {
        // The account is the grantee, and its policies delegate.
        let mut allows = found.allows.clone();
        allows.insert(Named::Account);
        return must_be_allowed_by_resource("resource", &allows, request, caller_side, denials);
    }
    denials.implicit.extend(by_policy_alone?.implicit);
    Ok(())
}

/// KMS Developer Guide, `grant-delete`: "Principals specified in the grant can retire a grant without the kms:RetireGrant
/// permission"; "The kms:RetireGrant permission is not effective in a key policy"; the account of the key, and an account
/// that is the retiring principal, delegate the permission to their principals by IAM policies.
fn retire_grant(
    request: &Request,
    key_policy: &Found,
    caller_side: &CallerSide,
    denials: &mut Denials,
) -> Modelled<()> {
    if key_policy.denies {
        return Err("a Deny of kms:RetireGrant in the key policy".to_owned());
    }
    let (retiring, grantee) = (kms::retiring(request)?, kms::grants(request)?);
    // `id_roles_compare-resource-policies`: nothing is delegated to another partition.
    denials.implicit_if("resource", request.from_other_partition);
    if retiring.directly || grantee.directly {
        // What silent boundaries and session policies do to a grant is not documented.
        return match caller_side.boundary_allows() && caller_side.session_allows() {
            true => Ok(()),
            false => Err("a grant, and silent policies of the caller".to_owned()),
        };
    }
    let delegated = request.same_account() || retiring.to_account || request.from_other_partition;
    if !delegated && grantee.to_account {
        return Err("an account that may retire a grant as its grantee".to_owned());
    }
    denials.implicit_if("resource", !delegated);
    if request.caller.account().is_some() {
        caller_side.missing_allows(denials);
    }
    Ok(())
}

/// `reference_policies_evaluation-logic`, `id_roles_compare-resource-policies` and `id_credentials_temp_request`: the
/// trust policy of the role must allow sts:AssumeRole and its relatives. For AssumeRoleWithSAML and
/// AssumeRoleWithWebIdentity the caller is an identity provider, and nothing but the trust policy allows.
fn role_trust(request: &Request, caller_side: &CallerSide, denials: &mut Denials) -> Modelled<()> {
    let Some(policy) = request.layer("resource_policy")? else {
        return Err("a role without its trust policy".to_owned());
    };
    let with_provider =
        matches!(request.operation.as_str(), "assumerolewithsaml" | "assumerolewithwebidentity");
    match &request.caller {
        Caller::Provider { .. } if request.operation == "assumerole" => {
            return Err("an identity provider that calls AssumeRole".to_owned());
        }
        Caller::Provider { name } => {
            let own = |account: &str| name.contains(&format!("::{account}:"));
            if name.starts_with("arn:") && !own(&request.resource_account) {
                return Err("an identity provider of another account".to_owned());
            }
        }
        _ if with_provider => return Err("AssumeRoleWith… without an identity provider".to_owned()),
        _ => {}
    }
    let found = read_policy(policy, PolicyKind::RoleTrust, request)?;
    denials.explicit_if("role-trust", found.denies);
    if request.from_other_partition {
        denials.implicit_if("role-trust", true);
        caller_side.missing_allows(denials);
        return Ok(());
    }
    must_be_allowed_by_resource("role-trust", &found.allows, request, caller_side, denials)
}
