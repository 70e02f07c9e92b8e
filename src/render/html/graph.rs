//! The causal graph as a picture and as a list that says the same.

use maud::{Markup, html};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::prose::prose;
use crate::diagnose::{CausalGraph, Diagnosis};
use crate::render::svg;

/// Pictures up to this width are shrunk to the page, by a fifth at most; wider ones are scrolled.
const FITS: i32 = 1_300;

pub(super) fn section(diagnosis: &Diagnosis, id: &str) -> Markup {
    let graph = &diagnosis.graph;
    let root = graph.0.node_indices().next();
    let large = svg::wide_width(diagnosis) > FITS;
    html! {
        section {
            h3 id={ (id) "-chain" } { "Chain" }
            @if large {
                div.figure.large role="group" aria-label="Causal graph, can be scrolled" tabindex="0" {
                    (svg::figure(diagnosis, &format!("{id}-graph")))
                }
            } @else {
                div.figure { (svg::figure(diagnosis, &format!("{id}-graph"))) }
            }
            details.as-list {
                summary { "The same as a list" }
                @if let Some(root) = root {
                    ul.chain { li { (prose(label(graph, root))) (branches(graph, root)) } }
                }
            }
        }
    }
}

fn label(graph: &CausalGraph, node: NodeIndex) -> &str {
    graph.0.node_weight(node).map(|node| node.label.as_str()).unwrap_or_default()
}

/// The chain is a tree by construction, in the order of the text.
fn branches(graph: &CausalGraph, node: NodeIndex) -> Markup {
    let mut edges: Vec<_> = graph.0.edges_directed(node, Direction::Outgoing).collect();
    edges.sort_by_key(|edge| (*edge.weight(), edge.target()));
    html! {
        @if !edges.is_empty() {
            ul {
                @for edge in edges {
                    li {
                        span.word { (edge.weight().name()) ": " }
                        (prose(label(graph, edge.target())))
                        (branches(graph, edge.target()))
                    }
                }
            }
        }
    }
}
