//! `why-denied` explains why AWS said "Access Denied".
pub mod arn;
pub mod ids;
pub mod request;
pub mod sources;
