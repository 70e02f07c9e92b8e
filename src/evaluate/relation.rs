//! How caller and resource stand to each other, which decides who has to allow.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use super::truth::{Hinge, Truth};
use super::{Layer, kms};
use crate::ids::AccountId;
use crate::knowledge::operation_rules::OperationRule;
use crate::knowledge::shared_resources::can_be_shared;
use crate::request::{Principal, Request};

/// What part the resource side plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceRole {
    /// In one account the identity side or the resource side suffices.
    Optional,
    /// A KMS key: the key policy or a grant must allow, or delegate to the account.
    KmsKey,
    /// A role: its trust policy must allow, or delegate to the account.
    RoleTrust,
    /// A service of VPC Lattice: its auth policy and the identity-based policies must both allow, in one account too.
    BesideIdentity,
    /// The caller has no identity-based policies: the resource side alone decides.
    Sole,
}

/// The relation of caller and resource.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub same_account: Truth,
    pub resource: ResourceRole,
    /// The resource is a role that is to be assumed.
    pub assumes_role: bool,
    /// The request is about a KMS key, whoever calls.
    pub about_key: bool,
    /// A grant is to be retired, which the grant decides and no key policy.
    pub retires_grant: bool,
    /// Whether the operation can be used on a resource of another account at all.
    pub works_across_accounts: Truth,
}

impl Relation {
    pub(super) fn of(request: &Request) -> Self {
        let about_key = kms::is_about_a_key(request);
        let assumes_role = assumes_role(request);
        let without_identity = matches!(
            request.principal,
            Principal::Service { .. } | Principal::Anonymous | Principal::Federated { .. }
        ) || request.principal.is_origin_access_identity();
        let resource = match () {
            () if without_identity => ResourceRole::Sole,
            () if about_key => ResourceRole::KmsKey,
            () if assumes_role => ResourceRole::RoleTrust,
            () if request.action.service() == CALLS_THROUGH_LATTICE => ResourceRole::BesideIdentity,
            () => ResourceRole::Optional,
        };
        let same_account = same_account(request);
        let works_across_accounts =
            if same_account.is_true() { Truth::True } else { works_across_accounts(request, about_key) };
        Self {
            same_account,
            works_across_accounts,
            resource,
            assumes_role,
            about_key,
            retires_grant: about_key && request.action.is("kms:RetireGrant"),
        }
    }

    /// Whether the owner may have shared the resource with the account of the caller, which no policy shows.
    pub(super) fn may_be_shared(&self, request: &Request) -> bool {
        self.same_account.is_false()
            && self.resource == ResourceRole::Optional
            && request.resource.arn().is_some_and(|arn| can_be_shared(arn.service(), arn.resource()))
    }

    pub(super) fn resource_layer(&self) -> Layer {
        if self.assumes_role { Layer::RoleTrust } else { Layer::Resource }
    }
}

/// "For authorization to succeed, both auth policies and identity-based policies need to have explicit allow statements."
///
/// Source: <https://docs.aws.amazon.com/vpc-lattice/latest/ug/auth-policies.html>
const CALLS_THROUGH_LATTICE: &str = "vpc-lattice-svcs";

/// The STS operations that a role's trust policy decides on.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
fn assumes_role(request: &Request) -> bool {
    let trust_decides = matches!(
        request.action.lower(),
        "sts:assumerole"
            | "sts:assumerolewithsaml"
            | "sts:assumerolewithwebidentity"
            | "sts:tagsession"
            | "sts:setsourceidentity"
            | "sts:setcontext"
    );
    trust_decides
        && request.resource.arn().is_some_and(|arn| {
            arn.service() == "iam" && arn.resource_type().is_some_and(|(kind, _)| kind == "role")
        })
}

/// "IAM roles and resource-based policies delegate access across accounts only within a single partition."
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html>
fn works_across_accounts(request: &Request, about_key: bool) -> Truth {
    let is_service = matches!(request.principal, Principal::Service { .. });
    if in_other_partition(request) {
        Truth::False
    } else if about_key {
        if is_service { Truth::True } else { kms::works_across_accounts(request) }
    } else if OperationRule::OwnAccountPerhaps.holds_for(request.action.lower()) {
        Truth::undocumented(&format!("whether {} works across accounts", request.action))
    } else if !OperationRule::OwnAccountOnly.holds_for(request.action.lower()) {
        Truth::True
    } else if is_service {
        Truth::undocumented(&format!("whether an AWS service can call {}", request.action))
    } else {
        Truth::False
    }
}

fn in_other_partition(request: &Request) -> bool {
    match (request.principal.partition(), request.resource.arn()) {
        (Some(caller), Some(arn)) => caller != arn.partition(),
        _ => false,
    }
}

fn same_account(request: &Request) -> Truth {
    let Some(caller) = request.principal.account() else { return Truth::False };
    if in_other_partition(request) {
        return Truth::False;
    }
    // Accounts of an organization act on the organization itself; who may is a check of its own.
    if request.action.service() == "organizations" {
        return Truth::True;
    }
    match (request.resource.owner(), request.resource.arn()) {
        (Some(owner), _) if owner == caller => Truth::True,
        (Some(owner), _) => in_its_own_right(request, owner),
        // A bucket's ARN does not name its account, and a bucket can be anybody's.
        (None, Some(arn)) if request.resource.is_bucket() => {
            Truth::unknown(Hinge::Fact(format!("which account owns {}", bucket(arn.resource()))))
        }
        (None, _) => Truth::True,
    }
}

/// Whether the caller's own policies decide alone although the ARN carries the id of another account.
fn in_its_own_right(request: &Request, owner: AccountId) -> Truth {
    let action = request.action.lower();
    if OperationRule::OwnPoliciesDecide.holds_for(action) {
        Truth::True
    } else if OperationRule::OwnPoliciesMayDecide.holds_for(action) {
        Truth::unknown(Hinge::Fact(format!(
            "whether account {owner} lets the caller's account administer it"
        )))
    } else {
        Truth::False
    }
}

fn bucket(resource: &str) -> &str {
    resource.split('/').next().unwrap_or(resource)
}
