//! Where the boxes of a causal graph stand: in layers, or as an outline where there is no room beside each other.
//!
//! The chain is a tree by construction, so layers are the distance from the call and nothing ever crosses. Should a
//! node be reached twice, it stands where it was reached first, and the other edge is drawn across.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use crate::diagnose::CausalGraph;

/// Between layers, one below the other: room for the word of an edge.
const GAP_DOWN: i32 = 52;
/// Between layers, one beside the other.
const GAP_RIGHT: i32 = 128;
/// Between boxes of one layer.
const GAP_BETWEEN: i32 = 24;
/// How far an outline is indented.
const INDENT: i32 = 18;
/// Between the boxes of an outline: room for the word of an edge.
const GAP_OUTLINE: i32 = 30;

/// Width and height of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub width: i32,
    pub height: i32,
}

/// A box in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub x: i32,
    pub y: i32,
    pub size: Size,
}

/// How the layers follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrangement {
    /// From top to bottom.
    Down,
    /// From left to right.
    Right,
    /// One box a line, indented.
    Outline,
}

/// All boxes in their places.
#[derive(Debug)]
pub(super) struct Layout {
    pub arrangement: Arrangement,
    pub boxes: BTreeMap<NodeIndex, Placed>,
    pub size: Size,
}

/// A node with what hangs on it.
struct Branch {
    node: NodeIndex,
    size: Size,
    children: Vec<Branch>,
}

/// Layers, in the direction that is less wide.
pub(super) fn layered(graph: &CausalGraph, sizes: &BTreeMap<NodeIndex, Size>) -> Layout {
    let down = layout(graph, sizes, Arrangement::Down);
    let right = layout(graph, sizes, Arrangement::Right);
    if down.size.width <= right.size.width { down } else { right }
}

/// A layout of the given kind.
pub(super) fn layout(
    graph: &CausalGraph,
    sizes: &BTreeMap<NodeIndex, Size>,
    arrangement: Arrangement,
) -> Layout {
    let branches = forest(graph, sizes);
    let mut boxes = BTreeMap::new();
    match arrangement {
        Arrangement::Down => layers(&branches, GAP_DOWN, &mut boxes),
        Arrangement::Right => {
            let turned: Vec<Branch> = branches.iter().map(Branch::turned).collect();
            layers(&turned, GAP_RIGHT, &mut boxes);
            for placed in boxes.values_mut() {
                *placed = Placed { x: placed.y, y: placed.x, size: placed.size.turned() };
            }
        }
        Arrangement::Outline => {
            let mut y = 0;
            for branch in &branches {
                branch.outline(0, &mut y, &mut boxes);
            }
        }
    }
    let width = boxes.values().map(|placed| placed.x + placed.size.width).max().unwrap_or_default();
    let height = boxes.values().map(|placed| placed.y + placed.size.height).max().unwrap_or_default();
    Layout { arrangement, boxes, size: Size { width, height } }
}

/// The graph as trees: every node once, in the order of the text.
fn forest(graph: &CausalGraph, sizes: &BTreeMap<NodeIndex, Size>) -> Vec<Branch> {
    let mut seen = BTreeSet::new();
    let is_root = |node: &NodeIndex| graph.0.edges_directed(*node, Direction::Incoming).next().is_none();
    let roots: Vec<NodeIndex> = graph.0.node_indices().filter(is_root).collect();
    // What is left over hangs together in a ring.
    let all: Vec<NodeIndex> = roots.into_iter().chain(graph.0.node_indices()).collect();
    all.into_iter().filter_map(|root| branch(graph, sizes, root, &mut seen)).collect()
}

fn branch(
    graph: &CausalGraph,
    sizes: &BTreeMap<NodeIndex, Size>,
    node: NodeIndex,
    seen: &mut BTreeSet<NodeIndex>,
) -> Option<Branch> {
    if !seen.insert(node) {
        return None;
    }
    let mut edges: Vec<_> = graph.0.edges_directed(node, Direction::Outgoing).collect();
    edges.sort_by_key(|edge| (*edge.weight(), edge.target()));
    let targets = edges.iter().map(EdgeRef::target);
    let children = targets.filter_map(|target| branch(graph, sizes, target, seen)).collect();
    let size = sizes.get(&node).copied().unwrap_or(Size { width: 0, height: 0 });
    Some(Branch { node, size, children })
}

impl Size {
    fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

impl Branch {
    fn turned(&self) -> Self {
        let children = self.children.iter().map(Self::turned).collect();
        Self { node: self.node, size: self.size.turned(), children }
    }

    fn depth(&self) -> usize {
        1 + self.children.iter().map(Self::depth).max().unwrap_or_default()
    }

    /// The highest box of each layer.
    fn heights(&self, layer: usize, heights: &mut [i32]) {
        if let Some(height) = heights.get_mut(layer) {
            *height = (*height).max(self.size.height);
        }
        for child in &self.children {
            child.heights(layer + 1, heights);
        }
    }

    fn below(&self) -> i32 {
        breadth(&self.children)
    }

    fn breadth(&self) -> i32 {
        self.size.width.max(self.below())
    }

    /// Puts the box in the middle above what hangs on it.
    fn place(&self, left: i32, layer: usize, starts: &[i32], boxes: &mut BTreeMap<NodeIndex, Placed>) {
        let breadth = self.breadth();
        let y = starts.get(layer).copied().unwrap_or_default();
        let x = left + (breadth - self.size.width) / 2;
        boxes.insert(self.node, Placed { x, y, size: self.size });
        let mut left = left + (breadth - self.below()) / 2;
        for child in &self.children {
            child.place(left, layer + 1, starts, boxes);
            left += child.breadth() + GAP_BETWEEN;
        }
    }

    fn outline(&self, x: i32, y: &mut i32, boxes: &mut BTreeMap<NodeIndex, Placed>) {
        boxes.insert(self.node, Placed { x, y: *y, size: self.size });
        *y += self.size.height + GAP_OUTLINE;
        for child in &self.children {
            child.outline(x + INDENT, y, boxes);
        }
    }
}

fn breadth(branches: &[Branch]) -> i32 {
    let gaps = i32::try_from(branches.len().saturating_sub(1)).unwrap_or(i32::MAX);
    branches.iter().map(Branch::breadth).fold(gaps.saturating_mul(GAP_BETWEEN), i32::saturating_add)
}

fn layers(branches: &[Branch], gap: i32, boxes: &mut BTreeMap<NodeIndex, Placed>) {
    let depth = branches.iter().map(Branch::depth).max().unwrap_or_default();
    let mut heights = vec![0; depth];
    for branch in branches {
        branch.heights(0, &mut heights);
    }
    let mut start = 0;
    let starts: Vec<i32> = heights
        .iter()
        .map(|height| {
            let own = start;
            start += height + gap;
            own
        })
        .collect();
    let mut left = 0;
    for branch in branches {
        branch.place(left, 0, &starts, boxes);
        left += branch.breadth() + GAP_BETWEEN;
    }
}

#[cfg(test)]
mod tests {
    use petgraph::graph::DiGraph;

    use super::*;
    use crate::diagnose::{EdgeKind, GraphNode, NodeKind};

    /// A graph with these edges, and boxes of different sizes.
    fn graph(nodes: usize, edges: &[(usize, usize)]) -> (CausalGraph, BTreeMap<NodeIndex, Size>) {
        let mut graph = DiGraph::new();
        let node = |number: usize| GraphNode {
            id: number.to_string(),
            kind: NodeKind::Finding,
            label: String::new(),
        };
        let indices: Vec<NodeIndex> = (0..nodes).map(|number| graph.add_node(node(number))).collect();
        for (from, to) in edges {
            graph.add_edge(indices[*from], indices[*to], EdgeKind::Because);
        }
        let size = |at: usize| {
            let at = i32::try_from(at).unwrap();
            Size { width: 80 + at * 37 % 120, height: 40 + at * 23 % 90 }
        };
        (CausalGraph(graph), indices.iter().enumerate().map(|(at, index)| (*index, size(at))).collect())
    }

    fn check(nodes: usize, edges: &[(usize, usize)]) {
        let (graph, sizes) = graph(nodes, edges);
        for arrangement in [Arrangement::Down, Arrangement::Right, Arrangement::Outline] {
            let layout = layout(&graph, &sizes, arrangement);
            assert_eq!(layout.boxes.len(), nodes, "{arrangement:?}");
            let boxes: Vec<&Placed> = layout.boxes.values().collect();
            for (number, one) in boxes.iter().enumerate() {
                assert!(one.x >= 0 && one.x + one.size.width <= layout.size.width, "{arrangement:?} {one:?}");
                assert!(
                    one.y >= 0 && one.y + one.size.height <= layout.size.height,
                    "{arrangement:?} {one:?}"
                );
                for other in &boxes[number + 1..] {
                    let beside = one.x + one.size.width <= other.x || other.x + other.size.width <= one.x;
                    let below = one.y + one.size.height <= other.y || other.y + other.size.height <= one.y;
                    assert!(beside || below, "{arrangement:?}: {one:?} and {other:?}");
                }
            }
        }
    }

    #[test]
    fn boxes_never_cover_each_other() {
        check(0, &[]);
        check(1, &[]);
        check(6, &[(0, 1), (0, 2), (1, 3), (1, 4), (1, 5)]);
        check(9, &[(0, 1), (0, 2), (0, 3), (0, 4), (4, 5), (5, 6), (6, 7), (7, 8)]);
    }

    /// The chain is a tree; were it none, nothing may be lost and nothing may go on for ever.
    #[test]
    fn what_is_no_tree_is_drawn_all_the_same() {
        check(4, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        check(3, &[(0, 1), (1, 2), (2, 0)]);
        check(2, &[(0, 0), (0, 1), (1, 0)]);
    }

    #[test]
    fn the_call_stands_in_the_middle_over_what_hangs_on_it() {
        let (graph, sizes) = graph(3, &[(0, 1), (0, 2)]);
        let same = sizes.keys().map(|index| (*index, Size { width: 100, height: 50 })).collect();
        let down = layout(&graph, &same, Arrangement::Down);
        let at: Vec<(i32, i32)> = down.boxes.values().map(|placed| (placed.x, placed.y)).collect();
        let below = 50 + GAP_DOWN;
        assert_eq!(at, [(62, 0), (0, below), (124, below)]);
        let right = layout(&graph, &same, Arrangement::Right);
        assert_eq!(right.size, Size { width: 200 + GAP_RIGHT, height: 124 });
    }
}
