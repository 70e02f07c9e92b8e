//! The engine against the npm package `@cloud-copilot/iam-simulate` on random lines.
//!
//! `cargo run --release --example differential -- 100000` compares a hundred thousand; it needs node and npm. A second
//! number is the seed of the first line. With the name of a file of request lines it compares those. The package is run,
//! never read. Every difference must be covered by a row of `known.md`; the others are printed as short as possible, and
//! the command fails.

#![allow(
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that is run by hand"
)]

#[path = "../generator/mod.rs"]
mod generator;
mod oracle;
mod reached;
mod rewrites;
mod rules;

use std::collections::BTreeMap;
use std::process::ExitCode;

use oracle::{Opinion, Oracle};
use serde_json::Value;
use why_denied::evaluate::{Decision, Evaluation, Verdict, explain};
use why_denied::simulate::{ParsedLine, PolicyCache, parse_line};

/// Lines that are sent before the answers are read.
const BATCH: u64 = 256;

/// How many kinds of new differences are cut short and printed.
const SHOWN: usize = 12;

pub fn parse(line: &Value) -> Option<ParsedLine> {
    parse_line(&line.to_string(), &mut PolicyCache::default()).ok()
}

pub fn evaluate(line: &Value) -> Option<Evaluation> {
    parse(line).map(|parsed| explain(&parsed.request, &parsed.policies))
}

/// Whether an answer is one of those that the engine holds possible.
pub fn agrees(engine: &Evaluation, other: Decision) -> bool {
    match &engine.verdict {
        Verdict::Determined(decision) => *decision == other,
        Verdict::Undetermined { possible, .. } => possible.contains(&other),
    }
}

/// How a line compares.
enum Comparison {
    /// The line holds something that the package has no field for, or refuses.
    NotCompared(String),
    /// Both are firm and agree.
    Same(Decision),
    /// The engine is undetermined, and the package's answer is possible.
    Possible,
    /// A row of `known.md` covers the difference.
    Known(Vec<&'static str>),
    /// Nothing covers it.
    New(String),
}

fn compare(line: &Value, opinion: &Opinion, oracle: &mut Oracle) -> Comparison {
    let Some(engine) = evaluate(line) else { return Comparison::NotCompared("not readable".to_owned()) };
    let other = match opinion {
        Opinion::Refused(why) => return Comparison::NotCompared(why.clone()),
        Opinion::Says { decision, .. } => *decision,
    };
    if agrees(&engine, other) {
        return match engine.verdict {
            Verdict::Determined(decision) => Comparison::Same(decision),
            Verdict::Undetermined { .. } => Comparison::Possible,
        };
    }
    match rules::explain(line, &engine, opinion, oracle) {
        Some(names) => Comparison::Known(names),
        None => Comparison::New(format!(
            "engine {:?} by {:?}, package {other}",
            engine.verdict.decision(),
            engine.denied_by().iter().map(|layer| layer.name()).collect::<Vec<_>>()
        )),
    }
}

#[derive(Default)]
struct Counts {
    same: BTreeMap<String, u64>,
    possible: u64,
    known: BTreeMap<String, u64>,
    /// Every row of `known.md`, alone or with others.
    rows: BTreeMap<&'static str, u64>,
    not_compared: BTreeMap<String, u64>,
    new: BTreeMap<String, (u64, Value)>,
}

impl Counts {
    fn add(&mut self, line: Value, comparison: Comparison) {
        match comparison {
            Comparison::NotCompared(why) => *self.not_compared.entry(why).or_default() += 1,
            Comparison::Same(decision) => *self.same.entry(decision.to_string()).or_default() += 1,
            Comparison::Possible => self.possible += 1,
            Comparison::Known(names) => {
                *self.known.entry(names.join(" + ")).or_default() += 1;
                names.into_iter().for_each(|name| *self.rows.entry(name).or_default() += 1);
            }
            Comparison::New(text) => self.new.entry(text).or_insert((0, line)).0 += 1,
        }
    }

    fn print(&self) {
        let section = |title: &str, rows: &BTreeMap<String, u64>| {
            println!("{title}: {}", rows.values().sum::<u64>());
            let mut rows: Vec<_> = rows.iter().collect();
            rows.sort_by_key(|(text, count)| (std::cmp::Reverse(**count), (*text).clone()));
            rows.iter().for_each(|(text, count)| println!("{count:>9}  {text}"));
        };
        section("agree", &self.same);
        println!("engine undetermined, the package's answer possible: {}", self.possible);
        section("known differences", &self.known);
        println!("rows of known.md, alone or with others:");
        rules::names().for_each(|name| println!("{:>9}  {name}", self.rows.get(name).unwrap_or(&0)));
        section("not compared", &self.not_compared);
    }
}

fn main() -> ExitCode {
    rules::check_list();
    let wanted = std::env::args().nth(1).unwrap_or_else(|| "100000".to_owned());
    let given: Option<Vec<Value>> = std::fs::read_to_string(&wanted).ok().map(|text| {
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
    });
    let count = match &given {
        Some(lines) => lines.len() as u64,
        None => wanted.parse().expect("a number of lines, or a file of lines"),
    };
    let first: u64 =
        std::env::args().nth(2).map_or(0, |text| text.parse().expect("the seed of the first line"));
    let line = |index: u64| match &given {
        Some(lines) => lines[index as usize].clone(),
        None => generator::line(first + index),
    };
    let mut oracle = Oracle::start();
    let mut counts = Counts::default();
    let mut reached = reached::Reached::new();
    for start in (0..count).step_by(BATCH as usize) {
        let lines: Vec<Value> = (start..count.min(start + BATCH)).map(line).collect();
        let opinions = oracle.ask(&lines);
        for (line, opinion) in lines.into_iter().zip(opinions) {
            if let Some(engine) = evaluate(&line) {
                reached.add(&line, &engine);
            }
            let comparison = compare(&line, &opinion, &mut oracle);
            counts.add(line, comparison);
        }
    }
    counts.print();
    reached.print();
    let mut new: Vec<_> = counts.new.iter().collect();
    new.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    println!("NEW: {} in {} kinds", new.iter().map(|(_, (count, _))| count).sum::<u64>(), new.len());
    for (text, (count, line)) in new.iter().take(SHOWN) {
        println!("{count} × {text}\n{}", shorten(line, text, &mut oracle));
    }
    if new.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shorten(line: &Value, text: &str, oracle: &mut Oracle) -> Value {
    let oracle = std::cell::RefCell::new(oracle);
    let still = |shorter: &Value| {
        // Without these it would be another question.
        let kept = ["resource", "context_complete"].iter().all(|name| shorter.get(name) == line.get(name));
        if !kept {
            return false;
        }
        let line = shorter;
        let mut oracle = oracle.borrow_mut();
        let opinion = oracle.ask(std::slice::from_ref(line)).remove(0);
        matches!(compare(line, &opinion, &mut oracle), Comparison::New(found) if found == text)
    };
    generator::shrink(line, &still)
}
