//! The JSON report, version 1. Its shape is described in `docs/cli.md`.

use petgraph::visit::EdgeRef;
use serde::Serialize;

use super::authorization_details;
use super::diff::unified;
use crate::diagnose::{CallRef, CausalGraph, Diagnosis, Finding, Remedy};
use crate::evaluate::{Got, Layer};
use crate::evidence::Gap;

/// The report of an `explain` run.
#[derive(Debug, Serialize)]
pub struct Report {
    version: u32,
    diagnoses: Vec<DiagnosisJson>,
    not_checked: Vec<GapJson>,
}

impl Report {
    /// With what could not be read in the whole run: it stands there although nothing was denied in the rest.
    #[must_use]
    pub fn with_gaps(mut self, gaps: &[Gap]) -> Self {
        self.not_checked = gaps.iter().map(gap).collect();
        self
    }
}

#[derive(Debug, Serialize)]
struct DiagnosisJson {
    event_id: Option<String>,
    event_ids: Vec<String>,
    event_time: Option<String>,
    standing: &'static str,
    decision: &'static str,
    principal: String,
    surface: CallJson,
    denied: CallJson,
    findings: Vec<FindingJson>,
    denied_by: Vec<&'static str>,
    introduced_by: Option<IntroductionJson>,
    occurrences: OccurrencesJson,
    session: Option<SessionJson>,
    testimony: Option<TestimonyJson>,
    authorization_details: Option<serde_json::Value>,
    remedies: Vec<RemedyJson>,
    not_checked: Vec<GapJson>,
    graph: GraphJson,
}

#[derive(Debug, Serialize)]
struct CallJson {
    action: String,
    resource: Option<String>,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    code: &'static str,
    layer: Option<&'static str>,
    target: Option<String>,
    policy: Option<String>,
    statement: Option<String>,
    element: Option<String>,
    operator: Option<String>,
    key: Option<String>,
    wanted: Vec<String>,
    got: Option<Vec<String>>,
    got_state: Option<&'static str>,
    text: String,
}

#[derive(Debug, Serialize)]
struct IntroductionJson {
    event_id: Option<String>,
    event_name: String,
    event_time: Option<String>,
    region: Option<String>,
    actor: String,
    chain: Vec<String>,
    changed: Option<String>,
    certainty: &'static str,
}

#[derive(Debug, Serialize)]
struct OccurrencesJson {
    count: usize,
    first: Option<String>,
    last: Option<String>,
}

#[derive(Debug, Serialize)]
struct SessionJson {
    hops: Vec<HopJson>,
    first: Option<String>,
    complete: bool,
    claimed_name: Option<String>,
}

#[derive(Debug, Serialize)]
struct HopJson {
    event_id: Option<String>,
    event_name: String,
    event_time: Option<String>,
    session: String,
    by: String,
}

#[derive(Debug, Serialize)]
struct TestimonyJson {
    text: String,
    effect: &'static str,
    layer: Option<&'static str>,
    policy_arn: Option<String>,
    authorization_id: Option<String>,
    authorization_command: Option<String>,
    encoded: bool,
    misleads: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct RemedyJson {
    who: String,
    text: String,
    verified: bool,
    next_denied_by: Vec<&'static str>,
    open: bool,
    statement: Option<serde_json::Value>,
    policy: Option<String>,
    diff: Option<String>,
}

#[derive(Debug, Serialize)]
struct GapJson {
    what: String,
    why: String,
}

#[derive(Debug, Serialize)]
struct GraphJson {
    nodes: Vec<NodeJson>,
    edges: Vec<EdgeJson>,
}

#[derive(Debug, Serialize)]
struct NodeJson {
    id: String,
    kind: &'static str,
    label: String,
}

#[derive(Debug, Serialize)]
struct EdgeJson {
    from: String,
    to: String,
    kind: &'static str,
}

/// The report of some diagnoses.
pub fn report(diagnoses: &[Diagnosis]) -> Report {
    Report { version: 1, diagnoses: diagnoses.iter().map(diagnosis).collect(), not_checked: Vec::new() }
}

fn diagnosis(diagnosis: &Diagnosis) -> DiagnosisJson {
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    DiagnosisJson {
        event_id: diagnosis.event_ids.first().cloned(),
        event_ids: diagnosis.event_ids.clone(),
        event_time: time(diagnosis.occurrences.first),
        standing: diagnosis.standing.name(),
        decision: diagnosis.decision.map_or("Undetermined", |decision| decision.name()),
        principal: diagnosis.principal.clone(),
        surface: call(&diagnosis.surface),
        denied: call(&diagnosis.denied),
        findings: diagnosis.findings.iter().map(finding).collect(),
        denied_by: names(&diagnosis.denied_by),
        introduced_by: diagnosis.introduced_by.as_ref().map(|change| IntroductionJson {
            event_id: change.event_id.clone(),
            event_name: change.event_name.clone(),
            event_time: time(change.event_time),
            region: change.region.clone(),
            actor: change.actor.clone(),
            chain: change.chain.clone(),
            changed: change.changed.clone(),
            certainty: change.certainty.name(),
        }),
        occurrences: OccurrencesJson {
            count: diagnosis.occurrences.count,
            first: time(diagnosis.occurrences.first),
            last: time(diagnosis.occurrences.last),
        },
        session: diagnosis.origin.as_ref().map(|origin| SessionJson {
            hops: origin
                .hops
                .iter()
                .map(|hop| HopJson {
                    event_id: hop.event_id.clone(),
                    event_name: hop.event_name.clone(),
                    event_time: time(hop.time),
                    session: hop.session.clone(),
                    by: hop.by.clone(),
                })
                .collect(),
            first: origin.first.clone(),
            complete: origin.complete,
            claimed_name: origin.claimed_name.clone(),
        }),
        testimony: diagnosis.testimony.as_ref().map(|testimony| TestimonyJson {
            text: testimony.text.clone(),
            effect: testimony.message.effect.name(),
            layer: testimony.layer().map(Layer::name),
            policy_arn: testimony.message.policy_arn.clone(),
            authorization_id: testimony.message.authorization_id.clone(),
            authorization_command: authorization_details::command(&testimony.message),
            encoded: testimony.message.encoded,
            misleads: testimony.misleads,
        }),
        authorization_details: diagnosis.authorization.as_ref().map(authorization_details::json),
        remedies: diagnosis.remedies.iter().map(remedy).collect(),
        not_checked: diagnosis.not_checked.iter().map(gap).collect(),
        graph: graph(&diagnosis.graph),
    }
}

fn gap(gap: &Gap) -> GapJson {
    GapJson { what: gap.what.clone(), why: gap.why.clone() }
}

fn call(call: &CallRef) -> CallJson {
    CallJson { action: call.action.clone(), resource: call.resource.clone() }
}

fn names(layers: &[Layer]) -> Vec<&'static str> {
    layers.iter().map(|layer| layer.name()).collect()
}

fn finding(finding: &Finding) -> FindingJson {
    let (got, got_state) = match &finding.got {
        None => (None, None),
        Some(Got::Values(values)) => (Some(values.clone()), Some("known")),
        Some(Got::Absent) => (None, Some("absent")),
        Some(Got::Unknown(_)) => (None, Some("unknown")),
    };
    FindingJson {
        code: finding.code.as_str(),
        layer: finding.layer.map(Layer::name),
        target: finding.target.clone(),
        policy: finding.policy.clone(),
        statement: finding.statement.clone(),
        element: finding.element.map(|element| element.to_string()),
        operator: finding.operator.clone(),
        key: finding.key.clone(),
        wanted: finding.wanted.clone(),
        got,
        got_state,
        text: finding.text.clone(),
    }
}

fn remedy(remedy: &Remedy) -> RemedyJson {
    RemedyJson {
        who: remedy.who.clone(),
        text: remedy.text.clone(),
        verified: remedy.verified,
        next_denied_by: names(&remedy.next_denied_by),
        open: remedy.is_open,
        statement: remedy.statement.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        policy: remedy.addition.as_ref().map(|addition| addition.policy.clone()),
        diff: remedy
            .addition
            .as_ref()
            .and_then(|addition| Some(unified(&addition.before, &addition.after)?.join("\n"))),
    }
}

fn graph(graph: &CausalGraph) -> GraphJson {
    let id = |index| graph.0.node_weight(index).map(|node| node.id.clone()).unwrap_or_default();
    GraphJson {
        nodes: graph
            .0
            .node_weights()
            .map(|node| NodeJson { id: node.id.clone(), kind: node.kind.name(), label: node.label.clone() })
            .collect(),
        edges: graph
            .0
            .edge_references()
            .map(|edge| EdgeJson {
                from: id(edge.source()),
                to: id(edge.target()),
                kind: edge.weight().name(),
            })
            .collect(),
    }
}
