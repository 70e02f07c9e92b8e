//! Completions and the manual.

use std::process::Command;

use crate::program::run;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn script(shell: &str) -> String {
    let run = run(["completions", shell]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What bash offers for the last of the words.
fn offered(words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let at = words.len() - 1;
    let program = format!(
        "source /dev/stdin <<'SCRIPT'\n{}\nSCRIPT\nCOMP_WORDS=({}); COMP_CWORD={at}\n\
         function=$(complete -p why-denied | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n\
         \"$function\" why-denied '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script("bash"),
        quoted.join(" "),
        words[at],
        words[at.saturating_sub(1)],
    );
    let output = Command::new("bash").args(["--norc", "-c", &program]).output().expect("bash runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    if !has("bash") {
        return;
    }
    assert_eq!(offered(&["why-denied", "less"]), ["lessons"]);
    let commands = offered(&["why-denied", "lessons", ""]);
    for command in ["start", "answer", "hint", "check"] {
        assert!(commands.iter().any(|offered| offered == command), "{commands:?}");
    }
    assert_eq!(offered(&["why-denied", "lessons", "check", "--wa"]), ["--watch"]);
    let formats = offered(&["why-denied", "explain", "--format", "j"]);
    assert_eq!(formats, ["json"]);
}

#[test]
fn every_shell_gets_a_script_with_every_command() {
    let help = run(["--help"]).stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() >= 11, "{commands:?}");
    for shell in SHELLS {
        let script = script(shell);
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
        let check = match shell {
            "zsh" | "fish" if has(shell) => Some(["-n", "/dev/stdin"]),
            _ => None,
        };
        if let Some(args) = check {
            let mut command = assert_cmd::Command::new(shell);
            command.args(args).write_stdin(script).assert().success();
        }
    }
}

#[test]
fn another_shell_is_wrong_usage() {
    assert_eq!(run(["completions", "tcsh"]).code, Some(2));
    assert_eq!(run(["completions"]).code, Some(2));
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let written = run(["man", pages.to_str().unwrap()]);
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    for page in [
        "why-denied",
        "why-denied-explain",
        "why-denied-lessons",
        "why-denied-lessons-check",
        "why-denied-man",
    ] {
        let text = std::fs::read_to_string(pages.join(format!("{page}.1")))
            .unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(".TH "), "{page}");
        assert!(text.contains("Examples:"), "{page} shows an example");
        if has("groff") {
            let mut groff = assert_cmd::Command::new("groff");
            let drawn = groff.args(["-man", "-Tascii", "-ww"]).write_stdin(text).output().unwrap();
            assert!(drawn.status.success(), "{page}: {}", String::from_utf8_lossy(&drawn.stderr));
        }
    }
    let whole = run(["man"]);
    assert_eq!(whole.stdout, std::fs::read_to_string(pages.join("why-denied.1")).unwrap());
}

#[test]
fn a_manual_that_cannot_be_written_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let run = run(["man", file.path().to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("the manual was not written"), "{}", run.stderr);
}
