//! Does one (operator, key) pair of a `Condition` hold?
//!
//! One file per family of operators; this one knows missing keys, set operators and variables, which are the same
//! for all families.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>

mod address;
mod arn;
mod boolean;
mod date;
mod number;
mod text;

use super::truth::{Hinge, Truth};
use super::variables::Variables;
use crate::policy::{BaseOperator, Condition, ConditionOperator, ConditionValue, SetOperator};
use crate::request::{KeyState, RequestContext, Values};

/// Decides one pair.
pub(super) fn holds(condition: &Condition, context: &RequestContext) -> Truth {
    let Some(operator) = condition.operator else {
        return Truth::undocumented(&format!("the condition operator {}", condition.operator_text));
    };
    if condition.incomplete && condition.key.has_white_space() {
        return Truth::undocumented(&format!("the condition key {}", condition.key.text));
    }
    if condition.incomplete {
        return Truth::undocumented(&format!("a value of {} that is no text", condition.key.text));
    }
    let state = context.get(&condition.key.lower);
    if let KeyState::Unknown(why) = state {
        let unknown =
            || Truth::unknown(Hinge::ContextKey { key: condition.key.text.clone(), why: why.to_owned() });
        return match context.absent_or_other(&condition.key.lower) {
            // Where both leave the same answer, it does not matter which it is.
            Some(example) => {
                let other = Values::One(example.to_owned());
                let absent = decided(operator, condition, context, KeyState::Absent);
                let present = decided(operator, condition, context, KeyState::Known(&other));
                if absent == present { absent } else { unknown() }
            }
            None => unknown(),
        };
    }
    decided(operator, condition, context, state)
}

/// Decides one pair on a value, or on the lack of one.
fn decided(
    operator: ConditionOperator,
    condition: &Condition,
    context: &RequestContext,
    state: KeyState<'_>,
) -> Truth {
    if operator.base == BaseOperator::Null {
        return boolean::null(&condition.values, state);
    }
    match state {
        KeyState::Known(values) => {
            Comparison { operator, condition, variables: Variables::new(context) }.of(values)
        }
        KeyState::Absent | KeyState::Unknown(_) => when_missing(operator),
    }
}

/// "If the key that you specify in a policy condition is not present in the request context, the values do not match
/// and the condition is false. If the policy condition requires that the key is not matched … the condition is true."
pub(super) fn when_missing(operator: ConditionOperator) -> Truth {
    match (operator.if_exists, operator.set) {
        (true, Some(SetOperator::ForAnyValue)) => {
            Truth::undocumented("ForAnyValue with IfExists when the key is missing: the pages disagree")
        }
        (true, _) | (false, Some(SetOperator::ForAllValues)) => Truth::True,
        (false, Some(SetOperator::ForAnyValue)) => Truth::False,
        (false, None) => operator.base.is_negated().into(),
    }
}

/// "Multivalued context keys require a condition set operator"; what a negated one does without is not said.
fn negated_list(operator: ConditionOperator, values: &Values) -> bool {
    operator.base.is_negated() && matches!(values, Values::Many(list) if !list.is_empty())
}

struct Comparison<'a> {
    operator: ConditionOperator,
    condition: &'a Condition,
    variables: Variables<'a>,
}

impl Comparison<'_> {
    fn of(&self, values: &Values) -> Truth {
        let all = values.as_slice();
        match self.operator.set {
            // "It also returns true if the key value resolves to a null data set, such as an empty string."
            Some(SetOperator::ForAllValues) if all.iter().all(String::is_empty) => Truth::True,
            Some(SetOperator::ForAllValues) => {
                all.iter().map(|value| self.satisfied_by(value)).fold(Truth::True, Truth::and)
            }
            Some(SetOperator::ForAnyValue) => {
                let any = all.iter().map(|value| self.satisfied_by(value)).fold(Truth::False, Truth::or);
                // An older text of the page says "and ForAnyValue returns false" of an empty data set.
                if any.is_true() && all.iter().all(String::is_empty) {
                    return Truth::undocumented(
                        "ForAnyValue on an empty string: the texts of the page differ",
                    );
                }
                any
            }
            None if negated_list(self.operator, values) => {
                Truth::undocumented("a negated operator without a set operator on a list of values")
            }
            None => self.without_set_operator(all),
        }
    }

    /// A key with several values needs a set operator; without one, nothing matches.
    fn without_set_operator(&self, values: &[String]) -> Truth {
        let negated = self.operator.base.is_negated();
        match values {
            [value] => self.satisfied_by(value),
            [] if self.operator.if_exists && !negated => {
                Truth::undocumented("IfExists on a multi-valued key that is present and empty")
            }
            [] => negated.into(),
            // INVARIANT: `of` has answered for a negated operator on several values.
            _ => Truth::False,
        }
    }

    /// Whether one value of the request satisfies the pair: OR over the policy's values, NOR if negated.
    fn satisfied_by(&self, value: &str) -> Truth {
        let matched = self
            .condition
            .values
            .iter()
            .map(|wanted| self.matches(wanted, value))
            .fold(Truth::False, Truth::or);
        if self.operator.base.is_negated() { matched.negate() } else { matched }
    }

    fn matches(&self, wanted: &ConditionValue, value: &str) -> Truth {
        use BaseOperator as B;
        let base = self.operator.base;
        match base {
            B::StringEquals | B::StringNotEquals => text::equals(self, wanted, value),
            B::StringEqualsIgnoreCase | B::StringNotEqualsIgnoreCase => {
                text::equals_ignore_case(self, wanted, value)
            }
            B::StringLike | B::StringNotLike => text::like(self, wanted, value),
            B::ArnEquals | B::ArnNotEquals | B::ArnLike | B::ArnNotLike => arn::like(self, wanted, value),
            B::NumericEquals
            | B::NumericNotEquals
            | B::NumericLessThan
            | B::NumericLessThanEquals
            | B::NumericGreaterThan
            | B::NumericGreaterThanEquals => number::compare(self, wanted, value),
            B::DateEquals
            | B::DateNotEquals
            | B::DateLessThan
            | B::DateLessThanEquals
            | B::DateGreaterThan
            | B::DateGreaterThanEquals => date::compare(self, wanted, value),
            B::Bool => boolean::equals(self, wanted, value),
            B::BinaryEquals => text::binary_equals(self, wanted, value),
            B::IpAddress | B::NotIpAddress => address::inside(self, wanted, value),
            // INVARIANT: `holds` has answered Null before any value is compared.
            B::Null => Truth::undocumented("Null as a comparison"),
        }
    }

    /// The policy's value is nothing that the operator can read. AWS refuses such policies when they are saved.
    fn unreadable_policy_value(&self, wanted: &ConditionValue) -> Truth {
        Truth::undocumented(&format!("{} with the value {}", self.condition.operator_text, wanted.text))
    }

    /// The request's value is nothing that the operator can read: it matches nothing. What a negated operator makes
    /// of that is not documented.
    fn unreadable_request_value(&self, value: &str) -> Truth {
        if self.operator.base.is_negated() {
            Truth::undocumented(&format!("{} on the request value {value}", self.condition.operator_text))
        } else {
            Truth::False
        }
    }

    /// A policy variable in the value has no value of its own: it is then "effectively null", which nothing equals.
    /// "Inverted condition operators like `StringNotEquals` or `StringNotLike` do match against a null value."
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>
    fn unresolved(unresolved: super::variables::Unresolved) -> Truth {
        match unresolved {
            super::variables::Unresolved::Missing => Truth::False,
            super::variables::Unresolved::Unknown(hinge) => Truth::unknown(hinge),
        }
    }
}
