//! How often the random lines come to rules that the package does not model, so that none is compared in name only.

use serde_json::Value;
use why_denied::evaluate::{Compared, ElementTrace, Evaluation, Got, Layer, StatementTrace};
use why_denied::policy::Element;

use crate::rewrites::{self, OWN_ACCOUNT_ONLY, action};
use crate::{ParsedLine, parse};

/// A line that is being looked at.
pub struct Seen<'a> {
    line: &'a Value,
    parsed: ParsedLine,
    engine: &'a Evaluation,
}

type Test = fn(&Seen<'_>) -> bool;

/// A rule is reached where it takes part in the answer: an element of a statement hangs on it, or the whole request.
const RULES: &[(&str, Test)] = &[
    ("an incomplete ARN completed in an identity-based policy", |seen| {
        let layers = [Layer::Identity, Layer::Boundary];
        seen.any_element(&layers, |element| {
            element.element == Element::Resource
                && element.matched.is_true()
                && any_wanted(element, is_incomplete)
        })
    }),
    ("a bucket policy called for from outside its account", |seen| seen.is_own_account_only("s3")),
    ("a queue managed from outside its account", |seen| seen.is_own_account_only("sqs")),
    ("a table managed from outside its account", |seen| seen.is_own_account_only("dynamodb")),
    ("a secret created from outside its account", |seen| seen.is_own_account_only("secretsmanager")),
    ("a key managed from outside its account", |seen| seen.is_own_account_only("kms")),
    ("kms:RetireGrant", |seen| action(seen.line) == "kms:retiregrant"),
    ("kms:RetireGrant, allowed by a grant", |seen| {
        let allows = |layer: Layer| seen.layers(&[layer]).any(|trace| trace.effect.name() == "ALLOW");
        action(seen.line) == "kms:retiregrant" && allows(Layer::KmsGrant)
    }),
    ("caller and resource in two partitions", |seen| rewrites::in_two_partitions(seen.line)),
    ("a whole request in another partition", |seen| {
        seen.line.to_string().contains("arn:aws-us-gov:") && !rewrites::in_two_partitions(seen.line)
    }),
    ("a Deny to the root user that reads or replaces the resource policy", |seen| {
        rewrites::keeps_resource_policy(seen.line)
            && seen.statements(&[Layer::Resource]).any(|statement| {
                statement.applies.is_true() && statement.effect.map(|effect| effect.name()) == Some("Deny")
            })
    }),
    ("execute-api:/ that covers the request", |seen| {
        seen.any_element(&[Layer::Resource], |element| {
            is_resource(element)
                && element.matched.is_true()
                && any_wanted(element, |text| text.starts_with("execute-api:/"))
        })
    }),
    ("a repository policy without Resource that applies", |seen| {
        action(seen.line).starts_with("ecr:")
            && seen
                .statements(&[Layer::Resource])
                .any(|statement| statement.applies.is_true() && !statement.elements.iter().any(is_resource))
    }),
    ("a key that is missing for sure in an open context", |seen| {
        seen.line["context_complete"] == false && seen.any_condition(|_, got| matches!(got, Got::Absent))
    }),
    ("an open context in which the answer is firm", |seen| {
        seen.line["context_complete"] == false && seen.engine.verdict.decision().is_some()
    }),
    ("an origin access identity", |seen| rewrites::is_origin_access_identity(seen.line)),
    ("aws:CalledViaFirst or aws:CalledViaLast with a value", |seen| {
        seen.any_condition(|key, got| {
            key.to_ascii_lowercase().starts_with("aws:calledvia")
                && key.len() > "aws:CalledVia".len()
                && matches!(got, Got::Values(_))
        })
    }),
    ("a wildcard inside a principal, in a statement that else applies", |seen| {
        seen.statements(&[Layer::Resource, Layer::RoleTrust]).any(|statement| {
            let (principals, others): (Vec<_>, Vec<_>) =
                statement.elements.iter().partition(|element| element.element == Element::Principal);
            others.iter().all(|element| element.matched.is_true())
                && principals
                    .iter()
                    .any(|element| any_wanted(element, |text| text.len() > 1 && text.contains('*')))
        })
    }),
    ("an own password", |seen| {
        action(seen.line) == "iam:changepassword" && seen.line["resource"] == seen.line["principal"]
    }),
    ("a file system without a policy", |seen| {
        action(seen.line).starts_with("elasticfilesystem:client") && seen.line["resource_policy"].is_null()
    }),
    ("an operation of IAM on a role whose trust policy is given", |seen| {
        action(seen.line).starts_with("iam:") && seen.line["resource_policy"].is_object()
    }),
    ("arn:aws:s3:::* for an action on *", |seen| {
        action(seen.line).starts_with("s3:")
            && seen.line["resource"] == "*"
            && seen.any_element(&[], |element| {
                is_resource(element)
                    && element.matched.is_true()
                    && any_wanted(element, |text| text.contains(":s3"))
            })
    }),
];

fn is_resource(element: &ElementTrace) -> bool {
    matches!(element.element, Element::Resource | Element::NotResource)
}

fn any_wanted(element: &ElementTrace, test: impl Fn(&str) -> bool) -> bool {
    match &element.compared {
        Compared::Patterns { wanted, .. } | Compared::Condition { wanted, .. } => {
            wanted.iter().any(|text| test(text))
        }
    }
}

/// A `*` at the end would run on over the colons anyway.
fn is_incomplete(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() < 6 && !text.ends_with('*')
}

impl Seen<'_> {
    fn layers(&self, wanted: &[Layer]) -> impl Iterator<Item = &why_denied::evaluate::LayerTrace> {
        self.engine.layers.iter().filter(move |trace| wanted.is_empty() || wanted.contains(&trace.layer))
    }

    fn statements(&self, layers: &[Layer]) -> impl Iterator<Item = &StatementTrace> {
        self.layers(layers).flat_map(|trace| &trace.statements)
    }

    fn any_element(&self, layers: &[Layer], test: impl Fn(&ElementTrace) -> bool) -> bool {
        self.statements(layers).flat_map(|statement| &statement.elements).any(test)
    }

    fn any_condition(&self, test: impl Fn(&str, &Got) -> bool) -> bool {
        self.any_element(&[], |element| match &element.compared {
            Compared::Condition { key, got, .. } => test(key, got),
            Compared::Patterns { .. } => false,
        })
    }

    fn is_own_account_only(&self, service: &str) -> bool {
        let request = &self.parsed.request;
        request.action.service() == service
            && OWN_ACCOUNT_ONLY.contains(&request.action.lower())
            && request.principal.account() != request.resource.owner()
    }
}

/// The counts of all rules.
pub struct Reached([u64; RULES.len()]);

impl Reached {
    pub fn new() -> Self {
        Self([0; RULES.len()])
    }

    pub fn add(&mut self, line: &Value, engine: &Evaluation) {
        let Some(parsed) = parse(line) else { return };
        let seen = Seen { line, parsed, engine };
        for ((_, test), count) in RULES.iter().zip(&mut self.0) {
            *count += u64::from(test(&seen));
        }
    }

    pub fn print(&self) {
        println!("rules of single operations and spellings, and the lines that reached them:");
        for ((name, _), count) in RULES.iter().zip(&self.0) {
            println!("{count:>9}  {name}");
        }
    }
}
