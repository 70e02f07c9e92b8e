//! Queries: text only, so that it can be read, tested and run elsewhere.

pub mod athena;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod athena_read;
pub mod ddl;
mod filter;
pub mod lake;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod lake_read;
pub mod loaded;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod run;
mod statement;

#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub(super) use {athena_read::read as read_athena, lake_read::read as read_lake};

pub use statement::{Statement, TableName, TableNameError};
