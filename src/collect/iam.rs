//! IAM: users, groups, roles and managed policies, as `aws iam get-account-authorization-details` lists them.
//!
//! A user, group or role is brought whole or not at all. Without one of its policies it would look as if it had fewer
//! rights, or fewer limits, than it has.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AttachedPermissionsBoundary, AttachedPolicy, Tag};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::future::try_join_all;
use serde_json::{Map, Value, json};

use super::put::Brought;
use crate::arn::Arn;
use crate::aws::{CallError, Connection};
use crate::bundle::IamList;
use crate::ids::AccountId;

/// IAM of one account.
struct Iam<'c> {
    connection: &'c Connection,
    client: Client,
    region: String,
}

/// Waits for an answer of IAM.
macro_rules! ask {
    ($iam:ident, $action:literal, $request:expr) => {
        $iam.connection.ask(concat!("iam:", $action), &$iam.region, $request.send()).await
    };
}

/// All items of a list that comes in pages.
macro_rules! list {
    ($iam:ident, $action:literal, $request:expr) => {{
        let pages = $request.into_paginator().items().send();
        let all = async { pages.collect::<Result<Vec<_>, _>>().await };
        $iam.connection.ask(concat!("iam:", $action), &$iam.region, all).await
    }};
}

/// A user or role.
pub(super) async fn principal(
    connection: &Connection,
    account: AccountId,
    arn: &Arn,
) -> Result<Brought, CallError> {
    let iam = Iam::new(connection);
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let (list, entry) = if arn.resource().starts_with("user/") {
        (IamList::Users, iam.user(name).await?)
    } else {
        (IamList::Roles, iam.role(name).await?)
    };
    Ok(Brought::put(move |draft| draft.add_iam(account, list, entry)))
}

/// A group.
pub(super) async fn group(
    connection: &Connection,
    account: AccountId,
    name: &str,
) -> Result<Brought, CallError> {
    let entry = Iam::new(connection).group(account, name).await?;
    Ok(Brought::put(move |draft| draft.add_iam(account, IamList::Groups, entry)))
}

/// A managed policy with its version in force; with all of them if changes have to be undone.
pub(super) async fn managed_policy(
    connection: &Connection,
    account: AccountId,
    arn: &str,
    all_versions: bool,
) -> Result<Brought, CallError> {
    let entry = Iam::new(connection).managed_policy(arn, all_versions).await?;
    Ok(Brought::put(move |draft| draft.add_iam(account, IamList::Policies, entry)))
}

impl<'c> Iam<'c> {
    fn new(connection: &'c Connection) -> Self {
        Self { connection, client: connection.iam(), region: connection.home_region().to_owned() }
    }

    async fn user(&self, name: &str) -> Result<Value, CallError> {
        let (about, inline, attached, groups) = futures::try_join!(
            async { ask!(self, "GetUser", self.client.get_user().user_name(name)) },
            self.user_policies(name),
            async {
                list!(
                    self,
                    "ListAttachedUserPolicies",
                    self.client.list_attached_user_policies().user_name(name)
                )
            },
            async { list!(self, "ListGroupsForUser", self.client.list_groups_for_user().user_name(name)) },
        )?;
        let Some(user) = about.user else { return Err(self.empty("iam:GetUser")) };
        let groups: Vec<String> = groups.into_iter().map(|group| group.group_name).collect();
        let mut entry = Map::new();
        entry.insert("Path".to_owned(), json!(user.path));
        entry.insert("UserName".to_owned(), json!(user.user_name));
        entry.insert("UserId".to_owned(), json!(user.user_id));
        entry.insert("Arn".to_owned(), json!(user.arn));
        entry.insert("CreateDate".to_owned(), json!(moment(Some(&user.create_date))));
        entry.insert("UserPolicyList".to_owned(), json!(inline));
        entry.insert("GroupList".to_owned(), json!(groups));
        finish(entry, attached, user.permissions_boundary, user.tags)
    }

    async fn role(&self, name: &str) -> Result<Value, CallError> {
        let (about, inline, attached) = futures::try_join!(
            async { ask!(self, "GetRole", self.client.get_role().role_name(name)) },
            self.role_policies(name),
            async {
                list!(
                    self,
                    "ListAttachedRolePolicies",
                    self.client.list_attached_role_policies().role_name(name)
                )
            },
        )?;
        let Some(role) = about.role else { return Err(self.empty("iam:GetRole")) };
        let mut entry = Map::new();
        entry.insert("Path".to_owned(), json!(role.path));
        entry.insert("RoleName".to_owned(), json!(role.role_name));
        entry.insert("RoleId".to_owned(), json!(role.role_id));
        entry.insert("Arn".to_owned(), json!(role.arn));
        entry.insert("CreateDate".to_owned(), json!(moment(Some(&role.create_date))));
        if let Some(trust) = role.assume_role_policy_document {
            entry.insert("AssumeRolePolicyDocument".to_owned(), json!(trust));
        }
        entry.insert("RolePolicyList".to_owned(), json!(inline));
        finish(entry, attached, role.permissions_boundary, role.tags)
    }

    async fn group(&self, account: AccountId, name: &str) -> Result<Value, CallError> {
        let (inline, attached) = futures::try_join!(self.group_policies(name), async {
            list!(
                self,
                "ListAttachedGroupPolicies",
                self.client.list_attached_group_policies().group_name(name)
            )
        },)?;
        let mut entry = Map::new();
        entry.insert("GroupName".to_owned(), json!(name));
        // Its path is nowhere in what a user's groups and policies show, and no policy asks for it.
        let arn = format!("arn:{}:iam::{account}:group/{name}", self.connection.partition());
        entry.insert("Arn".to_owned(), json!(arn));
        entry.insert("GroupPolicyList".to_owned(), json!(inline));
        finish(entry, attached, None, None)
    }

    async fn user_policies(&self, name: &str) -> Result<Vec<Value>, CallError> {
        let names = list!(self, "ListUserPolicies", self.client.list_user_policies().user_name(name))?;
        let policies = names.into_iter().map(|policy| async move {
            let request = self.client.get_user_policy().user_name(name).policy_name(policy);
            let answer = ask!(self, "GetUserPolicy", request)?;
            Ok(inline(&answer.policy_name, &answer.policy_document))
        });
        try_join_all(policies).await
    }

    async fn role_policies(&self, name: &str) -> Result<Vec<Value>, CallError> {
        let names = list!(self, "ListRolePolicies", self.client.list_role_policies().role_name(name))?;
        let policies = names.into_iter().map(|policy| async move {
            let request = self.client.get_role_policy().role_name(name).policy_name(policy);
            let answer = ask!(self, "GetRolePolicy", request)?;
            Ok(inline(&answer.policy_name, &answer.policy_document))
        });
        try_join_all(policies).await
    }

    async fn group_policies(&self, name: &str) -> Result<Vec<Value>, CallError> {
        let names = list!(self, "ListGroupPolicies", self.client.list_group_policies().group_name(name))?;
        let policies = names.into_iter().map(|policy| async move {
            let request = self.client.get_group_policy().group_name(name).policy_name(policy);
            let answer = ask!(self, "GetGroupPolicy", request)?;
            Ok(inline(&answer.policy_name, &answer.policy_document))
        });
        try_join_all(policies).await
    }

    async fn managed_policy(&self, arn: &str, all_versions: bool) -> Result<Value, CallError> {
        let about = ask!(self, "GetPolicy", self.client.get_policy().policy_arn(arn))?;
        let Some(policy) = about.policy else { return Err(self.empty("iam:GetPolicy")) };
        let default = policy.default_version_id.clone();
        let ids: Vec<String> = if all_versions {
            let versions =
                list!(self, "ListPolicyVersions", self.client.list_policy_versions().policy_arn(arn))?;
            versions.into_iter().filter_map(|version| version.version_id).collect()
        } else {
            default.iter().cloned().collect()
        };
        let versions = try_join_all(ids.into_iter().map(|id| self.version(arn, id))).await?;
        let mut entry = Map::new();
        entry.insert("PolicyName".to_owned(), json!(policy.policy_name));
        entry.insert("PolicyId".to_owned(), json!(policy.policy_id));
        entry.insert("Arn".to_owned(), json!(policy.arn));
        entry.insert("Path".to_owned(), json!(policy.path));
        entry.insert("DefaultVersionId".to_owned(), json!(default));
        entry.insert("CreateDate".to_owned(), json!(moment(policy.create_date.as_ref())));
        entry.insert("UpdateDate".to_owned(), json!(moment(policy.update_date.as_ref())));
        entry.insert("PolicyVersionList".to_owned(), json!(versions));
        Ok(Value::Object(entry))
    }

    async fn version(&self, arn: &str, id: String) -> Result<Value, CallError> {
        let request = self.client.get_policy_version().policy_arn(arn).version_id(id);
        let answer = ask!(self, "GetPolicyVersion", request)?;
        let Some(version) = answer.policy_version else { return Err(self.empty("iam:GetPolicyVersion")) };
        Ok(json!({
            "Document": version.document,
            "VersionId": version.version_id,
            "IsDefaultVersion": version.is_default_version,
            "CreateDate": moment(version.create_date.as_ref()),
        }))
    }

    fn empty(&self, action: &str) -> CallError {
        CallError::not_understood(action, &self.region, "it is empty")
    }
}

/// What users, groups and roles have in common, and the entry as a whole.
#[expect(clippy::unnecessary_wraps, reason = "it ends functions that can fail")]
fn finish(
    mut entry: Map<String, Value>,
    attached: Vec<AttachedPolicy>,
    boundary: Option<AttachedPermissionsBoundary>,
    tags: Option<Vec<Tag>>,
) -> Result<Value, CallError> {
    let attached: Vec<Value> = attached
        .into_iter()
        .map(|policy| json!({"PolicyName": policy.policy_name, "PolicyArn": policy.policy_arn}))
        .collect();
    entry.insert("AttachedManagedPolicies".to_owned(), json!(attached));
    if let Some(boundary) = boundary {
        let kind = boundary.permissions_boundary_type.map(|kind| kind.as_str().to_owned());
        let boundary = json!({
            "PermissionsBoundaryType": kind,
            "PermissionsBoundaryArn": boundary.permissions_boundary_arn,
        });
        entry.insert("PermissionsBoundary".to_owned(), boundary);
    }
    let tags = tags.unwrap_or_default().into_iter().map(|tag| json!({"Key": tag.key, "Value": tag.value}));
    entry.insert("Tags".to_owned(), Value::Array(tags.collect()));
    Ok(Value::Object(entry))
}

/// Documents come percent-encoded, and stay as they came: their text has lines and columns.
fn inline(name: &str, document: &str) -> Value {
    json!({"PolicyName": name, "PolicyDocument": document})
}

fn moment(time: Option<&DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}
