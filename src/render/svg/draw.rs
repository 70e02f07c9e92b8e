//! A causal graph as SVG elements.

use std::collections::BTreeMap;

use maud::{Markup, html};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::layout::{Arrangement, Layout, Placed, Size, layered, layout};
use super::measure::{width, wrap};
use crate::diagnose::{CausalGraph, EdgeKind, GraphNode, NodeKind};
use crate::render::printable;

/// The size of labels, of the words of edges and of what a node is, as in `graph.css`.
const LABEL: i32 = 13;
const WORD: i32 = 11;
const LINE_HEIGHT: i32 = 18;
/// Of a longer label the rest is left out; the list beside the picture has it.
const MOST_LINES: usize = 30;
/// Around the whole picture, so that no line is cut off.
pub(super) const MARGIN: i32 = 4;

/// The text of a node, broken into lines.
struct Label {
    lines: Vec<String>,
    size: Size,
}

impl Label {
    fn of(node: &GraphNode, limit: i32) -> Self {
        let lines = wrap(&printable(&node.label), limit, LABEL, MOST_LINES);
        let widest = lines.iter().map(|line| width(line, LABEL)).max().unwrap_or_default();
        let kind = width(kind(node.kind), WORD + 1);
        let rows = i32::try_from(lines.len()).unwrap_or(i32::MAX);
        let size =
            Size { width: widest.max(kind).max(96) + 24, height: rows.saturating_mul(LINE_HEIGHT) + 34 };
        Self { lines, size }
    }
}

/// A graph with its boxes in their places.
pub(super) struct Drawing<'a> {
    graph: &'a CausalGraph,
    labels: BTreeMap<NodeIndex, Label>,
    layout: Layout,
}

impl<'a> Drawing<'a> {
    /// In layers.
    pub(super) fn wide(graph: &'a CausalGraph) -> Self {
        let (mut labels, mut sizes) = labels(graph, |_| 230);
        // Boxes of one width are easier to read than ragged ones.
        let widest = sizes.values().map(|size| size.width).max().unwrap_or_default();
        for size in labels.values_mut().map(|label| &mut label.size).chain(sizes.values_mut()) {
            size.width = widest;
        }
        Self { graph, labels, layout: layered(graph, &sizes) }
    }

    /// As an outline that is about `room` pixels wide.
    pub(super) fn narrow(graph: &'a CausalGraph, room: i32) -> Self {
        // Boxes that are further in are narrower; where they stand does not depend on how wide they are.
        let (_, sizes) = labels(graph, |_| room);
        let places = layout(graph, &sizes, Arrangement::Outline);
        let left = |node| places.boxes.get(&node).map_or(0, |placed: &Placed| placed.x);
        let (labels, sizes) = labels(graph, |node| (room - 24 - left(node)).max(120));
        Self { graph, labels, layout: layout(graph, &sizes, Arrangement::Outline) }
    }

    /// The size of the picture.
    pub(super) fn size(&self) -> Size {
        let Size { width, height } = self.layout.size;
        Size { width: width + 2 * MARGIN, height: height + 2 * MARGIN }
    }

    /// All edges, and above them all nodes.
    pub(super) fn markup(&self) -> Markup {
        html! {
            @for edge in self.graph.0.edge_references() {
                (self.edge(edge.source(), edge.target(), *edge.weight()))
            }
            @for (index, label) in &self.labels {
                @if let (Some(node), Some(placed)) = (self.graph.0.node_weight(*index), self.layout.boxes.get(index)) {
                    (draw_node(node, label, *placed))
                }
            }
        }
    }

    fn edge(&self, from: NodeIndex, to: NodeIndex, kind: EdgeKind) -> Markup {
        let (Some(from), Some(to)) = (self.layout.boxes.get(&from), self.layout.boxes.get(&to)) else {
            return html! {};
        };
        let word = kind.name().replace('-', " ");
        let room = width(&word, WORD) + 12;
        let (path, x, y) = match self.layout.arrangement {
            Arrangement::Down => down(*from, *to),
            Arrangement::Right => right(*from, *to, room),
            Arrangement::Outline => outline(*from, *to, room),
        };
        html! {
            g.edge {
                path d=(path) fill="none" {}
                rect.word x=(x - room / 2) y=(y - 9) width=(room) height="18" rx="9" {}
                text x=(x) y=(y + 4) text-anchor="middle" { (word) }
            }
        }
    }
}

fn labels(
    graph: &CausalGraph,
    limit: impl Fn(NodeIndex) -> i32,
) -> (BTreeMap<NodeIndex, Label>, BTreeMap<NodeIndex, Size>) {
    let nodes = graph.0.node_indices().filter_map(|index| Some((index, graph.0.node_weight(index)?)));
    let labels: BTreeMap<NodeIndex, Label> =
        nodes.map(|(index, node)| (index, Label::of(node, limit(index)))).collect();
    let sizes = labels.iter().map(|(index, label)| (*index, label.size)).collect();
    (labels, sizes)
}

fn draw_node(node: &GraphNode, label: &Label, placed: Placed) -> Markup {
    let (x, y) = (placed.x + MARGIN, placed.y + MARGIN);
    html! {
        g class={ "node " (node.kind.name()) } {
            rect x=(x) y=(y) width=(placed.size.width) height=(placed.size.height) rx="8" {}
            text.kind x=(x + 12) y=(y + 19) { (kind(node.kind)) }
            @for (row, line) in (0_i32..).zip(&label.lines) {
                text x=(x + 12) y=(y + 38 + row * LINE_HEIGHT) { (line) }
            }
        }
    }
}

/// What a node stands for, in words.
fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Call => "call",
        NodeKind::HiddenCall => "hidden call",
        NodeKind::Finding => "finding",
        NodeKind::Change => "change",
        NodeKind::Principal => "principal",
        NodeKind::Session => "session",
        NodeKind::Event => "events",
    }
}

/// From the middle of the lower side to the middle of the upper one, with the word above the arrow.
fn down(from: Placed, to: Placed) -> (String, i32, i32) {
    let (start, end) = (from.x + from.size.width / 2 + MARGIN, to.x + to.size.width / 2 + MARGIN);
    let (top, bottom) = (from.y + from.size.height + MARGIN, to.y + MARGIN);
    let turn = bottom - 42;
    let path = if start == end {
        format!("M{start} {top}V{bottom}{}", arrow_down())
    } else {
        let (r, sign) = corner(start, end);
        let dr = r * sign;
        format!(
            "M{start} {top}V{}q0 {r} {dr} {r}H{}q{dr} 0 {dr} {r}V{bottom}{}",
            turn - r,
            end - dr,
            arrow_down()
        )
    };
    (path, end, bottom - 20)
}

/// From the middle of the right side to the middle of the left one.
fn right(from: Placed, to: Placed, room: i32) -> (String, i32, i32) {
    let (start, end) = (from.y + from.size.height / 2 + MARGIN, to.y + to.size.height / 2 + MARGIN);
    let (left, far) = (from.x + from.size.width + MARGIN, to.x + MARGIN);
    let turn = far - 112;
    let path = if start == end {
        format!("M{left} {start}H{far}{}", arrow_right())
    } else {
        let (r, sign) = corner(start, end);
        let dr = r * sign;
        format!(
            "M{left} {start}H{}q{r} 0 {r} {dr}V{}q0 {dr} {r} {dr}H{far}{}",
            turn - r,
            end - dr,
            arrow_right()
        )
    };
    (path, far - 10 - room / 2, end)
}

/// Down at the left, then to the box; the word stands above the box.
fn outline(from: Placed, to: Placed, room: i32) -> (String, i32, i32) {
    let (x, far) = (from.x + 9 + MARGIN, to.x + MARGIN);
    let (top, end) = (from.y + from.size.height + MARGIN, to.y + 24 + MARGIN);
    let path = format!("M{x} {top}V{}q0 6 6 6H{far}", end - 6);
    (path, far + 6 + room / 2, to.y - 13 + MARGIN)
}

/// The radius of a corner and the direction of the turn.
fn corner(from: i32, to: i32) -> (i32, i32) {
    ((to - from).abs().min(16) / 2, (to - from).signum())
}

fn arrow_down() -> &'static str {
    "m-5 -7l5 7l5 -7"
}

fn arrow_right() -> &'static str {
    "m-7 -5l7 5l-7 5"
}
