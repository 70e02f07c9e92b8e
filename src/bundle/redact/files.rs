//! The files of a bundle, taken apart and put together again.

use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;

use super::json::Json;
use super::text::{Redactor, Speech};
use super::{BundleProblem, Draft, FileTree, Redacted};
use crate::bundle::layout::{self, AccountFile, Entry, MANIFEST};
use crate::bundle::{MAX_EVENTS, Manifest, Place};
use crate::sources::{Item, Options, read_stream};

/// The label of all events: a file may be named for an account.
const EVENTS: &str = "events";

/// Why something of a bundle is not in the redacted one.
const UNREAD: &str = "it could not be read when the bundle was redacted";

/// The files that say something about a bucket or key. Others may say anything, in any form.
const FACTS: &[&str] = &[
    "abac.json",
    "acl.json",
    "aliases.json",
    "encryption.json",
    "grants.json",
    "key.json",
    "location.json",
    "ownership-controls.json",
    "policy.json",
    "public-access-block.json",
];

/// The files of a bundle.
pub(super) struct Files {
    draft: Draft,
    problems: Vec<BundleProblem>,
}

impl Files {
    pub(super) fn read(tree: &dyn FileTree) -> Self {
        let (draft, problems) = Draft::copy(tree);
        Self { draft, problems }
    }

    /// All JSON that can be read, by file; what cannot be read is given back.
    pub(super) fn each(&self, on: &mut dyn FnMut(&str, &Json)) -> Vec<(String, BundleProblem)> {
        let mut problems = Vec::new();
        let mut size = 0;
        for file in self.draft.paths() {
            let bytes = self.draft.bytes(&file).unwrap_or_default();
            if layout::entry(&file).is_ok_and(|entry| entry == Entry::Events) {
                problems.extend(each_event(&file, &bytes, &mut size, on));
                continue;
            }
            if is_other(&file) {
                on(&file, &Json::Object(Vec::new()));
                continue;
            }
            let json = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
            match serde_json::from_slice(json) {
                Ok(json) => on(&file, &json),
                Err(source) => problems.push((file.clone(), not_json(&file, source))),
            }
        }
        problems
    }

    /// The bundle with everything replaced.
    pub(super) fn redacted(self, redactor: &mut Redactor) -> Redacted {
        let mut draft = Draft::default();
        let mut manifest = None;
        let mut refused = Vec::new();
        let unread = self.each(&mut |file, json| {
            let new = redactor.json(json);
            if file == MANIFEST {
                manifest = Some(new);
            } else if put(&mut draft, redactor, file, &new).is_err() {
                refused.push(file.to_owned());
            }
        });
        let mut problems = self.problems;
        let mut gaps = Vec::new();
        if !problems.is_empty() {
            gaps.push(missing("a part of the bundle", UNREAD));
        }
        for (file, problem) in unread {
            gaps.push(gap(redactor, &file, UNREAD));
            problems.push(problem);
        }
        for file in refused {
            gaps.push(gap(redactor, &file, "its redacted form has no place in a bundle"));
        }
        let manifest = finished(manifest, gaps);
        // The manifest was read, so it is not too large, and its name is right.
        let _ = draft.set_file(MANIFEST.to_owned(), printed(&manifest));
        Redacted { draft, problems }
    }
}

/// A file that is no fact, but by its folder says whose a bucket or key is.
fn is_other(file: &str) -> bool {
    match layout::entry(file) {
        Ok(Entry::Account(_, AccountFile::Bucket(_, inner) | AccountFile::Key(_, inner))) => {
            !FACTS.contains(&inner)
        }
        Ok(Entry::Account(_, AccountFile::Other)) => true,
        _ => false,
    }
}

fn each_event(
    file: &str,
    bytes: &[u8],
    size: &mut u64,
    on: &mut dyn FnMut(&str, &Json),
) -> Vec<(String, BundleProblem)> {
    let mut problems = Vec::new();
    // The answer says only who ended the reading.
    let _ = read_stream(Path::new(file), bytes, Options::default(), &mut |item| {
        match item {
            Item::Record(record) => {
                *size = size.saturating_add(u64::try_from(record.json.len()).unwrap_or(u64::MAX));
                if *size > MAX_EVENTS {
                    let origin = record.origin;
                    problems.push((file.to_owned(), BundleProblem::TooManyEvents { origin }));
                    return ControlFlow::Break(());
                }
                match serde_json::from_str(&record.json) {
                    Ok(json) => on(file, &json),
                    Err(source) => problems.push((file.to_owned(), not_json(file, source))),
                }
            }
            Item::Problem(problem) => problems.push((file.to_owned(), problem.into())),
            Item::Skipped { .. } => {}
        }
        ControlFlow::Continue(())
    });
    problems
}

fn not_json(file: &str, source: serde_json::Error) -> BundleProblem {
    let place = Place { file: file.to_owned(), line: source.line(), column: source.column() };
    BundleProblem::Json { place, source }
}

/// Puts what was redacted under its new name.
fn put(draft: &mut Draft, redactor: &mut Redactor, file: &str, json: &Json) -> Result<(), super::DraftError> {
    match layout::entry(file) {
        // An event that is written anew is an event.
        Ok(Entry::Events) => draft.add_event(EVENTS, &serde_json::to_string(json).unwrap_or_default()),
        _ => draft.set_file(redactor.path(file), printed(json)),
    }
}

impl Redactor {
    /// The name of a file, in which accounts, buckets, keys and resources have their new names.
    fn path(&mut self, file: &str) -> String {
        let mut name = |name: &str| self.words(name, Speech::Names);
        let (account, in_account) = match layout::entry(file) {
            Ok(Entry::OrganizationPolicy(id)) => return format!("organization/policies/{}.json", name(id)),
            Ok(Entry::Account(account, in_account)) => (account, in_account),
            _ => return file.to_owned(),
        };
        let fact =
            |inner: &str| if FACTS.contains(&inner) { inner.to_owned() } else { "other.json".to_owned() };
        let rest = match in_account {
            AccountFile::Iam => "iam.json".to_owned(),
            AccountFile::PublicAccessBlock => "public-access-block.json".to_owned(),
            AccountFile::ResourceTags => "resource-tags.json".to_owned(),
            AccountFile::Bucket(bucket, inner) => format!("buckets/{}/{}", name(bucket), fact(inner)),
            AccountFile::Key(key, inner) => format!("keys/{}/{}", name(key), fact(inner)),
            AccountFile::VpcEndpoint(id) => format!("vpc-endpoints/{}.json", name(id)),
            AccountFile::ResourcePolicy(service, resource) => {
                format!("resource-policies/{service}/{}.json", layout::encoded(&name(&resource)))
            }
            AccountFile::Other => "other.json".to_owned(),
        };
        format!("accounts/{}/{rest}", name(&account.to_string()))
    }
}

fn gap(redactor: &mut Redactor, file: &str, why: &str) -> Json {
    // The names of files of events are anybody's.
    let file = match layout::entry(file) {
        Ok(Entry::Events) => "events/".to_owned(),
        _ => redactor.path(file),
    };
    missing(&format!("what is in {file}"), why)
}

fn missing(what: &str, why: &str) -> Json {
    let text = |text: &str| Json::Text(text.to_owned());
    Json::Object(vec![("what".to_owned(), text(what)), ("why".to_owned(), text(why))])
}

fn finished(manifest: Option<Json>, more: Vec<Json>) -> Json {
    let Some(Json::Object(mut members)) = manifest else {
        let new = serde_json::from_value(Manifest::default().to_json());
        return finished(Some(new.unwrap_or(Json::Object(Vec::new()))), more);
    };
    if let Some((_, author)) = members.iter_mut().find(|(name, _)| name == "created_by") {
        *author = Json::Text("why-denied, redacted".to_owned());
    }
    if more.is_empty() {
        return Json::Object(members);
    }
    match members.iter_mut().find(|(name, _)| name == "gaps") {
        Some((_, Json::Array(gaps))) => gaps.extend(more),
        Some((_, gaps @ Json::Scalar(Value::Null))) => *gaps = Json::Array(more),
        // Gaps that cannot be read: the reader says so.
        Some(_) => {}
        None => members.push(("gaps".to_owned(), Json::Array(more))),
    }
    Json::Object(members)
}

fn printed(json: &Json) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(json).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
