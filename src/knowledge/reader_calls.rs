//! The calls of AWS that this program makes, and the IAM actions that they need.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use std::sync::LazyLock;

use super::table::{self, Source};

/// A call that this program makes.
#[derive(Debug, Clone, Copy)]
pub struct ReaderCall {
    /// The service id, such as `S3 Control`.
    pub service: &'static str,
    /// The operation, such as `GetPublicAccessBlock`; empty if the service does it with the caller's permissions.
    pub operation: &'static str,
    /// The action, such as `s3:GetAccountPublicAccessBlock`; empty if no permission is needed.
    pub action: &'static str,
    /// Which place of events it is for: `trail`, `athena`, `lake` or `log-group`; empty if it is for every run.
    pub place: &'static str,
    /// What the action has to be allowed on, such as `workgroup`; empty if that is everything.
    pub resource: &'static str,
    /// What the call is made for.
    pub gives: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// The row of a call.
pub fn reader_call(service: &str, operation: &str) -> Option<&'static ReaderCall> {
    CALLS.iter().find(|call| call.service == service && call.operation == operation && !operation.is_empty())
}

/// The calls of every run that reads the event history.
pub fn of_every_run() -> impl Iterator<Item = &'static ReaderCall> {
    of_place("")
}

/// What is needed beside that for events in another place.
pub fn of_place(place: &str) -> impl Iterator<Item = &'static ReaderCall> {
    CALLS.iter().filter(move |call| call.place == place)
}

static CALLS: LazyLock<Vec<ReaderCall>> = LazyLock::new(|| {
    table::rows(include_str!("tables/reader_calls.tsv"))
        .map(|row| ReaderCall {
            service: row.get("service"),
            operation: row.get("operation"),
            action: row.get("action"),
            place: row.get("place"),
            resource: row.get("resource"),
            gives: row.get("gives"),
            source: row.source(),
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: two of the actions that
    // are not named like their operations.
    #[test]
    fn an_action_may_be_named_otherwise_than_the_operation() {
        let action = |service, operation| reader_call(service, operation).map(|call| call.action);
        assert_eq!(action("S3", "GetBucketEncryption"), Some("s3:GetEncryptionConfiguration"));
        assert_eq!(action("S3 Control", "GetPublicAccessBlock"), Some("s3:GetAccountPublicAccessBlock"));
        assert_eq!(action("STS", "GetCallerIdentity"), Some(""));
        assert_eq!(action("S3", "PutBucketPolicy"), None);
    }
}
