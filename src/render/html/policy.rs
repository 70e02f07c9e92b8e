//! The text of a policy with the statements that matter and their deciding parts marked.

use std::sync::Arc;

use maud::{Markup, html};

use super::prose::name;
use crate::diagnose::{Dossier, ExaminedLayer, ExaminedStatement, Excerpt, Finding};
use crate::evaluate::LayerEffect;
use crate::policy::{Effect, PolicyDocument, Span};
use crate::render::answer;
use crate::render::policy_text::LaidOut;

/// A policy of up to so many lines is shown whole.
const SHORT: usize = 36;
/// Of a longer one, no more lines are shown; AWS's longest have a few hundred.
const LONGEST: usize = 2_000;

/// So many policies in which nothing allows are open from the start.
const MOST_OPEN: usize = 3;

/// What a marked statement means for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    /// It denies.
    Denies,
    /// It may deny or allow.
    Open,
    /// It had to allow, and does not apply.
    Misses,
    /// It does not apply, and nothing hangs on that.
    Aside,
    /// It allows.
    Allows,
}

impl Meaning {
    fn of(statement: &ExaminedStatement, layer: LayerEffect) -> Self {
        let had_to_allow = matches!(layer, LayerEffect::ImplicitDeny | LayerEffect::Unknown)
            && statement.trace.effect == Some(Effect::Allow);
        if statement.trace.applies.is_unknown() {
            Self::Open
        } else if !statement.trace.applies.is_true() {
            if had_to_allow { Self::Misses } else { Self::Aside }
        } else if statement.trace.effect == Some(Effect::Deny) {
            Self::Denies
        } else {
            Self::Allows
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Denies => "denies",
            Self::Open => "open",
            Self::Misses => "misses",
            Self::Aside => "aside",
            Self::Allows => "allows",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Denies => "applies and denies",
            Self::Open => "may apply",
            Self::Misses | Self::Aside => "does not apply",
            Self::Allows => "applies and allows",
        }
    }
}

fn class(meaning: Option<Meaning>) -> &'static str {
    meaning.map_or("open", Meaning::class)
}

/// A part of a policy's text to be marked, with a word about it.
struct Mark {
    span: Span,
    label: String,
    /// It is the whole statement: that needs no mark of its own.
    whole: bool,
}

/// A statement to be marked.
struct MarkedStatement {
    span: Span,
    label: String,
    meaning: Option<Meaning>,
    marks: Vec<Mark>,
}

/// The words beside what decided: for a Deny that applies, why it does.
fn label_of(finding: &Finding, excerpt: &Excerpt, dossier: &Dossier) -> String {
    let layers = dossier.examination.iter().flat_map(|examination| &examination.layers);
    let mut denying =
        layers.flat_map(|layer| &layer.statements).map(|examined| &examined.trace).filter(|trace| {
            trace.effect == Some(Effect::Deny) && trace.applies.is_true() && trace.span == excerpt.statement
        });
    let applies = denying.any(|trace| trace.policy == excerpt.policy);
    match answer::why_it_applies(finding).filter(|_| applies) {
        Some(why) => format!("{}: {why}", excerpt.label),
        None => excerpt.label.clone(),
    }
}

/// A policy with its marked statements.
struct MarkedPolicy {
    name: String,
    title: Option<&'static str>,
    /// Which kind of policy it is to this request.
    kind: Option<&'static str>,
    document: Arc<PolicyDocument>,
    statements: Vec<MarkedStatement>,
    /// Whether it decided: then it is open from the start.
    decides: bool,
}

/// All policies that an answer shows.
pub(super) struct Policies(Vec<MarkedPolicy>);

impl Policies {
    /// The policies of the findings first, then those of the layers that refuse, then the rest.
    pub(super) fn of(dossier: &Dossier) -> Self {
        let mut policies = Self(Vec::new());
        for finding in &dossier.diagnosis.findings {
            let Some(excerpt) = &finding.excerpt else { continue };
            let label = finding.statement.clone().unwrap_or_default();
            let statement = policies.statement(&excerpt.policy, &excerpt.document, excerpt.statement, &label);
            let whole = excerpt.element == excerpt.statement;
            statement.marks.push(Mark {
                span: excerpt.element,
                label: label_of(finding, excerpt, dossier),
                whole,
            });
            let policy = policies.policy(&excerpt.policy, &excerpt.document);
            policy.title = policy.title.or(Some(answer::statement_title(finding)));
            policy.decides = true;
        }
        let layers = dossier.examination.iter().flat_map(|examination| &examination.layers);
        let (refusing, others): (Vec<&ExaminedLayer>, Vec<_>) =
            layers.partition(|layer| layer.effect.denies() || layer.effect == LayerEffect::Unknown);
        for layer in refusing.into_iter().chain(others) {
            layer.statements.iter().for_each(|statement| policies.add(statement, layer));
        }
        policies.open_the_refusing(dossier);
        policies
    }

    fn add(&mut self, examined: &ExaminedStatement, layer: &ExaminedLayer) {
        let Some(document) = &examined.document else { return };
        let trace = &examined.trace;
        self.policy(&trace.policy, document).kind = Some(layer.layer.title());
        let statement = self.statement(&trace.policy, document, trace.span, &trace.label);
        statement.meaning = Some(Meaning::of(examined, layer.effect));
        let mark = |(span, text): &(Span, String)| Mark { span: *span, label: text.clone(), whole: false };
        // Every element that fails says more than that one does.
        if statement.marks.is_empty() || !examined.misses.is_empty() {
            statement.marks = examined.misses.iter().map(mark).collect();
        }
    }

    /// Where no statement is near enough for a finding to name it, the policies that had to allow are the answer.
    fn open_the_refusing(&mut self, dossier: &Dossier) {
        let decided = dossier.diagnosis.findings.first().filter(|finding| finding.excerpt.is_none());
        let Some(layer) = decided.and_then(|finding| finding.layer) else { return };
        let misses = |statement: &MarkedStatement| statement.meaning == Some(Meaning::Misses);
        for policy in self.0.iter_mut().take(MOST_OPEN) {
            policy.decides = policy.kind == Some(layer.title()) && policy.statements.iter().any(misses);
        }
    }

    fn policy(&mut self, name: &str, document: &Arc<PolicyDocument>) -> &mut MarkedPolicy {
        let is_it = |policy: &MarkedPolicy| policy.name == name && policy.document.text() == document.text();
        let known = self.0.iter().position(is_it);
        let at = known.unwrap_or_else(|| {
            self.0.push(MarkedPolicy {
                name: name.to_owned(),
                title: None,
                kind: None,
                document: Arc::clone(document),
                statements: Vec::new(),
                decides: false,
            });
            self.0.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was found or made just above")]
        &mut self.0[at]
    }

    fn statement(
        &mut self,
        policy: &str,
        document: &Arc<PolicyDocument>,
        span: Span,
        label: &str,
    ) -> &mut MarkedStatement {
        let statements = &mut self.policy(policy, document).statements;
        let at = statements.iter().position(|statement| statement.span == span).unwrap_or_else(|| {
            let marks = Vec::new();
            statements.push(MarkedStatement { span, label: label.to_owned(), meaning: None, marks });
            statements.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was found or made just above")]
        &mut statements[at]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every policy; those that did not decide are folded.
    pub(super) fn markup(&self) -> Markup {
        html! {
            @for policy in &self.0 {
                details.policy open[policy.decides] {
                    summary {
                        span.policy-name { (name(&policy.name)) }
                        @if let Some(kind) = policy.kind { " " span.soft { (kind) } }
                        @if let Some(title) = policy.title { " " span.tag { (title) } }
                        @for statement in &policy.statements {
                            " " span class={ "tag " (class(statement.meaning)) } {
                                "statement " (statement.label)
                                @if let Some(meaning) = statement.meaning { " " (meaning.words()) }
                            }
                        }
                    }
                    (policy.text())
                }
            }
        }
    }
}

/// A line of a policy.
struct Line<'t> {
    number: usize,
    start: usize,
    text: &'t str,
    class: &'static str,
}

impl MarkedPolicy {
    fn text(&self) -> Markup {
        let laid_out = LaidOut::new(self.document.text());
        let lines = self.lines(&laid_out);
        let marks = self.statements.iter().flat_map(|statement| &statement.marks);
        let mut marks: Vec<(Span, &Mark)> = marks.map(|mark| (laid_out.span(mark.span), mark)).collect();
        marks.sort_by_key(|(span, _)| (span.start, span.end));
        let shown = lines.len().min(LONGEST);
        let is_short = shown <= SHORT;
        let (near, rest): (Vec<&Line<'_>>, usize) = if is_short {
            (lines.iter().collect(), 0)
        } else {
            let marked = self.marked(&lines);
            let rest = shown - marked.len();
            (marked, rest)
        };
        html! {
            (code_lines(&near, &marks))
            @if rest > 0 {
                details.whole {
                    summary { "the whole policy, " (lines.len()) " lines" }
                    (code_lines(&lines.iter().take(LONGEST).collect::<Vec<_>>(), &marks))
                    @if lines.len() > LONGEST { p { "… " (lines.len() - LONGEST) " more lines" } }
                }
            }
        }
    }

    /// The lines of the statements that matter; of those that do not, if there are no others.
    fn marked<'l, 't>(&self, lines: &'l [Line<'t>]) -> Vec<&'l Line<'t>> {
        let is_aside = |statement: &MarkedStatement| statement.meaning == Some(Meaning::Aside);
        let all_aside = self.statements.iter().all(is_aside);
        let matters =
            |line: &&Line<'_>| !line.class.is_empty() && (all_aside || line.class != Meaning::Aside.class());
        lines.iter().take(LONGEST).filter(matters).collect()
    }

    fn lines<'t>(&self, laid_out: &'t LaidOut) -> Vec<Line<'t>> {
        let statements: Vec<(Span, Option<Meaning>)> =
            self.statements.iter().map(|found| (laid_out.span(found.span), found.meaning)).collect();
        let mut start = 0;
        let text = laid_out.text.trim_end();
        let lines = text.split('\n').enumerate().map(|(index, line)| {
            let own = start;
            start += line.len() + 1;
            let first = own + (line.len() - line.trim_start().len());
            let around = statements.iter().find(|(span, _)| span.start <= first && first < span.end);
            let class = around.map_or("", |(_, meaning)| class(*meaning));
            Line { number: index + 1, start: own, text: line.trim_end_matches('\r'), class }
        });
        lines.collect()
    }
}

fn code_lines(lines: &[&Line<'_>], marks: &[(Span, &Mark)]) -> Markup {
    html! {
        pre.code tabindex="0" role="group" aria-label="text of the policy, can be scrolled" { code {
            @for (at, line) in lines.iter().enumerate() {
                @let before = at.checked_sub(1).and_then(|at| lines.get(at)).map_or(0, |line| line.number);
                @if line.number > before + 1 { span.line.left-out { (left_out(line.number - before - 1)) "\n" } }
                span class={ "line " (line.class) } data-n=(line.number) { (pieces(line, marks)) "\n" }
                @for (_, mark) in marks.iter().filter(|(span, _)| ends_in(*span, line)) {
                    span class={ "line remark " (line.class) } {
                        span.words { (indent(line)) "▲ " (mark.label) } "\n"
                    }
                }
            }
        } }
    }
}

fn left_out(lines: usize) -> String {
    if lines == 1 { "⋯ one line left out".to_owned() } else { format!("⋯ {lines} lines left out") }
}

fn indent<'t>(line: &Line<'t>) -> &'t str {
    let width = line.text.len() - line.text.trim_start().len();
    line.text.get(..width).unwrap_or_default()
}

fn ends_in(span: Span, line: &Line<'_>) -> bool {
    let end = span.end.saturating_sub(1);
    line.start <= end && end <= line.start + line.text.len()
}

/// The line with what is marked in it.
fn pieces(line: &Line<'_>, marks: &[(Span, &Mark)]) -> Markup {
    let mut at = 0;
    let mut parts: Vec<(&str, bool)> = Vec::new();
    let indent = indent(line).len();
    for (span, _) in marks.iter().filter(|(_, mark)| !mark.whole) {
        let start = span.start.saturating_sub(line.start).max(at).max(indent);
        let end = span.end.saturating_sub(line.start).min(line.text.len());
        if span.end <= line.start || start >= end {
            continue;
        }
        parts.extend(line.text.get(at..start).map(|text| (text, false)));
        parts.extend(line.text.get(start..end).map(|text| (text, true)));
        at = end;
    }
    parts.extend(line.text.get(at..).map(|text| (text, false)));
    html! {
        @for (text, is_marked) in parts {
            @if is_marked { mark { (text) } } @else { (text) }
        }
    }
}
