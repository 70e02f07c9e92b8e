//! The course: every lesson is true, every wrong repair is recognised, and the program can be gone through by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

mod content;
mod notebook;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod program;
mod repairs;
mod tutorial;
mod walk;
mod watch;

use std::path::Path;

use why_denied::lessons::{Case, Edit, Lesson, course, files};

/// Every lesson, opened.
fn cases() -> Vec<Case> {
    let course = course().unwrap();
    assert!(course.len() >= 12, "{} lessons", course.len());
    course.into_iter().map(|lesson| Case::open(lesson).unwrap()).collect()
}

/// A learner's folder.
fn written(lesson: &Lesson) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, bytes) in files(lesson) {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// Edits files as an editor does. An edit that fits nowhere, or in two places, is a mistake of the test.
fn edit(folder: &Path, edits: &[Edit]) {
    for edit in edits {
        let path = folder.join(&edit.file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(&edit.old).count(), 1, "{}: {}", edit.file, edit.old);
        std::fs::write(path, text.replacen(&edit.old, &edit.new, 1)).unwrap();
    }
}
