//! The causal chain as a graph: what was called, what was denied behind it, why, since which change, by whom.

use petgraph::graph::{DiGraph, NodeIndex};

use super::codes::FindingCode;
use super::finding::Finding;
use super::{CallRef, Diagnosis};

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// A stable id, unique in the graph.
    pub id: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// What to write on it.
    pub label: String,
}

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// The call that was made.
    Call,
    /// The hidden call that was denied.
    HiddenCall,
    /// What was found.
    Finding,
    /// A change of a policy.
    Change,
    /// A principal.
    Principal,
    /// A session of a role.
    Session,
    /// CloudTrail events.
    Event,
}

/// How two nodes are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A call needs another call.
    Requires,
    /// A call was denied because of a finding.
    Because,
    /// A finding exists since a change.
    IntroducedBy,
    /// A call or a change was made by somebody.
    PerformedBy,
    /// A session was obtained from somebody.
    AssumedFrom,
    /// A call is seen as an event.
    ObservedAs,
}

/// The causal chain.
#[derive(Debug, Clone, Default)]
pub struct CausalGraph(pub DiGraph<GraphNode, EdgeKind>);

impl NodeKind {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::HiddenCall => "hidden-call",
            Self::Finding => "finding",
            Self::Change => "change",
            Self::Principal => "principal",
            Self::Session => "session",
            Self::Event => "event",
        }
    }
}

impl EdgeKind {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requires => "requires",
            Self::Because => "because",
            Self::IntroducedBy => "introduced-by",
            Self::PerformedBy => "performed-by",
            Self::AssumedFrom => "assumed-from",
            Self::ObservedAs => "observed-as",
        }
    }
}

pub(super) fn causal_graph(diagnosis: &Diagnosis) -> CausalGraph {
    let mut builder = Builder::default();
    let call = builder.node("call", NodeKind::Call, call_label(&diagnosis.surface));
    let denied = if diagnosis.denied.action.eq_ignore_ascii_case(&diagnosis.surface.action) {
        call
    } else {
        let hidden = builder.node("hidden-call", NodeKind::HiddenCall, call_label(&diagnosis.denied));
        builder.edge(call, hidden, EdgeKind::Requires);
        hidden
    };
    builder.findings(diagnosis, denied);
    builder.caller(diagnosis, call);
    let count = diagnosis.occurrences.count;
    let first = diagnosis.occurrences.first.map(|time| time.to_string()).unwrap_or_default();
    let label =
        if count == 1 { format!("1 event at {first}") } else { format!("{count} events since {first}") };
    let event = builder.node("events", NodeKind::Event, label);
    builder.edge(denied, event, EdgeKind::ObservedAs);
    CausalGraph(builder.graph)
}

fn call_label(call: &CallRef) -> String {
    match &call.resource {
        Some(resource) if resource != "*" => format!("{} on {resource}", call.action),
        _ => call.action.clone(),
    }
}

#[derive(Default)]
struct Builder {
    graph: DiGraph<GraphNode, EdgeKind>,
}

impl Builder {
    fn node(&mut self, id: impl Into<String>, kind: NodeKind, label: String) -> NodeIndex {
        self.graph.add_node(GraphNode { id: id.into(), kind, label })
    }

    fn edge(&mut self, from: NodeIndex, to: NodeIndex, kind: EdgeKind) {
        self.graph.add_edge(from, to, kind);
    }

    fn findings(&mut self, diagnosis: &Diagnosis, denied: NodeIndex) {
        let is_cause = |finding: &&Finding| {
            !matches!(
                finding.code,
                FindingCode::PermissionlessCall | FindingCode::UnfamiliarSource | FindingCode::CallerChanged
            )
        };
        for (number, finding) in diagnosis.findings.iter().filter(is_cause).enumerate() {
            let id = format!("finding-{}", number + 1);
            let node = self.node(id, NodeKind::Finding, finding.text.clone());
            self.edge(denied, node, EdgeKind::Because);
            if number == 0
                && let Some(change) = &diagnosis.introduced_by
            {
                let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
                let changed = change.changed.as_ref().map_or(String::new(), |name| format!(" ({name})"));
                let label = format!("{}{changed} at {time}", change.event_name);
                let node_of_change = self.node("change", NodeKind::Change, label);
                self.edge(node, node_of_change, EdgeKind::IntroducedBy);
                let mut from = node_of_change;
                for (step, actor) in change.chain.iter().enumerate() {
                    let person = self.node(format!("actor-{}", step + 1), NodeKind::Principal, actor.clone());
                    let kind = if step == 0 { EdgeKind::PerformedBy } else { EdgeKind::AssumedFrom };
                    self.edge(from, person, kind);
                    from = person;
                }
            }
        }
    }

    fn caller(&mut self, diagnosis: &Diagnosis, call: NodeIndex) {
        let kind = if diagnosis.origin.is_some() { NodeKind::Session } else { NodeKind::Principal };
        let mut from = self.node("caller", kind, diagnosis.principal.clone());
        self.edge(call, from, EdgeKind::PerformedBy);
        let hops = diagnosis.origin.iter().flat_map(|origin| &origin.hops);
        for (number, hop) in hops.enumerate() {
            let node = self.node(format!("caller-{}", number + 2), NodeKind::Principal, hop.by.clone());
            self.edge(from, node, EdgeKind::AssumedFrom);
            from = node;
        }
    }
}
