//! A statement of a policy with the deciding part underlined.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::TextOptions;
use super::untrusted::{harmless_json, is_harmless};
use crate::diagnose::Excerpt;
use crate::policy::Span;

/// No more lines of a statement are shown around the deciding part.
const MAX_STATEMENT: usize = 2_000;

/// The excerpt, drawn.
pub(super) fn draw(excerpt: &Excerpt, options: TextOptions) -> String {
    let (text, statement, element) = readable(excerpt);
    let name = printable_name(&excerpt.policy);
    let line = text.get(..statement.start).unwrap_or_default().matches('\n').count() + 1;
    let shown = text.get(statement.start..statement.end).unwrap_or_default();
    let start = element.start.saturating_sub(statement.start).min(shown.len());
    let end = element.end.saturating_sub(statement.start).clamp(start, shown.len());
    let annotation = AnnotationKind::Primary.span(start..end).label(excerpt.label.as_str());
    let snippet = Snippet::source(shown).line_start(line).path(name.as_str()).annotation(annotation);
    let report = &[Group::with_level(Level::NOTE).element(snippet)];
    let renderer = if options.colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(options.width).render(report).clone()
}

fn printable_name(name: &str) -> String {
    super::printable(name).into_owned()
}

/// The text with its statement and element. A policy on one line, as CloudTrail and the API give it, or one with
/// long lines is laid out again; the spans move with it.
fn readable(excerpt: &Excerpt) -> (String, Span, Span) {
    let text = excerpt.document.text();
    let statement = text.get(excerpt.statement.start..excerpt.statement.end).unwrap_or_default();
    let long_lines = statement.lines().any(|line| line.chars().count() > 160);
    let one_line = !statement.contains('\n') && statement.len() > 100;
    if is_harmless(statement) && !long_lines && !one_line && statement.len() <= MAX_STATEMENT {
        return (text.to_owned(), excerpt.statement, excerpt.element);
    }
    laid_out(statement, excerpt).unwrap_or_else(|| {
        let placeholder = "(a statement that cannot be shown)".to_owned();
        let all = Span { start: 0, end: placeholder.len() };
        (placeholder, all, all)
    })
}

/// The statement pretty-printed, with the element found again by its own text.
fn laid_out(statement: &str, excerpt: &Excerpt) -> Option<(String, Span, Span)> {
    let value: serde_json::Value = serde_json::from_str(statement).ok()?;
    let pretty = harmless_json(&serde_json::to_string_pretty(&value).ok()?).into_owned();
    let element: serde_json::Value = serde_json::from_str(excerpt.document.excerpt(excerpt.element)).ok()?;
    let whole = Span { start: 0, end: pretty.len() };
    if excerpt.element == excerpt.statement {
        return Some((pretty, whole, whole));
    }
    // Depths at which an element or one of its values can stand.
    let found = (1..5).find_map(|depth| {
        let wanted =
            serde_json::to_string_pretty(&element).ok()?.replace('\n', &format!("\n{}", "  ".repeat(depth)));
        pretty.find(&wanted).map(|start| Span { start, end: start + wanted.len() })
    });
    Some((pretty, whole, found.unwrap_or(whole)))
}
