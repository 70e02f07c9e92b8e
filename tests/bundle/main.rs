//! Bundles read, made, written and redacted.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod making;
mod reading;
mod redacting;
mod storing;
