//! Live runs against servers that speak the protocols of AWS: a scenario server that serves an evidence bundle, and moto.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod collect;
mod interrupted;
mod live;
mod moto;
mod organization;
mod partitions;
mod permissions;
mod poor;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "not every test of the program needs everything of it")]
mod program;
mod python;
mod robust;
mod server;
mod sources;
mod story;
mod tags;
mod unread;
mod wire;
