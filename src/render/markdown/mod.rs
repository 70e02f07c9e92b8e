//! The answer as Markdown, to be pasted into an issue or a chat.
//!
//! Source: <https://github.github.com/gfm/>

mod escape;

use std::fmt::Write as _;

use self::escape::{code, fenced, prose, row};
use super::diff::unified;
use super::{TextOptions, answer, authorization_details, excerpt, mermaid, timeline};
use crate::diagnose::{CallRef, Diagnosis, Dossier, Timeline};
use crate::evidence::Gap;

/// Columns of an excerpt: code in an issue is scrolled beyond.
const COLUMNS: usize = 100;
/// So many changes are listed.
const MAX_CHANGES: usize = 30;
/// So many lines of a diff.
const MAX_LINES: usize = 200;

/// All denials; `unread` is what could not be read in the whole run, which counts where nothing was denied in the rest.
pub fn markdown(dossiers: &[Dossier], unread: &[Gap]) -> String {
    if dossiers.is_empty() && unread.iter().any(Gap::hides_events) {
        return format!(
            "Nothing that was asked for was denied in what could be read. Not checked:\n\n{}",
            gaps(unread)
        );
    }
    if dossiers.is_empty() {
        return "Nothing that was asked for was denied.\n".to_owned();
    }
    let parts: Vec<String> = dossiers.iter().map(one).collect();
    parts.join("\n---\n\n")
}

fn one(dossier: &Dossier) -> String {
    let diagnosis = &dossier.diagnosis;
    let mut out = String::new();
    let [first, second, third] = answer::first_lines(diagnosis);
    let _ = writeln!(out, "## {}\n\n{}\n\n{}\n", prose(&first), prose(second.trim()), prose(third.trim()));
    facts(&mut out, diagnosis);
    let graph = mermaid(std::slice::from_ref(diagnosis));
    section(&mut out, "Chain", &fenced("mermaid", graph.lines()));
    why(&mut out, diagnosis);
    remedies(&mut out, diagnosis);
    testimony(&mut out, diagnosis);
    if let Some(timeline) = &dossier.timeline {
        changes(&mut out, timeline, diagnosis);
    }
    if let Some(origin) = &diagnosis.origin {
        section(&mut out, "Session", &list(answer::session(origin).iter().map(|item| prose(item))));
    }
    let title = format!("Not checked (standing: {})", diagnosis.standing);
    if diagnosis.not_checked.is_empty() {
        section(&mut out, &title, "nothing that could change this answer\n");
    } else {
        section(&mut out, &title, &gaps(&diagnosis.not_checked));
    }
    out
}

fn section(out: &mut String, title: &str, body: &str) {
    let _ = writeln!(out, "### {title}\n\n{body}");
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |mut out, item| {
        let _ = writeln!(out, "- {item}");
        out
    })
}

fn gaps(gaps: &[Gap]) -> String {
    list(gaps.iter().map(|gap| prose(&format!("{}: {}", gap.what, gap.why))))
}

fn facts(out: &mut String, diagnosis: &Diagnosis) {
    out.push_str("| | |\n| --- | --- |\n");
    let decision = diagnosis.decision.map_or("Undetermined", |decision| decision.name());
    let refused_by: Vec<&str> = diagnosis.denied_by.iter().map(|layer| layer.title()).collect();
    let ids: Vec<String> = diagnosis.event_ids.iter().map(|id| code(id)).collect();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&row(name, &value));
        }
    };
    fact("Caller", code(&diagnosis.principal));
    fact("Call that was made", call(&diagnosis.surface));
    fact("Call that was denied", call(&diagnosis.denied));
    fact("When", prose(&answer::occurrences(diagnosis)));
    fact("Decision", code(decision));
    fact("Refused by", refused_by.join(", "));
    fact("Standing", diagnosis.standing.name().to_owned());
    fact("Events", ids.join(" "));
    out.push('\n');
}

fn call(call: &CallRef) -> String {
    match call.resource.as_deref().filter(|resource| *resource != "*") {
        Some(resource) => format!("{} on {}", code(&call.action), code(resource)),
        None => code(&call.action),
    }
}

fn why(out: &mut String, diagnosis: &Diagnosis) {
    let findings = diagnosis.findings.iter();
    let items = findings.map(|finding| format!("{} `[{}]`", prose(&finding.text), finding.code));
    section(out, "Why", &list(items));
    let options = TextOptions { width: COLUMNS, colour: false };
    for finding in &diagnosis.findings {
        let Some(excerpt) = &finding.excerpt else { continue };
        let drawn = excerpt::draw(excerpt, options);
        let _ = writeln!(out, "{}:\n\n{}", answer::statement_title(finding), fenced("text", drawn.lines()));
    }
}

fn remedies(out: &mut String, diagnosis: &Diagnosis) {
    if diagnosis.remedies.is_empty() {
        return;
    }
    let mut body = String::new();
    for remedy in &diagnosis.remedies {
        let text = format!("{} ({}; {})", remedy.text, remedy.who, answer::outcome(remedy));
        let _ = writeln!(body, "- {}\n", prose(&text));
        if let Some(statement) = &remedy.statement {
            let _ = writeln!(body, "{}", fenced("json", [statement.as_str()]));
        }
        if let Some(addition) = &remedy.addition {
            let lines = unified(&addition.before, &addition.after).unwrap_or_default();
            let lines = lines.iter().map(String::as_str);
            let _ = writeln!(body, "In {}:\n\n{}", code(&addition.policy), fenced("diff", lines));
        }
    }
    section(out, "What would help", body.trim_end_matches('\n').trim_end());
    out.push('\n');
}

fn testimony(out: &mut String, diagnosis: &Diagnosis) {
    let Some(testimony) = &diagnosis.testimony else { return };
    section(out, "AWS's own message", &fenced("text", testimony.text.lines()));
    if let Some(misleads) = testimony.misleads {
        let _ = writeln!(out, "{}.\n", prose(&format!("Beside it: {misleads}")));
    }
    if let Some(said) = answer::where_details_are(diagnosis) {
        let _ = writeln!(out, "{}\n", prose(&said));
    }
    if let Some(authorization) = &diagnosis.authorization {
        let lines = authorization_details::section(authorization);
        section(out, "AWS's authorization details", &fenced("text", lines.iter().map(String::as_str)));
    }
}

/// The change that made it start with its diff, and the others in a line each.
fn changes(out: &mut String, timeline: &Timeline, diagnosis: &Diagnosis) {
    let cause = diagnosis.introduced_by.as_ref().and_then(|change| change.event_id.as_ref());
    let mut body = String::new();
    for entry in timeline.entries.iter().take(MAX_CHANGES) {
        let time = entry.event_time.map_or_else(|| "(no time)".to_owned(), |time| time.to_string());
        let is_cause = cause.is_some() && cause == entry.event_id.as_ref();
        let started = if is_cause { " (made it start)" } else { "" };
        let what = format!("{}: {}, by {}", entry.target, entry.summary, timeline::by(entry));
        let _ = writeln!(body, "- {} {}{started}: {}", code(&time), code(&entry.event_name), prose(&what));
        if let Some(change) = entry.document.as_ref().filter(|_| is_cause) {
            let lines = timeline::document(change);
            let lines = lines.iter().take(MAX_LINES).map(String::as_str);
            let _ = writeln!(body, "\n{}", fenced("diff", lines));
        }
    }
    let more = timeline.entries.len().saturating_sub(MAX_CHANGES);
    if more > 0 {
        let _ = writeln!(body, "- and {more} more");
    }
    if !body.is_empty() {
        section(out, "Changes", &body);
    }
}
