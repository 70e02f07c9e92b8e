//! The answer as text: three lines, then the chain, the deciding statement, what would help, what was not seen.

use std::fmt::Write as _;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use termtree::Tree;

use super::diff::unified;
use super::{authorization_details, excerpt, printable};
use crate::diagnose::{Certainty, Diagnosis, EdgeKind, FindingCode, GraphNode, Remedy, Standing};
use crate::evaluate::Layer;
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
    for line in first_lines(diagnosis) {
        let _ = writeln!(out, "{}", printable(&line));
    }
    section(out, "Chain", &chain(diagnosis));
    more_findings(out, diagnosis, options);
    let with_excerpt = |finding: &&crate::diagnose::Finding| finding.excerpt.is_some();
    if let Some(finding) = diagnosis.findings.iter().find(with_excerpt)
        && let Some(excerpt) = &finding.excerpt
    {
        let nearest = finding.code.as_str().ends_with("no-allow");
        let title = if nearest { "Nearest statement" } else { "Deciding statement" };
        section(out, title, &excerpt::draw(excerpt, options));
    }
    session(out, diagnosis, options);
    remedies(out, diagnosis, options);
    testimony(out, diagnosis, options);
    authorization(out, diagnosis, options);
    not_checked(out, diagnosis, options);
}

/// What was denied, why, and since when, by whom or what to do.
pub(crate) fn first_lines(diagnosis: &Diagnosis) -> [String; 3] {
    let denied = &diagnosis.denied;
    let on = denied
        .resource
        .as_deref()
        .filter(|resource| *resource != "*")
        .map_or(String::new(), |arn| format!(" on {}", short(arn)));
    let hidden = !denied.action.eq_ignore_ascii_case(&diagnosis.surface.action);
    let behind = if hidden {
        let resource = diagnosis.surface.resource.as_deref().filter(|resource| *resource != "*");
        let on = resource.map_or(String::new(), |arn| format!(" {}", short(arn)));
        format!(" (behind {}{on})", diagnosis.surface.action)
    } else {
        String::new()
    };
    let by = behind_session(diagnosis).unwrap_or_default();
    let first = format!("DENIED {}{on} for {}{by}{behind}", denied.action, diagnosis.principal_name);
    let mut second = diagnosis.findings.first().map_or_else(String::new, |finding| finding.text.clone());
    if diagnosis.findings.iter().any(|finding| finding.code == FindingCode::KeyPolicyDelegates) {
        second.push_str(" (the key policy leaves the decision to IAM)");
    }
    if diagnosis.findings.iter().skip(1).any(|finding| finding.code == FindingCode::S3MissingObject) {
        second.push_str(" (S3 asks for it where the object does not exist, to answer 404)");
    }
    let others = diagnosis.denied_by.len().saturating_sub(1);
    if others > 0 && diagnosis.standing == Standing::Proven {
        let names: Vec<&str> = diagnosis.denied_by.iter().skip(1).map(|layer| layer.title()).collect();
        let _ = write!(second, "; also refused by: {}", names.join(", "));
    }
    [first, format!("  {}", shortened(&second)), format!("  {}", shortened(&third_line(diagnosis)))]
}

/// Who asked for the session, and who stands at the beginning.
fn behind_session(diagnosis: &Diagnosis) -> Option<String> {
    let hops = &diagnosis.origin.as_ref()?.hops;
    let (near, far) = (short(without_provider(&hops.first()?.by)), short(without_provider(&hops.last()?.by)));
    let far = if far == near { String::new() } else { format!(", behind it {far}") };
    Some(format!(" (session by {near}{far})"))
}

/// Since when and by whom, and what to do.
fn third_line(diagnosis: &Diagnosis) -> String {
    let mut parts = vec![since(diagnosis)];
    // A session has its policy from whoever asked for it.
    let is_about_session = diagnosis.denied_by.first() == Some(&Layer::Session);
    if let Some(hop) = diagnosis.origin.as_ref().and_then(|origin| origin.hops.first())
        && is_about_session
    {
        let by = short(without_provider(&hop.by));
        parts.push(format!("the session was obtained by {} from {by}", hop.event_name));
    }
    let remedy = diagnosis.remedies.first();
    parts.push(remedy.map_or_else(|| without_remedy(diagnosis).to_owned(), what_to_do));
    let is_guardrail = |layer: &Layer| matches!(layer, Layer::Scp | Layer::Rcp);
    let decided = diagnosis.findings.first().and_then(|finding| finding.layer);
    if decided.as_ref().is_some_and(is_guardrail)
        && !remedy.is_some_and(|remedy| remedy.who.contains("organization"))
    {
        parts.push("only the organization can change the policy".to_owned());
    }
    parts.join("; ")
}

fn since(diagnosis: &Diagnosis) -> String {
    let Some(change) = &diagnosis.introduced_by else {
        let first =
            diagnosis.occurrences.first.map(|time| format!(" (first seen {time})")).unwrap_or_default();
        return format!("since when is not known{first}");
    };
    let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
    let sure = if change.certainty == Certainty::Proven { "since" } else { "probably since" };
    let changed = change.changed.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    format!("{sure} {time}: {}{changed} by {}", change.event_name, person(&change.chain, &change.actor))
}

fn what_to_do(remedy: &Remedy) -> String {
    let start = if remedy.verified && !remedy.is_advice { "fix (verified): " } else { "" };
    let names: Vec<&str> = remedy.next_denied_by.iter().map(|layer| layer.title()).collect();
    let end = match (remedy.is_advice, names.as_slice()) {
        (true, _) => String::new(),
        (false, []) if remedy.is_open => ", which may not be enough".to_owned(),
        (false, []) => String::new(),
        (false, names) => format!(", which alone is not enough: {} refuses it too", names.join(" and ")),
    };
    format!("{}: {start}{}{end}", remedy.who, remedy.text)
}

fn without_remedy(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis.standing {
        Standing::Contradicted => {
            "the policies may have changed since, or were not those; AWS's own message stands below"
        }
        Standing::Proven => "no change of a policy is known that would allow it",
        _ if diagnosis.not_checked.is_empty() => {
            "to explain it, give the policies: why-denied explain --bundle DIR"
        }
        _ => "what is missing to explain it stands under \"Not checked\"",
    }
}

/// The last of the chain is the person, where the chain is known.
fn person(chain: &[String], actor: &str) -> String {
    match chain {
        [first, .., last] => format!("{} (session {})", short(without_provider(last)), short(first)),
        _ => short(actor).to_owned(),
    }
}

/// Who vouched for somebody stands below.
fn without_provider(who: &str) -> &str {
    who.split(" (vouched").next().unwrap_or(who)
}

/// An ARN without what every ARN of the account has in common: enough to recognise, all of it stands below.
fn short(arn: &str) -> &str {
    // Of the account as a whole the rest would be `root`, which is somebody else.
    if crate::arn::Arn::parse(arn).map_or(true, |arn| arn.resource() == "root") {
        return arn;
    }
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// A sentence with short ARNs.
fn shortened(text: &str) -> String {
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
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
    let Some(origin) = &diagnosis.origin else { return };
    let mut items: Vec<String> = origin
        .hops
        .iter()
        .map(|hop| {
            let time = hop.time.map(|time| time.to_string()).unwrap_or_default();
            format!("proven: {} at {time} issued the session's credentials to {}", hop.event_name, hop.by)
        })
        .collect();
    if !origin.complete {
        items.push("not seen: the event that issued the session's credentials".to_owned());
    }
    if let Some(name) = &origin.claimed_name {
        let by_provider = origin.hops.first().is_some_and(|hop| hop.event_name != "AssumeRole");
        let who =
            if by_provider { "the identity provider set" } else { "whoever asked for the session chose" };
        items.push(format!("only claimed: the session name {name}, which {who}"));
    }
    section(out, "Session", &bullets(items.into_iter(), options));
}

fn remedies(out: &mut String, diagnosis: &Diagnosis, options: TextOptions) {
    if diagnosis.remedies.is_empty() {
        return;
    }
    let mut body = Vec::new();
    for remedy in &diagnosis.remedies {
        let check = if remedy.verified && remedy.is_advice {
            "verified: nothing else refuses the request".to_owned()
        } else if remedy.verified {
            "verified: the request is then allowed".to_owned()
        } else if remedy.next_denied_by.is_empty() {
            let open = "whether that is enough is not known";
            if remedy.is_open { open } else { "not tried out" }.to_owned()
        } else {
            let names: Vec<&str> = remedy.next_denied_by.iter().map(|layer| layer.title()).collect();
            format!("then still refused by: {}", names.join(", "))
        };
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
    if let Some(command) = authorization_details::command(&testimony.message)
        && diagnosis.authorization.is_none()
    {
        let said =
            format!("Its details, kept for 24 hours: {command} ({}).", authorization_details::HOW_TO_READ);
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
