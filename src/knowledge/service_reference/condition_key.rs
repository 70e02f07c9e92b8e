//! Condition keys of the reference. A key may have a placeholder, `aws:RequestTag/${TagKey}` or
//! `s3:ExistingObjectTag/<key>`, which stands for any text.

use super::{ActionFacts, parse};
use crate::knowledge::{condition_keys, pattern};
use std::sync::LazyLock;

/// A condition key.
#[derive(Debug)]
pub struct ConditionKey {
    /// The key in AWS's own spelling, with its placeholder.
    pub name: &'static str,
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether one request can have several values of it, so that `ForAllValues` or `ForAnyValue` is due.
    pub multi_valued: bool,
    pattern: Option<String>,
}

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A date.
    Date,
    /// An address or range.
    IpAddress,
}

/// Whether a request for an action can carry a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySupport {
    /// The action has it.
    Action,
    /// Only for its resources of these types; a request for others does not have it.
    ResourceTypes(Vec<&'static str>),
    /// A global key, which the reference lists only for some actions.
    Global,
    /// Not listed. The table may be older than the key.
    NotListed,
}

impl ConditionKey {
    /// Whether a key of a policy or a request is this key.
    pub fn is(&self, key: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern::matches(pattern, key),
            None => self.name.eq_ignore_ascii_case(key),
        }
    }
}

impl ActionFacts {
    /// Whether a request for the action can carry the key, which is written as in a policy: `aws:RequestTag/team`.
    pub fn support(&self, key: &str) -> KeySupport {
        if self.condition_keys.iter().any(|known| known.is(key)) {
            return KeySupport::Action;
        }
        let with_key =
            self.resource_types.iter().filter(|t| t.condition_keys.iter().any(|known| known.is(key)));
        let types: Vec<_> = with_key.map(|t| t.name).collect();
        if !types.is_empty() {
            KeySupport::ResourceTypes(types)
        } else if condition_keys::global(key).is_some() {
            KeySupport::Global
        } else {
            KeySupport::NotListed
        }
    }
}

static KEYS: LazyLock<Vec<ConditionKey>> = LazyLock::new(|| {
    let lines = parse::TABLE.lines().skip_while(|line| line.starts_with('#'));
    lines
        .map_while(|line| line.strip_prefix("K\t"))
        .filter_map(|line| line.split_once('\t'))
        .map(read)
        .collect()
});

fn read((name, letter): (&'static str, &str)) -> ConditionKey {
    ConditionKey {
        name,
        value_type: match letter {
            "a" | "A" => ValueType::Arn,
            "b" | "B" => ValueType::Bool,
            "n" => ValueType::Numeric,
            "d" => ValueType::Date,
            "i" => ValueType::IpAddress,
            _ => ValueType::String,
        },
        multi_valued: letter.starts_with(|c: char| c.is_ascii_uppercase()),
        pattern: pattern_of(name),
    }
}

/// The name with `*` for each placeholder.
fn pattern_of(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = name;
    while let Some(start) = rest.find("${").or_else(|| rest.find('<')) {
        let tail = rest.get(start..)?;
        let end = tail.find(['}', '>'])?;
        out.push_str(rest.get(..start)?);
        out.push('*');
        rest = tail.get(end + 1..)?;
    }
    out.push_str(rest);
    (rest.len() < name.len()).then_some(out)
}

/// The key of a line number of the table.
pub(super) fn numbered(index: usize) -> Option<&'static ConditionKey> {
    KEYS.get(index)
}

/// A condition key by its name as a policy writes it, in any case. Keys without a placeholder come first.
pub fn condition_key(key: &str) -> Option<&'static ConditionKey> {
    let exact = KEYS.iter().find(|known| known.pattern.is_none() && known.name.eq_ignore_ascii_case(key));
    exact.or_else(|| KEYS.iter().find(|known| known.is(key)))
}
