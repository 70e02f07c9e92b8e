//! Conditions that are false where the field is missing.
//!
//! `$.f != "v"` reads like "everything but v" and is false for every event without `f`. It is safe if something beside it
//! holds for just those events, or if they could not match anyway.

use super::{Finding, Lint, LintCode};
use crate::filter::pattern::{Comparison, Condition, Constant, Expression, Operand, Selector, Test};
use crate::knowledge::event_fields::{self, Presence};

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(lint, lint.whole, &mut Vec::new(), &mut findings);
    findings
}

/// A part on the way to a condition: the group, and which of its parts the way goes through.
type Way<'e> = Vec<(&'e Expression, usize)>;

fn walk<'e>(lint: &Lint<'_>, expression: &'e Expression, way: &mut Way<'e>, findings: &mut Vec<Finding>) {
    if let Expression::Condition(condition) = expression {
        findings.extend(examine(lint, condition, way));
    }
    for (index, part) in expression.parts().iter().enumerate() {
        way.push((expression, index));
        walk(lint, part, way, findings);
        way.pop();
    }
}

fn examine(lint: &Lint<'_>, condition: &Condition, way: &Way<'_>) -> Option<Finding> {
    let Test::Compare(Comparison::NotEqual, operand) = &condition.test else { return None };
    let missing = Missing::of(condition, way)?;
    let selector = &condition.selector;
    let guarded = |state| is_settled(selector, state, way);
    let (without, with_null) = (guarded(State::Missing), guarded(State::Null));
    if without {
        return None;
    }
    let text = format!("{selector} != is false where the field is missing: {}", missing.words());
    let finding = lint.finding(LintCode::DropsEventsWithoutField, condition.span.clone(), text);
    let null = if with_null { String::new() } else { format!("({selector} IS NULL) || ") };
    Some(finding.safe_form(format!("(({selector} NOT EXISTS) || {null}({selector} != {}))", Quoted(operand))))
}

/// An exclusion that holds for events without the field too.
pub(super) fn guarded(condition: &Condition) -> String {
    let selector = &condition.selector;
    let Test::Compare(comparison, operand) = &condition.test else { return format!("({condition})") };
    let differs = format!("({selector} {} {})", comparison.as_str(), Quoted(operand));
    match event_fields::row(&selector.path(), None) {
        Some(row) if row.presence == Presence::Always => differs,
        _ => format!("(({selector} NOT EXISTS) || ({selector} IS NULL) || {differs})"),
    }
}

struct Quoted<'a>(&'a Operand);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Operand::Bare(glob) => f.write_str(&crate::filter::print::quoted(glob.text())),
            other => write!(f, "{other}"),
        }
    }
}

/// Which events do not have a field.
struct Missing {
    never: Vec<&'static str>,
    note: &'static str,
}

impl Missing {
    /// `None` if every event has it that the pattern can match.
    fn of(condition: &Condition, way: &Way<'_>) -> Option<Self> {
        let field = condition.selector.path();
        let identity = identity(way);
        let row = event_fields::row(&field, identity);
        if row.is_some_and(|row| row.presence == Presence::Always) {
            return None;
        }
        let rows = event_fields::rows(&field).filter(|row| identity.is_none() || row.identity == identity);
        let never = rows.filter(|row| row.presence == Presence::Never).filter_map(|row| row.identity);
        Some(Self { never: never.collect(), note: row.map_or("", |row| row.note) })
    }

    fn words(&self) -> String {
        match (self.never.as_slice(), self.note) {
            ([], "") => "every event without it is silently dropped".to_owned(),
            ([], note) => format!("every event without it is silently dropped ({note})"),
            (types, _) => {
                format!("every event of {} and every other without it is silently dropped", types.join(", "))
            }
        }
    }
}

/// The only `userIdentity.type` that can match, if the pattern says so.
fn identity<'e>(way: &Way<'e>) -> Option<&'e str> {
    way.iter().filter(|(group, _)| matches!(group, Expression::All(_))).find_map(|(group, _)| {
        group.parts().iter().find_map(|part| match part {
            Expression::Condition(condition) if condition.selector.path() == "userIdentity.type" => {
                match &condition.test {
                    Test::Compare(Comparison::Equal, operand) => {
                        operand.text().filter(|text| !text.contains('*'))
                    }
                    _ => None,
                }
            }
            _ => None,
        })
    })
}

/// What is the matter with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Null,
}

/// Whether another part takes care of events without the field: one that holds for them, or one that no such event meets.
fn is_settled(selector: &Selector, state: State, way: &Way<'_>) -> bool {
    way.iter().any(|(group, through)| {
        let settles = matches!(group, Expression::Any(_));
        let others = group.parts().iter().enumerate().filter(|(index, _)| index != through);
        others.into_iter().any(|(_, part)| holds(part, selector, state) == Some(settles))
    })
}

/// Whether a part holds for every event without the field, or for none; `None` if that depends. A `!=` is left open: it
/// may be meant as an exclusion itself.
fn holds(part: &Expression, missing: &Selector, state: State) -> Option<bool> {
    match part {
        Expression::Condition(condition) => {
            let depends = match state {
                State::Missing => {
                    condition.selector.steps.starts_with(&missing.steps)
                        || goes_with(missing, &condition.selector)
                }
                State::Null => condition.selector.steps == missing.steps,
            };
            match &condition.test {
                _ if !depends => None,
                Test::Compare(Comparison::NotEqual, _) => None,
                Test::NotExists => Some(state == State::Missing),
                Test::Is(Constant::Null) => Some(state == State::Null),
                Test::Is(_) | Test::Compare(..) => Some(false),
            }
        }
        Expression::All(group) => joined(group.parts.iter().map(|part| holds(part, missing, state)), true),
        Expression::Any(group) => joined(group.parts.iter().map(|part| holds(part, missing, state)), false),
    }
}

/// Whether an event without the one has not the other either. Events without `userIdentity.type` are those of services;
/// none was seen with a name or a session (OBS-INV of `knowledge/tables/sources.tsv`).
fn goes_with(missing: &Selector, other: &Selector) -> bool {
    let named = ["userIdentity.userName", "userIdentity.sessionContext"];
    missing.path() == "userIdentity.type" && named.iter().any(|field| other.path().starts_with(field))
}

fn joined(parts: impl Iterator<Item = Option<bool>>, all: bool) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.collect();
    if parts.contains(&Some(!all)) {
        return Some(!all);
    }
    parts.iter().all(|part| *part == Some(all)).then_some(all)
}
