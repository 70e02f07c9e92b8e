//! The README's output is real: every block behind an `<!-- output: … -->` mark is what the binary prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and says what it found"
)]

use assert_cmd::Command;

const MARK: &str = "<!-- output: ";

/// The README with every marked block replaced by what the binary prints now.
fn with_real_output(readme: &str) -> String {
    let mut parts = readme.split(MARK);
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (command, rest) = part.split_once(" -->\n```text\n").expect("a mark is followed by a text block");
        let (_, after) = rest.split_once("```").expect("the block ends");
        let output = Command::cargo_bin("why-denied")
            .unwrap()
            .args(command.split(' '))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "`{command}` prints nothing: {}", String::from_utf8_lossy(&output.stderr));
        for piece in [MARK, command, " -->\n```text\n", &text, "```", after] {
            out.push_str(piece);
        }
    }
    out
}

/// `WHY_DENIED_BLESS=1 cargo test --test readme` writes the real output into the README.
#[test]
fn the_output_in_the_readme_is_what_the_binary_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let real = with_real_output(&readme);
    if std::env::var_os("WHY_DENIED_BLESS").is_some() {
        std::fs::write(path, &real).unwrap();
        return;
    }
    assert!(real == readme, "the README is out of date: run WHY_DENIED_BLESS=1 cargo test --test readme");
}
