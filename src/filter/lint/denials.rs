//! Patterns that count denials: which they miss, and which they hide.

use super::{Finding, Lint, LintCode};
use crate::filter::make;
use crate::filter::pattern::{Comparison, Condition, Expression, Operand, Test};
use crate::knowledge::error_codes::{self, ErrorClass};
use crate::knowledge::organizations_callers;

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let counted: Vec<_> = lint.comparing("errorCode", Comparison::Equal).collect();
    let is_counted = |code: &str| counted.iter().any(|(_, operand)| matches(operand, code));
    let denied =
        || error_codes::all().iter().filter(|row| row.class == ErrorClass::Denied).map(|row| row.code);
    let Some((first, _)) = counted.first().filter(|_| denied().any(is_counted)) else { return Vec::new() };
    let mut findings = Vec::new();
    let missed: Vec<&str> = denied().filter(|code| !is_counted(code)).collect();
    if !missed.is_empty() {
        let text = format!(
            "{} of the {} known error codes that mean denied are not counted: {}",
            missed.len(),
            denied().count(),
            missed.join(", ")
        );
        let finding = lint.finding(LintCode::MissesDenialCodes, first.span.clone(), text);
        findings.push(finding.safe_form(make::denial_terms()));
    }
    let counted: Vec<&str> = denied().filter(|code| is_counted(code)).collect();
    let excluded = lint.comparing("eventName", Comparison::NotEqual);
    findings.extend(excluded.filter_map(|(condition, operand)| hidden(lint, condition, operand, &counted)));
    findings
}

/// Whether an exclusion decides on denials of what it excludes: whatever else is looked for is there, or none of it is.
fn decides(lint: &Lint<'_>, exclusion: &Condition, operand: &Operand, code: &str) -> bool {
    [true, false].into_iter().any(|others| {
        let with = |keeps: bool| {
            holds(lint.whole, &|condition| {
                if std::ptr::eq(condition, exclusion) {
                    return keeps;
                }
                match &condition.test {
                    Test::Compare(Comparison::Equal, wanted) if condition.selector.path() == "errorCode" => {
                        matches(wanted, code)
                    }
                    Test::Compare(Comparison::Equal, wanted)
                        if condition.selector.steps == exclusion.selector.steps =>
                    {
                        operand.text().is_some_and(|name| matches(wanted, name))
                    }
                    Test::Compare(Comparison::NotEqual, _) => true,
                    _ => others,
                }
            })
        };
        with(true) && !with(false)
    })
}

fn holds(part: &Expression, condition: &impl Fn(&Condition) -> bool) -> bool {
    match part {
        Expression::Condition(own) => condition(own),
        Expression::All(group) => group.parts.iter().all(|part| holds(part, condition)),
        Expression::Any(group) => group.parts.iter().any(|part| holds(part, condition)),
    }
}

/// Whether an operand matches a text, by the reading that matching itself takes.
pub(super) fn matches(operand: &Operand, text: &str) -> bool {
    match operand {
        Operand::Quoted(glob) | Operand::Bare(glob) => glob.matches(text),
        Operand::Number(number) => number.text() == text,
        Operand::Regex(regex) => regex.is_match(text),
    }
}

fn hidden(lint: &Lint<'_>, condition: &Condition, operand: &Operand, counted: &[&str]) -> Option<Finding> {
    let codes: Vec<&str> =
        counted.iter().copied().filter(|code| decides(lint, condition, operand, code)).collect();
    let name = operand.text().unwrap_or("the event");
    let is_organizations = organizations_callers::callers(&format!("organizations:{name}")).is_some();
    let why = if is_organizations {
        "a console that asks on its own is refused for the kind of the account, and that refusal has a message of its own"
    } else {
        "exclude who calls, or the message, and not the event"
    };
    let which = match codes.as_slice() {
        [] => return None,
        some if some.len() < counted.len() => format!(" with the error codes {}", some.join(", ")),
        _ => String::new(),
    };
    let text = format!("every denial of {name}{which} is hidden, also one by a policy: {why}");
    let finding = lint.finding(LintCode::HidesPolicyDenials, condition.span.clone(), text);
    Some(if is_organizations { finding.safe_form(make::without_caller_validation()) } else { finding })
}
