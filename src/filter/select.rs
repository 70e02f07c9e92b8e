//! What a selector points at in an event.

use serde_json::Value;

use super::pattern::{Selector, Step};

/// How much of a value is kept for people to see, in characters.
const SHOWN: usize = 200;

/// What an event had where a condition looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing; the text is the first part of the selector that leads nowhere.
    Missing(String),
    /// JSON's `null`.
    Null,
    /// An object, which no comparison matches.
    Object,
    /// An array, which no comparison matches.
    Array,
    /// A string, number or boolean, as JSON, cut if it is long.
    Scalar(String),
    /// A wildcard selector found so many values.
    Several(usize),
    /// A term or expression that looks at the whole text: whether it is there.
    Text(bool),
}

impl Found {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            Value::String(text) if text.len() > SHOWN => {
                let start: String = text.chars().take(SHOWN).collect();
                Self::Scalar(format!("{}…", Value::String(start)))
            }
            scalar => Self::Scalar(scalar.to_string()),
        }
    }

    /// What stands for the values that a selector found.
    pub(super) fn of_all(selector: &Selector, values: &Values<'_>) -> Self {
        match values {
            Values::None { reached } => {
                let steps = selector.steps.iter().take(reached + 1).cloned().collect();
                Self::Missing(Selector { steps, span: 0..0 }.to_string())
            }
            Values::Some(values) => match values.as_slice() {
                [only] => Self::of(only),
                several => Self::Several(several.len()),
            },
        }
    }
}

/// The values that a selector finds: one, unless it has a wildcard.
pub(super) enum Values<'v> {
    /// None; so many steps led somewhere.
    None {
        reached: usize,
    },
    Some(Vec<&'v Value>),
}

impl<'v> Values<'v> {
    /// A step into something that is no object or array leads nowhere: "If arrayKey is not an array this will be
    /// false." (page of 2019).
    pub(super) fn of(selector: &Selector, event: &'v Value) -> Self {
        let mut values = vec![event];
        for (reached, step) in selector.steps.iter().enumerate() {
            values = values.into_iter().flat_map(|value| inside(step, value)).collect();
            if values.is_empty() {
                return Self::None { reached };
            }
        }
        Self::Some(values)
    }
}

fn inside<'v>(step: &Step, value: &'v Value) -> Vec<&'v Value> {
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => fields.get(name).into_iter().collect(),
        (Step::AnyField, Value::Object(fields)) => fields.values().collect(),
        (Step::Index(index), Value::Array(elements)) => elements.get(*index).into_iter().collect(),
        (Step::AnyElement, Value::Array(elements)) => elements.iter().collect(),
        _ => Vec::new(),
    }
}
