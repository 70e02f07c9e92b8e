//! CloudTrail semantics over real messages and events. `data/README.md` tells where they come from.
//!
//! The environment of every test is the folder beside it: no network, no credentials.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::doc_markdown,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

mod messages;
