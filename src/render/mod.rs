//! From diagnoses to text, JSON, HTML, Markdown, SVG, DOT and Mermaid. Every renderer walks the same prepared diagnosis.
//!
//! This module must not decide anything. Everything that comes from events and policies is untrusted text: control
//! characters never reach a terminal, and markup stays text in every format.

mod answer;
mod authorization_details;
mod diff;
mod dot;
mod excerpt;
mod filter;
mod html;
mod json;
mod listing;
mod markdown;
mod mermaid;
mod message;
mod palette;
mod policy_text;
mod svg;
mod text;
mod timeline;
mod untrusted;
mod what_if;
mod words;

pub use authorization_details::{authorization_details_json, authorization_details_text};
pub use dot::dot;
pub use filter::{
    FilterTally, TriedEvent, explanation_json, explanation_text, findings_json, findings_text,
    pattern_error_text, tried_json, tried_text,
};
pub use html::html;
pub use json::report;
pub use listing::{DenialRow, DenialTally, listing_json, listing_table_rows};
pub use markdown::markdown;
pub use mermaid::mermaid;
pub use message::{message_json, message_text};
pub use svg::svg;
pub use text::{TextOptions, text, unread_text};
pub use timeline::{timeline_json, timeline_text};
pub use untrusted::{harmless_json, printable};
pub use what_if::{what_if_json, what_if_text};
