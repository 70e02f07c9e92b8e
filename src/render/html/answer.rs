//! One denial: the answer first, then what it rests on.

use maud::{Markup, html};

use super::policy::Policies;
use super::prose::{diff, gaps, name, prose};
use super::{changes, graph, request};
use crate::diagnose::{Diagnosis, Dossier, Finding, Remedy, Standing};
use crate::render::answer::{first_lines, occurrences, outcome, session, where_details_are};
use crate::render::authorization_details;
use crate::render::diff::unified;
use crate::render::policy_text::LaidOut;

/// So many event ids are shown at once.
const FEW_EVENTS: usize = 3;
/// So many more are listed.
const MOST_EVENTS: usize = 1_000;

const NOTHING_UNCHECKED: &str = "nothing that could change this answer";

pub(super) fn article(dossier: &Dossier, id: &str) -> Markup {
    let diagnosis = &dossier.diagnosis;
    let policies = Policies::of(dossier);
    html! {
        article.card #(id) aria-labelledby={ (id) "-answer" } {
            (answer(diagnosis, id))
            (facts(diagnosis, id))
            (graph::section(diagnosis, id))
            (section(id, "why", "Why", !diagnosis.findings.is_empty(), findings(diagnosis)))
            (section(id, "policies", "Policies", !policies.is_empty(), policies.markup()))
            (section(id, "help", "What would help", !diagnosis.remedies.is_empty(), remedies(&diagnosis.remedies)))
            (testimony(diagnosis, id))
            (authorization(diagnosis, id))
            (changes::section(dossier, id))
            @if let Some(origin) = &diagnosis.origin {
                (section(id, "session", "Session", true, html! {
                    ul {
                        @for item in session(origin) { li { (prose(&item)) } }
                        @if has_namesake(dossier) {
                            li { "Under Changes a session of this name is issued; that event is not known to have issued these credentials." }
                        }
                    }
                }))
            }
            (not_checked(diagnosis, id))
            (request::section(dossier, id))
        }
    }
}

/// Whether a session of the same name was issued, while nothing shows what issued the credentials of this one.
fn has_namesake(dossier: &Dossier) -> bool {
    let diagnosis = &dossier.diagnosis;
    let is_unseen = diagnosis.origin.as_ref().is_some_and(|origin| origin.hops.is_empty());
    let session = format!("session {}", diagnosis.principal);
    let mut entries = dossier.timeline.iter().flat_map(|timeline| &timeline.entries);
    is_unseen && entries.any(|entry| entry.target == session)
}

/// A section with a heading, if there is anything in it.
pub(super) fn section(id: &str, name: &str, title: &str, any: bool, body: Markup) -> Markup {
    html! {
        @if any {
            section {
                h3 id={ (id) "-" (name) } { (title) }
                (body)
            }
        }
    }
}

/// The same three lines as in the text.
fn answer(diagnosis: &Diagnosis, id: &str) -> Markup {
    let [first, second, third] = first_lines(diagnosis);
    let (word, rest) = first.split_once(' ').unwrap_or((&first, ""));
    html! {
        div.answer {
            h2 id={ (id) "-answer" } { span.denied { (word) } " " (prose(rest)) }
            p.because { (prose(second.trim())) }
            p.then { (prose(third.trim())) }
        }
    }
}

/// How the answer is known, as a word on a coloured ground.
pub(super) fn standing(diagnosis: &Diagnosis) -> Markup {
    let class = match diagnosis.standing {
        Standing::Proven | Standing::NotAPolicy => "allows",
        Standing::ByElimination | Standing::Reported => "open",
        Standing::Contradicted => "denies",
    };
    html! { span class={ "tag " (class) } { (diagnosis.standing.name()) } }
}

fn meaning(standing: Standing) -> &'static str {
    match standing {
        Standing::Proven => "evaluating the policies again gives this denial",
        Standing::ByElimination => {
            "everything that could be read allows it; something that could not be read decided"
        }
        Standing::Reported => "AWS's message says so, or part of the evidence is missing",
        Standing::NotAPolicy => "something that is not a policy refused",
        Standing::Contradicted => "these policies allow it; AWS refused it all the same",
    }
}

fn facts(diagnosis: &Diagnosis, id: &str) -> Markup {
    let decision = diagnosis.decision.map_or("Undetermined", |decision| decision.name());
    let refused_by: Vec<&str> = diagnosis.denied_by.iter().map(|layer| layer.title()).collect();
    let same = diagnosis.surface == diagnosis.denied;
    let facts = [
        Some(("Caller", name(&diagnosis.principal))),
        (!same).then(|| ("Call that was made", call(&diagnosis.surface))),
        Some(("Call that was denied", call(&diagnosis.denied))),
        Some(("When", prose(&occurrences(diagnosis)))),
        Some(("Decision", html! { code { (decision) } })),
        (!refused_by.is_empty()).then(|| ("Refused by", html! { (refused_by.join(", ")) })),
        Some(("Standing", html! { (standing(diagnosis)) " " span.soft { (meaning(diagnosis.standing)) } })),
        Some(("Not checked", gaps_in_short(diagnosis, id))),
        (!diagnosis.event_ids.is_empty()).then(|| ("Events", events(&diagnosis.event_ids))),
    ];
    html! {
        dl.facts {
            @for (name, value) in facts.into_iter().flatten() { div { dt { (name) } dd { (value) } } }
        }
    }
}

fn gaps_in_short(diagnosis: &Diagnosis, id: &str) -> Markup {
    html! {
        @match diagnosis.not_checked.len() {
            0 => { (NOTHING_UNCHECKED) }
            1 => { a href={ "#" (id) "-gaps" } { "one thing" } }
            several => { a href={ "#" (id) "-gaps" } { (several) " things" } }
        }
    }
}

fn call(call: &crate::diagnose::CallRef) -> Markup {
    html! {
        code { (call.action) }
        @if let Some(resource) = call.resource.as_deref().filter(|resource| *resource != "*") {
            " on " (name(resource))
        }
    }
}

fn events(ids: &[String]) -> Markup {
    let (few, more) = ids.split_at(ids.len().min(FEW_EVENTS));
    html! {
        ul.plain { @for id in few { li { code { (id) } } } }
        @if !more.is_empty() {
            details {
                summary { (more.len()) " more" }
                ul.plain { @for id in more.iter().take(MOST_EVENTS) { li { code { (id) } } } }
                @if more.len() > MOST_EVENTS { p { "… all of them are in the JSON report" } }
            }
        }
    }
}

fn findings(diagnosis: &Diagnosis) -> Markup {
    html! {
        ol.findings {
            @for (number, finding) in diagnosis.findings.iter().enumerate() {
                li.decided[number == 0] { (self::finding(finding)) }
            }
        }
    }
}

fn finding(finding: &Finding) -> Markup {
    // Most sentences name their policy; a name from its ARN may be only the end of it.
    let unnamed = finding.policy.as_deref().filter(|policy| !finding.text.contains(*policy));
    html! {
        p { (prose(&finding.text)) " " code.code-of-finding { "[" (finding.code) "]" } }
        @if let Some(policy) = unnamed {
            p.soft.place {
                @if let Some(statement) = &finding.statement { "statement " code { (statement) } " of " }
                (name(policy))
                @if let Some(target) = &finding.target { " at " (name(target)) }
                @if let Some(element) = finding.element { ", element " code { (element) } }
            }
        }
    }
}

fn remedies(remedies: &[Remedy]) -> Markup {
    html! {
        ol.remedies {
            @for remedy in remedies {
                li {
                    p { (prose(&remedy.text)) }
                    p.soft {
                        span class={ "tag " (class(remedy)) } { (outcome(remedy)) }
                        " who can do it: " (prose(&remedy.who))
                    }
                    @if let Some(addition) = &remedy.addition {
                        p.soft.place { "in " (name(&addition.policy)) ":" }
                        @let lines = unified(&addition.before, &addition.after).unwrap_or_default();
                        (diff(lines.iter().map(String::as_str)))
                    }
                    @if let Some(statement) = &remedy.statement { (self::statement(statement, remedy.addition.is_some())) }
                }
            }
        }
    }
}

fn class(remedy: &Remedy) -> &'static str {
    match remedy {
        Remedy { verified: true, .. } => "allows",
        Remedy { is_open: false, next_denied_by, .. } if next_denied_by.is_empty() => "neutral",
        _ => "open",
    }
}

/// The statement alone; folded where the diff shows it already.
fn statement(text: &str, is_in_diff: bool) -> Markup {
    html! {
        details open[!is_in_diff] {
            summary { "The statement" }
            pre.code tabindex="0" role="group" aria-label="statement, can be scrolled" { code { (LaidOut::new(text).text) } }
        }
    }
}

fn testimony(diagnosis: &Diagnosis, id: &str) -> Markup {
    let Some(testimony) = &diagnosis.testimony else { return html! {} };
    let first = diagnosis.findings.first().map(|finding| finding.text.as_str()).unwrap_or_default();
    let heading =
        if diagnosis.standing == Standing::NotAPolicy { "What is known" } else { "The policies say" };
    section(
        id,
        "aws",
        "AWS's own message",
        true,
        html! {
            div.beside {
                div {
                    h4 { "AWS said" }
                    blockquote { p { (prose(&testimony.text)) } }
                }
                div {
                    h4 { (heading) }
                    p { (prose(first)) " " (standing(diagnosis)) }
                }
            }
            @if let Some(misleads) = testimony.misleads { p.note { "Beside it: " (misleads) "." } }
            @if let Some(said) = where_details_are(diagnosis) { p.note { (prose(&said)) } }
        },
    )
}

/// What AWS's Access Troubleshooter says, beside the verdict.
fn authorization(diagnosis: &Diagnosis, id: &str) -> Markup {
    let Some(testimony) = &diagnosis.authorization else { return html! {} };
    let lines = html! {
        @for line in authorization_details::section(testimony) { p { (prose(&line)) } }
    };
    section(id, "details", "AWS's authorization details", true, lines)
}

fn not_checked(diagnosis: &Diagnosis, id: &str) -> Markup {
    let title = format!("Not checked (standing: {})", diagnosis.standing);
    let body = html! {
        @if diagnosis.not_checked.is_empty() {
            p { (NOTHING_UNCHECKED) }
        } @else {
            (gaps(&diagnosis.not_checked))
        }
    };
    section(id, "gaps", &title, true, body)
}
