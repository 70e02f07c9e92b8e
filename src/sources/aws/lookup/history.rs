//! What else has to be looked up once a denial is known: who issued the session, and who changed what decides.
//!
//! One lookup for each operation is cheaper than one for a service: of the events of IAM nearly all are reads.

use jiff::{SignedDuration, Timestamp};

use super::choice::{Attribute, HISTORY, Lookup, with_home};
use crate::knowledge::change_events::{self, Cause, ChangeEvent, Subject, Tells};
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
    /// Whether the caller is a user that may be in a group.
    pub in_groups: bool,
    /// Whether the call came through a VPC endpoint.
    pub through_endpoint: bool,
    /// The service whose permission was missing, such as `kms`.
    pub service: String,
}

/// A session lives at most 36 hours, that of a role at most twelve.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(36);

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

/// Whether a change is older than the window in which every change is read.
pub fn is_before_window(change: Timestamp, denied: Timestamp) -> bool {
    denied.duration_since(change) > BEFORE
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

/// One lookup for each operation that may have changed what decides. Few policies look at tags and aliases: these are
/// looked up as [`causes`] once it is known that one does.
fn all_changes(denied: &Denied, home: &Region) -> Vec<Lookup> {
    let matters = |row: &&ChangeEvent| {
        row.tells != Tells::Nothing
            && !row.is_of_attributes()
            && match row.subject {
                Subject::User | Subject::Role | Subject::Group | Subject::ManagedPolicy => {
                    denied.is_of_caller(row)
                }
                Subject::Resource => row.is_of(&denied.service),
                Subject::VpcEndpoint => denied.through_endpoint,
                Subject::IdentityProvider | Subject::Organization => false,
            }
    };
    lookups(denied, home, change_events::all().iter().filter(matters))
}

/// The lookups that tell who changed the SCPs and RCPs that decide a denial, in the Region where Organizations logs.
/// They are for the history of the management account. The texts that were replaced are a lookup more.
pub fn organization(denied: &Denied, region: &Region, with_texts: bool) -> Vec<Lookup> {
    let matters = |row: &&ChangeEvent| {
        // Who may ask Organizations decides about calls to Organizations only.
        let is_of_asking =
            row.event_name.contains("DelegatedAdministrator") || row.causes.contains(&Cause::Delegation);
        row.subject == Subject::Organization
            && match row.tells {
                Tells::Undo => denied.service == "organizations" || !is_of_asking,
                Tells::Text => with_texts,
                Tells::Nothing => false,
            }
    };
    let rows = change_events::all().iter().filter(matters);
    rows.map(|row| changes(row.event_name, denied.time, vec![region.clone()])).collect()
}

/// The lookups that tell since when, and by whom.
pub fn causes(denied: &Denied, home: &Region, causes: &[Cause]) -> Vec<Lookup> {
    let matters = |row: &&ChangeEvent| {
        row.causes.iter().any(|cause| causes.contains(cause) && denied.is_concerned(row, *cause))
    };
    lookups(denied, home, change_events::all().iter().filter(matters))
}

impl Denied {
    fn is_of_caller(&self, row: &ChangeEvent) -> bool {
        match row.subject {
            Subject::User => !self.by_role,
            Subject::Group => !self.by_role && self.in_groups,
            Subject::Role => self.by_role,
            _ => true,
        }
    }

    fn is_concerned(&self, row: &ChangeEvent, cause: Cause) -> bool {
        match cause {
            // The role that is assumed is not the caller.
            Cause::Trust | Cause::VpcEndpoint | Cause::DataPermissions => true,
            // Only the management account has these.
            Cause::Guardrail | Cause::Delegation => false,
            Cause::ResourcePolicy
            | Cause::PublicAccess
            | Cause::Ownership
            | Cause::Encryption
            | Cause::BucketRule
            | Cause::KeyState
            | Cause::ResourceAttributes => row.is_of(&self.service),
            _ => self.is_of_caller(row),
        }
    }
}

/// One lookup for each row, where its events are logged.
fn lookups<'r>(denied: &Denied, home: &Region, rows: impl Iterator<Item = &'r ChangeEvent>) -> Vec<Lookup> {
    let (there, at_home): (Vec<&ChangeEvent>, Vec<&ChangeEvent>) =
        rows.partition(|row| matches!(row.subject, Subject::Resource | Subject::VpcEndpoint));
    let of_home = at_home.iter().map(|row| changes(row.event_name, denied.time, vec![home.clone()]));
    let region: Vec<Region> = denied.region.iter().cloned().collect();
    let mut of_there = there
        .iter()
        .filter(|_| !region.is_empty())
        .map(|row| changes(row.event_name, denied.time, region.clone()));
    // Each Region has its own limit, so that it is faster to ask them in turn.
    let mut lookups: Vec<Lookup> =
        of_home.flat_map(|lookup| [Some(lookup), of_there.next()]).flatten().collect();
    lookups.extend(of_there);
    lookups
}

/// The lookup for what takes back an event of this name, or puts it again. A change that stands alone is taken for the
/// last one: with `AttachUserPolicy` from long ago, its `DetachUserPolicy` has to be known too.
pub fn counterpart(service: &str, name: &str, denied: Timestamp, region: &Region) -> Option<Lookup> {
    const PAIRS: [(&str, &str); 4] = [
        ("Attach", "Detach"),
        ("Put", "Delete"),
        ("SetDefaultPolicyVersion", "CreatePolicyVersion"),
        ("SetRepositoryPolicy", "DeleteRepositoryPolicy"),
    ];
    let swapped = PAIRS.iter().find_map(|(one, other)| {
        let to = |from: &str, to: &str| name.strip_prefix(from).map(|rest| format!("{to}{rest}"));
        to(one, other).or_else(|| to(other, one))
    });
    let row = change_events::change_event(service, &swapped?)?;
    (row.tells != Tells::Nothing).then(|| changes(row.event_name, denied, vec![region.clone()]))
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
            in_groups: true,
            through_endpoint: false,
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
        let found =
            causes(&denied("2026-09-10T12:00:00Z"), &home, &[Cause::IdentityRemoved, Cause::ResourcePolicy]);
        let at = |name: &str| {
            found.iter().find(|lookup| lookup.attribute.as_ref().unwrap().value() == name).unwrap()
        };
        assert_eq!(at("PutKeyPolicy").regions, [Region::parse("eu-west-1").unwrap()]);
        assert_eq!(at("DetachRolePolicy").regions, std::slice::from_ref(&home));
        // Nobody can be asked for the changes of a resource without knowing where it is.
        let nowhere = Denied { region: None, ..denied("2026-09-10T12:00:00Z") };
        assert!(causes(&nowhere, &home, &[Cause::ResourcePolicy]).is_empty());
    }

    #[test]
    fn what_a_user_lost_may_have_been_lost_by_a_group() {
        let home = Region::parse("us-east-1").unwrap();
        let user = Denied { by_role: false, ..denied("2026-09-10T12:00:00Z") };
        let lost = [Cause::IdentityRemoved];
        let mut found =
            values(&causes(&user, &home, &lost)).into_iter().map(str::to_owned).collect::<Vec<_>>();
        found.sort();
        let wanted = [
            "DeleteGroupPolicy",
            "DeleteUserPolicy",
            "DetachGroupPolicy",
            "DetachUserPolicy",
            "RemoveUserFromGroup",
        ];
        assert_eq!(found, wanted);
        let alone = Denied { in_groups: false, ..user };
        let found = causes(&alone, &home, &lost);
        assert!(
            !values(&found).contains(&"DetachGroupPolicy") && values(&found).contains(&"RemoveUserFromGroup")
        );
    }

    #[test]
    fn what_is_given_can_be_taken_back() {
        let region = Region::parse("us-east-1").unwrap();
        let of = |service: &str, name: &str| {
            let found = counterpart(service, name, "2026-09-10T12:00:00Z".parse().unwrap(), &region);
            found.and_then(|lookup| Some(lookup.attribute?.value().to_owned()))
        };
        for (service, one, other) in [
            ("iam", "AttachUserPolicy", "DetachUserPolicy"),
            ("iam", "PutGroupPolicy", "DeleteGroupPolicy"),
            ("iam", "CreatePolicyVersion", "SetDefaultPolicyVersion"),
            ("s3", "PutBucketPolicy", "DeleteBucketPolicy"),
            ("secretsmanager", "PutResourcePolicy", "DeleteResourcePolicy"),
        ] {
            assert_eq!(of(service, one).as_deref(), Some(other), "{one}");
            assert_eq!(of(service, other).as_deref(), Some(one), "{other}");
        }
        assert_eq!(of("kms", "PutKeyPolicy"), None);
        assert_eq!(of("iam", "UpdateAssumeRolePolicy"), None);
    }

    #[test]
    fn of_organizations_only_what_decides_the_call() {
        let home = Region::parse("us-east-1").unwrap();
        let names = |service: &str, with_texts| {
            let denied = Denied { service: service.to_owned(), ..denied("2026-09-10T12:00:00Z") };
            values(&organization(&denied, &home, with_texts))
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let of_kms = names("kms", false);
        assert!(of_kms.contains(&"AttachPolicy".to_owned()) && of_kms.len() == 6, "{of_kms:?}");
        assert!(names("kms", true).contains(&"CreatePolicy".to_owned()));
        assert!(names("organizations", false).contains(&"DeregisterDelegatedAdministrator".to_owned()));
    }
}
