//! Three-valued truth: what cannot be known stays unknown and says why.

use std::fmt;
use std::sync::Arc;

use super::Layer;

/// Something that is not known and on which the answer may hang.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hinge {
    /// The value of a condition key.
    ContextKey {
        /// The key as the policy writes it.
        key: String,
        /// Why it is not known.
        why: String,
    },
    /// A whole layer could not be read.
    Layer {
        /// The layer.
        layer: Layer,
        /// Why it is not known.
        why: String,
    },
    /// A statement or a part of it was not understood.
    Statement {
        /// The policy that holds the statement.
        policy: String,
        /// The statement's label.
        statement: String,
        /// What was not understood.
        why: String,
    },
    /// A fact about the principal, the resource or the account.
    Fact(String),
    /// AWS does not document what happens here.
    Undocumented(String),
}

impl fmt::Display for Hinge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContextKey { key, why } => write!(f, "{key}: {why}"),
            Self::Layer { layer, why } => write!(f, "{layer}: {why}"),
            Self::Statement { policy, statement, why } => {
                write!(f, "statement {statement} of {policy}: {why}")
            }
            Self::Fact(text) => f.write_str(text),
            Self::Undocumented(text) => write!(f, "AWS does not document this: {text}"),
        }
    }
}

/// True, False, or Unknown with the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds, whatever the unknowns are.
    True,
    /// It does not hold, whatever the unknowns are.
    False,
    /// It hangs on these. Shared: nearly every truth is known, and one that fits into two registers is cheap to pass, to
    /// copy and to drop.
    Unknown(Arc<Vec<Hinge>>),
}

impl Truth {
    /// Unknown for one reason.
    pub fn unknown(hinge: Hinge) -> Self {
        Self::Unknown(Arc::new(vec![hinge]))
    }

    /// Unknown because AWS documents no answer.
    pub fn undocumented(text: &str) -> Self {
        Self::unknown(Hinge::Undocumented(text.to_owned()))
    }

    /// Whether it surely holds.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::True)
    }

    /// Whether it surely does not hold.
    pub fn is_false(&self) -> bool {
        matches!(self, Self::False)
    }

    /// Whether it hangs on something.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Both.
    #[must_use]
    #[inline]
    pub fn and(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, _) => other,
            (_, Self::True) => self,
            (Self::Unknown(_), Self::Unknown(_)) => self.hangs_on_both(other),
        }
    }

    /// Either.
    #[must_use]
    #[inline]
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, _) => other,
            (_, Self::False) => self,
            (Self::Unknown(_), Self::Unknown(_)) => self.hangs_on_both(other),
        }
    }

    /// At least one of them.
    pub(super) fn any<'a>(truths: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut found = Self::False;
        for truth in truths {
            match truth {
                Self::True => return Self::True,
                Self::False => {}
                Self::Unknown(_) => found = found.or(truth.clone()),
            }
        }
        found
    }

    /// All of them.
    pub(super) fn all<'a>(truths: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut found = Self::True;
        for truth in truths {
            match truth {
                Self::False => return Self::False,
                Self::True => {}
                Self::Unknown(_) => found = found.and(truth.clone()),
            }
        }
        found
    }

    /// Of two that are unknown.
    #[cold]
    fn hangs_on_both(self, other: Self) -> Self {
        let mut hinges = self.into_hinges();
        for hinge in other.into_hinges() {
            if !hinges.contains(&hinge) {
                hinges.push(hinge);
            }
        }
        Self::Unknown(Arc::new(hinges))
    }

    /// What it hangs on; empty unless unknown.
    pub(super) fn into_hinges(self) -> Vec<Hinge> {
        match self {
            Self::Unknown(hinges) => Arc::unwrap_or_clone(hinges),
            Self::True | Self::False => Vec::new(),
        }
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// What it hangs on; empty unless unknown.
    pub fn hinges(&self) -> &[Hinge] {
        match self {
            Self::Unknown(hinges) => hinges,
            Self::True | Self::False => &[],
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(text: &str) -> Truth {
        Truth::undocumented(text)
    }

    #[test]
    fn false_wins_over_unknown_in_and_and_true_in_or() {
        assert!(unknown("a").and(Truth::False).is_false());
        assert!(unknown("a").or(Truth::True).is_true());
        assert!(unknown("a").and(Truth::True).is_unknown());
        assert!(unknown("a").negate().is_unknown());
    }

    #[test]
    fn reasons_are_kept_once() {
        let both = unknown("a").and(unknown("b")).or(unknown("a"));
        assert_eq!(both.hinges(), [unknown("a").hinges(), unknown("b").hinges()].concat());
    }
}
