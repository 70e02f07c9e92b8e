//! The program end to end: the examples and their documented answers, exit codes, pipes, and what must not matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod authorization_details;
mod changes;
mod collect;
mod evidence;
mod examples;
mod file;
mod graphs;
mod listing;
mod message;
mod program;
mod shell;
mod simulate;
mod terminal;
mod what_if;
