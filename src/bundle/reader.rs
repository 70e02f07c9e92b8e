//! What every part of the reading needs: the files, and where to put what went wrong.

use super::text::Text;
use super::{BundleProblem, FileTree, MAX_FILE, MAX_PROBLEMS};
use crate::evidence::Gap;

/// Reads files and remembers what could not be read.
pub(super) struct Reader<'t> {
    tree: &'t dyn FileTree,
    problems: Vec<BundleProblem>,
    more_problems: usize,
    gaps: Vec<Gap>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(tree: &'t dyn FileTree) -> Self {
        Self { tree, problems: Vec::new(), more_problems: 0, gaps: Vec::new() }
    }

    /// A problem that costs no fact.
    pub(super) fn warn(&mut self, problem: BundleProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    /// A problem that costs a fact.
    pub(super) fn lost(&mut self, what: impl Into<String>, problem: BundleProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.gaps.push(Gap { what: what.into(), why: problem.to_string() });
        }
        self.warn(problem);
    }

    /// A fact that could not be had, without that being a problem of the bundle.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// What was read; if nothing, the fact is lost.
    pub(super) fn keep<T>(&mut self, what: &str, read: Result<T, BundleProblem>) -> Option<T> {
        read.map_err(|problem| self.lost(what, problem)).ok()
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, file: &str) -> Result<std::borrow::Cow<'t, [u8]>, BundleProblem> {
        let read = self.tree.read(file, MAX_FILE + 1);
        let bytes = read.map_err(|source| BundleProblem::Read { file: file.to_owned(), source })?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE) {
            return Err(BundleProblem::TooLarge { file: file.to_owned() });
        }
        Ok(bytes)
    }

    /// The text of a file.
    pub(super) fn text(&mut self, file: &str, what: &str) -> Option<Text> {
        let read = self.bytes(file).and_then(|bytes| Text::new(file, bytes.into_owned()));
        self.keep(what, read)
    }

    /// A fact that is alone in its file.
    pub(super) fn fact<T>(
        &mut self,
        file: &str,
        what: &str,
        read: impl FnOnce(&Text) -> Result<T, BundleProblem>,
    ) -> Option<T> {
        let text = self.text(file, what)?;
        self.keep(what, read(&text))
    }

    /// Everything that went wrong.
    pub(super) fn finish(mut self) -> (Vec<BundleProblem>, Vec<Gap>) {
        if self.more_problems > 0 {
            let problem = BundleProblem::More { count: self.more_problems };
            self.gaps.push(Gap { what: "other facts of the bundle".to_owned(), why: problem.to_string() });
            self.problems.push(problem);
        }
        self.gaps.sort();
        self.gaps.dedup();
        (self.problems, self.gaps)
    }
}
