//! The tables of AWS facts: every row has its source, and the look-ups find what the sources say.

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

mod change_events;
mod knowledge_account_kinds;
mod knowledge_actions;
mod knowledge_kms;
mod knowledge_reference;
mod knowledge_tables;
