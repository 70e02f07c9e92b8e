//! Edits that AWS would refuse to save.

use std::collections::BTreeSet;

use super::statements::unlike;
use crate::diagnose::{Document, DocumentKind, documents};
use crate::evidence::Evidence;
use crate::policy::{PrincipalForm, Statement};

/// Why AWS would not save an edited policy, for each that it would not, and which policies are attached that are none.
pub(super) fn refused(before: &Evidence, edited: &Evidence) -> Vec<String> {
    let (known, after) = (documents(before), documents(edited));
    let mut found: Vec<String> = unlike(&after, &known).into_iter().filter_map(why).collect();
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

fn why(document: &Document) -> Option<String> {
    let name = &document.name;
    let any = |test: fn(&Statement) -> bool| document.policy.statements.iter().any(test);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    if name.starts_with("arn:") && name.contains("::aws:policy/") {
        return Some(format!(
            "{name} belongs to AWS: you can attach it or not, and nobody but AWS can edit it"
        ));
    }
    match document.kind {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
        DocumentKind::Trust if any(|statement| statement.resource.is_some()) => {
            Some(format!("the {name} has a Resource, and a trust policy has none: it is the role's own"))
        }
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        DocumentKind::Identity | DocumentKind::ServiceControl
            if any(|statement| statement.principal.is_some()) =>
        {
            Some(format!(
                "{name} has a Principal, and such a policy has none: it is about whoever it is attached to"
            ))
        }
        // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
        DocumentKind::ResourceControl if any(|statement| !names_everybody(statement)) => Some(format!(
            "{name} has a statement whose Principal is not \"*\", and a resource control policy has no other"
        )),
        DocumentKind::Trust | DocumentKind::Resource if any(|statement| statement.principal.is_none()) => {
            Some(format!("the {name} has a statement without a Principal, and has to say whom it is about"))
        }
        _ => None,
    }
}

fn names_everybody(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated && principal.entries.iter().all(|entry| entry.form == PrincipalForm::Everyone)
    })
}

#[cfg(test)]
mod tests;
