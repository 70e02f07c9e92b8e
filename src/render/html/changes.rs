//! Since when: the change that made the denial start, and all changes around it in the order of time.

use jiff::Timestamp;
use maud::{Markup, html};

use super::answer::section as titled;
use super::prose::{diff, gaps, name, prose};
use crate::diagnose::{Certainty, Diagnosis, Dossier, Introduction, Timeline, TimelineEntry};
use crate::render::timeline::{by, document};

/// So many changes before the denial are shown, and so many after it.
const BEFORE: usize = 100;
const AFTER: usize = 50;
/// So many lines of a document.
const MAX_LINES: usize = 600;

pub(super) fn section(dossier: &Dossier, id: &str) -> Markup {
    let diagnosis = &dossier.diagnosis;
    let introduced = diagnosis.introduced_by.as_ref();
    let body = html! {
        @if let Some(change) = introduced { (introduction(change)) }
        @match &dossier.timeline {
            Some(timeline) => { (around(timeline, diagnosis)) }
            None => { p { "Changes around this denial were not looked up: the report has too many denials. "
                          code { "why-denied changes" } " lists them." } }
        }
    };
    titled(id, "changes", "Changes", true, body)
}

fn introduction(change: &Introduction) -> Markup {
    let sure = match change.certainty {
        Certainty::Proven => "The same request was allowed before it and is denied after it.",
        Certainty::Evidence => "The text before it is not known, but the same call succeeded before it.",
    };
    html! {
        p.note {
            "Made it start: " code { (change.event_name) }
            @if let Some(changed) = &change.changed { " (" (name(changed)) ")" }
            " at " (time(change.event_time)) " by "
            @for (step, actor) in change.chain.iter().enumerate() {
                @if step > 0 { ", a session obtained by " }
                (prose(actor))
            }
            ". " (sure)
        }
    }
}

fn time(time: Option<Timestamp>) -> Markup {
    html! {
        @match time {
            Some(time) => { time datetime=(time) { (time) } }
            None => { "(no time)" }
        }
    }
}

fn around(timeline: &Timeline, diagnosis: &Diagnosis) -> Markup {
    let denied = diagnosis.occurrences.first;
    let is_before =
        |entry: &&TimelineEntry| denied.is_none_or(|at| entry.event_time.is_some_and(|time| time <= at));
    let before: Vec<&TimelineEntry> = timeline.entries.iter().take_while(is_before).collect();
    let after: Vec<&TimelineEntry> = timeline.entries.iter().skip(before.len()).collect();
    let earlier = before.len().saturating_sub(BEFORE);
    html! {
        @if timeline.entries.is_empty() { p { "No changes of what concerns the caller or the resource are in the events." } }
        @else {
            ol.timeline {
                @if earlier > 0 { li.more { (earlier) " earlier changes" } }
                @for entry in before.iter().skip(earlier) { (one(entry, diagnosis)) }
                @if denied.is_some() { li.denial { p { (time(denied)) " " strong { "denied" } } } }
                @for entry in after.iter().take(AFTER) { (one(entry, diagnosis)) }
                @if after.len() > AFTER { li.more { (after.len() - AFTER) " later changes" } }
            }
        }
        @if !timeline.gaps.is_empty() {
            h4 { "Changes that could not be seen" }
            (gaps(&timeline.gaps))
        }
    }
}

fn one(entry: &TimelineEntry, diagnosis: &Diagnosis) -> Markup {
    let cause = diagnosis.introduced_by.as_ref();
    let is_cause = cause.is_some_and(|cause| cause.event_id.is_some() && cause.event_id == entry.event_id);
    html! {
        li.cause[is_cause] {
            p {
                (time(entry.event_time)) " " code.event { (entry.event_name) }
                @if let Some(region) = &entry.region { " " span.soft { (region) } }
                @if entry.count > 1 { " " span.soft { (entry.count) " times, the last at " (time(entry.last_time)) } }
                @if is_cause { " " span.tag.denies { "made it start" } }
            }
            p { (prose(&entry.target)) ": " (prose(&entry.summary)) }
            p.soft { "by " (prose(&by(entry))) }
            @for why in &entry.why { p.soft { "listed because " (prose(why)) } }
            @if let Some(change) = &entry.document { (change_of_text(&document(change), is_cause)) }
        }
    }
}

fn change_of_text(lines: &[String], is_cause: bool) -> Markup {
    html! {
        details open[is_cause] {
            summary { "What changed in the text" }
            (diff(lines.iter().take(MAX_LINES).map(String::as_str)))
            @if lines.len() > MAX_LINES { p.soft { "… " (lines.len() - MAX_LINES) " more lines" } }
        }
    }
}
