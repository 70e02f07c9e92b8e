//! Where the engine and the reference may differ, and why.

use std::collections::BTreeSet;

use serde_json::Value;
use why_denied::evaluate::{Decision, Evaluation, Verdict};

/// One answer beside the other.
pub struct Pair<'a> {
    pub line: &'a Value,
    pub engine: &'a Evaluation,
    pub expected: Decision,
    pub denied_by: &'a BTreeSet<&'static str>,
}

impl Pair<'_> {
    fn action(&self) -> String {
        self.line["action"].as_str().unwrap_or_default().to_ascii_lowercase()
    }

    /// Layers that only the engine lists, and layers that only the reference lists and the engine does not leave open.
    fn only(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let engine: BTreeSet<&'static str> =
            self.engine.denied_by().iter().map(|layer| layer.name()).collect();
        let settled = &engine | &self.unknown_layers();
        (
            engine.difference(self.denied_by).copied().collect(),
            self.denied_by.difference(&settled).copied().collect(),
        )
    }

    fn unknown_layers(&self) -> BTreeSet<&'static str> {
        let unknown = self.engine.layers.iter().filter(|layer| layer.effect.name() == "UNKNOWN");
        unknown.map(|layer| layer.layer.name()).collect()
    }
}

type Rule = (&'static str, fn(&Pair<'_>) -> bool);

/// Differences that no page decides, or in which the reference is the poorer model.
const CONVENTIONS: &[Rule] = &[
    ("Block Public Access as explicit or implicit deny", |pair| {
        pair.engine.verdict == Verdict::Determined(Decision::ImplicitDeny) && is_either_deny(pair)
    }),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: BlockPublicAcls makes requests with a public ACL fail. The reference leaves ACLs out.
    ("BlockPublicAcls is not in the reference", |pair| {
        pair.only() == (vec!["s3-block-public-access"], vec![]) && pair.action().contains("put")
    }),
];

/// Whether the reference calls a refusal explicit that may be either: the page does not say whether a refusal by a setting
/// counts as an explicit deny.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
pub fn is_either_deny(pair: &Pair<'_>) -> bool {
    pair.expected == Decision::ExplicitDeny && pair.denied_by.contains("s3-block-public-access")
}

/// The row that covers a difference.
pub fn known(pair: &Pair<'_>) -> Option<&'static str> {
    CONVENTIONS.iter().find(|(_, covers)| covers(pair)).map(|(name, _)| *name)
}

/// What the engine leaves open although the reference decides it: the start of the hinge, and why it is open.
const REASONS: &[(&str, &str)] = &[
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: BlockPublicPolicy
    // looks at the new policy, which is no part of an authorization request. The reference leaves the switch out.
    ("whether the new bucket policy is public", "BlockPublicPolicy and a policy that nobody sees"),
    // Undocumented: S3 refuses to save such a principal. The reference calls it public.
    (
        "whether a principal with a wildcard makes a bucket policy public",
        "a principal with a wildcard inside under RestrictPublicBuckets",
    ),
    // Undocumented: `*` for a caller that is no principal yet. The reference decides it outside of trust policies.
    ("Principal * for a caller that only an identity provider knows", "everyone and an identity provider"),
    // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html: "the Principal element must be set to
    // *" at a gateway endpoint. The reference decides a NotPrincipal and a service that is named.
    (
        "whether the VPC endpoint is a gateway endpoint",
        "an endpoint policy of S3 or DynamoDB that names somebody",
    ),
    // Undocumented: AWS refuses to save a value that the operator cannot read. The reference says "no match" where
    // the operator is not negated.
    (" with the value ", "a policy value that the operator cannot read"),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html: "might".
    ("NotPrincipal that lists the caller but not", "NotPrincipal with some of the levels"),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    // (ForAnyValue: false without the key) against reference_policies_elements_condition_operators.html (IfExists: true).
    ("ForAnyValue with IfExists when the key is missing", "ForAnyValue with IfExists: the pages disagree"),
    // The same pages on a key whose only value is the empty string.
    ("ForAnyValue on an empty string", "ForAnyValue on an empty string: the texts of the page differ"),
    // The same page: "you can't use a multivalued context key as a policy variable"; what then happens is not said. The
    // reference takes several values for no value.
    ("the multi-valued key", "a multi-valued key as a policy variable"),
    // "the key exists and its value is not null": the reference decides lists with an empty and another value.
    ("Null on a key that is present and empty", "Null on an empty value"),
    // Undocumented: what a negated operator makes of a request value that it cannot read, or of several values.
    (" on the request value ", "a request value that the operator cannot read"),
    // Undocumented as well: a number beside a date. The reference takes the date for no number.
    ("a numeric operator on the date", "a numeric operator on a date"),
    ("a negated operator without a set operator", "a negated operator on several values"),
    // The reference leaves an incomplete ARN open as well, but not where it decides another element that the engine leaves
    // open: an empty string under ForAnyValue.
    (" outside an identity-based policy", "an incomplete ARN beside another open element"),
    // Whose it is, is no part of the request. The reference knows that it is no service's and no anonymous caller's.
    ("whose canonical user id", "a canonical user id"),
    // Undocumented: whether a boundary or session policy limits a grant, and whose session a role ARN stands for.
    ("which session of role", "a role without the name of its session"),
    ("which user asked for the federated session", "a federated user without its user"),
];

/// The row that covers a hinge.
pub fn reason(hinge: &str) -> Option<&'static str> {
    REASONS.iter().find(|(text, _)| hinge.contains(text)).map(|(_, why)| *why)
}
