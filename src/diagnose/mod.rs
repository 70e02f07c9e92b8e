//! From evidence to diagnoses: what was really denied, which rule decided, which change made it start, what to do.
//!
//! The flow is `incident` (which denials belong together) → `gather` (the policies that applied, as of the moment) →
//! evaluation → `finding` and `standing` → `history` and `origin` (the change, the person) → `remedy` (tried out) →
//! `graph`. This module must not fetch or print anything.

mod account_kind;
mod advice;
mod aftermath;
mod answer;
mod authorization;
mod bucket_rule;
mod codes;
mod dossier;
mod doubt;
mod finding;
mod gather;
mod grant;
mod graph;
mod guardrails;
mod history;
mod image_layer;
mod incident;
mod join;
mod key;
mod log_bucket;
mod missing_object;
mod nearest;
mod observation;
mod origin;
mod other_caller;
mod ownership;
mod permission;
mod permission_set;
mod policy_at;
mod remedy;
mod repetition;
mod replay;
mod s3_settings;
mod setting;
mod settings;
mod standing;
mod stranger;
mod surface;
mod suspect;
mod testimony;
mod timeline;
mod unseen;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use authorization::{Agreement, AuthorizationTestimony, with_authorization_details};
pub use codes::FindingCode;
pub use dossier::{Dossier, Examination, ExaminedLayer, ExaminedStatement, dossiers};
pub use finding::{Excerpt, Finding};
pub use graph::{CausalGraph, EdgeKind, GraphNode, NodeKind};
pub use history::{Certainty, Introduction};
pub use incident::Occurrences;
pub use origin::{Hop, SessionOrigin};
pub use permission::{Permission, permission};
pub use remedy::{Addition, Aim, Remedy};
pub use standing::Standing;
pub use testimony::Testimony;
pub use timeline::{DocumentChange, DocumentText, Timeline, TimelineEntry, TimelineQuery, timeline};
pub use what_if::{
    Consulted, Document, DocumentKind, Edit, EditError, Outcome, Probe, Probed, Reading, WhatIf,
    check_policy_name, consulted, denied_request, documents, policy_names, probe, readings, what_if,
    what_if_world, with_edits,
};

use crate::evaluate::{Decision, Evaluation, Layer, Verdict};
use crate::evidence::{BucketWant, Evidence, Gap, Scope, Want};
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::denial::{DenialClass, classify};
use crate::trail::session::SessionIndex;
use incident::Incident;

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
    /// The change after the denial that allows the call, which then succeeded.
    pub allowed_since: Option<Introduction>,
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
        .map(|incident| answer::answer(&context, incident, rewind.to(incident.time())))
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

impl Examined {
    /// Whether everything was read, and allows the request.
    pub(crate) fn is_allowed(&self) -> bool {
        self.evaluation.verdict == Verdict::Determined(Decision::Allowed)
    }

    /// Whether something that is known refuses the request, whatever is unknown.
    pub(crate) fn is_surely_refused(&self) -> bool {
        let may_be_allowed = match &self.evaluation.verdict {
            Verdict::Determined(decision) => *decision == Decision::Allowed,
            Verdict::Undetermined { possible, .. } => possible.contains(&Decision::Allowed),
        };
        !may_be_allowed && !self.evaluation.denied_by().is_empty()
    }
}

impl Context<'_> {
    pub(crate) fn examine_request(
        &self,
        incident: &Incident<'_>,
        request: crate::request::Request,
        world: &Evidence,
    ) -> Examined {
        // What the event shows of its caller says nothing of the role that the call hands to a service.
        let is_of_caller = incident.denial().is_none_or(|denial| denial.passed_role.is_none());
        self.examine_event(incident.event().filter(|_| is_of_caller), request, world)
    }

    /// Evaluates a request of an event as of a moment.
    pub(crate) fn examine_event(
        &self,
        event: Option<&Event>,
        mut request: crate::request::Request,
        world: &Evidence,
    ) -> Examined {
        if let Some(role) = stranger::role_behind(self, event, &request, world) {
            request.principal = role;
            request.derive_context();
        }
        let mut gathered = gather::gather(world, self.sessions, event, request);
        if let Some(owner) = ownership::of_object(self, event, &gathered, world) {
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

/// A moment for sorting; events without a time come last.
fn time_or_end(time: Option<Timestamp>) -> Timestamp {
    time.unwrap_or(Timestamp::MAX)
}
