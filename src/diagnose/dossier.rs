//! What a report to be sent has beside the answer: the request as it was evaluated, what every layer said of it, and
//! the changes around it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::incident::{Incident, incidents};
use super::{
    Context, Diagnosis, Examined, Selection, Timeline, TimelineQuery, by_key, doubt, finding, policy_at,
    replay, timeline,
};
use crate::evaluate::{Layer, LayerEffect, LayerTrace, StatementTrace};
use crate::evidence::Evidence;
use crate::policy::{Effect, PolicyDocument, Span};
use crate::request::Request;
use crate::trail::change::PolicyChange;
use crate::trail::session::SessionIndex;

/// So many denials are looked at again; nobody reads a longer report, and every one needs the state of its moment.
const MAX_EXAMINED: usize = 200;
/// So many different callers and resources have a timeline: each looks at all events.
const MAX_TIMELINES: usize = 50;
/// So many statements of a layer that nearly apply are shown for each effect.
const MAX_NEAR: usize = 3;
/// So many policies of a layer in which nothing nearly applies are shown.
const MAX_SILENT: usize = 20;
/// So many statements of a layer that apply are shown.
const MAX_APPLYING: usize = 20;

/// One denial with everything that a report shows of it.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The answer.
    pub diagnosis: Diagnosis,
    /// The request and its evaluation; `None` if there was nothing to evaluate.
    pub examination: Option<Examination>,
    /// Changes that concern the caller or the resource; `None` beyond a bound.
    pub timeline: Option<Arc<Timeline>>,
}

/// The request as it was evaluated, and what every layer said of it.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The request with its context.
    pub request: Request,
    /// The layers that took part, in AWS's order.
    pub layers: Vec<ExaminedLayer>,
}

/// One layer, with the statements that matter.
#[derive(Debug, Clone)]
pub struct ExaminedLayer {
    /// Which layer.
    pub layer: Layer,
    /// The root, organizational unit or account of an SCP or RCP level.
    pub target: Option<String>,
    /// What it contributed.
    pub effect: LayerEffect,
    /// A fact that is not a statement.
    pub note: Option<String>,
    /// What the effect hangs on, if it is unknown.
    pub hinges: Vec<String>,
    /// Statements that apply, those that nearly do, and of a layer that had to allow and does not the nearest of every
    /// other policy: that nothing allows is seen only in all of them.
    pub statements: Vec<ExaminedStatement>,
}

/// One statement against the request.
#[derive(Debug, Clone)]
pub struct ExaminedStatement {
    /// What the evaluation saw.
    pub trace: StatementTrace,
    /// The policy, where it has a text.
    pub document: Option<Arc<PolicyDocument>>,
    /// The elements that do not match or of which it is not known: where they stand, and why in words.
    pub misses: Vec<(Span, String)>,
}

/// The answers to a selection, with what belongs into a report.
pub fn dossiers(evidence: &Evidence, selection: &Selection, diagnoses: Vec<Diagnosis>) -> Vec<Dossier> {
    let mut examinations = examinations(evidence, selection, &diagnoses);
    let mut timelines = Timelines { evidence, known: BTreeMap::new() };
    diagnoses
        .into_iter()
        .map(|diagnosis| {
            let examination = diagnosis.event_ids.first().and_then(|id| examinations.remove(id));
            Dossier { timeline: timelines.around(&diagnosis), examination, diagnosis }
        })
        .collect()
}

/// The examinations of the first denials, by the id of the event that stands for them.
fn examinations(
    evidence: &Evidence,
    selection: &Selection,
    diagnoses: &[Diagnosis],
) -> BTreeMap<String, Examination> {
    let wanted: BTreeMap<&String, &Diagnosis> = diagnoses
        .iter()
        .take(MAX_EXAMINED)
        .filter_map(|diagnosis| Some((diagnosis.event_ids.first()?, diagnosis)))
        .collect();
    let sessions = SessionIndex::new(&evidence.events);
    let changes: Vec<PolicyChange> = evidence.events.iter().filter_map(PolicyChange::from_event).collect();
    let context = Context { evidence, sessions: &sessions, changes: &changes, by_key: by_key(evidence) };
    let mut rewind = replay::Rewind::new(evidence, &changes);
    let mut found = BTreeMap::new();
    // Time is wound back, so the latest comes first.
    for incident in incidents(evidence, selection).iter().rev() {
        let first = incident.event_ids().into_iter().next();
        let Some((id, denial)) = first.and_then(|id| wanted.get(&id).map(|found| (id, *found))) else {
            continue;
        };
        let (again, _) = doubt::examine(&context, incident, rewind.to(incident.time()));
        found.extend(again.filter(|of| is_of(denial, incident, of)).map(|of| (id, examination(of))));
    }
    found
}

/// Whether this is the request that the answer is about.
fn is_of(diagnosis: &Diagnosis, incident: &Incident<'_>, examined: &Examined) -> bool {
    incident.denied(Some(examined)) == diagnosis.denied
}

fn examination(examined: Examined) -> Examination {
    let layers = examined.evaluation.layers.iter().map(|layer| of_layer(layer, &examined)).collect();
    Examination { layers, request: examined.request }
}

fn of_layer(layer: &LayerTrace, examined: &Examined) -> ExaminedLayer {
    let applying = layer.statements.iter().filter(|statement| statement.applies.is_true());
    let near = [Effect::Deny, Effect::Allow]
        .into_iter()
        .flat_map(|effect| layer.near_misses(effect).into_iter().take(MAX_NEAR));
    let mut shown: Vec<&StatementTrace> = applying.take(MAX_APPLYING).chain(near).collect();
    if matches!(layer.effect, LayerEffect::ImplicitDeny | LayerEffect::Unknown) {
        shown.extend(silent(layer, &shown));
    }
    let statements = shown.into_iter().map(|statement| ExaminedStatement {
        document: policy_at::policy_at(layer, statement.policy_index, &examined.policies)
            .map(|policy| Arc::clone(&policy.document)),
        misses: statement.failed().map(|failed| (failed.span, finding::miss_text(failed))).collect(),
        trace: statement.clone(),
    });
    ExaminedLayer {
        layer: layer.layer,
        target: layer.target.clone(),
        effect: layer.effect,
        note: layer.note.clone(),
        hinges: layer.hinges.iter().map(ToString::to_string).collect(),
        statements: statements.collect(),
    }
}

/// Of every policy of which nothing is shown, the nearest statements.
fn silent<'a>(layer: &'a LayerTrace, shown: &[&StatementTrace]) -> Vec<&'a StatementTrace> {
    let is_shown = |index: &usize| shown.iter().any(|statement| statement.policy_index == *index);
    let policies: BTreeSet<usize> = layer.statements.iter().map(|statement| statement.policy_index).collect();
    let nearest = |index: usize| {
        let own = layer.statements.iter().filter(|statement| statement.policy_index == index);
        let mut own: Vec<&StatementTrace> = own.collect();
        own.sort_by_key(|statement| (statement.effect != Some(Effect::Allow), statement.distance()));
        own.into_iter().take(MAX_APPLYING)
    };
    policies.into_iter().filter(|index| !is_shown(index)).take(MAX_SILENT).flat_map(nearest).collect()
}

/// Timelines by what they are about: denials of one caller on one resource share one.
struct Timelines<'a> {
    evidence: &'a Evidence,
    known: BTreeMap<(String, Option<String>), Arc<Timeline>>,
}

impl Timelines<'_> {
    fn around(&mut self, diagnosis: &Diagnosis) -> Option<Arc<Timeline>> {
        let resource = diagnosis.denied.resource.clone().filter(|resource| resource != "*");
        let about = (diagnosis.principal.clone(), resource);
        if let Some(known) = self.known.get(&about) {
            return Some(Arc::clone(known));
        }
        if self.known.len() >= MAX_TIMELINES {
            return None;
        }
        let query = TimelineQuery {
            principal: Some(about.0.clone()),
            resource: about.1.clone(),
            ..TimelineQuery::default()
        };
        let found = Arc::new(timeline(self.evidence, &query));
        self.known.insert(about, Arc::clone(&found));
        Some(found)
    }
}
