//! The rows of `known.md`: what makes each difference go away.
//!
//! A row asks the same question in words that the package understands (the engine must not change its answer, and both
//! must agree), or takes out of the line what the two see differently (then both must agree), or says by the engine's
//! own reasons that the package leaves the deciding fact out.

use std::collections::BTreeSet;

use serde_json::Value;
use why_denied::evaluate::{Decision, Evaluation, Layer, LayerEffect, Verdict};

use crate::oracle::{Opinion, Oracle};
use crate::{agrees, evaluate, rewrites};

enum Test {
    /// After this, it is still the same question to the engine, and both agree.
    Reword(fn(&mut Value, &Opinion)),
    /// After this, both agree.
    Rewrite(fn(&mut Value, &Opinion)),
    /// The engine's answer without a layer that the package does not have.
    Answer(fn(&Value, &Evaluation, Decision) -> bool),
}

type Rule = (&'static str, Test);

const RULES: &[Rule] = &[
    ("ignored-context-keys", Test::Rewrite(rewrites::without_ignored_keys)),
    ("account-root", Test::Reword(rewrites::root_with_a_policy)),
    ("service-linked-role", Test::Reword(rewrites::without_guardrails_of_linked_roles)),
    ("management-account", Test::Reword(rewrites::without_guardrails_of_management)),
    ("rcp-services", Test::Reword(rewrites::without_rcp_of_other_services)),
    ("kms-retire-grant", Test::Reword(rewrites::without_rcp_of_retire_grant)),
    ("retiring-grants", Test::Reword(rewrites::with_a_key_policy_that_delegates)),
    ("own-account-only", Test::Reword(rewrites::without_allows_across_accounts)),
    ("partitions", Test::Reword(rewrites::with_a_stranger_of_the_partition)),
    ("root-and-resource-policy", Test::Reword(rewrites::without_denies_to_the_root_user)),
    ("trust-policy-in-iam", Test::Reword(rewrites::without_policies_of_iam_resources)),
    ("origin-access-identity", Test::Reword(rewrites::with_an_account_of_cloudfront)),
    ("scp-callers", Test::Reword(rewrites::without_scp_of_services)),
    ("federated-user-without-session-policy", Test::Rewrite(rewrites::with_a_session_policy)),
    ("kms-grants", Test::Rewrite(rewrites::without_grants)),
    ("object-ownership", Test::Rewrite(rewrites::without_object_owner)),
    ("public-acls-and-policies", Test::Rewrite(rewrites::restrict_public_buckets_only)),
    ("version-2008-variables", Test::Rewrite(rewrites::with_version_2012)),
    ("variables-without-a-value", Test::Reword(rewrites::without_missing_variables)),
    ("dates", Test::Reword(rewrites::with_iso_dates)),
    ("empty-values", Test::Rewrite(rewrites::without_empty_values)),
    ("unique-ids", Test::Rewrite(rewrites::with_arns_for_ids)),
    ("federated-user-issuer", Test::Rewrite(rewrites::without_issuer)),
    ("callers-without-identity-policies", Test::Rewrite(rewrites::without_identity_of_others)),
    ("wildcard-in-resource-type", Test::Reword(rewrites::with_literal_resource_types)),
    ("incomplete-arns", Test::Reword(rewrites::with_completed_arns)),
    ("beginning-of-an-api", Test::Reword(rewrites::with_beginnings_of_apis)),
    ("short-arns", Test::Reword(rewrites::with_whole_arns)),
    ("every-bucket", Test::Reword(rewrites::with_everything_for_every_bucket)),
    ("role-path", Test::Rewrite(rewrites::without_paths)),
    ("multi-valued-without-set-operator", Test::Rewrite(rewrites::with_set_operators)),
    ("identity-provider-as-caller", Test::Rewrite(rewrites::with_own_provider)),
    ("not-principal-levels", Test::Rewrite(rewrites::without_accounts_in_not_principal)),
    ("several-values-of-a-single-valued-key", Test::Rewrite(rewrites::with_single_values)),
    ("null-on-an-empty-list", Test::Rewrite(rewrites::without_empty_lists)),
    ("escaped-wildcards", Test::Rewrite(rewrites::without_escapes)),
    ("networks", Test::Rewrite(rewrites::with_plain_networks)),
    ("public-by-operator", Test::Reword(rewrites::with_operators_of_the_key)),
    ("statement-without-principal", Test::Reword(rewrites::without_statements_for_nobody)),
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

/// The rows that cover a difference: one alone if possible, else as few together as it takes.
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
    let all: Vec<&str> = names().collect();
    for name in &all {
        if with(line, &[name], opinion).is_some_and(|(alone, _)| settled(&alone, oracle) == Some(None)) {
            return Some(vec![name]);
        }
    }
    let (together, mut used) = with(line, &all, opinion)?;
    let mut last = settled(&together, oracle)?;
    for name in used.clone() {
        let fewer: Vec<&str> = used.iter().copied().filter(|other| *other != name).collect();
        let Some((rewritten, fewer)) = with(line, &fewer, opinion) else { continue };
        if let Some(row) = settled(&rewritten, oracle) {
            (used, last) = (fewer, row);
        }
    }
    used.extend(last);
    Some(used)
}

/// The line after the rewrites of these rows, and the rows that changed it. A rewrite may make room for a later one: a
/// context key taken out leaves a variable without a value.
fn with(line: &Value, names: &[&str], opinion: &Opinion) -> Option<(Value, Vec<&'static str>)> {
    let mut line = line.clone();
    let mut used = Vec::new();
    for (name, test) in RULES.iter().filter(|(name, _)| names.contains(name)) {
        let mut after = line.clone();
        match test {
            Test::Reword(rewrite) | Test::Rewrite(rewrite) => rewrite(&mut after, opinion),
            Test::Answer(_) => continue,
        }
        let is_kept = after != line && (matches!(test, Test::Rewrite(_)) || is_same_question(&line, &after));
        if is_kept {
            line = after;
            used.push(*name);
        }
    }
    (!used.is_empty()).then_some((line, used))
}

/// Whether the engine answers the second line as it answers the first, or leaves less of it open.
fn is_same_question(before: &Value, after: &Value) -> bool {
    match (evaluate(before), evaluate(after)) {
        (Some(before), Some(after)) => possible(&after).is_subset(&possible(&before)),
        _ => false,
    }
}

fn possible(engine: &Evaluation) -> BTreeSet<Decision> {
    match &engine.verdict {
        Verdict::Determined(decision) => BTreeSet::from([*decision]),
        Verdict::Undetermined { possible, .. } => possible.clone(),
    }
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

/// The rows of the list, in its order.
pub fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// `known.md` and this file have the same rows.
pub fn check_list() {
    let list = include_str!("known.md");
    let rows: Vec<&str> = list.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(rows, names().collect::<Vec<_>>(), "the rows of known.md and the rules of rules.rs");
    assert!(
        list.lines()
            .filter(|row| row.starts_with("| `"))
            .all(|row| row.contains("https://docs.aws.amazon.com/")),
        "every row of known.md names the AWS page that decides"
    );
}
