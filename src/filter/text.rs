//! Patterns that look at the text of an event and not at its JSON.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::evaluate::{Doubt, FieldValues, Judge, Judgement, Outcome, Verdict, joined};
use super::pattern::{Expression, Field, Term, TermMode};
use super::regex::Regex;
use super::select::Found;

/// The event as CloudTrail writes it to CloudWatch Logs: on one line, without white space between JSON's tokens. What is
/// not JSON stays as it is.
fn as_logged(event: &str) -> Cow<'_, str> {
    match serde_json::from_str::<IgnoredAny>(event) {
        Ok(_) => Cow::Owned(one_line(event)),
        Err(_) => Cow::Borrowed(event),
    }
}

fn one_line(event: &str) -> String {
    let mut out = String::with_capacity(event.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in event.chars() {
        if in_string {
            (in_string, escaped) = (escaped || character != '"', !escaped && character == '\\');
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        out.push(character);
    }
    out
}

/// "If you combine ? with other filter patterns, all question mark terms will be ignored."
pub(super) fn terms(terms: &[Term], event: &str) -> Outcome {
    let event = as_logged(event);
    let optional_only = terms.iter().all(|term| term.mode == TermMode::Optional);
    let mut judgements: Vec<Judgement> = terms.iter().map(|term| presence(term, &event)).collect();
    let counts: Vec<usize> = (0..terms.len())
        .filter(|index| {
            terms.get(*index).is_some_and(|term| optional_only || term.mode != TermMode::Optional)
        })
        .collect();
    let verdicts = counts
        .into_iter()
        .filter_map(|index| {
            let judgement = judgements.get(index)?;
            let doubts = judgement.doubt.into_iter().collect();
            Some(Verdict { holds: judgement.holds, deciding: vec![index], doubts })
        })
        .collect();
    let verdict = joined(verdicts, !optional_only);
    for index in &verdict.deciding {
        if let Some(judgement) = judgements.get_mut(*index) {
            judgement.decides = true;
        }
    }
    Outcome { matches: verdict.holds, doubts: verdict.doubts, judgements }
}

fn presence(term: &Term, event: &str) -> Judgement {
    let is_there = event.contains(&term.text);
    let doubt = (is_there && !stands_alone(&term.text, event)).then_some(Doubt::InsideWord);
    let holds = is_there != (term.mode == TermMode::Exclude);
    Judgement { span: term.span.clone(), holds, decides: false, found: Found::Text(is_there), doubt }
}

/// Whether the text is somewhere without letters, digits or `_` on either side.
fn stands_alone(text: &str, event: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    event.match_indices(text).any(|(start, _)| {
        let before = event.get(..start).and_then(|before| before.chars().next_back());
        let after = event.get(start + text.len()..).and_then(|after| after.chars().next());
        let begins_inside = before.is_some_and(is_word) && text.starts_with(is_word);
        let ends_inside = after.is_some_and(is_word) && text.ends_with(is_word);
        !begins_inside && !ends_inside
    })
}

pub(super) fn regex(regex: &Regex, pattern: &str, event: &str) -> Outcome {
    let matches = regex.is_match(&as_logged(event));
    let start = pattern.find('%').unwrap_or_default();
    let span = start..start + regex.text().len() + 2;
    let found = Found::Text(matches);
    let judgements = vec![Judgement { span, holds: matches, decides: true, found, doubt: None }];
    Outcome { matches, doubts: BTreeSet::new(), judgements }
}

pub(super) fn space_delimited(fields: &[Field], event: &str) -> Outcome {
    let event = as_logged(event);
    let no = Outcome { matches: false, doubts: BTreeSet::new(), judgements: Vec::new() };
    let Some(named) = named_words(fields, &words(&event)) else { return no };
    let mut judge = Judge::new(FieldValues::Words);
    let verdicts = conditions(fields).map(|conditions| judge.verdict(conditions, &named)).collect();
    judge.outcome(joined(verdicts, true))
}

fn conditions(fields: &[Field]) -> impl Iterator<Item = &Expression> {
    fields.iter().filter_map(|field| match field {
        Field::Named { conditions, .. } => conditions.as_ref(),
        Field::Ellipsis => None,
    })
}

/// "Characters between brackets and double quotation marks are considered single fields."
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (word, after) = enclosed.unwrap_or_else(|| rest.split_once(' ').unwrap_or((rest, "")));
        words.push(word);
        rest = after.trim_start();
    }
    words
}

/// The words by the names of their fields; nothing if there are not enough of them. What is left over belongs to a last
/// field without conditions: "you must include a blank indicator after you specify the order of your terms".
fn named_words(fields: &[Field], words: &[&str]) -> Option<Value> {
    let ellipsis = fields.iter().position(|field| matches!(field, Field::Ellipsis));
    let wanted = fields.len() - usize::from(ellipsis.is_some());
    let takes_the_rest = matches!(fields.last(), Some(Field::Named { conditions: None, .. }));
    if words.len() < wanted || (words.len() > wanted && ellipsis.is_none() && !takes_the_rest) {
        return None;
    }
    let mut named = Map::new();
    for (index, field) in fields.iter().enumerate() {
        let from_end = ellipsis.is_some_and(|ellipsis| index > ellipsis);
        let place = if from_end { words.len() + index - fields.len() } else { index };
        if let (Field::Named { name, .. }, Some(word)) = (field, words.get(place)) {
            named.insert(name.clone(), Value::String((*word).to_owned()));
        }
    }
    Some(Value::Object(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_stays_inside_strings_only() {
        assert_eq!(one_line("{ \"a b\" :\n \"c \\\" d\" }"), r#"{"a b":"c \" d"}"#);
    }

    /// The line of the page.
    #[test]
    fn brackets_and_quotes_hold_words_together() {
        let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
        let wanted = [
            "127.0.0.1",
            "Prod",
            "frank",
            "10/Oct/2000:13:25:15 -0700",
            "GET /index.html HTTP/1.0",
            "404",
            "1534",
        ];
        assert_eq!(words(line), wanted);
    }
}
