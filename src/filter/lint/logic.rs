//! How conditions are joined.

use super::{Finding, Lint, LintCode};
use crate::filter::pattern::{Comparison, Condition, Expression, Group, Operand, Test};

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(lint, lint.whole, &mut findings);
    findings
}

fn walk(lint: &Lint<'_>, expression: &Expression, findings: &mut Vec<Finding>) {
    match expression {
        Expression::Any(group) => {
            findings.extend(nothing_excluded(lint, group));
            findings.extend(mixed(lint, group));
        }
        Expression::All(group) => findings.extend(never(lint, group)),
        Expression::Condition(_) => {}
    }
    for part in expression.parts() {
        walk(lint, part, findings);
    }
}

/// The conditions among the parts that compare a field with one text, and two of them that differ in it.
fn two_texts(group: &Group, comparison: Comparison) -> Option<(&Condition, &str, &str)> {
    let mut seen: Vec<(&Condition, &str)> = Vec::new();
    for part in &group.parts {
        let Expression::Condition(condition) = part else { continue };
        let Test::Compare(found, Operand::Quoted(glob) | Operand::Bare(glob)) = &condition.test else {
            continue;
        };
        if *found != comparison || glob.is_pattern() || condition.selector.wildcards() > 0 {
            continue;
        }
        let before = seen
            .iter()
            .find(|(other, text)| other.selector.steps == condition.selector.steps && *text != glob.text());
        if let Some((_, text)) = before {
            return Some((condition, text, glob.text()));
        }
        seen.push((condition, glob.text()));
    }
    None
}

fn nothing_excluded(lint: &Lint<'_>, group: &Group) -> Option<Finding> {
    let (condition, one, other) = two_texts(group, Comparison::NotEqual)?;
    let field = &condition.selector;
    let text =
        format!("whatever {field} is, it differs from \"{one}\" or from \"{other}\": nothing is excluded");
    let finding = lint.finding(LintCode::ExclusionsJoinedByOr, condition.span.clone(), text);
    Some(finding.safe_form(format!("(({field} != \"{one}\") && ({field} != \"{other}\"))")))
}

fn never(lint: &Lint<'_>, group: &Group) -> Option<Finding> {
    let (condition, one, other) = two_texts(group, Comparison::Equal)?;
    let field = &condition.selector;
    let text = format!("{field} cannot be \"{one}\" and \"{other}\" at once");
    let finding = lint.finding(LintCode::NeverMatches, condition.span.clone(), text);
    Some(finding.safe_form(format!("(({field} = \"{one}\") || ({field} = \"{other}\"))")))
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
