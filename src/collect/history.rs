//! What has to be looked up behind denials, from what is known of them so far.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::diagnose::{Diagnosis, FindingCode, Standing, Testimony};
use crate::evaluate::{Decision, Layer};
use crate::evidence::{AttachedPolicy, Evidence, Role, User};
use crate::knowledge::change_events::Cause;
use crate::request::Principal;
use crate::sources::aws::Region;
use crate::sources::aws::lookup::choice::Lookup;
use crate::sources::aws::lookup::history::{self, Denied};
use crate::trail::Event;
use crate::trail::change::PolicyChange;

/// Who issued the sessions, and what was changed since the calls.
pub(super) fn since(
    diagnoses: &[Diagnosis],
    evidence: &Evidence,
    home: &Region,
    now: Timestamp,
) -> Vec<Lookup> {
    let denied = diagnoses.iter().filter_map(|diagnosis| denied(diagnosis, evidence));
    denied.flat_map(|denied| history::since(&denied, home, now)).collect()
}

/// What made the denials start that the policies show, and that no change explains so far; and who changed tags, where
/// policies look at them.
pub(super) fn causes(diagnoses: &[Diagnosis], evidence: &Evidence, home: &Region) -> Vec<Lookup> {
    let attributes = attributes(evidence);
    let lookups = diagnoses.iter().filter_map(|diagnosis| {
        let mut causes = attributes.clone();
        if diagnosis.introduced_by.is_none() && is_shown(diagnosis) {
            causes.extend(possible_causes(diagnosis, evidence));
        }
        // What no policy refused, a rule of the bucket may have.
        let is_open = diagnosis.standing == Standing::Contradicted;
        causes.extend((is_open && diagnosis.denied.action.starts_with("s3:")).then_some(Cause::BucketRule));
        Some(history::causes(&denied(diagnosis, evidence)?, home, &causes))
    });
    lookups.flatten().collect()
}

/// Whether the policies or a setting show what refused.
fn is_shown(diagnosis: &Diagnosis) -> bool {
    match diagnosis.standing {
        Standing::NotAPolicy => true,
        Standing::Proven | Standing::Reported => !diagnosis.denied_by.is_empty(),
        Standing::ByElimination | Standing::Contradicted => false,
    }
}

/// What takes back the changes that were found one by one, or makes them again.
pub(super) fn counterparts(diagnoses: &[Diagnosis], evidence: &Evidence) -> Vec<Lookup> {
    let denied = diagnoses.iter().filter_map(|diagnosis| first_event(diagnosis, evidence)?.event_time);
    let Some(denied) = denied.min() else { return Vec::new() };
    let changes = evidence.events.iter().filter(|event| PolicyChange::from_event(event).is_some());
    let found: BTreeSet<(&str, &str, &str)> = changes
        .filter_map(|event| {
            let service = event.event_source.split('.').next()?;
            // Of what was changed shortly before or since, all is known.
            let is_old = history::is_before_window(event.event_time?, denied);
            is_old.then_some((service, event.event_name.as_str(), event.aws_region.as_deref()?))
        })
        .collect();
    let lookups = found.into_iter().filter_map(|(service, name, region)| {
        history::counterpart(service, name, denied, &Region::parse(region).ok()?)
    });
    lookups.collect()
}

/// Whose tags and aliases the policies look at.
fn attributes(evidence: &Evidence) -> Vec<Cause> {
    let of = |words: &[&str], cause| words.iter().any(|word| evidence.mentions(word)).then_some(cause);
    let of_principal = of(&["PrincipalTag"], Cause::PrincipalAttributes);
    let of_resource =
        of(&["ResourceTag", "BucketTag", "ResourceAliases", "RequestAlias"], Cause::ResourceAttributes);
    of_principal.into_iter().chain(of_resource).collect()
}

/// Who changed the SCPs and RCPs.
pub(super) fn organization(
    diagnoses: &[Diagnosis],
    evidence: &Evidence,
    region: &Region,
    only: OrganizationDenials,
) -> Vec<Lookup> {
    // The text that an update replaced is in the event before it.
    let is_update = |event: &Event| {
        event.event_name == "UpdatePolicy" && event.event_source == "organizations.amazonaws.com"
    };
    let with_texts = evidence.events.iter().any(is_update);
    let refuses = |layer: &Layer| matches!(layer, Layer::Scp | Layer::Rcp);
    let concerned = diagnoses.iter().filter(|diagnosis| match only {
        OrganizationDenials::All => true,
        OrganizationDenials::ByGuardrails => diagnosis.denied_by.iter().any(refuses),
    });
    let denied = concerned.filter_map(|diagnosis| denied(diagnosis, evidence));
    denied.flat_map(|denied| history::organization(&denied, region, with_texts)).collect()
}

/// Whether an SCP or RCP refuses one of the denials, or may have done so before somebody changed it.
pub(super) fn may_be_of_guardrails(diagnoses: &[Diagnosis]) -> bool {
    let is_guardrail = |layer: &Layer| matches!(layer, Layer::Scp | Layer::Rcp);
    diagnoses.iter().filter(|diagnosis| diagnosis.introduced_by.is_none()).any(|diagnosis| {
        let said = diagnosis.testimony.as_ref().and_then(Testimony::layer);
        diagnosis.denied_by.iter().chain(&said).any(is_guardrail)
            || diagnosis.standing == Standing::Contradicted
    })
}

/// For which denials the changes of SCPs and RCPs are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrganizationDenials {
    /// Any may have been decided by a policy that was changed since.
    All,
    /// Those that an SCP or RCP refuses.
    ByGuardrails,
}

/// The first event of a denial.
pub(super) fn first_event<'e>(diagnosis: &Diagnosis, evidence: &'e Evidence) -> Option<&'e Event> {
    let of_it = |id: &Option<String>| id.as_ref().is_some_and(|id| diagnosis.event_ids.contains(id));
    // Events are ordered by time.
    evidence.events.iter().find(|event| of_it(&event.event_id))
}

fn denied(diagnosis: &Diagnosis, evidence: &Evidence) -> Option<Denied> {
    let event = first_event(diagnosis, evidence)?;
    let key = event.user_identity.access_key_id.clone();
    Some(Denied {
        time: event.event_time?,
        region: event.aws_region.as_deref().and_then(|region| Region::parse(region).ok()),
        session_key: key.filter(|key| key.starts_with("ASIA") && has_session(&diagnosis.principal)),
        by_role: diagnosis.principal.contains(":assumed-role/"),
        in_groups: may_be_in_groups(&diagnosis.principal, evidence),
        through_endpoint: event.vpc_endpoint_id.is_some(),
        service: diagnosis.denied.action.split(':').next().unwrap_or_default().to_owned(),
    })
}

/// Whether who issued the session decides something: a user's own temporary keys have the rights of the user, and those
/// with which a service calls on behalf of somebody are issued in no event.
fn has_session(principal: &str) -> bool {
    principal.contains(":assumed-role/") || principal.contains(":federated-user/")
}

/// What is known of the caller in IAM.
enum Known<'e> {
    User(&'e User),
    Role(&'e Role),
}

fn known<'e>(principal: &str, evidence: &'e Evidence) -> Option<Known<'e>> {
    let principal = Principal::parse(principal, None).ok()?;
    let iam = evidence.accounts.get(&principal.account()?)?.iam.as_ref()?;
    match &principal {
        Principal::User { arn, .. } => {
            let name = arn.resource().rsplit('/').next().unwrap_or_default();
            iam.users.get(name).map(Known::User)
        }
        Principal::Role(session) => iam.roles.get(session.role_name()).map(Known::Role),
        _ => None,
    }
}

/// Who is in no group now has lost nothing by a group, or was removed from it, which is an event of its own.
fn may_be_in_groups(principal: &str, evidence: &Evidence) -> bool {
    !matches!(known(principal, evidence), Some(Known::User(user)) if user.groups.is_empty())
}

/// Whether an inline policy of the caller may have been written: who has none now has none that was written, or it was
/// deleted since, which is an event of its own.
fn may_have_inline(principal: &str, evidence: &Evidence) -> bool {
    match known(principal, evidence) {
        Some(Known::User(user)) => !user.inline.is_empty() || !user.groups.is_empty(),
        Some(Known::Role(role)) => !role.inline.is_empty(),
        None => true,
    }
}

/// Whether the text of a policy of the caller may have been changed. Nobody but AWS changes those of AWS.
fn may_have_managed(principal: &str, evidence: &Evidence) -> bool {
    let is_own = |attached: &AttachedPolicy| !attached.arn.contains(":iam::aws:");
    match known(principal, evidence) {
        Some(Known::User(user)) => user.attached.iter().any(is_own) || !user.groups.is_empty(),
        Some(Known::Role(role)) => role.attached.iter().any(is_own),
        None => true,
    }
}

/// What can have led to the denial, as the layers and the policies show that refuse.
fn possible_causes(diagnosis: &Diagnosis, evidence: &Evidence) -> Vec<Cause> {
    let explicit = diagnosis.decision == Some(Decision::ExplicitDeny);
    let principal = &diagnosis.principal;
    let mut causes = Vec::new();
    for layer in &diagnosis.denied_by {
        match layer {
            Layer::Identity => {
                causes.extend(may_have_inline(principal, evidence).then_some(Cause::InlineWritten));
                causes.extend(may_have_managed(principal, evidence).then_some(Cause::ManagedPolicy));
                if explicit {
                    causes.push(Cause::IdentityAdded);
                } else {
                    // A permission can have come from the policy of the resource as well.
                    causes.extend([Cause::IdentityRemoved, Cause::ResourcePolicy]);
                }
            }
            Layer::Boundary => causes.extend([Cause::Boundary, Cause::ManagedPolicy]),
            Layer::RoleTrust => causes.extend([Cause::Trust, Cause::CreatedAgain]),
            Layer::Resource | Layer::KmsGrant => causes.extend([Cause::ResourcePolicy, Cause::CreatedAgain]),
            Layer::S3BlockPublicAccess => causes.push(Cause::PublicAccess),
            Layer::S3Ownership => causes.push(Cause::Ownership),
            Layer::VpcEndpoint => causes.push(Cause::VpcEndpoint),
            // Nobody but the management account has the changes of SCPs and RCPs.
            Layer::Scp | Layer::Rcp | Layer::Session | Layer::AccountKind => {}
        }
    }
    causes.extend(diagnosis.findings.first().and_then(|finding| of_setting(finding.code)));
    causes
}

/// The setting that refused, where it was no policy.
fn of_setting(code: FindingCode) -> Option<Cause> {
    Some(match code {
        FindingCode::KmsKeyState => Cause::KeyState,
        FindingCode::S3BlockPublicAccess => Cause::PublicAccess,
        FindingCode::S3AclsDisabled => Cause::Ownership,
        FindingCode::S3SseCBlocked | FindingCode::LogBucketEncryption => Cause::Encryption,
        FindingCode::S3ObjectLock | FindingCode::RequesterPays => Cause::BucketRule,
        FindingCode::LakeFormation => Cause::DataPermissions,
        _ => return None,
    })
}
