//! What has to be known of a bundle before anything in it is replaced.

use std::collections::BTreeSet;

use super::fields::{inner_json, is_statement};
use super::json::Json;
use super::text::run;

/// What the first reading finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Parts of patterns that may match in the middle of a word, in small letters.
    pub(super) atoms: BTreeSet<String>,
    /// Names of AWS managed policies.
    pub(super) managed: BTreeSet<String>,
}

impl Found {
    /// Looks through a file or an event.
    pub(super) fn json(&mut self, json: &Json) {
        self.look(json, Inside::Anything);
    }

    fn look(&mut self, json: &Json, inside: Inside) {
        let is_policy = json.get("Statement").is_some() || is_statement(json);
        let inside = if is_policy { Inside::Policy } else { inside };
        match json {
            Json::Object(members) => members.iter().for_each(|(_, value)| self.look(value, inside)),
            Json::Array(items) => items.iter().for_each(|item| self.look(item, inside)),
            Json::Text(text) => match inner_json(text) {
                Some(json) => self.look(&json, inside),
                None => self.text(text, inside),
            },
            Json::Scalar(_) => {}
        }
    }

    fn text(&mut self, text: &str, inside: Inside) {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        if let ["arn", _, "iam", _, "aws", resource] = parts.as_slice()
            && let Some(("policy", path)) = resource.split_once('/')
        {
            self.managed.extend(path.rsplit('/').next().map(str::to_owned));
        }
        if inside == Inside::Policy {
            self.pattern(text);
        }
    }

    /// Words after a wildcard or a variable, and before a variable: what stands there in a request is one word.
    fn pattern(&mut self, text: &str) {
        let mut before = None;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(end) = rest.starts_with("${").then(|| rest.find('}')).flatten() {
                before = Some('}');
                rest = rest.get(end + 1..).unwrap_or_default();
                continue;
            }
            let word = run(rest, char::is_alphanumeric);
            let after = rest.get(word.len()..).unwrap_or_default();
            let is_atom = before.is_some_and(|before| "*?}".contains(before)) || after.starts_with("${");
            if is_atom && !word.is_empty() {
                self.atoms.insert(word.to_ascii_lowercase());
            }
            before = Some(first);
            rest = if word.is_empty() { rest.get(first.len_utf8()..).unwrap_or_default() } else { after };
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Anything,
    Policy,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, atoms: &[&str]) {
        let mut found = Found::default();
        found.pattern(pattern);
        assert_eq!(found.atoms.iter().map(String::as_str).collect::<Vec<_>>(), atoms, "{pattern}");
    }

    #[test]
    fn what_begins_in_the_middle_of_a_word_is_an_atom() {
        check("arn:aws:s3:::acme-*", &[]);
        check("arn:aws:s3:::acme*", &[]);
        check("arn:aws:s3:::*-prod", &[]);
        check("*Prod*", &["prod"]);
        check("a?b", &["b"]);
        check("home/${aws:username}/*", &[]);
        check("x${aws:username}y", &["x", "y"]);
    }
}
