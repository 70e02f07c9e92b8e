//! Every worked denial under `tests/catalogue/` and `policies/examples/` gives the answer that was written down before it was run, and no
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

/// A worked denial: a bundle with the answer that was written down before.
struct Story {
    name: String,
    folder: PathBuf,
    /// It comes with the program.
    is_example: bool,
}

/// All worked denials: those of the catalogue, and the examples that come with the program.
fn stories() -> Vec<Story> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stories: Vec<Story> = [("tests/catalogue", false), ("policies/examples", true)]
        .into_iter()
        .flat_map(|(folder, is_example)| {
            let entries = std::fs::read_dir(root.join(folder)).unwrap();
            entries.map(move |entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                Story { name, folder: entry.path(), is_example }
            })
        })
        .filter(|story| story.folder.join("bundle.json").exists())
        .collect();
    stories.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(stories.len() >= 55, "only {} stories", stories.len());
    stories
}

impl Story {
    fn evidence(&self) -> Evidence {
        let loaded = bundle::read(&Folder::new(&self.folder));
        let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", self.name);
        loaded.evidence
    }

    fn expected(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.join("expected.json")).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        value["diagnoses"].as_array().unwrap().clone()
    }
}

fn diagnosed(evidence: &Evidence) -> Vec<Diagnosis> {
    diagnose(evidence, &Selection { scope: evidence.scope.clone(), event_ids: BTreeSet::new() })
}
