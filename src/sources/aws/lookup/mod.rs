//! The event history: `LookupEvents`.

pub mod choice;
pub mod history;
pub mod pace;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod read;

#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub(super) use read::{Paces, read};
