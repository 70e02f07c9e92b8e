//! Why something cannot be put into a bundle.

use crate::bundle::MAX_FILE;
use crate::sources::MAX_RECORD;

/// Something that cannot be put into a bundle. Nothing was changed; it is for the caller to note a gap.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// A name that AWS cannot have given, or one that no file can have.
    #[error("`{0}` cannot be the name of anything in a bundle")]
    Name(String),
    /// More than is read again.
    #[error("`{0}` would have more than {MAX_FILE} bytes")]
    TooLarge(String),
    /// An event that is not a JSON object.
    #[error("the event is not a JSON object: {0}")]
    Event(#[source] serde_json::Error),
    /// More than is read again.
    #[error("the event has more than {MAX_RECORD} bytes")]
    LongEvent,
    /// A user, group, role or managed policy without an ARN.
    #[error("the entry has no `Arn`")]
    NoArn,
    /// What is there as `iam.json` is not what the CLI prints, so nothing can be added to it.
    #[error("`{file}` is not what `aws iam get-account-authorization-details` prints: {reason}")]
    Iam {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Format 1 has one place for both. Neither policy is kept, since it would be taken for that of the other.
    #[error("`{one}` and `{other}` have the same name, and a bundle has one place for both")]
    SameName {
        /// The resource that was there.
        one: String,
        /// The resource that was added.
        other: String,
    },
}
