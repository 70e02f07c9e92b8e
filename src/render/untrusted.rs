//! Untrusted text on a terminal.

use std::borrow::Cow;

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

/// Control characters, and the marks that reorder what is read.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
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
}
