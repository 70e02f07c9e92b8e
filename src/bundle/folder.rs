//! A bundle in a folder on disk.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::layout::{FOLDERS, MANIFEST, ORGANIZATION};
use super::{BundleProblem, FileTree, Listing};

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The bundle in this folder. Nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path from the bundle's folder on, as it is written inside a bundle.
    fn inside(&self, path: &Path) -> Option<String> {
        let parts = path.strip_prefix(&self.root).ok()?.iter();
        let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
        parts.map(|parts| parts.join("/"))
    }

    fn file(&self, entry: &DirEntry) -> Result<Option<String>, BundleProblem> {
        let Some(file) = self.inside(entry.path()) else {
            return Err(BundleProblem::FileName { file: entry.path().display().to_string() });
        };
        // A link in a bundle from somebody else may lead to a file of this machine that is nobody's business.
        if entry.path_is_symlink() && entry.depth() > 0 {
            return Err(BundleProblem::Link { file });
        }
        Ok(entry.file_type().is_file().then_some(file))
    }
}

/// What lies beside the files and folders of a bundle (a `.git`, say) is not looked at.
fn may_belong(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    entry.depth() != 1
        || name == MANIFEST
        || name == ORGANIZATION
        || FOLDERS.iter().any(|folder| name == *folder)
}

impl FileTree for Folder {
    fn list(&self) -> Listing {
        let mut listing = Listing::default();
        for entry in WalkDir::new(&self.root).into_iter().filter_entry(may_belong) {
            match entry {
                Ok(entry) => match self.file(&entry) {
                    Ok(file) => listing.files.extend(file),
                    Err(problem) => listing.problems.push(problem),
                },
                Err(error) => listing.problems.push(unlisted(&self.root, error)),
            }
        }
        listing
    }

    fn read(&self, file: &str, at_most: u64) -> io::Result<Cow<'_, [u8]>> {
        let mut bytes = Vec::new();
        File::open(self.root.join(file))?.take(at_most).read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }
}

fn unlisted(root: &Path, error: walkdir::Error) -> BundleProblem {
    let folder = error.path().unwrap_or(root).display().to_string();
    if error.depth() == 0 {
        return BundleProblem::NoFolder { folder, source: error.into() };
    }
    BundleProblem::List { folder, source: error.into() }
}
