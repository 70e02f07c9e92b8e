//! The layers of the library are kept by this test: nobody keeps them by good will.
//!
//! The table is in `layers.rs`. The checker itself is tested on `fixture/`, a small tree that breaks every rule; what
//! it must find there is written behind the line, `//~ rule`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod layers;
mod rules;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use rules::check;

/// Above this a file has to be split.
const LONGEST: usize = 500;
/// Above this it is worth a look.
const LONG: usize = 400;

#[test]
fn the_layers_are_kept() {
    let checked = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), LONGEST);
    for (file, lines) in checked.lengths.iter().filter(|(_, lines)| **lines > LONG) {
        println!("src/{file} has {lines} lines of code");
    }
    let violations: Vec<String> = checked
        .violations
        .iter()
        .map(|found| format!("src/{}:{}: {}: {}", found.file, found.line, found.rule, found.text))
        .collect();
    assert!(violations.is_empty(), "{} violations\n{}", violations.len(), violations.join("\n"));
}

/// An exception that nobody uses any more is a hole in the table.
#[test]
fn every_exception_is_used() {
    let checked = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), LONGEST);
    for (one, other, reason) in layers::NEIGHBOURS {
        assert!(
            checked.uses.contains(&((*one).to_owned(), (*other).to_owned())),
            "{one} does not use {other}: {reason}"
        );
    }
}

#[test]
fn a_tree_that_breaks_every_rule_is_found_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/architecture/fixture");
    let checked = check(&folder, 30);
    let found: BTreeSet<(String, usize, String)> = checked
        .violations
        .iter()
        .map(|found| (found.file.clone(), found.line, found.rule.to_owned()))
        .collect();
    assert_eq!(found, planted(&folder), "{:#?}", checked.violations);
}

/// What is written behind the lines of the fixture.
fn planted(folder: &Path) -> BTreeSet<(String, usize, String)> {
    let mut planted = BTreeSet::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let file = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
        for (number, line) in std::fs::read_to_string(entry.path()).unwrap().lines().enumerate() {
            let rules = line.split_once("//~").map_or("", |(_, rules)| rules);
            planted.extend(rules.split_whitespace().map(|rule| (file.clone(), number + 1, rule.to_owned())));
        }
    }
    planted
}
