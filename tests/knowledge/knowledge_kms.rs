//! KMS actions and the calls that stand before them.

use why_denied::knowledge::kms::{self, AuthorizedBy, ContextValue};
use why_denied::knowledge::service_reference as reference;

#[test]
fn kms_calls_lead_to_the_surface() {
    let surface = |action, context: &[(&str, &str)]| kms::surface_of(action, context.iter().copied());
    let object = "arn:aws:s3:::claims/2026/a.parquet";
    let guess = surface("kms:Decrypt", &[("aws:s3:arn", object)]).unwrap();
    assert_eq!((guess.service(), guess.resource.as_str()), ("s3", object));
    assert!(guess.actions.iter().any(|row| row.action == "s3:GetObject"));
    let put = surface("kms:generatedatakey", &[("aws:s3:arn", object)]).unwrap();
    assert!(put.actions.iter().any(|row| row.action == "s3:PutObject"));
    assert!(!put.actions.iter().any(|row| row.action == "s3:GetObject"));
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html: both names, the repository counts.
    let pull = surface(
        "kms:Decrypt",
        &[("aws:s3:arn", "arn:aws:s3:::starport/x"), ("aws:ecr:arn", "arn:aws:ecr:::r")],
    );
    assert_eq!(pull.unwrap().service(), "ecr");
    // As invictus-ir logs it.
    let secret = surface("kms:Decrypt", &[("SecretVersionId", "v"), ("SecretARN", "arn:s")]).unwrap();
    assert!(secret.actions.iter().any(|row| row.action == "secretsmanager:GetSecretValue"));
    let volume = surface("kms:GenerateDataKeyWithoutPlaintext", &[("aws:ebs:id", "vol-1")]).unwrap();
    assert!(matches!(volume.context.value, ContextValue::Named(format) if format.contains("${Value}")));
    assert!(surface("kms:Decrypt", &[("tenant", "a")]).is_none());
    assert!(surface("kms:Decrypt", &[]).is_none());
    assert!(kms::behind("s3:getobject").any(|row| row.kms_action == "kms:Decrypt"));
}

#[test]
fn kms_actions_are_authorized_in_three_ways() {
    let action = |name| kms::kms_action(name).unwrap();
    assert_eq!(action("kms:ListKeys").authorized_by, AuthorizedBy::IamOnly);
    assert_eq!(action("kms:CreateAlias").authorized_by, AuthorizedBy::AliasAndKey);
    assert_eq!(action("kms:decrypt").cross_account, Some(true));
    assert_eq!(action("kms:GetKeyPolicy").cross_account, Some(false));
    assert_eq!(action("kms:Decrypt").grant_operation, Some("Decrypt"));
    assert_eq!(action("kms:PutKeyPolicy").grant_operation, None);
    for facts in &reference::service("kms").unwrap().actions {
        assert!(kms::kms_action(&format!("kms:{}", facts.name)).is_some(), "{}", facts.name);
    }
    let states: Vec<_> = kms::key_states("KMS.DisabledException").map(|row| row.state).collect();
    assert_eq!(states, ["Disabled"]);
    assert!(kms::key_states("AccessDenied").next().is_none());
}
