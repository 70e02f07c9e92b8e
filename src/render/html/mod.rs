//! The answer as one HTML file that can be sent: no network, no script, readable without either.
//!
//! Everything from events and policies is text here: `maud` escapes it, and the file's own Content-Security-Policy
//! lets nothing run or load.

mod answer;
mod changes;
mod graph;
mod policy;
mod prose;
mod request;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::untrusted::harmless_markup;
use super::{palette, svg};
use crate::diagnose::Dossier;
use crate::evidence::Gap;

const STYLE: &str = include_str!("style.css");

/// So many denials are told in full; of the others there are the first lines. A browser has to hold all of it.
const MAX_ARTICLES: usize = 500;

/// The report of some denials, as a whole file; `gaps` is what could not be read in the whole run, which counts where
/// nothing was denied in the rest.
pub fn html(dossiers: &[Dossier], gaps: &[Gap]) -> String {
    let style = style();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_security_policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title(dossiers)) }
                style { (PreEscaped(&style)) }
            }
            body {
                a.skip href="#answer" { "Skip to the answer" }
                header.top { div.page {
                    h1 { "Why access was denied" }
                    p { (count(dossiers.len())) " explained by why-denied " (env!("CARGO_PKG_VERSION")) }
                } }
                @if dossiers.len() > 1 { (contents(dossiers)) }
                main #answer.page tabindex="-1" {
                    @if dossiers.is_empty() { (nothing_denied(gaps)) }
                    @for (number, dossier) in (1_usize..).zip(dossiers).take(MAX_ARTICLES) {
                        (answer::article(dossier, &format!("d{number}")))
                    }
                    @if dossiers.len() > MAX_ARTICLES { (in_short(dossiers.get(MAX_ARTICLES..).unwrap_or_default())) }
                }
                footer.page {
                    p {
                        "Made by why-denied " (env!("CARGO_PKG_VERSION")) " from CloudTrail events and policies. "
                        "The file loads nothing and runs nothing. It has names, policies and addresses of your accounts "
                        "in it: send it to those who may see them."
                    }
                }
            }
        }
    };
    // A line break of the source is no line break of the page.
    harmless_markup(&page.into_string()).into_owned() + "\n"
}

fn style() -> String {
    let rules = format!("{}{STYLE}{}", palette::css(":root"), svg::STYLE);
    // The policy below hashes these very bytes; a carriage return would be normalised away by the reader.
    rules.replace('\r', "")
}

/// Nothing but this one style sheet. A hash, and no `'unsafe-inline'`: an attribute that slipped through could not
/// even change how the page looks.
///
/// Source: <https://www.w3.org/TR/CSP3/#framework-directive-source-list>
fn content_security_policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn title(dossiers: &[Dossier]) -> String {
    match dossiers {
        [] => "Nothing was denied — why-denied".to_owned(),
        [one] => format!(
            "{} denied for {} — why-denied",
            one.diagnosis.denied.action, one.diagnosis.principal_name
        ),
        several => format!("{} denials explained — why-denied", several.len()),
    }
}

fn count(denials: usize) -> String {
    if denials == 1 { "one denial".to_owned() } else { format!("{denials} denials") }
}

fn contents(dossiers: &[Dossier]) -> Markup {
    html! {
        nav.page.contents aria-label="Denials in this report" {
            h2 { "Denials" }
            ol {
                @for (number, dossier) in (1_usize..).zip(dossiers) {
                    @let diagnosis = &dossier.diagnosis;
                    li {
                        @let id = if number > MAX_ARTICLES { "more".to_owned() } else { format!("d{number}") };
                        a href={ "#" (id) } { (super::answer::headline(diagnosis)) }
                        " " (answer::standing(diagnosis)) " "
                        span.soft { (super::answer::occurrences(diagnosis)) }
                    }
                }
            }
        }
    }
}

fn nothing_denied(gaps: &[Gap]) -> Markup {
    html! {
        article.card.nothing {
            @if gaps.iter().any(Gap::hides_events) {
                h2 { "Nothing that was asked for was denied in what could be read" }
                section { h3 { "Not checked" } (prose::gaps(gaps)) }
            } @else {
                h2 { "Nothing that was asked for was denied" }
            }
        }
    }
}

fn in_short(dossiers: &[Dossier]) -> Markup {
    html! {
        article.card #more aria-labelledby="more-title" {
            section {
                h2 #more-title { (dossiers.len()) " more denials" }
                p { "They are too many to be told in full: ask for fewer with --principal, --since or --event-id." }
                @for dossier in dossiers {
                    @let [first, second, third] = super::answer::first_lines(&dossier.diagnosis);
                    p { strong { (first) } br; (second) br; (third) }
                }
            }
        }
    }
}
