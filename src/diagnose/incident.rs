//! Which denials belong together: a hidden call with the call above it, and repetitions of the same denial.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::join::{behind_success, joined};
use super::{CallRef, Examined, Selection, key, log_bucket, time_or_end};
use crate::evidence::{Evidence, Gap};
use crate::knowledge::kms::surface_of;
use crate::request::Action;
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::denial::{CodeMeaning, Denial, DenialClass};
use crate::trail::request::{Attempt, reconstruct};
use crate::trail::resource::ResourceGuess;

/// A denial with its repetitions and with the denials of the calls above it.
pub(crate) struct Incident<'a> {
    /// The denied events, the earliest first; for a hidden call these are the events of the hidden call.
    pub denials: Vec<(&'a Event, Denial)>,
    /// Copies of the denied events that the trails of other accounts have.
    pub copies: Vec<&'a Event>,
    /// Events of the calls above a hidden call.
    pub above: Vec<&'a Event>,
    /// The call that was made.
    pub surface: CallRef,
    /// How the surface is known, if it is not the denied event itself.
    pub surface_basis: Option<String>,
    /// The requests that may have been denied.
    pub attempts: Vec<Attempt>,
    /// Why there is nothing to evaluate, if there is nothing.
    pub why_none: Option<String>,
    /// What was taken for true although no event shows it.
    pub assumed: Vec<Gap>,
}

/// How often a denial happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrences {
    /// How many events.
    pub count: usize,
    /// The first.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
}

/// All incidents that the selection asks for, by time.
pub(crate) fn incidents<'a>(evidence: &'a Evidence, selection: &Selection) -> Vec<Incident<'a>> {
    let denied: Vec<(&Event, Denial)> = evidence
        .events
        .iter()
        .filter_map(|event| Denial::from_event(event).map(|denial| (event, denial)))
        .filter(|(_, denial)| denial.class == DenialClass::Denied || denial.meaning == CodeMeaning::KeyState)
        .collect();
    let single: Vec<Incident<'a>> =
        one_copy(denied).into_iter().map(|copied| Incident::of(copied).with_key(evidence)).collect();
    let mut joined = joined(single);
    behind_success(evidence, &mut joined);
    joined.retain(|incident| incident.is_selected(selection));
    let changes: Vec<Timestamp> = evidence
        .events
        .iter()
        .filter(|event| PolicyChange::from_event(event).is_some())
        .filter_map(|event| event.event_time)
        .collect();
    let mut grouped = group(joined, &changes);
    grouped.sort_by_key(|incident| (time_or_end(incident.time()), incident.event_ids()));
    grouped
}

/// Of one denial that two accounts' trails have, the copy that shows more of the caller; and the other copies.
fn one_copy<'a>(denied: Vec<(&'a Event, Denial)>) -> Vec<Copied<'a>> {
    let mut out: Vec<Copied<'a>> = Vec::new();
    for (event, denial) in denied {
        let shared = event.shared_event_id.as_deref();
        let known =
            out.iter_mut().find(|known| shared.is_some() && known.event.shared_event_id.as_deref() == shared);
        match known {
            None => out.push(Copied { event, denial, others: Vec::new() }),
            Some(known) if known.event.user_identity.arn.is_none() && event.user_identity.arn.is_some() => {
                known.others.push(known.event);
                (known.event, known.denial) = (event, denial);
            }
            Some(known) => known.others.push(event),
        }
    }
    out
}

/// A denial with the copies of its event.
struct Copied<'a> {
    event: &'a Event,
    denial: Denial,
    others: Vec<&'a Event>,
}

impl<'a> Incident<'a> {
    fn of(Copied { event, denial, others }: Copied<'a>) -> Self {
        let reconstruction = reconstruct(event, &denial);
        let mut surface =
            CallRef { action: reconstruction.surface.action, resource: reconstruction.surface.resource };
        let mut surface_basis = None;
        // Without an action of another name in the message, the surface is the denied call itself.
        if let [attempt] = reconstruction.attempts.as_slice() {
            let same_service = surface.action.split(':').next() == Some(attempt.request.action.service());
            if attempt.request.action.is(&surface.action) || (same_service && surface.resource.is_none()) {
                surface.resource = attempt.resource.text().map(str::to_owned).or(surface.resource);
            }
            if denial.via_service.is_some()
                && let Some(above) = call_above(event, &attempt.request.action)
            {
                surface_basis = Some(above.basis);
                surface = above.call;
            }
        }
        let (attempts, assumed) = match log_bucket::test_write(event, &denial) {
            Some((attempt, doubt)) => (vec![attempt], vec![doubt]),
            None => (reconstruction.attempts, Vec::new()),
        };
        Self {
            denials: vec![(event, denial)],
            copies: others,
            above: Vec::new(),
            surface,
            surface_basis,
            attempts,
            why_none: reconstruction.why_none,
            assumed,
        }
    }

    /// Fills in the KMS key, where other evidence than the event tells it.
    fn with_key(mut self, evidence: &Evidence) -> Self {
        let Some(event) = self.event() else { return self };
        for attempt in &mut self.attempts {
            let Some(found) = key::complete(evidence, event, &mut attempt.request) else { continue };
            attempt.resource = ResourceGuess::Inferred(found.arn.to_string(), found.arn.account());
            self.assumed.extend(found.doubt);
        }
        self
    }

    /// The event that stands for the incident: the first.
    pub(crate) fn event(&self) -> Option<&'a Event> {
        self.denials.first().map(|(event, _)| *event)
    }

    pub(crate) fn denial(&self) -> Option<&Denial> {
        self.denials.first().map(|(_, denial)| denial)
    }

    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.event().and_then(|event| event.event_time)
    }

    /// All event ids, those of copies and of the calls above included.
    pub(crate) fn event_ids(&self) -> Vec<String> {
        let own = self.denials.iter().map(|(event, _)| *event);
        own.chain(self.copies.iter().copied())
            .chain(self.above.iter().copied())
            .filter_map(|event| event.event_id.clone())
            .collect()
    }

    pub(crate) fn occurrences(&self) -> Occurrences {
        let times = || self.denials.iter().filter_map(|(event, _)| event.event_time);
        Occurrences { count: self.denials.len(), first: times().min(), last: times().max() }
    }

    pub(crate) fn principal_text(&self) -> String {
        let Some((event, denial)) = self.denials.first() else { return String::new() };
        if let Some(role) = &denial.passed_role {
            return role.to_string();
        }
        let from_event = event.user_identity.arn.clone();
        from_event
            .or_else(|| denial.caller.claimed.federated_user.clone())
            .or_else(|| denial.caller.principal.as_ref().map(ToString::to_string))
            .or_else(|| event.user_identity.principal_id.clone())
            .unwrap_or_else(|| "an unknown caller".to_owned())
    }

    pub(crate) fn principal_name(&self) -> String {
        let caller = self.denial().map(|denial| &denial.caller);
        if let Some(user) = caller.and_then(|caller| caller.claimed.federated_user.clone()) {
            return user;
        }
        let role = self.denial().and_then(|denial| denial.passed_role.as_ref());
        let principal = role.or_else(|| caller.and_then(|caller| caller.principal.as_ref()));
        principal.map_or_else(|| self.principal_text(), crate::request::Principal::short_name)
    }

    /// The call that was denied: the examined one, or the first that could have been.
    pub(crate) fn denied(&self, examined: Option<&Examined>) -> CallRef {
        let attempt = |attempt: &Attempt| CallRef {
            action: attempt.request.action.to_string(),
            resource: attempt.resource.text().map(str::to_owned),
        };
        let of_examined = examined.and_then(|examined| self.attempt(examined).map(attempt));
        of_examined.or_else(|| self.attempts.first().map(attempt)).unwrap_or_else(|| self.surface.clone())
    }

    /// The attempt that was examined. The path of an IAM resource is filled in by the examination.
    pub(crate) fn attempt(&self, examined: &Examined) -> Option<&Attempt> {
        let same_action = |attempt: &&Attempt| attempt.request.action == examined.request.action;
        let same =
            |attempt: &&Attempt| attempt.request.resource.as_str() == examined.request.resource.as_str();
        let candidates = || self.attempts.iter().filter(same_action);
        candidates().find(same).or_else(|| candidates().next())
    }

    fn is_selected(&self, selection: &Selection) -> bool {
        let scope = &selection.scope;
        let time = self.time();
        let in_window = scope.since.is_none_or(|since| time.is_none_or(|time| time >= since))
            && scope.until.is_none_or(|until| time.is_none_or(|time| time <= until));
        in_window && scope.principal.as_deref().is_none_or(|wanted| self.is_by(wanted))
    }

    /// Whether the caller is the one asked for: by ARN, by the role behind a session, by name or by access key.
    fn is_by(&self, wanted: &str) -> bool {
        let Some((event, denial)) = self.denials.first() else { return false };
        let principal = denial.caller.principal.as_ref();
        let role = principal.and_then(|principal| principal.principal_arn()).map(ToString::to_string);
        let name = principal.map(crate::request::Principal::short_name);
        let names = [
            Some(self.principal_text()),
            event.user_identity.arn.clone(),
            role,
            name.clone(),
            name.and_then(|name| name.split('/').next().map(str::to_owned)),
            denial.caller.claimed.session_name.clone(),
            event.user_identity.user_name.clone(),
            event.user_identity.access_key_id.clone(),
            event.user_identity.principal_id.clone(),
        ];
        names.iter().flatten().any(|name| name == wanted)
    }

    /// What makes two denials surely alike, so that one evaluation serves both: everything that the event shows of
    /// the request, and no change of any policy between them.
    fn key(&self, changes: &[Timestamp]) -> Key {
        let attempts = self.attempts.iter().map(|attempt| CallRef {
            action: attempt.request.action.lower().to_owned(),
            resource: attempt.resource.text().map(str::to_owned),
        });
        let message = self.event().and_then(|event| event.error_message.clone());
        let event = self.event();
        let shown = event.map(|event| {
            let identity = &event.user_identity;
            [
                event.source_ip_address.clone(),
                event.vpc_endpoint_id.clone(),
                event.aws_region.clone(),
                identity.access_key_id.clone(),
                event.request_parameters.as_ref().map(ToString::to_string),
            ]
        });
        Key {
            principal: self.principal_text(),
            attempts: attempts.collect(),
            surface: self.surface.clone(),
            message,
            shown: shown.into_iter().flatten().collect(),
            changes_before: self.time().map(|time| changes.iter().filter(|change| **change <= time).count()),
        }
    }
}

/// See [`Incident::key`].
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    principal: String,
    attempts: Vec<CallRef>,
    surface: CallRef,
    message: Option<String>,
    shown: Vec<Option<String>>,
    changes_before: Option<usize>,
}

struct CallAbove {
    call: CallRef,
    basis: String,
}

/// The call above a KMS call that a service made: the encryption context names the resource.
fn call_above(event: &Event, action: &Action) -> Option<CallAbove> {
    let context = event.parameter(&["encryptionContext"])?.as_object()?;
    let pairs: Vec<(&str, &str)> =
        context.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect();
    let guess = surface_of(action.as_str(), pairs)?;
    let action = if guess.service() == "lambda" && is_own_session(event, &guess.resource) {
        COLD_START
    } else {
        guess.actions.first()?.action
    };
    let call = CallRef { action: action.to_owned(), resource: Some(guess.resource.clone()) };
    let basis = format!("the encryption context {} of the KMS call names it", guess.context.name);
    Some(CallAbove { call, basis })
}

/// Lambda decrypts the environment of a function with its execution role when the function is invoked and not running
/// yet.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html>
pub(super) const COLD_START: &str = "lambda:InvokeFunction";

/// Whether the caller is the function itself: Lambda names the sessions of an execution role after the function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
fn is_own_session(event: &Event, function: &str) -> bool {
    let is_session = event.user_identity.kind.as_deref() == Some("AssumedRole");
    let session = event.user_identity.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
    is_session && session.is_some() && session == function.split(':').nth(6)
}

/// Puts repetitions together.
fn group<'a>(incidents: Vec<Incident<'a>>, changes: &[Timestamp]) -> Vec<Incident<'a>> {
    let mut groups: BTreeMap<Key, Incident<'a>> = BTreeMap::new();
    for incident in incidents {
        match groups.entry(incident.key(changes)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(incident);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let known = slot.get_mut();
                known.denials.extend(incident.denials);
                known.copies.extend(incident.copies);
                known.above.extend(incident.above);
                known.denials.sort_by(|(left, _), (right, _)| left.chronological(right));
            }
        }
    }
    groups.into_values().collect()
}
