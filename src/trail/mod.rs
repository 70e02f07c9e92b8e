//! CloudTrail semantics: events, denials, the grammar of denial messages, policy changes and sessions.
//!
//! This module owns what a CloudTrail record means. Everything in it is a pure function over data: it never reads
//! files, and it never evaluates a policy.
//!
//! Start with [`event::Event`], then [`denial::Denial`] for a refused call, [`change::PolicyChange`] for a changed
//! authorization, and [`session::SessionIndex`] for the way from a session back to a person.

pub mod authorization_details;
pub mod change;
mod context;
pub mod denial;
mod denial_codes;
pub mod event;
mod fields;
pub mod identity;
pub mod message;
mod principal;
pub mod request;
pub mod resource;
pub mod session;
pub mod user_identity;

pub use fields::Oddity;

pub use event::Event;
