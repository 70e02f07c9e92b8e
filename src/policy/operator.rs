//! Condition operators and their modifiers.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

/// A condition operator with its modifiers, for example `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionOperator {
    /// `ForAllValues` or `ForAnyValue`, where it is written.
    pub set: Option<SetOperator>,
    /// What is compared.
    pub base: BaseOperator,
    /// `…IfExists`: a missing key makes the condition true.
    pub if_exists: bool,
}

/// The set operators for multi-valued keys.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Every value of the request must match; true if there is none.
    ForAllValues,
    /// At least one value of the request must match; false if there is none.
    ForAnyValue,
}

macro_rules! base_operators {
    ($($name:ident $negated:literal $doc:literal,)*) => {
        /// What an operator compares.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum BaseOperator { $(#[doc = $doc] $name,)* }

        impl BaseOperator {
            /// Every operator, in the order of the AWS page.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name as AWS writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Whether the operator is true when nothing matches, and so also when the key is missing.
            pub fn is_negated(self) -> bool {
                match self { $(Self::$name => $negated,)* }
            }
        }
    };
}

base_operators! {
    StringEquals false "Exact text, case-sensitive.",
    StringNotEquals true "Not the exact text.",
    StringEqualsIgnoreCase false "Exact text without regard to case.",
    StringNotEqualsIgnoreCase true "Not the text, without regard to case.",
    StringLike false "Text with `*` and `?`, case-sensitive.",
    StringNotLike true "Not like the text.",
    NumericEquals false "The same number.",
    NumericNotEquals true "Another number.",
    NumericLessThan false "A smaller number.",
    NumericLessThanEquals false "A smaller or the same number.",
    NumericGreaterThan false "A greater number.",
    NumericGreaterThanEquals false "A greater or the same number.",
    DateEquals false "The same moment.",
    DateNotEquals true "Another moment.",
    DateLessThan false "An earlier moment.",
    DateLessThanEquals false "An earlier or the same moment.",
    DateGreaterThan false "A later moment.",
    DateGreaterThanEquals false "A later or the same moment.",
    Bool false "`true` or `false`.",
    BinaryEquals false "The same bytes, written in base64.",
    IpAddress false "An address inside a network.",
    NotIpAddress true "An address outside all networks.",
    ArnEquals false "An ARN, compared part by part with wildcards; the same as `ArnLike`.",
    ArnNotEquals true "Not the ARN; the same as `ArnNotLike`.",
    ArnLike false "An ARN, compared part by part with wildcards.",
    ArnNotLike true "Not like the ARN.",
    Null false "Whether the key is absent.",
}

impl ConditionOperator {
    /// Reads an operator as it is written in a policy. Names are case-sensitive as documented.
    pub fn parse(text: &str) -> Option<Self> {
        let (set, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let base = BaseOperator::ALL.iter().copied().find(|base| base.name() == name)?;
        // "You can add IfExists to the end of any condition operator name except the Null condition"; a set
        // operator has no meaning for Null either.
        if base == BaseOperator::Null && (if_exists || set.is_some()) {
            return None;
        }
        Some(Self { set, base, if_exists })
    }
}

impl std::fmt::Display for ConditionOperator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.set {
            Some(SetOperator::ForAllValues) => f.write_str("ForAllValues:")?,
            Some(SetOperator::ForAnyValue) => f.write_str("ForAnyValue:")?,
            None => {}
        }
        write!(f, "{}{}", self.base.name(), if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_as_it_prints() {
        for base in BaseOperator::ALL {
            for set in [None, Some(SetOperator::ForAllValues), Some(SetOperator::ForAnyValue)] {
                for if_exists in [false, true] {
                    let operator = ConditionOperator { set, base: *base, if_exists };
                    let legal = *base != BaseOperator::Null || (!if_exists && set.is_none());
                    assert_eq!(ConditionOperator::parse(&operator.to_string()), legal.then_some(operator));
                }
            }
        }
    }

    #[test]
    fn other_names_are_refused() {
        for text in
            ["stringequals", "StringEqualsIfexists", "ForAll:StringEquals", "NullIfExists", "", "IfExists"]
        {
            assert_eq!(ConditionOperator::parse(text), None, "{text}");
        }
    }
}
