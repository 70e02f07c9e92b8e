//! `lint.json`: every pattern has these findings and no others. The files of AWS's controls and what `make` writes too.

use serde_json::Value;
use why_denied::filter::{LintCode, MAX_CHARACTERS, Only, Pattern, Wish, lint};
use why_denied::knowledge::{event_fields, security_hub};

fn findings(pattern: &str) -> Vec<(String, usize)> {
    let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    lint(&pattern).iter().map(|finding| (finding.code.to_string(), finding.column)).collect()
}

#[test]
fn every_pattern_has_its_findings_and_no_others() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("lint.json")).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let pattern = case["pattern"].as_str().unwrap();
        let wanted: Vec<(String, usize)> = serde_json::from_value(case["findings"].clone()).unwrap();
        let found = findings(pattern);
        if found != wanted {
            wrong.push(format!("{}\n  {pattern}\n  {found:?}, not {wanted:?}", case["why"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A code that nothing shows is a code that nobody can look up.
#[test]
fn every_code_is_shown_by_a_case() {
    let shown = include_str!("lint.json");
    for code in LintCode::ALL {
        let elsewhere = matches!(code, LintCode::InvalidPattern | LintCode::TooLong | LintCode::UnquotedText);
        assert!(elsewhere || shown.contains(&format!("[\"{code}\"")), "{code}");
    }
}

#[test]
fn length_is_counted_in_characters() {
    let of = |count: usize| format!("{{$.eventName=\"{}\"}}", "é".repeat(count - 16));
    assert_eq!(findings(&of(MAX_CHARACTERS)), []);
    assert_eq!(findings(&of(MAX_CHARACTERS + 1)), [("too-long".to_owned(), MAX_CHARACTERS + 1)]);
}

#[test]
fn text_without_quotes_is_noted_where_the_page_wants_them() {
    assert_eq!(findings("{$.eventSource = iam.amazonaws.com}"), [("unquoted-text".to_owned(), 2)]);
    assert_eq!(findings("{$.eventName = Put*}"), [("unquoted-text".to_owned(), 2)]);
    assert_eq!(findings("{$.eventName = Put_x1}"), []);
}

#[test]
fn the_texts_of_the_controls_are_read_and_are_no_nearly_texts() {
    for filter in security_hub::filters() {
        let found = findings(filter.pattern);
        assert!(
            found.iter().all(|(code, _)| code != "differs-from-security-hub"),
            "{}: {found:?}",
            filter.control
        );
        assert!(filter.pattern.chars().count() <= MAX_CHARACTERS, "{}", filter.control);
    }
    assert_eq!(security_hub::filters().len(), 16);
}

/// A safe form is a pattern, or a part of one, without the finding.
#[test]
fn the_safe_form_of_a_dropping_condition_is_safe() {
    for text in
        ["{$.userIdentity.userName != a}", "{$.errorMessage != \"a b*\"}", "{$.requestParameters.x != %a%}"]
    {
        let findings = lint(&Pattern::parse(text).unwrap());
        let safe = findings[0].safe_form.as_ref().unwrap();
        let again = lint(&Pattern::parse(&format!("{{{safe}}}")).unwrap());
        assert!(again.iter().all(|finding| finding.code != LintCode::DropsEventsWithoutField), "{safe}");
    }
}

#[test]
fn what_is_made_drops_nothing_by_the_way() {
    let wish = Wish {
        only: Some(Only::Denials),
        exclude_roles: vec!["ci".to_owned()],
        exclude_users: vec!["bob".to_owned()],
        exclude_caller_validation: true,
    };
    let made = wish.make().unwrap();
    let codes = findings(made.pattern.text());
    assert!(codes.is_empty(), "{codes:?}");
    let role = |name: &str| {
        format!(
            r#"{{"type":"AssumedRole","sessionContext":{{"sessionIssuer":{{"type":"Role","userName":"{name}"}}}}}}"#
        )
    };
    for (identity, keeps) in [
        (role("ci"), false),
        (role("other"), true),
        (role("bob"), true),
        (r#"{"type":"IAMUser","userName":"bob"}"#.to_owned(), false),
        (r#"{"type":"IAMUser","userName":"ci","sessionContext":{"attributes":{}}}"#.to_owned(), true),
        (r#"{"type":"Root","userName":"bob"}"#.to_owned(), true),
        (r#"{"type":"Root"}"#.to_owned(), true),
        (r#"{"type":"AWSService","invokedBy":"config.amazonaws.com"}"#.to_owned(), true),
        (r#"{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}"#.to_owned(), true),
        (r#"{"type":"FederatedUser","sessionContext":{"sessionIssuer":{"type":"IAMUser","userName":"ci"}}}"#.to_owned(), true),
        (r#"{"accountId":"111122223333","invokedBy":"AWS Internal"}"#.to_owned(), true),
        ("null".to_owned(), true),
    ] {
        for (error, denied) in [
            (r#""errorCode":"AccessDenied""#, true),
            (r#""errorCode":"AccessDenied","errorMessage":"User: x is not authorized""#, true),
            (r#""errorCode":"AccessDenied","errorMessage":"CallerValidation check failed""#, false),
            (r#""errorCode":"VpceAccessDenied","errorMessage":null"#, true),
            (r#""errorCode":"ThrottlingException""#, false),
            (r#""errorCode":null"#, false),
        ] {
            let event = format!(r#"{{"userIdentity":{identity},{error}}}"#);
            let outcome = made.pattern.test(&event);
            assert_eq!((outcome.matches, outcome.doubts.len()), (keeps && denied, 0), "{event}");
        }
    }
}

#[test]
fn fields_have_one_row_for_each_identity() {
    let mut seen = std::collections::BTreeSet::new();
    for row in event_fields::all() {
        assert!(seen.insert((row.field, row.identity)), "{} {:?}", row.field, row.identity);
    }
    for row in event_fields::all().iter().filter(|row| row.identity.is_some()) {
        assert!(seen.contains(&(row.field, None)), "{} has no row for all identities", row.field);
    }
}
