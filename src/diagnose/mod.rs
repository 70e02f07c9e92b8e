//! From evidence to diagnoses: what was really denied, which rule decided, which change made it start, what to do.
//!
//! The flow is `incident` (which denials belong together) → `gather` (the policies that applied, as of the moment) →
//! evaluation → `finding` and `standing` → `history` and `origin` (the change, the person) → `remedy` (tried out) →
//! `graph`. This module must not fetch or print anything.

mod account_kind;
mod advice;
mod aftermath;
mod authorization;
mod codes;
mod doubt;
mod finding;
mod gather;
mod grant;
mod graph;
mod history;
mod incident;
mod join;
mod key;
mod log_bucket;
mod missing_object;
mod observation;
mod origin;
mod other_caller;
mod ownership;
mod permission;
mod remedy;
mod repetition;
mod replay;
mod setting;
mod settings;
mod standing;
mod surface;
mod suspect;
mod testimony;
mod timeline;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use authorization::{Agreement, AuthorizationTestimony, with_authorization_details};
pub use codes::FindingCode;
pub use finding::{Excerpt, Finding};
pub use graph::{CausalGraph, EdgeKind, GraphNode, NodeKind};
pub use history::{Certainty, Introduction};
pub use incident::Occurrences;
pub use origin::{Hop, SessionOrigin};
pub use permission::{Permission, permission};
pub use remedy::{Addition, Remedy};
pub use standing::Standing;
pub use testimony::Testimony;
pub use timeline::{DocumentChange, DocumentText, Timeline, TimelineEntry, TimelineQuery, timeline};
pub use what_if::{
    Consulted, Edit, EditError, Outcome, Probe, Probed, WhatIf, consulted, denied_request, policy_names,
    probe, what_if, what_if_world, with_edits,
};

use crate::evaluate::{Decision, Evaluation, Layer};
use crate::evidence::{BucketWant, Evidence, Gap, Scope, Want};
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::denial::{DenialClass, classify};
use crate::trail::session::SessionIndex;
use incident::Incident;
use missing_object::MissingObject;
use replay::Past;

/// The explanation of one denial and its repetitions.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The ids of all events of the denial.
    pub event_ids: Vec<String>,
    /// How often and when.
    pub occurrences: Occurrences,
    /// How the explanation is known.
    pub standing: Standing,
    /// The decision of the evaluation; `None` if it is undetermined.
    pub decision: Option<Decision>,
    /// Who was denied, as the event names the caller.
    pub principal: String,
    /// The caller's name for people.
    pub principal_name: String,
    /// The call that was made.
    pub surface: CallRef,
    /// The call that was denied, which is often another.
    pub denied: CallRef,
    /// What was found; the first decided.
    pub findings: Vec<Finding>,
    /// All layers that refuse, in AWS's order.
    pub denied_by: Vec<Layer>,
    /// The change that made it start.
    pub introduced_by: Option<Introduction>,
    /// Where the caller's session comes from.
    pub origin: Option<SessionOrigin>,
    /// What AWS itself said.
    pub testimony: Option<Testimony>,
    /// What AWS's authorization details say, if somebody gave them.
    pub authorization: Option<AuthorizationTestimony>,
    /// What would help, the best first.
    pub remedies: Vec<Remedy>,
    /// What could not be seen, and what that leaves open.
    pub not_checked: Vec<Gap>,
    /// The causal chain.
    pub graph: CausalGraph,
}

/// A call: an action and, where it is known, a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallRef {
    /// For example `s3:GetObject`.
    pub action: String,
    /// An ARN or `*`.
    pub resource: Option<String>,
}

/// Explains every denial in the evidence that the scope asks for.
pub fn diagnose(evidence: &Evidence, selection: &Selection) -> Vec<Diagnosis> {
    let sessions = SessionIndex::new(&evidence.events);
    let changes: Vec<PolicyChange> = evidence.events.iter().filter_map(PolicyChange::from_event).collect();
    let context = Context { evidence, sessions: &sessions, changes: &changes, by_key: by_key(evidence) };
    let incidents = incident::incidents(evidence, selection);
    let mut rewind = replay::Rewind::new(evidence, &changes);
    // Denials without a time come last in the order, and so first here.
    let mut single: Vec<Diagnosis> = incidents
        .iter()
        .rev()
        .map(|incident| context.diagnose(incident, rewind.to(incident.time())))
        .collect();
    single.reverse();
    let mut diagnoses = repetition::merged(single);
    if !selection.event_ids.is_empty() {
        diagnoses.retain(|found| found.event_ids.iter().any(|id| selection.event_ids.contains(id)));
    }
    diagnoses
}

/// What the explanation of these denials would look at, and the evidence does not have.
///
/// Whoever can fetch it does so, and asks again: what was fetched may lead to more, as the groups of a user do.
pub fn wants(evidence: &Evidence, selection: &Selection) -> BTreeSet<Want> {
    let sessions = SessionIndex::new(&evidence.events);
    let mut wants = BTreeSet::new();
    for incident in incident::incidents(evidence, selection) {
        wants.extend(encryption_wanted(&incident, evidence));
        for attempt in &incident.attempts {
            let request = attempt.request.clone();
            wants.extend(gather::gather(evidence, &sessions, incident.event(), request).wants);
        }
    }
    wants
}

/// The default encryption of a bucket, where it tells which key was used, or is itself what refused.
fn encryption_wanted(incident: &Incident<'_>, evidence: &Evidence) -> Option<Want> {
    let of_key = || {
        let mut requests = incident.attempts.iter().map(|attempt| &attempt.request);
        requests.find_map(|request| key::bucket_to_ask(incident.event()?, request))
    };
    let name = log_bucket::bucket_of(incident).or_else(of_key)?;
    let found = evidence.bucket(&name);
    let owner = found.map(|(owner, _)| owner);
    let fact = match found {
        Some((_, bucket)) if key::needs_region(bucket) => BucketWant::Location,
        Some((_, bucket)) if bucket.encryption.is_some() => return None,
        _ => BucketWant::Encryption,
    };
    Some(Want::Bucket { name, owner, fact })
}

/// How many events failed in ways that can hide a refusal, such as a resource that is said not to exist.
pub fn perhaps_denied(evidence: &Evidence) -> usize {
    evidence.events.iter().filter(|event| classify(event) == Some(DenialClass::MaybeDenied)).count()
}

/// Which denials to explain.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Principal, since and until.
    pub scope: Scope,
    /// Only the denials that hold one of these events; all if empty.
    pub event_ids: BTreeSet<String>,
}

/// What every step of a diagnosis looks at.
pub(crate) struct Context<'a> {
    pub evidence: &'a Evidence,
    pub sessions: &'a SessionIndex,
    pub changes: &'a [PolicyChange],
    /// Events by access key, in their order.
    pub by_key: BTreeMap<&'a str, Vec<&'a Event>>,
}

fn by_key(evidence: &Evidence) -> BTreeMap<&str, Vec<&Event>> {
    let mut index: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in &evidence.events {
        if let Some(key) = event.user_identity.access_key_id.as_deref() {
            index.entry(key).or_default().push(event);
        }
    }
    index
}

/// A request with its evaluation as of the moment of the denial.
pub(crate) struct Examined {
    pub request: crate::request::Request,
    pub policies: crate::evaluate::PolicySet,
    pub evaluation: Evaluation,
    pub gaps: Vec<Gap>,
    /// The call does not always need this request.
    pub optional: bool,
}

impl Context<'_> {
    fn diagnose(&self, incident: &Incident<'_>, past: &Past) -> Diagnosis {
        let (examined, doubts) = doubt::examine(self, incident, past);
        let examined = examined.as_ref();
        let testimony = Testimony::of(incident).map(|testimony| testimony.beside(examined));
        let world = &past.evidence;
        let missing =
            examined.and_then(|examined| missing_object::missing_object(self, incident, examined, world));
        let other = other_cause(incident, missing.as_ref(), world);
        let standing = match &other {
            Some(_) => Standing::NotAPolicy,
            None => standing::standing(incident, examined, world, &doubts),
        };
        let mut findings = match other {
            Some(finding) => vec![finding],
            None => finding::findings(incident, examined, standing, testimony.as_ref(), world),
        };
        findings.extend(missing.filter(MissingObject::is_named).map(|missing| missing.finding()));
        findings.extend(observation::observations(self, incident, world));
        findings.extend(aftermath::succeeded_later(self, incident));
        if standing == Standing::Proven && finding::is_missing_permission(&findings) {
            findings.extend(other_caller::caller_changed(self, incident));
        }
        let introduced_by = match (standing, findings.first()) {
            (Standing::NotAPolicy, Some(finding)) => setting::introduced_by(self, incident, finding),
            (_, first) => examined
                .and_then(|examined| history::introduced_by(self, incident, examined, world))
                .or_else(|| setting::created_again(self, incident, first?)),
        };
        let surface = surface::refusal(self, incident, &past.evidence);
        findings.extend(surface.as_ref().map(surface::finding));
        let remedies = remedy::remedies(&remedy::Case {
            incident,
            examined,
            standing,
            world: &past.evidence,
            findings: &findings,
            surface: surface.as_ref(),
        });
        let mut not_checked = standing::not_checked(incident, examined, standing, self.evidence);
        not_checked.extend(doubts.gaps);
        if introduced_by.is_none() && standing == Standing::Proven {
            not_checked.extend(history::unseen_changes(self, incident));
        }
        not_checked.sort();
        not_checked.dedup();
        let (decision, denied_by) = decision(examined, standing, &findings);
        let mut diagnosis = Diagnosis {
            event_ids: incident.event_ids(),
            occurrences: incident.occurrences(),
            standing,
            decision,
            principal: incident.principal_text(),
            principal_name: incident.principal_name(),
            surface: incident.surface.clone(),
            denied: incident.denied(examined),
            findings,
            denied_by,
            introduced_by,
            origin: origin::origin(self, incident),
            testimony,
            authorization: None,
            remedies,
            not_checked,
            graph: CausalGraph::default(),
        };
        diagnosis.graph = graph::causal_graph(&diagnosis);
        diagnosis
    }

    pub(crate) fn examine_request(
        &self,
        incident: &Incident<'_>,
        request: crate::request::Request,
        world: &Evidence,
    ) -> Examined {
        let mut gathered = gather::gather(world, self.sessions, incident.event(), request);
        if let Some(owner) = ownership::of_object(self, incident, &gathered, world) {
            gathered.policies.s3.object_owner = owner;
        }
        let evaluation = crate::evaluate::explain(&gathered.request, &gathered.policies);
        Examined {
            request: gathered.request,
            policies: gathered.policies,
            evaluation,
            gaps: gathered.gaps,
            optional: false,
        }
    }
}

/// A cause that is no policy and that no evaluation finds.
fn other_cause(
    incident: &Incident<'_>,
    missing: Option<&MissingObject>,
    world: &Evidence,
) -> Option<Finding> {
    let missing = missing.filter(|missing| !missing.is_named()).map(MissingObject::finding);
    missing.or_else(|| log_bucket::finding(incident, world))
}

/// The decision and the refusing layers: what the evaluation says, or, for a refusal that is no policy, what the
/// setting that refused says.
fn decision(
    examined: Option<&Examined>,
    standing: Standing,
    findings: &[Finding],
) -> (Option<Decision>, Vec<Layer>) {
    let evaluated = examined.map(|examined| &examined.evaluation);
    match standing {
        Standing::NotAPolicy => {
            let mut layers: Vec<Layer> =
                findings.first().into_iter().filter_map(|finding| finding.layer).collect();
            if layers.is_empty() {
                layers = evaluated.map(Evaluation::denied_by).unwrap_or_default();
            }
            (Some(Decision::ImplicitDeny), layers)
        }
        // What is in doubt is not decided.
        Standing::Reported | Standing::ByElimination => {
            (None, evaluated.map(Evaluation::denied_by).unwrap_or_default())
        }
        _ => (
            evaluated.and_then(|evaluation| evaluation.verdict.decision()),
            evaluated.map(Evaluation::denied_by).unwrap_or_default(),
        ),
    }
}

/// A moment for sorting; events without a time come last.
fn time_or_end(time: Option<Timestamp>) -> Timestamp {
    time.unwrap_or(Timestamp::MAX)
}
