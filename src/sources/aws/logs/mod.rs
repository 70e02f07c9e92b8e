//! A log group that a trail delivers to.

pub mod pattern;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
mod read;

#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub(super) use read::read;
