//! Where in AWS events are kept.

use super::s3::Address;
use super::sql::athena::Table;
use super::sql::lake::DataStore;

/// A place in AWS where events are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The event history of the account, in the Regions of the search or in all that are enabled.
    History,
    /// The log files of a trail.
    Trail(Address),
    /// A table of log files.
    Athena(Table),
    /// An event data store of CloudTrail Lake.
    Lake(DataStore),
    /// A log group, by name or ARN.
    LogGroup(String),
}
