//! Patterns that are nearly those of Security Hub's controls.
//!
//! "This control fails if the exact metric filters prescribed by CIS are not used. Additional fields or terms cannot be
//! added to the metric filters." <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>

use std::collections::BTreeSet;

use super::{Finding, Level, Lint, LintCode};
use crate::filter::pattern::{Condition, Expression, Kind, Operand, Pattern, Test};
use crate::knowledge::security_hub::{self, ControlFilter};

pub(super) fn check(lint: &Lint<'_>) -> Option<Finding> {
    let text = lint.pattern.text();
    if security_hub::filters().iter().any(|filter| filter.pattern == text.trim()) {
        return None;
    }
    let own = terms(lint.pattern);
    let nearest = security_hub::filters()
        .iter()
        .filter_map(|filter| {
            let wanted = terms(&Pattern::parse(filter.pattern).ok()?);
            let shared = wanted.intersection(&own).count();
            (shared > 1 && shared * 10 >= wanted.len() * 6).then_some((shared, filter))
        })
        .max_by_key(|(shared, filter)| (*shared, filter.is_recommended))?
        .1;
    Some(finding(lint, nearest))
}

/// What is lost if the text of a control is changed.
pub(super) fn caution(pattern: &Pattern) -> Option<String> {
    let filter = security_hub::filters().iter().find(|filter| filter.pattern == pattern.text().trim())?;
    Some(format!(
        "this is the text that {} of Security Hub looks for, and the control fails without it: keep it, and put the safer form into a second filter",
        filter.control
    ))
}

fn finding(lint: &Lint<'_>, filter: &ControlFilter) -> Finding {
    let own = Some(spelling(lint.whole));
    let theirs = Pattern::parse(filter.pattern).ok();
    let only_spelling = own
        == theirs.as_ref().and_then(|pattern| match pattern.kind() {
            Kind::Json(expression) => Some(spelling(expression)),
            _ => None,
        });
    let what = if only_spelling {
        "the same conditions in another spelling; whether Security Hub accepts that, its page does not say"
    } else {
        "Security Hub wants the exact text and fails the control otherwise: keep its filter for the control, and let a second one of your own raise the alarm"
    };
    let text = format!("this is nearly the pattern of {} ({}): {what}", filter.control, filter.title);
    let all = 0..lint.pattern.text().len();
    let finding = lint.finding(LintCode::DiffersFromSecurityHub, all, text);
    let level = if only_spelling { Level::Note } else { finding.level };
    Finding { level, ..finding }.safe_form(filter.pattern.to_owned())
}

/// The conditions of a pattern, however they are quoted and joined.
fn terms(pattern: &Pattern) -> BTreeSet<String> {
    let Kind::Json(expression) = pattern.kind() else { return BTreeSet::new() };
    expression.conditions().into_iter().map(unquoted).collect()
}

fn unquoted(condition: &Condition) -> String {
    match &condition.test {
        Test::Compare(comparison, Operand::Bare(glob)) => {
            format!("{} {} \"{}\"", condition.selector, comparison.as_str(), glob.text())
        }
        _ => condition.to_string(),
    }
}

/// The conditions and how they are joined, without the white space, quotes and parentheses that change neither.
fn spelling(expression: &Expression) -> String {
    let (group, sign, is_all) = match expression {
        Expression::Condition(condition) => return unquoted(condition),
        Expression::All(group) => (group, " && ", true),
        Expression::Any(group) => (group, " || ", false),
    };
    let parts = group.parts.iter().map(|part| match (part, is_all) {
        (Expression::All(_), true) | (Expression::Any(_), false) | (Expression::Condition(_), _) => {
            spelling(part)
        }
        _ => format!("({})", spelling(part)),
    });
    parts.collect::<Vec<_>>().join(sign)
}
