//! `why-denied` explains why AWS said "Access Denied".
pub mod arn;
pub mod bundle;
pub mod evaluate;
pub mod ids;
pub mod knowledge;
pub mod policy;
pub mod request;
pub mod simulate;
