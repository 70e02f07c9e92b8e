//! Bundles written to disk.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use why_denied::bundle::{Draft, Existing, Folder, Manifest, StoreError, example, examples, read, store};
use why_denied::diagnose::{Selection, diagnose};
use why_denied::evidence::Scope;
use why_denied::render::{TextOptions, report, text};

/// The whole answer about a bundle.
fn answer(tree: &dyn why_denied::bundle::FileTree) -> String {
    let loaded = read(tree);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let scope = loaded.evidence.scope.clone();
    let diagnoses = diagnose(&loaded.evidence, &Selection { scope, ..Selection::default() });
    let printed = text(&diagnoses, TextOptions { width: 100, colour: false });
    printed + &serde_json::to_string(&report(&diagnoses)).unwrap()
}

fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    (place, folder)
}

/// A bundle that was made for somebody.
fn made_for(principal: &str) -> Draft {
    let scope = Scope { principal: Some(principal.to_owned()), ..Scope::default() };
    Draft::new(&Manifest { scope, ..Manifest::default() })
}

#[track_caller]
fn check_is_of(folder: &Path, principal: &str) {
    assert_eq!(read(&Folder::new(folder)).evidence.scope.principal.as_deref(), Some(principal));
}

/// Nothing is left of the folder in which the files were written.
#[track_caller]
fn check_nothing_left(place: &TempDir, expected: &[&str]) {
    let mut names: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, expected);
}

#[test]
fn the_answer_is_the_same_before_and_after() {
    for name in examples() {
        let before = answer(&example(name).unwrap());
        let (draft, problems) = Draft::copy(&example(name).unwrap());
        assert!(problems.is_empty());
        assert_eq!(answer(&draft), before, "{name}");
        let (place, folder) = place();
        store(&draft, &folder, Existing::Keep).unwrap();
        assert_eq!(answer(&Folder::new(&folder)), before, "{name}");
        check_nothing_left(&place, &["bundle"]);
    }
}

#[test]
fn what_is_there_is_not_lost() {
    let (place, folder) = place();
    store(&made_for("alice"), &folder, Existing::Keep).unwrap();
    let refused = store(&made_for("bob"), &folder, Existing::Keep);
    assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
    check_is_of(&folder, "alice");
    store(&made_for("bob"), &folder, Existing::Replace).unwrap();
    check_is_of(&folder, "bob");
    fs::write(folder.join("notes.md"), "mine").unwrap();
    let refused = store(&made_for("carol"), &folder, Existing::Replace);
    assert!(matches!(refused, Err(StoreError::OtherFiles { .. })), "{refused:?}");
    check_is_of(&folder, "bob");
    check_nothing_left(&place, &["bundle"]);
}

#[test]
fn what_is_no_bundle_is_not_replaced() {
    let (place, folder) = place();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.tex"), "").unwrap();
    let refused = store(&made_for("alice"), &folder, Existing::Replace);
    assert!(matches!(refused, Err(StoreError::NotABundle(_))), "{refused:?}");
    let file = folder.join("thesis.tex");
    let refused = store(&made_for("alice"), &file, Existing::Replace);
    assert!(matches!(refused, Err(StoreError::NotAFolder(_))), "{refused:?}");
    assert!(file.is_file());
    check_nothing_left(&place, &["bundle"]);
}

#[test]
fn an_empty_folder_is_filled_and_folders_above_are_made() {
    let (place, folder) = place();
    fs::create_dir(&folder).unwrap();
    store(&made_for("alice"), &folder, Existing::Keep).unwrap();
    check_is_of(&folder, "alice");
    let deep = place.path().join("a/b");
    store(&made_for("alice"), &deep, Existing::Keep).unwrap();
    check_is_of(&deep, "alice");
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing() {
    let (place, folder) = place();
    // `events/a` would have to be a file and a folder.
    let mut draft = made_for("alice");
    draft.add_event("a", "{}").unwrap();
    let tree = Both(draft.paths());
    let (draft, problems) = Draft::copy(&tree);
    assert!(problems.is_empty());
    let refused = store(&draft, &folder, Existing::Keep);
    assert!(matches!(refused, Err(StoreError::Write { .. })), "{refused:?}");
    assert!(!folder.exists());
    check_nothing_left(&place, &[]);
}

/// A tree in which every file is a folder with a file too, as no disk can have it.
struct Both(Vec<String>);

impl why_denied::bundle::FileTree for Both {
    fn list(&self) -> why_denied::bundle::Listing {
        let inner =
            self.0.iter().filter(|file| file.starts_with("events/")).map(|file| format!("{file}/x.json"));
        let files = self.0.iter().cloned().chain(inner).collect();
        why_denied::bundle::Listing { files, problems: Vec::new() }
    }

    fn read(&self, _: &str, _: u64) -> std::io::Result<std::borrow::Cow<'_, [u8]>> {
        Ok(std::borrow::Cow::Borrowed(b"{}"))
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_place, folder) = place();
    store(&Draft::copy(&example("s3-kms-download").unwrap()).0, &folder, Existing::Keep).unwrap();
    for entry in walkdir::WalkDir::new(&folder) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let expected = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{}", entry.path().display());
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_replaced() {
    let (_place, folder) = place();
    let link = folder.with_file_name("link");
    store(&made_for("alice"), &folder, Existing::Keep).unwrap();
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let refused = store(&made_for("bob"), &link, Existing::Replace);
    assert!(matches!(refused, Err(StoreError::NotAFolder(_))), "{refused:?}");
    check_is_of(&folder, "alice");
}
