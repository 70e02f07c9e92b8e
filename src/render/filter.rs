//! Filter patterns, what they say to events, and what is to be known about them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::untrusted::printable;
use crate::filter::{Explanation, Finding, Found, Judgement, Outcome, ParseError, Pattern};

/// Where sentences are broken; patterns never are, so that they can be copied.
const WIDTH: usize = 100;

/// An event that a pattern was tried on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriedEvent {
    /// Where it was found.
    pub origin: String,
    /// Its `eventID`.
    pub event_id: Option<String>,
    /// Its `eventTime`.
    pub event_time: Option<String>,
    /// Its `eventName`.
    pub event_name: Option<String>,
    /// Who called, as far as the event says.
    pub caller: Option<String>,
    /// Whether all fields are there that CloudTrail wrote: if not, one that is missing may be missing here only.
    pub is_complete: bool,
}

/// Whether the answer is firm.
fn is_certain(event: &TriedEvent, outcome: &Outcome) -> bool {
    event.is_complete && outcome.doubts.is_empty()
}

/// An event and the conditions that decided, in a few lines.
pub fn tried_text(pattern: &Pattern, event: &TriedEvent, outcome: &Outcome) -> String {
    let mut out = String::new();
    let parts = [&event.event_time, &event.event_name, &event.caller];
    let known: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let answer = if outcome.matches { "match   " } else { "no match" };
    let _ = writeln!(out, "{answer} {} {}", printable(&event.origin), printable(&known.join(" ")));
    for judgement in outcome.judgements.iter().filter(|judgement| judgement.decides) {
        let _ = writeln!(out, "  {}", printable(&judgement_text(pattern, judgement)));
    }
    for doubt in &outcome.doubts {
        let _ = writeln!(out, "  not certain: {}", doubt.as_str());
    }
    if !event.is_complete {
        out.push_str(
            "  not certain: the export has not all fields, so one that is missing may be missing here only\n",
        );
    }
    out
}

fn judgement_text(pattern: &Pattern, judgement: &Judgement) -> String {
    let holds = if judgement.holds { "holds" } else { "does not hold" };
    format!(
        "column {}: `{}` {holds}: {}",
        pattern.column(judgement.span.start),
        pattern.part(&judgement.span),
        found_text(&judgement.found)
    )
}

fn found_text(found: &Found) -> String {
    match found {
        Found::Missing(path) => format!("there is no {path}"),
        Found::Null => "the field is null".to_owned(),
        Found::Object => "the field is an object".to_owned(),
        Found::Array => "the field is an array".to_owned(),
        Found::Scalar(value) => format!("the event has {value}"),
        Found::Several(count) => format!("the selector finds {count} values"),
        Found::Text(true) => "it is in the event".to_owned(),
        Found::Text(false) => "it is not in the event".to_owned(),
    }
}

/// An event and every condition.
pub fn tried_json(pattern: &Pattern, event: &TriedEvent, outcome: &Outcome) -> Value {
    let conditions: Vec<Value> = outcome
        .judgements
        .iter()
        .map(|judgement| {
            json!({
                "column": pattern.column(judgement.span.start),
                "condition": pattern.part(&judgement.span),
                "holds": judgement.holds,
                "decides": judgement.decides,
                "found": found_text(&judgement.found),
                "doubt": judgement.doubt.map(crate::filter::Doubt::code),
            })
        })
        .collect();
    let doubts: Vec<&str> = outcome.doubts.iter().map(|doubt| doubt.code()).collect();
    json!({
        "origin": event.origin,
        "event_id": event.event_id,
        "event_time": event.event_time,
        "event_name": event.event_name,
        "caller": event.caller,
        "matches": outcome.matches,
        "certain": is_certain(event, outcome),
        "doubts": doubts,
        "conditions": conditions,
    })
}

/// How many events matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilterTally {
    /// All.
    pub events: u64,
    /// Those that match.
    pub matching: u64,
    /// Those whose answer is not firm.
    pub uncertain: u64,
}

impl FilterTally {
    /// Counts one more event.
    pub fn add(&mut self, event: &TriedEvent, outcome: &Outcome) {
        self.events += 1;
        self.matching += u64::from(outcome.matches);
        self.uncertain += u64::from(!is_certain(event, outcome));
    }

    /// One line.
    pub fn text(self) -> String {
        let plural = if self.events == 1 { "" } else { "s" };
        let uncertain = match self.uncertain {
            0 => String::new(),
            count => format!("; {count} not certain"),
        };
        let others = self.events - self.matching;
        format!("{} event{plural}: {} match, {others} do not{uncertain}\n", self.events, self.matching)
    }

    /// The same for machines.
    pub fn json(self) -> Value {
        json!({
            "events": self.events,
            "matching": self.matching,
            "not_matching": self.events - self.matching,
            "uncertain": self.uncertain,
        })
    }
}

/// A pattern in words, as a tree.
pub fn explanation_text(explanation: &Explanation) -> String {
    let mut out = format!("{}\n", printable(&explanation.words));
    for part in &explanation.parts {
        explained(part, 1, &mut out);
    }
    out
}

fn explained(explanation: &Explanation, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(out, "{indent}{} (column {})", printable(&explanation.words), explanation.column);
    if let Some(without) = explanation.without_field {
        let word = |holds: bool| if holds { "holds" } else { "does not hold" };
        let text = match (without.missing, without.null) {
            (missing, null) if missing == null => format!("field missing or null: {}", word(missing)),
            (missing, null) => format!("field missing: {}; null: {}", word(missing), word(null)),
        };
        let _ = writeln!(out, "{indent}  {text}");
    }
    for part in &explanation.parts {
        explained(part, depth + 1, out);
    }
}

/// A pattern in words, for machines.
pub fn explanation_json(explanation: &Explanation) -> Value {
    json!({
        "words": explanation.words,
        "column": explanation.column,
        "holds_if_missing": explanation.without_field.map(|without| without.missing),
        "holds_if_null": explanation.without_field.map(|without| without.null),
        "parts": explanation.parts.iter().map(explanation_json).collect::<Vec<_>>(),
    })
}

/// Findings, one after another.
pub fn findings_text(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing found\n".to_owned();
    }
    let mut out = String::new();
    for finding in findings {
        let line = format!(
            "{}: column {}: {} [{}]",
            finding.level.as_str(),
            finding.column,
            printable(&finding.text),
            finding.code
        );
        let options = textwrap::Options::new(WIDTH)
            .subsequent_indent("  ")
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let _ = writeln!(out, "{}", textwrap::fill(&line, &options));
        if let Some(safe) = &finding.safe_form {
            let _ = writeln!(out, "  write: {}", printable(safe));
        }
        for (word, text) in [("instead", &finding.advice), ("but", &finding.caution)] {
            if let Some(text) = text {
                let options = options.clone().initial_indent("  ").subsequent_indent("    ");
                let line = format!("{word}: {}", printable(text));
                let _ = writeln!(out, "{}", textwrap::fill(&line, options));
            }
        }
    }
    out
}

/// Findings for machines.
pub fn findings_json(text: &str, findings: &[Finding]) -> Value {
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code.as_str(),
                "level": finding.level.as_str(),
                "column": finding.column,
                "part": text.get(finding.span.clone()),
                "text": finding.text,
                "safe_form": finding.safe_form,
                "advice": finding.advice,
                "caution": finding.caution,
            })
        })
        .collect();
    json!({ "version": 1, "pattern": text, "characters": text.chars().count(), "findings": findings })
}

/// The pattern with a mark under the place of an error, if it fits a line.
pub fn pattern_error_text(text: &str, error: &ParseError) -> String {
    let shown = printable(text);
    if shown.len() != text.len() || text.chars().count() > 100 {
        return error.to_string();
    }
    format!("{error}\n  {shown}\n  {}^", " ".repeat(error.column.saturating_sub(1)))
}
