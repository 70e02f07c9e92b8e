//! What came after a denial: the same call succeeded, because of a change or by waiting.

use jiff::{SignedDuration, Timestamp};

use super::codes::FindingCode;
use super::doubt::FreshChange;
use super::finding::Finding;
use super::history::{Certainty, Introduction, introduction, successes};
use super::incident::Incident;
use super::origin::actor;
use super::replay::Rewind;
use super::{Context, unseen};
use crate::evaluate::{Decision, Verdict};
use crate::evidence::Evidence;
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::identity::Caller;
use crate::trail::request::requests_of;

/// Within this time a change takes effect.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>
const PROPAGATION: SignedDuration = SignedDuration::from_mins(2);

/// The next success of the same call, if no change lies in between.
fn next_success<'c>(context: &'c Context<'_>, incident: &'c Incident<'_>) -> Option<&'c Event> {
    let last = incident.occurrences().last?;
    let success =
        successes(context, incident, Some(last), Timestamp::MAX).min_by_key(|event| event.event_time)?;
    let is_between = |time: Timestamp| time > last && Some(time) <= success.event_time;
    let changed = context.changes.iter().any(|change| change.event_time.is_some_and(is_between));
    (!changed).then_some(success)
}

/// When the same call succeeded without any change in between, although the policies refuse that one as well: then they
/// are not all of the truth.
pub(super) fn succeeded_all_the_same(
    context: &Context<'_>,
    incident: &Incident<'_>,
    world: &Evidence,
) -> Option<Timestamp> {
    let success = next_success(context, incident)?;
    let principal = Caller::of(success, None).principal?;
    let mut requests = requests_of(success, &principal).into_iter();
    let refused =
        requests.any(|request| context.examine_event(Some(success), request, world).is_surely_refused());
    success.event_time.filter(|_| refused)
}

/// When the same call succeeded, if that was moments after its last denial and without a change in between.
fn soon(context: &Context<'_>, incident: &Incident<'_>) -> Option<Timestamp> {
    let success = next_success(context, incident)?.event_time?;
    let last = incident.occurrences().last?;
    (success.duration_since(last) <= PROPAGATION).then_some(success)
}

/// When the same call succeeded later, by no change that is known and not by waiting: a change that no event shows may have
/// let it through.
pub(super) fn mended_unseen(context: &Context<'_>, incident: &Incident<'_>) -> Option<Timestamp> {
    let last = incident.occurrences().last?;
    let success = first_success(context, incident)?;
    let explained = allowing(context, incident, &changes_between(context, last, success)).is_some();
    (!explained && soon(context, incident).is_none()).then_some(success)
}

/// A refusal by nothing that is known, after which the same call succeeded at once: a change that no event shows may
/// not have taken effect.
pub(super) fn perhaps_propagation(context: &Context<'_>, incident: &Incident<'_>) -> Option<Finding> {
    let success = soon(context, incident)?;
    let text = format!(
        "perhaps not a policy: the same call succeeded at {success} without any change in between; \
         a change that no event shows may not have taken effect before"
    );
    Some(Finding::plain(FindingCode::PropagationDelay, None, text))
}

/// A refusal moments after the change that allows the call, which then succeeded without another change.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>
pub(super) fn propagation(
    context: &Context<'_>,
    incident: &Incident<'_>,
    fresh: &FreshChange,
) -> Option<Finding> {
    if !fresh.refused_before {
        return None;
    }
    let success = soon(context, incident)?;
    let first = incident.occurrences().first?;
    let time = fresh.time?;
    let subject = fresh.subject.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    let text = format!(
        "not a policy: {}{subject} of {time} allows it and had not taken effect yet at {first}; \
         the same call succeeded at {success}",
        fresh.name
    );
    Some(Finding::plain(FindingCode::PropagationDelay, None, text))
}

/// The change after the last denial that allows the call, if the call then succeeded.
pub(super) fn allowed_since(context: &Context<'_>, incident: &Incident<'_>) -> Option<Introduction> {
    let last = incident.occurrences().last?;
    let success = first_success(context, incident)?;
    let change = allowing(context, incident, &changes_between(context, last, success))?;
    introduction(context, change, Certainty::Proven)
}

/// So many changes after a denial are tried.
const MAX_TRIED: usize = 50;

/// The change with which the policies allow the call, and before which they refuse it for sure. Where the state between
/// is not known, another change may have been the one, and none is named.
fn allowing<'c>(
    context: &Context<'_>,
    incident: &Incident<'_>,
    between: &[&'c PolicyChange],
) -> Option<&'c PolicyChange> {
    let request = &incident.attempts.first()?.request;
    let verdict_at = |time: Option<Timestamp>| {
        let mut rewind = Rewind::new(context.evidence, context.changes);
        let past = rewind.to(time);
        context.examine_request(incident, request.clone(), &past.evidence).evaluation.verdict
    };
    let is_open = |verdict: &Verdict| match verdict {
        Verdict::Determined(decision) => *decision == Decision::Allowed,
        Verdict::Undetermined { possible, .. } => possible.contains(&Decision::Allowed),
    };
    if is_open(&verdict_at(incident.occurrences().last)) {
        return None;
    }
    let states = between.iter().take(MAX_TRIED).map(|change| (*change, verdict_at(change.event_time)));
    let (change, verdict) = states.into_iter().find(|(_, verdict)| is_open(verdict))?;
    (verdict == Verdict::Determined(Decision::Allowed)).then_some(change)
}

/// Changes in a stretch of time, the earliest first.
fn changes_between<'c>(context: &'c Context<'_>, from: Timestamp, to: Timestamp) -> Vec<&'c PolicyChange> {
    let is_between = |change: &&PolicyChange| change.event_time.is_some_and(|time| time > from && time <= to);
    let mut between: Vec<&PolicyChange> = context.changes.iter().filter(is_between).collect();
    between.sort_by_key(|change| change.event_time);
    between
}

fn first_success(context: &Context<'_>, incident: &Incident<'_>) -> Option<Timestamp> {
    let last = incident.occurrences().last?;
    let later = successes(context, incident, Some(last), Timestamp::MAX);
    later.filter_map(|event| event.event_time).min()
}

/// The first success of the same call after its last denial.
pub(super) fn succeeded_later(context: &Context<'_>, incident: &Incident<'_>) -> Option<Finding> {
    let last = incident.occurrences().last?;
    let success = first_success(context, incident)?;
    let mut between = changes_between(context, last, success);
    if let Some(attempt) = incident.attempts.first() {
        between.retain(|change| unseen::may_matter(change, &attempt.request, context.evidence));
    }
    let only = match between.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let text = match allowing(context, incident, &between).or(only) {
        Some(change) => {
            let event = context.evidence.events.iter().find(|event| event.event_id == change.event_id)?;
            let changed = change.subject().map_or(String::new(), |name| format!(" ({name})"));
            let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
            let (who, _) = actor(context, event);
            format!(
                "the same call succeeded at {success}, after {}{changed} at {time} by {who}",
                change.event_name
            )
        }
        None if !between.is_empty() => format!(
            "the same call succeeded at {success}, after {} changes of policies and settings",
            between.len()
        ),
        None if incident.event().is_some_and(|event| event.request_parameters.is_none()) => format!(
            "the same call succeeded at {success} without any change in between that the events show; \
             the refused one does not show its parameters, so the two may have asked for different things"
        ),
        None if success.duration_since(last) <= PROPAGATION => format!(
            "the same call succeeded at {success} without any change in between that the events show: \
             perhaps a change had not taken effect yet"
        ),
        None => {
            format!("the same call succeeded at {success} without any change in between that the events show")
        }
    };
    Some(Finding::plain(FindingCode::SucceededLater, None, text))
}
