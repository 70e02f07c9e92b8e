//! The decision, or an honest "undetermined".

use std::collections::BTreeSet;
use std::fmt;

use super::truth::{Hinge, Truth};

/// The decision in the words of AWS's policy simulator.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The request is allowed.
    Allowed,
    /// A Deny statement applies.
    ExplicitDeny,
    /// Nothing allows the request where something has to.
    ImplicitDeny,
}

/// What the evaluation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Whatever the unknowns are, this is the decision.
    Determined(Decision),
    /// The decision hangs on facts that are not known.
    Undetermined {
        /// The decisions that remain possible.
        possible: BTreeSet<Decision>,
        /// What it hangs on.
        hinges_on: Vec<Hinge>,
    },
}

impl Verdict {
    /// From "a Deny applies" and "everything that must allow does".
    pub(super) fn new(denied: Truth, allowed: Truth) -> Self {
        match (&denied, &allowed) {
            (Truth::True, _) => Self::Determined(Decision::ExplicitDeny),
            (Truth::False, Truth::True) => Self::Determined(Decision::Allowed),
            (Truth::False, Truth::False) => Self::Determined(Decision::ImplicitDeny),
            (Truth::False | Truth::Unknown(_), _) => Self::undetermined(denied, allowed),
        }
    }

    fn undetermined(denied: Truth, allowed: Truth) -> Self {
        let mut possible = BTreeSet::new();
        if !denied.is_false() {
            possible.insert(Decision::ExplicitDeny);
        }
        if !allowed.is_false() {
            possible.insert(Decision::Allowed);
        }
        if !allowed.is_true() {
            possible.insert(Decision::ImplicitDeny);
        }
        let mut hinges_on = denied.hinges().to_vec();
        for hinge in allowed.hinges() {
            if !hinges_on.contains(hinge) {
                hinges_on.push(hinge.clone());
            }
        }
        Self::Undetermined { possible, hinges_on }
    }

    /// The decision, if it is determined.
    pub fn decision(&self) -> Option<Decision> {
        match self {
            Self::Determined(decision) => Some(*decision),
            Self::Undetermined { .. } => None,
        }
    }

    /// What the verdict hangs on.
    pub fn hinges(&self) -> &[Hinge] {
        match self {
            Self::Determined(_) => &[],
            Self::Undetermined { hinges_on, .. } => hinges_on,
        }
    }
}

impl Decision {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ExplicitDeny => "ExplicitDeny",
            Self::ImplicitDeny => "ImplicitDeny",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_excluded_is_not_possible() {
        use Decision::{Allowed, ExplicitDeny, ImplicitDeny};
        let open = || Truth::undocumented("x");
        for (denied, allowed, expected) in [
            (open(), Truth::True, vec![Allowed, ExplicitDeny]),
            (open(), Truth::False, vec![ExplicitDeny, ImplicitDeny]),
            (open(), open(), vec![Allowed, ExplicitDeny, ImplicitDeny]),
            (Truth::False, open(), vec![Allowed, ImplicitDeny]),
        ] {
            let verdict = Verdict::new(denied, allowed);
            let Verdict::Undetermined { possible, hinges_on } = &verdict else {
                unreachable!("something is not known")
            };
            assert_eq!(possible.iter().copied().collect::<Vec<_>>(), expected);
            assert_eq!(hinges_on, open().hinges());
        }
    }
}
