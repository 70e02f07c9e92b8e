//! What has to be looked up behind denials, from what is known of them so far.

use jiff::Timestamp;

use crate::diagnose::{Diagnosis, Standing};
use crate::evaluate::{Decision, Layer};
use crate::evidence::Evidence;
use crate::request::Principal;
use crate::sources::aws::Region;
use crate::sources::aws::lookup::choice::Lookup;
use crate::sources::aws::lookup::history::{self, Cause, Denied};
use crate::trail::Event;

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

/// What made the denials start that the policies show, and that no change explains so far.
pub(super) fn causes(diagnoses: &[Diagnosis], evidence: &Evidence, home: &Region) -> Vec<Lookup> {
    let is_shown = |diagnosis: &&Diagnosis| {
        matches!(diagnosis.standing, Standing::Proven | Standing::Reported) && !diagnosis.denied_by.is_empty()
    };
    let unexplained = diagnoses.iter().filter(is_shown).filter(|diagnosis| diagnosis.introduced_by.is_none());
    let lookups = unexplained.filter_map(|diagnosis| {
        Some(history::causes(&denied(diagnosis, evidence)?, home, &possible_causes(diagnosis)))
    });
    lookups.flatten().collect()
}

/// Who changed the SCPs and RCPs.
pub(super) fn organization(
    diagnoses: &[Diagnosis],
    evidence: &Evidence,
    region: &Region,
    only: OrganizationDenials,
) -> Vec<Lookup> {
    let refuses = |layer: &Layer| matches!(layer, Layer::Scp | Layer::Rcp);
    let concerned = diagnoses.iter().filter(|diagnosis| match only {
        OrganizationDenials::All => true,
        OrganizationDenials::ByGuardrails => diagnosis.denied_by.iter().any(refuses),
    });
    let times = concerned.filter_map(|diagnosis| first_event(diagnosis, evidence)?.event_time);
    times.flat_map(|time| history::organization(time, region)).collect()
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
        session_key: key.filter(|key| key.starts_with("ASIA")),
        by_role: diagnosis.principal.contains(":assumed-role/"),
        without_inline: has_no_inline(&diagnosis.principal, evidence),
        service: diagnosis.denied.action.split(':').next().unwrap_or_default().to_owned(),
    })
}

fn has_no_inline(principal: &str, evidence: &Evidence) -> bool {
    let Ok(principal) = Principal::parse(principal, None) else { return false };
    let iam = principal.account().and_then(|account| evidence.accounts.get(&account)?.iam.as_ref());
    let Some(iam) = iam else { return false };
    match &principal {
        Principal::User { arn, .. } => {
            let name = arn.resource().rsplit('/').next().unwrap_or_default();
            iam.users.get(name).is_some_and(|user| user.inline.is_empty())
        }
        Principal::Role(session) => {
            iam.roles.get(session.role_name()).is_some_and(|role| role.inline.is_empty())
        }
        _ => false,
    }
}

/// What can have led to the denial, as the layers and the policies show that refuse.
fn possible_causes(diagnosis: &Diagnosis) -> Vec<Cause> {
    let explicit = diagnosis.decision == Some(Decision::ExplicitDeny);
    // Nobody but AWS changes the policies of AWS.
    let names_managed = |policy: &Option<String>| {
        policy.as_deref().is_some_and(|name| name.contains(":policy/") && !name.contains(":iam::aws:"))
    };
    let managed = diagnosis.findings.iter().any(|finding| names_managed(&finding.policy));
    let mut causes = Vec::new();
    for layer in &diagnosis.denied_by {
        match layer {
            Layer::Identity if explicit => causes.push(Cause::IdentityAdded),
            // A permission can have come from the policy of the resource as well.
            Layer::Identity => causes.extend([Cause::Identity, Cause::Resource]),
            Layer::Boundary => causes.push(Cause::Boundary),
            Layer::RoleTrust => causes.push(Cause::Trust),
            Layer::Resource | Layer::KmsGrant => causes.push(Cause::Resource),
            Layer::S3BlockPublicAccess | Layer::S3Ownership => causes.push(Cause::ResourceSetting),
            Layer::VpcEndpoint => causes.push(Cause::VpcEndpoint),
            // Nobody but the management account has the changes of SCPs and RCPs.
            Layer::Scp | Layer::Rcp | Layer::Session | Layer::AccountKind => {}
        }
        if managed && matches!(layer, Layer::Identity | Layer::Boundary) {
            causes.push(Cause::ManagedPolicy);
        }
    }
    causes
}
