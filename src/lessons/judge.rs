//! What a learner's folder is worth: is the request allowed now, and what else changed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;
use super::folder::{MARKER, STORY};
use super::refused::refused;
use super::side_effects::{SideEffect, side_effects};
use crate::bundle::{BundleProblem, FileTree, MAX_FILE, Severity, read};
use crate::diagnose::{Outcome, Reading, consulted, denied_request, readings, what_if_world};
use crate::evaluate::Layer;
use crate::evidence::{Evidence, Gap};
use crate::policy::Effect;

/// The judgement of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// No policy and no other fact was changed.
    Unchanged {
        /// Files that were changed and only say what happened.
        records: Vec<String>,
    },
    /// A file cannot be read.
    Damaged(Vec<Damage>),
    /// AWS would not take these edits, for these reasons.
    Refused(Vec<String>),
    /// The request is still refused.
    Denied(Box<StillDenied>),
    /// It cannot be said any more, for these reasons.
    Undetermined(Vec<Gap>),
    /// The request is allowed.
    Allowed {
        /// What else is different from a good repair; empty is best.
        beside: Vec<SideEffect>,
    },
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong, and where.
    pub text: String,
    /// The line of the file.
    pub line: Option<String>,
}

/// Why a request is still refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillDenied {
    /// The layers that refuse.
    pub by: Vec<Layer>,
    /// The element that decides, in words.
    pub text: String,
    /// What the edits are about.
    pub aim: Aim,
    /// Whether a Deny applies.
    pub is_explicit: bool,
    /// What became of the statements that the learner wrote.
    pub written: Vec<Reading>,
}

/// What an edit that does not help is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// No policy that is asked about this request, which are those that are named.
    Elsewhere {
        /// The files that were edited.
        edited: Vec<String>,
        /// The policies that are asked.
        asked: Vec<String>,
    },
    /// Policies of these layers, and none of them refuses.
    OtherLayer {
        /// The layers.
        touched: Vec<Layer>,
        /// Whether an Allow there would do: in one account either side can allow.
        could_help: bool,
    },
    /// A layer that refuses.
    RefusingLayer,
}

/// Judges an edited copy of a lesson's bundle. Only facts count: what happened is in the events that the program has.
pub fn judge(case: &Case, files: &dyn FileTree) -> Judgement {
    let loaded = read(files);
    let edited = edited_files(case, files);
    let mut damage: Vec<Damage> = edited.gone.iter().map(|file| gone(file)).collect();
    let unread = loaded.problems.iter().filter(|problem| problem.severity() != Severity::Warning);
    damage.extend(unread.map(|problem| damaged(problem, files)));
    if !damage.is_empty() {
        return Judgement::Damaged(damage);
    }
    if edited.facts.is_empty() {
        return Judgement::Unchanged { records: edited.records };
    }
    judged(case, &loaded.evidence, &edited.facts)
}

fn gone(file: &str) -> Damage {
    Damage { text: format!("{file} is not there any more, and what was in it counts"), line: None }
}

fn damaged(problem: &BundleProblem, files: &dyn FileTree) -> Damage {
    let line = problem.place().and_then(|place| {
        let bytes = files.read(&place.file, MAX_FILE).ok()?;
        let line = bytes.split(|byte| *byte == b'\n').nth(place.line.checked_sub(1)?)?;
        Some(String::from_utf8_lossy(line).trim().chars().take(120).collect())
    });
    Damage { text: problem.to_string(), line }
}

/// The files that are others than in the lesson; white space does not count.
struct EditedFiles {
    /// Files with facts: policies, attachments, settings.
    facts: Vec<String>,
    /// Files that tell what happened.
    records: Vec<String>,
    /// Files with facts that are gone.
    gone: Vec<String>,
}

fn edited_files(case: &Case, files: &dyn FileTree) -> EditedFiles {
    let names = |tree: &dyn FileTree| -> BTreeSet<String> { tree.list().files.into_iter().collect() };
    let content = |tree: &dyn FileTree, name: &str| {
        let bytes = tree.read(name, MAX_FILE).ok()?;
        Some(serde_json::from_slice::<Value>(&bytes).map_err(|_| bytes.into_owned()))
    };
    let is_fact = |name: &String| name.starts_with("accounts/") || name.starts_with("organization");
    let lesson: BTreeSet<String> =
        super::folder::files(&case.lesson).into_iter().map(|(name, _)| name).collect();
    let found = names(files);
    let is_own = |name: &&String| ![MARKER, STORY].contains(&name.as_str());
    let unlike = |name: &&String| content(&case.bundle, name) != content(files, name);
    let changed: Vec<&String> = lesson.union(&found).filter(is_own).filter(unlike).collect();
    let gone = |name: &&String| is_fact(name) && !found.contains(*name);
    EditedFiles {
        gone: lesson.iter().filter(gone).cloned().collect(),
        facts: changed.iter().filter(|name| is_fact(name)).copied().cloned().collect(),
        records: changed.iter().filter(|name| !is_fact(name)).copied().cloned().collect(),
    }
}

/// Judges facts.
pub fn judge_evidence(case: &Case, edited: &Evidence) -> Judgement {
    judged(case, edited, &[])
}

fn judged(case: &Case, edited: &Evidence, files: &[String]) -> Judgement {
    let refused = refused(&case.evidence, edited);
    if !refused.is_empty() {
        return Judgement::Refused(refused);
    }
    let mut outcomes: Vec<Outcome> =
        what_if_world(&case.evidence, &case.selection, edited).into_iter().map(|one| one.outcome).collect();
    // A repair has to help every repetition of the denial, so the worst counts.
    outcomes.sort_by_key(|outcome| match outcome {
        Outcome::Denied { .. } => 0,
        Outcome::Undetermined(_) => 1,
        Outcome::Allowed | Outcome::AllowedAlready => 2,
    });
    match outcomes.into_iter().next() {
        Some(Outcome::Denied { by, text }) => {
            Judgement::Denied(Box::new(still_denied(case, edited, files, by, text)))
        }
        Some(Outcome::Undetermined(gaps)) => Judgement::Undetermined(gaps),
        Some(Outcome::Allowed | Outcome::AllowedAlready) => {
            Judgement::Allowed { beside: side_effects(case, &case.measures(), edited) }
        }
        None => Judgement::Unchanged { records: Vec::new() },
    }
}

fn still_denied(
    case: &Case,
    edited: &Evidence,
    files: &[String],
    by: Vec<Layer>,
    text: String,
) -> StillDenied {
    let read = |world: &Evidence| readings(&case.evidence, &case.selection, world);
    let (before, now) = (read(&case.evidence), read(edited));
    let is_explicit = now.iter().any(|one| one.effect == Some(Effect::Deny) && one.applies == Some(true));
    let is_new = |one: &Reading| !before.iter().any(|old| old.is_same(one));
    let aim = aim(case, edited, files, &by);
    StillDenied { by, text, aim, is_explicit, written: now.into_iter().filter(is_new).collect() }
}

fn aim(case: &Case, edited: &Evidence, files: &[String], by: &[Layer]) -> Aim {
    let before = consulted(&case.evidence, &case.selection, &case.evidence);
    let after = consulted(&case.evidence, &case.selection, edited);
    let layers: BTreeSet<Layer> = before.keys().chain(after.keys()).copied().collect();
    let touched: Vec<Layer> =
        layers.into_iter().filter(|layer| before.get(layer) != after.get(layer)).collect();
    if touched.is_empty() {
        let asked: BTreeSet<String> = after.into_values().flatten().map(|(name, _)| name).collect();
        Aim::Elsewhere { edited: files.to_vec(), asked: asked.into_iter().collect() }
    } else if touched.iter().any(|layer| case.refusing().contains(layer) || by.contains(layer)) {
        Aim::RefusingLayer
    } else {
        Aim::OtherLayer { could_help: could_help(case, &touched, by), touched }
    }
}

/// Whether the side of the resource was edited and could allow alone: caller and resource are of one account. The side of
/// the caller cannot, where it allows already and the resource's policy has the first word.
fn could_help(case: &Case, touched: &[Layer], by: &[Layer]) -> bool {
    let of_resource = |layer: &Layer| matches!(layer, Layer::Resource | Layer::KmsGrant);
    let grants = |layer: &Layer| *layer == Layer::Identity || of_resource(layer);
    let in_one_account = denied_request(&case.evidence, &case.selection).is_some_and(|request| {
        let owner = request.resource.owner();
        owner.is_some() && owner == request.principal.account()
    });
    in_one_account && touched.iter().any(of_resource) && by.iter().all(grants)
}
