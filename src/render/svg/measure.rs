//! How much room a text takes. Nobody knows the reader's fonts, so the widest of the usual ones counts.

/// The width of a text in pixels at a font size.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let hundredths: i32 = text.chars().map(advance).fold(0, i32::saturating_add);
    hundredths.saturating_mul(size) / 100 + 1
}

/// Hundredths of an em, rounded up from `DejaVu` Sans, which is wider than the fonts of Windows and `macOS`.
fn advance(character: char) -> i32 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 30,
        ' ' | '.' | ',' | ':' | ';' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | '!' | '-'
        | 'I' => 41,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 102,
        'A'..='Z' | '+' | '=' | '<' | '>' | '#' | '~' | '&' | '{' | '}' => 84,
        'a'..='z' | '0'..='9' | '_' | '*' | '$' | '?' | '"' | '`' | '^' => 65,
        // Of scripts beyond these, the widest character takes a square.
        _ if character.is_ascii() => 65,
        _ => 105,
    }
}

/// The text in lines that are no wider than `limit` pixels, broken at spaces; a word that no line can hold, after what
/// separates the parts of an ARN, else anywhere. After `most` lines the rest is left out, which three dots say.
pub(super) fn wrap(text: &str, limit: i32, size: i32, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for part in text.split_inclusive(' ').flat_map(|word| pieces(word, limit, size)) {
        if width(line.trim_end(), size) + width(part.trim_end(), size) > limit && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        if lines.len() > most {
            break;
        }
        line.push_str(if line.is_empty() { part.trim_start() } else { part });
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

/// Where a word may be broken: behind each piece.
fn pieces(word: &str, limit: i32, size: i32) -> Vec<&str> {
    if width(word.trim_end(), size) <= limit {
        return vec![word];
    }
    word.split_inclusive(['/', ':', ',', '_', '=']).flat_map(|piece| fitting(piece, limit, size)).collect()
}

/// A piece cut where it is wider than a line.
fn fitting(piece: &str, limit: i32, size: i32) -> Vec<&str> {
    if width(piece, size) <= limit {
        return vec![piece];
    }
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, character) in piece.char_indices() {
        let next = advance(character).saturating_mul(size);
        if used + next > limit.saturating_mul(100) && at > start {
            parts.extend(piece.get(start..at));
            (start, used) = (at, 0);
        }
        used += next;
    }
    parts.extend(piece.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_broken_where_its_parts_meet() {
        let lines = wrap("arn:aws:iam::111122223333:user/team/s3_full_access", 200, 12, 9);
        assert!(lines.len() > 1, "{lines:?}");
        assert_eq!(lines.concat(), "arn:aws:iam::111122223333:user/team/s3_full_access");
        assert!(lines.iter().rev().skip(1).all(|line| line.ends_with([':', '/', '_'])), "{lines:?}");
    }

    #[test]
    fn a_word_without_end_is_cut_and_no_line_is_too_wide() {
        let lines = wrap(&"W".repeat(10_000), 200, 12, 4);
        assert_eq!(lines.len(), 4);
        assert!(lines.last().unwrap().ends_with('…'));
        assert!(lines.iter().all(|line| width(line.trim_end_matches('…'), 12) <= 202), "{lines:?}");
    }

    #[test]
    fn nothing_is_one_empty_line() {
        assert_eq!(wrap("", 200, 12, 4), [""]);
        assert_eq!(wrap("a b", 1, 12, 4), ["a", "b"]);
    }
}
