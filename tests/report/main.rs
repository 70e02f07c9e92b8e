//! Reports to be sent: well-formed, complete, the same every time, and text stays text whatever it is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod bundles;
mod complete;
mod hostile;
mod looks;
mod page;
mod shown;
mod wellformed;
