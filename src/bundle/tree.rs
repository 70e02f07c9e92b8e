//! Where the files of a bundle come from.

use std::borrow::Cow;
use std::io;

use super::BundleProblem;

/// A folder with files, on disk or in the program.
pub trait FileTree {
    /// All files that may belong to the bundle, in any order. What does not belong may be left out.
    fn list(&self) -> Listing;

    /// The first bytes of a file that was listed, and no more than `at_most` of them.
    fn read(&self, file: &str, at_most: u64) -> io::Result<Cow<'_, [u8]>>;
}

/// The files of a tree.
#[derive(Debug, Default)]
pub struct Listing {
    /// Paths from the bundle's own folder on, with `/` between the parts.
    pub files: Vec<String>,
    /// What could not be listed.
    pub problems: Vec<BundleProblem>,
}
