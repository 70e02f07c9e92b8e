//! The request as it was evaluated: its context with where each value comes from, and what every layer said.

use maud::{Markup, html};

use super::answer::section as titled;
use super::prose::{name, prose};
use crate::diagnose::{Dossier, Examination, ExaminedLayer, ExaminedStatement};
use crate::evaluate::LayerEffect;
use crate::request::{ContextValue, Entry, Provenance, RequestContext};

pub(super) fn section(dossier: &Dossier, id: &str) -> Markup {
    let Some(examination) = &dossier.examination else { return html! {} };
    html! {
        (titled(id, "layers", "What each kind of policy says", !examination.layers.is_empty(), layers(examination)))
        (titled(id, "request", "The request", true, request(examination)))
    }
}

fn layers(examination: &Examination) -> Markup {
    html! {
        ul.layers {
            @for layer in &examination.layers { li { (self::layer(layer)) } }
        }
    }
}

fn layer(layer: &ExaminedLayer) -> Markup {
    html! {
        p {
            strong { (layer.layer.title()) }
            @if let Some(target) = &layer.target { " at " (name(target)) }
            " " span class={ "tag " (class(layer.effect)) } { (words(layer.effect)) }
        }
        @if let Some(note) = &layer.note { p.soft { (prose(note)) } }
        @for hinge in &layer.hinges { p.soft { "hangs on " (prose(hinge)) } }
        @if !layer.statements.is_empty() {
            ul { @for statement in &layer.statements { li { (self::statement(statement)) } } }
        }
    }
}

fn statement(statement: &ExaminedStatement) -> Markup {
    let trace = &statement.trace;
    let applies = if trace.applies.is_true() {
        "applies"
    } else if trace.applies.is_unknown() {
        "may apply"
    } else {
        "does not apply"
    };
    html! {
        @if let Some(effect) = trace.effect { (effect.name()) " " }
        "statement " code { (trace.label) } " of " (name(&trace.policy)) " " (applies)
        @for (number, (_, why)) in statement.misses.iter().enumerate() {
            @if number == 0 { ": " } @else { "; " }
            (prose(why))
        }
    }
}

fn class(effect: LayerEffect) -> &'static str {
    match effect {
        LayerEffect::Allow => "allows",
        LayerEffect::NoImpact => "neutral",
        LayerEffect::ImplicitDeny | LayerEffect::ExplicitDeny => "denies",
        LayerEffect::Unknown => "open",
    }
}

fn words(effect: LayerEffect) -> &'static str {
    match effect {
        LayerEffect::Allow => "allows",
        LayerEffect::NoImpact => "no impact",
        LayerEffect::ImplicitDeny => "implicit deny",
        LayerEffect::ExplicitDeny => "explicit deny",
        LayerEffect::Unknown => "unknown",
    }
}

fn request(examination: &Examination) -> Markup {
    let request = &examination.request;
    let owner = request.resource.owner().map(|owner| owner.to_string());
    html! {
        dl.facts {
            div { dt { "Principal" } dd { (name(&request.principal.to_string())) } }
            div { dt { "Action" } dd { code { (request.action.to_string()) } } }
            div { dt { "Resource" } dd {
                (name(request.resource.as_str()))
                @if let Some(owner) = owner { span.soft { " of account " code { (owner) } } }
            } }
        }
        details.folded {
            summary { "Request context: " (tally(&request.context)) }
            dl.context {
                @for entry in request.context.entries() { div { (self::entry(entry)) } }
            }
            p.soft {
                @if request.context.is_complete() { "Condition keys that are not listed were absent from the request." }
                @else { "Whether the request carried condition keys that are not listed is not known." }
            }
        }
    }
}

/// How many condition keys are known, absent and not known.
fn tally(context: &RequestContext) -> String {
    let (mut known, mut absent, mut unknown) = (0, 0, 0);
    for entry in context.entries() {
        match entry.value {
            ContextValue::Known(_) => known += 1,
            ContextValue::Absent => absent += 1,
            ContextValue::AbsentOrOther { .. } | ContextValue::Unknown(_) => unknown += 1,
        }
    }
    format!("{known} condition keys known, {absent} absent, {unknown} not known")
}

fn entry(entry: &Entry) -> Markup {
    html! {
        dt { (name(&entry.name)) }
        dd {
            @match &entry.value {
                ContextValue::Known(values) => {
                    @for (number, value) in values.as_slice().iter().enumerate() {
                        @if number > 0 { ", " }
                        (name(value))
                    }
                    @if values.as_slice().is_empty() { span.tag.neutral { "an empty list" } }
                }
                ContextValue::Absent => { span.tag.neutral { "absent" } }
                ContextValue::AbsentOrOther { why, .. } => { span.tag.open { "absent, or not known" } " " (prose(why)) }
                ContextValue::Unknown(why) => { span.tag.open { "unknown" } " " (prose(why)) }
            }
        }
        dd.soft { (provenance(&entry.provenance)) }
    }
}

fn provenance(provenance: &Provenance) -> Markup {
    html! {
        @match provenance {
            Provenance::Given => { "given by whoever asked" }
            Provenance::Derived(from) => { "follows from " (prose(from)) }
            Provenance::Event(field) => { "event: " code { (field) } }
            Provenance::Evidence(fact) => { "evidence: " (prose(fact)) }
            Provenance::Documented(page) => { "documented: " (link(page)) }
        }
    }
}

/// A page of AWS is linked; anything else stays text. The address comes out of this program, not out of evidence.
fn link(page: &'static str) -> Markup {
    html! {
        @if page.starts_with("https://docs.aws.amazon.com/") {
            a href=(page) rel="noreferrer" { (page.rsplit('/').next().unwrap_or(page)) }
        }
        @else { (prose(page)) }
    }
}
