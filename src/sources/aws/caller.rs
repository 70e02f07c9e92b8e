//! Whose calls are looked for: what a text names, and where a CloudTrail record would show it.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::str::FromStr;

use crate::arn::Arn;
use crate::ids::AccountId;

/// A caller as a person names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A user, by ARN.
    User {
        /// The whole ARN.
        arn: String,
        /// The last part of it: `userName`.
        name: String,
        /// The account.
        account: AccountId,
    },
    /// A role, by ARN, in whatever session.
    Role {
        /// The whole ARN, with the path.
        arn: String,
        /// The last part of it.
        name: String,
        /// The account.
        account: AccountId,
    },
    /// One session: of a role, of a federated user, or the root user.
    Session {
        /// The whole ARN.
        arn: String,
        /// The name of the session, which the event history shows as the user name.
        session: String,
        /// The account.
        account: AccountId,
    },
    /// An access key.
    AccessKey(String),
    /// The unique id of a user or role.
    UniqueId(String),
    /// A name of a user, a role or a session: it does not say which.
    Name(String),
}

/// The text names no caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallerError {
    /// Nothing is in it.
    #[error("the name of a principal is empty")]
    Empty,
    /// It is an ARN of something that does not call.
    #[error("`{0}` is not the ARN of a user, a role or a session")]
    NotACaller(String),
}

impl Caller {
    /// The account, where the name has it.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::User { account, .. } | Self::Role { account, .. } | Self::Session { account, .. } => {
                Some(*account)
            }
            Self::AccessKey(_) | Self::UniqueId(_) | Self::Name(_) => None,
        }
    }

    fn from_arn(text: &str) -> Result<Self, CallerError> {
        let none = || CallerError::NotACaller(text.to_owned());
        let parsed = Arn::parse(text).map_err(|_| none())?;
        let account = parsed.account().ok_or_else(none)?;
        let (arn, resource) = (text.to_owned(), parsed.resource());
        let last = resource.rsplit('/').next().filter(|last| !last.is_empty()).ok_or_else(none)?.to_owned();
        match (parsed.service(), resource.split('/').next()) {
            ("iam", Some("user")) if last != "user" => Ok(Self::User { arn, name: last, account }),
            ("iam", Some("role")) if last != "role" => Ok(Self::Role { arn, name: last, account }),
            ("iam", Some("root")) => Ok(Self::Session { arn, session: last, account }),
            ("sts", Some("assumed-role")) if resource.split('/').count() == 3 => {
                Ok(Self::Session { arn, session: last, account })
            }
            ("sts", Some("federated-user")) => Ok(Self::Session { arn, session: last, account }),
            _ => Err(none()),
        }
    }
}

impl FromStr for Caller {
    type Err = CallerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = |prefixes: [&str; 2]| {
            let upper = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            upper && text.len() >= 16 && prefixes.iter().any(|prefix| text.starts_with(prefix))
        };
        match text {
            "" => Err(CallerError::Empty),
            _ if text.starts_with("arn:") => Self::from_arn(text),
            // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
            _ if id(["AKIA", "ASIA"]) => Ok(Self::AccessKey(text.to_owned())),
            _ if id(["AIDA", "AROA"]) => Ok(Self::UniqueId(text.to_owned())),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        AccountId::parse("111122223333").unwrap()
    }

    #[track_caller]
    fn check(text: &str, wanted: Caller) {
        assert_eq!(text.parse(), Ok(wanted));
    }

    #[test]
    fn what_a_text_names() {
        let arn = "arn:aws:iam::111122223333:user/team/alice".to_owned();
        check(&arn.clone(), Caller::User { arn, name: "alice".to_owned(), account: account() });
        let arn = "arn:aws-cn:iam::111122223333:role/service/App".to_owned();
        check(&arn.clone(), Caller::Role { arn, name: "App".to_owned(), account: account() });
        let arn = "arn:aws:sts::111122223333:assumed-role/App/i-0abc".to_owned();
        check(&arn.clone(), Caller::Session { arn, session: "i-0abc".to_owned(), account: account() });
        let arn = "arn:aws:iam::111122223333:root".to_owned();
        check(&arn.clone(), Caller::Session { arn, session: "root".to_owned(), account: account() });
        check("AKIAIOSFODNN7EXAMPLE", Caller::AccessKey("AKIAIOSFODNN7EXAMPLE".to_owned()));
        check("AROAIOSFODNN7EXAMPLE", Caller::UniqueId("AROAIOSFODNN7EXAMPLE".to_owned()));
        check("deploy-bot", Caller::Name("deploy-bot".to_owned()));
        check("ASIA", Caller::Name("ASIA".to_owned()));
    }

    #[test]
    fn what_does_not_call_is_no_caller() {
        for text in [
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::111122223333:policy/p",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:sts::111122223333:assumed-role/App",
            "arn:aws:iam::nobody:user/alice",
            "arn:aws:iam",
        ] {
            assert!(text.parse::<Caller>().is_err(), "{text}");
        }
    }
}
