//! From the files of a bundle to evidence.

use std::collections::BTreeSet;

use super::events::Events;
use super::layout::{self, Entry, MANIFEST, ORGANIZATION};
use super::reader::Reader;
use super::{BundleProblem, FileTree, Listing, Severity, account, manifest, organization};
use crate::evidence::Evidence;

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The evidence. What could not be read is unknown in it, and among its gaps.
    pub evidence: Evidence,
    /// What is wrong with the bundle, by file.
    pub problems: Vec<BundleProblem>,
}

impl Loaded {
    /// The problem because of which nothing was read, if there is one.
    pub fn fatal(&self) -> Option<&BundleProblem> {
        self.problems.iter().find(|problem| problem.severity() == Severity::Fatal)
    }
}

/// Reads a bundle. Files that belong to no bundle are ignored, and the order in which the tree lists the files has no
/// influence.
pub fn read(tree: &dyn FileTree) -> Loaded {
    let mut reader = Reader::new(tree);
    let evidence = evidence(&mut reader, tree.list()).unwrap_or_else(|problem| {
        reader.lost("the bundle", problem);
        Evidence::default()
    });
    let (problems, gaps) = reader.finish();
    Loaded { evidence: Evidence { gaps, ..evidence }, problems }
}

fn evidence(reader: &mut Reader<'_>, mut listing: Listing) -> Result<Evidence, BundleProblem> {
    listing.problems.sort_by_cached_key(ToString::to_string);
    for problem in listing.problems {
        if problem.severity() == Severity::Fatal {
            return Err(problem);
        }
        reader.lost("a part of the bundle", problem);
    }
    let files: BTreeSet<String> = listing.files.into_iter().collect();
    let entries = entries(reader, &files);
    let evidence = start(reader, &files, entries.is_empty())?;
    Ok(rest(reader, evidence, entries))
}

/// What each file is, apart from those that belong to no bundle.
fn entries<'f>(reader: &mut Reader<'_>, files: &'f BTreeSet<String>) -> Vec<(&'f str, Entry<'f>)> {
    let mut entries = Vec::new();
    let mut refused = BTreeSet::new();
    for file in files {
        match layout::entry(file) {
            Ok(Entry::Other) => {}
            Ok(entry) => entries.push((file.as_str(), entry)),
            // A folder with a wrong name is one problem, however many files it has.
            Err(problem) => {
                if refused.insert(problem.to_string()) {
                    let what = match &problem {
                        BundleProblem::AccountFolder { folder, .. } => folder,
                        _ => file,
                    };
                    reader.lost(format!("what is in {what}"), problem);
                }
            }
        }
    }
    entries
}

/// What has to be read first: whether this is a bundle of this format, and the organization that policies belong to.
fn start(reader: &mut Reader<'_>, files: &BTreeSet<String>, empty: bool) -> Result<Evidence, BundleProblem> {
    let mut evidence = Evidence::default();
    if files.contains(MANIFEST) {
        evidence.scope = manifest::read(reader)?;
    } else if empty {
        return Err(BundleProblem::NotABundle);
    } else {
        reader.lost("what the bundle was made for", BundleProblem::NoManifest);
    }
    if files.contains(ORGANIZATION) {
        evidence.organization = organization::read(reader);
    }
    Ok(evidence)
}

fn rest(reader: &mut Reader<'_>, mut evidence: Evidence, entries: Vec<(&str, Entry<'_>)>) -> Evidence {
    let mut events = Events::default();
    for (file, entry) in entries {
        match entry {
            Entry::Manifest | Entry::Organization | Entry::Other => {}
            Entry::OrganizationPolicy(id) => {
                organization::read_policy(reader, &mut evidence.organization, file, id);
            }
            Entry::Events => events.read(reader, file),
            Entry::Account(id, kind) => {
                account::read(reader, evidence.accounts.entry(id).or_default(), id, file, kind);
            }
        }
    }
    evidence.events = events.events;
    evidence.sort_events();
    evidence
}
