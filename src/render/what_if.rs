//! What an edit would do, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{TextOptions, printable};
use crate::diagnose::{Outcome, WhatIf};
use crate::evaluate::Layer;

const NOT_JUDGED: &str = "Only the denied requests were evaluated again, with the policies as they were read. \
                          What else the edit opens or closes is not judged here.";

/// A line or a few for each denied request.
pub fn what_if_text(policies: &[&str], found: &[WhatIf], options: TextOptions) -> String {
    let mut out = format!("With the edit of {}\n", printable(&policies.join(", ")));
    for one in found {
        let on = one.denied.resource.as_deref().map(|arn| format!(" on {arn}")).unwrap_or_default();
        let request = format!("{}{on} for {}", one.denied.action, one.principal);
        let (word, reasons) = match &one.outcome {
            Outcome::Allowed => ("allowed", Vec::new()),
            Outcome::AllowedAlready => {
                let why = "these policies allow it without the edit too: something else refused it, or it was fixed since";
                ("allowed already", vec![why.to_owned()])
            }
            Outcome::Denied { by, text } => ("still denied", vec![format!("by {}: {text}", titles(by))]),
            Outcome::Undetermined(gaps) => {
                ("undetermined", gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect())
            }
        };
        let _ = writeln!(out, "  {word}: {}", printable(&request));
        for reason in reasons {
            out.push_str(&wrapped(&format!("- {reason}"), "    ", options));
        }
    }
    if found.is_empty() {
        out.push_str("  nothing that was asked for was denied\n");
    }
    out.push('\n');
    out.push_str(&wrapped(NOT_JUDGED, "", options));
    out
}

fn wrapped(text: &str, indent: &str, options: TextOptions) -> String {
    let hanging = format!("{indent}{}", if indent.is_empty() { "" } else { "  " });
    let wrap = textwrap::Options::new(options.width.clamp(40, 100)).initial_indent(indent);
    let wrap = wrap.subsequent_indent(&hanging).break_words(false);
    let wrap = wrap.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(&printable(text), wrap.word_separator(textwrap::WordSeparator::AsciiSpace)) + "\n"
}

fn titles(layers: &[Layer]) -> String {
    layers.iter().map(|layer| layer.title()).collect::<Vec<_>>().join(", ")
}

/// The answers as JSON, version 1.
pub fn what_if_json(policies: &[&str], found: &[WhatIf]) -> Value {
    let requests: Vec<Value> = found.iter().map(one_json).collect();
    json!({ "version": 1, "edited": policies, "requests": requests, "not_judged": NOT_JUDGED })
}

fn one_json(one: &WhatIf) -> Value {
    let (outcome, by, text, gaps) = match &one.outcome {
        Outcome::Allowed => ("allowed", None, None, None),
        Outcome::AllowedAlready => ("allowed-already", None, None, None),
        Outcome::Denied { by, text } => ("denied", Some(by), Some(text), None),
        Outcome::Undetermined(gaps) => ("undetermined", None, None, Some(gaps)),
    };
    let names: Vec<&str> = by.into_iter().flatten().map(|layer| layer.name()).collect();
    let gaps: Vec<Value> =
        gaps.into_iter().flatten().map(|gap| json!({ "what": gap.what, "why": gap.why })).collect();
    json!({
        "event_ids": one.event_ids,
        "event_time": one.event_time.map(|time| time.to_string()),
        "principal": one.principal,
        "denied": { "action": one.denied.action, "resource": one.denied.resource },
        "outcome": outcome,
        "denied_by": names,
        "text": text,
        "not_checked": gaps,
    })
}
