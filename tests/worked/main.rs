//! Every worked denial under `tests/catalogue/` gives the answer that was written down before it was run, and no
//! missing piece of evidence turns the answer into another firm one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

mod answers;
mod missing;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use why_denied::bundle::{self, Folder};
use why_denied::diagnose::{Diagnosis, Selection, diagnose};
use why_denied::evidence::Evidence;

/// Where worked denials are: those that teach best come with the program.
const FOLDERS: [&str; 2] = ["tests/catalogue", "policies/examples"];

/// The names of all worked denials.
fn names() -> Vec<String> {
    let entries = FOLDERS.iter().flat_map(|folder| std::fs::read_dir(in_project(folder)).unwrap());
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 50, "{names:?}");
    // A name stands for one folder.
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    names
}

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folder(name: &str) -> PathBuf {
    let folders = FOLDERS.iter().map(|folder| in_project(folder).join(name));
    folders.into_iter().find(|folder| folder.is_dir()).unwrap()
}

fn evidence(name: &str) -> Evidence {
    let loaded = bundle::read(&Folder::new(folder(name)));
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{name}: {problems:?}");
    loaded.evidence
}

fn expected(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder(name).join("expected.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    value["diagnoses"].as_array().unwrap().clone()
}

fn diagnosed(evidence: &Evidence) -> Vec<Diagnosis> {
    diagnose(evidence, &Selection { scope: evidence.scope.clone(), event_ids: BTreeSet::new() })
}
