//! Where events come from: files in every form that AWS and its users write, told apart by what is in them.
//!
//! This module owns the way from bytes to the JSON text of single CloudTrail events: decompression,
//! splitting, envelopes, tables. It never interprets an event: what a denial is and what it means belongs to
//! `trail`. A damaged file or record becomes a [`Problem`] and never stops the rest.
//!
//! Start reading at [`read_stream`]. Text flows through `window` (bounded memory), is cut by `walk` with
//! `scan` (no parsing, no recursion) and unwrapped by `envelope`; rows of tables become events in `rows`.
//!
//! Sources: the forms are described at
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html> and
//! <https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html>.

#![allow(clippy::doc_markdown, reason = "the names of AWS products are not code")]

pub mod aws;
mod denials;
mod envelope;
#[cfg(not(target_family = "wasm"))]
mod files;
mod problem;
mod rows;
mod scan;
mod sink;
mod stream;
mod structs;
mod table;
mod walk;
mod window;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

#[cfg(not(target_family = "wasm"))]
pub use files::read_paths;
pub use problem::Problem;
pub use stream::read_stream;

/// The longest record that is read, in bytes. CloudTrail's own limit is 256 KB an event (1 MB for an
/// aggregate of `LookupEvents`); the rest is room for those who add fields.
pub const MAX_RECORD: usize = 8 * 1024 * 1024;

/// After so many problems in one file the rest of the file is given up.
pub const MAX_PROBLEMS: usize = 100;

/// One CloudTrail event as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// A JSON object with CloudTrail's field names, valid and nested less than 128 deep.
    pub json: String,
    /// Where it was found.
    pub origin: Origin,
    /// What it was found in.
    pub form: Form,
}

/// A place in a file: the line and column, both from one and the column in bytes, in the decompressed text.
/// For an event in an envelope it is the place of the envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, or the name that was given to the stream.
    pub path: Arc<Path>,
    /// From one.
    pub line: u64,
    /// From one, in bytes.
    pub column: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// The form in which an event was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `{"Records":[…]}`, as CloudTrail delivers to S3.
    LogFile,
    /// One event alone, as the console's "View event" shows it.
    Bare,
    /// A JSON array of events.
    Array,
    /// One event a line.
    JsonLines,
    /// Events one after another, as `jq` prints them.
    Concatenated,
    /// `aws cloudtrail lookup-events`.
    LookupEvents,
    /// An `EventBridge` event with the CloudTrail event as its detail.
    EventBridge,
    /// What a CloudWatch Logs subscription delivers, also packed in a Lambda event.
    LogsSubscription,
    /// `aws logs filter-log-events` and `get-log-events`.
    LogsFilter,
    /// A CloudWatch Logs export to S3: lines of a timestamp and an event.
    LogsExport,
    /// CloudWatch Logs Insights results. Without `@message`, only the selected fields are there.
    LogsInsights,
    /// CloudTrail Lake results: only the selected columns are there.
    LakeResults,
    /// An Athena result file: only the selected columns are there.
    AthenaCsv,
    /// The console's Event history as CSV: no error message and no ARN of the caller.
    EventHistoryCsv,
}

impl Form {
    /// Whether the record is the event as CloudTrail wrote it. If not, a field that is missing may just not
    /// have been exported.
    pub fn is_complete(self) -> bool {
        !matches!(self, Self::LogsInsights | Self::LakeResults | Self::AthenaCsv | Self::EventHistoryCsv)
    }
}

/// Why something was left out without being damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// Nothing in the file.
    Empty,
    /// Not CloudTrail.
    NotCloudTrail,
    /// A CloudTrail digest file: hashes of log files, no events.
    Digest,
    /// CloudTrail Insights: statistics, no calls.
    Insight,
    /// What CloudWatch Logs sends to test a subscription.
    ControlMessage,
    /// A file that leads back to a folder it is in.
    SymlinkLoop,
    /// Found in a folder, but neither a file nor a folder.
    NotAFile,
}

impl SkipReason {
    /// Whether an event may have been left out. CloudTrail puts digests and Insights beside its log files, and they
    /// hold no calls.
    ///
    /// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html>
    pub fn may_hide_events(self) -> bool {
        !matches!(self, Self::Digest | Self::Insight | Self::ControlMessage)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::NotCloudTrail => "not CloudTrail events",
            Self::Digest => "a CloudTrail digest, which holds no events",
            Self::Insight => "CloudTrail Insights, which hold no calls",
            Self::ControlMessage => "a control message of CloudWatch Logs",
            Self::SymlinkLoop => "a symbolic link to a folder above it",
            Self::NotAFile => "neither a file nor a folder",
        })
    }
}

/// What reading gives.
#[derive(Debug)]
pub enum Item {
    /// An event.
    Record(Record),
    /// Something could not be read; reading goes on.
    Problem(Problem),
    /// Something was left out on purpose. It comes once per file and reason, at the end of the file.
    Skipped {
        /// The file.
        path: Arc<Path>,
        /// Why.
        reason: SkipReason,
        /// How many things in the file.
        count: u64,
    },
}

/// What is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave out events that cannot be denials, by a cheap look at their text. Others than denials may still
    /// come.
    pub only_denials_hint: bool,
}
