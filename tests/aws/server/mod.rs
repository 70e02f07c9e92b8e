//! A server that answers as AWS would if an evidence bundle were the whole of AWS.
//!
//! What the bundle does not have, nobody may read: the answer is AWS's `AccessDenied`, since "unknown" has no other
//! form on the wire. Faults are added on demand, and every call is logged.

mod action;
mod call;
mod faults;
mod http;
mod listen;
mod raw;
mod reply;
mod services;
mod world;
mod xml;

pub use action::iam_action;
pub use call::Logged;
pub use faults::{Fault, Rule};
pub use listen::Server;
pub use world::{ACCESS_KEY, Stored, World};
