//! `why-denied` explains why AWS said "Access Denied".
pub mod arn;
pub mod bundle;
pub mod diagnose;
pub mod evaluate;
pub mod evidence;
pub mod ids;
pub mod knowledge;
pub mod policy;
pub mod render;
pub mod request;
pub mod simulate;
pub mod sources;
pub mod trail;
