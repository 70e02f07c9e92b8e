//! Patterns that leave out what was asked, and nothing else.
//!
//! Every exclusion holds for events that do not have the field, so nothing is dropped by the way. What is left out is
//! exact: the role's name counts in role sessions only, the user's name for IAM users only.

use super::MAX_CHARACTERS;
use super::pattern::Pattern;
use super::print::quoted;
use super::problem::ParseError;
use crate::knowledge::Certainty;
use crate::knowledge::{organizations_callers, security_hub};

/// What a pattern should do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// What is looked for; everything if nothing is said.
    pub only: Option<Only>,
    /// Roles whose sessions are left out: names, or ARNs.
    pub exclude_roles: Vec<String>,
    /// IAM users who are left out: names, or ARNs.
    pub exclude_users: Vec<String>,
    /// Whether refusals of AWS Organizations for the kind of the account are left out.
    pub exclude_caller_validation: bool,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Calls that were denied, by any error code that means so.
    Denials,
    /// The IAM policy changes of Security Hub's control CloudWatch.4.
    IamChanges,
}

/// A pattern that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The pattern.
    pub pattern: Pattern,
    /// The same without the exclusions.
    pub without_exclusions: Pattern,
    /// Each exclusion alone.
    pub exclusions: Vec<Exclusion>,
}

/// Something that is left out.
#[derive(Debug, Clone)]
pub struct Exclusion {
    /// What, for people.
    pub what: String,
    /// It matches all events that are not left out.
    pub keeps: Pattern,
}

/// Why no pattern was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MakeError {
    /// Nothing was asked for.
    #[error("nothing to look for and nothing to leave out")]
    Nothing,
    /// No name of a role or user.
    #[error("`{0}` is no name or ARN of a role or user")]
    Name(String),
    /// The ARN of something else, which would leave out nobody.
    #[error("`{arn}` is not the ARN of {}", of_kind(.wanted))]
    OtherKind {
        /// As it was given.
        arn: String,
        /// `role` or `user`.
        wanted: &'static str,
    },
    /// AWS would refuse it.
    #[error("the pattern would have {characters} characters; AWS takes {MAX_CHARACTERS}")]
    TooLong {
        /// How many it would have.
        characters: usize,
    },
    /// What was written cannot be read again.
    #[error("the pattern cannot be written")]
    Unwritable(#[from] ParseError),
}

impl MakeError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nothing => "say --only denials or --only iam-changes, or what to leave out",
            Self::Name(_) => "names have letters, digits and +=,.@_-; an asterisk may stand at the end",
            Self::OtherKind { arn, .. } if arn.contains(":assumed-role/") => {
                "this is a session of a role: give the role's name, which stands after assumed-role/, or the role's own ARN, arn:aws:iam::ACCOUNT:role/NAME"
            }
            Self::OtherKind { arn, .. } if arn == "root" || arn.ends_with(":root") => {
                "the root user is no IAM user: && ($.userIdentity.type != \"Root\") leaves it out, of every account"
            }
            Self::OtherKind { arn, wanted } if *wanted == ROLE.word && arn.contains(":user/") => {
                "leave IAM users out with --exclude-user"
            }
            Self::OtherKind { arn, wanted } if *wanted == USER.word && arn.contains(":role/") => {
                "leave roles out with --exclude-role"
            }
            Self::OtherKind { .. } => {
                "ARNs are arn:aws:iam::ACCOUNT:role/NAME and arn:aws:iam::ACCOUNT:user/NAME"
            }
            Self::TooLong { .. } => {
                "give the excluded roles a common name and end it with *; or make one filter for all and one for what is left out, and raise the alarm on the difference of the two metrics; or leave them out where the alarm is handled"
            }
            Self::Unwritable(_) => "leave out what was named last",
        }
    }
}

impl Wish {
    /// Writes the pattern.
    ///
    /// # Errors
    ///
    /// If nothing is asked for, a name is none, or AWS would refuse the pattern for its length.
    pub fn make(&self) -> Result<Made, MakeError> {
        let parts = self.exclusions()?;
        let base = self.only.map(Only::expression);
        if base.is_none() && parts.is_empty() {
            return Err(MakeError::Nothing);
        }
        let without_exclusions = match &base {
            Some(base) => Pattern::parse(&format!("{{{base}}}"))?,
            None => Pattern::parse("\" \"")?,
        };
        let exclusions = parts.iter().map(|(what, keeps)| {
            Ok(Exclusion { what: what.clone(), keeps: Pattern::parse(&format!("{{{keeps}}}"))? })
        });
        let exclusions = exclusions.collect::<Result<_, ParseError>>()?;
        let is_alone = parts.is_empty() || self.only == Some(Only::IamChanges);
        let grouped = base.map(|base| if is_alone { base } else { format!("({base})") });
        let all: Vec<String> = grouped.into_iter().chain(parts.into_iter().map(|(_, keeps)| keeps)).collect();
        let pattern = Pattern::parse(&format!("{{{}}}", all.join(" && ")))?;
        let characters = pattern.text().chars().count();
        if characters > MAX_CHARACTERS {
            return Err(MakeError::TooLong { characters });
        }
        Ok(Made { pattern, without_exclusions, exclusions })
    }

    fn exclusions(&self) -> Result<Vec<(String, String)>, MakeError> {
        let mut exclusions = Vec::new();
        for (kind, names) in [(&ROLE, &self.exclude_roles), (&USER, &self.exclude_users)] {
            for name in names {
                check_name(name)?;
                kind.check(name)?;
            }
            let (arns, plain): (Vec<&String>, Vec<&String>) =
                names.iter().partition(|name| name.starts_with("arn:"));
            exclusions.extend(kind.exclusion(&plain, kind.name_field));
            exclusions.extend(kind.exclusion(&arns, kind.arn_field));
        }
        if self.exclude_caller_validation {
            let what = "refusals of AWS Organizations for the kind of the account".to_owned();
            exclusions.push((what, without_caller_validation()));
        }
        Ok(exclusions)
    }
}

/// The fields that name a kind of caller.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
struct Caller {
    word: &'static str,
    identity: &'static str,
    name_field: &'static str,
    arn_field: &'static str,
}

const ROLE: Caller = Caller {
    word: "role",
    identity: "AssumedRole",
    name_field: "$.userIdentity.sessionContext.sessionIssuer.userName",
    arn_field: "$.userIdentity.sessionContext.sessionIssuer.arn",
};

const USER: Caller = Caller {
    word: "user",
    identity: "IAMUser",
    name_field: "$.userIdentity.userName",
    arn_field: "$.userIdentity.arn",
};

fn of_kind(wanted: &str) -> &'static str {
    if wanted == ROLE.word { "a role" } else { "an IAM user" }
}

impl Caller {
    /// An ARN of another kind stands in no event where the condition looks; nor does the root user where IAM users do.
    fn check(&self, name: &str) -> Result<(), MakeError> {
        let is_root = self.word == USER.word && name == "root";
        if !is_root && (!name.starts_with("arn:") || self.has_arn(name)) {
            return Ok(());
        }
        Err(MakeError::OtherKind { arn: name.chars().take(200).collect(), wanted: self.word })
    }

    fn has_arn(&self, arn: &str) -> bool {
        let is_open = arn.ends_with('*');
        let core = arn.strip_suffix('*').unwrap_or(arn);
        let parts: Vec<&str> = core.splitn(6, ':').collect();
        let resource = format!("{}/", self.word);
        match parts.as_slice() {
            [_, _, "iam", "", _, rest] => {
                (rest.starts_with(&resource) && (is_open || rest.len() > resource.len()))
                    || (is_open && resource.starts_with(rest))
            }
            [.., last] => is_open && parts.len() < 6 && (parts.len() != 3 || "iam".starts_with(last)),
            [] => false,
        }
    }

    /// What is left out, and the condition that holds for everything else.
    fn exclusion(&self, names: &[&String], field: &str) -> Option<(String, String)> {
        let differ: Vec<String> = names.iter().map(|name| format!("({field} != {})", quoted(name))).collect();
        let differs = match differ.as_slice() {
            [] => return None,
            [only] => only.clone(),
            several => format!("({})", several.join(" && ")),
        };
        let other = format!("($.userIdentity.type != \"{}\")", self.identity);
        let plural = if names.len() == 1 { "" } else { "s" };
        let listed: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let what = format!("{}{plural} {}", self.word, listed.join(", "));
        Some((what, format!("({} || {other} || {differs})", no_value(field))))
    }
}

/// Holds where a comparison is false for want of a value.
fn no_value(field: &str) -> String {
    format!("({field} NOT EXISTS) || ({field} IS NULL)")
}

/// Everything but what AWS Organizations refuses for the kind of the account.
pub(super) fn without_caller_validation() -> String {
    let field = "$.errorMessage";
    let refusal = organizations_callers::refusals().iter().find(|row| {
        row.event_source == "organizations.amazonaws.com"
            && row.code == "AccessDenied"
            && row.certainty == Certainty::Observed
    });
    let message = refusal.map_or("", |row| row.message);
    format!("({} || ({field} != {}))", no_value(field), quoted(message))
}

/// Forms that all error codes have that mean denied, and no code that means something else: tested against the table of
/// codes. Codes that are not known yet are likely to have one of them.
const DENIAL_FORMS: [&str; 6] = [
    "*AccessDenied*",
    "*Unauthorized*",
    "*Forbidden*",
    "*NotAuthorized*",
    "AuthorizationError*",
    "*InsufficientPermission*",
];

/// Conditions, joined with `||`, that hold for every denial.
pub(super) fn denial_terms() -> String {
    DENIAL_FORMS.map(|form| format!("($.errorCode = {})", quoted(form))).join(" || ")
}

impl Only {
    /// Joined with `||` for denials, with `&&` for IAM changes.
    fn expression(self) -> String {
        match self {
            Self::Denials => denial_terms(),
            Self::IamChanges => {
                let filter = security_hub::filters()
                    .iter()
                    .find(|row| row.control == "CloudWatch.4" && row.is_recommended);
                filter.map_or("", |row| row.pattern.trim_matches(['{', '}'])).to_owned()
            }
        }
    }
}

/// Names of IAM roles and users, their ARNs, and an asterisk at the end.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>, "IAM name requirements"
fn check_name(name: &str) -> Result<(), MakeError> {
    let is_arn = name.starts_with("arn:");
    let core = name.strip_suffix('*').unwrap_or(name);
    let is_fine = |character: char| {
        character.is_ascii_alphanumeric()
            || "+=,.@_-".contains(character)
            || is_arn && (character.is_ascii_graphic() && !"*\"\\".contains(character))
    };
    if core.is_empty() || !core.chars().all(is_fine) {
        return Err(MakeError::Name(name.chars().take(80).collect()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::error_codes::{self, ErrorClass};

    #[test]
    fn the_denial_forms_cover_every_code_that_means_denied_and_none_that_does_not() {
        let pattern = Wish { only: Some(Only::Denials), ..Wish::default() }.make().unwrap().pattern;
        for row in error_codes::all() {
            let event = format!(r#"{{"errorCode":"{}"}}"#, row.code);
            let matches = pattern.test(&event).matches;
            match row.class {
                ErrorClass::Denied => assert!(matches, "{}", row.code),
                ErrorClass::NotDenied => assert!(!matches, "{}", row.code),
                _ => {}
            }
        }
    }

    #[test]
    fn without_exclusions_the_iam_changes_are_the_text_of_the_control() {
        let made = Wish { only: Some(Only::IamChanges), ..Wish::default() }.make().unwrap();
        assert!(security_hub::filters().iter().any(|row| row.pattern == made.pattern.text()));
    }

    #[test]
    fn names_that_are_none_and_wishes_that_are_too_long_are_refused() {
        let wish = |role: &str| Wish { exclude_roles: vec![role.to_owned()], ..Wish::default() };
        for name in ["", "*", "a b", "a*b", "a\"b", "é", "arn:aws:iam::111122223333:role/\"x"] {
            assert!(matches!(wish(name).make(), Err(MakeError::Name(_))), "{name}");
        }
        assert_eq!(Wish::default().make().unwrap_err(), MakeError::Nothing);
        let many = Wish { exclude_roles: (0..20).map(|n| format!("role-{n}")).collect(), ..Wish::default() };
        assert!(matches!(many.make(), Err(MakeError::TooLong { characters }) if characters > 1024));
    }
}
