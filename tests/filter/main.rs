//! Filter patterns. The cases are data: patterns, events and what AWS's page says of them, written before the code ran.

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

mod cases;
mod docs;
mod laws;
mod lint;
mod program;
