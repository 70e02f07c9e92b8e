//! Whether a field can have the value, and who decides.

use std::collections::BTreeSet;

use super::{Finding, Lint, LintCode};
use crate::filter::pattern::{Comparison, Condition, Constant, Operand, Test};
use crate::knowledge::event_fields::{self, FieldType};
use crate::knowledge::service_reference;

pub(super) fn check(lint: &Lint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for condition in lint.whole.conditions() {
        findings.extend(of_other_type(lint, condition));
        findings.extend(chosen_by_caller(lint, condition));
    }
    findings.extend(other_services(lint));
    findings
}

fn of_other_type(lint: &Lint<'_>, condition: &Condition) -> Option<Finding> {
    let field = condition.selector.path();
    let value = event_fields::row(&field, None)?.value;
    let selector = &condition.selector;
    let ends_at_element = selector.names().is_none();
    let (code, text, safe) = match (&condition.test, value) {
        (Test::Compare(comparison, operand), FieldType::Boolean) => {
            let positive =
                operand.text().is_some_and(|text| text == "true") == (*comparison == Comparison::Equal);
            let safe = format!("{selector} IS {}", if positive { "TRUE" } else { "FALSE" });
            (
                LintCode::WrongType,
                format!("{selector} is a boolean; a comparison is for texts and numbers"),
                Some(safe),
            )
        }
        (Test::Is(constant @ (Constant::True | Constant::False)), FieldType::Text) => {
            let word = if *constant == Constant::True { "true" } else { "false" };
            let text = format!("{selector} is a text, \"true\" or \"false\": IS {constant} is never so");
            (LintCode::WrongType, text, Some(format!("{selector} = \"{word}\"")))
        }
        (Test::Compare(..), FieldType::Object | FieldType::Array) if !ends_at_element => {
            let text = format!("{selector} is an object or array, which nothing compares with");
            (LintCode::WrongType, text, None)
        }
        (Test::Compare(comparison, _), FieldType::Text) if comparison.is_ordering() => {
            let text = format!("{selector} is a text, and {} compares numbers", comparison.as_str());
            (LintCode::WrongType, text, None)
        }
        (Test::Compare(comparison, Operand::Number(number)), FieldType::Text) => {
            let text = format!(
                "{selector} is a text; whether digits without quotes equal it, the page does not say"
            );
            let safe = format!("{selector} {} \"{}\"", comparison.as_str(), number.text());
            (LintCode::NumberForText, text, Some(safe))
        }
        _ => return None,
    };
    let finding = lint.finding(code, condition.span.clone(), text);
    Some(Finding { safe_form: safe, ..finding })
}

/// Excluding by what the caller sends lets every caller exclude itself.
fn chosen_by_caller(lint: &Lint<'_>, condition: &Condition) -> Option<Finding> {
    let Test::Compare(Comparison::NotEqual, operand) = &condition.test else { return None };
    let field = condition.selector.path();
    let chosen = event_fields::rows(&field).find(|row| row.chosen_by_caller)?;
    let text = operand.text().unwrap_or_default();
    let is_whole = chosen.identity.is_none();
    // An ARN or id of a session ends with the session's name; what ends with `*` leaves the name open.
    let names_session = text.contains("assumed-role") || text.contains(':') && field.ends_with("principalId");
    if !is_whole && (!names_session || text.ends_with('*')) && !text.starts_with('*') {
        return None;
    }
    let what = if is_whole { "this text" } else { "the name of its session" };
    let why = format!("the caller chooses {what}, so whoever may call can leave itself out");
    let finding = lint.finding(LintCode::CallerChoosesValue, condition.span.clone(), why);
    let role = "$.userIdentity.sessionContext.sessionIssuer.userName";
    let advice = Some(format!("exclude the role by {role}, which it cannot choose"));
    Some(Finding { advice, ..finding })
}

/// A name of an event without its source.
fn other_services(lint: &Lint<'_>) -> Option<Finding> {
    if lint.whole.conditions().iter().any(|condition| condition.selector.path() == "eventSource") {
        return None;
    }
    let named: Vec<(&Condition, &str)> = lint
        .comparing("eventName", Comparison::Equal)
        .filter_map(|(condition, operand)| Some((condition, operand.text()?)))
        .collect();
    let shared: Vec<(&Condition, &str, BTreeSet<&str>)> = named
        .into_iter()
        .map(|(condition, name)| (condition, name, services_with(name)))
        .filter(|(_, _, services)| services.len() > 1)
        .collect();
    let first = shared.first()?.0;
    let words: Vec<String> = shared
        .iter()
        .map(|(_, name, services)| {
            format!("{name} ({})", services.iter().copied().collect::<Vec<_>>().join(", "))
        })
        .collect();
    let text = format!("without $.eventSource, events of all these services match: {}", words.join("; "));
    let finding = lint.finding(LintCode::OtherServices, first.span.clone(), text);
    Some(finding.safe_form("($.eventSource = \"SERVICE.amazonaws.com\") && (…)".to_owned()))
}

fn services_with(name: &str) -> BTreeSet<&'static str> {
    let has =
        |prefix: &&str| service_reference::action(prefix, name).is_some_and(|action| action.name == name);
    service_reference::services().filter(has).collect()
}
