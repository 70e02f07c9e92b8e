//! The evidence bundle, format 1: a folder that a person can read, edit and diff, and the `Evidence` in it.
//!
//! This module owns the names and shapes of a bundle's files. Every file has the shape that the AWS CLI prints. It
//! must not decide anything, and it trusts nothing that it reads: a file that is damaged becomes a [`BundleProblem`]
//! and a gap in the evidence, and the rest is still read.
//!
//! Start reading at [`read`]. A [`FileTree`] is where the files come from, `layout` knows what each of them is, and
//! one file per kind of fact turns it into evidence.
//!
//! A bundle is made as a [`Draft`], which is a `FileTree` too: whoever collects evidence fills a draft, reads it, and
//! may `store` it, so that an answer and a bundle that is handed on rest on the same bytes.

mod account;
mod authorization_details;
mod bucket;
mod document;
mod draft;
mod events;
mod examples;
#[cfg(not(target_family = "wasm"))]
mod folder;
mod iam;
mod key;
mod layout;
mod manifest;
mod organization;
mod problem;
mod read;
mod reader;
mod redact;
mod shape;
#[cfg(not(target_family = "wasm"))]
mod store;
mod text;
mod tree;

pub use authorization_details::{MAX_AUTHORIZATION_DETAILS, authorization_details};
pub use draft::{BucketFact, Draft, DraftError, IamList, KeyFact};
pub use examples::{Embedded, example, examples};
#[cfg(not(target_family = "wasm"))]
pub use folder::Folder;
pub use manifest::Manifest;
pub use problem::{BundleProblem, Place, Severity};
pub use read::{Loaded, read};
pub use redact::{Key as RedactionKey, Redacted, redact};
#[cfg(not(target_family = "wasm"))]
pub use store::{Existing, StoreError, store};
pub use tree::{FileTree, Listing};

/// The format that is read and written.
pub const FORMAT: u32 = 1;

/// The largest file that is read, in bytes. An account has at most some 10,000 users, roles and policies, with a few
/// kilobytes of policy each.
pub const MAX_FILE: u64 = 256 * 1024 * 1024;

/// The most text of events that is kept, in bytes, after decompression and in all files together.
pub const MAX_EVENTS: u64 = 2 * 1024 * 1024 * 1024;

/// The most problems that are listed; what goes beyond is counted.
pub const MAX_PROBLEMS: usize = 1000;
