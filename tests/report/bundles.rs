//! What reports are made of: the examples, the worked denials, and both with hostile words in them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use why_denied::bundle::{self, FileTree, Folder, Listing};
use why_denied::diagnose::{Dossier, Selection, diagnose, dossiers};

/// What somebody could name a user, a statement or a tool, to get more than text out of a report.
pub const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</title></style></code></pre></details><iframe src=javascript:alert(1)>",
    "javascript:alert(1)",
    "\u{202e}desrever\u{200f}\u{2066}",
    "]]><!--",
    "a`b``c|d</details>@everyone#1",
    "[x](https://evil.example)![i](https://evil.example/i.png)",
    "www.evil.example",
    "&lt;b&gt;&#x3c;",
];

/// These need a backslash in JSON.
pub const ESCAPED: &[&str] =
    &["\"><img src=x onerror=alert(1)>", "\u{1b}[31m\u{7}\u{9b}", "a\nb\r\n\t## c\n```\nd"];

/// A bundle in memory.
pub struct Files(BTreeMap<String, Vec<u8>>);

impl FileTree for Files {
    fn list(&self) -> Listing {
        Listing { files: self.0.keys().cloned().collect(), problems: Vec::new() }
    }

    fn read(&self, file: &str, at_most: u64) -> io::Result<Cow<'_, [u8]>> {
        let bytes = self.0.get(file).ok_or(io::ErrorKind::NotFound)?;
        Ok(Cow::Borrowed(&bytes[..bytes.len().min(usize::try_from(at_most).unwrap())]))
    }
}

impl Files {
    fn of(folder: &Path) -> Self {
        let tree = Folder::new(folder);
        let read = |file: String| (file.clone(), tree.read(&file, u64::MAX).unwrap().into_owned());
        Self(tree.list().files.into_iter().map(read).collect())
    }

    /// Every text with a part replaced, as JSON text.
    fn replaced(&self, from: &str, to: &str) -> Self {
        let json = serde_json::to_string(to).unwrap();
        let inner = &json[1..json.len() - 1];
        let replace = |bytes: &Vec<u8>| match std::str::from_utf8(bytes) {
            Ok(text) => text.replace(from, inner).into_bytes(),
            Err(_) => bytes.clone(),
        };
        Self(self.0.iter().map(|(file, bytes)| (file.clone(), replace(bytes))).collect())
    }
}

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All bundles by name: the examples and the worked denials.
pub fn bundles() -> BTreeMap<String, Files> {
    let mut found = BTreeMap::new();
    for parent in ["policies/examples", "tests/catalogue"] {
        for entry in std::fs::read_dir(in_project(parent)).unwrap() {
            let entry = entry.unwrap();
            found.insert(entry.file_name().into_string().unwrap(), Files::of(&entry.path()));
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

pub fn dossiers_of(files: &Files) -> Vec<Dossier> {
    let loaded = bundle::read(files);
    let selection = Selection { scope: loaded.evidence.scope.clone(), event_ids: BTreeSet::new() };
    dossiers(&loaded.evidence, &selection, diagnose(&loaded.evidence, &selection))
}

/// The bundle with the names of its callers, statements and tools replaced by one hostile word.
pub fn hostile(files: &Files, word: &str) -> Files {
    let mut names = BTreeSet::new();
    for dossier in dossiers_of(files) {
        let diagnosis = dossier.diagnosis;
        names.extend(diagnosis.principal_name.split('/').map(str::to_owned));
        names.extend(diagnosis.findings.iter().filter_map(|finding| finding.statement.clone()));
        names.extend(
            diagnosis.denied.resource.iter().filter_map(|arn| arn.rsplit('/').next()).map(str::to_owned),
        );
    }
    let names = names.into_iter().filter(|name| name.len() > 3 && !name.starts_with('#'));
    let agent = ["aws-cli/", "Boto3/", "aws-sdk-", "[aws-cli/"].map(str::to_owned);
    let message = ["is not authorized to perform".to_owned()];
    let with_names =
        names.chain(agent).fold(Files(files.0.clone()), |files, name| files.replaced(&name, word));
    message.into_iter().fold(with_names, |files, text| {
        files.replaced(&text, &format!("is not authorized to perform {word}"))
    })
}
