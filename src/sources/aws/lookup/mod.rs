//! The event history: `LookupEvents`.

pub mod choice;
pub mod pace;
