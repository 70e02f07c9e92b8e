//! The request context: a value, a proven absence, or an honest "unknown" for every condition key.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::BTreeMap;

/// Where the state of a condition key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// The person who asks gave it.
    Given,
    /// It follows from another part of the request, named here.
    Derived(&'static str),
    /// A field of a CloudTrail event, named here.
    Event(String),
    /// A fact of the evidence, named here.
    Evidence(String),
    /// AWS documents it for this kind of request; the text is the page.
    Documented(&'static str),
}

/// The value or values of a condition key.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// A single-valued key.
    One(String),
    /// A multi-valued key; the list may be empty.
    Many(Vec<String>),
}

impl Values {
    /// All values, in order.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<&str> for Values {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}

impl From<String> for Values {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

impl From<Vec<String>> for Values {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values)
    }
}

/// What is known of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// The request carried these values.
    Known(Values),
    /// The request did not carry the key.
    Absent,
    /// The request did not carry the key, or carried a value of which only is known what it is not.
    AbsentOrOther {
        /// A value that stands for all that it can be.
        example: String,
        /// How that is known.
        why: String,
    },
    /// It cannot be told; the text says why.
    Unknown(String),
}

/// One condition key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key as it is written for people, for example `aws:SourceIp`.
    pub name: String,
    /// What is known of it.
    pub value: ContextValue,
    /// How that is known.
    pub provenance: Provenance,
}

/// The answer to "what is the value of this key?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState<'a> {
    /// The request carried these values.
    Known(&'a Values),
    /// The request did not carry the key.
    Absent,
    /// It cannot be told; the text says why.
    Unknown(&'a str),
}

/// The condition keys of a request. Key names compare without regard to case.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    entries: BTreeMap<String, Entry>,
    complete: bool,
    complete_families: Vec<String>,
    from_console: bool,
}

impl RequestContext {
    /// A context in which every key that is not listed is unknown.
    pub fn open() -> Self {
        Self::default()
    }

    /// A context in which every key that is not listed is absent from the request.
    pub fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    /// Whether keys that are not listed are absent.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Declares that all keys with this prefix (for example `aws:PrincipalTag/`) are listed.
    pub fn declare_family_complete(&mut self, prefix: &str) {
        self.complete_families.push(prefix.to_ascii_lowercase());
    }

    /// Declares that the credentials are those of a console session, which no condition key tells.
    pub fn declare_console_session(&mut self) {
        self.from_console = true;
    }

    /// Whether the credentials are known to be those of a console session.
    pub fn is_console_session(&self) -> bool {
        self.from_console
    }

    /// Sets a key, replacing what was known of it.
    pub fn set(&mut self, name: &str, value: ContextValue, provenance: Provenance) {
        let entry = Entry { name: name.to_owned(), value, provenance };
        self.entries.insert(name.to_ascii_lowercase(), entry);
    }

    /// Sets a key to known values, replacing what was known of it.
    pub fn set_known(&mut self, name: &str, values: impl Into<Values>, provenance: Provenance) {
        self.set(name, ContextValue::Known(values.into()), provenance);
    }

    /// Sets a key unless something is known of it already: what was given wins over what is derived.
    pub fn set_default(&mut self, name: &str, value: ContextValue, provenance: Provenance) {
        let entry = Entry { name: name.to_owned(), value, provenance };
        self.entries.entry(name.to_ascii_lowercase()).or_insert(entry);
    }

    /// Forgets what is known of some keys, which are asked about by their names in lower case.
    pub fn forget(&mut self, is_forgotten: impl Fn(&str) -> bool) {
        self.entries.retain(|lower, _| !is_forgotten(lower));
    }

    /// What is known of a key. `lower` is the key name in lower case.
    pub fn get(&self, lower: &str) -> KeyState<'_> {
        match self.entries.get(lower).map(|entry| &entry.value) {
            Some(ContextValue::Known(values)) => KeyState::Known(values),
            Some(ContextValue::Absent) => KeyState::Absent,
            Some(ContextValue::AbsentOrOther { why, .. }) => KeyState::Unknown(why),
            Some(ContextValue::Unknown(reason)) => KeyState::Unknown(reason),
            None if self.complete
                || self.complete_families.iter().any(|family| lower.starts_with(family)) =>
            {
                KeyState::Absent
            }
            None => KeyState::Unknown("the evidence does not show this condition key"),
        }
    }

    /// The value that stands for all that a key can be, if it is not absent and otherwise not known.
    pub fn absent_or_other(&self, lower: &str) -> Option<&str> {
        match self.entries.get(lower).map(|entry| &entry.value) {
            Some(ContextValue::AbsentOrOther { example, .. }) => Some(example),
            _ => None,
        }
    }

    /// The entry of a key, by its name in lower case.
    pub fn entry(&self, lower: &str) -> Option<&Entry> {
        self.entries.get(lower)
    }

    /// All entries, ordered by key name.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_nobody_listed_is_unknown_unless_the_context_is_complete() {
        assert!(matches!(RequestContext::open().get("aws:sourceip"), KeyState::Unknown(_)));
        assert_eq!(RequestContext::complete().get("aws:sourceip"), KeyState::Absent);
    }

    #[test]
    fn a_family_can_be_complete_on_its_own() {
        let mut context = RequestContext::open();
        context.declare_family_complete("aws:PrincipalTag/");
        context.set_known("aws:PrincipalTag/Team", "blue", Provenance::Given);
        assert_eq!(context.get("aws:principaltag/team"), KeyState::Known(&Values::One("blue".to_owned())));
        assert_eq!(context.get("aws:principaltag/other"), KeyState::Absent);
        assert!(matches!(context.get("aws:requesttag/team"), KeyState::Unknown(_)));
    }

    #[test]
    fn what_was_given_wins_over_what_is_derived() {
        let mut context = RequestContext::complete();
        context.set_known("aws:PrincipalArn", "given", Provenance::Given);
        context.set_default("AWS:principalarn", ContextValue::Absent, Provenance::Derived("principal"));
        assert_eq!(context.get("aws:principalarn"), KeyState::Known(&Values::One("given".to_owned())));
    }
}
