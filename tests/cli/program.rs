//! The built program, run as a person runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-denied"));
    // Nothing of the machine that runs the test may show.
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.timeout(std::time::Duration::from_mins(2));
    command
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
    run_with(args, "")
}

/// A run with something on standard input. Whatever happens, it must not panic and not write invalid text.
pub fn run_with(args: impl IntoIterator<Item = impl AsRef<OsStr>>, stdin: impl Into<Vec<u8>>) -> Run {
    finished(&program().args(args).write_stdin(stdin).output().expect("the program runs"))
}

pub fn finished(output: &Output) -> Run {
    let run = Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout.clone()).expect("standard output is text"),
        stderr: String::from_utf8(output.stderr.clone()).expect("standard error is text"),
    };
    assert!(!run.stderr.contains("panicked at"), "a panic: {}", run.stderr);
    assert!(run.code.is_some_and(|code| code <= 4), "ended with {:?}: {}", output.status, run.stderr);
    run
}

impl Run {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }
}

pub fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the folder can be listed");
        let target = to.join(entry.path().strip_prefix(from).expect("it was found there"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder can be made");
        } else {
            std::fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}
