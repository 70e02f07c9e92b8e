//! The `Condition` element: operators, keys and values, each with its place.

use super::{Parser, Scalars};
use crate::policy::json::{Node, Shape};
use crate::policy::{
    Condition, ConditionKey, ConditionOperator, ConditionValue, Prepared, ProblemKind, Span,
};

impl Parser {
    pub(super) fn read_conditions(&mut self, node: &Node<'_>) -> Vec<Condition> {
        let Some(Shape::Object(operators)) = self.shape(node) else {
            self.wrong_type(node, "Condition", "an object");
            return vec![unread_condition("Condition", node.span())];
        };
        // Which of the two counts is not known: neither may decide.
        if !self.check_duplicates(node, &operators) {
            return vec![unread_condition("Condition", node.span())];
        }
        let mut out = Vec::new();
        for (operator_text, keys) in &operators {
            let operator = ConditionOperator::parse(operator_text);
            if operator.is_none() {
                self.problem(keys.span(), ProblemKind::UnknownOperator(operator_text.clone()));
            }
            let Some(Shape::Object(members)) = self.shape(keys) else {
                self.wrong_type(keys, operator_text, "an object");
                out.push(unread_condition(operator_text, keys.span()));
                continue;
            };
            if !self.check_duplicates(keys, &members) {
                out.push(unread_condition(operator_text, keys.span()));
                continue;
            }
            for (key, values) in &members {
                out.push(self.read_condition(operator, operator_text, key, values));
            }
        }
        out
    }

    fn read_condition(
        &mut self,
        operator: Option<ConditionOperator>,
        operator_text: &str,
        key: &str,
        node: &Node<'_>,
    ) -> Condition {
        let before = self.problems.len();
        let mut values = Vec::new();
        for (text, span) in self.strings(node, key, Scalars::AsText) {
            let prepared = match operator {
                Some(operator) => Prepared::new(&text, operator.base, self.version),
                None => Prepared::Unclear,
            };
            self.check_value(operator, operator_text, &text, span, &prepared);
            values.push(ConditionValue { text, span, prepared });
        }
        let incomplete = self.has_wrong_type_since(before);
        let key = ConditionKey::new(key);
        let key_is_unclear = key.has_white_space();
        if key_is_unclear {
            self.problem(node.span(), ProblemKind::NotAKey(key.text.clone()));
        }
        Condition {
            operator,
            operator_text: operator_text.to_owned(),
            key,
            values,
            span: node.span(),
            incomplete: incomplete || key_is_unclear,
        }
    }

    fn check_value(
        &mut self,
        operator: Option<ConditionOperator>,
        operator_text: &str,
        text: &str,
        span: Span,
        prepared: &Prepared,
    ) {
        let Some(operator) = operator else { return };
        let kind = match prepared {
            Prepared::Text(template) if template.unclear().is_some() => {
                ProblemKind::UnclearVariable(text.to_owned())
            }
            Prepared::Unclear => ProblemKind::ValueForm {
                operator: operator_text.to_owned(),
                value: text.to_owned(),
                expected: Prepared::expected(operator.base),
            },
            _ => return,
        };
        self.problem(span, kind);
    }
}

/// A condition of which nothing is known but that it is there.
pub(super) fn unread_condition(operator_text: &str, span: Span) -> Condition {
    Condition {
        operator: None,
        operator_text: operator_text.to_owned(),
        key: ConditionKey::new(""),
        values: Vec::new(),
        span,
        incomplete: true,
    }
}
