//! The codes of findings.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// AWS refuses the pattern.
    Error,
    /// The pattern does not do what it seems to do.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $summary:literal])+ $name:ident = $code:literal, $level:ident;)*) => {
        /// What kind of thing a finding is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum LintCode {
            $($(#[doc = $summary])+ $name,)*
        }

        impl LintCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What it means, in one sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($summary),+).trim_ascii(),)*
                }
            }

            /// How bad it is, as a rule.
            pub fn level(self) -> Level {
                match self {
                    $(Self::$name => Level::$level,)*
                }
            }
        }
    };
}

codes! {
    /// The pattern cannot be read.
    InvalidPattern = "invalid-pattern", Error;
    /// The pattern has more than 1,024 characters.
    TooLong = "too-long", Error;
    /// The pattern has more than two regular expressions.
    TooManyRegexes = "too-many-regexes", Error;
    /// A selector has more than one wildcard, or the pattern more than three.
    TooManyWildcardSelectors = "too-many-wildcard-selectors", Error;
    /// A condition silently drops every event that does not have the field.
    DropsEventsWithoutField = "drops-events-without-field", Warning;
    /// Denials with other error codes are not counted.
    MissesDenialCodes = "misses-denial-codes", Warning;
    /// Excluding an event by its name hides its denials by policy too.
    HidesPolicyDenials = "hides-policy-denials", Warning;
    /// Security Hub does not accept this text for its control.
    DiffersFromSecurityHub = "differs-from-security-hub", Warning;
    /// Exclusions are joined with `||`, so nothing or next to nothing is excluded.
    ExclusionsJoinedByOr = "exclusions-joined-by-or", Warning;
    /// No event meets these conditions at once.
    NeverMatches = "never-matches", Warning;
    /// Every event matches.
    AlwaysMatches = "always-matches", Warning;
    /// CloudTrail writes the name of this field in another case.
    MisspeltField = "misspelt-field", Warning;
    /// AWS writes this value in another way.
    MisspeltValue = "misspelt-value", Warning;
    /// The field has another type than the condition wants.
    WrongType = "wrong-type", Warning;
    /// The caller decides what stands in the field, so it can exclude itself.
    CallerChoosesValue = "caller-chooses-value", Warning;
    /// AWS ignores optional terms beside other terms.
    OptionalTermsIgnored = "optional-terms-ignored", Warning;
    /// Other services have events of this name too.
    OtherServices = "other-services", Note;
    /// It is not certain that an asterisk between other characters is a wildcard.
    InnerAsterisk = "inner-asterisk", Note;
    /// AWS's page wants this text in double quotes.
    UnquotedText = "unquoted-text", Note;
    /// Digits without quotes are compared with a field that is a text.
    NumberForText = "number-for-text", Note;
    /// AWS's page has no such form.
    NotDocumented = "not-documented", Warning;
    /// `&&` and `||` stand side by side without parentheses.
    MixedWithoutParentheses = "mixed-without-parentheses", Note;
    /// CloudTrail events are JSON; this pattern looks at their text.
    NotJson = "not-json", Note;
}

impl fmt::Display for LintCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
