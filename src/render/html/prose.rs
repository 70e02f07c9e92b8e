//! Sentences, diffs and lists: what every section is made of.

use maud::{Markup, html};

use crate::render::words::{Piece, pieces};

/// A sentence with its names set as names.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Plain(text) => { (text) }
                Piece::Name(text) => { code { (text) } }
            }
        }
    }
}

/// The lines of a diff, or of a text that is shown in its place.
pub(super) fn diff<'t>(lines: impl IntoIterator<Item = &'t str>) -> Markup {
    html! {
        pre.code.diff { code {
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
