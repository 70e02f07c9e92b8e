//! What AWS refuses, and what its page wants otherwise.

use super::{Finding, Level, LintCode};
use crate::filter::MAX_CHARACTERS;
use crate::filter::glob::Glob;
use crate::filter::pattern::{Condition, Field, Kind, Operand, Pattern, TermMode, Test};
use crate::knowledge::security_hub;

/// "There is a limit of 2 regex for each filter pattern", and "up to one wildcard selector in a property selector, and up
/// to three wildcard selectors in a filter pattern".
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
const MAX_REGEXES: usize = 2;
const MAX_WILDCARDS: usize = 3;

pub(super) fn check(pattern: &Pattern) -> Vec<Finding> {
    let conditions = conditions(pattern);
    let mut findings: Vec<Finding> = length(pattern).into_iter().collect();
    findings.extend(regexes(pattern, &conditions));
    findings.extend(wildcards(pattern, &conditions));
    // The text of a control has to stay as it is.
    if !security_hub::filters().iter().any(|filter| filter.pattern == pattern.text().trim()) {
        findings.extend(conditions.iter().filter_map(|condition| text(pattern, condition)));
    }
    findings.extend(undocumented(pattern));
    findings.extend(kind(pattern));
    findings
}

/// The page compares fields between spaces with `=`, `!=` and the orderings, and all of them have names.
fn undocumented(pattern: &Pattern) -> Option<Finding> {
    let Kind::SpaceDelimited(fields) = pattern.kind() else { return None };
    fields.iter().find_map(|field| {
        let (span, what) = match field {
            Field::Named { name, conditions: None } if name.is_empty() => {
                (0..pattern.text().len(), "a field has no name")
            }
            Field::Named { conditions: Some(conditions), .. } => {
                let all = conditions.conditions();
                let test = all.into_iter().find(|condition| !matches!(condition.test, Test::Compare(..)))?;
                (test.span.clone(), "this test is for JSON fields")
            }
            Field::Named { conditions: None, .. } | Field::Ellipsis => return None,
        };
        let text = format!("{what}, which AWS's page on patterns has in no example");
        Some(Finding::new(pattern, LintCode::NotDocumented, span, text))
    })
}

fn conditions(pattern: &Pattern) -> Vec<&Condition> {
    match pattern.kind() {
        Kind::Json(expression) => expression.conditions(),
        Kind::SpaceDelimited(fields) => fields
            .iter()
            .filter_map(|field| match field {
                Field::Named { conditions, .. } => conditions.as_ref(),
                Field::Ellipsis => None,
            })
            .flat_map(|conditions| conditions.conditions())
            .collect(),
        Kind::Everything | Kind::Terms(_) | Kind::Regex(_) => Vec::new(),
    }
}

fn length(pattern: &Pattern) -> Option<Finding> {
    let length = pattern.text().chars().count();
    let end = pattern.text().char_indices().nth(MAX_CHARACTERS)?.0;
    let text = format!("the pattern has {length} characters; AWS takes {MAX_CHARACTERS}");
    Some(Finding::new(pattern, LintCode::TooLong, end..pattern.text().len(), text))
}

fn regexes(pattern: &Pattern, conditions: &[&Condition]) -> Option<Finding> {
    let with_regex = |condition: &&&Condition| matches!(condition.test, Test::Compare(_, Operand::Regex(_)));
    let found: Vec<_> = conditions.iter().filter(with_regex).collect();
    let first_too_many = found.get(MAX_REGEXES)?;
    let text = format!("there are {} regular expressions; AWS takes {MAX_REGEXES}", found.len());
    Some(Finding::new(pattern, LintCode::TooManyRegexes, first_too_many.span.clone(), text))
}

fn wildcards(pattern: &Pattern, conditions: &[&Condition]) -> Vec<Finding> {
    let code = LintCode::TooManyWildcardSelectors;
    let mut findings = Vec::new();
    let mut total = 0;
    for condition in conditions {
        let here = condition.selector.wildcards();
        if here > 1 {
            let text = format!("{} has {here} wildcards; AWS takes one in a selector", condition.selector);
            findings.push(Finding::new(pattern, code, condition.selector.span.clone(), text));
        }
        if total <= MAX_WILDCARDS && total + here > MAX_WILDCARDS {
            let text = format!("this is the wildcard selector after the {MAX_WILDCARDS} that AWS takes");
            findings.push(Finding::new(pattern, code, condition.selector.span.clone(), text));
        }
        total += here;
    }
    findings
}

fn text(pattern: &Pattern, condition: &Condition) -> Option<Finding> {
    let Test::Compare(comparison, operand) = &condition.test else { return None };
    let (glob, is_bare) = match operand {
        Operand::Quoted(glob) => (glob, false),
        Operand::Bare(glob) => (glob, true),
        Operand::Number(_) | Operand::Regex(_) => return None,
    };
    if glob.has_inner_asterisk() {
        let text = format!(
            "`{}`: the page calls the asterisk a wildcard; until about 2021 it said that one between other characters is literal",
            glob.text()
        );
        return Some(Finding::new(pattern, LintCode::InnerAsterisk, condition.span.clone(), text));
    }
    let is_plain = |glob: &Glob| glob.text().chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_bare || is_plain(glob) || glob.text() == "*" {
        return None;
    }
    let is_seen = glob.text().chars().all(|c| c.is_ascii_alphanumeric() || "_-.*".contains(c));
    let what = if is_seen {
        "; patterns with dots, hyphens and asterisks so were seen to work"
    } else {
        ": whether AWS takes that, and reads the same in it, its page does not say"
    };
    let text = format!(
        "`{}` has other characters than letters, digits and _ and stands without quotes{what}",
        glob.text()
    );
    let quoted = crate::filter::print::quoted(glob.text());
    let finding = Finding::new(pattern, LintCode::UnquotedText, condition.span.clone(), text);
    let level = if is_seen { finding.level } else { Level::Warning };
    let finding = Finding { level, ..finding };
    Some(finding.safe_form(format!("{} {} {quoted}", condition.selector, comparison.as_str())))
}

fn kind(pattern: &Pattern) -> Vec<Finding> {
    let all = 0..pattern.text().len();
    match pattern.kind() {
        Kind::SpaceDelimited(_) => {
            let text =
                "CloudTrail events are JSON and not words between spaces: it does not see their fields"
                    .to_owned();
            let finding = Finding::new(pattern, LintCode::NotJson, all, text);
            vec![finding.safe_form("{ $.errorCode = \"AccessDenied*\" }".to_owned())]
        }
        Kind::Regex(_) => {
            let text = "the expression is looked for in the whole event: also in names, tags and messages that a caller chooses";
            vec![Finding::new(pattern, LintCode::NotJson, all, text.to_owned())]
        }
        Kind::Terms(terms) => {
            let text = "terms are looked for in the whole event: also in names, tags and messages that a caller chooses";
            let mut findings = vec![Finding::new(pattern, LintCode::NotJson, all, text.to_owned())];
            let is_optional = |mode: TermMode| mode == TermMode::Optional;
            let mixed = terms.iter().any(|term| !is_optional(term.mode));
            if let Some(ignored) = terms.iter().find(|term| mixed && is_optional(term.mode)) {
                let text = format!("`?{}` does not count beside terms without `?`", ignored.text);
                let span = ignored.span.clone();
                findings.push(Finding::new(pattern, LintCode::OptionalTermsIgnored, span, text));
            }
            findings
        }
        Kind::Everything | Kind::Json(_) => Vec::new(),
    }
}
