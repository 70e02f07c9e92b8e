//! A text, of which names are replaced and the rest stays.

use std::collections::{BTreeMap, BTreeSet};

use super::token::Tokens;
use super::{Key, address, words};

/// What the words of a text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// Names: none stays.
    Names,
    /// A sentence of AWS's or of this program's: the words of such sentences stay.
    Sentence,
}

/// More ARNs are not remembered, but replaced again.
const MAX_ARNS: usize = 1 << 18;

/// Replaces what is somebody's.
pub(super) struct Redactor {
    key: Key,
    tokens: Tokens,
    arns: BTreeMap<String, String>,
    /// Names of AWS managed policies.
    pub(super) managed: BTreeSet<String>,
}

impl Redactor {
    pub(super) fn new(key: &Key, atoms: &BTreeSet<String>, managed: BTreeSet<String>) -> Self {
        Self { key: key.clone(), tokens: Tokens::new(key, atoms), arns: BTreeMap::new(), managed }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// A whole value that may be AWS's.
    pub(super) fn value(&mut self, text: &str) -> String {
        if words::is_value(text) || is_reserved(text) {
            return text.to_owned();
        }
        self.text(text, Speech::Names)
    }

    /// A text in which ARNs, addresses and hosts may stand.
    pub(super) fn text(&mut self, text: &str, speech: Speech) -> String {
        // An ARN that is a whole value may have blanks in it: the key of an object may.
        if text.starts_with("arn:") && speech == Speech::Names {
            return self.known_arn(text);
        }
        if let Some(new) = address::replace(&self.key, text) {
            return new;
        }
        self.words(text, speech)
    }

    /// A text word for word.
    pub(super) fn words(&mut self, text: &str, speech: Speech) -> String {
        let mut new = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, replaced) = self.piece(rest, first, speech);
            new.push_str(&replaced);
            rest = rest.get(length..).unwrap_or_default();
        }
        new
    }

    /// What the text begins with, by its length, and the replacement of it.
    fn piece(&mut self, rest: &str, first: char, speech: Speech) -> (usize, String) {
        if let Some((variable, _)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            return (variable.len() + 3, format!("${{{}}}", self.variable(variable)));
        }
        if !first.is_alphanumeric() {
            // A host may begin with a wildcard.
            return match matches!(first, '*' | '?').then(|| self.host(rest)).flatten() {
                Some(host) => host,
                None => (first.len_utf8(), first.to_string()),
            };
        }
        if rest.starts_with("arn:") {
            let arn = run(rest, |letter| !letter.is_whitespace() && !"\"'`,;()<>".contains(letter));
            let arn = arn.trim_end_matches(['.', ':']);
            return (arn.len(), self.known_arn(arn));
        }
        if let Some(kept) = kept(rest, speech) {
            return (kept.len(), kept.to_owned());
        }
        let number = run(rest, |letter| letter.is_ascii_hexdigit() || ".:/".contains(letter));
        let number = number.trim_end_matches(['.', ':', '/']);
        let ends = !rest.get(number.len()..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
        if let Some(new) = address::replace(&self.key, number).filter(|_| ends) {
            return (number.len(), new);
        }
        if let Some(host) = self.host(rest) {
            return host;
        }
        let word = run(rest, char::is_alphanumeric);
        if speech == Speech::Sentence && words::is_said(word) {
            return (word.len(), word.to_owned());
        }
        (word.len(), self.tokens.replace(word))
    }

    fn host(&mut self, rest: &str) -> Option<(usize, String)> {
        let name = run(rest, |letter| letter.is_ascii_alphanumeric() || "-._*?".contains(letter));
        let name = name.trim_end_matches('.');
        if words::is_name(name) {
            return Some((name.len(), name.to_owned()));
        }
        let (mine, aws) = words::host(name)?;
        let mut new = String::new();
        for label in mine.split_inclusive('.') {
            new.push_str(&self.host_label(label));
        }
        Some((name.len(), new + aws))
    }

    /// One part of a host, as the words of a name are replaced.
    fn host_label(&mut self, label: &str) -> String {
        let mut new = String::new();
        let mut rest = label;
        while let Some(first) = rest.chars().next() {
            let word = run(rest, char::is_alphanumeric);
            match word {
                "" => new.push(first),
                word => new.push_str(&self.tokens.replace(word)),
            }
            rest = rest.get(word.len().max(first.len_utf8())..).unwrap_or_default();
        }
        new
    }

    fn known_arn(&mut self, arn: &str) -> String {
        if let Some(known) = self.arns.get(arn) {
            return known.clone();
        }
        let new = self.arn(arn);
        if self.arns.len() < MAX_ARNS {
            self.arns.insert(arn.to_owned(), new.clone());
        }
        new
    }

    /// A policy variable: its name is a condition key, with a default value perhaps.
    fn variable(&mut self, variable: &str) -> String {
        match variable.split_once(',') {
            Some((name, default)) => {
                format!("{},{}", self.condition_key(name), self.words(default, Speech::Names))
            }
            None => self.condition_key(variable),
        }
    }

    /// A condition key. Tag keys are people's, and a provider's host name may be.
    pub(super) fn condition_key(&mut self, key: &str) -> String {
        // `kms:EncryptionContext:` has a second colon.
        let families = ["kms:encryptioncontext:", "s3:existingobjecttag/", "s3:requestobjecttag/"];
        let folded = key.to_ascii_lowercase();
        let family = families.iter().find(|family| folded.starts_with(*family)).map(|family| family.len());
        let tag = folded.contains("tag/").then(|| key.find('/').map(|at| at + 1)).flatten();
        if let Some((family, own)) = family.or(tag).and_then(|at| key.split_at_checked(at)) {
            return format!("{family}{}", self.map_key(own));
        }
        let Some((prefix, name)) = key.rsplit_once(':') else { return key.to_owned() };
        let is_service = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_service { key.to_owned() } else { format!("{}:{name}", self.words(prefix, Speech::Names)) }
    }

    /// A key of a map of people's, such as that of a tag or of an encryption context.
    pub(super) fn map_key(&mut self, key: &str) -> String {
        let is_context = crate::knowledge::kms::context_names().iter().any(|context| context.name == key);
        if is_context || is_reserved(key) {
            return key.to_owned();
        }
        self.text(key, Speech::Names)
    }
}

/// What stays of a text that begins with a letter or digit.
fn kept(rest: &str, speech: Speech) -> Option<&str> {
    let scheme = run(rest, char::is_alphanumeric);
    if matches!(scheme, "http" | "https") && rest.get(scheme.len()..)?.starts_with("://") {
        return Some(scheme);
    }
    if speech == Speech::Names {
        // `alias/reports`, where a key may be named by its alias or by its ARN.
        let letter = |letter: char| letter.is_ascii_alphanumeric() || "/_-".contains(letter);
        return match rest.strip_prefix("alias/") {
            Some(name) if name.starts_with("aws/") => Some(run(rest, letter)),
            Some(_) => Some("alias"),
            None => None,
        };
    }
    let name = run(rest, |letter| letter.is_ascii_alphanumeric() || letter == '-');
    if words::is_region(name) {
        return Some(name);
    }
    let action = run(rest, |letter| letter.is_ascii_alphanumeric() || "-:".contains(letter));
    let action = action.trim_end_matches(':');
    words::is_action(action).then_some(action)
}

/// AWS keeps names that begin with `aws:` to itself.
///
/// Source: <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
fn is_reserved(text: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b":-_/.".contains(&byte);
    text.starts_with("aws:") && text.bytes().all(is_name) && !words::has_account(text)
}

/// The beginning of the text that consists of such letters.
pub(super) fn run(text: &str, letter: impl Fn(char) -> bool) -> &str {
    let end = text.find(|next: char| !letter(next)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
