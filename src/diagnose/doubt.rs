//! Which request was denied, in which state of the world, and what about that is in doubt.
//!
//! An evaluation that reproduces a denial proves nothing while another reading of the same evidence explains it
//! otherwise, or while AWS itself says something else.

use jiff::{SignedDuration, Timestamp};

use super::incident::Incident;
use super::replay::{Past, Undo, undo};
use super::testimony::Testimony;
use super::{Context, Examined, aftermath, history, unseen};
use crate::evaluate::{Decision, Layer, Verdict};
use crate::evidence::{Evidence, Gap};
use crate::policy::Effect;
use crate::trail::change::PolicyChange;
use crate::trail::denial::Denial;

/// Changes of IAM take effect after a moment.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>
const PROPAGATION: SignedDuration = SignedDuration::from_secs(60);

/// Reasons not to trust an evaluation.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// What is in doubt, and why.
    pub gaps: Vec<Gap>,
    /// AWS's message and the evaluation name different layers.
    pub disagrees_with_aws: bool,
    /// A change so shortly before the denial that it may not have taken effect, without which the call is refused.
    pub fresh: Option<FreshChange>,
}

/// A change that allows the call, made moments before it was refused.
#[derive(Debug, Clone)]
pub(super) struct FreshChange {
    /// `UpdateAssumeRolePolicy`, …
    pub name: String,
    /// What was changed.
    pub subject: Option<String>,
    /// When.
    pub time: Option<Timestamp>,
    /// Whether the call was refused before it for sure.
    pub refused_before: bool,
}

impl Doubts {
    fn add(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.gaps.push(Gap { what: what.into(), why: why.into() });
    }

    /// Whether anything is in doubt.
    pub(super) fn any(&self) -> bool {
        !self.gaps.is_empty()
    }
}

/// Evaluates the requests that may have been denied as of the moment, and picks the one that was.
pub(super) fn examine(
    context: &Context<'_>,
    incident: &Incident<'_>,
    past: &Past,
) -> (Option<Examined>, Doubts) {
    let mut doubts = Doubts { gaps: past.gaps.clone(), ..Doubts::default() };
    doubts.gaps.extend(incident.assumed.iter().cloned());
    if let Some(other) = incident.denial().and_then(Denial::other_caller_in_message) {
        doubts.add(
            "who made the call",
            format!("the event's userIdentity and its message, which names {other}, are of two accounts"),
        );
    }
    let Some(mut examined) = pick(context, incident, &past.evidence) else { return (None, doubts) };
    if is(&examined, Decision::Allowed)
        && let Some((before, change)) = before_recent_changes(context, incident, &past.evidence)
    {
        doubts.fresh = Some(FreshChange {
            name: change.event_name.clone(),
            subject: change.subject(),
            time: change.event_time,
            refused_before: is_refused(&before),
        });
        doubts.add(
            format!("whether {} had taken effect", change.event_name),
            "it was made within a minute of the denial, and changes take effect after a moment",
        );
        examined = before;
    }
    if is(&examined, Decision::Allowed) {
        doubts.gaps.extend(history::unseen_changes(context, incident));
        if let Some(time) = aftermath::mended_unseen(context, incident) {
            doubts.add(
                "which change let the same call succeed later",
                format!("it did at {time}, and no event shows a change between that explains it"),
            );
        }
    }
    doubts.gaps.extend(unseen::unseen(context, &examined.request, &past.evidence, incident.time()));
    if examined.optional && is_refused(&examined) {
        doubts.add(
            format!("whether the call needed {}", examined.request.action),
            "the event stands for several requests of which not all are always made",
        );
    }
    if let Some(world) = &past.with_doubtful
        && let Some(other) = pick(context, incident, world)
        && !is(&other, Decision::Allowed)
        && is_refused(&examined)
        && refusing(&other) != refusing(&examined)
    {
        doubts.add(
            "since when a policy was attached",
            "it was attached after the denial, and may have been attached before as well",
        );
    }
    if is_refused(&examined)
        && let Some(time) = aftermath::succeeded_all_the_same(context, incident, &past.evidence)
    {
        doubts.add(
            format!("what let the same call succeed at {time}"),
            "these policies refuse that one too, and no event changed them in between",
        );
    }
    if let Some(testimony) = Testimony::of(incident)
        && is_refused(&examined)
        && !agrees(&testimony, &examined)
    {
        doubts.disagrees_with_aws = true;
        let layer = testimony.layer().map_or("another layer", Layer::title);
        doubts.add(
            format!("what AWS's message names: {layer}"),
            "these policies do not show it; they may have been different at the time",
        );
    }
    (Some(examined), doubts)
}

/// The request that was denied: one that the call surely needs, the first that is surely denied, else that may be.
pub(super) fn pick(context: &Context<'_>, incident: &Incident<'_>, world: &Evidence) -> Option<Examined> {
    let examined = incident.attempts.iter().map(|attempt| {
        let mut examined = context.examine_request(incident, attempt.request.clone(), world);
        examined.optional = attempt.optional;
        examined
    });
    let rank = |examined: &Examined| match &examined.evaluation.verdict {
        Verdict::Determined(Decision::Allowed) => 6,
        Verdict::Determined(_) => 0,
        Verdict::Undetermined { possible, .. } if !possible.contains(&Decision::Allowed) => 1,
        Verdict::Undetermined { .. } => 2,
    };
    // An optional request counts only where no needed one can have been refused.
    examined.min_by_key(|examined| rank(examined) + if examined.optional { 3 } else { 0 })
}

/// The world before the changes of the last minute, if the request was, or may have been, refused in it.
fn before_recent_changes<'c>(
    context: &Context<'c>,
    incident: &Incident<'_>,
    world: &Evidence,
) -> Option<(Examined, &'c PolicyChange)> {
    let at = incident.time()?;
    let mut recent: Vec<&PolicyChange> = context
        .changes
        .iter()
        .filter(|change| {
            change.event_time.is_some_and(|time| time <= at && at.duration_since(time) <= PROPAGATION)
        })
        .collect();
    recent.sort_by_key(|change| std::cmp::Reverse(change.event_time));
    let mut earlier = world.clone();
    for change in recent {
        if undo(&mut earlier, change, context.changes) == Undo::NotConcerned {
            continue;
        }
        let examined = pick(context, incident, &earlier)?;
        // Where the state before is not known, it may have been refused.
        if !is(&examined, Decision::Allowed) {
            return Some((examined, change));
        }
    }
    None
}

fn is(examined: &Examined, decision: Decision) -> bool {
    examined.evaluation.verdict == Verdict::Determined(decision)
}

fn is_refused(examined: &Examined) -> bool {
    is(examined, Decision::ExplicitDeny) || is(examined, Decision::ImplicitDeny)
}

/// What refuses: the layers, and the statements that deny.
pub(super) fn refusing(examined: &Examined) -> Vec<(Layer, Vec<(String, usize)>)> {
    let refusing = examined.evaluation.layers.iter().filter(|layer| layer.effect.denies());
    refusing
        .map(|layer| {
            let statements = layer.applying(Effect::Deny).map(|found| (found.policy.clone(), found.index));
            (layer.layer, statements.collect())
        })
        .collect()
}

/// Whether AWS's message can be about what the evaluation found. AWS names one layer although several may refuse, and
/// for some it is known to name another.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn agrees(testimony: &Testimony, examined: &Examined) -> bool {
    let Some(named) = testimony.layer() else { return true };
    let denied_by = examined.evaluation.denied_by();
    let refuses = |layer: Layer| denied_by.contains(&layer);
    let across_accounts = examined.request.resource.owner().is_some()
        && examined.request.resource.owner() != examined.request.principal.account();
    let known_to_be_named_otherwise = match named {
        Layer::Resource => {
            refuses(Layer::RoleTrust)
                || refuses(Layer::S3BlockPublicAccess)
                || refuses(Layer::KmsGrant)
                || refuses(Layer::AccountKind)
                || (across_accounts && refuses(Layer::Identity))
        }
        _ => false,
    };
    if !refuses(named) {
        return known_to_be_named_otherwise;
    }
    let explicit = is(examined, Decision::ExplicitDeny);
    match testimony.is_explicit() {
        // An SCP that does not allow is reported as an explicit deny too.
        Some(true) => explicit || named == Layer::Scp,
        Some(false) => !explicit,
        None => true,
    }
}
