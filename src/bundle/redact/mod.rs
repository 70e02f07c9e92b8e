//! A bundle without the names in it, that gives the same answer.
//!
//! It owns which words are AWS's and stay, and how all others are replaced: account ids, names of people, roles,
//! buckets, keys and everything else, e-mail and network addresses, ids. The same word is always replaced by the same
//! word, and what a pattern matched it still matches. It must not decide anything, and it keeps nothing that it does
//! not know: a text is replaced unless it is known to be AWS's.
//!
//! Start reading at [`redact`]: `found` reads the bundle a first time, `fields` and `policy` know what the members of
//! events and policies hold, `text` takes a text apart, `token` and `address` replace.

mod address;
mod arn;
mod fields;
mod files;
mod found;
mod json;
mod policy;
mod text;
mod token;
mod words;

use std::fmt;

use self::files::Files;
use self::found::Found;
use self::text::Redactor;
use super::{BundleProblem, Draft, DraftError, FileTree};

/// What the replacements are made with. Whoever has it can find out what stands behind a replacement by trying; so it
/// is random, used for one bundle, and forgotten.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of these bytes, which should be random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A bundle with everything replaced that is somebody's.
#[derive(Debug)]
pub struct Redacted {
    /// The bundle.
    pub draft: Draft,
    /// What could not be read, and so is not in it. The bundle has a gap for each.
    pub problems: Vec<BundleProblem>,
}

/// Replaces all names in a bundle. Times, numbers, actions, Regions, and the structure of names (`team-app-prod` has
/// three words) stay, and so do the names of AWS's own things.
///
/// Events come out one a line whatever form they had, and files that are not JSON do not come out at all.
///
/// Answers stay what they were, but for chance: a pattern such as `*s` could match a replacement that ends so. Whoever
/// passes a redacted bundle on should explain both and compare.
pub fn redact(tree: &dyn FileTree, key: &Key) -> Redacted {
    let files = Files::read(tree);
    let mut found = Found::default();
    files.each(&mut |_, json| found.json(json));
    let mut redactor = Redactor::new(key, &found.atoms, found.managed);
    files.redacted(&mut redactor)
}
