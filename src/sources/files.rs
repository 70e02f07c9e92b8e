//! Files and folders on this machine.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::sink::Asked;
use super::stream::read_asked;
use super::{Item, Options, Problem, SkipReason};

/// Reads the events of files and of folders with everything below them, in the order of their names; `-` is
/// standard input. What is not CloudTrail is skipped in folders, and a [`Problem`] if it was asked for by
/// name.
///
/// The answer is `Break` if and only if `on` answered so.
pub fn read_paths(
    paths: &[PathBuf],
    options: Options,
    on: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for path in paths {
        if path == Path::new("-") {
            read_asked(Path::new("standard input"), io::stdin().lock(), Asked::ByName, options, on)?;
        } else if path.is_dir() {
            folder(path, options, on)?;
        } else {
            match File::open(path) {
                Ok(file) => read_asked(path, file, Asked::ByName, options, on)?,
                Err(source) => on(Item::Problem(Problem::Read { path: Arc::from(path.as_path()), source }))?,
            }
        }
    }
    ControlFlow::Continue(())
}

fn folder(path: &Path, options: Options, on: &mut dyn FnMut(Item) -> ControlFlow<()>) -> ControlFlow<()> {
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() => match File::open(entry.path()) {
                Ok(file) => read_asked(entry.path(), file, Asked::InPassing, options, on)?,
                Err(source) => on(Item::Problem(Problem::Read { path: Arc::from(entry.path()), source }))?,
            },
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => on(skipped(entry.path(), SkipReason::NotAFile))?,
            Err(error) => on(unlisted(path, error))?,
        }
    }
    ControlFlow::Continue(())
}

fn skipped(path: &Path, reason: SkipReason) -> Item {
    Item::Skipped { path: Arc::from(path), reason, count: 1 }
}

fn unlisted(root: &Path, error: walkdir::Error) -> Item {
    let path: Arc<Path> = Arc::from(error.path().unwrap_or(root));
    if error.loop_ancestor().is_some() {
        return skipped(&path, SkipReason::SymlinkLoop);
    }
    let source = error.into_io_error().unwrap_or_else(|| io::Error::other("unknown error"));
    Item::Problem(Problem::List { path, source })
}
