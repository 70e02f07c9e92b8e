//! One authorization request as AWS sees it: a principal, an action, a resource and the request context.
//!
//! This module owns what a request *is*. It must not know about policies, events or where a value was read.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html>

mod action;
mod context;
mod derived;
mod principal;
mod resource;

pub use action::{Action, ActionError};
pub use context::{ContextValue, Entry, KeyState, Provenance, RequestContext, Values};
pub use principal::{Principal, PrincipalError, RoleSession};
pub use resource::Resource;

/// A request whose authorization is to be decided.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who makes the request.
    pub principal: Principal,
    /// The IAM action that is authorized, which is not always the API operation.
    pub action: Action,
    /// What the action is authorized on.
    pub resource: Resource,
    /// The condition keys of the request.
    pub context: RequestContext,
}
