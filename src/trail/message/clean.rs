//! Undoes what a terminal, a log or a web page did to a message.

/// One line of plain text: no escape sequences, no frames, no line wraps.
pub(super) fn clean(text: &str) -> String {
    let plain = without_escapes(text);
    let plain = plain.replace("\\n", " ").replace("\\\"", "\"");
    let plain =
        plain.replace("&quot;", "\"").replace("&#39;", "'").replace("&apos;", "'").replace("&amp;", "&");
    let lines: Vec<&str> = plain.lines().collect();
    let line = if hard_wrapped(&lines) {
        lines.concat()
    } else {
        lines.into_iter().map(without_frame).collect::<Vec<_>>().join(" ")
    };
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Drops ANSI escape sequences and other control characters.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        if next == '\u{1b}' {
            if chars.next_if_eq(&'[').is_some() {
                // A control sequence ends with a byte from `@` to `~`.
                let _ = chars.find(|c| ('@'..='~').contains(c));
            }
        } else if !next.is_control() || matches!(next, '\n' | '\r' | '\t') {
            out.push(next);
        }
    }
    out
}

/// Terraform draws a line beside its errors; mail programs quote with `>`.
fn without_frame(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '│' | '╷' | '╵' | '|' | '>'))
        .trim_end()
}

/// A terminal that breaks inside words leaves lines of one width. Two full lines are needed to tell.
fn hard_wrapped(lines: &[&str]) -> bool {
    let Some((_, full)) = lines.split_last() else {
        return false;
    };
    let width = full.first().map_or(0, |line| line.chars().count());
    full.len() >= 2 && width >= 40 && full.iter().all(|line| line.chars().count() == width)
}
