//! A bundle that is being made, in memory.
//!
//! It owns which text goes into which file, in the shapes of format 1. It must not interpret what it is given, and it
//! trusts no name: what cannot be the name of a file in a bundle is refused.

mod error;
mod facts;
mod iam;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

pub use error::DraftError;
pub use facts::{BucketFact, KeyFact};
pub use iam::IamList;

use super::layout::{self, Entry, MANIFEST};
use super::{BundleProblem, FileTree, Listing, MAX_FILE, Manifest};
use crate::ids::AccountId;

/// The files of a bundle, in memory. It is a [`FileTree`] at every moment: [`read`](super::read) of it gives the
/// evidence, and [`store`](super::store) writes it into a folder, of which `read` gives the same evidence.
///
/// ```
/// use serde_json::json;
/// use why_denied::bundle::{Draft, IamList, KeyFact, Manifest, read};
/// use why_denied::ids::AccountId;
///
/// let account = AccountId::parse("111122223333").unwrap();
/// let mut draft = Draft::new(&Manifest::default());
/// draft.add_iam(account, IamList::Users, json!({
///     "Arn": "arn:aws:iam::111122223333:user/alice",
///     "UserName": "alice",
///     "UserPolicyList": [{"PolicyName": "none", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}],
/// }))?;
/// draft.set_bucket_policy(account, "reports", r#"{"Version":"2012-10-17","Statement":[]}"#)?;
/// draft.set_key(account, "1234abcd-12ab-34cd-56ef-1234567890ab", KeyFact::Grants, &json!({"Grants": []}))?;
/// draft.add_event("eu-west-1", r#"{"eventSource": "sqs.amazonaws.com", "eventName": "SendMessage"}"#)?;
/// let loaded = read(&draft);
/// assert!(loaded.evidence.accounts[&account].iam.as_ref().unwrap().users.contains_key("alice"));
///
/// // Names from events are not trusted.
/// assert!(draft.set_bucket_policy(account, "../../etc", "{}").is_err());
/// # Ok::<(), why_denied::bundle::DraftError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Draft {
    files: BTreeMap<String, Vec<u8>>,
    /// `iam.json` of each account, whose entries come one at a time.
    iam: BTreeMap<AccountId, iam::IamFile>,
    /// The file of events of each label that is being filled.
    open_events: BTreeMap<String, usize>,
    /// Which resource each file in `resource-policies/` is about.
    described: BTreeMap<String, String>,
}

impl Draft {
    /// A bundle with nothing but its manifest.
    pub fn new(manifest: &Manifest) -> Self {
        let mut draft = Self::default();
        draft.set_manifest(manifest);
        draft
    }

    /// A copy of another bundle, file by file, and what could not be copied. What belongs to no bundle is left out.
    pub fn copy(tree: &dyn FileTree) -> (Self, Vec<BundleProblem>) {
        let mut draft = Self::default();
        let Listing { files, mut problems } = tree.list();
        for file in files {
            match copied(tree, &file) {
                Ok(Some(bytes)) => {
                    draft.files.insert(file, bytes);
                }
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        problems.sort_by_cached_key(ToString::to_string);
        (draft, problems)
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> Vec<String> {
        let iam = self.iam.keys().map(|account| layout::iam(*account));
        let mut paths: Vec<String> = self.files.keys().cloned().chain(iam).collect();
        paths.sort_unstable();
        paths
    }

    /// The bytes of a file.
    pub fn bytes(&self, file: &str) -> Option<Cow<'_, [u8]>> {
        if let Some(bytes) = self.files.get(file) {
            return Some(Cow::Borrowed(bytes));
        }
        let (_, found) = self.iam.iter().find(|(account, _)| layout::iam(**account) == file)?;
        Some(Cow::Owned(found.to_bytes()))
    }

    /// What was asked for, and what could not be had. The last one that is set counts.
    pub fn set_manifest(&mut self, manifest: &Manifest) {
        self.files.insert(MANIFEST.to_owned(), printed(&manifest.to_json()));
    }

    /// The file of this path, which has to be one of a bundle.
    pub(super) fn set_file(&mut self, file: String, bytes: Vec<u8>) -> Result<(), DraftError> {
        if !is_safe(&file) || matches!(layout::entry(&file), Err(_) | Ok(Entry::Other)) {
            return Err(DraftError::Name(file));
        }
        if exceeds(&bytes) {
            return Err(DraftError::TooLarge(file));
        }
        self.files.insert(file, bytes);
        Ok(())
    }
}

impl FileTree for Draft {
    fn list(&self) -> Listing {
        Listing { files: self.paths(), problems: Vec::new() }
    }

    fn read(&self, file: &str, at_most: u64) -> io::Result<Cow<'_, [u8]>> {
        let bytes = self.bytes(file).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let end = usize::try_from(at_most).map_or(bytes.len(), |at_most| at_most.min(bytes.len()));
        Ok(match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..end).unwrap_or(bytes)),
            Cow::Owned(mut bytes) => {
                bytes.truncate(end);
                Cow::Owned(bytes)
            }
        })
    }
}

fn copied(tree: &dyn FileTree, file: &str) -> Result<Option<Vec<u8>>, BundleProblem> {
    if layout::entry(file)? == Entry::Other {
        return Ok(None);
    }
    if !is_safe(file) {
        return Err(BundleProblem::FileName { file: file.to_owned() });
    }
    let read = tree.read(file, MAX_FILE + 1);
    let bytes = read.map_err(|source| BundleProblem::Read { file: file.to_owned(), source })?;
    if exceeds(&bytes) {
        return Err(BundleProblem::TooLarge { file: file.to_owned() });
    }
    Ok(Some(bytes.into_owned()))
}

fn exceeds(bytes: &[u8]) -> bool {
    u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE)
}

/// Whether a path stays in the folder it is joined to, on every system: Windows has `\` and drives too.
fn is_safe(file: &str) -> bool {
    let letter = |letter: char| !letter.is_control() && !matches!(letter, '\\' | ':');
    let part = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255 && part.chars().all(letter);
    file.split('/').all(part)
}

/// JSON as the CLI prints it: over several lines, so that a person can read it and compare two bundles.
fn printed(value: &serde_json::Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
