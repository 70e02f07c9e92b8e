//! The rows of `known.md`: what makes each difference go away.
//!
//! A row either rewrites the line so that it no longer holds what the two see differently (then both must agree), or
//! says by the engine's own reasons that the package leaves the deciding fact out.

use serde_json::Value;
use why_denied::evaluate::{Decision, Evaluation, Layer, LayerEffect};

use crate::oracle::{Opinion, Oracle};
use crate::{agrees, evaluate, rewrites};

enum Test {
    /// After this, both agree.
    Rewrite(fn(&mut Value, &Opinion)),
    /// The engine's answer without a layer that the package does not have.
    Answer(fn(&Value, &Evaluation, Decision) -> bool),
}

type Rule = (&'static str, Test);

const RULES: &[Rule] = &[
    ("ignored-context-keys", Test::Rewrite(rewrites::without_ignored_keys)),
    ("account-root", Test::Rewrite(rewrites::root_with_a_policy)),
    ("service-linked-role", Test::Rewrite(rewrites::without_guardrails_of_linked_roles)),
    ("management-account", Test::Rewrite(rewrites::without_guardrails_of_management)),
    ("rcp-services", Test::Rewrite(rewrites::without_rcp_of_other_services)),
    ("kms-retire-grant", Test::Rewrite(rewrites::without_rcp_of_retire_grant)),
    ("scp-callers", Test::Rewrite(rewrites::without_scp_of_services)),
    ("federated-user-without-session-policy", Test::Rewrite(rewrites::with_a_session_policy)),
    ("kms-grants", Test::Rewrite(rewrites::without_grants)),
    ("object-ownership", Test::Rewrite(rewrites::without_object_owner)),
    ("public-acls-and-policies", Test::Rewrite(rewrites::restrict_public_buckets_only)),
    ("version-2008-variables", Test::Rewrite(rewrites::with_version_2012)),
    ("variables-without-a-value", Test::Rewrite(rewrites::without_missing_variables)),
    ("dates", Test::Rewrite(rewrites::with_iso_dates)),
    ("empty-values", Test::Rewrite(rewrites::without_empty_values)),
    ("unique-ids", Test::Rewrite(rewrites::with_arns_for_ids)),
    ("federated-user-issuer", Test::Rewrite(rewrites::without_issuer)),
    ("callers-without-identity-policies", Test::Rewrite(rewrites::without_identity_of_others)),
    ("wildcard-in-resource-type", Test::Rewrite(rewrites::with_literal_resource_types)),
    ("short-arns", Test::Rewrite(rewrites::with_whole_arns)),
    ("role-path", Test::Rewrite(rewrites::without_paths)),
    ("multi-valued-without-set-operator", Test::Rewrite(rewrites::with_set_operators)),
    ("identity-provider-as-caller", Test::Rewrite(rewrites::with_own_provider)),
    ("not-principal-levels", Test::Rewrite(rewrites::without_accounts_in_not_principal)),
    ("several-values-of-a-single-valued-key", Test::Rewrite(rewrites::with_single_values)),
    ("null-on-an-empty-list", Test::Rewrite(rewrites::without_empty_lists)),
    ("escaped-wildcards", Test::Rewrite(rewrites::without_escapes)),
    ("networks", Test::Rewrite(rewrites::with_plain_networks)),
    ("public-by-key-id", Test::Rewrite(rewrites::without_key_id_of_encryption)),
    ("organizations-resources", Test::Rewrite(rewrites::with_own_organization)),
    (
        "organizations-callers",
        Test::Answer(|_, engine, other| {
            engine.denied_by() == [Layer::AccountKind] && other == Decision::Allowed
        }),
    ),
    ("session-policy-beside-a-direct-grant", Test::Answer(session_beside_direct_grant)),
    (
        "kms-own-account-only",
        Test::Answer(|_, engine, other| {
            engine.denied_by() == [Layer::Resource]
                && other == Decision::Allowed
                && has_note(engine, Layer::Resource, "key of another account")
        }),
    ),
    (
        "block-public-access-explicit",
        Test::Answer(|_, engine, other| {
            engine.verdict.decision() == Some(Decision::ImplicitDeny)
                && engine.denied_by().contains(&Layer::S3BlockPublicAccess)
                && other == Decision::ExplicitDeny
        }),
    ),
    (
        "public-by-userid",
        Test::Answer(|line, _, other| {
            line["s3"]["block_public_access"]["RestrictPublicBuckets"] == true
                && line["resource_policy"].to_string().to_ascii_lowercase().contains("aws:userid")
                && other == Decision::ExplicitDeny
        }),
    ),
    (
        "get-session-token",
        Test::Answer(|line, engine, other| {
            rewrites::action(line) == "sts:getsessiontoken"
                && engine.permissionless.is_some()
                && other != Decision::Allowed
        }),
    ),
    (
        "temporary-credentials",
        Test::Answer(|_, engine, other| {
            !agrees(engine, Decision::Allowed)
                && other == Decision::Allowed
                && has_note(engine, Layer::Session, "temporary credentials")
        }),
    ),
];

fn has_note(engine: &Evaluation, layer: Layer, text: &str) -> bool {
    let notes =
        engine.layers.iter().filter(|trace| trace.layer == layer).filter_map(|trace| trace.note.as_ref());
    notes.into_iter().any(|note| note.contains(text))
}

/// The engine lets a resource policy that names the user, the session or everyone stand above a silent session policy.
fn session_beside_direct_grant(_: &Value, engine: &Evaluation, other: Decision) -> bool {
    let effect =
        |layer: Layer| engine.layers.iter().find(|trace| trace.layer == layer).map(|trace| trace.effect);
    let grants = [Layer::Resource, Layer::RoleTrust]
        .into_iter()
        .any(|layer| matches!(effect(layer), Some(LayerEffect::Allow | LayerEffect::Unknown)));
    let silent = matches!(effect(Layer::Session), Some(LayerEffect::NoImpact | LayerEffect::Unknown));
    agrees(engine, Decision::Allowed) && other == Decision::ImplicitDeny && grants && silent
}

/// The rows that cover a difference: one alone if possible, else all rewrites together.
pub fn explain(
    line: &Value,
    engine: &Evaluation,
    opinion: &Opinion,
    oracle: &mut Oracle,
) -> Option<Vec<&'static str>> {
    let Opinion::Says { decision, .. } = opinion else { return None };
    if let Some(name) = answered(line, engine, *decision) {
        return Some(vec![name]);
    }
    let mut together = line.clone();
    let mut used = Vec::new();
    for (name, test) in RULES {
        let Test::Rewrite(rewrite) = test else { continue };
        let mut alone = line.clone();
        rewrite(&mut alone, opinion);
        if alone != *line && settled(&alone, oracle) == Some(None) {
            return Some(vec![name]);
        }
        // A rewrite may make room for a later one: a context key taken out leaves a variable without a value.
        let before = together.clone();
        rewrite(&mut together, opinion);
        if together != before {
            used.push(*name);
        }
    }
    if used.is_empty() {
        return None;
    }
    used.extend(settled(&together, oracle)?);
    Some(used)
}

/// Whether nothing but an answer's row is left to differ on a line; the row, if one is needed.
fn settled(line: &Value, oracle: &mut Oracle) -> Option<Option<&'static str>> {
    let opinion = oracle.ask(std::slice::from_ref(line)).remove(0);
    let Opinion::Says { decision, .. } = opinion else { return None };
    let engine = evaluate(line)?;
    if agrees(&engine, decision) {
        return Some(None);
    }
    answered(line, &engine, decision).map(Some)
}

fn answered(line: &Value, engine: &Evaluation, decision: Decision) -> Option<&'static str> {
    RULES.iter().find_map(|(name, test)| match test {
        Test::Answer(covers) if covers(line, engine, decision) => Some(*name),
        _ => None,
    })
}

/// `known.md` and this file have the same rows.
pub fn check_list() {
    let list = include_str!("known.md");
    let rows: Vec<&str> = list.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    let names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows, names, "the rows of known.md and the rules of rules.rs");
    assert!(
        list.lines()
            .filter(|row| row.starts_with("| `"))
            .all(|row| row.contains("https://docs.aws.amazon.com/")),
        "every row of known.md names the AWS page that decides"
    );
}
