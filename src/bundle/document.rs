//! Policy documents in every form in which AWS hands them out.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::reader::Reader;
use super::text::Text;
use super::{BundleProblem, Place};
use crate::policy::{PolicyDocument, PolicyProblem, ProblemKind};

/// `aws s3api get-bucket-policy` and `aws kms get-key-policy`: the document is a string.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a policy document")]
struct Printed<'a> {
    #[serde(borrow)]
    policy: Option<&'a RawValue>,
    statement: Option<IgnoredAny>,
}

/// A document that is alone in its file, bare or as the CLI prints it.
pub(super) fn file(reader: &mut Reader<'_>, file: &str, name: &str) -> Option<Arc<PolicyDocument>> {
    let text = reader.text(file, name)?;
    let part = match text.parse::<Printed<'_>>() {
        Ok(Printed { policy: Some(policy), statement: None }) if policy.get().starts_with('"') => {
            policy.get()
        }
        _ => text.json(),
    };
    Some(part_of(reader, &text, part, name))
}

/// A document inside a file: an object, or a string that holds one, percent-encoded or not.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyDetail.html> (percent-encoded by RFC 3986;
/// the AWS CLI decodes it)
pub(super) fn part_of(reader: &mut Reader<'_>, text: &Text, part: &str, name: &str) -> Arc<PolicyDocument> {
    let held = part.starts_with('"').then(|| serde_json::from_str::<String>(part).ok()).flatten();
    let document = PolicyDocument::parse(held.as_deref().map_or(Cow::Borrowed(part), decoded));
    for problem in &document.problems {
        let place = match held {
            // The letters of a string are not where they were in the document, because of its escapes.
            Some(_) => text.place_of(part),
            None => place_in(text, part, problem),
        };
        let (policy, source) = (name.to_owned(), Box::new(problem.clone()));
        if document.unreadable {
            reader.lost(name, BundleProblem::UnreadablePolicy { place, policy, source });
        } else {
            reader.warn(BundleProblem::Policy { place, policy, source });
        }
    }
    Arc::new(document)
}

fn place_in(text: &Text, part: &str, problem: &PolicyProblem) -> Place {
    let inside = match problem.kind {
        ProblemKind::NotJson { line, column, .. } => {
            let lines = part.split_inclusive('\n').take(line.saturating_sub(1));
            lines.map(str::len).sum::<usize>() + column.saturating_sub(1)
        }
        _ => problem.span.start,
    };
    text.place(text.offset(part) + inside)
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.trim_start().starts_with('{') {
        return Cow::Borrowed(text);
    }
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}
