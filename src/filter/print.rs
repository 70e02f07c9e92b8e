//! From pattern to text: one spelling for every pattern that means the same way.

use std::fmt::{self, Display, Formatter};

use super::pattern::{
    Condition, Constant, Expression, Field, Kind, Operand, Pattern, Selector, Step, Term, TermMode, Test,
};

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Everything => f.write_str("\" \""),
            Kind::Json(expression) => write!(f, "{{{expression}}}"),
            Kind::Terms(terms) => joined(f, terms, " "),
            Kind::Regex(regex) => write!(f, "%{}%", regex.text()),
            Kind::SpaceDelimited(fields) => {
                f.write_str("[")?;
                joined(f, fields, ", ")?;
                f.write_str("]")
            }
        }
    }
}

fn joined<T: Display>(f: &mut Formatter<'_>, parts: &[T], by: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(by)?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

/// A part of a group, which always has its parentheses.
struct Part<'a>(&'a Expression);

impl Display for Part<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.0)
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<Part<'_>> = self.parts().iter().map(Part).collect();
        match self {
            Self::Condition(condition) => write!(f, "{condition}"),
            Self::All(_) => joined(f, &parts, " && "),
            Self::Any(_) => joined(f, &parts, " || "),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.test {
            Test::Compare(comparison, operand) => {
                write!(f, "{} {} {operand}", self.selector, comparison.as_str())
            }
            Test::Is(constant) => write!(f, "{} IS {constant}", self.selector),
            Test::NotExists => write!(f, "{} NOT EXISTS", self.selector),
        }
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::True => "TRUE",
            Self::False => "FALSE",
        })
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        match self {
            Self::Field(name) if is_plain(name) => write!(f, ".{name}"),
            Self::Field(name) => write!(f, ".['{}']", name.replace('\\', r"\\").replace('\'', r"\'")),
            Self::AnyField => f.write_str(".*"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::AnyElement => f.write_str("[*]"),
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quoted(glob) => f.write_str(&quoted(glob.text())),
            Self::Bare(glob) => f.write_str(glob.text()),
            Self::Number(number) => f.write_str(number.text()),
            Self::Regex(regex) => write!(f, "%{}%", regex.text()),
        }
    }
}

/// The text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = match self.mode {
            TermMode::Include => "",
            TermMode::Exclude => "-",
            TermMode::Optional => "?",
        };
        write!(f, "{sign}{}", quoted(&self.text))
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ellipsis => f.write_str("..."),
            Self::Named { name, conditions: None } => f.write_str(name),
            Self::Named { conditions: Some(conditions), .. } => names_only(f, conditions),
        }
    }
}

/// Conditions of a space-delimited pattern name fields without `$.`
fn names_only(f: &mut Formatter<'_>, expression: &Expression) -> fmt::Result {
    let (parts, by) = match expression {
        Expression::Condition(condition) => {
            let text = condition.to_string();
            return f.write_str(text.strip_prefix("$.").unwrap_or(&text));
        }
        Expression::All(group) => (&group.parts, " && "),
        Expression::Any(group) => (&group.parts, " || "),
    };
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(by)?;
        }
        match part {
            Expression::Condition(_) => names_only(f, part)?,
            _ => {
                f.write_str("(")?;
                names_only(f, part)?;
                f.write_str(")")?;
            }
        }
    }
    Ok(())
}
