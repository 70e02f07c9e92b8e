//! What came after a denial: the same call succeeded, because of a change or by waiting.

use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::codes::FindingCode;
use super::finding::Finding;
use super::history::successes;
use super::incident::Incident;
use super::origin::actor;

/// Within this time a change takes effect.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>
const PROPAGATION: SignedDuration = SignedDuration::from_mins(2);

/// The first success of the same call after its last denial.
pub(super) fn succeeded_later(context: &Context<'_>, incident: &Incident<'_>) -> Option<Finding> {
    let last = incident.occurrences().last?;
    let success = successes(context, incident, Some(last), Timestamp::MAX)
        .filter_map(|event| event.event_time)
        .min()?;
    let between = context
        .changes
        .iter()
        .filter(|change| change.event_time.is_some_and(|time| time > last && time <= success));
    let text = match between.max_by_key(|change| change.event_time) {
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
