//! Events that are still in AWS: the event history, the log files of a trail in S3, a table in Athena, an event data
//! store of CloudTrail Lake, a log group.
//!
//! What is asked is decided in plain functions ([`lookup::choice`], [`s3::layout`], [`sql`], [`logs::pattern`]), which
//! every build has; only the feature `aws` can ask it.

pub mod caller;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod live;
pub mod logs;
pub mod lookup;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod once;
pub mod permissions;
mod place;
mod receiver;
pub mod s3;
pub mod search;
pub mod sql;

pub use caller::{Caller, CallerError};
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub use live::Live;
pub use place::Place;
pub use receiver::{Outcome, Receiver, Step};
pub use search::{Purpose, Region, RegionError, Search};
