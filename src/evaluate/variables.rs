//! Values of policy variables in a request.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use super::truth::Hinge;
use crate::request::{KeyState, RequestContext, Values};

/// Looks variables up in a request context.
#[derive(Clone, Copy)]
pub(super) struct Variables<'a> {
    context: &'a RequestContext,
}

/// Why a variable has no text.
#[derive(Debug)]
pub(super) enum Unresolved {
    /// The request lacks the key, and the variable has no default.
    Missing,
    /// It is not known what the key's value is.
    Unknown(Hinge),
}

impl<'a> Variables<'a> {
    pub(super) fn new(context: &'a RequestContext) -> Self {
        Self { context }
    }

    /// The text of a variable. `key` is in lower case.
    pub(super) fn value_of<'b>(self, key: &str, default: Option<&'b str>) -> Result<&'b str, Unresolved>
    where
        'a: 'b,
    {
        match (self.context.get(key), default) {
            (KeyState::Known(Values::One(value)), _) => Ok(value),
            (KeyState::Known(Values::Many(_)), _) => Err(Unresolved::Unknown(Hinge::Undocumented(format!(
                "the multi-valued key {key} as a policy variable"
            )))),
            (KeyState::Absent, Some(default)) => Ok(default),
            (KeyState::Absent, None) => Err(Unresolved::Missing),
            (KeyState::Unknown(why), _) => {
                Err(Unresolved::Unknown(Hinge::ContextKey { key: key.to_owned(), why: why.to_owned() }))
            }
        }
    }
}
