//! Patterns, and parts of patterns, that nothing or everything matches.
//!
//! All ways are gone through in which a pattern can hold, or fail: each a list of conditions. A way is closed if no value
//! of some field meets its conditions. What has too many ways is not judged.

use super::possible::{Wanted, is_possible};
use super::{Finding, Level, Lint, LintCode};
use crate::filter::pattern::{
    Comparison, Condition, Constant, Expression, Group, Operand, Selector, Step, Test,
};
use crate::knowledge::event_fields::{self, Presence};

/// So many ways are gone through.
const MAX_WAYS: usize = 1_000;

/// A condition, and whether it is to hold or to fail.
type Literal<'e> = (&'e Condition, bool);

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_never = is_closed(lint.whole, true);
    if is_closed(lint.whole, false) {
        findings.push(everything(lint));
    }
    never(lint, lint.whole, is_never, &mut findings);
    findings
}

/// A pattern of one condition that always holds is a way to say "everything".
fn everything(lint: &Lint<'_>) -> Finding {
    let text = "every event of CloudTrail matches".to_owned();
    let finding = lint.finding(LintCode::AlwaysMatches, lint.whole.span(), text);
    match lint.whole {
        Expression::Condition(_) => Finding { level: Level::Note, ..finding },
        Expression::All(_) | Expression::Any(_) => finding,
    }
}

/// The smallest parts that never hold. A condition alone is named only if the whole pattern never holds: beside others it
/// may be a guard that is not needed.
fn never(lint: &Lint<'_>, part: &Expression, is_whole: bool, findings: &mut Vec<Finding>) {
    let is_never = is_closed(part, true);
    match part {
        Expression::Condition(condition) if is_never && is_whole => findings.extend(unmet(lint, condition)),
        Expression::Condition(_) => {}
        Expression::All(group) if is_never && !group.parts.iter().any(|inner| is_closed(inner, true)) => {
            findings.push(contradiction(lint, group));
        }
        Expression::All(group) | Expression::Any(group) => {
            for inner in &group.parts {
                never(lint, inner, is_whole && is_never, findings);
            }
        }
    }
}

/// Conditions of the wrong type have a finding of their own.
fn unmet(lint: &Lint<'_>, condition: &Condition) -> Option<Finding> {
    let row = event_fields::row(&condition.selector.path(), None)?;
    let wants_none = matches!(condition.test, Test::NotExists | Test::Is(Constant::Null));
    (row.presence == Presence::Always && wants_none).then(|| {
        let text = format!("every event has a value in {}", condition.selector);
        lint.finding(LintCode::NeverMatches, condition.span.clone(), text)
    })
}

fn contradiction(lint: &Lint<'_>, group: &Group) -> Finding {
    let conditions: Vec<&Condition> = group
        .parts
        .iter()
        .filter_map(|part| match part {
            Expression::Condition(condition) => Some(condition.as_ref()),
            Expression::All(_) | Expression::Any(_) => None,
        })
        .collect();
    let pair = conditions.iter().enumerate().find_map(|(index, second)| {
        let before = conditions.iter().take(index);
        before
            .into_iter()
            .find(|first| !is_open(&[(**first, true), (*second, true)]))
            .map(|first| (*first, *second))
    });
    match pair {
        Some((first, second)) => of_two(lint, first, second),
        None => {
            let text = "no event meets all of these conditions".to_owned();
            lint.finding(LintCode::NeverMatches, group.span.clone(), text)
        }
    }
}

fn of_two(lint: &Lint<'_>, first: &Condition, second: &Condition) -> Finding {
    let (one, other) = (lint.pattern.part(&first.span), lint.pattern.part(&second.span));
    let text = format!("`{other}` never holds where `{one}` does");
    let finding = lint.finding(LintCode::NeverMatches, second.span.clone(), text);
    let are_equal = |condition: &Condition| {
        matches!(condition.test, Test::Compare(Comparison::Equal, Operand::Quoted(_) | Operand::Bare(_)))
    };
    if first.selector.steps == second.selector.steps && are_equal(first) && are_equal(second) {
        return finding.safe_form(format!("(({one}) || ({other}))"));
    }
    finding
}

/// Whether a part can never come to the wanted result.
fn is_closed(part: &Expression, wanted: bool) -> bool {
    ways(part, wanted).is_some_and(|ways| ways.is_empty())
}

/// The ways in which a part comes to a result; `None` if there are too many.
fn ways(part: &Expression, wanted: bool) -> Option<Vec<Vec<Literal<'_>>>> {
    let (group, is_all) = match part {
        Expression::Condition(condition) => {
            let way = vec![(condition.as_ref(), wanted)];
            return Some(if is_open(&way) { vec![way] } else { Vec::new() });
        }
        Expression::All(group) => (group, true),
        Expression::Any(group) => (group, false),
    };
    let mut found: Vec<Vec<Literal<'_>>> = if is_all == wanted { vec![Vec::new()] } else { Vec::new() };
    for inner in &group.parts {
        let inner = ways(inner, wanted)?;
        if is_all == wanted {
            if found.len() * inner.len() > MAX_WAYS {
                return None;
            }
            let joined =
                found.iter().flat_map(|way| inner.iter().map(move |more| [way.as_slice(), more].concat()));
            found = joined.filter(|way| is_open(way)).collect();
        } else {
            found.extend(inner);
        }
    }
    (found.len() <= MAX_WAYS).then_some(found)
}

/// Whether every field can have a value that meets its conditions. What looks at several values is left open.
fn is_open(way: &[Literal<'_>]) -> bool {
    let one_value = || way.iter().filter(|(condition, _)| condition.selector.wildcards() == 0);
    one_value().all(|(condition, _)| {
        let steps = &condition.selector.steps;
        let own: Vec<Wanted<'_>> = one_value()
            .filter(|(other, _)| other.selector.steps == *steps)
            .map(|(other, wanted)| (&other.test, *wanted))
            .collect();
        let is_parent = one_value().any(|(other, wanted)| {
            is_below(&other.selector, steps)
                && (*wanted != matches!(other.test, Test::NotExists))
                && !is_failed_comparison(other, *wanted)
        });
        is_possible(&condition.selector, &own, is_parent)
    })
}

fn is_below(selector: &Selector, steps: &[Step]) -> bool {
    selector.steps.len() > steps.len() && selector.steps.starts_with(steps)
}

/// A comparison that fails says nothing of whether there is a value.
fn is_failed_comparison(condition: &Condition, wanted: bool) -> bool {
    !wanted && !matches!(condition.test, Test::NotExists)
}
