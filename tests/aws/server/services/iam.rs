//! IAM: the users, groups, roles and managed policies of `iam.json`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

use serde_json::Value;

use super::super::call::Call;
use super::super::raw::{self, Object};
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;
use super::super::xml::{self, element, wrapped};

/// The three kinds of principal, with the names that the API has for their parts.
struct Kind {
    name: &'static str,
    list: &'static str,
    named: &'static str,
    inline: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind { name: "User", list: "UserDetailList", named: "UserName", inline: "UserPolicyList" },
    Kind { name: "Group", list: "GroupDetailList", named: "GroupName", inline: "GroupPolicyList" },
    Kind { name: "Role", list: "RoleDetailList", named: "RoleName", inline: "RolePolicyList" },
];

/// What `GetUser`, `GetRole` and `GetGroup` do not return of an entry.
const DETAILS: [&str; 6] = [
    "UserPolicyList",
    "GroupPolicyList",
    "RolePolicyList",
    "GroupList",
    "AttachedManagedPolicies",
    "InstanceProfileList",
];

pub fn answer(world: &World, call: &Call) -> Answer {
    let iam = world.iam(call.account()).ok_or_else(|| call.denied(""))?;
    match call.operation.as_str() {
        "GetAccountAuthorizationDetails" => details(world, &iam, call),
        "GetPolicy" | "GetPolicyVersion" | "ListPolicyVersions" => managed_policy(world, &iam, call),
        "ListPolicies" => {
            let policies: Vec<Object> =
                raw::objects(&iam, "Policies").into_iter().map(without_versions).collect();
            listed(world, call, "Policies", &entries_of(&policies))
        }
        operation => {
            let kind = KINDS.iter().find(|kind| operation.contains(kind.name));
            principal(world, &iam, call, kind.ok_or_else(|| super::unknown_operation(call))?)
        }
    }
}

fn no_such_entity(what: &str, name: &str) -> Refusal {
    Refusal::new(404, "NoSuchEntity", format!("The {what} with name {name} cannot be found."))
}

fn principal(world: &World, iam: &Object, call: &Call, kind: &Kind) -> Answer {
    let given = call.text(kind.named);
    let own = call.caller.arn.rsplit('/').next().unwrap_or_default();
    let name = if given.is_empty() { own } else { given };
    let all = raw::objects(iam, kind.list);
    let entry = all.iter().find(|entry| raw::text(entry, kind.named) == name);
    let entry = entry.ok_or_else(|| no_such_entity(&kind.name.to_lowercase(), name))?;
    let inline = raw::objects(entry, kind.inline);
    match call.operation.as_str() {
        "GetUser" | "GetRole" | "GetGroup" => Ok(Body::Xml(description(iam, kind, entry))),
        "GetUserPolicy" | "GetGroupPolicy" | "GetRolePolicy" => {
            let wanted = call.text("PolicyName");
            let policy = inline.iter().find(|policy| raw::text(policy, "PolicyName") == wanted);
            let policy = policy.ok_or_else(|| no_such_entity("policy", wanted))?;
            Ok(Body::Xml(format!("{}{}", element(kind.named, name), xml::members(policy))))
        }
        "ListUserPolicies" | "ListGroupPolicies" | "ListRolePolicies" => {
            let names: Vec<String> =
                inline.iter().map(|policy| element("member", &raw::text(policy, "PolicyName"))).collect();
            listed(world, call, "PolicyNames", &names)
        }
        "ListAttachedUserPolicies" | "ListAttachedGroupPolicies" | "ListAttachedRolePolicies" => listed(
            world,
            call,
            "AttachedPolicies",
            &entries_of(&raw::objects(entry, "AttachedManagedPolicies")),
        ),
        "ListGroupsForUser" => {
            let groups = groups_of(iam, entry);
            listed(world, call, "Groups", &entries_of(&groups))
        }
        "ListUserTags" | "ListRoleTags" => {
            listed(world, call, "Tags", &entries_of(&raw::objects(entry, "Tags")))
        }
        _ => Err(super::unknown_operation(call)),
    }
}

fn description(iam: &Object, kind: &Kind, entry: &Object) -> String {
    let described = wrapped(kind.name, &xml::members(&without_details(entry)));
    if kind.name != "Group" {
        return described;
    }
    let group = raw::text(entry, "GroupName");
    let users: Vec<Object> = raw::objects(iam, "UserDetailList")
        .into_iter()
        .filter(|user| raw::texts(user, "GroupList").contains(&group))
        .map(|user| without_details(&user))
        .collect();
    format!("{described}{}<IsTruncated>false</IsTruncated>", xml::list("Users", &users))
}

fn without_details(entry: &Object) -> Object {
    let kept = entry.iter().filter(|(name, _)| !DETAILS.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn without_versions(mut policy: Object) -> Object {
    policy.remove("PolicyVersionList");
    policy
}

fn groups_of(iam: &Object, user: &Object) -> Vec<Object> {
    let names = raw::texts(user, "GroupList");
    let all = raw::objects(iam, "GroupDetailList").into_iter();
    all.filter(|group| names.contains(&raw::text(group, "GroupName")))
        .map(|group| without_details(&group))
        .collect()
}

fn entries_of(objects: &[Object]) -> Vec<String> {
    objects.iter().map(|object| wrapped("member", &xml::members(object))).collect()
}

/// A page of a list, with AWS's `Marker`.
fn listed(world: &World, call: &Call, name: &str, whole: &[String]) -> Answer {
    let (page, rest) = page(world, call, whole)?;
    Ok(Body::Xml(format!("{}{rest}", wrapped(name, &page.concat()))))
}

fn page<T: Clone>(world: &World, call: &Call, whole: &[T]) -> Result<(Vec<T>, String), Refusal> {
    let size = call.number("MaxItems").unwrap_or(100).min(world.page);
    let (page, next) = super::page(whole, call.text("Marker"), size)
        .map_err(|()| Refusal::new(400, "ValidationError", "Invalid Marker"))?;
    let marker = next.as_deref().map(|next| element("Marker", next)).unwrap_or_default();
    Ok((page, format!("<IsTruncated>{}</IsTruncated>{marker}", next.is_some())))
}

fn managed_policy(world: &World, iam: &Object, call: &Call) -> Answer {
    let arn = call.text("PolicyArn");
    let all = raw::objects(iam, "Policies");
    let Some(policy) = all.iter().find(|policy| raw::text(policy, "Arn") == arn) else {
        // AWS's own policies exist for everybody: the bundle just does not have this one.
        return Err(if arn.contains(":aws:policy/") {
            call.denied(arn)
        } else {
            Refusal::new(404, "NoSuchEntity", format!("Policy {arn} was not found."))
        });
    };
    let versions = raw::objects(policy, "PolicyVersionList");
    match call.operation.as_str() {
        "GetPolicy" => Ok(Body::Xml(wrapped("Policy", &xml::members(&without_versions(policy.clone()))))),
        "GetPolicyVersion" => {
            let wanted = call.text("VersionId");
            let version = versions.iter().find(|version| raw::text(version, "VersionId") == wanted);
            let version = version.ok_or_else(|| no_such_entity("policy version", wanted))?;
            Ok(Body::Xml(wrapped("PolicyVersion", &xml::members(version))))
        }
        _ => {
            let bare = |mut version: Object| {
                version.remove("Document");
                version
            };
            let versions: Vec<Object> = versions.into_iter().map(bare).collect();
            listed(world, call, "Versions", &entries_of(&versions))
        }
    }
}

/// Everything at once, in pages that go through users, groups, roles and policies together.
fn details(world: &World, iam: &Object, call: &Call) -> Answer {
    let filters: Vec<&str> = call
        .input
        .iter()
        .filter(|(name, _)| name.starts_with("Filter.member."))
        .filter_map(|(_, value)| Value::as_str(value))
        .collect();
    let wants = |filter: &str| filters.is_empty() || filters.contains(&filter);
    let mut whole: Vec<(&str, String)> = Vec::new();
    for kind in KINDS.iter().filter(|kind| wants(kind.name)) {
        whole.extend(entries_of(&raw::objects(iam, kind.list)).into_iter().map(|entry| (kind.list, entry)));
    }
    for policy in raw::objects(iam, "Policies") {
        let is_aws = raw::text(&policy, "Arn").contains(":aws:policy/");
        if wants(if is_aws { "AWSManagedPolicy" } else { "LocalManagedPolicy" }) {
            whole.push(("Policies", wrapped("member", &xml::members(&policy))));
        }
    }
    let (page, rest) = page(world, call, &whole)?;
    let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"].map(|list| {
        let inner: String =
            page.iter().filter(|(of, _)| *of == list).map(|(_, entry)| entry.as_str()).collect();
        wrapped(list, &inner)
    });
    Ok(Body::Xml(format!("{}{rest}", lists.concat())))
}
