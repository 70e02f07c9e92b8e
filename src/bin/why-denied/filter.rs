//! `why-denied filter`

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde_json::json;
use why_denied::filter::{Finding, Level, MAX_BYTES, Pattern, explain, lint};
use why_denied::render::{
    FilterTally, TriedEvent, explanation_json, explanation_text, findings_json, findings_text, harmless_json,
    pattern_error_text, tried_json, tried_text,
};
use why_denied::sources::{Item, Options, Record, read_paths};

use crate::args::ListFormat;
use crate::failure::{Exit, Hinted};
use crate::filter_args::{FilterArgs, FilterCommand, PatternArgs, Show, TestArgs};
use crate::filter_proof::make;
use crate::output::{print, print_json, say};
use crate::progress::Progress;

pub fn run(args: &FilterArgs) -> anyhow::Result<Exit> {
    match &args.command {
        FilterCommand::Test(args) => test(args),
        FilterCommand::Explain(args) => explained(args),
        FilterCommand::Lint(args) => linted(args),
        FilterCommand::Make(args) => make(args),
    }
}

/// The pattern as it was typed, or from standard input.
fn text(pattern: &str) -> anyhow::Result<String> {
    if pattern != "-" {
        return Ok(pattern.to_owned());
    }
    let mut text = String::new();
    // One byte more than is read, so that what is too long is seen to be so.
    std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn parsed(text: &str) -> anyhow::Result<Pattern> {
    Pattern::parse(text).map_err(|error| {
        for line in pattern_error_text(text, &error).lines().skip(1) {
            say(line);
        }
        let hint = error.problem.hint().unwrap_or("`why-denied filter --help` shows patterns").to_owned();
        Hinted { message: format!("the pattern cannot be read: {error}"), hint, usage: false }.into()
    })
}

fn test(args: &TestArgs) -> anyhow::Result<Exit> {
    if args.pattern.pattern == "-" && args.events.iter().any(|path| path.as_os_str() == "-") {
        return Err(Hinted {
            message: "the pattern and the events cannot both come from standard input".to_owned(),
            hint: "give one of them as an argument or a file".to_owned(),
            usage: true,
        }
        .into());
    }
    let pattern = parsed(&text(&args.pattern.pattern)?)?;
    for refused in lint(&pattern).iter().filter(|finding| finding.level == Level::Error) {
        say(&format!("warning: AWS refuses this pattern: {} [{}]", refused.text, refused.code));
    }
    let mut tally = FilterTally::default();
    let mut failed = None;
    let is_json = args.pattern.format == ListFormat::Json;
    if is_json {
        print(&format!(
            "{{\"version\":1,\"pattern\":{},\"events\":[",
            harmless_json(&json!(pattern.text()).to_string())
        ))?;
    }
    let mut is_first = true;
    let all_read = each_event(&args.events, &mut |event, record| {
        let outcome = pattern.test(&record.json);
        tally.add(event, &outcome);
        let shown = match args.show {
            Show::All => true,
            Show::Matching => outcome.matches,
            Show::NotMatching => !outcome.matches,
            Show::None => false,
        };
        if !shown {
            return ControlFlow::Continue(());
        }
        let text = if is_json {
            let separator = if is_first { "\n" } else { ",\n" };
            is_first = false;
            format!("{separator}{}", harmless_json(&tried_json(&pattern, event, &outcome).to_string()))
        } else {
            tried_text(&pattern, event, &outcome)
        };
        match print(&text) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if is_json {
        print(&format!("\n],\"summary\":{}}}\n", tally.json()))?;
    } else {
        print(&tally.text())?;
    }
    Ok(if all_read { Exit::Success } else { Exit::Partly })
}

/// Reads events; the answer is whether all of them could be read.
pub fn each_event(paths: &[PathBuf], on: &mut dyn FnMut(&TriedEvent, &Record) -> ControlFlow<()>) -> bool {
    let mut progress = Progress::new();
    let mut all_read = true;
    let _ = read_paths(paths, Options::default(), &mut |item| match item {
        Item::Record(record) => {
            progress.tick();
            on(&tried(&record), &record)
        }
        Item::Problem(problem) => {
            all_read &= problem.is_note();
            say(&format!("warning: {problem}"));
            ControlFlow::Continue(())
        }
        Item::Skipped { .. } => ControlFlow::Continue(()),
    });
    progress.finish();
    all_read
}

fn tried(record: &Record) -> TriedEvent {
    let event: serde_json::Value = serde_json::from_str(&record.json).unwrap_or_default();
    let text = |pointer: &str| event.pointer(pointer).and_then(|value| value.as_str()).map(str::to_owned);
    let caller =
        ["/userIdentity/arn", "/userIdentity/userName", "/userIdentity/invokedBy", "/userIdentity/type"];
    TriedEvent {
        origin: record.origin.to_string(),
        event_id: text("/eventID"),
        event_time: text("/eventTime"),
        event_name: text("/eventName"),
        caller: caller.iter().find_map(|pointer| text(pointer)),
        is_complete: record.form.is_complete(),
    }
}

fn explained(args: &PatternArgs) -> anyhow::Result<Exit> {
    let explanation = explain(&parsed(&text(&args.pattern)?)?);
    match args.format {
        ListFormat::Text => print(&explanation_text(&explanation))?,
        ListFormat::Json => print_json(&explanation_json(&explanation))?,
    }
    Ok(Exit::Success)
}

/// A pattern that cannot be read is a finding too. The exit code says whether there is more than notes.
fn linted(args: &PatternArgs) -> anyhow::Result<Exit> {
    let text = text(&args.pattern)?;
    let findings = match Pattern::parse(&text) {
        Ok(pattern) => lint(&pattern),
        Err(error) => vec![Finding::unreadable(&error)],
    };
    match args.format {
        ListFormat::Text => print(&findings_text(&findings))?,
        ListFormat::Json => print_json(&findings_json(&text, &findings))?,
    }
    let is_fine = findings.iter().all(|finding| finding.level == Level::Note);
    Ok(if is_fine { Exit::Success } else { Exit::Partly })
}
