//! IAM actions. Prefix and name compare without regard to case.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>

use std::fmt;

/// An IAM action such as `s3:GetObject`.
#[derive(Clone)]
pub struct Action {
    text: String,
    lower: String,
    colon: usize,
}

/// The text is not an action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an action (service:Name)")]
pub struct ActionError(String);

impl Action {
    /// Reads `service:Name`. Wildcards are letters here: a request names one action.
    pub fn parse(text: &str) -> Result<Self, ActionError> {
        match text.split_once(':') {
            Some((prefix, name)) if !prefix.is_empty() && !name.is_empty() => {
                Ok(Self { text: text.to_owned(), lower: text.to_ascii_lowercase(), colon: prefix.len() })
            }
            _ => Err(ActionError(text.to_owned())),
        }
    }

    /// The action as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The action in lower case, the form in which actions compare.
    pub fn lower(&self) -> &str {
        &self.lower
    }

    /// The service prefix in lower case.
    pub fn service(&self) -> &str {
        self.lower.get(..self.colon).unwrap_or_default()
    }

    /// The name in lower case.
    pub fn name(&self) -> &str {
        self.lower.get(self.colon + 1..).unwrap_or_default()
    }

    /// Whether this is the action of that name, without regard to case.
    pub fn is(&self, other: &str) -> bool {
        self.lower.eq_ignore_ascii_case(other)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.lower == other.lower
    }
}

impl Eq for Action {}

impl PartialOrd for Action {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Action {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.lower.cmp(&other.lower)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_and_name_compare_without_case() {
        assert_eq!(Action::parse("SNS:Publish").unwrap(), Action::parse("sns:publish").unwrap());
        assert!(Action::parse("SNS:Publish").unwrap().is("sns:Publish"));
    }

    #[test]
    fn an_action_needs_both_parts() {
        for text in ["", "s3", "s3:", ":GetObject"] {
            assert!(Action::parse(text).is_err(), "{text}");
        }
    }
}
