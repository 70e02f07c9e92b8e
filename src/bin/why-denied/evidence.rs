//! Evidence from a bundle, an example, or bare events.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::bail;
use why_denied::bundle::{self, BundleProblem, FileTree, Folder, Severity};
use why_denied::evidence::{Evidence, Gap};
use why_denied::sources::{Form, Item, Options, read_paths};
use why_denied::trail::Event;
use why_denied::trail::change::PolicyChange;
use why_denied::trail::denial::classify;
use why_denied::trail::session::SessionIssue;

use crate::failure::Hinted;
use crate::output::say;
use crate::progress::Progress;

/// Successful calls are kept only up to this number: they serve to compare, and a trail can have millions.
const MAX_OTHER_EVENTS: usize = 100_000;

/// What was read, and whether anything could not be.
pub struct Gathered {
    pub evidence: Evidence,
    pub problems: usize,
    /// Some events came from a form that has no error message.
    pub incomplete_form: bool,
}

/// Where evidence is.
pub struct Places<'a> {
    pub bundle: Option<&'a Path>,
    pub events: &'a [PathBuf],
    pub example: Option<&'a str>,
}

impl Places<'_> {
    pub fn are_none(&self) -> bool {
        self.bundle.is_none() && self.events.is_empty() && self.example.is_none()
    }
}

/// Reads everything that is there.
pub fn gather(places: &Places<'_>) -> anyhow::Result<Gathered> {
    let mut gathered = match (places.bundle, places.example) {
        (Some(folder), _) => from_folder(folder)?,
        (None, Some(name)) => from_example(name)?,
        (None, None) => Gathered { evidence: Evidence::default(), problems: 0, incomplete_form: false },
    };
    if !places.events.is_empty() {
        read_events(places.events, &mut gathered);
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

/// Evidence out of the files of a bundle.
pub fn from_tree(tree: &dyn FileTree) -> anyhow::Result<Gathered> {
    let loaded = bundle::read(tree);
    loaded.problems.iter().for_each(say_problem);
    if let Some(problem) = loaded.fatal() {
        bail!("the bundle cannot be read: {problem}");
    }
    let problems = loaded.problems.iter().filter(|problem| problem.severity() != Severity::Warning).count();
    Ok(Gathered { evidence: loaded.evidence, problems, incomplete_form: false })
}

/// Says what is wrong with a bundle.
pub fn say_problem(problem: &BundleProblem) {
    let word = if problem.severity() == Severity::Warning { "warning" } else { "error" };
    say(&format!("{word}: {problem}"));
    if let Some(hint) = problem.hint() {
        say(&format!("hint: {hint}"));
    }
}

fn read_events(paths: &[PathBuf], gathered: &mut Gathered) {
    let mut progress = Progress::new();
    let (mut others, mut dropped) = (0_usize, 0_usize);
    let _ = read_paths(paths, Options { only_denials_hint: false }, &mut |item| {
        match item {
            Item::Record(record) => {
                progress.tick();
                gathered.incomplete_form |= record.form == Form::EventHistoryCsv;
                match Event::from_json(&record.json) {
                    Ok(event) if is_needed(&event) => gathered.evidence.events.push(event),
                    Ok(event) if others < MAX_OTHER_EVENTS => {
                        others += 1;
                        gathered.evidence.events.push(event);
                    }
                    Ok(_) => dropped += 1,
                    Err(error) => {
                        gathered.problems += 1;
                        say(&format!("warning: {}: {error}", record.origin));
                    }
                }
            }
            Item::Problem(problem) => {
                gathered.problems += usize::from(!problem.is_note());
                say(&format!("warning: {problem}"));
                if let Some(hint) = problem.hint() {
                    say(&format!("hint: {hint}"));
                }
            }
            Item::Skipped { .. } => {}
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    if dropped > 0 {
        gathered.evidence.gaps.push(Gap {
            what: format!("{dropped} successful calls"),
            why: format!("only the first {MAX_OTHER_EVENTS} were kept for comparison"),
        });
    }
}

/// Denials, sessions and policy changes are always kept.
fn is_needed(event: &Event) -> bool {
    classify(event).is_some()
        || SessionIssue::from_event(event).is_some()
        || PolicyChange::from_event(event).is_some()
}
