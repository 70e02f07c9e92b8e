//! `docs/filter.md` against the program: the help is the real one, every code of `lint` and every doubt has its section.
//!
//! `WHY_DENIED_BLESS=1 cargo test --test filter` writes the help anew.

use std::collections::BTreeSet;

use assert_cmd::Command;
use why_denied::filter::{Doubt, LintCode, Pattern, lint};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/filter.md");

fn help(args: &[&str]) -> String {
    let output = Command::cargo_bin("why-denied").unwrap().args(args).env("COLUMNS", "100").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```\n", lines.join("\n"))
}

#[test]
fn the_help_in_the_page_is_the_real_one() {
    let mut page = std::fs::read_to_string(PAGE).unwrap();
    let before = page.clone();
    for command in ["test", "explain", "lint", "make"] {
        let begin = format!("<!-- generated: help filter {command} -->\n");
        let (head, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
        let (_, tail) = rest.split_once("<!-- end -->").unwrap();
        page = format!("{head}{begin}{}<!-- end -->{tail}", help(&["filter", command, "--help"]));
    }
    if std::env::var_os("WHY_DENIED_BLESS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
        return;
    }
    assert!(page == before, "docs/filter.md is out of date: run WHY_DENIED_BLESS=1 cargo test --test filter");
}

/// A section has the program's words, an example that shows the code, and a page.
#[test]
fn every_code_has_its_section() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut documented = BTreeSet::new();
    for part in page.split("\n### `").skip(1) {
        let (code, body) = part.split_once("`\n").unwrap();
        documented.insert(code);
        let Some(code) = LintCode::ALL.iter().find(|known| known.as_str() == code) else {
            panic!("{code} is no code");
        };
        let body = body.split("\n## ").next().unwrap();
        assert!(
            body.split_whitespace().collect::<Vec<_>>().join(" ").contains(code.summary()),
            "{code}: {}",
            code.summary()
        );
        assert!(body.contains("**Example.**") && body.contains("**Instead.**"), "{code}");
        let example =
            body.split("```text\n").nth(1).and_then(|rest| rest.split_once("\n```")).map(|(text, _)| text);
        if *code == LintCode::TooLong {
            continue;
        }
        let example = example.unwrap_or_else(|| panic!("{code} shows no pattern"));
        match Pattern::parse(example) {
            Ok(pattern) => {
                assert!(lint(&pattern).iter().any(|finding| finding.code == *code), "{code}: {example}");
            }
            Err(error) => assert_eq!(*code, LintCode::InvalidPattern, "{example}: {error}"),
        }
    }
    let known: BTreeSet<&str> = LintCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, known);
    for doubt in
        [Doubt::InnerAsterisk, Doubt::Types, Doubt::AnyDiffers, Doubt::ObjectOrArray, Doubt::InsideWord]
    {
        assert!(page.contains(&format!("| `{}` |", doubt.code())), "{}", doubt.code());
    }
}
