//! Untrusted text on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control characters shown instead of sent: an event must not be able to move the cursor, set a
/// title or reverse the reading direction.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .flat_map(|character| {
                let escaped: Box<dyn Iterator<Item = char>> = if is_dangerous(character) {
                    Box::new(character.escape_unicode())
                } else {
                    Box::new(std::iter::once(character))
                };
                escaped
            })
            .collect(),
    )
}

/// Whether a terminal would obey nothing in the text but line breaks.
pub(super) fn is_harmless(text: &str) -> bool {
    let is_plain = |byte| byte == b'\n' || matches!(byte, b' '..=b'~');
    text.bytes().all(is_plain) || text.chars().all(|character| character == '\n' || !is_dangerous(character))
}

/// Control characters, and the marks that reorder what is read.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text of a file in which no character is left that reorders what is read or may not stand in HTML and XML at all.
/// Line breaks stay. A net below every single escape: nothing of the markup itself has such characters.
///
/// Source: <https://www.w3.org/TR/xml/#charsets>
pub(super) fn harmless_markup(text: &str) -> Cow<'_, str> {
    let is_odd = |character: char| {
        character != '\n'
            && (is_dangerous(character)
                || matches!(character, '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'))
    };
    if !text.chars().any(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_odd(character) {
            let _ = write!(out, "{}", character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// JSON text in which no character is left that a terminal would obey. JSON itself lets C1 control characters and
/// marks of the reading direction stand in strings; outside of strings they cannot stand.
pub fn harmless_json(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' || !is_dangerous(character) {
            out.push(character);
            continue;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_and_not_sent() {
        assert_eq!(printable("plain é text"), "plain é text");
        assert_eq!(printable("\x1b[31mred"), "\\u{1b}[31mred");
        assert_eq!(printable("a\u{202e}b\nc"), "a\\u{202e}b\\u{a}c");
    }

    #[test]
    fn json_keeps_its_meaning_and_loses_its_teeth() {
        let value = serde_json::json!({ "a": "\u{9b}31m\u{202e}x\u{7f}" });
        let json = value.to_string();
        let text = harmless_json(&json);
        assert!(text.is_ascii());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
