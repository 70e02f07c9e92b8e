//! `Resource` and `NotResource`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use super::{Glob, Span, Template, Version};

/// `Resource` or `NotResource` with its patterns.
#[derive(Debug, Clone)]
pub struct ResourceElement {
    /// `NotResource`: everything but the patterns.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<ResourcePattern>,
    /// The whole element's value.
    pub span: Span,
}

/// One resource pattern.
#[derive(Debug, Clone)]
pub struct ResourcePattern {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// What it covers.
    pub form: ResourceForm,
}

/// The forms of a resource pattern.
#[derive(Debug, Clone)]
pub enum ResourceForm {
    /// `*`
    Every,
    /// An ARN pattern without variables.
    Plain {
        /// Partition, service, region and account.
        head: Box<[Glob; 4]>,
        /// Everything after the fifth colon.
        rest: Glob,
    },
    /// An ARN pattern whose resource part holds variables.
    ///
    /// Variables count in the resource part only: "in the Resource element … you can use a variable in the last
    /// segment".
    Variable {
        /// Partition, service, region and account.
        head: Box<[Glob; 4]>,
        /// Everything after the fifth colon.
        rest: Template,
    },
    /// Fewer than six parts, or no ARN: AWS documents no meaning. Holds the pattern of the whole text.
    Unclear(Glob),
}

impl ResourcePattern {
    /// Prepares a pattern.
    pub fn new(text: &str, span: Span, version: Version) -> Self {
        Self { text: text.to_owned(), span, form: form(text, version) }
    }

    /// Whether the pattern is one that AWS documents.
    pub fn is_clear(&self) -> bool {
        match &self.form {
            ResourceForm::Unclear(_) => false,
            ResourceForm::Variable { rest, .. } => rest.unclear().is_none(),
            ResourceForm::Every | ResourceForm::Plain { .. } => true,
        }
    }
}

fn form(text: &str, version: Version) -> ResourceForm {
    if text == "*" {
        return ResourceForm::Every;
    }
    let mut parts = text.splitn(6, ':');
    let (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        // A short pattern is unclear, but a text that the pattern could never cover is still not covered.
        let widened = if text.ends_with('*') { text.to_owned() } else { format!("{text}*") };
        return ResourceForm::Unclear(Glob::new(&widened));
    };
    let head = Box::new([partition, service, region, account].map(Glob::new));
    let template = Template::parse(rest, version);
    if template.is_plain() && !rest.contains("${") {
        ResourceForm::Plain { head, rest: Glob::new(rest) }
    } else if version == Version::V2008 {
        ResourceForm::Plain { head, rest: Glob::new(rest) }
    } else {
        ResourceForm::Variable { head, rest: template }
    }
}
