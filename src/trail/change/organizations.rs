//! Changes in AWS Organizations.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use super::Change;
use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let policy = || call.text("policyId");
    let target = || call.text("targetId").map(T::OrganizationTarget);
    match name {
        "CreatePolicy" => {
            let id = call.answer(&["policy", "policySummary", "id"]).or_else(|| call.text("name"))?;
            Change::with(T::OrganizationPolicy(id), K::PolicyCreated, call.document("content"))
        }
        "UpdatePolicy" => {
            Change::with(T::OrganizationPolicy(policy()?), K::PolicyUpdated, call.document("content"))
        }
        "DeletePolicy" => Change::new(T::OrganizationPolicy(policy()?), K::PolicyDeleted),
        "AttachPolicy" => Change::new(target()?, K::PolicyAttached { policy: policy()? }),
        "DetachPolicy" => Change::new(target()?, K::PolicyDetached { policy: policy()? }),
        "EnablePolicyType" => policy_type(call, |policy_type| K::PolicyTypeEnabled { policy_type }),
        "DisablePolicyType" => policy_type(call, |policy_type| K::PolicyTypeDisabled { policy_type }),
        "MoveAccount" => {
            let kind =
                K::AccountMoved { from: call.text("sourceParentId")?, to: call.text("destinationParentId")? };
            Change::new(T::OrganizationTarget(call.text("accountId")?), kind)
        }
        "PutResourcePolicy" => {
            Change::with(T::OrganizationDelegation, K::ResourcePolicyPut, call.document("content"))
        }
        "DeleteResourcePolicy" => Change::new(T::OrganizationDelegation, K::ResourcePolicyDeleted),
        "RegisterDelegatedAdministrator" => {
            delegated(call, |service| K::DelegatedAdministratorSet { service })
        }
        "DeregisterDelegatedAdministrator" => {
            delegated(call, |service| K::DelegatedAdministratorRemoved { service })
        }
        _ => membership(name, call),
    }
}

/// Accounts that join and leave. Accounts are created later than they are asked for: the service's own event says when.
///
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
fn membership(name: &str, call: Parameters<'_>) -> Option<Change> {
    let own = || call.event.recipient_account().map(|account| account.to_string());
    let (account, kind) = match name {
        "CreateAccountResult" => {
            let status = call.event.service_event_details.as_ref()?.get("createAccountStatus")?;
            (status.get("accountId")?.as_str()?.to_owned(), K::AccountJoined)
        }
        "AcceptHandshake" => (own()?, K::AccountJoined),
        "RemoveAccountFromOrganization" => (call.text("accountId")?, K::AccountLeft),
        "LeaveOrganization" => (own()?, K::AccountLeft),
        _ => return None,
    };
    Change::new(T::OrganizationTarget(account), kind)
}

fn delegated(call: Parameters<'_>, kind: impl Fn(String) -> K) -> Option<Change> {
    Change::new(T::OrganizationTarget(call.text("accountId")?), kind(call.text("servicePrincipal")?))
}

fn policy_type(call: Parameters<'_>, kind: impl Fn(String) -> K) -> Option<Change> {
    Change::new(T::OrganizationTarget(call.text("rootId")?), kind(call.text("policyType")?))
}
