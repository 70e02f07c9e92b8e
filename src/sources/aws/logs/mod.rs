//! A log group that a trail delivers to.

pub mod pattern;
