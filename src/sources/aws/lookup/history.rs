//! What else has to be looked up once a denial is known: who issued the session, and who changed what decides.
//!
//! One lookup for each operation is cheaper than one for a service: of the events of IAM nearly all are reads.

use jiff::{SignedDuration, Timestamp};

use super::choice::{Attribute, HISTORY, Lookup, with_home};
use crate::sources::aws::search::Region;

/// How long after a denial everything that was changed is read, whatever it is; later, only certain operations are
/// looked up.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// How long before a denial everything that was changed is read.
const BEFORE: SignedDuration = SignedDuration::from_mins(30);

/// What is known of a denied call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// When.
    pub time: Timestamp,
    /// Where.
    pub region: Option<Region>,
    /// The access key of the session that called.
    pub session_key: Option<String>,
    /// Whether a role called; otherwise a user.
    pub by_role: bool,
    /// Whether the caller is known to have no inline policy now: then none was put, or it was deleted since.
    pub without_inline: bool,
    /// The service whose permission was missing, such as `kms`.
    pub service: String,
}

/// A session lives at most 36 hours, that of a role at most twelve.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(36);

const OF_ROLES: [&str; 9] = [
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "UpdateAssumeRolePolicy",
    "CreateRole",
    "UntagRole",
];

const OF_USERS: [&str; 14] = [
    "AttachUserPolicy",
    "DetachUserPolicy",
    "PutUserPolicy",
    "DeleteUserPolicy",
    "AttachGroupPolicy",
    "DetachGroupPolicy",
    "PutGroupPolicy",
    "DeleteGroupPolicy",
    "AddUserToGroup",
    "RemoveUserFromGroup",
    "PutUserPermissionsBoundary",
    "DeleteUserPermissionsBoundary",
    "CreateUser",
    "UntagUser",
];

const OF_POLICIES: [&str; 4] =
    ["CreatePolicyVersion", "SetDefaultPolicyVersion", "CreatePolicy", "DeletePolicy"];

/// SCPs and RCPs; the event history has them in the management account only.
const OF_ORGANIZATIONS: [&str; 4] = ["AttachPolicy", "DetachPolicy", "UpdatePolicy", "MoveAccount"];

/// The operations of a service that change who may use its resources.
fn of_service(service: &str) -> &'static [&'static str] {
    match service {
        "kms" => &[
            "PutKeyPolicy",
            "CreateGrant",
            "RevokeGrant",
            "RetireGrant",
            "DisableKey",
            "ScheduleKeyDeletion",
        ],
        "s3" => &[
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "PutBucketOwnershipControls",
            "PutBucketAcl",
        ],
        "sns" => &["SetTopicAttributes", "AddPermission", "RemovePermission"],
        "sqs" => &["SetQueueAttributes", "AddPermission", "RemovePermission"],
        "secretsmanager" => &["PutResourcePolicy", "DeleteResourcePolicy"],
        "ecr" => &["SetRepositoryPolicy", "DeleteRepositoryPolicy"],
        "lambda" => &["AddPermission20150331v2", "RemovePermission20150331v2"],
        _ => &[],
    }
}

/// Those of them that take a permission away which somebody had through the resource.
fn of_resource_policy(service: &str) -> &'static [&'static str] {
    match service {
        "kms" => &["PutKeyPolicy", "RevokeGrant", "RetireGrant"],
        "s3" => &["PutBucketPolicy", "DeleteBucketPolicy"],
        other => of_service(other),
    }
}

/// The lookups that tell in which state the policies were, the most telling first: who issued the session, and what
/// was changed since the call. Without these, the policies of now would be taken for those of then.
pub fn since(denied: &Denied, home: &Region, now: Timestamp) -> Vec<Lookup> {
    let mut lookups: Vec<Lookup> = session(denied, home).into_iter().collect();
    if now.duration_since(denied.time) > RECENT {
        lookups.extend(all_changes(denied, home));
        return lookups;
    }
    // Of one day, it is cheaper to read all that was changed than to ask for each operation.
    let there: Vec<Region> = denied.region.iter().cloned().collect();
    lookups.push(Lookup {
        attribute: Some(Attribute::ReadOnly("false".to_owned())),
        since: denied.time.checked_sub(BEFORE).unwrap_or(Timestamp::MIN),
        until: Timestamp::MAX,
        regions: with_home(&there, Some(home)),
    });
    lookups
}

fn session(denied: &Denied, home: &Region) -> Option<Lookup> {
    let there: Vec<Region> = denied.region.iter().cloned().collect();
    Some(issue(denied.session_key.as_deref()?, denied.time, with_home(&there, Some(home))))
}

/// The lookup of the event that issued an access key with which somebody called at a time.
pub fn issue(key: &str, time: Timestamp, regions: Vec<Region>) -> Lookup {
    Lookup {
        // The event that issued a key names it as a resource.
        attribute: Some(Attribute::ResourceName(key.to_owned())),
        since: time.checked_sub(LONGEST_SESSION).unwrap_or(Timestamp::MIN),
        until: time,
        regions,
    }
}

/// One lookup for each operation that may have changed what decides.
fn all_changes(denied: &Denied, home: &Region) -> Vec<Lookup> {
    let of_caller: &[&str] = if denied.by_role { &OF_ROLES } else { &OF_USERS };
    let at_home = of_caller.iter().chain(&OF_POLICIES);
    let mut lookups: Vec<Lookup> =
        at_home.map(|name| changes(name, denied.time, vec![home.clone()])).collect();
    let there: Vec<Region> = denied.region.iter().cloned().collect();
    lookups.extend(of_service(&denied.service).iter().map(|name| changes(name, denied.time, there.clone())));
    lookups
}

/// The lookups that tell who changed the SCPs and RCPs that decide a denial, in the Region where Organizations logs.
/// They are for the history of the management account.
pub fn organization(denied: Timestamp, region: &Region) -> Vec<Lookup> {
    OF_ORGANIZATIONS.iter().map(|name| changes(name, denied, vec![region.clone()])).collect()
}

/// What took away the permission or put the denial there: the operations, and whether they are logged where global
/// services log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A policy of the caller, or of a group, was taken away or replaced.
    Identity,
    /// A policy of the caller, or of a group, was added.
    IdentityAdded,
    /// A managed policy got another text.
    ManagedPolicy,
    /// The permissions boundary was set.
    Boundary,
    /// The trust policy of a role was changed.
    Trust,
    /// The policy of the resource was changed, or a grant was taken away.
    Resource,
    /// Another setting of the resource was changed.
    ResourceSetting,
    /// The policy of a VPC endpoint was changed.
    VpcEndpoint,
}

/// The lookups that tell since when, and by whom.
pub fn causes(denied: &Denied, home: &Region, causes: &[Cause]) -> Vec<Lookup> {
    let mut at_home: Vec<&str> = Vec::new();
    let mut there: Vec<&str> = Vec::new();
    for cause in causes {
        match (cause, denied.by_role) {
            (Cause::Identity, false) => {
                at_home.extend(["DetachUserPolicy", "DeleteUserPolicy", "RemoveUserFromGroup"]);
                at_home.extend((!denied.without_inline).then_some("PutUserPolicy"));
            }
            (Cause::Identity, true) => {
                at_home.extend(["DetachRolePolicy", "DeleteRolePolicy"]);
                at_home.extend((!denied.without_inline).then_some("PutRolePolicy"));
            }
            (Cause::IdentityAdded, false) => at_home.extend([
                "AttachUserPolicy",
                "PutUserPolicy",
                "AddUserToGroup",
                "AttachGroupPolicy",
                "PutGroupPolicy",
            ]),
            (Cause::IdentityAdded, true) => at_home.extend(["AttachRolePolicy", "PutRolePolicy"]),
            (Cause::ManagedPolicy, _) => at_home.extend(["CreatePolicyVersion", "SetDefaultPolicyVersion"]),
            (Cause::Boundary, false) => at_home.push("PutUserPermissionsBoundary"),
            (Cause::Boundary, true) => at_home.push("PutRolePermissionsBoundary"),
            (Cause::Trust, _) => at_home.push("UpdateAssumeRolePolicy"),
            (Cause::Resource, _) => there.extend(of_resource_policy(&denied.service)),
            (Cause::ResourceSetting, _) => there.extend(of_service(&denied.service)),
            (Cause::VpcEndpoint, _) => there.push("ModifyVpcEndpoint"),
        }
    }
    let of_home = at_home.iter().map(|name| changes(name, denied.time, vec![home.clone()]));
    let region: Vec<Region> = denied.region.iter().cloned().collect();
    let mut of_there =
        there.iter().filter(|_| !region.is_empty()).map(|name| changes(name, denied.time, region.clone()));
    // Each Region has its own limit, so that it is faster to ask them in turn.
    let mut lookups: Vec<Lookup> =
        of_home.flat_map(|lookup| [Some(lookup), of_there.next()]).flatten().collect();
    lookups.extend(of_there);
    lookups
}

/// Changes made before the denial decide it; those made since tell how to undo them.
fn changes(name: &str, denied: Timestamp, regions: Vec<Region>) -> Lookup {
    Lookup {
        attribute: Some(Attribute::EventName(name.to_owned())),
        since: denied.checked_sub(HISTORY).unwrap_or(Timestamp::MIN),
        until: Timestamp::MAX,
        regions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(lookups: &[Lookup]) -> Vec<&str> {
        lookups.iter().filter_map(|lookup| lookup.attribute.as_ref()).map(Attribute::value).collect()
    }

    fn denied(time: &str) -> Denied {
        Denied {
            time: time.parse().unwrap(),
            region: Some(Region::parse("eu-west-1").unwrap()),
            session_key: Some("ASIAIOSFODNN7EXAMPLE".to_owned()),
            by_role: true,
            without_inline: false,
            service: "kms".to_owned(),
        }
    }

    #[test]
    fn of_a_call_just_now_the_session_and_all_changes() {
        let home = Region::parse("us-east-1").unwrap();
        let now = "2026-09-10T12:10:00Z".parse().unwrap();
        let found = since(&denied("2026-09-10T12:00:00Z"), &home, now);
        assert_eq!(values(&found), ["ASIAIOSFODNN7EXAMPLE", "false"]);
        assert_eq!(found[0].regions, [Region::parse("eu-west-1").unwrap(), home.clone()]);
        assert_eq!(found[0].since.to_string(), "2026-09-09T00:00:00Z");
        assert_eq!(found[1].since.to_string(), "2026-09-10T11:30:00Z");
        // Somebody who asks weeks later would read weeks of changes.
        let later = since(&denied("2026-08-10T12:00:00Z"), &home, now);
        let names = values(&later);
        assert!(names.contains(&"DetachRolePolicy") && names.contains(&"PutKeyPolicy"), "{names:?}");
        assert!(!names.contains(&"DetachUserPolicy") && !names.contains(&"false"), "{names:?}");
    }

    #[test]
    fn a_user_has_no_session_to_look_for() {
        let home = Region::parse("us-east-1").unwrap();
        let user = Denied { session_key: None, by_role: false, ..denied("2026-09-10T12:00:00Z") };
        let found = since(&user, &home, user.time);
        assert_eq!(values(&found), ["false"]);
    }

    #[test]
    fn a_cause_is_looked_for_where_it_is_logged() {
        let home = Region::parse("us-east-1").unwrap();
        let found = causes(&denied("2026-09-10T12:00:00Z"), &home, &[Cause::Identity, Cause::Resource]);
        let at = |name: &str| {
            found.iter().find(|lookup| lookup.attribute.as_ref().unwrap().value() == name).unwrap()
        };
        assert_eq!(at("PutKeyPolicy").regions, [Region::parse("eu-west-1").unwrap()]);
        assert_eq!(at("DetachRolePolicy").regions, std::slice::from_ref(&home));
        let names = |without_inline| {
            let denied = Denied { without_inline, ..denied("2026-09-10T12:00:00Z") };
            causes(&denied, &home, &[Cause::Identity]).len()
        };
        assert_eq!((names(false), names(true)), (3, 2));
        // Nobody can be asked for the changes of a resource without knowing where it is.
        let nowhere = Denied { region: None, ..denied("2026-09-10T12:00:00Z") };
        assert!(causes(&nowhere, &home, &[Cause::Resource]).is_empty());
    }
}
