//! The timeline of changes, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::diff::{laid_out, unified};
use super::{TextOptions, printable};
use crate::diagnose::{DocumentChange, DocumentText, Timeline, TimelineEntry};

/// Of a longer document the text shows no more lines; JSON has them all.
const MAX_SHOWN: usize = 60;

/// The timeline as text: an entry for each change, then what could not be seen.
pub fn timeline_text(timeline: &Timeline, options: TextOptions) -> String {
    let mut out = String::new();
    for entry in &timeline.entries {
        one(&mut out, entry);
    }
    if timeline.entries.is_empty() {
        out.push_str("no changes\n\n");
    }
    out.push_str("Not seen\n");
    let width = options.width.clamp(40, 100);
    for gap in &timeline.gaps {
        let text = format!("- {}: {}", gap.what, gap.why);
        let wrap = textwrap::Options::new(width).initial_indent("  ").subsequent_indent("    ");
        let wrap = wrap.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
        let _ = writeln!(out, "{}", textwrap::fill(&printable(&text), wrap));
    }
    if timeline.gaps.is_empty() {
        out.push_str(
            "  nothing is known to be missing; changes before the first event are not in the evidence\n",
        );
    }
    out
}

fn one(out: &mut String, entry: &TimelineEntry) {
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", printable(text));
    };
    let time =
        |time: Option<jiff::Timestamp>| time.map_or_else(|| "(no time)".to_owned(), |time| time.to_string());
    let mut first = format!("{}  {}", time(entry.event_time), entry.event_name);
    if let Some(region) = &entry.region {
        let _ = write!(first, "  {region}");
    }
    if entry.count > 1 {
        let _ = write!(first, "  ({} times, the last at {})", entry.count, time(entry.last_time));
    }
    line(&first);
    line(&format!("  {}: {}", entry.target, entry.summary));
    line(&format!("  by {}", by(entry)));
    for why in &entry.why {
        line(&format!("  listed because {why}"));
    }
    for text in shortened(entry.document.iter().flat_map(document).collect()) {
        line(&format!("    {text}"));
    }
    out.push('\n');
}

/// The actor, and whoever stands behind its sessions.
pub(super) fn by(entry: &TimelineEntry) -> String {
    let mut text = entry.actor.clone();
    for behind in entry.chain.iter().filter(|behind| **behind != entry.actor) {
        let _ = write!(text, ", a session obtained by {behind}");
    }
    if !entry.chain_complete {
        let which = if text == entry.actor { "the session" } else { "that session" };
        let _ = write!(text, " (who obtained {which} is not in the evidence)");
    }
    text
}

/// At most so many lines of a document.
fn shortened(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MAX_SHOWN {
        let more = lines.len() - MAX_SHOWN;
        lines.truncate(MAX_SHOWN);
        lines.push(format!("… {more} more lines: --format json has them"));
    }
    lines
}

/// The text before and after a change: a diff, where both are known.
pub(super) fn document(change: &DocumentChange) -> Vec<String> {
    match (&change.before, &change.after) {
        (DocumentText::Unknown(_) | DocumentText::Hidden, DocumentText::Text(after)) => {
            let mut lines = vec![state("before", &change.before), "after:".to_owned()];
            lines.extend(laid_out(after).lines().map(|text| format!("  {text}")));
            lines
        }
        (DocumentText::Text(before), DocumentText::Unknown(_) | DocumentText::Hidden) => {
            let mut lines = vec![state("after", &change.after), "before:".to_owned()];
            lines.extend(laid_out(before).lines().map(|text| format!("  {text}")));
            lines
        }
        (before, after) => match diff(before, after) {
            Some(lines) if lines.is_empty() => vec!["the text before says the same".to_owned()],
            Some(lines) => lines,
            None => vec![state("before", before), state("after", after)],
        },
    }
}

/// The diff, where both sides are known.
fn diff(before: &DocumentText, after: &DocumentText) -> Option<Vec<String>> {
    let side = |text: &DocumentText| match text {
        DocumentText::Text(text) => Some(text.clone()),
        DocumentText::Nothing => Some(String::new()),
        DocumentText::Hidden | DocumentText::Unknown(_) => None,
    };
    unified(&side(before)?, &side(after)?)
}

fn state(when: &str, text: &DocumentText) -> String {
    match text {
        DocumentText::Text(_) => format!("the text {when} is too long to be compared"),
        DocumentText::Nothing => format!("there was no text {when}"),
        DocumentText::Hidden => format!("the text {when} is not known: CloudTrail hides it"),
        DocumentText::Unknown(why) => format!("the text {when} is not known: {why}"),
    }
}

/// The timeline as JSON, version 1.
pub fn timeline_json(timeline: &Timeline) -> Value {
    let gaps: Vec<Value> =
        timeline.gaps.iter().map(|gap| json!({ "what": gap.what, "why": gap.why })).collect();
    let entries: Vec<Value> = timeline.entries.iter().map(entry_json).collect();
    json!({ "version": 1, "changes": entries, "not_seen": gaps })
}

fn entry_json(entry: &TimelineEntry) -> Value {
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    json!({
        "event_id": entry.event_id,
        "event_time": time(entry.event_time),
        "last_time": time(entry.last_time),
        "count": entry.count,
        "event_source": entry.event_source,
        "event_name": entry.event_name,
        "account": entry.account,
        "region": entry.region,
        "actor": entry.actor,
        "chain": entry.chain,
        "chain_complete": entry.chain_complete,
        "target": entry.target,
        "summary": entry.summary,
        "policy": entry.policy,
        "why": entry.why,
        "document": entry.document.as_ref().map(document_json),
    })
}

fn document_json(change: &DocumentChange) -> Value {
    let side = |text: &DocumentText| match text {
        DocumentText::Text(text) => json!({ "state": "text", "text": text }),
        DocumentText::Nothing => json!({ "state": "none" }),
        DocumentText::Hidden => json!({ "state": "hidden" }),
        DocumentText::Unknown(why) => json!({ "state": "unknown", "why": why }),
    };
    let diff = diff(&change.before, &change.after).map(|lines| lines.join("\n"));
    json!({ "before": side(&change.before), "after": side(&change.after), "diff": diff })
}
