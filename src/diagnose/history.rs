//! The change that made a denial start: the same evaluation says allowed before it and denied after it.

use jiff::Timestamp;

use super::doubt::refusing;
use super::gather::gather;
use super::image_layer;
use super::incident::Incident;
use super::origin::actor;
use super::replay::{Undo, assume_only_other_version, undo};
use super::{Context, Examined};
use crate::evaluate::{Decision, LayerEffect, Verdict, decide};
use crate::evidence::{Evidence, Gap};
use crate::knowledge::global_services::home_region;
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::identity::Caller;
use crate::trail::request::requests_of;

/// How the change is known to be the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Evaluation says allowed before the change and denied after it.
    Proven,
    /// The state before is not known, but the same call, or one that the same statements would refuse, succeeded
    /// before the change.
    Evidence,
}

impl Certainty {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Evidence => "evidence",
        }
    }
}

/// The change that made a denial start, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduction {
    /// The event's id.
    pub event_id: Option<String>,
    /// `AttachUserPolicy`, `PutKeyPolicy`, …
    pub event_name: String,
    /// When.
    pub event_time: Option<Timestamp>,
    /// The region whose trail has the event.
    pub region: Option<String>,
    /// Who made the change.
    pub actor: String,
    /// The actor and whoever stands behind its sessions.
    pub chain: Vec<String>,
    /// What was changed, in a word: the name of a policy, a bucket, a key.
    pub changed: Option<String>,
    /// How that is known.
    pub certainty: Certainty,
}

/// So many earlier calls are compared with the denied one.
const MAX_ALIKE: usize = 50;

/// So many changes whose state before is not known are passed over.
const MAX_PASSED_OVER: usize = 20;

/// So many changes are tried before the search is given up.
const MAX_CHANGES: usize = 500;

pub(super) fn introduced_by(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    after: &Evidence,
) -> Option<Introduction> {
    let undetermined = match &examined.evaluation.verdict {
        Verdict::Determined(Decision::Allowed) => return None,
        Verdict::Determined(_) => false,
        Verdict::Undetermined { possible, .. } if !possible.contains(&Decision::Allowed) => false,
        // AWS denied it. If it would have been allowed for sure before a change, the change is why it could.
        Verdict::Undetermined { .. } => true,
    };
    let at = incident.time()?;
    let mut earlier: Vec<&PolicyChange> =
        context.changes.iter().filter(|change| change.event_time.is_some_and(|time| time <= at)).collect();
    earlier.sort_by_key(|change| std::cmp::Reverse(change.event_time));
    let mut world = after.clone();
    let mut undone: Vec<&PolicyChange> = Vec::new();
    let mut possible: Option<Introduction> = None;
    let mut passed_over = 0_usize;
    for change in earlier.into_iter().take(MAX_CHANGES) {
        let how = undo(&mut world, change, context.changes);
        if how == Undo::NotConcerned {
            continue;
        }
        let before = context.examine_request(incident, fresh_request(incident, examined)?, &world);
        match before.evaluation.verdict {
            Verdict::Determined(Decision::Allowed) => {
                if contradicted(context, incident, change.event_time, at, after) {
                    return possible;
                }
                let was_allowed = succeeded_between(context, incident, None, change.event_time?);
                // A change whose state before is not known may have been the cause as well.
                let sure = !undetermined && passed_over == 0 && (how == Undo::Done || was_allowed);
                let certainty = if sure { Certainty::Proven } else { Certainty::Evidence };
                return introduction(context, change, certainty);
            }
            Verdict::Undetermined { possible: ref decisions, .. }
                if !undetermined && decisions.contains(&Decision::Allowed) =>
            {
                let time = change.event_time?;
                if (lifts_every_refusal(examined, &before)
                    || allowed_but_for(context, incident, examined, change, after)
                    || came_through_before(context, incident, examined, time, after))
                    && !contradicted(context, incident, Some(time), at, after)
                {
                    possible = possible.or_else(|| introduction(context, change, Certainty::Evidence));
                }
                passed_over += 1;
                if passed_over > MAX_PASSED_OVER {
                    break;
                }
                // An older change may explain it without this one.
                world = after.clone();
                for change in &undone {
                    undo(&mut world, change, context.changes);
                }
                continue;
            }
            Verdict::Determined(_) | Verdict::Undetermined { .. } => {}
        }
        undone.push(change);
    }
    possible
}

/// Whether what refuses the denied request surely does not refuse it in an earlier world, and nothing else does there:
/// what is unknown there is something else, which is unknown now as well.
fn lifts_every_refusal(examined: &Examined, before: &Examined) -> bool {
    let refusing = examined.evaluation.denied_by();
    let earlier = &before.evaluation.layers;
    !refusing.is_empty()
        && earlier.iter().all(|layer| !layer.effect.denies())
        && earlier
            .iter()
            .all(|layer| layer.effect != LayerEffect::Unknown || !refusing.contains(&layer.layer))
}

/// Whether the call would be allowed without this one change, with all else as it was at the denial.
fn allowed_but_for(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    change: &PolicyChange,
    after: &Evidence,
) -> bool {
    let is_allowed = |world: &Evidence| {
        let request = fresh_request(incident, examined);
        let verdict =
            request.map(|request| context.examine_request(incident, request, world).evaluation.verdict);
        verdict == Some(Verdict::Determined(Decision::Allowed))
    };
    let mut before = after.clone();
    undo(&mut before, change, context.changes);
    is_allowed(&before) || (assume_only_other_version(&mut before, change) && is_allowed(&before))
}

/// Whether the call, or one like it, came through before a change.
fn came_through_before(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    change: Timestamp,
    after: &Evidence,
) -> bool {
    succeeded_between(context, incident, None, change)
        || like_succeeded(context, incident, examined, change, after)
        || image_layer::came_through(context, incident, change)
}

/// Changes of IAM and Organizations are recorded in one region only: without an event of it, nothing is known of them.
pub(super) fn unseen_changes(context: &Context<'_>, incident: &Incident<'_>) -> Option<Gap> {
    let partition = incident.denial()?.caller.principal.as_ref()?.partition().unwrap_or("aws").to_owned();
    let region = home_region(&partition)?;
    let seen = context.evidence.events.iter().any(|event| event.aws_region.as_deref() == Some(region));
    (!seen).then(|| Gap {
        what: "changes of IAM and Organizations policies".to_owned(),
        why: format!("they are recorded in {region}, and there is no event of that region"),
    })
}

/// Policies of AWS's that the caller has and that AWS changed after the call had come through: no event of the account shows
/// that.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>
pub(super) fn changed_by_aws(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    world: &Evidence,
) -> Vec<Gap> {
    let account = examined.request.principal.account().and_then(|account| world.accounts.get(&account));
    let iam = account.and_then(|account| account.iam.as_ref());
    let Some((iam, at)) = iam.zip(incident.time()) else { return Vec::new() };
    let names = examined.policies.identity.known().into_iter().flatten().map(|policy| policy.name.as_str());
    let of_aws =
        names.filter(|name| name.contains(":iam::aws:policy/")).filter_map(|name| iam.policies.get(name));
    of_aws
        .filter_map(|policy| {
            let version = policy.versions.iter().find(|version| Some(&version.id) == policy.default_version.as_ref())?;
            let since = version.created.filter(|created| *created <= at)?;
            succeeded_between(context, incident, None, since).then(|| Gap {
                what: format!("what {} allowed before {since}", policy.name),
                why: format!(
                    "AWS made version {} of its policy then, which no event of the account shows, and the same call had \
                     succeeded before",
                    version.id
                ),
            })
        })
        .collect()
}

/// The request as the event shows it, without the facts of the later world.
fn fresh_request(incident: &Incident<'_>, examined: &Examined) -> Option<crate::request::Request> {
    incident.attempt(examined).map(|attempt| attempt.request.clone())
}

/// Whether the same caller made the same call with success in a stretch of time.
fn succeeded_between(
    context: &Context<'_>,
    incident: &Incident<'_>,
    after: Option<Timestamp>,
    before: Timestamp,
) -> bool {
    successes(context, incident, after, before).next().is_some()
}

/// Successes of the same call by the same caller in a stretch of time.
pub(super) fn successes<'a>(
    context: &'a Context<'_>,
    incident: &'a Incident<'_>,
    after: Option<Timestamp>,
    before: Timestamp,
) -> impl Iterator<Item = &'a Event> {
    let in_time = move |event: &&Event| {
        event.event_time.is_some_and(|time| time < before && after.is_none_or(|after| time > after))
    };
    let denied = incident.event();
    let is_same = move |event: &&Event| denied.is_some_and(|denied| is_same_call(event, denied));
    let succeeded = |event: &&Event| event.error_code.is_none();
    context.evidence.events.iter().filter(in_time).filter(succeeded).filter(is_same)
}

/// Whether the same call succeeded between the change and the denial, so that it was not this change. A success that
/// the changed policies allow, from another Region or address for example, says nothing against it.
fn contradicted(
    context: &Context<'_>,
    incident: &Incident<'_>,
    change: Option<Timestamp>,
    denial: Timestamp,
    after: &Evidence,
) -> bool {
    let allowed = |event: &Event| {
        let Some(principal) = Caller::of(event, None).principal else { return false };
        let requests = requests_of(event, &principal);
        !requests.is_empty()
            && requests.into_iter().all(|request| {
                let gathered = gather(after, context.sessions, Some(event), request);
                let verdict = decide(&gathered.request, &gathered.policies);
                verdict == Verdict::Determined(Decision::Allowed)
            })
    };
    successes(context, incident, change, denial).any(|event| !allowed(event))
}

/// Whether the same caller made the same call on another object with success, and what refuses the denied call now
/// would refuse that one too: then it was not in force yet.
fn like_succeeded(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    before: Timestamp,
    after: &Evidence,
) -> bool {
    let Some(denied) = incident.event() else { return false };
    let events = context.evidence.events.iter().filter(|event| {
        event.error_code.is_none()
            && event.event_time.is_some_and(|time| time < before)
            && is_like_call(event, denied)
    });
    let is_refused_alike = |event: &Event| {
        let Some(principal) = Caller::of(event, None).principal else { return false };
        let requests = requests_of(event, &principal).into_iter();
        let mut now = requests.map(|request| context.examine_event(Some(event), request, after));
        now.any(|now| {
            now.request.action == examined.request.action
                && now.is_surely_refused()
                && refusing(&now) == refusing(examined)
        })
    };
    events.take(MAX_ALIKE).any(is_refused_alike)
}

fn is_same_call(event: &Event, denied: &Event) -> bool {
    is_like_call(event, denied) && is_on_same_resource(event, denied)
}

fn is_like_call(event: &Event, denied: &Event) -> bool {
    // A service has no ARN, nor has whom an identity provider vouches for.
    let caller = |event: &Event| {
        let identity = &event.user_identity;
        let issuer = identity.session_issuer().and_then(|issuer| issuer.arn.clone());
        let named = issuer.or_else(|| identity.arn.clone()).or_else(|| identity.user_name.clone());
        named.or_else(|| identity.principal_id.clone()).or_else(|| identity.invoked_by.clone())
    };
    event.event_source == denied.event_source
        && event.event_name == denied.event_name
        && caller(event).is_some()
        && caller(event) == caller(denied)
}

/// Whether two events may be about the same resource: nothing that both show of it differs.
fn is_on_same_resource(event: &Event, denied: &Event) -> bool {
    let (Some(one), Some(other)) = (object(event), object(denied)) else { return true };
    RESOURCE_PARAMETERS.iter().all(|name| match (one.get(*name), other.get(*name)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    })
}

fn object(event: &Event) -> Option<&serde_json::Map<String, serde_json::Value>> {
    event.request_parameters.as_ref()?.as_object()
}

/// Request parameters that name the resource of a call.
const RESOURCE_PARAMETERS: &[&str] = &[
    "bucketName",
    "key",
    "keyId",
    "roleArn",
    "roleName",
    "userName",
    "policyArn",
    "secretId",
    "queueUrl",
    "topicArn",
    "functionName",
    "tableName",
    "jobName",
    "name",
    "repositoryName",
    "logGroupName",
    "workGroup",
    "instanceId",
];

pub(super) fn introduction(
    context: &Context<'_>,
    change: &PolicyChange,
    certainty: Certainty,
) -> Option<Introduction> {
    let event = context.evidence.events.iter().find(|event| event.event_id == change.event_id)?;
    let (actor, chain) = actor(context, event);
    Some(Introduction {
        event_id: change.event_id.clone(),
        event_name: change.event_name.clone(),
        event_time: change.event_time,
        region: change.region.clone(),
        actor,
        chain,
        changed: change.subject(),
        certainty,
    })
}
