//! Untrusted text in Markdown: names become code, where nothing has a meaning, and code gets fences that it cannot end.
//!
//! A backslash is not enough: GitHub looks for `@mentions`, `#1` and addresses in what was rendered already, and
//! leaves out only code.
//!
//! Sources: <https://github.github.com/gfm/#code-spans>, <https://github.github.com/gfm/#fenced-code-blocks>,
//! <https://github.github.com/gfm/#tables-extension->

use std::fmt::Write as _;

use crate::render::printable;
use crate::render::words::{Piece, pieces};

/// A sentence on one line, its names as code.
pub(super) fn prose(text: &str) -> String {
    let text = printable(text);
    pieces(&text).into_iter().fold(String::new(), |mut out, piece| {
        match piece {
            Piece::Plain(text) => out.push_str(text),
            Piece::Name(text) => out.push_str(&code(text)),
        }
        out
    })
}

/// A name as a code span.
pub(super) fn code(text: &str) -> String {
    let text = printable(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    // One space at both ends is taken away again, and is needed beside a backtick.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// A row of a table. In a cell, a vertical line is escaped in code too.
pub(super) fn row(name: &str, cell: &str) -> String {
    format!("| {name} | {} |\n", cell.replace('|', "\\|"))
}

/// A fenced block. Nothing in it ends it, and every line is printable.
pub(super) fn fenced<'t>(language: &str, lines: impl IntoIterator<Item = &'t str>) -> String {
    let body = lines.into_iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "{}", printable(line));
        out
    });
    let fence = "`".repeat((longest_run(&body) + 1).max(3));
    format!("{fence}{language}\n{body}{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cannot_be_ended_from_inside() {
        assert_eq!(code("kms:Decrypt"), "`kms:Decrypt`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code(" x "), "`  x  `");
        assert_eq!(code(""), "");
        assert_eq!(fenced("diff", ["```", "</details>"]), "````diff\n```\n</details>\n````\n");
    }

    #[test]
    fn a_sentence_keeps_its_words_and_loses_its_markup() {
        assert_eq!(prose("no policy allows kms:Decrypt"), "no policy allows `kms:Decrypt`");
        assert_eq!(prose("by @all, see [x](http://e.example)"), "by `@all`, see `[x](http://e.example)`");
        assert_eq!(prose("a\nb"), "`a\\u{a}b`");
    }

    #[test]
    fn a_cell_stays_one_cell() {
        assert_eq!(row("Caller", &code("a|b")), "| Caller | `a\\|b` |\n");
    }
}
