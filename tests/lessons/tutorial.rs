//! `docs/tutorial.md` is true: its commands are run and its edits are made, in their order.
//!
//! `WHY_DENIED_BLESS=1 cargo test --test lessons` writes the real output into the page.

use std::fmt::Write as _;
use std::path::Path;

use crate::program::{finished, in_project, program};

/// Where the learner of the page works.
const HOME: &str = "/home/you";

/// The command or edit of a mark, and the block behind it.
struct Step<'p> {
    kind: &'p str,
    what: &'p str,
    block: &'p str,
}

/// The page in pieces: text as it stands, and steps.
fn pieces(page: &str) -> Vec<Result<&str, Step<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(at) = ["<!-- run: ", "<!-- edit: "].iter().filter_map(|mark| rest.find(mark)).min() {
        let (before, step) = rest.split_at(at);
        let (mark, after) = step.split_once(" -->\n```").expect("a mark is followed by a block");
        let (kind, what) = mark.trim_start_matches("<!-- ").split_once(": ").unwrap();
        let (_, after) = after.split_once('\n').unwrap();
        let (block, after) = after.split_once("```\n").map_or(("", after), |(block, after)| (block, after));
        pieces.push(Ok(before));
        pieces.push(Err(Step { kind, what, block }));
        rest = after;
    }
    pieces.push(Ok(rest));
    pieces
}

fn output(home: &Path, command: &str) -> String {
    let args = command.strip_prefix("why-denied ").expect("only this program is run").split(' ');
    let mut program = program();
    program.args(args).current_dir(home).env("WHY_DENIED_PROGRESS", home.join("progress.json"));
    let run = finished(&program.write_stdin("").output().unwrap());
    assert!(run.code.is_some_and(|code| code != 2), "`{command}`: {}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().map(str::trim_end).collect();
    (lines.join("\n") + "\n").replace(home.to_str().unwrap(), HOME)
}

/// Makes the edit of a block with `-` and `+`.
fn make(home: &Path, file: &str, block: &str) {
    let side = |left_out: char| -> String {
        let lines = block.lines().filter(|line| !line.starts_with(left_out));
        lines.map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n").collect()
    };
    let path = home.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(text.matches(&side('+')).count(), 1, "{file} has not this:\n{}", side('+'));
    std::fs::write(path, text.replacen(&side('+'), &side('-'), 1)).unwrap();
}

fn followed(page: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let mut out = String::new();
    for piece in pieces(page) {
        match piece {
            Ok(text) => out.push_str(text),
            Err(Step { kind: "run", what, .. }) => {
                let shown = output(&home, what);
                write!(out, "<!-- run: {what} -->\n```text\n{shown}```\n").unwrap();
            }
            Err(Step { what, block, .. }) => {
                make(&home, what, block);
                write!(out, "<!-- edit: {what} -->\n```diff\n{block}```\n").unwrap();
            }
        }
    }
    out
}

#[test]
fn the_tutorial_is_what_happens() {
    let path = in_project("docs/tutorial.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let real = followed(&page);
    if std::env::var_os("WHY_DENIED_BLESS").is_some() {
        std::fs::write(path, real).unwrap();
        return;
    }
    assert!(page.matches("<!-- run: ").count() >= 12);
    assert!(
        real == page,
        "docs/tutorial.md is out of date: run WHY_DENIED_BLESS=1 cargo test --test lessons"
    );
}
