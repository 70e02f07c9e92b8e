//! Sentences, diffs and lists: what every section is made of.

use maud::{Markup, html};

use crate::render::printable;
use crate::render::words::{Piece, pieces};

/// A name, or a part of one, of so many characters stays on one line; a telephone shows some more of them.
const UNBROKEN: usize = 26;

/// A sentence with its names set as names.
pub(super) fn prose(text: &str) -> Markup {
    let text = printable(text);
    html! {
        @for piece in pieces(&text) {
            @match piece {
                Piece::Plain(text) => { (text) }
                Piece::Name(text) => { (name(text)) }
            }
        }
    }
}

/// A name. Where it is too long for a line it is broken behind what separates the parts of an ARN.
pub(super) fn name(text: &str) -> Markup {
    let text = printable(text);
    html! {
        @if text.chars().count() <= UNBROKEN { code.unbroken { (text) } }
        @else {
            code {
                @for (number, part) in text.split_inclusive([':', '/']).enumerate() {
                    @if number > 0 { wbr; }
                    @if part.contains('-') && part.chars().count() <= UNBROKEN { span.unbroken { (part) } }
                    @else { (part) }
                }
            }
        }
    }
}

/// The lines of a diff, or of a text that is shown in its place.
pub(super) fn diff<'t>(lines: impl IntoIterator<Item = &'t str>) -> Markup {
    html! {
        pre.code.diff tabindex="0" role="group" aria-label="diff, can be scrolled" { code {
            @for line in lines { span class={ "line " (kind(line)) } { (line) "\n" } }
        } }
    }
}

fn kind(line: &str) -> &'static str {
    match line.bytes().next() {
        Some(b'+') => "added",
        Some(b'-') => "removed",
        Some(b'@') => "hunk",
        _ => "",
    }
}

/// What and why, as in gaps.
pub(super) fn gaps(gaps: &[crate::evidence::Gap]) -> Markup {
    html! {
        ul { @for gap in gaps { li { (prose(&format!("{}: {}", gap.what, gap.why))) } } }
    }
}
