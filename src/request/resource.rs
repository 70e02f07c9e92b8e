//! What an action is authorized on.

use std::fmt;

use crate::arn::Arn;
use crate::ids::AccountId;

/// The resource of a request and the account that owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    text: String,
    arn: Option<Arn>,
    owner: Option<AccountId>,
    path_known: bool,
}

impl Resource {
    /// What stands for a resource that an event does not show.
    pub const NOT_SHOWN: &str = "(not shown by the event)";

    /// An ARN, or `*` for an action that has no resource. `owner` is needed where the ARN has no account (S3).
    pub fn new(text: &str, owner: Option<AccountId>) -> Self {
        let arn = Arn::parse(text).ok();
        let owner = owner.or_else(|| arn.as_ref().and_then(Arn::account));
        Self { text: text.to_owned(), arn, owner, path_known: true }
    }

    /// An IAM resource of which the name is known and the path is not.
    pub fn without_path(text: &str, owner: Option<AccountId>) -> Self {
        Self { path_known: false, ..Self::new(text, owner) }
    }

    /// Whether the ARN is whole: an event may name a user or a role without its path.
    pub fn path_known(&self) -> bool {
        self.path_known
    }

    /// The resource of an action that has no resource-level permissions: it belongs to the caller's account.
    pub fn none() -> Self {
        Self::new("*", None)
    }

    /// The same resource, of which it is known who owns it.
    #[must_use]
    pub fn owned_by(self, owner: Option<AccountId>) -> Self {
        Self { owner, ..self }
    }

    /// The resource as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The ARN, if the text is one.
    pub fn arn(&self) -> Option<&Arn> {
        self.arn.as_ref()
    }

    /// The account that owns the resource, where it is known.
    pub fn owner(&self) -> Option<AccountId> {
        self.owner
    }

    /// Whether it is a bucket or an object, whose ARN does not name the owner.
    pub fn is_bucket(&self) -> bool {
        self.arn.as_ref().is_some_and(|arn| arn.service() == "s3" && arn.account_text().is_empty())
    }

    /// Whether the action is authorized on no particular resource.
    pub fn is_none(&self) -> bool {
        self.text == "*"
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
