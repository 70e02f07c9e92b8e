//! Texts that are no IAM sentence, and sentences whose reason is no policy.

use super::{BlockPublicAccess, DenialMessage, MessageEffect, MessageKind, PolicyType};

/// One known text.
struct Text {
    /// Lower-case words that all have to be there, in this order.
    words: &'static [&'static str],
    kind: MessageKind,
    effect: MessageEffect,
    policy_type: Option<PolicyType>,
}

const fn rule(words: &'static [&'static str], kind: MessageKind) -> Text {
    Text { words, kind, effect: MessageEffect::Service, policy_type: None }
}

const fn vague(words: &'static [&'static str], kind: MessageKind, policy_type: Option<PolicyType>) -> Text {
    Text { words, kind, effect: MessageEffect::Unknown, policy_type }
}

const fn ambiguous(words: &'static [&'static str], kind: MessageKind) -> Text {
    Text { words, kind, effect: MessageEffect::Ambiguous, policy_type: Some(PolicyType::Resource) }
}

/// Reasons that stand at the end of an IAM sentence in place of a policy type.
#[rustfmt::skip]
const REASONS: &[Text] = &[
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    rule(&["s3 block public access"], MessageKind::BlockPublicAccess(BlockPublicAccess::Unnamed)),
    rule(&["block public access setting"], MessageKind::BlockPublicAccess(BlockPublicAccess::Unnamed)),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
    rule(&["blocked upload requests", "customer provided keys"], MessageKind::SseCBlocked),
    // Observed across accounts; KMS hides whether the key exists.
    ambiguous(&["does not exist in this region", "no resource-based polic", "explicitly denies"], MessageKind::KmsThreeHypotheses),
];

/// Texts that stand alone, the more special ones first.
#[rustfmt::skip]
const TEXTS: &[Text] = &[
    // CloudTrail's text, observed: dev.classmethod.jp/articles/cloudtrail-error-message-callervalidation-check-failed
    rule(&["callervalidation check failed"], MessageKind::CallerValidation),
    // The same as the caller sees it: github.com/prowler-cloud/prowler/issues/2133
    rule(&["you don't have permissions to access this resource"], MessageKind::CallerValidation),
    // github.com/hashicorp/terraform-provider-aws/issues/23079
    rule(&["is not an administrator for this organization"], MessageKind::CallerValidation),
    // CloudFormation StackSets, observed
    rule(&["must be the management account or delegated admin"], MessageKind::CallerValidation),
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
    rule(&["the bucket does not allow acls"], MessageKind::AclsDisabled),
    // github.com/versity/versitygw/issues/1330; https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    rule(&["protected by object lock"], MessageKind::ObjectLock),
    // Observed through S3 and Systems Manager; names no key.
    ambiguous(&["the ciphertext refers to a customer master key that does not exist"], MessageKind::KmsCiphertext),
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    rule(&["key '", "' does not exist"], MessageKind::KmsKeyState),
    rule(&["arn:aws", ":kms:", " is disabled"], MessageKind::KmsKeyState),
    rule(&["arn:aws", ":kms:", " is pending deletion"], MessageKind::KmsKeyState),
    rule(&["arn:aws", ":kms:", " is pending import"], MessageKind::KmsKeyState),
    rule(&["arn:aws", ":kms:", " is unavailable"], MessageKind::KmsKeyState),
    // Secrets Manager, observed
    vague(&["access to kms is not allowed"], MessageKind::KmsNotAllowed, None),
    vague(&["inaccessible aws kms key"], MessageKind::KmsNotAllowed, None),
    // https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html
    rule(&["insufficient lake formation permission"], MessageKind::LakeFormation),
    // https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html; observed: invictus-ir
    rule(&["iam user access not activated"], MessageKind::AccountSetting),
    rule(&["user not enabled for cost explorer access"], MessageKind::AccountSetting),
    // Observed: Systems Manager default host management
    rule(&["instance management role is not configured for account"], MessageKind::AccountSetting),
    // Observed: Bedrock
    rule(&["you don't have access to the model"], MessageKind::Entitlement),
    // Pattern list of tenable/access-undenied-aws; observed: TrailDiscover (lambda, glue, transfer, dynamodb)
    rule(&["cross-account pass role is not allowed"], MessageKind::CrossAccountPassRole),
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html and API_GetFederationToken.html
    rule(&["cannot call getsessiontoken with session credentials"], MessageKind::CredentialKind),
    rule(&["cannot call getfederationtoken with session credentials"], MessageKind::CredentialKind),
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    rule(&["roles may not be assumed by root accounts"], MessageKind::CredentialKind),
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
    vague(&["arn:", ":role/", "is not authorized to create managed-rule"], MessageKind::PassedRoleLacks, None),
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    vague(&["execution role does not have permissions to call ", " on "], MessageKind::PassedRoleLacks, None),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    vague(&["kms key does not exist or is not allowed to be used with loggroup"], MessageKind::LogGroupKey, None),
    // Observed: invictus-ir (code InvalidParameterValueException)
    Text {
        words: &["the role defined for the function cannot be assumed by lambda"],
        kind: MessageKind::RoleCannotBeAssumed,
        effect: MessageEffect::Service,
        policy_type: Some(PolicyType::RoleTrust),
    },
    vague(&["permissions to create a service linked role"], MessageKind::ServiceLinkedRole, Some(PolicyType::Identity)),
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html
    vague(&["request was denied due to a vpc endpoint policy"], MessageKind::VpcEndpointNetwork, Some(PolicyType::VpcEndpoint)),
    // Elastic Load Balancing, observed
    vague(&["access denied for bucket: "], MessageKind::LogBucket, Some(PolicyType::Resource)),
    // Amazon SQS, observed: with the URL of the queue
    vague(&["access to the resource ", " is denied"], MessageKind::GenericDenied, None),
    // Amazon SQS, observed
    vague(&["does not exist or you do not have access"], MessageKind::MayNotExist, None),
    vague(&["request has expired"], MessageKind::Expired, None),
    vague(&["security token included in the request is expired"], MessageKind::Expired, None),
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    vague(&["failed authentication"], MessageKind::SignInFailed, None),
    vague(&["invalid mfa one time pass code"], MessageKind::WrongMfaCode, None),
    vague(&["hidden_due_to_security_reasons"], MessageKind::Hidden, None),
    // EC2; also without the full stop
    vague(&["you are not authorized to perform this operation"], MessageKind::GenericEc2, None),
];

/// Whole texts that give no reason, without their final stop.
const GENERIC: &[&str] = &[
    "access denied",
    "accessdenied",
    "access denied exception",
    "accessdeniedexception",
    "forbidden",
    "unauthorized",
    "not authorized",
    "user is not authorized",
    "an unknown error occurred",
];

/// Completes a message with what its text tells beyond the IAM sentence.
pub(super) fn read(core: &str, message: &mut DenialMessage) {
    let lower = core.to_ascii_lowercase();
    let known = match (message.kind, message.effect) {
        (MessageKind::IamSentence, MessageEffect::Unknown) => find(REASONS, &lower),
        (MessageKind::IamSentence, _) => return,
        _ => find(REASONS, &lower).or_else(|| find(TEXTS, &lower)),
    };
    if let Some(text) = known {
        message.kind = text.kind;
        message.effect = text.effect;
        message.policy_type = text.policy_type;
        details(core, message);
    } else if message.kind == MessageKind::Unrecognized && is_generic(&lower) {
        message.kind = MessageKind::GenericDenied;
    }
}

fn find<'a>(table: &'a [Text], lower: &str) -> Option<&'a Text> {
    table.iter().find(|text| holds(lower, text.words))
}

fn is_generic(lower: &str) -> bool {
    GENERIC.contains(&lower.trim_end_matches(['.', '!'])) || lower.contains("is not authorized to ")
}

fn holds(lower: &str, words: &[&str]) -> bool {
    let mut rest = lower;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn details(core: &str, message: &mut DenialMessage) {
    match message.kind {
        MessageKind::BlockPublicAccess(_) => message.kind = MessageKind::BlockPublicAccess(switch(core)),
        MessageKind::KmsKeyState => message.resource = key_arn(core),
        MessageKind::GenericDenied => message.resource = refused_resource(core),
        MessageKind::PassedRoleLacks => {
            message.principal = core.split('\'').find(|word| word.starts_with("arn:")).map(str::to_owned);
            message.action = Some(called_as_role(core).unwrap_or_else(|| "events:PutRule".to_owned()));
        }
        _ => {}
    }
}

/// `permissions to call CreateNetworkInterface on EC2`
fn called_as_role(core: &str) -> Option<String> {
    let (_, rest) = core.split_once(" to call ")?;
    let mut words = rest.split_whitespace();
    let (operation, _, service) = (words.next()?, words.next()?, words.next()?);
    Some(format!("{}:{operation}", service.trim_end_matches('.').to_ascii_lowercase()))
}

fn switch(core: &str) -> BlockPublicAccess {
    let switches = [
        ("BlockPublicAcls", BlockPublicAccess::BlockPublicAcls),
        ("IgnorePublicAcls", BlockPublicAccess::IgnorePublicAcls),
        ("BlockPublicPolicy", BlockPublicAccess::BlockPublicPolicy),
        ("RestrictPublicBuckets", BlockPublicAccess::RestrictPublicBuckets),
    ];
    // The name can stand in the resource too, so the last one counts.
    let found = switches.iter().filter_map(|(name, switch)| Some((core.rfind(name)?, *switch)));
    found.max_by_key(|(at, _)| *at).map_or(BlockPublicAccess::Unnamed, |(_, switch)| switch)
}

/// `Access to the resource https://sqs.… is denied.`
fn refused_resource(core: &str) -> Option<String> {
    let (_, rest) = core.split_once("the resource ")?;
    let (resource, _) = rest.split_once(" is denied")?;
    (!resource.is_empty() && !resource.contains(' ')).then(|| resource.to_owned())
}

fn key_arn(core: &str) -> Option<String> {
    let words = core.split(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ','));
    words.into_iter().find(|word| word.starts_with("arn:")).map(str::to_owned)
}
