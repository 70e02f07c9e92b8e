//! `iam.json`: what `aws iam get-account-authorization-details` prints, or a part of it.
//!
//! An entry that cannot be read is left out as a whole, so that whoever it was is unknown. Without one of their
//! policies they would look as if they had fewer rights, or fewer limits, than they have.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::reader::Reader;
use super::shape::{Moment, Tag, arn, tags};
use super::text::Text;
use super::{BundleProblem, document};
use crate::arn::Arn;
use crate::evidence::{AttachedPolicy, Group, Iam, InlinePolicy, ManagedPolicy, ManagedVersion, Role, User};
use crate::ids::AccountId;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws iam get-account-authorization-details` prints")]
struct Details<'a> {
    #[serde(borrow)]
    user_detail_list: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    group_detail_list: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    role_detail_list: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    policies: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a user as `aws iam` prints it")]
struct UserEntry<'a> {
    #[serde(deserialize_with = "arn")]
    arn: Arn,
    user_name: String,
    user_id: Option<String>,
    create_date: Option<Moment>,
    #[serde(borrow)]
    user_policy_list: Option<Vec<InlineEntry<'a>>>,
    attached_managed_policies: Option<Vec<AttachedEntry>>,
    group_list: Option<Vec<String>>,
    permissions_boundary: Option<BoundaryEntry>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a group as `aws iam` prints it")]
struct GroupEntry<'a> {
    #[serde(deserialize_with = "arn")]
    arn: Arn,
    group_name: String,
    #[serde(borrow)]
    group_policy_list: Option<Vec<InlineEntry<'a>>>,
    attached_managed_policies: Option<Vec<AttachedEntry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a role as `aws iam` prints it")]
struct RoleEntry<'a> {
    #[serde(deserialize_with = "arn")]
    arn: Arn,
    role_name: String,
    role_id: Option<String>,
    create_date: Option<Moment>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'a RawValue>,
    #[serde(borrow)]
    role_policy_list: Option<Vec<InlineEntry<'a>>>,
    attached_managed_policies: Option<Vec<AttachedEntry>>,
    permissions_boundary: Option<BoundaryEntry>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a managed policy as `aws iam` prints it")]
struct ManagedEntry<'a> {
    policy_name: String,
    arn: String,
    default_version_id: Option<String>,
    #[serde(borrow)]
    policy_version_list: Option<Vec<VersionEntry<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a policy version with `VersionId` and `Document`")]
struct VersionEntry<'a> {
    version_id: String,
    #[serde(default)]
    is_default_version: bool,
    create_date: Option<Moment>,
    #[serde(borrow)]
    document: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an inline policy with `PolicyName` and `PolicyDocument`")]
struct InlineEntry<'a> {
    policy_name: String,
    #[serde(borrow)]
    policy_document: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an attached policy with `PolicyName` and `PolicyArn`")]
struct AttachedEntry {
    policy_name: String,
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a permissions boundary with `PermissionsBoundaryArn`")]
struct BoundaryEntry {
    permissions_boundary_arn: String,
}

/// What there is to know of an entry that could not be read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameOnly {
    arn: String,
}

/// Reads an account's `iam.json`.
pub(super) fn read(reader: &mut Reader<'_>, file: &str, account: AccountId) -> Option<Iam> {
    let what = format!("IAM users, groups, roles and managed policies of account {account}");
    let text = reader.text(file, &what)?;
    let details = text.parse().and_then(|details: Details<'_>| {
        let lists = [
            &details.user_detail_list,
            &details.group_detail_list,
            &details.role_detail_list,
            &details.policies,
        ];
        let found = lists.iter().any(|list| list.is_some());
        found
            .then_some(details)
            .ok_or_else(|| BundleProblem::Missing { place: text.start(), field: "RoleDetailList" })
    });
    let details = reader.keep(&what, details)?;
    let mut entries = Entries { reader, text: &text, account };
    Some(Iam {
        users: entries.read("user", details.user_detail_list, Entries::user),
        groups: entries.read("group", details.group_detail_list, Entries::group),
        roles: entries.read("role", details.role_detail_list, Entries::role),
        policies: entries.read("managed policy", details.policies, Entries::managed),
    })
}

struct Entries<'r, 't, 'x> {
    reader: &'r mut Reader<'t>,
    text: &'x Text,
    account: AccountId,
}

type Read<T> = Result<(String, T), BundleProblem>;

impl<'x> Entries<'_, '_, 'x> {
    fn read<T>(
        &mut self,
        kind: &str,
        list: Option<Vec<&'x RawValue>>,
        entry: fn(&mut Self, &'x RawValue) -> Read<T>,
    ) -> BTreeMap<String, T> {
        let mut read = BTreeMap::new();
        for raw in list.unwrap_or_default() {
            match entry(self, raw) {
                Ok((name, value)) => {
                    read.insert(name, value);
                }
                Err(problem) => {
                    let name = serde_json::from_str(raw.get()).map(|name: NameOnly| name.arn);
                    let name = name.unwrap_or_else(|_| format!("in account {}", self.account));
                    self.reader.lost(format!("{kind} {name}"), problem);
                }
            }
        }
        read
    }

    fn user(&mut self, raw: &'x RawValue) -> Read<User> {
        let entry: UserEntry<'_> = self.text.part(raw)?;
        self.check_account(raw, &entry.arn)?;
        let user = User {
            arn: entry.arn,
            id: entry.user_id,
            created: entry.create_date.map(|moment| moment.0),
            inline: self.inline(&format!("user {}", entry.user_name), entry.user_policy_list),
            attached: attached(entry.attached_managed_policies),
            groups: entry.group_list.unwrap_or_default(),
            boundary: entry.permissions_boundary.map(|boundary| boundary.permissions_boundary_arn),
            tags: Some(tags(entry.tags)),
        };
        Ok((entry.user_name, user))
    }

    fn group(&mut self, raw: &'x RawValue) -> Read<Group> {
        let entry: GroupEntry<'_> = self.text.part(raw)?;
        self.check_account(raw, &entry.arn)?;
        let group = Group {
            arn: entry.arn,
            inline: self.inline(&format!("group {}", entry.group_name), entry.group_policy_list),
            attached: attached(entry.attached_managed_policies),
        };
        Ok((entry.group_name, group))
    }

    fn role(&mut self, raw: &'x RawValue) -> Read<Role> {
        let entry: RoleEntry<'_> = self.text.part(raw)?;
        self.check_account(raw, &entry.arn)?;
        let trust_name = format!("trust policy of role {}", entry.role_name);
        let trust = entry.assume_role_policy_document.map(RawValue::get);
        let role = Role {
            arn: entry.arn,
            id: entry.role_id,
            created: entry.create_date.map(|moment| moment.0),
            trust: trust.map(|trust| document::part_of(self.reader, self.text, trust, &trust_name)),
            inline: self.inline(&format!("role {}", entry.role_name), entry.role_policy_list),
            attached: attached(entry.attached_managed_policies),
            boundary: entry.permissions_boundary.map(|boundary| boundary.permissions_boundary_arn),
            tags: Some(tags(entry.tags)),
        };
        Ok((entry.role_name, role))
    }

    fn managed(&mut self, raw: &'x RawValue) -> Read<ManagedPolicy> {
        let entry: ManagedEntry<'_> = self.text.part(raw)?;
        let mut versions = Vec::new();
        for version in entry.policy_version_list.unwrap_or_default() {
            let name = format!("version {} of managed policy {}", version.version_id, entry.arn);
            versions.push(ManagedVersion {
                document: document::part_of(self.reader, self.text, version.document.get(), &name),
                id: version.version_id,
                is_default: version.is_default_version,
                created: version.create_date.map(|moment| moment.0),
            });
        }
        let policy = ManagedPolicy {
            name: entry.policy_name,
            arn: entry.arn.clone(),
            default_version: entry.default_version_id,
            versions,
        };
        Ok((entry.arn, policy))
    }

    fn inline(&mut self, owner: &str, list: Option<Vec<InlineEntry<'x>>>) -> Vec<InlinePolicy> {
        let mut policies = Vec::new();
        for InlineEntry { policy_name, policy_document } in list.unwrap_or_default() {
            let name = format!("{owner} inline policy {policy_name}");
            let document = document::part_of(self.reader, self.text, policy_document.get(), &name);
            policies.push(InlinePolicy { name: policy_name, document });
        }
        policies
    }

    fn check_account(&self, raw: &RawValue, arn: &Arn) -> Result<(), BundleProblem> {
        if arn.account() == Some(self.account) {
            return Ok(());
        }
        let place = self.text.place_of(raw.get());
        Err(BundleProblem::OtherAccount { place, arn: arn.to_string(), account: self.account })
    }
}

fn attached(list: Option<Vec<AttachedEntry>>) -> Vec<AttachedPolicy> {
    let read = |entry: AttachedEntry| AttachedPolicy { name: entry.policy_name, arn: entry.policy_arn };
    list.unwrap_or_default().into_iter().map(read).collect()
}
