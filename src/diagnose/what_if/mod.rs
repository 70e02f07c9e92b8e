//! What an edit of a policy would do: every denied request is evaluated again, with the policies as they were read and
//! the edited ones in their place. What else an edit opens or closes is not judged here.

mod place;
mod probe;
mod reading;

use std::sync::Arc;

use jiff::Timestamp;

pub use place::{Document, DocumentKind, EditError, check_policy_name, documents, policy_names};
pub use probe::{Consulted, Probe, Probed, consulted, denied_request, probe};
pub use reading::{Reading, readings};

use super::incident::{Incident, incidents};
use super::replay::{Past, without_events};
use super::standing::Standing;
use super::{CallRef, Context, Examined, Selection, by_key, doubt, finding, standing, surface};
use crate::evaluate::{Decision, Layer, Verdict};
use crate::evidence::{Evidence, Gap};
use crate::policy::PolicyDocument;
use crate::trail::session::SessionIndex;

/// An edited document, and the name of the policy that it replaces.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The name, as answers write it, or the path in the bundle.
    pub policy: String,
    /// The document.
    pub document: Arc<PolicyDocument>,
}

/// What the edit does to one denied request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It would be allowed.
    Allowed,
    /// It would be allowed without the edit as well: something else refused it, or it was fixed since.
    AllowedAlready,
    /// It would still be refused.
    Denied {
        /// By these layers.
        by: Vec<Layer>,
        /// The element that decides, in words.
        text: String,
    },
    /// It cannot be said, for these reasons.
    Undetermined(Vec<Gap>),
}

/// A denied request with what the edit does to it.
#[derive(Debug, Clone)]
pub struct WhatIf {
    /// The ids of the events.
    pub event_ids: Vec<String>,
    /// The first event.
    pub event_time: Option<Timestamp>,
    /// Who was denied.
    pub principal: String,
    /// What was denied.
    pub denied: CallRef,
    /// What would happen.
    pub outcome: Outcome,
}

/// Evaluates every denied request again with the edits.
pub fn what_if(evidence: &Evidence, selection: &Selection, edits: &[Edit]) -> Result<Vec<WhatIf>, EditError> {
    Ok(what_if_world(evidence, selection, &with_edits(evidence, edits)?))
}

/// The evidence with the edits in it and without events.
pub fn with_edits(evidence: &Evidence, edits: &[Edit]) -> Result<Evidence, EditError> {
    let mut edited = without_events(evidence);
    for edit in edits {
        place::replace(&mut edited, &edit.policy, &edit.document)?;
    }
    Ok(edited)
}

/// Evaluates every denied request again in an edited copy of the evidence. Of the copy only the policies and other
/// facts count: what happened is in the events of the evidence.
pub fn what_if_world(evidence: &Evidence, selection: &Selection, edited: &Evidence) -> Vec<WhatIf> {
    let world = without_events(evidence);
    let sessions = SessionIndex::new(&evidence.events);
    // The policies as they were read are asked about: no change is undone.
    let context = Context { evidence, sessions: &sessions, changes: &[], by_key: by_key(evidence) };
    let now = Past { evidence: world, with_doubtful: None, gaps: Vec::new() };
    let mut found: Vec<WhatIf> = Vec::new();
    for incident in incidents(evidence, selection) {
        if !selection.event_ids.is_empty()
            && !incident.event_ids().iter().any(|id| selection.event_ids.contains(id))
        {
            continue;
        }
        let one = one(&context, &incident, &now, edited);
        let alike = found.iter_mut().find(|known| {
            (&known.principal, &known.denied, &known.outcome) == (&one.principal, &one.denied, &one.outcome)
        });
        match alike {
            Some(known) => known.event_ids.extend(one.event_ids),
            None => found.push(one),
        }
    }
    found
}

fn one(context: &Context<'_>, incident: &Incident<'_>, now: &Past, edited: &Evidence) -> WhatIf {
    let (before, doubts) = doubt::examine(context, incident, now);
    let after = doubt::pick(context, incident, edited);
    let standing = standing::standing(incident, before.as_ref(), &now.evidence, &doubts);
    let outcome = match &after {
        None => Outcome::Undetermined(reasons(incident, None, doubts.gaps, edited)),
        Some(after) => outcome(context, incident, standing, after, doubts.gaps, edited),
    };
    WhatIf {
        event_ids: incident.event_ids(),
        event_time: incident.time(),
        principal: incident.principal_text(),
        denied: incident.denied(after.as_ref().or(before.as_ref())),
        outcome,
    }
}

fn outcome(
    context: &Context<'_>,
    incident: &Incident<'_>,
    standing: Standing,
    after: &Examined,
    mut doubts: Vec<Gap>,
    edited: &Evidence,
) -> Outcome {
    if after.optional {
        doubts.push(Gap {
            what: format!("whether the call needed {}", after.request.action),
            why: "the event stands for several requests of which not all are always made".to_owned(),
        });
    }
    let allowed = match &after.evaluation.verdict {
        Verdict::Undetermined { possible, .. } if possible.contains(&Decision::Allowed) => {
            return Outcome::Undetermined(reasons(incident, Some(after), doubts, edited));
        }
        // Which kind of deny it is may be open; that it is one is not.
        Verdict::Undetermined { .. } => false,
        Verdict::Determined(decision) => *decision == Decision::Allowed,
    };
    if allowed && standing == Standing::Contradicted {
        return Outcome::AllowedAlready;
    }
    if allowed && standing == Standing::NotAPolicy {
        doubts.push(Gap {
            what: "what refused the request".to_owned(),
            why: "it was no policy but a setting, or the kind of the account".to_owned(),
        });
    }
    if !doubts.is_empty() {
        return Outcome::Undetermined(doubts);
    }
    let above = surface::refusal(context, incident, edited);
    match (allowed, above) {
        (true, None) => Outcome::Allowed,
        (true, Some(above)) => {
            Outcome::Denied { by: above.evaluation.denied_by(), text: surface::finding(&above).text }
        }
        // AWS's message is about the policies without the edit, so it is not asked.
        (false, _) => {
            let findings = finding::findings(context, incident, Some(after), Standing::Proven, None, edited);
            let text = findings.into_iter().next().map(|finding| finding.text).unwrap_or_default();
            let text = match standing {
                Standing::Contradicted => format!("{text}; without the edit these policies allow it"),
                _ => text,
            };
            Outcome::Denied { by: after.evaluation.denied_by(), text }
        }
    }
}

/// What is missing for an answer.
fn reasons(
    incident: &Incident<'_>,
    after: Option<&Examined>,
    doubts: Vec<Gap>,
    edited: &Evidence,
) -> Vec<Gap> {
    let mut gaps = doubts;
    gaps.extend(standing::not_checked(incident, after, Standing::Reported, edited));
    gaps.sort();
    gaps.dedup();
    gaps
}
