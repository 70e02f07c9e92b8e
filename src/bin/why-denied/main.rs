//! The command line of `why-denied`.
fn main() {}
