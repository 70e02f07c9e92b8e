//! Repairs of every lesson: good ones, ones that open too much, ones in the wrong place, ones without effect.
//!
//! `repairs/NAME.toml` has the edits and what they are worth, written from the story before they were run.

use std::collections::BTreeSet;

use serde::Deserialize;
use why_denied::bundle::Folder;
use why_denied::lessons::{Aim, Case, Edit, Judgement, SideEffect, judge, judge_evidence, judgement};
use why_denied::render::TextOptions;

use crate::program::in_project;
use crate::{cases, edit, written};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repairs {
    repair: Vec<Repair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repair {
    name: String,
    expect: String,
    /// Words of what the learner reads.
    #[serde(default)]
    mentions: Vec<String>,
    edit: Vec<Edit>,
}

fn repairs(case: &Case) -> Vec<Repair> {
    let path = in_project("tests/lessons/repairs").join(format!("{}.toml", case.lesson.name));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str::<Repairs>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).repair
}

/// The word of the files in `repairs/` for a judgement.
fn word(case: &Case, found: &Judgement) -> &'static str {
    match found {
        Judgement::Unchanged { .. } => "unchanged",
        Judgement::Damaged(_) => "damaged",
        Judgement::Refused(_) => "refused",
        Judgement::Denied(denied) => match denied.aim {
            Aim::Elsewhere { .. } => "elsewhere",
            Aim::OtherLayer { .. } => "other-layer",
            Aim::RefusingLayer => "denied",
        },
        Judgement::Undetermined(_) | Judgement::Allowed { .. } if !case.lesson.has_repair() => "no-solution",
        Judgement::Undetermined(_) => "undetermined",
        Judgement::Allowed { beside } if beside.is_empty() => "solved",
        Judgement::Allowed { beside } if beside.iter().any(SideEffect::opens) => "wide",
        Judgement::Allowed { .. } => "narrow",
    }
}

fn told(case: &Case, found: &Judgement) -> String {
    judgement(case, found, TextOptions { width: 100, colour: false })
}

#[test]
fn every_repair_is_judged_as_the_story_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        for repair in repairs(&case) {
            let folder = written(&case.lesson);
            edit(folder.path(), &repair.edit);
            let found = judge(&case, &Folder::new(folder.path()));
            let told = told(&case, &found);
            let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
            let missing: Vec<_> =
                repair.mentions.iter().filter(|word| !flat.contains(word.as_str())).collect();
            if word(&case, &found) != repair.expect || !missing.is_empty() {
                wrong.push(format!(
                    "{}: {}: {} instead of {}, without {missing:?}\n{told}",
                    case.lesson.name,
                    repair.name,
                    word(&case, &found),
                    repair.expect
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are judged otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_lesson_has_repairs_of_every_kind() {
    for case in cases() {
        let kinds: BTreeSet<String> = repairs(&case).into_iter().map(|repair| repair.expect).collect();
        let has = |kind: &str| kinds.contains(kind);
        let name = &case.lesson.name;
        if case.lesson.has_repair() {
            assert!(has("solved") && has("wide") && has("denied"), "{name}: {kinds:?}");
            // Nobody can break what worked, or write what AWS refuses, and be told that it is solved.
            assert!(has("narrow"), "{name}: {kinds:?}");
            assert!(has("other-layer") || has("elsewhere"), "{name}: {kinds:?}");
        } else {
            assert!((has("denied") || has("other-layer")) && has("no-solution"), "{name}: {kinds:?}");
        }
    }
}

#[test]
fn the_repair_of_the_lesson_and_the_remedy_of_the_tool_solve_it() {
    let mut remedies = 0;
    for case in cases().into_iter().filter(|case| case.lesson.has_repair()) {
        let name = &case.lesson.name;
        let folder = written(&case.lesson);
        edit(folder.path(), &case.lesson.repair);
        let found = judge(&case, &Folder::new(folder.path()));
        assert_eq!(word(&case, &found), "solved", "{name}: {}", told(&case, &found));
        if let Some(world) = case.remedied() {
            let found = judge_evidence(&case, &world);
            assert_eq!(word(&case, &found), "solved", "{name}: {}", told(&case, &found));
            remedies += 1;
        }
        assert!(case.repaired().is_some(), "{name}: its repair does not fit its bundle");
    }
    // Where a Deny stands, or a condition, the tool has only advice.
    assert!(remedies >= 6, "{remedies}");
}

#[test]
fn nothing_edited_is_unchanged_and_so_is_other_white_space() {
    for case in cases() {
        let folder = written(&case.lesson);
        assert_eq!(
            judge(&case, &Folder::new(folder.path())),
            Judgement::Unchanged { records: Vec::new() },
            "{}",
            case.lesson.name
        );
        for entry in walkdir::WalkDir::new(folder.path().join("accounts")) {
            let path = entry.unwrap().into_path();
            if path.is_file() {
                let value: serde_json::Value =
                    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                std::fs::write(&path, value.to_string()).unwrap();
            }
        }
        assert_eq!(
            judge(&case, &Folder::new(folder.path())),
            Judgement::Unchanged { records: Vec::new() },
            "{}",
            case.lesson.name
        );
    }
}

/// Without the event there is no denial to be seen; that is no repair.
#[test]
fn taking_the_events_away_solves_nothing() {
    for case in cases() {
        let folder = written(&case.lesson);
        std::fs::remove_dir_all(folder.path().join("events")).unwrap();
        let found = judge(&case, &Folder::new(folder.path()));
        assert!(matches!(found, Judgement::Unchanged { .. }), "{}: {found:?}", case.lesson.name);
        let told = told(&case, &found).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("that is a record of what happened"), "{told}");
    }
}

/// What is unknown is neither allowed nor denied.
#[test]
fn taking_the_policies_away_solves_nothing() {
    for case in cases() {
        let folder = written(&case.lesson);
        std::fs::remove_dir_all(folder.path().join("accounts")).unwrap();
        let found = judge(&case, &Folder::new(folder.path()));
        assert!(!matches!(found, Judgement::Allowed { .. }), "{}: {found:?}", case.lesson.name);
    }
}

/// Every file of every lesson, cut short or broken in the middle: a place is named, and nothing is judged.
#[test]
fn a_broken_file_is_named_with_its_place() {
    let mut broken = 0;
    for case in cases() {
        let folder = written(&case.lesson);
        for entry in walkdir::WalkDir::new(folder.path().join("accounts")) {
            let path = entry.unwrap().into_path();
            if !path.is_file() {
                continue;
            }
            let whole = std::fs::read(&path).unwrap();
            let half = &whole[..whole.len() / 2];
            for text in [half, b"".as_slice(), b"{\"a\": ]".as_slice(), b"\xff\xfe".as_slice()] {
                std::fs::write(&path, text).unwrap();
                let found = judge(&case, &Folder::new(folder.path()));
                let Judgement::Damaged(problems) = &found else {
                    panic!("{}: {} is judged: {found:?}", case.lesson.name, path.display());
                };
                let file = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
                assert!(
                    problems.iter().any(|problem| problem.text.contains(&format!("{file}:"))),
                    "{problems:?}"
                );
                broken += 1;
            }
            std::fs::write(&path, &whole).unwrap();
        }
    }
    assert!(broken > 100, "{broken}");
}
