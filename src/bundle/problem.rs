//! What can be wrong with a bundle, and what that costs.

use std::fmt;
use std::io;

use super::{FORMAT, MAX_EVENTS, MAX_FILE};
use crate::ids::{AccountId, AccountIdError};
use crate::policy::PolicyProblem;
use crate::sources::{self, SkipReason};
use crate::trail::event::EventError;

/// A place in a file of the bundle. Lines and columns count from one, columns in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path inside the bundle.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, in bytes.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How much a problem costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// All was read, but something in it is doubtful.
    Warning,
    /// Something was not read; the evidence has a gap for it.
    Error,
    /// Nothing was read.
    Fatal,
}

/// Something in a bundle that could not be read or understood.
#[derive(Debug, thiserror::Error)]
pub enum BundleProblem {
    /// The folder is not there or cannot be listed.
    #[error("cannot list the bundle `{folder}`: {source}")]
    NoFolder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing of a bundle in the folder.
    #[error("this is not an evidence bundle: it has no `bundle.json` and no other file of one")]
    NotABundle,
    /// The bundle has another format.
    #[error("the bundle has format {found} ({place}), and this version reads format {FORMAT}")]
    Format {
        /// Where it says so.
        place: Place,
        /// The format as it is written.
        found: String,
    },
    /// Files of a bundle without the one that says what it is.
    #[error("`bundle.json` is missing; the other files were read as format {FORMAT}")]
    NoManifest,
    /// A folder inside the bundle cannot be listed.
    #[error("cannot list `{folder}`: {source}")]
    List {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{file}`: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A symbolic link, which may lead out of the bundle.
    #[error("`{file}` is a symbolic link and was not followed")]
    Link {
        /// The file.
        file: String,
    },
    /// The name of a file is not UTF-8.
    #[error("the name of `{file}` is not UTF-8")]
    FileName {
        /// The file, as far as it can be shown.
        file: String,
    },
    /// A part of a path that cannot be the name of what it should name.
    #[error("`{name}` in `{file}` is not a name that AWS gives")]
    Name {
        /// The file.
        file: String,
        /// The part.
        name: String,
    },
    /// A folder of `accounts/` is not named for an account.
    #[error("the folder `{folder}` was not read: {source}")]
    AccountFolder {
        /// The folder.
        folder: String,
        /// Why.
        source: AccountIdError,
    },
    /// A file is too large.
    #[error("`{file}` has more than {MAX_FILE} bytes and was not read")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// A file is not UTF-8.
    #[error("the text at {place} is not UTF-8")]
    NotUtf8 {
        /// The first byte that does not belong.
        place: Place,
    },
    /// A file is not JSON.
    #[error("invalid JSON at {place}: {}", reason(source))]
    Json {
        /// Where.
        place: Place,
        /// What the parser said; its line and column may count from an inner value on.
        source: serde_json::Error,
    },
    /// A file is JSON, but not what the AWS CLI prints.
    #[error("unexpected content at {place}: {}", reason(source))]
    Shape {
        /// Where.
        place: Place,
        /// What the parser said; its line and column may count from an inner value on.
        source: serde_json::Error,
    },
    /// Something that has to be there is not.
    #[error("`{field}` is missing at {place}")]
    Missing {
        /// The value that should have it.
        place: Place,
        /// The field.
        field: &'static str,
    },
    /// The file is about something else than its name says.
    #[error("`{name}` is not in what is at {place}")]
    NotInFile {
        /// Where it was looked for.
        place: Place,
        /// What the file is named for.
        name: String,
    },
    /// The file is one page of a list, so what is not on it is not known.
    #[error("the list at {place} is not complete: it says that there is another page")]
    OnePage {
        /// The list.
        place: Place,
    },
    /// A user, group or role in the folder of another account.
    #[error("`{arn}` at {place} does not belong to account {account}")]
    OtherAccount {
        /// The entry.
        place: Place,
        /// The ARN.
        arn: String,
        /// The account that the folder is named for.
        account: AccountId,
    },
    /// The document of a policy that `organization.json` does not list.
    #[error("`{file}` was not used: `organization.json` does not list it as an SCP or RCP")]
    UnlistedPolicy {
        /// The file.
        file: String,
    },
    /// A policy of which nothing can be said.
    #[error("the {policy} at {place} cannot be understood: {source}")]
    UnreadablePolicy {
        /// Where; for a policy in a string, where the string begins.
        place: Place,
        /// Its name.
        policy: String,
        /// What is wrong.
        source: Box<PolicyProblem>,
    },
    /// Something in a policy.
    #[error("the {policy} at {place}: {source}")]
    Policy {
        /// Where; for a policy in a string, where the string begins.
        place: Place,
        /// Its name.
        policy: String,
        /// What is wrong.
        source: Box<PolicyProblem>,
    },
    /// A file of events, or a record in it.
    #[error(transparent)]
    Events(#[from] sources::Problem),
    /// A record is not an event.
    #[error("the record at {origin} was not read: {source}")]
    NotAnEvent {
        /// Where it is.
        origin: sources::Origin,
        /// Why.
        source: EventError,
    },
    /// Something in a file of events is none.
    #[error("{count} part{} of `{file}` left out: {reason}", if *.count == 1 { "" } else { "s" })]
    NoEvents {
        /// The file.
        file: String,
        /// What it is.
        reason: SkipReason,
        /// How often.
        count: u64,
    },
    /// The events have too much text.
    #[error("the events have more than {MAX_EVENTS} bytes; those from {origin} on were not read")]
    TooManyEvents {
        /// The first record that was not kept.
        origin: sources::Origin,
    },
    /// More problems than are listed.
    #[error("there are {count} problems more")]
    More {
        /// How many.
        count: usize,
    },
}

impl BundleProblem {
    /// What the problem costs.
    pub fn severity(&self) -> Severity {
        match self {
            Self::NoFolder { .. } | Self::NotABundle | Self::Format { .. } => Severity::Fatal,
            Self::Policy { .. } | Self::UnlistedPolicy { .. } => Severity::Warning,
            Self::NoEvents { reason, .. } if !reason.may_hide_events() => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Where in a file it is, if it is at one place.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Format { place, .. }
            | Self::NotUtf8 { place }
            | Self::Json { place, .. }
            | Self::Shape { place, .. }
            | Self::Missing { place, .. }
            | Self::NotInFile { place, .. }
            | Self::OnePage { place }
            | Self::OtherAccount { place, .. }
            | Self::UnreadablePolicy { place, .. }
            | Self::Policy { place, .. } => Some(place),
            _ => None,
        }
    }

    /// What may help.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoManifest | Self::NotABundle => {
                "a bundle made by hand needs a `bundle.json` with at least `{\"format\": 1}`"
            }
            Self::NotUtf8 { .. } => {
                "PowerShell's `>` writes UTF-16; use `| Out-File -Encoding utf8`, or `--output json` in another shell"
            }
            Self::Link { .. } => "put a copy of the file in its place",
            Self::Shape { .. } | Self::Missing { .. } => {
                "every file has the shape that the AWS CLI prints with `--output json`"
            }
            Self::OnePage { .. } => "call the AWS CLI without `--max-items` and `--no-paginate`",
            Self::Format { .. } => "read it with the version that wrote it, or collect it again",
            Self::Events(problem) => return problem.hint(),
            _ => return None,
        })
    }
}

/// What the parser said, without the place: the place is in the message already.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or_else(|| text.clone(), |(reason, _)| reason.to_owned())
}
