//! Text with `*` for any text.

/// Text to compare with, case-sensitively; `*` stands for any text, also none.
///
/// Source: "Use the asterisk as a wild card to match text",
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>. Until about 2021 the page said
/// that an asterisk between other characters is literal; [`Glob::matches_by_ends`] is that reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// As it was written, without quotes.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether there is an asterisk in it.
    pub fn is_pattern(&self) -> bool {
        self.0.contains('*')
    }

    /// Whether an asterisk stands between other characters.
    pub fn has_inner_asterisk(&self) -> bool {
        self.0.trim_matches('*').contains('*')
    }

    /// Whether the text is of this form.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        let mut rest = rest;
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }

    /// The same with every asterisk that is neither first nor last taken literally.
    pub fn matches_by_ends(&self, text: &str) -> bool {
        let core = self.0.trim_matches('*');
        match (self.0.starts_with('*'), self.0.ends_with('*')) {
            _ if core.is_empty() && !self.0.is_empty() => true,
            (false, false) => text == core,
            (true, false) => text.ends_with(core),
            (false, true) => text.starts_with(core),
            (true, true) => text.contains(core),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, anywhere: bool, by_ends: bool) {
        let glob = Glob::new(pattern.to_owned());
        assert_eq!((glob.matches(text), glob.matches_by_ends(text)), (anywhere, by_ends), "{pattern} {text}");
    }

    /// The examples of the page of 2019: `*Event`, `Event*`, `Ev*ent`.
    #[test]
    fn asterisks_at_the_ends_are_any_text_in_both_readings() {
        check("*Event", "PutEvent", true, true);
        check("Event*", "EventName", true, true);
        check("*UnauthorizedOperation", "Client.UnauthorizedOperation", true, true);
        check("AccessDenied*", "AccessDenied", true, true);
        check("*enied*", "AccessDeniedException", true, true);
        check("*", "", true, true);
        check("", "", true, true);
        check("", "x", false, false);
        check("AccessDenied", "accessdenied", false, false);
    }

    #[test]
    fn asterisks_between_characters_are_read_in_two_ways() {
        check("Ev*ent", "Event", true, false);
        check("Ev*ent", "Ev*ent", true, true);
        check("a*a", "a", false, false);
        check("a*b*c", "aXbYc", true, false);
        check("a**b", "ab", true, false);
        check("*é*", "caféx", true, true);
    }
}
