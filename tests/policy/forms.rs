//! What a parsed document tells about itself: its statements by service, its labels, places in its text, the forms of
//! its principals and patterns.

use why_denied::policy::{Glob, PrincipalEntry, PrincipalForm, Span, Template, Version};

use super::document;

fn about(statements: &str, service: &str) -> Vec<String> {
    document(statements).about(service).map(why_denied::policy::Statement::label).collect()
}

#[test]
fn statements_about_a_service_come_in_the_order_of_the_document() {
    let statements = r#"
        {"Sid": "s3", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Sid": "all", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "sqs", "Effect": "Allow", "Action": "SQS:SendMessage", "Resource": "*"},
        {"Sid": "not-s3", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        {"Sid": "both", "Effect": "Allow", "Action": ["sqs:*", "s3:GetObject", "s3:PutObject"], "Resource": "*"},
        {"Sid": "unclear", "Effect": "Allow", "Action": "s*:Get", "Resource": "*"},
        {"Sid": "unread", "Effect": "Allow", "Action": ["ec2:*", 7], "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
        {"Sid": "", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    assert_eq!(about(statements, "s3"), ["s3", "all", "not-s3", "both", "unclear", "unread", "#8", "#9"]);
    assert_eq!(about(statements, "sqs"), ["all", "sqs", "not-s3", "both", "unclear", "unread", "#8"]);
    assert_eq!(about(statements, "ec2"), ["all", "not-s3", "unclear", "unread", "#8"]);
}

#[test]
fn a_place_is_a_line_and_a_column_counted_in_characters() {
    let document = why_denied::policy::PolicyDocument::parse("{\n \"Id\": \"é\",\n}");
    assert_eq!(document.line_column(0), (1, 1));
    assert_eq!(document.line_column(2), (2, 1));
    let comma = document.text().find(',').unwrap();
    assert_eq!(document.line_column(comma), (2, 11));
    assert_eq!(document.line_column(comma + 2), (3, 1));
    assert_eq!(document.line_column(9_999), (3, 2));
}

#[test]
fn texts_are_compared_without_space_and_searched_without_regard_to_case() {
    let parse = |text: &str| why_denied::policy::PolicyDocument::parse(text);
    let (short, long) =
        (parse(r#"{"Id":"a b","Statement":[]}"#), parse("{ \"Id\": \"a b\",\n \"Statement\": [] }"));
    assert_eq!(short.without_space(), long.without_space());
    assert_ne!(short.without_space(), parse(r#"{"Id":"ab","Statement":[]}"#).without_space());
    assert_eq!(parse("{ damaged").without_space(), "{ damaged");
    assert!(long.mentions("STATEMENT"));
    assert!(!long.mentions("Statements"));
}

/// A policy that nobody has read may say anything.
#[test]
fn a_policy_that_was_not_read_is_not_an_empty_one() {
    assert!(why_denied::policy::PolicyDocument::unread().unreadable);
    assert!(!document("").unreadable);
}

#[test]
fn other_statements_are_found_by_their_services() {
    let one = document(r#"{"Sid": "s3", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    let other = document(r#"{"Sid": "sqs", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#);
    let changed = one.with_statements(other.statements);
    assert_eq!(changed.about("s3").count(), 0);
    assert_eq!(changed.about("sqs").count(), 1);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#[test]
fn a_principal_is_one_of_the_documented_forms() {
    let form = |text: &str| PrincipalEntry::new("AWS", text, Span::default()).form;
    for id in [
        "AROAEXAMPLEETLROLE01",
        "AIDAEXAMPLEALICE0001",
        "AROAEXAMPLEETLROLE01:session-1",
        "AROAEXAMPLEETLROLE01:a_b",
        "AIDA567890123456",
    ] {
        assert_eq!(form(id), PrincipalForm::UniqueId(id.to_owned()), "{id}");
    }
    for text in [
        "AKIAEXAMPLEALICE0001",
        "AROA56789012345",
        "AIDA",
        "AIDAEXAMPLEALICE0001/x",
        "alice",
        "arn:aws:iam::111122223333:admin",
        "arn:aws:iam::111122223333:user",
        "arn:aws:iam::111122223333:group/admins",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::111122223333:role/ro?e",
        "arn:aws:s3:::role/r",
        "arn:aws:sts::111122223333:role/r",
        "arn:aws:iam::111122223333:assumed-role/r/s",
        "",
    ] {
        assert_eq!(form(text), PrincipalForm::Unclear, "{text}");
    }
    assert_eq!(form("*"), PrincipalForm::Everyone);
    assert_eq!(form("111122223333"), form("arn:aws:iam::111122223333:root"));
    assert!(matches!(form("arn:aws:iam::111122223333:user/path/u"), PrincipalForm::User(_)));
    assert!(matches!(form("arn:aws:iam::111122223333:role/r"), PrincipalForm::Role(_)));
    assert!(matches!(form("arn:aws:sts::111122223333:assumed-role/r/s"), PrincipalForm::Session(_)));
    assert!(matches!(form("arn:aws:sts::111122223333:federated-user/f"), PrincipalForm::FederatedUser(_)));
    assert_eq!(PrincipalEntry::new("Aws", "*", Span::default()).form, PrincipalForm::Unclear);
}

#[test]
fn everyone_is_named_by_principal_and_not_by_not_principal() {
    let everyone = |element: &str| {
        let text = format!(r#"{{"Effect": "Deny", {element}, "Action": "s3:*", "Resource": "*"}}"#);
        document(&text).statements[0].principal.clone().unwrap().is_everyone()
    };
    assert!(everyone(r#""Principal": "*""#));
    assert!(everyone(r#""Principal": {"AWS": ["111122223333", "*"]}"#));
    assert!(!everyone(r#""Principal": {"AWS": "111122223333"}"#));
    assert!(!everyone(r#""NotPrincipal": "*""#));
    assert!(!everyone(r#""NotPrincipal": {"AWS": "111122223333"}"#));
}

#[test]
fn a_pattern_knows_whether_it_has_wildcards() {
    assert!(Glob::new("*").is_any());
    for text in ["", "a*", "**", "?"] {
        assert!(!Glob::new(text).is_any(), "{text}");
    }
    assert_eq!(Glob::new("abc").literal(), Some("abc"));
    for text in ["*", "a*", "a?c"] {
        assert_eq!(Glob::new(text).literal(), None, "{text}");
    }
}

#[test]
fn a_text_knows_whether_it_has_variables() {
    for text in ["", "a*b", "${*}", "a${$}"] {
        assert!(Template::parse(text, Version::V2012).is_plain(), "{text}");
    }
    for text in ["${aws:username}", "a${aws:username, 'b'}", "${"] {
        assert!(!Template::parse(text, Version::V2012).is_plain(), "{text}");
    }
    assert!(Template::parse("${aws:username}", Version::V2008).is_plain());
}
