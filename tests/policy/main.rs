//! What is said of a policy that is not as AWS documents it, and what the parsed document tells about itself.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

mod forms;
mod problems;

use why_denied::policy::PolicyDocument;

/// A document of version 2012-10-17 with these statements, which are JSON.
fn document(statements: &str) -> PolicyDocument {
    PolicyDocument::parse(format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#))
}
