//! The bundles in `policies/examples`, which the program carries with it.

use std::borrow::Cow;
use std::io;

use include_dir::{Dir, include_dir};

use super::{FileTree, Listing};

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/policies/examples");

/// A folder in the program.
#[derive(Debug, Clone)]
pub struct Embedded {
    folder: &'static Dir<'static>,
}

/// The names of the examples, sorted.
pub fn examples() -> Vec<&'static str> {
    let mut names: Vec<_> = EXAMPLES.dirs().filter_map(|folder| folder.path().to_str()).collect();
    names.sort_unstable();
    names
}

/// The example of this name.
///
/// ```
/// use why_denied::bundle::{example, examples, read};
///
/// for name in examples() {
///     let loaded = read(&example(name).unwrap());
///     assert!(loaded.problems.is_empty());
/// }
/// ```
pub fn example(name: &str) -> Option<Embedded> {
    // A name with a `/` would be a folder inside an example.
    let folder = EXAMPLES.dirs().find(|folder| folder.path().to_str() == Some(name))?;
    Some(Embedded { folder })
}

impl Embedded {
    /// The text of a file, such as `README.md`.
    pub fn text(&self, file: &str) -> Option<&'static str> {
        self.folder.get_file(self.folder.path().join(file))?.contents_utf8()
    }

    fn collect(&self, folder: &Dir<'static>, files: &mut Vec<String>) {
        let paths = folder.files().filter_map(|file| file.path().strip_prefix(self.folder.path()).ok());
        let parts = paths.map(|path| path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>());
        files.extend(parts.map(|parts| parts.join("/")));
        for inner in folder.dirs() {
            self.collect(inner, files);
        }
    }
}

impl FileTree for Embedded {
    fn list(&self) -> Listing {
        let mut files = Vec::new();
        self.collect(self.folder, &mut files);
        Listing { files, problems: Vec::new() }
    }

    fn read(&self, file: &str, at_most: u64) -> io::Result<Cow<'_, [u8]>> {
        let found = self.folder.get_file(self.folder.path().join(file));
        let bytes = found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?.contents();
        let end = usize::try_from(at_most).map_or(bytes.len(), |at_most| at_most.min(bytes.len()));
        Ok(Cow::Borrowed(bytes.get(..end).unwrap_or(bytes)))
    }
}
