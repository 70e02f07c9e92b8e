use proptest::prelude::*;

use super::*;

#[test]
fn wrappers_are_taken_off() {
    let cases = [
        (
            "An error occurred (AccessDenied) when calling the GetObject operation (reached max retries: 4): Access Denied",
            Some("AccessDenied"),
            Some("GetObject"),
        ),
        (
            "operation error S3: GetObject, https response error StatusCode: 403, RequestID: A1, HostID: x=, api error AccessDenied: Access Denied",
            Some("AccessDenied"),
            Some("GetObject"),
        ),
        (
            "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: A1; S3 Extended Request ID: x)",
            None,
            None,
        ),
        (
            "AccessDenied: Access Denied\n\tstatus code: 403, request id: A1, host id: x",
            Some("AccessDenied"),
            None,
        ),
        (
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>A1</RequestId></Error>",
            Some("AccessDenied"),
            None,
        ),
        (r#"{"__type":"AccessDeniedException","Message":"Access Denied"}"#, None, None),
        ("\u{1b}[31mAccess Denied\u{1b}[0m", None, None),
    ];
    for (text, code, operation) in cases {
        let message = DenialMessage::parse(text);
        assert_eq!(message.kind, MessageKind::GenericDenied, "{text}");
        assert_eq!(message.wrapper.error_code.as_deref(), code, "{text}");
        assert_eq!(message.wrapper.operation.as_deref(), operation, "{text}");
        if text.contains("A1") {
            assert_eq!(message.wrapper.request_id.as_deref(), Some("A1"), "{text}");
        }
    }
}

const SENTENCE: &str = "User: arn:aws:iam::111122223333:user/dev is not authorized to perform: s3:GetObject on \
     resource: \"arn:aws:s3:::b/a because of \"x\".txt\" with an explicit deny in an identity-based policy: \
     arn:aws:iam::111122223333:policy/P";

#[test]
fn a_quoted_key_may_hold_the_words_of_a_reason() {
    let message = DenialMessage::parse(SENTENCE);
    assert_eq!(message.resource.as_deref(), Some("arn:aws:s3:::b/a because of \"x\".txt"));
    assert_eq!(message.policy_arn.as_deref(), Some("arn:aws:iam::111122223333:policy/P"));
}

#[test]
fn wrapped_lines_are_joined() {
    let wanted = DenialMessage::parse(SENTENCE);
    let at_words = SENTENCE.replace(" is not", "\n    is not").replace(" with an", "\r\n│ with an");
    assert_eq!(DenialMessage::parse(&at_words), wanted);
    let chars: Vec<char> = SENTENCE.chars().collect();
    let at_columns: Vec<String> = chars.chunks(80).map(|line| line.iter().collect()).collect();
    assert_eq!(DenialMessage::parse(&at_columns.join("\n")), wanted);
}

#[test]
fn a_json_body_is_read() {
    let text = r#"{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:r:1:key/k because no identity-based policy allows the kms:Decrypt action","a":1}"#;
    let message = DenialMessage::parse(text);
    assert_eq!(message.resource.as_deref(), Some("arn:aws:kms:r:1:key/k"));
    assert_eq!(message.policy_type, Some(PolicyType::Identity));
}

// Observed on the client side of S3 across accounts: three hypotheses, and the key is not named.
#[test]
fn three_hypotheses_are_not_an_implicit_deny() {
    let message = DenialMessage::parse(
        "An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:sts::111122223333:assumed-role/r/s \
         is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does \
         not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
    );
    assert_eq!(message.kind, MessageKind::KmsThreeHypotheses);
    assert_eq!(message.effect, MessageEffect::Ambiguous);
    assert_eq!(message.action.as_deref(), Some("kms:Decrypt"));
    assert_eq!(message.resource.as_deref(), Some("the resource associated with this ciphertext"));
    assert_eq!(message.principal.as_deref(), Some("arn:aws:sts::111122223333:assumed-role/r/s"));
}

#[test]
fn a_cut_text_does_not_give_a_cut_resource() {
    let message = DenialMessage::parse(
        "User: arn:aws:iam::111122223333:user/dev is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bu...",
    );
    assert!(message.truncated);
    assert_eq!(message.action.as_deref(), Some("s3:GetObject"));
    assert_eq!(message.resource, None);
}

#[test]
fn known_texts_are_told_apart() {
    use MessageKind as K;
    for (text, kind) in [
        ("IAM user access not activated", K::AccountSetting),
        ("Insufficient Lake Formation permission(s): Required Describe on db", K::LakeFormation),
        (
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
            K::KmsCiphertext,
        ),
        ("Request has expired.", K::Expired),
        ("arn:aws:kms:us-east-1:111122223333:key/k is pending deletion.", K::KmsKeyState),
        ("Access to KMS is not allowed", K::KmsNotAllowed),
        ("The bucket does not allow ACLs", K::AclsDisabled),
        ("Failed authentication", K::SignInFailed),
        ("HIDDEN_DUE_TO_SECURITY_REASONS", K::Hidden),
        ("User is not authorized to access this resource", K::GenericDenied),
        ("User is not authorized to perform: glue:GetTable", K::IamSentence),
        (
            "KMS key access denied error: User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt",
            K::IamSentence,
        ),
        ("Rate exceeded", K::Unrecognized),
        ("", K::Unrecognized),
    ] {
        assert_eq!(DenialMessage::parse(text).kind, kind, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*") {
        let _ = DenialMessage::parse(&text);
    }

    #[test]
    fn any_mixture_of_marks_is_read_without_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "User: ", "arn:aws:iam::1:user/u", " is not authorized to perform", ": ", "s3:GetObject", " on resource: ", "\"", " because no ",
        " with an explicit deny", " in a ", "service control policy", "...", "…", ", with policy ARN: ", "An error occurred (", ")",
        " when calling the ", " operation", "api error ", "<Message>", "\u{1b}[", "\u{1b}", "İ", "ſ", "\n", "é", "transitively through ",
        "Encoded authorization failure message:", "authorization id: ", "}", "Block Public Access",
    ]), 0..24)) {
        let _ = DenialMessage::parse(&parts.concat());
    }
}

/// Amazon SES puts the names between a backtick and an apostrophe.
///
/// Source: <https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html>
#[test]
fn names_between_a_backtick_and_an_apostrophe_are_read() {
    let arn = "arn:aws:ses:eu-west-1:111122223333:identity/example.com";
    let text = format!(
        "User `arn:aws:iam::111122223333:user/mail' is not authorized to perform `ses:SendEmail' on resource `{arn}'"
    );
    let message = DenialMessage::parse(&text);
    assert_eq!(message.principal.as_deref(), Some("arn:aws:iam::111122223333:user/mail"));
    assert_eq!(message.action.as_deref(), Some("ses:SendEmail"));
    assert_eq!(message.resource.as_deref(), Some(arn));
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
#[test]
fn what_no_credentials_of_a_kind_may_do_is_no_policy() {
    for text in [
        "Cannot call GetSessionToken with session credentials",
        "Cannot call GetFederationToken with session credentials",
        "Roles may not be assumed by root accounts.",
    ] {
        let message = DenialMessage::parse(text);
        assert_eq!(
            (message.kind, message.effect),
            (MessageKind::CredentialKind, MessageEffect::Service),
            "{text}"
        );
    }
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
#[test]
fn a_log_group_says_that_it_may_not_have_the_key() {
    let text = "The specified KMS key does not exist or is not allowed to be used with LogGroup \
                'arn:aws:logs:eu-west-1:111122223333:log-group:/app'";
    assert_eq!(DenialMessage::parse(text).kind, MessageKind::LogGroupKey);
}
