//! One request against policies: a verdict, and the trace of how it came about.
//!
//! Read `authorize` first: it follows AWS's own description of policy evaluation step by step. It must not know
//! events and does no I/O.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod account_kind;
mod acl;
mod authorize;
mod condition;
mod credentials;
mod guardrails;
mod kms;
mod layer;
mod policies;
mod principal;
mod relation;
mod report;
mod s3;
mod statement;
mod trace;
mod truth;
mod variables;
mod verdict;
mod vpc_endpoint;

pub use acl::{AccessControlList, AclGrant, AclGrantee, Acls};
pub use authorize::{decide, explain};
pub use layer::{
    BlockPublicAccess, Grant, Known, Layer, Level, NamedPolicy, ObjectOwner, Organization, PolicySet, S3Facts,
};
pub use s3::is_public;
pub use trace::{Compared, ElementTrace, Got, LayerEffect, LayerTrace, StatementTrace};
pub use truth::{Hinge, Truth};
pub use verdict::{Decision, Verdict};

/// A verdict with its trace.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The decision, or what it hangs on.
    pub verdict: Verdict,
    /// Every layer that took part, in AWS's order.
    pub layers: Vec<LayerTrace>,
    /// The AWS page that says that the call needs no permission, if it is such a call.
    pub permissionless: Option<String>,
}

impl Evaluation {
    /// The layers that refuse the request, each once, in AWS's order.
    pub fn denied_by(&self) -> Vec<Layer> {
        let mut layers: Vec<Layer> =
            self.layers.iter().filter(|trace| trace.effect.denies()).map(|trace| trace.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        layers
    }
}
