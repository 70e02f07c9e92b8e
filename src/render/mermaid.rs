//! The causal graph for Mermaid.
//!
//! Source of the escaping rules: <https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>

use std::fmt::Write as _;

use petgraph::visit::EdgeRef;

use super::printable;
use crate::diagnose::{Diagnosis, NodeKind};

/// All diagnoses as one flowchart, a subgraph for each.
pub fn mermaid(diagnoses: &[Diagnosis]) -> String {
    let mut out = String::from("flowchart LR\n");
    for (number, diagnosis) in diagnoses.iter().enumerate() {
        let graph = &diagnosis.graph.0;
        let title = format!("{} denied for {}", diagnosis.denied.action, diagnosis.principal_name);
        let _ = writeln!(out, "  subgraph d{number} [{}]", quoted(&title));
        for node in graph.node_weights() {
            let label = quoted(&node.label);
            let shape = match node.kind {
                NodeKind::Finding => format!("{{{{{label}}}}}"),
                NodeKind::Principal | NodeKind::Session => format!("([{label}])"),
                _ => format!("[{label}]"),
            };
            let _ = writeln!(out, "    d{number}-{}{shape}", node.id);
        }
        for edge in graph.edge_references() {
            let (Some(from), Some(to)) = (graph.node_weight(edge.source()), graph.node_weight(edge.target()))
            else {
                continue;
            };
            let _ =
                writeln!(out, "    d{number}-{} -->|{}| d{number}-{}", from.id, edge.weight().name(), to.id);
        }
        out.push_str("  end\n");
    }
    out
}

/// A quoted label. Everything with a meaning in Mermaid or in HTML becomes an entity code.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in printable(text).chars() {
        match character {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' | '%' | '{' | '}' => {
                let _ = write!(out, "#{};", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
