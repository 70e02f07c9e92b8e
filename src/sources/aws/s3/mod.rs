//! The log files of a trail in S3.

pub mod address;
pub mod layout;
