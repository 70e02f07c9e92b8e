//! Queries: text only, so that it can be read, tested and run elsewhere.

pub mod athena;
pub mod ddl;
mod filter;
pub mod lake;
mod statement;

pub use statement::{Statement, TableName, TableNameError};
