//! Sentences with names of things in them: which words are English and which are names to be copied.

/// A piece of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Words, spaces and punctuation, in which no markup of any format can hide.
    Plain(&'t str),
    /// A name, number, ARN or action.
    Name(&'t str),
}

/// What stands before a word and belongs to the sentence.
const OPENING: [char; 3] = ['(', ' ', '"'];

/// The sentence in pieces. A word is English if it has nothing but letters, hyphens and apostrophes, beside
/// punctuation around it; everything else is a name. The pieces together are the sentence.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(' ') {
        let inner =
            word.trim_start_matches(OPENING).trim_end_matches([' ', ',', '.', ';', ':', '!', '?', ')', '"']);
        if is_english(inner) || is_count(word) {
            pieces.push(Piece::Plain(word));
            continue;
        }
        // What is written as `f(x)` has its bracket; `(x)` does not.
        let closed = inner.len() + usize::from(inner.contains('(')).min(1);
        let start = word.len() - word.trim_start_matches(OPENING).len();
        let (before, rest) = word.split_at(start);
        let end = if rest.get(inner.len()..closed) == Some(")") { closed } else { inner.len() };
        let (name, after) = rest.split_at(end.min(rest.len()));
        pieces.extend([Piece::Plain(before), Piece::Name(name), Piece::Plain(after)]);
    }
    pieces.retain(|piece| !matches!(piece, Piece::Plain("")));
    pieces
}

/// How many of something: no name, and no number of a list either, which has a full stop behind it.
fn is_count(word: &str) -> bool {
    let digits = word.trim_end_matches(' ');
    digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Services have digits in their names: S3, EC2.
fn is_service(word: &str) -> bool {
    matches!(word.strip_suffix("'s").unwrap_or(word), "S3" | "EC2")
}

fn is_english(word: &str) -> bool {
    let letters =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\'' || byte == b'-');
    letters(word) && !word.starts_with('-') || matches!(word, "–" | "—") || is_service(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        let pieces = pieces(text).into_iter().map(|piece| match piece {
            Piece::Plain(text) => text.to_owned(),
            Piece::Name(text) => format!("<{text}>"),
        });
        pieces.collect()
    }

    #[test]
    fn names_are_told_from_words() {
        for (text, wanted) in [
            ("no identity-based policy allows kms:Decrypt", "no identity-based policy allows <kms:Decrypt>"),
            ("AWS's own message (since 3), by alice.", "AWS's own message (since <3>), by alice."),
            ("3 events of 111122223333", "3 events of <111122223333>"),
            ("see www.example.com.", "see <www.example.com>."),
            ("it is `x` or *y*", "it is <`x`> or <*y*>"),
            ("call f(x) now", "call <f(x)> now"),
            ("- a", "<-> a"),
            ("for Amazon S3 an S3 Bucket Key, and EC2's", "for Amazon S3 an S3 Bucket Key, and EC2's"),
            ("it stands under \"Not checked\"", "it stands under \"Not checked\""),
            ("named \"a/b\".", "named \"<a/b>\"."),
            ("", ""),
            ("  two  spaces ", "  two  spaces "),
        ] {
            assert_eq!(marked(text), wanted);
        }
    }

    #[test]
    fn nothing_is_lost_and_no_markup_is_plain() {
        for text in
            ["@all <b>", "a|b", "[x](javascript:1)", "#1", "~~x~~", "a\\b", "é ü", "(((", "f(", ")(", "&lt;"]
        {
            let all: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Plain(text) | Piece::Name(text) => text,
                })
                .collect();
            assert_eq!(all, text);
            for piece in pieces(text) {
                let Piece::Plain(plain) = piece else { continue };
                let allowed = |c: char| c.is_ascii_alphanumeric() || " '-–—(),.;:!?".contains(c);
                assert!(plain.chars().all(allowed), "{text}: {plain}");
            }
        }
    }
}
