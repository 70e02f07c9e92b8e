//! Real policies parse without a problem that is not explained.
//!
//! The extract in `tests/policy/corpus` runs always. `WHY_DENIED_POLICIES=DIR cargo test --test policy_corpus` reads
//! every JSON file below a folder as well.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it found"
)]

use std::path::{Path, PathBuf};

use why_denied::policy::{PolicyDocument, ProblemKind};

fn json_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            out.push(path);
        }
    }
}

/// Examples that AWS publishes for others to fill in hold placeholders where an ARN or an id belongs.
fn is_explained(kind: &ProblemKind) -> bool {
    let placeholder = |text: &str| text.contains(['<', '>', '{', '}', '[']) || text.contains("example-");
    match kind {
        ProblemKind::NotAnArn(text) | ProblemKind::NotAPrincipal(text) | ProblemKind::NotAnAction(text) => {
            placeholder(text)
        }
        ProblemKind::ValueForm { value, .. } => placeholder(value),
        // One published sample writes an operator in a case that no page documents.
        ProblemKind::UnknownOperator(name) => name == "ForAnyValue:Stringlike",
        ProblemKind::NotJson { line, column, .. } => *line > 0 && *column > 0,
        _ => false,
    }
}

fn check(folder: &Path) -> usize {
    let mut files = Vec::new();
    json_files(folder, &mut files);
    let mut unexplained = Vec::new();
    let (mut policies, mut statements) = (0, 0);
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        if !text.contains("\"Statement\"") {
            continue;
        }
        policies += 1;
        let document = PolicyDocument::parse(text);
        statements += document.statements.len();
        for problem in document.problems.iter().filter(|problem| !is_explained(&problem.kind)) {
            let (line, column) = document.line_column(problem.span.start);
            unexplained.push(format!("{}:{line}:{column}: {problem}", path.display()));
        }
        // A published sample that is not JSON is reported with its place, and is nothing else.
        let not_json =
            document.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::NotJson { .. }));
        assert_eq!(document.unreadable, not_json, "{}", path.display());
    }
    println!("{policies} policies with {statements} statements below {}", folder.display());
    assert!(
        unexplained.is_empty(),
        "{} unexplained problems:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    policies
}

#[test]
fn real_policies_parse_without_unexplained_problems() {
    assert!(check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/corpus")) >= 20);
    if let Some(folder) = std::env::var_os("WHY_DENIED_POLICIES") {
        check(Path::new(&folder));
    }
}
