//! Requests against given policies, without AWS: the request file and its answers.
//!
//! This module owns the format of `simulate --requests` (`docs/cli.md`). It must not decide anything itself.

mod answer;
mod line;
mod policies;
mod s3;

pub use answer::{Answer, answer_text, error_json};
pub use line::{LineError, ParsedLine, parse_line};
pub use policies::PolicyCache;
