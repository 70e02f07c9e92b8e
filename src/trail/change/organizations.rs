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
        _ => None,
    }
}

fn policy_type(call: Parameters<'_>, kind: impl Fn(String) -> K) -> Option<Change> {
    Change::new(T::OrganizationTarget(call.text("rootId")?), kind(call.text("policyType")?))
}
