//! What else has to be looked up once a denial is known: who issued the session, and who changed what decides.
//!
//! One lookup for each operation is cheaper than one for a service: of the events of IAM nearly all are reads.

use jiff::{SignedDuration, Timestamp};

use super::choice::{Attribute, HISTORY, Lookup, with_home};
use crate::sources::aws::search::Region;

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

/// The lookups for a denial, the most telling first.
pub fn lookups(denied: &Denied, home: &Region) -> Vec<Lookup> {
    let mut lookups = Vec::new();
    let there: Vec<Region> = denied.region.iter().cloned().collect();
    if let Some(key) = &denied.session_key {
        // The event that issued a key names it as a resource.
        lookups.push(Lookup {
            attribute: Some(Attribute::ResourceName(key.clone())),
            since: denied.time.checked_sub(LONGEST_SESSION).unwrap_or(Timestamp::MIN),
            until: denied.time,
            regions: with_home(&there, Some(home)),
        });
    }
    let names = |names: &[&str], regions: Vec<Region>, lookups: &mut Vec<Lookup>| {
        lookups.extend(names.iter().map(|name| changes(name, denied.time, regions.clone())));
    };
    let of_caller: &[&str] = if denied.by_role { &OF_ROLES } else { &OF_USERS };
    names(of_caller, vec![home.clone()], &mut lookups);
    names(&OF_POLICIES, vec![home.clone()], &mut lookups);
    names(of_service(&denied.service), there, &mut lookups);
    names(&OF_ORGANIZATIONS, vec![home.clone()], &mut lookups);
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

    #[test]
    fn the_session_first_then_what_decides() {
        let region = |name| Region::parse(name).unwrap();
        let denied = Denied {
            time: "2026-09-10T12:00:00Z".parse().unwrap(),
            region: Some(region("eu-west-1")),
            session_key: Some("ASIAIOSFODNN7EXAMPLE".to_owned()),
            by_role: true,
            service: "kms".to_owned(),
        };
        let found = lookups(&denied, &region("us-east-1"));
        let names = values(&found);
        assert_eq!(names.first(), Some(&"ASIAIOSFODNN7EXAMPLE"));
        assert!(names.contains(&"DetachRolePolicy") && names.contains(&"PutKeyPolicy"), "{names:?}");
        assert!(!names.contains(&"DetachUserPolicy") && !names.contains(&"PutBucketPolicy"), "{names:?}");
        let of = |name: &str| {
            found.iter().find(|lookup| lookup.attribute.as_ref().unwrap().value() == name).unwrap()
        };
        assert_eq!(of("PutKeyPolicy").regions, [region("eu-west-1")]);
        assert_eq!(of("DetachRolePolicy").regions, [region("us-east-1")]);
        assert_eq!(found[0].regions, [region("eu-west-1"), region("us-east-1")]);
        assert_eq!(found[0].since.to_string(), "2026-09-09T00:00:00Z");
    }

    #[test]
    fn a_user_has_no_session_to_look_for() {
        let denied = Denied {
            time: "2026-09-10T12:00:00Z".parse().unwrap(),
            region: None,
            session_key: None,
            by_role: false,
            service: "s3".to_owned(),
        };
        let found = lookups(&denied, &Region::parse("us-east-1").unwrap());
        assert_eq!(values(&found).first(), Some(&"AttachUserPolicy"));
        // Nobody can be asked for the bucket's changes without knowing where it is.
        assert!(found.iter().all(|lookup| lookup.until == Timestamp::MAX));
    }
}
