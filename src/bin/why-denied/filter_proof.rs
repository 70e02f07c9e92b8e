//! `why-denied filter make`: the pattern, and what it does to given events.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde_json::{Value, json};
use why_denied::filter::{Finding, LintCode, Made, lint};
use why_denied::render::{TriedEvent, printable};

use crate::args::ListFormat;
use crate::failure::{Exit, Hinted};
use crate::filter::each_event;
use crate::filter_args::MakeArgs;
use crate::output::{print, print_json, say};

/// What a pattern does to events.
#[derive(Debug, Default)]
struct Proof {
    events: u64,
    kept: u64,
    uncertain: u64,
    /// By exclusion, event name and caller.
    dropped: BTreeMap<(String, String, String), u64>,
}

pub fn make(args: &MakeArgs) -> anyhow::Result<Exit> {
    let made = args.wish().make().map_err(|error| {
        let hint = error.hint().to_owned();
        let usage = !matches!(error, why_denied::filter::MakeError::TooLong { .. });
        Hinted { message: error.to_string(), hint, usage }
    })?;
    let mut proof = Proof::default();
    let all_read = each_event(&args.events, &mut |event, record| {
        proof.add(&made, event, &record.json);
        ControlFlow::Continue(())
    });
    for finding in remarks(&made) {
        say(&format!("note: {} [{}]", finding.text, finding.code));
    }
    match args.format {
        ListFormat::Text => {
            let shown = if args.events.is_empty() { String::new() } else { proof.text() };
            print(&format!("{}\n{shown}", made.pattern.text()))?;
        }
        ListFormat::Json => {
            let proof = if args.events.is_empty() { Value::Null } else { proof.json() };
            let text = made.pattern.text();
            print_json(&json!({
                "version": 1, "pattern": text, "characters": text.chars().count(), "proof": proof,
            }))?;
        }
    }
    Ok(if all_read { Exit::Success } else { Exit::Partly })
}

/// What is to be known even of a pattern that is safe.
fn remarks(made: &Made) -> Vec<Finding> {
    let mut findings = lint(&made.pattern);
    findings.retain(|finding| finding.code == LintCode::DiffersFromSecurityHub);
    findings
}

impl Proof {
    fn add(&mut self, made: &Made, event: &TriedEvent, json: &str) {
        self.events += 1;
        if !made.without_exclusions.test(json).matches {
            return;
        }
        let outcome = made.pattern.test(json);
        self.uncertain += u64::from(!event.is_complete || !outcome.doubts.is_empty());
        if outcome.matches {
            self.kept += 1;
            return;
        }
        for exclusion in made.exclusions.iter().filter(|exclusion| !exclusion.keeps.test(json).matches) {
            let name = event.event_name.clone().unwrap_or_default();
            let caller = event.caller.clone().unwrap_or_default();
            *self.dropped.entry((exclusion.what.clone(), name, caller)).or_default() += 1;
        }
    }

    fn text(&self) -> String {
        let mut out = format!("\nof {} events: {} kept\n", self.events, self.kept);
        for ((what, name, caller), count) in &self.dropped {
            let line = format!("  {count} dropped for {what}: {name} by {caller}");
            let _ = writeln!(out, "{}", printable(&line));
        }
        if self.dropped.is_empty() {
            out.push_str("  none dropped by an exclusion\n");
        }
        if self.uncertain > 0 {
            let _ = writeln!(out, "  {} not certain: the export has not all fields", self.uncertain);
        }
        out
    }

    fn json(&self) -> Value {
        let dropped: Vec<Value> = self
            .dropped
            .iter()
            .map(|((what, name, caller), count)| {
                json!({ "exclusion": what, "event_name": name, "caller": caller, "count": count })
            })
            .collect();
        json!({ "events": self.events, "kept": self.kept, "uncertain": self.uncertain, "dropped": dropped })
    }
}
