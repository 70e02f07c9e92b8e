//! `why-denied denials`

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use why_denied::render::{DenialRow, DenialTally, listing_json, listing_table_rows};
use why_denied::sources::aws::{Purpose, Receiver, Step};
use why_denied::sources::{Form, Item, Options, Record, read_paths};
use why_denied::trail::Event;
use why_denied::trail::denial::{Denial, DenialClass};
use why_denied::trail::request::reconstruct;

use crate::args::{DenialsArgs, ListFormat};
use crate::failure::Exit;
use crate::output::{print, print_json, say};
use crate::place;
use crate::progress::Progress;
use crate::query::{self, Ids};
use crate::time::moment;

pub fn run(args: &DenialsArgs) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let mut tally = Tally {
        since: moment(args.narrowing.since.as_deref(), now)?,
        until: moment(args.narrowing.until.as_deref(), now)?,
        wanted: args.narrowing.principal.clone(),
        ..Tally::default()
    };
    let mut gaps = Vec::new();
    if args.source.names_a_place() {
        let search = query::search(&args.source, &args.narrowing, Ids::default(), Purpose::Denials, now)?;
        if args.source.print_sql {
            print(&query::sql(&args.source, &search)?)?;
            return Ok(Exit::Success);
        }
        let outcome = place::read(&args.source, &args.connection, &search, now, &mut tally)?;
        gaps = outcome.gaps;
        for gap in &gaps {
            say(&format!("warning: not read: {}: {}", gap.what, gap.why));
        }
    }
    let bundle = args.bundle.iter().map(|folder| folder.join("events"));
    let paths: Vec<PathBuf> = args.paths.iter().cloned().chain(bundle).collect();
    let _ = read_paths(&paths, Options { only_denials_hint: true }, &mut |item| tally.item(item));
    tally.progress.finish();
    tally.count_summaries();
    match args.format {
        ListFormat::Json => print_json(&listing_json(&tally.rows, &gaps))?,
        ListFormat::Text if tally.rows.is_empty() && !gaps.is_empty() => {
            print("no denials in what could be read\n")?;
        }
        ListFormat::Text => print(&table(&tally.rows))?,
    }
    Ok(if tally.problems > 0 || !gaps.is_empty() { Exit::Partly } else { Exit::Success })
}

/// Denials, counted as they come.
#[derive(Default)]
struct Tally {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    wanted: Option<String>,
    rows: BTreeMap<DenialRow, DenialTally>,
    seen: HashSet<String>,
    /// Rows of a table of the console count only if no file has the whole event.
    summaries: Vec<Event>,
    problems: usize,
    progress: Progress,
}

impl Tally {
    fn record(&mut self, record: &Record) {
        self.progress.tick();
        let event = match Event::from_json(&record.json) {
            Ok(event) => event,
            Err(error) => {
                self.problems += 1;
                say(&format!("warning: {}: {error}", record.origin));
                return;
            }
        };
        let in_window = event.event_time.is_none_or(|time| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until)
        });
        if record.form == Form::EventHistoryCsv {
            self.summaries.extend(in_window.then_some(event));
            return;
        }
        let is_new = event.event_id.clone().is_none_or(|id| self.seen.insert(id));
        if in_window && is_new {
            count(&mut self.rows, &event, self.wanted.as_deref());
        }
    }

    fn count_summaries(&mut self) {
        for event in std::mem::take(&mut self.summaries) {
            if event.event_id.clone().is_none_or(|id| self.seen.insert(id)) {
                count(&mut self.rows, &event, self.wanted.as_deref());
            }
        }
    }
}

impl Receiver for Tally {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Record(record) => self.record(&record),
            Item::Problem(problem) => {
                self.problems += usize::from(!problem.is_note());
                say(&format!("warning: {problem}"));
                if let Some(hint) = problem.hint() {
                    say(&format!("hint: {hint}"));
                }
            }
            Item::Skipped { .. } => {}
        }
        ControlFlow::Continue(())
    }

    fn step(&mut self, step: &Step) {
        self.progress.step(step);
    }

    fn has_found(&self) -> bool {
        !self.rows.is_empty()
    }
}

fn count(rows: &mut BTreeMap<DenialRow, DenialTally>, event: &Event, wanted: Option<&str>) {
    let Some(denial) = Denial::from_event(event).filter(|denial| denial.class == DenialClass::Denied) else {
        return;
    };
    let row = row(event, &denial);
    if wanted.is_some_and(|wanted| !is_by(event, &row, wanted)) {
        return;
    }
    let tally = rows.entry(row).or_default();
    let time = event.event_time.map(|time| time.to_string());
    tally.count += 1;
    if tally.first.is_none() || time.is_some() && time < tally.first {
        tally.first.clone_from(&time);
    }
    if time > tally.last {
        tally.last = time;
    }
}

fn row(event: &Event, denial: &Denial) -> DenialRow {
    let reconstruction = reconstruct(event, denial);
    let attempt = reconstruction.attempts.first();
    DenialRow {
        principal: event
            .user_identity
            .arn
            .clone()
            .or_else(|| denial.caller.principal.as_ref().map(ToString::to_string))
            .or_else(|| event.user_identity.user_name.clone())
            .or_else(|| event.user_identity.principal_id.clone()),
        action: attempt.map_or(reconstruction.surface.action, |attempt| attempt.request.action.to_string()),
        resource: attempt
            .and_then(|attempt| attempt.resource.text().map(str::to_owned))
            .or_else(|| denial.resource_in_message.clone()),
        error_code: denial.code.clone(),
        reason: denial
            .message
            .as_ref()
            .and_then(why_denied::trail::message::DenialMessage::reason_name)
            .map(str::to_owned),
    }
}

fn is_by(event: &Event, row: &DenialRow, wanted: &str) -> bool {
    let identity = &event.user_identity;
    let issuer = identity.session_issuer();
    let names = [
        row.principal.as_deref(),
        identity.user_name.as_deref(),
        identity.access_key_id.as_deref(),
        identity.principal_id.as_deref(),
        issuer.and_then(|issuer| issuer.arn.as_deref()),
        issuer.and_then(|issuer| issuer.user_name.as_deref()),
    ];
    names.into_iter().flatten().any(|name| name == wanted || name.rsplit('/').next() == Some(wanted))
}

fn table(rows: &BTreeMap<DenialRow, DenialTally>) -> String {
    let total: u64 = rows.values().map(|tally| tally.count).sum();
    if rows.is_empty() {
        return "no denials\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["COUNT", "LAST", "PRINCIPAL", "ACTION", "RESOURCE", "REASON"]);
    table.add_rows(listing_table_rows(rows));
    let plural = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!("{table}\n\n{} in {}\n", plural(total, "denial"), plural(rows.len() as u64, "group"))
}
