//! `Resource` and `NotResource`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use super::pattern::pieces;
use super::{Glob, Piece, Span, Template, Version};
use crate::arn::Arn;

/// `Resource` or `NotResource` with its patterns.
#[derive(Debug, Clone)]
pub struct ResourceElement {
    /// `NotResource`: everything but the patterns.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<ResourcePattern>,
    /// The whole element's value.
    pub span: Span,
    /// A part of the value could not be read, so that more may be covered than the patterns say.
    pub incomplete: bool,
}

impl ResourceElement {
    /// An element that stands in the statement twice: which one counts is not known.
    pub(super) fn forget(&mut self) {
        self.patterns.clear();
        self.negated = false;
        self.incomplete = true;
    }
}

/// One resource pattern.
#[derive(Debug, Clone)]
pub struct ResourcePattern {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// What it covers.
    pub form: ResourceForm,
}

/// The forms of a resource pattern.
#[derive(Debug, Clone)]
pub enum ResourceForm {
    /// `*`
    Every,
    /// An ARN pattern without variables.
    Plain {
        /// Partition, service, region and account.
        head: ArnHead,
        /// Everything after the fifth colon.
        rest: Glob,
        /// The whole pattern, if one of the four parts ends in a `*`.
        crossing: Option<Crossing>,
    },
    /// An ARN pattern whose resource part holds variables.
    ///
    /// Variables count in the resource part only: "in the Resource element … you can use a variable in the last
    /// segment".
    Variable {
        /// Partition, service, region and account.
        head: ArnHead,
        /// Everything after the fifth colon.
        rest: Template,
        /// `arn:` with the four parts, if one of them ends in a `*`.
        crossing: Option<Crossing>,
    },
    /// An ARN pattern of fewer than six parts.
    Short {
        /// It matches where a `*` at the end of a part runs on over the colons.
        crossing: Crossing,
        /// The pattern that identity-based policies take it for: "AWS automatically completes the ARN by adding
        /// wildcard characters (`*`) to all missing fields."
        completed: (ArnHead, Glob),
    },
    /// `execute-api:/stage/METHOD/path`: "the beginning of the ARN is omitted" in the resource policy of an API, which
    /// is about that API.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>
    OfThisApi(Glob),
    /// No ARN pattern, or one with white space, capital letters or a variable before the fifth colon: AWS documents no
    /// meaning. Holds the pattern of the whole text as it may be meant, with a `*` for every variable.
    Unclear(Glob),
}

/// Partition, service, region and account of an ARN pattern.
#[derive(Debug, Clone)]
pub struct ArnHead {
    parts: Box<[Glob; 4]>,
    /// `arn:` with the four parts, if none of them has a wildcard: one comparison instead of four.
    literal: Option<Box<str>>,
}

impl ArnHead {
    fn new(parts: [&str; 4]) -> Self {
        let has_wildcard = parts.iter().any(|part| part.contains(['*', '?']));
        let literal = (!has_wildcard).then(|| format!("arn:{}:", parts.join(":")).into_boxed_str());
        Self { parts: Box::new(parts.map(Glob::new)), literal }
    }

    /// Whether the four parts of an ARN match, each on its own.
    pub fn matches(&self, arn: &Arn) -> bool {
        if let Some(literal) = &self.literal {
            return arn.as_str().starts_with(&**literal);
        }
        let parts = [arn.partition(), arn.service(), arn.region(), arn.account_text()];
        self.parts.iter().zip(parts).all(|(pattern, part)| pattern.matches(part))
    }
}

/// A pattern in which a `*` at the end of a part may run on over the colons.
///
/// "If the `*` wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
/// boundaries."
#[derive(Debug, Clone)]
pub struct Crossing(Box<[Piece]>);

impl Crossing {
    fn new(text: &str) -> Self {
        Self(pieces(text).collect())
    }

    /// The pattern that goes on with what a text with variables has become.
    #[must_use]
    pub fn followed_by(&self, rest: &[Piece]) -> Self {
        Self(self.0.iter().chain(rest).copied().collect())
    }

    /// Whether the whole text matches, by simulating all ways at once.
    pub fn matches(&self, text: &str) -> bool {
        let pattern = &self.0;
        let mut reachable = vec![false; pattern.len() + 1];
        if let Some(start) = reachable.first_mut() {
            *start = true;
        }
        skip_stars(pattern, &mut reachable);
        for byte in text.bytes() {
            let mut next = vec![false; pattern.len() + 1];
            for (at, _) in reachable.iter().enumerate().filter(|(_, reached)| **reached) {
                let crosses = matches!(pattern.get(at + 1), None | Some(Piece::Byte(b':')));
                let goes_to = match pattern.get(at) {
                    Some(Piece::Many) if byte != b':' || crosses => Some(at),
                    Some(Piece::One) if byte != b':' => Some(at + 1),
                    Some(Piece::Byte(wanted)) if *wanted == byte => Some(at + 1),
                    _ => None,
                };
                if let Some(slot) = goes_to.and_then(|to| next.get_mut(to)) {
                    *slot = true;
                }
            }
            skip_stars(pattern, &mut next);
            reachable = next;
        }
        reachable.last().copied().unwrap_or(false)
    }
}

/// A `*` may stand for nothing.
fn skip_stars(pattern: &[Piece], reachable: &mut [bool]) {
    for (at, piece) in pattern.iter().enumerate() {
        if *piece == Piece::Many
            && reachable.get(at).copied().unwrap_or(false)
            && let Some(after) = reachable.get_mut(at + 1)
        {
            *after = true;
        }
    }
}

impl ResourcePattern {
    /// Prepares a pattern.
    pub fn new(text: &str, span: Span, version: Version) -> Self {
        Self { text: text.to_owned(), span, form: form(text, version) }
    }

    /// Whether the pattern is one that AWS documents.
    pub fn is_clear(&self) -> bool {
        match &self.form {
            ResourceForm::Unclear(_) => false,
            ResourceForm::Short { .. } => self.text.contains("*:") || self.text.ends_with('*'),
            ResourceForm::Variable { rest, .. } => rest.unclear().is_none(),
            ResourceForm::Every | ResourceForm::Plain { .. } | ResourceForm::OfThisApi(_) => true,
        }
    }
}

fn form(text: &str, version: Version) -> ResourceForm {
    if text == "*" {
        return ResourceForm::Every;
    }
    if let Some(path) = text.strip_prefix("execute-api:/") {
        return ResourceForm::OfThisApi(Glob::new(path));
    }
    if let Some(meant) = as_perhaps_meant(text) {
        return ResourceForm::Unclear(without_variables(&meant));
    }
    if !text.starts_with("arn:") {
        return ResourceForm::Unclear(Glob::new(text));
    }
    // "You can't use a variable to replace parts of the ARN before the fifth colon."
    let before_variable = text.split("${").next().unwrap_or_default();
    if version == Version::V2012 && before_variable != text && before_variable.matches(':').count() < 5 {
        return ResourceForm::Unclear(without_variables(text));
    }
    let mut parts = text.splitn(6, ':').skip(1);
    let (Some(partition), Some(service), Some(region), Some(account), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return ResourceForm::Short { crossing: Crossing::new(text), completed: completed(text) };
    };
    let parts = [partition, service, region, account];
    let head = ArnHead::new(parts);
    let crosses = parts.iter().any(|part| part.ends_with('*'));
    if version == Version::V2008 || !rest.contains("${") {
        let crossing = crosses.then(|| Crossing::new(text));
        return ResourceForm::Plain { head, rest: Glob::new(rest), crossing };
    }
    let before_rest = text.strip_suffix(rest).unwrap_or_default();
    let crossing = crosses.then(|| Crossing::new(before_rest));
    ResourceForm::Variable { head, rest: Template::parse(rest, version), crossing }
}

/// An incomplete ARN with a `*` for every missing field.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
fn completed(text: &str) -> (ArnHead, Glob) {
    let mut fields = text.splitn(6, ':').skip(1).chain(std::iter::repeat("*"));
    let mut field = || fields.next().unwrap_or("*");
    let head = ArnHead::new([field(), field(), field(), field()]);
    (head, Glob::new(field()))
}

/// The pattern as it may be meant, without what no ARN has: white space before its fifth colon or at its end, and capital
/// letters before its fifth colon. `None` if it has none of them. The key of an object can end with white space.
fn as_perhaps_meant(text: &str) -> Option<String> {
    let fifth_colon = text.match_indices(':').nth(4);
    let (head, rest) = text.split_at(fifth_colon.map_or(text.len(), |(colon, _)| colon + 1));
    let mut meant = head.replace(char::is_whitespace, "");
    if fifth_colon.is_some() {
        meant.make_ascii_lowercase();
    }
    let is_of_s3 = meant.split(':').nth(2) == Some("s3");
    if meant != head {
        return Some(meant + if is_of_s3 { rest } else { rest.trim_end() });
    }
    (!is_of_s3 && rest.ends_with(char::is_whitespace)).then(|| format!("{head}{}*", rest.trim_end()))
}

/// The pattern in which every variable may be anything.
fn without_variables(text: &str) -> Glob {
    let mut parts = text.split("${");
    let mut loose = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        loose.push('*');
        loose.push_str(part.split_once('}').map_or("", |(_, after)| after));
    }
    Glob::new(&loose)
}

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    #[test]
    fn a_star_at_the_end_of_a_part_runs_on_over_colons() {
        let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/prod-1";
        for (pattern, text, expected) in [
            ("arn:aws:dynamodb:*", table, true),
            ("arn:aws:dynamodb:*:table/prod-*", table, true),
            ("arn:aws:dynamodb:*:table/dev-*", table, false),
            ("arn:aws:dyn*b:table/prod-*", table, false),
            ("arn:aws:dynamodb:eu*3:table/prod-*", table, false),
            ("arn:aws:dyn*b:*:table/prod-*", table, true),
            ("arn:aws:dynamodb", table, false),
            ("arn:*", table, true),
        ] {
            assert_eq!(Crossing::new(pattern).matches(text), expected, "{pattern}");
        }
    }
}
