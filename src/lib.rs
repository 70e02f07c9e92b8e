//! `why-denied` explains why AWS said "Access Denied".
//!
//! Data flows one way, and every arrow is a plain function over plain data:
//!
//! ```text
//! event ─► denial ─► request(s) ─► evidence ─► verdict + trace ─► diagnosis (causal graph) ─► rendering
//! trail    trail     trail         evidence    evaluate           diagnose                    render
//! ```
//!
//! Where to start reading:
//!
//! - How AWS decides: [`evaluate`], top down; [`policy`] is the language it reads, [`request`] what it decides.
//! - What a CloudTrail record means: [`trail`]; where records come from: [`sources`].
//! - How an answer comes about: [`diagnose`], over [`evidence`], which [`bundle`] reads from a folder.
//! - Facts of AWS, each with its source: [`knowledge`].
//! - How AWS is reached: `aws`, in a build with the feature of that name.
//! - How an answer looks: [`render`]. Requests without any event: [`simulate`].
//! - CloudWatch Logs filter patterns over events, beside that flow: [`filter`].
//! - The course that comes with the program: [`lessons`].
//!
//! The library never talks to the user: no printing, no environment, no clock. A module imports lower layers only;
//! `docs/architecture.md` has the table, and a test enforces it.

pub mod arn;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub mod aws;
pub mod bundle;
#[cfg(all(feature = "aws", not(target_family = "wasm")))]
pub mod collect;
pub mod diagnose;
pub mod evaluate;
pub mod evidence;
pub mod filter;
pub mod ids;
pub mod knowledge;
pub mod lessons;
pub mod policy;
pub mod render;
pub mod request;
pub mod simulate;
pub mod sources;
pub mod trail;
