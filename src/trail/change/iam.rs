//! Changes in IAM.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>; the parameter names are those of
//! real events (invictus-ir/aws_dataset, DataDog/stratus-red-team).

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;
use super::{Change, Document};

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    policies(name, call).or_else(|| principals(name, call)).or_else(|| providers(name, call))
}

/// Who holds the policy: the operations differ only in the name of one parameter.
fn holder(name: &str, call: Parameters<'_>) -> Option<T> {
    if name.contains("User") {
        call.text("userName").map(T::User)
    } else if name.contains("Group") {
        call.text("groupName").map(T::Group)
    } else {
        call.text("roleName").map(T::Role)
    }
}

fn policies(name: &str, call: Parameters<'_>) -> Option<Change> {
    let managed = || call.text("policyArn").map(T::ManagedPolicy);
    match name {
        "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy" => {
            let kind = K::InlinePolicyPut { policy: call.text("policyName")? };
            Change::with(holder(name, call)?, kind, call.document("policyDocument"))
        }
        "DeleteUserPolicy" | "DeleteRolePolicy" | "DeleteGroupPolicy" => {
            Change::new(holder(name, call)?, K::InlinePolicyDeleted { policy: call.text("policyName")? })
        }
        "AttachUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy" => {
            Change::new(holder(name, call)?, K::PolicyAttached { policy: call.text("policyArn")? })
        }
        "DetachUserPolicy" | "DetachRolePolicy" | "DetachGroupPolicy" => {
            Change::new(holder(name, call)?, K::PolicyDetached { policy: call.text("policyArn")? })
        }
        "CreatePolicy" => {
            let arn = call.answer(&["policy", "arn"]).or_else(|| call.text("policyName"))?;
            Change::with(T::ManagedPolicy(arn), K::PolicyCreated, call.document("policyDocument"))
        }
        "CreatePolicyVersion" => {
            let default = call
                .value("setAsDefault")
                .is_some_and(|value| value.as_bool() == Some(true) || value == "true");
            let kind = K::VersionCreated { version: call.answer(&["policyVersion", "versionId"]), default };
            Change::with(managed()?, kind, call.document("policyDocument"))
        }
        "SetDefaultPolicyVersion" => {
            Change::new(managed()?, K::DefaultVersionSet { version: call.text("versionId")? })
        }
        "DeletePolicyVersion" => {
            Change::new(managed()?, K::VersionDeleted { version: call.text("versionId")? })
        }
        "DeletePolicy" => Change::new(managed()?, K::PolicyDeleted),
        _ => None,
    }
}

fn principals(name: &str, call: Parameters<'_>) -> Option<Change> {
    let trust = || call.document("assumeRolePolicyDocument");
    match name {
        "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary" => {
            Change::new(holder(name, call)?, K::BoundaryPut { policy: call.text("permissionsBoundary")? })
        }
        "DeleteUserPermissionsBoundary" | "DeleteRolePermissionsBoundary" => {
            Change::new(holder(name, call)?, K::BoundaryDeleted)
        }
        "UpdateAssumeRolePolicy" => {
            Change::with(T::Role(call.text("roleName")?), K::TrustPolicyPut, call.document("policyDocument"))
        }
        "AddUserToGroup" => member(call, |user| K::MemberAdded { user }),
        "RemoveUserFromGroup" => member(call, |user| K::MemberRemoved { user }),
        "TagUser" | "TagRole" => Change::new(holder(name, call)?, K::Tagged(call.tags("tags"))),
        "UntagUser" | "UntagRole" => Change::new(holder(name, call)?, K::Untagged(call.list("tagKeys"))),
        "CreateRole" => Change::with(T::Role(call.text("roleName")?), K::Created, trust()),
        "CreateServiceLinkedRole" => {
            let role = call.answer(&["role", "roleName"])?;
            let trust = call.event.response(&["role", "assumeRolePolicyDocument"]);
            Change::with(
                T::Role(role),
                K::Created,
                trust.map_or(Document::Absent, super::parameters::document),
            )
        }
        "CreateUser" | "CreateGroup" => Change::new(holder(name, call)?, K::Created),
        "DeleteUser" | "DeleteRole" | "DeleteGroup" => Change::new(holder(name, call)?, K::Deleted),
        "UpdateUser" | "UpdateGroup" => {
            let to = call
                .text("newUserName")
                .or_else(|| call.text("newGroupName"))
                .or_else(|| call.text("newPath"))?;
            Change::new(holder(name, call)?, K::Renamed { to })
        }
        "DeleteServiceLinkedRole" => Change::new(T::Role(call.text("roleName")?), K::Deleted),
        _ => None,
    }
}

/// Whom IAM lets vouch for people and workloads.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html>
fn providers(name: &str, call: Parameters<'_>) -> Option<Change> {
    let arn = || {
        let named = ["openIDConnectProviderArn", "sAMLProviderArn"];
        let answered = named.iter().find_map(|name| call.answer(&[*name]));
        named.iter().find_map(|name| call.named_text(name)).or(answered).map(T::IdentityProvider)
    };
    match name {
        "CreateOpenIDConnectProvider" | "CreateSAMLProvider" => Change::new(arn()?, K::Created),
        "DeleteOpenIDConnectProvider" | "DeleteSAMLProvider" => Change::new(arn()?, K::Deleted),
        "AddClientIDToOpenIDConnectProvider"
        | "RemoveClientIDFromOpenIDConnectProvider"
        | "UpdateOpenIDConnectProviderThumbprint"
        | "UpdateSAMLProvider" => Change::new(arn()?, K::ProviderUpdated),
        _ => None,
    }
}

fn member(call: Parameters<'_>, kind: impl Fn(String) -> K) -> Option<Change> {
    Change::new(T::Group(call.text("groupName")?), kind(call.text("userName")?))
}
