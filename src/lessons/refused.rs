//! Edits that AWS would refuse to save.

use std::collections::BTreeSet;

use super::statements::content;
use crate::diagnose::documents;
use crate::evidence::Evidence;
use crate::policy::{PolicyDocument, Statement};

/// Why AWS would not save an edited policy, for each that it would not, and which policies are attached that are none.
pub(super) fn refused(before: &Evidence, edited: &Evidence) -> Vec<String> {
    let known: BTreeSet<(String, String)> =
        documents(before).into_iter().map(|(name, document)| (name, content(&document))).collect();
    let after = documents(edited);
    let changed = after.iter().filter(|(name, document)| !known.contains(&(name.clone(), content(document))));
    let mut found: Vec<String> = changed.filter_map(|(name, document)| why(name, document)).collect();
    let had: BTreeSet<String> = attached(before).collect();
    found.extend(attached(edited).filter(|arn| !had.contains(arn)).filter_map(|arn| unknown(&arn, edited)));
    found.dedup();
    found
}

/// The ARNs of all policies that are attached to somebody, or are a boundary.
fn attached(evidence: &Evidence) -> impl Iterator<Item = String> {
    let iam = evidence.accounts.values().filter_map(|account| account.iam.as_ref());
    iam.flat_map(|iam| {
        let attached = iam.users.values().map(|user| &user.attached);
        let attached = attached.chain(iam.groups.values().map(|group| &group.attached));
        let attached = attached.chain(iam.roles.values().map(|role| &role.attached)).flatten();
        let boundaries = iam.users.values().filter_map(|user| user.boundary.as_ref());
        let boundaries = boundaries.chain(iam.roles.values().filter_map(|role| role.boundary.as_ref()));
        attached.map(|policy| &policy.arn).chain(boundaries)
    })
    .cloned()
}

/// An ARN under which there is no policy.
fn unknown(arn: &str, evidence: &Evidence) -> Option<String> {
    let iam = evidence.accounts.values().filter_map(|account| account.iam.as_ref());
    let known: Vec<&str> = iam.flat_map(|iam| iam.policies.keys()).map(String::as_str).collect();
    (!known.contains(&arn)).then(|| format!("there is no policy {arn}; there are {}", known.join(", ")))
}

fn why(name: &str, document: &PolicyDocument) -> Option<String> {
    let any = |test: fn(&Statement) -> bool| document.statements.iter().any(test);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    if name.starts_with("arn:") && name.contains(":iam::aws:policy/") {
        return Some(format!(
            "{name} belongs to AWS: you can attach it or not, and nobody but AWS can edit it"
        ));
    }
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    if name.starts_with("trust policy of ") && any(|statement| statement.resource.is_some()) {
        return Some(format!("the {name} has a Resource, and a trust policy has none: it is the role's own"));
    }
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    if !names_principals(name) && any(|statement| statement.principal.is_some()) {
        return Some(format!(
            "{name} has a Principal, and such a policy has none: it is about whoever it is attached to"
        ));
    }
    if names_principals(name) && any(|statement| statement.principal.is_none()) {
        return Some(format!(
            "the {name} has a statement without a Principal, and has to say whom it is about"
        ));
    }
    None
}

/// Whether policies of this name are about a resource, and so name who may.
fn names_principals(name: &str) -> bool {
    let of_resources = [
        "trust policy of ",
        "bucket policy of ",
        "key policy of ",
        "policy of VPC endpoint ",
        "resource-based policy of ",
    ];
    of_resources.iter().any(|start| name.starts_with(start))
}
