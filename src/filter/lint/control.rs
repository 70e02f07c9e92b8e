//! Patterns that are nearly those of Security Hub's controls.
//!
//! "This control fails if the exact metric filters prescribed by CIS are not used. Additional fields or terms cannot be
//! added to the metric filters." <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>

use std::collections::BTreeSet;

use super::{Finding, Level, Lint, LintCode};
use crate::filter::pattern::{Kind, Operand, Pattern, Test};
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

fn finding(lint: &Lint<'_>, filter: &ControlFilter) -> Finding {
    let only_spelling = spelling(filter.pattern) == spelling(lint.pattern.text());
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
    let spelled = expression.conditions().into_iter().map(|condition| match &condition.test {
        Test::Compare(comparison, Operand::Bare(glob)) => {
            format!("{} {} \"{}\"", condition.selector, comparison.as_str(), glob.text())
        }
        _ => condition.to_string(),
    });
    spelled.collect()
}

/// The text without white space and quotes.
fn spelling(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != '"').collect()
}
