//! Laws: reading and judging never fail on anything, printing keeps the meaning, and doubts are real.

use proptest::collection::vec;
use proptest::prelude::*;
use why_denied::filter::{MAX_BYTES, Pattern, Problem, explain, lint};

/// Pieces of patterns, in any order: most are no pattern, many nearly.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~é\n]{0,3}",
        proptest::sample::select(vec![
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "$",
            "$.a",
            "$.a.b",
            "$.l[0]",
            "$.l[*]",
            "$.*",
            ".['x y']",
            " ",
            "=",
            "!=",
            "<",
            ">=",
            "\"x\"",
            "\"*x*\"",
            "\"x*y\"",
            "42",
            "4*",
            "%x+%",
            "%[a-c]{1,2}%",
            "IS NULL",
            "IS TRUE",
            "NOT EXISTS",
            "&&",
            "||",
            "?",
            "-",
            "\\",
            "\"",
            "'",
            "%",
            ",",
            "...",
            "w1",
        ])
        .prop_map(str::to_owned),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn condition() -> impl Strategy<Value = String> {
    let selector = proptest::sample::select(vec![
        "$.a",
        "$.a.b",
        "$.n",
        "$.l[0]",
        "$.l[*]",
        "$.o.*",
        "$.missing",
        "$.z",
    ]);
    let test = proptest::sample::select(vec![
        "= x",
        "!= x",
        "= \"*\"",
        "!= \"x*\"",
        "= \"a*c\"",
        "= 42",
        "!= 42",
        "> 41",
        "<= 4.2e1",
        "= \"42\"",
        "= 4*",
        "IS NULL",
        "IS TRUE",
        "IS FALSE",
        "NOT EXISTS",
        "= %^x%",
        "!= %x%",
        "= \"q\\\"\\\\\"",
    ]);
    (selector, test).prop_map(|(selector, test)| format!("{selector} {test}"))
}

fn expression() -> impl Strategy<Value = String> {
    condition().prop_recursive(4, 24, 4, |inner| {
        (vec(inner, 1..4), proptest::sample::select(vec![" && ", "||"]), any::<bool>()).prop_map(
            |(parts, joined, parentheses)| {
                let text = parts.join(joined);
                if parentheses { format!("({text})") } else { text }
            },
        )
    })
}

fn event() -> impl Strategy<Value = String> {
    let value = proptest::sample::select(vec![
        "\"x\"",
        "\"xy\"",
        "\"abc\"",
        "\"a*c\"",
        "\"42\"",
        "42",
        "42.0",
        "true",
        "null",
        "[]",
        "{}",
        "[\"x\",42,null]",
        "{\"b\":\"x\"}",
        "{\"b\":42,\"c\":\"y\"}",
        "\"q\\\"\\\\\"",
    ]);
    let fields = vec((proptest::sample::select(vec!["a", "n", "l", "o", "z"]), value), 0..6);
    fields.prop_map(|fields| {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_that_is_typed_makes_it_panic(text in pieces(), event in event()) {
        for text in [text.clone(), format!("{{{text}}}"), format!("[{text}]")] {
            match Pattern::parse(&text) {
                Ok(pattern) => {
                    let outcome = pattern.test(&event);
                    for judgement in &outcome.judgements {
                        prop_assert!(text.get(judgement.span.clone()).is_some_and(|part| !part.is_empty()));
                    }
                    pattern.test(&text);
                    explain(&pattern);
                    lint(&pattern);
                    let printed = pattern.to_string();
                    prop_assert_eq!(Pattern::parse(&printed).unwrap().to_string(), printed);
                }
                Err(error) => prop_assert!(error.column <= text.chars().count() + 1 && text.is_char_boundary(error.at)),
            }
        }
    }

    #[test]
    fn printing_keeps_every_answer(expression in expression(), event in event()) {
        let text = format!("{{ {expression} }}");
        let pattern = Pattern::parse(&text).unwrap();
        let again = Pattern::parse(&pattern.to_string()).unwrap();
        let (one, other) = (pattern.test(&event), again.test(&event));
        prop_assert_eq!(one.matches, other.matches);
        prop_assert_eq!(one.doubts, other.doubts);
    }

    /// `||` and `&&` are what they are, and a firm part that decides makes the whole firm.
    #[test]
    fn joining_is_boolean(one in expression(), other in expression(), event in event()) {
        let test = |text: String| Pattern::parse(&text).unwrap().test(&event);
        let (a, b) = (test(format!("{{{one}}}")), test(format!("{{{other}}}")));
        let any = test(format!("{{({one}) || ({other})}}"));
        let all = test(format!("{{({one}) && ({other})}}"));
        prop_assert_eq!(any.matches, a.matches || b.matches);
        prop_assert_eq!(all.matches, a.matches && b.matches);
        if !a.matches && a.doubts.is_empty() {
            prop_assert!(all.doubts.is_empty());
        }
    }

    /// The safe form of an exclusion keeps exactly what does not have the value.
    #[test]
    fn a_guarded_exclusion_is_the_opposite_of_equality(event in event()) {
        let test = |text: &str| Pattern::parse(text).unwrap().test(&event);
        let equal = test("{$.n = \"x\"}");
        let guarded = test("{($.n NOT EXISTS) || ($.n IS NULL) || ($.n != \"x\")}");
        let is_container = test("{$.n NOT EXISTS || $.n IS NULL || $.n = * || $.n IS TRUE}");
        if is_container.matches {
            prop_assert_eq!(equal.matches, !guarded.matches);
        }
    }
}

#[test]
fn megabytes_and_depth_are_refused_at_once() {
    for text in
        ["(".repeat(5 << 20), format!("{{{}", "(".repeat(5 << 20)), "a ".repeat(3 << 20), "{".repeat(9 << 20)]
    {
        assert!(matches!(Pattern::parse(&text).unwrap_err().problem, Problem::TooLong(_)));
    }
    let nested = |depth: usize| format!("{{{}$.a=b{}}}", "(".repeat(depth), ")".repeat(depth));
    assert!(Pattern::parse(&nested(100)).is_ok());
    assert_eq!(Pattern::parse(&nested(101)).unwrap_err().problem, Problem::TooDeep);
    assert_eq!(
        Pattern::parse(&format!("{{{}", "(".repeat(MAX_BYTES - 1))).unwrap_err().problem,
        Problem::TooDeep
    );
}

/// As long as is read: wide, with asterisks, with wildcards, on an event that is large too.
#[test]
fn long_patterns_and_large_events_take_no_more_than_linear_time() {
    let started = std::time::Instant::now();
    let wide = format!("{{{}}}", vec!["$.a=\"*a*a*a*a*b\""; 3000].join("||"));
    let event = format!("{{\"a\":\"{}\"}}", "a".repeat(200_000));
    let short = format!("{{\"a\":\"{}\"}}", "a".repeat(2_000));
    assert!(!Pattern::parse(&wide).unwrap().test(&short).matches);
    assert!(Pattern::parse("{$.a = %(a|a)%}").is_err());
    assert!(!Pattern::parse("{$.a = %a*a*a*a*a*a*a*b%}").unwrap().test(&event).matches);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
