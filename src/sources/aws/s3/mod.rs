//! The log files of a trail in S3.

pub mod address;
pub mod layout;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod read;

pub use address::{Address, AddressError, BucketRule};
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub(super) use read::Trail;
