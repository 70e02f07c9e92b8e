//! The causal graph as a picture: alone in a file, or inside of a report.
//!
//! Sources: <https://www.w3.org/TR/SVG2/>, and for what a screen reader is told
//! <https://www.w3.org/TR/svg-aam-1.0/>

mod draw;
mod layout;
mod measure;

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use petgraph::visit::EdgeRef;

use draw::Drawing;
use measure::wrap;

use super::untrusted::harmless_markup;
use super::{answer, palette};
use crate::diagnose::{CausalGraph, Diagnosis};

/// The rules that a picture needs, beside the palette.
pub(super) const STYLE: &str = include_str!("graph.css");

/// Between two graphs in one file.
const BETWEEN: i32 = 40;
/// Headings are broken at this width if the graphs are less wide.
const HEADING: i32 = 560;

/// The causal graphs of all diagnoses in one picture.
pub fn svg(diagnoses: &[Diagnosis]) -> String {
    let mut height = 16;
    let mut width = HEADING + 32;
    let mut parts = Vec::new();
    for diagnosis in diagnoses {
        let drawing = Drawing::wide(&diagnosis.graph);
        let size = drawing.size();
        let lines =
            wrap(&super::printable(&answer::headline(diagnosis)), size.width.max(HEADING) - 16, 16, 6);
        let top = height;
        height += i32::try_from(lines.len()).unwrap_or(i32::MAX).saturating_mul(22) + 12;
        parts.push((lines, top, height, drawing));
        height += size.height + BETWEEN;
        width = width.max(size.width + 32);
    }
    let height = (height - BETWEEN + 16).max(16);
    let markup = html! {
        svg.graph.alone xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc"
            width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
            title #title { (title(diagnoses)) }
            desc #desc { @for diagnosis in diagnoses { (in_words(&diagnosis.graph)) " " } }
            style { (PreEscaped(alone_style())) }
            rect.ground width=(width) height=(height) {}
            @for (lines, top, graph_top, drawing) in &parts {
                @for (row, line) in (0_i32..).zip(lines) {
                    text.heading x="20" y=(top + 16 + row * 22) { (line) }
                }
                g transform={ "translate(" (16) " " (graph_top) ")" } { (drawing.markup()) }
            }
        }
    };
    harmless_markup(&markup.into_string()).into_owned() + "\n"
}

fn title(diagnoses: &[Diagnosis]) -> String {
    let lines: Vec<String> = diagnoses.iter().map(answer::headline).collect();
    if lines.is_empty() { "nothing was denied".to_owned() } else { lines.join("; ") }
}

fn alone_style() -> String {
    format!(
        "{}{STYLE}svg.alone .ground {{ fill: var(--card-bg); }}\n\
         svg.alone .heading {{ font-size: 16px; font-weight: 600; }}\n",
        palette::css("svg.alone")
    )
}

/// The graph of one diagnosis twice, for wide and for narrow pages; `id` makes names unique in the page.
pub(super) fn figure(diagnosis: &Diagnosis, id: &str) -> Markup {
    let wide = Drawing::wide(&diagnosis.graph);
    let narrow = Drawing::narrow(&diagnosis.graph, 316);
    html! {
        (inline(&wide, diagnosis, &format!("{id}-wide"), "graph wide"))
        (inline(&narrow, diagnosis, &format!("{id}-narrow"), "graph narrow"))
    }
}

/// How wide the layered picture is.
pub(super) fn wide_width(diagnosis: &Diagnosis) -> i32 {
    Drawing::wide(&diagnosis.graph).size().width
}

fn inline(drawing: &Drawing<'_>, diagnosis: &Diagnosis, id: &str, class: &str) -> Markup {
    let size = drawing.size();
    let names = format!("{id}-title {id}-desc");
    html! {
        svg class=(class) role="img" aria-labelledby=(names) width=(size.width) height=(size.height)
            viewBox={ "0 0 " (size.width) " " (size.height) } {
            title id={ (id) "-title" } { "Causal graph: " (answer::headline(diagnosis)) }
            desc id={ (id) "-desc" } { (in_words(&diagnosis.graph)) }
            (drawing.markup())
        }
    }
}

/// The graph as sentences.
fn in_words(graph: &CausalGraph) -> String {
    let label = |index| graph.0.node_weight(index).map(|node| node.label.as_str()).unwrap_or_default();
    graph.0.edge_references().fold(String::new(), |mut out, edge| {
        let word = edge.weight().name().replace('-', " ");
        let _ = write!(out, "{} — {word} → {}. ", label(edge.source()), label(edge.target()));
        out
    })
}
