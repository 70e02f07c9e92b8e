//! The answer as text: three lines, then the chain, the deciding statement, what would help, what was not seen.

use std::fmt::Write as _;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use termtree::Tree;

use super::diff::unified;
use super::{answer, authorization_details, excerpt, printable};
use crate::diagnose::{Diagnosis, EdgeKind, GraphNode};
use crate::evidence::Gap;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to use colours in excerpts.
    pub colour: bool,
}

/// All diagnoses as text.
pub fn text(diagnoses: &[Diagnosis], options: TextOptions) -> String {
    let mut out = String::new();
    for (number, diagnosis) in diagnoses.iter().enumerate() {
        if number > 0 {
            let _ = writeln!(out, "\n{}\n", "─".repeat(options.width.min(80)));
        }
        one(&mut out, diagnosis, options);
    }
    out
}

/// That nothing was denied in what could be read, and what that was not.
pub fn unread_text(gaps: &[Gap], options: TextOptions) -> String {
    let mut out = String::from("Nothing that was asked for was denied in what could be read\n");
    let items = gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
    section(&mut out, "Not checked", &bullets(items, options));
    out
}

fn one(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    for line in answer::first_lines(diagnosis) {
        let _ = writeln!(out, "{}", printable(&line));
    }
    section(out, "Chain", &chain(diagnosis));
    more_findings(out, diagnosis, options);
    let with_excerpt = |finding: &&crate::diagnose::Finding| finding.excerpt.is_some();
    if let Some(finding) = diagnosis.findings.iter().find(with_excerpt)
        && let Some(excerpt) = &finding.excerpt
    {
        section(out, answer::statement_title(finding), &excerpt::draw(excerpt, options));
    }
    session(out, diagnosis, options);
    remedies(out, diagnosis, options);
    testimony(out, diagnosis, options);
    authorization(out, diagnosis, options);
    not_checked(out, diagnosis, options);
}

fn section(out: &mut String, title: &str, body: &str) {
    let _ = writeln!(out, "\n{title}");
    for line in body.lines() {
        let _ = writeln!(out, "  {}", line.trim_end());
    }
}

fn chain(diagnosis: &Diagnosis) -> String {
    let graph = &diagnosis.graph.0;
    graph.node_indices().next().map_or_else(String::new, |root| tree(graph, root, None).to_string())
}

/// The chain is a tree by construction: every node is reached once.
fn tree(graph: &DiGraph<GraphNode, EdgeKind>, node: NodeIndex, edge: Option<EdgeKind>) -> Tree<String> {
    let label = graph.node_weight(node).map(|node| printable(&node.label).into_owned()).unwrap_or_default();
    let label = edge.map_or_else(|| label.clone(), |edge| format!("{}: {label}", edge.name()));
    let mut edges: Vec<_> = graph.edges_directed(node, Direction::Outgoing).collect();
    edges.sort_by_key(|edge| (*edge.weight(), edge.target()));
    let leaves: Vec<Tree<String>> =
        edges.iter().map(|edge| tree(graph, edge.target(), Some(*edge.weight()))).collect();
    Tree::new(label).with_leaves(leaves)
}

fn wrapped(text: &str, options: TextOptions) -> String {
    let width = options.width.clamp(40, 100).saturating_sub(4);
    // Nothing is broken inside a word: an ARN must stay whole to be copied.
    let wrap =
        textwrap::Options::new(width).break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let wrap = wrap.word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(&printable(text), wrap.subsequent_indent("  "))
}

fn bullets(items: impl Iterator<Item = String>, options: TextOptions) -> String {
    items.map(|item| wrapped(&format!("- {item}"), options)).collect::<Vec<_>>().join("\n")
}

/// Everything found beyond the first line's finding.
fn more_findings(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    if diagnosis.findings.len() < 2 {
        return;
    }
    let items =
        diagnosis.findings.iter().skip(1).map(|finding| format!("{} [{}]", finding.text, finding.code));
    section(out, "Also", &bullets(items, options));
}

fn session(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    if let Some(origin) = &diagnosis.origin {
        section(out, "Session", &bullets(answer::session(origin).into_iter(), options));
    }
}

fn remedies(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    if diagnosis.remedies.is_empty() {
        return;
    }
    let mut body = Vec::new();
    for remedy in &diagnosis.remedies {
        let check = answer::outcome(remedy);
        body.push(wrapped(&format!("- {} ({}; {check})", remedy.text, remedy.who), options));
        if let Some(statement) = &remedy.statement {
            body.push(format!("    {}", printable(statement)));
        }
        if let Some(addition) = &remedy.addition {
            let lines = unified(&addition.before, &addition.after).unwrap_or_default();
            body.push(format!("    in {}:", printable(&addition.policy)));
            body.extend(lines.iter().map(|line| format!("      {}", printable(line))));
        }
    }
    section(out, "What would help", &body.join("\n"));
}

fn testimony(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    let Some(testimony) = &diagnosis.testimony else { return };
    let mut body = wrapped(&testimony.text, options);
    if let Some(misleads) = testimony.misleads {
        body.push('\n');
        body.push_str(&wrapped(&format!("Beside it: {misleads}."), options));
    }
    if let Some(said) = answer::where_details_are(diagnosis) {
        body.push('\n');
        body.push_str(&wrapped(&said, options));
    }
    section(out, "AWS's own message", &body);
}

fn authorization(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    let Some(testimony) = &diagnosis.authorization else { return };
    let lines = authorization_details::section(testimony);
    let body: Vec<String> = lines.iter().map(|line| wrapped(line, options)).collect();
    section(out, "AWS's authorization details", &body.join("\n"));
}

fn not_checked(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    let title = format!("Not checked (standing: {})", diagnosis.standing);
    if diagnosis.not_checked.is_empty() {
        section(out, &title, "nothing that could change this answer");
        return;
    }
    let items = diagnosis.not_checked.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
    section(out, &title, &bullets(items, options));
}
