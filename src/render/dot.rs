//! The causal graph for Graphviz.
//!
//! Source of the quoting rules: <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write as _;

use petgraph::visit::EdgeRef;

use super::printable;
use crate::diagnose::{Diagnosis, NodeKind};

/// All diagnoses as one DOT document, a cluster for each.
pub fn dot(diagnoses: &[Diagnosis]) -> String {
    let mut out =
        String::from("digraph why_denied {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (number, diagnosis) in diagnoses.iter().enumerate() {
        let graph = &diagnosis.graph.0;
        let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={};", quoted(&title(diagnosis)));
        let id = |id: &str| quoted(&format!("d{number}-{id}"));
        for node in graph.node_weights() {
            let shape = match node.kind {
                NodeKind::Finding => ", shape=note",
                NodeKind::Principal | NodeKind::Session => ", shape=ellipse",
                _ => "",
            };
            let _ = writeln!(out, "    {} [label={}{shape}];", id(&node.id), quoted(&node.label));
        }
        for edge in graph.edge_references() {
            let (Some(from), Some(to)) = (graph.node_weight(edge.source()), graph.node_weight(edge.target()))
            else {
                continue;
            };
            let _ = writeln!(
                out,
                "    {} -> {} [label={}];",
                id(&from.id),
                id(&to.id),
                quoted(edge.weight().name())
            );
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

fn title(diagnosis: &Diagnosis) -> String {
    format!("{} denied for {}", diagnosis.denied.action, diagnosis.principal_name)
}

/// A quoted string, in which a quote and a backslash are escaped: a label's `\N` would be replaced otherwise.
fn quoted(text: &str) -> String {
    format!("\"{}\"", printable(text).replace('\\', "\\\\").replace('"', "\\\""))
}
