//! Every kind of problem, where it stands, and whether it puts its statement or the whole document in doubt.

use why_denied::policy::PolicyDocument;

use super::document;

/// What is said, and the text that it is said of.
fn problems(document: &PolicyDocument) -> Vec<(String, &str)> {
    document.problems.iter().map(|problem| (problem.to_string(), document.excerpt(problem.span))).collect()
}

fn check(document: &PolicyDocument, expected: &[(&str, &str)]) {
    let found = problems(document);
    let found: Vec<(&str, &str)> = found.iter().map(|(said, of)| (said.as_str(), *of)).collect();
    assert_eq!(found, expected, "{}", document.text());
}

#[test]
fn a_policy_as_documented_has_no_problem() {
    for statement in [
        r#"{"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        r#"{"Effect": "Deny", "NotAction": ["s3:Get*", "sqs:*"], "NotResource": ["arn:aws:s3:::b/${aws:username}/*"]}"#,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
        r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/r"]}, "Action": "sts:AssumeRole"}"#,
        r#"{"Effect": "Allow", "Action": "*:*", "Resource": "arn:aws:logs:*", "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [1, "2"]}}}"#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {}}"#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": ["home/*", "${aws:username}/*"]}}}"#,
    ] {
        let document = document(statement);
        check(&document, &[]);
        assert_eq!(document.statements[0].doubt, None, "{statement}");
        assert!(!document.unreadable, "{statement}");
    }
}

/// The evaluator treats just the pattern or the value as unknown; the rest of the statement counts.
#[test]
fn problems_of_single_values_do_not_put_the_statement_in_doubt() {
    for (statement, said, of) in [
        (
            r#"{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}"#,
            "`GetObject` is not an action (service:Name, or `*`)",
            r#""GetObject""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s*:Get"], "Resource": "*"}"#,
            "`s*:Get` is not an action (service:Name, or `*`)",
            r#""s*:Get""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "b/*"}"#,
            "`b/*` is not an ARN pattern (or `*`)",
            r#""b/*""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3"}"#,
            "`arn:aws:s3` is not an ARN pattern (or `*`)",
            r#""arn:aws:s3""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:iam::${aws:PrincipalAccount}:user/u"}"#,
            "`arn:aws:iam::${aws:PrincipalAccount}:user/u` holds a policy variable that is not written as documented",
            r#""arn:aws:iam::${aws:PrincipalAccount}:user/u""#,
        ),
        (
            r#"{"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": "s3:*", "Resource": "*"}"#,
            "`alice` is not a principal",
            r#""alice""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:Get* ", "Resource": "*"}"#,
            "`s3:Get* ` is not an action (service:Name, or `*`)",
            r#""s3:Get* ""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": " arn:aws:s3:::b/*"}"#,
            "` arn:aws:s3:::b/*` is not an ARN pattern (or `*`)",
            r#"" arn:aws:s3:::b/*""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:username ": "a"}}}"#,
            "`aws:username ` is not a condition key",
            r#""a""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringIs": {"aws:username": "a"}}}"#,
            "`StringIs` is not a condition operator",
            r#"{"aws:username": "a"}"#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:username": "${a b}"}}}"#,
            "`${a b}` holds a policy variable that is not written as documented",
            r#""${a b}""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "yes"}}}"#,
            "`yes` is not true or false, which `Bool` needs",
            r#""yes""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"NumericEquals": {"s3:max-keys": "ten"}}}"#,
            "`ten` is not a number, which `NumericEquals` needs",
            r#""ten""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}}"#,
            "`soon` is not a date, which `DateLessThan` needs",
            r#""soon""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.300"}}}"#,
            "`203.0.113.300` is not an IP address or a CIDR block, which `IpAddress` needs",
            r#""203.0.113.300""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"BinaryEquals": {"app:key": "%"}}}"#,
            "`%` is not base64, which `BinaryEquals` needs",
            r#""%""#,
        ),
    ] {
        let document = document(statement);
        check(&document, &[(said, of)]);
        assert_eq!(document.problems[0].statement, Some(0));
        assert_eq!(document.statements[0].doubt, None, "{statement}");
    }
}

#[test]
fn other_problems_put_the_statement_in_doubt() {
    let whole = r#"{"Action": "s3:*", "Resource": "*"}"#;
    let nothing = r#"{"Effect": "Allow", "Resource": "*"}"#;
    for (statement, said, of) in [
        (whole, "`Effect` is missing", whole),
        (nothing, "`Action` is missing", nothing),
        (
            r#"{"Effect": "Allow", "Action": 7, "Resource": "*"}"#,
            "`Action` must be a string or an array of strings",
            "7",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": ["*", {}]}"#,
            "`Resource` must be a string or an array of strings",
            "{}",
        ),
        (
            r#"{"Effect": "Allow", "Principal": "alice", "Action": "s3:*", "Resource": "*"}"#,
            "`Principal` must be `*` or an object",
            r#""alice""#,
        ),
        (
            r#"{"Effect": "Allow", "Principal": {"Aws": []}, "Action": "s3:*", "Resource": "*"}"#,
            "`Aws` should be written `AWS`",
            "[]",
        ),
        (
            r#"{"Sid": 1, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
            "`Sid` must be a string",
            "1",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": []}"#,
            "`Condition` must be an object",
            "[]",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": 1}}"#,
            "`Bool` must be an object",
            "1",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": null}}}"#,
            "`aws:SecureTransport` must be a string or an array of strings",
            "null",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "NotAction": "sqs:*", "Resource": "*"}"#,
            "`Action` and `NotAction` exclude each other",
            r#""sqs:*""#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "NotResource": "arn:aws:s3:::b"}"#,
            "`Resource` and `NotResource` exclude each other",
            r#""arn:aws:s3:::b""#,
        ),
        (
            r#"{"Effect": "Deny", "Principal": "*", "NotPrincipal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}"#,
            "`Principal` and `NotPrincipal` exclude each other",
            r#"{"AWS": "*"}"#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Conditions": {}}"#,
            "`Conditions` is not an element of a policy",
            "{}",
        ),
        (
            r#"{"Effect": "Allow", "action": "s3:*", "Action": "s3:*", "Resource": "*"}"#,
            "`action` should be written `Action`",
            r#""s3:*""#,
        ),
    ] {
        let document = document(statement);
        check(&document, &[(said, of)]);
        assert_eq!(document.statements[0].doubt.as_deref(), Some(said), "{statement}");
        assert!(!document.unreadable, "{statement}");
    }
}

#[test]
fn an_effect_that_is_none_is_said_and_is_missing() {
    let document = document(r#"{"Effect": "allow", "Action": "s3:*", "Resource": "*"}"#);
    let said = document.statements[0].doubt.as_deref();
    assert_eq!(said, Some("`allow` is not an effect: it is written Allow or Deny, with a capital letter"));
    assert_eq!(document.statements[0].effect, None);
}

#[test]
fn a_name_that_is_written_twice_is_in_doubt() {
    for statement in [
        r#"{"Effect": "Allow", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "*", "AWS": []}, "Action": "s3:*", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {}, "Bool": {}}}"#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"a": "true", "a": "false"}}}"#,
    ] {
        let document = document(statement);
        let doubt = document.statements[0].doubt.clone().unwrap_or_default();
        assert!(doubt.ends_with("is written twice"), "{statement}: {doubt}");
    }
}

/// Of such a document nothing can be trusted: what it says may stand under the other name.
#[test]
fn a_document_that_may_say_something_else_is_unreadable() {
    let statement = r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]"#;
    for (text, said) in [
        (format!(r#"{{"Statement": {statement}, "Statement": []}}"#), "`Statement` is written twice"),
        (
            format!(r#"{{"Statement": [], "statement": {statement}}}"#),
            "`statement` should be written `Statement`",
        ),
        (r#"{"Version": "2012-10-17"}"#.to_owned(), "`Statement` is missing"),
        (
            format!(r#"{{"Version": "2012-10-18", "Statement": {statement}}}"#),
            "`2012-10-18` is not a version of the policy language (2012-10-17 or 2008-10-17)",
        ),
        (format!(r#"{{"Version": 20121017, "Statement": {statement}}}"#), "`Version` must be a string"),
        (r#"{"Statement": "none"}"#.to_owned(), "`Statement` must be an object or an array of objects"),
        ("[]".to_owned(), "`policy` must be an object"),
        (
            "{\"Statement\": [\n}".to_owned(),
            "the policy is not valid JSON: expected value (line 2, column 1)",
        ),
    ] {
        let document = PolicyDocument::parse(text);
        assert!(document.unreadable, "{}", document.text());
        assert_eq!(problems(&document)[0].0, said);
        assert_eq!(document.problems[0].statement, None);
    }
}

#[test]
fn a_name_that_means_nothing_leaves_the_document_readable() {
    let text = r#"{"Comment": "mine", "Version": "2012-10-17", "Statement": [7]}"#;
    let document = PolicyDocument::parse(text);
    assert!(!document.unreadable);
    check(
        &document,
        &[
            ("`Comment` is not an element of a policy", r#""mine""#),
            ("`Statement` must be an object", "7"),
            ("`Effect` is missing", "7"),
            ("`Action` is missing", "7"),
        ],
    );
    assert_eq!(
        document.problems.iter().filter_map(|problem| problem.statement).collect::<Vec<_>>(),
        [0, 0, 0]
    );
}

/// A place is never inside a character, on whatever byte the reader of JSON stopped.
#[test]
fn a_text_stops_being_json_between_characters() {
    for (text, rest) in [
        ("{\"Version\":\n \"2012-10-17\" x}", "x}"),
        ("{\"Version\": é}", "é}"),
        ("{\"é\": tré}", "é}"),
        ("{\"é", "é"),
    ] {
        let document = PolicyDocument::parse(text);
        assert!(document.unreadable, "{text}");
        assert_eq!(document.excerpt(document.problems[0].span), rest, "{text}");
    }
}
