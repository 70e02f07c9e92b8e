//! How conditions are joined.

use super::missing::guarded;
use super::possible::exclude_each_other;
use super::{Finding, Lint, LintCode};
use crate::filter::pattern::{Comparison, Condition, Constant, Expression, Group, Operand, Test};

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(lint, lint.whole, &mut findings);
    findings
}

fn walk(lint: &Lint<'_>, expression: &Expression, findings: &mut Vec<Finding>) {
    if let Expression::Any(group) = expression {
        findings.extend(nothing_excluded(lint, group));
        findings.extend(mixed(lint, group));
    }
    for part in expression.parts() {
        walk(lint, part, findings);
    }
}

/// A condition that excludes, and what it excludes.
fn exclusion(part: &Expression) -> Option<(&Condition, &Operand)> {
    let Expression::Condition(condition) = part else { return None };
    match &condition.test {
        Test::Compare(Comparison::NotEqual, operand) => Some((condition, operand)),
        _ => None,
    }
}

/// Two exclusions of one field, of which every value meets one.
fn nothing_excluded(lint: &Lint<'_>, group: &Group) -> Option<Finding> {
    let all: Vec<_> = group.parts.iter().filter_map(exclusion).collect();
    let ((first, one), (second, other)) = all.iter().enumerate().find_map(|(index, second)| {
        let (condition, operand) = second;
        let before = all.iter().take(index).find(|(earlier, excluded)| {
            condition.selector.wildcards() == 0
                && earlier.selector.steps == condition.selector.steps
                && exclude_each_other(&condition.selector, excluded, operand)
        });
        before.map(|first| (*first, *second))
    })?;
    let field = &first.selector;
    let text = format!("whatever {field} is, it differs from {one} or from {other}: nothing is excluded");
    let finding = lint.finding(LintCode::ExclusionsJoinedByOr, second.span.clone(), text);
    let part = |condition: &Condition| format!("({})", lint.pattern.part(&condition.span));
    Some(finding.safe_form(format!("({} && {})", part(first), part(second))))
}

/// An exclusion as an alternative of the whole pattern, beside conditions that look for something: it alone matches nearly
/// every event, and what is looked for no longer counts.
pub(super) fn swallowed(lint: &Lint<'_>) -> Option<Finding> {
    let mut alternatives = Vec::new();
    flatten(lint.whole, &mut alternatives);
    let exclusions: Vec<&Condition> =
        alternatives.iter().filter_map(|part| exclusion(part)).map(|(condition, _)| condition).collect();
    let wanted: Vec<&&Expression> = alternatives
        .iter()
        .filter(|part| exclusion(part).is_none() && !is_guard(part, &exclusions))
        .collect();
    let first = exclusions.first().filter(|_| !wanted.is_empty())?;
    let text = format!(
        "as an alternative, `{}` alone matches every event with another {}, whatever else is looked for",
        lint.pattern.part(&first.span),
        first.selector
    );
    let finding = lint.finding(LintCode::ExclusionsJoinedByOr, first.span.clone(), text);
    let looks_for: Vec<String> =
        wanted.iter().map(|part| format!("({})", lint.pattern.part(&part.span()))).collect();
    let keeps: Vec<String> = exclusions.iter().map(|condition| guarded(condition)).collect();
    Some(finding.safe_form(format!("({}) && {}", looks_for.join(" || "), keeps.join(" && "))))
}

fn flatten<'e>(expression: &'e Expression, alternatives: &mut Vec<&'e Expression>) {
    match expression {
        Expression::Any(group) => group.parts.iter().for_each(|part| flatten(part, alternatives)),
        other => alternatives.push(other),
    }
}

/// What holds where an excluded field, or one above it, has no value.
fn is_guard(part: &Expression, exclusions: &[&Condition]) -> bool {
    let Expression::Condition(condition) = part else { return false };
    matches!(condition.test, Test::NotExists | Test::Is(Constant::Null))
        && exclusions.iter().any(|exclusion| exclusion.selector.steps.starts_with(&condition.selector.steps))
}

fn mixed(lint: &Lint<'_>, group: &Group) -> Option<Finding> {
    let bare = group.parts.iter().find_map(|part| match part {
        Expression::All(inner) if !inner.in_parentheses => Some(inner),
        _ => None,
    })?;
    let text = "`&&` binds closer than `||`: this part is one alternative".to_owned();
    let finding = lint.finding(LintCode::MixedWithoutParentheses, bare.span.clone(), text);
    Some(finding.safe_form(format!("({})", lint.pattern.part(&bare.span))))
}
