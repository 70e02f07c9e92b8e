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

/// The folders of the catalogue.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 40, "{names:?}");
    names
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/catalogue").join(name)
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
