//! Names of fields and values that CloudTrail writes in another way.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{Finding, Level, Lint, LintCode};
use crate::filter::glob::Glob;
use crate::filter::pattern::{Comparison, Condition, Operand, Step, Test};
use crate::knowledge::{actions, error_codes, event_fields, service_reference};

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let conditions = lint.whole.conditions();
    conditions
        .into_iter()
        .filter_map(|condition| field(lint, condition).or_else(|| value(lint, condition)))
        .collect()
}

/// A field whose name, or the name of one above it, is written in another case.
fn field(lint: &Lint<'_>, condition: &Condition) -> Option<Finding> {
    let names: Vec<&str> = condition
        .selector
        .steps
        .iter()
        .map_while(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::AnyField | Step::Index(_) | Step::AnyElement => None,
        })
        .collect();
    let (length, known) = (1..=names.len()).find_map(|length| {
        let path = names.get(..length)?.join(".");
        let fields = || event_fields::all().iter().map(|row| row.field);
        if fields().any(|field| field == path) {
            return None;
        }
        fields().find(|field| field.eq_ignore_ascii_case(&path)).map(|field| (length, field))
    })?;
    let mut selector = condition.selector.clone();
    for (step, name) in selector.steps.iter_mut().take(length).zip(known.split('.')) {
        *step = Step::Field(name.to_owned());
    }
    let text = format!(
        "no event has {}: names are compared with their case, and CloudTrail writes {selector}",
        condition.selector
    );
    let finding = lint.finding(LintCode::MisspeltField, condition.span.clone(), text);
    let right = Condition { selector, test: condition.test.clone(), span: condition.span.clone() };
    Some(finding.safe_form(right.to_string()))
}

/// A value that is known in another case only, or a service without its domain.
fn value(lint: &Lint<'_>, condition: &Condition) -> Option<Finding> {
    let Test::Compare(Comparison::Equal | Comparison::NotEqual, operand) = &condition.test else {
        return None;
    };
    let (Operand::Quoted(glob) | Operand::Bare(glob)) = operand else { return None };
    let path = condition.selector.path();
    let known = match path.as_str() {
        "eventSource" => {
            among(glob, EVENT_SOURCES.iter().map(String::as_str)).or_else(|| without_domain(glob))
        }
        "errorCode" => among(glob, error_codes::all().iter().map(|row| row.code)),
        "userIdentity.type" => among(glob, event_fields::all().iter().filter_map(|row| row.identity)),
        "eventName" => action(glob),
        _ => None,
    }?;
    let text = format!(
        "no event has {} here: texts are compared with their case, and AWS writes \"{known}\"",
        crate::filter::print::quoted(glob.text())
    );
    let finding = lint.finding(LintCode::MisspeltValue, condition.span.clone(), text);
    // Not every event is called as its action is.
    let level = if path == "eventName" { Level::Note } else { finding.level };
    let right = if glob.is_pattern() { None } else { Some(crate::filter::print::quoted(&known)) };
    let Test::Compare(comparison, _) = &condition.test else { return None };
    let safe_form = right.map(|right| format!("{} {} {right}", condition.selector, comparison.as_str()));
    Some(Finding { level, safe_form, ..finding })
}

/// A known value that a text would match if case did not count, where it matches none as it is.
fn among<'k>(glob: &Glob, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    if known.clone().any(|value| glob.matches(value)) {
        return None;
    }
    let lower = Glob::new(glob.text().to_ascii_lowercase());
    known.into_iter().find(|value| lower.matches(&value.to_ascii_lowercase())).map(str::to_owned)
}

fn without_domain(glob: &Glob) -> Option<String> {
    let full = format!("{}.amazonaws.com", glob.text().to_ascii_lowercase());
    EVENT_SOURCES.contains(&full).then_some(full)
}

fn action(glob: &Glob) -> Option<String> {
    if glob.is_pattern() {
        return None;
    }
    let found = || {
        service_reference::services()
            .filter_map(|service| service_reference::action(service, glob.text()))
            .map(|action| action.name)
    };
    if found().any(|name| name == glob.text()) { None } else { found().next().map(str::to_owned) }
}

/// The services of the Service Authorization Reference, and those whose events have another name.
static EVENT_SOURCES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let all = service_reference::services().chain(actions::event_sources());
    all.map(|source| format!("{source}.amazonaws.com")).collect()
});
