//! CloudWatch Logs filter patterns over CloudTrail events: read, evaluated, explained, checked, and made.
//!
//! This module owns the language of filter patterns as AWS documents it. It must never read files, know what a denial
//! means, or decide what AWS leaves open: where the documentation allows two answers, the answer carries its
//! [`Doubt`]s.
//!
//! Start reading at [`Pattern`] (what a pattern is), [`Pattern::parse`] (how it is read) and [`Pattern::test`] (how an
//! event is judged). [`lint`] finds what a pattern does not say, [`Wish::make`] writes patterns that are safe.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html> and
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>. What these
//! pages do not say about missing fields was observed: see `docs/filter.md`.

mod cursor;
mod evaluate;
mod explain;
mod glob;
mod lint;
mod make;
mod number;
mod parse;
mod pattern;
mod print;
mod problem;
mod regex;
mod select;
mod space_delimited;
mod terms;
mod text;

pub use evaluate::{Doubt, Judgement, Outcome};
pub use explain::{Explanation, WithoutField, explain};
pub use glob::Glob;
pub use lint::{Finding, Level, LintCode, lint};
pub use make::{Exclusion, Made, MakeError, Only, Wish};
pub use number::Number;
pub use pattern::{
    Comparison, Condition, Constant, Expression, Field, Group, Kind, Operand, Pattern, Selector, Step, Term,
    TermMode, Test,
};
pub use problem::{ParseError, Problem};
pub use regex::{Regex, RegexProblem};
pub use select::Found;

/// The longest pattern that AWS takes, in characters.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>
pub const MAX_CHARACTERS: usize = 1024;

/// The longest pattern that is read here, in bytes: more than AWS takes, so that a long pattern can still be explained.
pub const MAX_BYTES: usize = 64 * 1024;

/// The deepest nesting of parentheses that is read.
pub const MAX_DEPTH: usize = 100;
