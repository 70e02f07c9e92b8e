//! What can go wrong with a source of events, and what its owner can do about it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{MAX_PROBLEMS, MAX_RECORD, Origin, SkipReason};

/// A file or a record that could not be read. The rest of the file was read as far as possible.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file or folder could not be opened or read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: Arc<Path>,
        /// What the system said.
        source: io::Error,
    },
    /// A folder could not be walked.
    #[error("cannot list `{}`: {source}", path.display())]
    List {
        /// The folder, or what is in it.
        path: Arc<Path>,
        /// What the system said.
        source: io::Error,
    },
    /// The compressed data ends too early; the records before that were delivered.
    #[error("the gzip data of `{}` is cut off", path.display())]
    GzipCutOff {
        /// The file.
        path: Arc<Path>,
    },
    /// The compressed data is damaged; the records before that were delivered.
    #[error("the gzip data of `{}` is damaged: {source}", path.display())]
    Gzip {
        /// The file.
        path: Arc<Path>,
        /// What the decompressor said.
        source: io::Error,
    },
    /// A record is not valid JSON.
    #[error("invalid JSON at {at}: {reason}")]
    Json {
        /// The exact place of the error.
        at: Origin,
        /// What the parser expected.
        reason: String,
    },
    /// A record or list has no end.
    #[error("what begins at {at} never ends")]
    Unclosed {
        /// Where it begins.
        at: Origin,
    },
    /// A string has a line break that is not written `\n`.
    #[error("the string at {at} has a raw line break")]
    LineBreak {
        /// Where the string begins.
        at: Origin,
    },
    /// There is something between records.
    #[error("expected a record at {at}")]
    Stray {
        /// Where it begins.
        at: Origin,
    },
    /// A record is longer than [`MAX_RECORD`].
    #[error("the record at {at} is longer than {MAX_RECORD} bytes")]
    TooLong {
        /// Where the record begins.
        at: Origin,
    },
    /// A record is nested more than 127 deep.
    #[error("the record at {at} is nested more than 127 deep")]
    TooDeep {
        /// Where the record begins.
        at: Origin,
    },
    /// A record is not UTF-8.
    #[error("the text at {at} is not UTF-8")]
    NotUtf8 {
        /// The first byte that does not belong.
        at: Origin,
    },
    /// An event that is stored as a string inside a record is not valid JSON.
    #[error("`{field}` of {} at {at} is not valid JSON: {source}", record_name(event_id.as_deref()))]
    Embedded {
        /// Where the record around it begins.
        at: Origin,
        /// The field that holds the event.
        field: &'static str,
        /// The event ID of the record around it.
        event_id: Option<String>,
        /// What the parser said; its line and column count from the start of the string.
        source: serde_json::Error,
    },
    /// The packed data of a Lambda or Kinesis event cannot be unpacked.
    #[error("`{field}` of the record at {at} is not gzip data in Base64: {reason}")]
    Packed {
        /// Where the record begins.
        at: Origin,
        /// The field that holds the data.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// A row of a CSV file cannot be read.
    #[error("cannot read the CSV row at {at}: {source}")]
    Csv {
        /// Where the row begins.
        at: Origin,
        /// What the CSV reader said.
        source: csv::Error,
    },
    /// The console's CSV lacks what an explanation needs.
    #[error("`{}` is a CSV of the Event history: it has neither error messages nor the caller's ARN", path.display())]
    EventHistory {
        /// The file.
        path: Arc<Path>,
    },
    /// The text is UTF-16.
    #[error("`{}` is UTF-16, not UTF-8", path.display())]
    Utf16 {
        /// The file.
        path: Arc<Path>,
    },
    /// A file that was asked for by name has no events.
    #[error("`{}` has no events: it is {reason}", path.display())]
    NoEvents {
        /// The file.
        path: Arc<Path>,
        /// What it is.
        reason: SkipReason,
    },
    /// The file has so many problems that the rest was not read.
    #[error("`{}` has more than {MAX_PROBLEMS} problems; the rest of it was not read", path.display())]
    TooMany {
        /// The file.
        path: Arc<Path>,
    },
}

fn record_name(event_id: Option<&str>) -> String {
    event_id.map_or_else(|| "the record".to_owned(), |id| format!("event `{id}`"))
}

impl Problem {
    /// Whether nothing was lost: the form just cannot say more.
    pub fn is_note(&self) -> bool {
        matches!(self, Self::EventHistory { .. })
    }

    /// What may help.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Json { .. } | Self::LineBreak { .. } | Self::Embedded { .. } => {
                "examples in AWS's documentation are often not valid JSON; take the event from the console, \
                 `aws cloudtrail lookup-events` or the log file"
            }
            Self::GzipCutOff { .. } | Self::Gzip { .. } | Self::Unclosed { .. } => {
                "download the file again; the records before this point were read"
            }
            Self::TooLong { .. } => "CloudTrail events have at most 256 KB; is a bracket or quote missing?",
            Self::EventHistory { .. } => {
                "choose \"Download events\", \"Download as JSON\" in the console instead"
            }
            Self::Utf16 { .. } => {
                "PowerShell's `>` writes UTF-16; use `| Out-File -Encoding utf8`, or `--output json` in another shell"
            }
            Self::NoEvents { reason: SkipReason::NotCloudTrail, .. } => {
                "expected a CloudTrail log file, events as JSON, the output of `aws cloudtrail lookup-events`, \
                 CloudWatch Logs, or a CSV of Athena or CloudTrail Lake"
            }
            Self::NoEvents { reason: SkipReason::Digest, .. } => {
                "the log files are beside it, under `CloudTrail/` instead of `CloudTrail-Digest/`"
            }
            _ => return None,
        })
    }
}
