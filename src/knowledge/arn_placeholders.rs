//! Which request parameters fill the ARN of a resource, and for which types of resources that is no guess.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use super::table;
use std::sync::LazyLock;

/// A placeholder of ARN formats, and the request parameters that hold its value.
#[derive(Debug, Clone)]
pub struct Placeholder {
    /// The placeholder, in lower case.
    pub placeholder: &'static str,
    /// The parameters, in lower case, the first choice first.
    pub parameters: Vec<&'static str>,
}

struct SureType {
    service: &'static str,
    name: &'static str,
    created: &'static str,
}

/// The placeholders whose parameter has another name.
pub fn parameters() -> &'static [Placeholder] {
    &PLACEHOLDERS
}

/// Whether the ARN of a resource type follows from the request parameters without doubt.
pub fn is_sure(service: &str, name: &str) -> bool {
    SURE.iter().any(|row| row.created.is_empty() && row.service == service && row.name == name)
}

/// The placeholder of a resource that a call creates: it has no id yet and is checked as `*`.
pub fn of_created(service: &str, name: &str) -> Option<&'static str> {
    let row = SURE.iter().find(|row| row.service == service && row.name == name)?;
    (!row.created.is_empty()).then_some(row.created)
}

static PLACEHOLDERS: LazyLock<Vec<Placeholder>> = LazyLock::new(|| {
    table::rows(include_str!("tables/arn_placeholders.tsv"))
        .map(|row| Placeholder { placeholder: row.get("placeholder"), parameters: row.list("parameters") })
        .collect()
});

static SURE: LazyLock<Vec<SureType>> = LazyLock::new(|| {
    table::rows(include_str!("tables/arn_sure_types.tsv"))
        .map(|row| SureType {
            service: row.get("service"),
            name: row.get("type"),
            created: row.get("created"),
        })
        .collect()
});
