//! What a pattern does not say, although it seems to, and what AWS refuses.
//!
//! One file per question. Every finding has a stable code, a place and, where there is one, a form that is safe;
//! `docs/filter.md` explains each code.

mod code;
mod control;
mod denials;
mod limits;
mod logic;
mod missing;
mod possible;
mod reach;
mod spelling;
mod value;

use std::ops::Range;

use super::pattern::{Comparison, Condition, Expression, Kind, Operand, Pattern, Test};
use super::problem::ParseError;

pub use code::{Level, LintCode};

/// Something to be known about a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind of thing.
    pub code: LintCode,
    /// How bad.
    pub level: Level,
    /// Where, as bytes of the pattern.
    pub span: Range<usize>,
    /// Where, in characters from one.
    pub column: usize,
    /// What is so here.
    pub text: String,
    /// What to write in its place, if that can be said.
    pub safe_form: Option<String>,
    /// What to do where there is no such form.
    pub advice: Option<String>,
    /// What the safe form breaks.
    pub caution: Option<String>,
}

impl Finding {
    fn new(pattern: &Pattern, code: LintCode, span: Range<usize>, text: String) -> Self {
        let column = pattern.column(span.start);
        Self { code, level: code.level(), span, column, text, safe_form: None, advice: None, caution: None }
    }

    fn safe_form(self, safe_form: String) -> Self {
        Self { safe_form: Some(safe_form), ..self }
    }

    /// The finding for a pattern that cannot be read.
    pub fn unreadable(error: &ParseError) -> Self {
        Self {
            code: LintCode::InvalidPattern,
            level: LintCode::InvalidPattern.level(),
            span: error.at..error.at,
            column: error.column,
            text: error.problem.to_string(),
            safe_form: None,
            advice: error.problem.hint().map(str::to_owned),
            caution: None,
        }
    }
}

/// Everything to be known about a pattern, by place.
pub fn lint(pattern: &Pattern) -> Vec<Finding> {
    let mut findings = limits::check(pattern);
    if let Kind::Json(expression) = pattern.kind() {
        let lint = Lint { pattern, whole: expression };
        findings.extend(missing::check(&lint));
        findings.extend(denials::check(&lint));
        findings.extend(control::check(&lint));
        findings.extend(logic::check(&lint));
        // That nothing is excluded says more than that everything matches.
        let has = |findings: &[Finding], code| findings.iter().any(|finding: &Finding| finding.code == code);
        let is_said = has(&findings, LintCode::ExclusionsJoinedByOr);
        let reached = reach::check(&lint).into_iter();
        findings.extend(reached.filter(|finding| !is_said || finding.code != LintCode::AlwaysMatches));
        if !is_said && !has(&findings, LintCode::AlwaysMatches) {
            findings.extend(logic::swallowed(&lint));
        }
        findings.extend(spelling::check(&lint));
        findings.extend(value::check(&lint));
    }
    if let Some(caution) = control::caution(pattern) {
        for finding in findings.iter_mut().filter(|finding| finding.safe_form.is_some()) {
            finding.caution = Some(caution.clone());
        }
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.code));
    findings
}

/// A JSON pattern under examination.
struct Lint<'p> {
    pattern: &'p Pattern,
    whole: &'p Expression,
}

impl Lint<'_> {
    fn finding(&self, code: LintCode, span: Range<usize>, text: String) -> Finding {
        Finding::new(self.pattern, code, span, text)
    }

    /// The conditions that compare a field in this way.
    fn comparing(&self, field: &str, comparison: Comparison) -> impl Iterator<Item = (&Condition, &Operand)> {
        self.whole.conditions().into_iter().filter_map(move |condition| match &condition.test {
            Test::Compare(found, operand) if *found == comparison && condition.selector.path() == field => {
                Some((condition, operand))
            }
            _ => None,
        })
    }
}
