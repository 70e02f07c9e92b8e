//! Evidence from a bundle, an example, or bare events.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::bail;
use jiff::Timestamp;
use why_denied::bundle::{self, FileTree, Folder, Severity};
use why_denied::evidence::{Evidence, Gap};
use why_denied::sources::aws::lookup::history::Denied;
use why_denied::sources::aws::{Purpose, Receiver, Region, Search, Step};
use why_denied::sources::{Form, Item, Options, read_paths};
use why_denied::trail::Event;
use why_denied::trail::change::PolicyChange;
use why_denied::trail::denial::{Denial, DenialClass, classify};
use why_denied::trail::request::reconstruct;
use why_denied::trail::session::SessionIssue;

use crate::args::ExplainArgs;
use crate::failure::Hinted;
use crate::live;
use crate::output::say;
use crate::progress::Progress;
use crate::query::{self, Ids};

/// Successful calls are kept only up to this number: they serve to compare, and a trail can have millions.
const MAX_OTHER_EVENTS: usize = 100_000;

/// What was read, and whether anything could not be.
pub struct Gathered {
    pub evidence: Evidence,
    pub problems: usize,
    /// Some events came from a form that has no error message.
    pub incomplete_form: bool,
}

/// Reads everything that the arguments name.
pub fn gather(args: &ExplainArgs) -> anyhow::Result<Gathered> {
    let mut gathered = match (&args.bundle, &args.example) {
        (Some(folder), _) => from_folder(folder)?,
        (None, Some(name)) => from_example(name)?,
        (None, None) => Gathered { evidence: Evidence::default(), problems: 0, incomplete_form: false },
    };
    if !args.events.is_empty() || args.source.names_a_place() {
        read_events(args, &mut gathered)?;
        gathered.evidence.sort_events();
    }
    Ok(gathered)
}

fn from_folder(folder: &Path) -> anyhow::Result<Gathered> {
    if !folder.is_dir() {
        bail!("`{}` is not a folder", folder.display());
    }
    from_tree(&Folder::new(folder))
}

fn from_example(name: &str) -> anyhow::Result<Gathered> {
    let Some(tree) = bundle::example(name) else {
        let names = bundle::examples();
        return Err(Hinted {
            message: format!("there is no example `{name}`"),
            hint: format!("the examples are {}", names.join(", ")),
            usage: true,
        }
        .into());
    };
    from_tree(&tree)
}

fn from_tree(tree: &dyn FileTree) -> anyhow::Result<Gathered> {
    let loaded = bundle::read(tree);
    for problem in &loaded.problems {
        let word = if problem.severity() == Severity::Warning { "warning" } else { "error" };
        say(&format!("{word}: {problem}"));
        if let Some(hint) = problem.hint() {
            say(&format!("hint: {hint}"));
        }
    }
    if let Some(problem) = loaded.fatal() {
        bail!("the bundle cannot be read: {problem}");
    }
    let problems = loaded.problems.iter().filter(|problem| problem.severity() != Severity::Warning).count();
    Ok(Gathered { evidence: loaded.evidence, problems, incomplete_form: false })
}

/// Reads the files, and the place in AWS, that the arguments name.
fn read_events(args: &ExplainArgs, gathered: &mut Gathered) -> anyhow::Result<()> {
    let mut keeper = Keeper {
        gathered,
        progress: Progress::new(),
        principal: args.narrowing.principal.clone(),
        others: 0,
        dropped: 0,
        found: false,
    };
    let _ = read_paths(&args.events, Options { only_denials_hint: false }, &mut |item| keeper.item(item));
    let mut gaps = Vec::new();
    if args.source.names_a_place() {
        let now = Timestamp::now();
        let search = search(args, now)?;
        gaps = live::read(&args.source, &args.connection, &search, now, &mut keeper)?.gaps;
    }
    keeper.finish(gaps);
    Ok(())
}

/// What is looked for in AWS.
pub fn search(args: &ExplainArgs, now: Timestamp) -> anyhow::Result<Search> {
    // Several ids are no narrower than the window.
    let only = |ids: &[String]| if let [id] = ids { Some(id.clone()) } else { None };
    let ids = Ids { event: only(&args.event_id), request: only(&args.request_id) };
    query::search(&args.source, &args.narrowing, ids, Purpose::Explanation, now)
}

/// Keeps what an explanation may need.
struct Keeper<'g> {
    gathered: &'g mut Gathered,
    progress: Progress,
    principal: Option<String>,
    others: usize,
    dropped: usize,
    found: bool,
}

impl Keeper<'_> {
    fn keep(&mut self, event: Event) {
        let class = classify(&event);
        // Whose denial it is, is decided with care later; here it is about waiting for more or not.
        let by = |principal: &String| event.raw.contains(principal.as_str());
        self.found |= class == Some(DenialClass::Denied) && self.principal.as_ref().is_none_or(by);
        if !is_needed(&event, class) {
            if self.others >= MAX_OTHER_EVENTS {
                self.dropped += 1;
                return;
            }
            self.others += 1;
        }
        self.gathered.evidence.events.push(event);
    }

    fn finish(self, gaps: Vec<Gap>) {
        self.progress.finish();
        let gathered = self.gathered;
        for gap in &gaps {
            gathered.problems += 1;
            say(&format!("warning: not read: {}: {}", gap.what, gap.why));
        }
        gathered.evidence.gaps.extend(gaps);
        if self.dropped > 0 {
            gathered.evidence.gaps.push(Gap {
                what: format!("{} successful calls", self.dropped),
                why: format!("only the first {MAX_OTHER_EVENTS} were kept for comparison"),
            });
        }
    }
}

impl Receiver for Keeper<'_> {
    fn item(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Record(record) => {
                self.progress.tick();
                self.gathered.incomplete_form |= record.form == Form::EventHistoryCsv;
                match Event::from_json(&record.json) {
                    Ok(event) => self.keep(event),
                    Err(error) => {
                        self.gathered.problems += 1;
                        say(&format!("warning: {}: {error}", record.origin));
                    }
                }
            }
            Item::Problem(problem) => {
                self.gathered.problems += usize::from(!problem.is_note());
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
        self.found
    }

    fn denied(&self) -> Vec<Denied> {
        // One denial often has many events; the last of them knows of most changes.
        let mut kinds = BTreeMap::new();
        for denied in self.gathered.evidence.events.iter().filter_map(denied) {
            let kind = (denied.session_key.clone(), denied.region.clone(), denied.service.clone());
            let last = kinds.entry(kind).or_insert_with(|| denied.clone());
            last.time = last.time.max(denied.time);
        }
        // The lookups are slow.
        kinds.into_values().take(MAX_DENIED).collect()
    }
}

/// How many kinds of denials are looked behind.
const MAX_DENIED: usize = 3;

/// What the lookups need to know of a denial.
fn denied(event: &Event) -> Option<Denied> {
    let denial = Denial::from_event(event).filter(|denial| denial.class == DenialClass::Denied)?;
    let reconstruction = reconstruct(event, &denial);
    let action = reconstruction
        .attempts
        .first()
        .map_or(reconstruction.surface.action, |attempt| attempt.request.action.to_string());
    let key = event.user_identity.access_key_id.clone();
    Some(Denied {
        time: event.event_time?,
        region: event.aws_region.as_deref().and_then(|region| Region::parse(region).ok()),
        session_key: key.filter(|key| key.starts_with("ASIA")),
        by_role: event.user_identity.kind.as_deref() == Some("AssumedRole"),
        service: action.split(':').next().unwrap_or_default().to_owned(),
    })
}

/// Denials, sessions and policy changes are always kept.
fn is_needed(event: &Event, class: Option<DenialClass>) -> bool {
    class.is_some() || SessionIssue::from_event(event).is_some() || PolicyChange::from_event(event).is_some()
}
