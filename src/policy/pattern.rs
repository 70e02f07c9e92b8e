//! Wildcards: `*` for any run of characters, `?` for exactly one.
//!
//! No glob crate is used: theirs know `[…]`, `**` and path separators, which AWS does not have.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards>

/// One piece of a pattern. Text that came from a variable is literal even where it holds a `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// This byte.
    Byte(u8),
    /// `?`: one character.
    One,
    /// `*`: any run of characters.
    Many,
}

/// A pattern without variables, prepared for matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    General(Box<[Piece]>),
}

impl Glob {
    /// Prepares a text in which `*` and `?` are wildcards.
    pub fn new(text: &str) -> Self {
        Self(match text.find(['*', '?']) {
            None => Kind::Exact(text.into()),
            Some(0) if text == "*" => Kind::Any,
            Some(at) if at + 1 == text.len() && text.ends_with('*') => {
                Kind::Prefix(text.get(..at).unwrap_or_default().into())
            }
            Some(_) => Kind::General(pieces(text).collect()),
        })
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Kind::Any => true,
            Kind::Exact(exact) => **exact == *text,
            Kind::Prefix(prefix) => text.starts_with(&**prefix),
            Kind::General(pieces) => glob_match(pieces, text.as_bytes()),
        }
    }

    /// Whether every text matches.
    pub fn is_any(&self) -> bool {
        self.0 == Kind::Any
    }

    /// The text, if there is no wildcard in it.
    pub fn literal(&self) -> Option<&str> {
        match &self.0 {
            Kind::Exact(exact) => Some(exact),
            _ => None,
        }
    }
}

/// The pieces of a text in which `*` and `?` are wildcards.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    text.bytes().map(|byte| match byte {
        b'*' => Piece::Many,
        b'?' => Piece::One,
        byte => Piece::Byte(byte),
    })
}

/// Matches pieces against a whole text, in time linear in their product and without recursion.
pub fn glob_match(pieces: &[Piece], text: &[u8]) -> bool {
    let (mut piece, mut at) = (0, 0);
    // Where to go on after the latest `*` has swallowed one more character.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let stepped = match (pieces.get(piece), text.get(at)) {
            (None, None) => return true,
            (Some(Piece::Many), _) if piece + 1 == pieces.len() => return true,
            (Some(Piece::Many), _) => {
                retry = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            (Some(Piece::Byte(wanted)), Some(found)) if wanted == found => Some(at + 1),
            (Some(Piece::One), Some(_)) => Some(at + char_len(text, at)),
            _ => None,
        };
        match (stepped, &mut retry) {
            (Some(next), _) => {
                piece += 1;
                at = next;
            }
            (None, Some((after_star, from))) if *from < text.len() => {
                *from += char_len(text, *from);
                piece = *after_star;
                at = *from;
            }
            (None, _) => return false,
        }
    }
}

/// The length of the UTF-8 character that starts at `at`.
fn char_len(text: &[u8], at: usize) -> usize {
    let continuation = text.iter().skip(at + 1).take(3).take_while(|byte| (**byte & 0xC0) == 0x80).count();
    1 + continuation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_documented() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "aaa", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("??", "é", false),
            ("*\n*", "a\nb", true),
            ("a*", "a\nb", true),
            ("[ab]", "a", false),
            ("*?", "", false),
            ("*abab", "abababab", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!Glob::new(&pattern).matches(&"a".repeat(5000)));
    }
}
