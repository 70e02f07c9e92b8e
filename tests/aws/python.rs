//! A Python environment with moto and boto3, made once under the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The newest that was tried; another may differ in what it answers.
const MOTO: &str = "moto[server]==5.2.5";
const BOTO3: &str = "boto3==1.44.5";
/// Set where a test that is skipped counts as failed.
const FORBID_SKIP: &str = "WHY_DENIED_FORBID_SKIP";

/// The folder with the programs of the environment. Without Python there is none, and the test says that it is skipped.
pub fn environment(test: &str) -> Option<PathBuf> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    or_skipped(test, MADE.get_or_init(|| make("moto-5.2.5", &[MOTO, BOTO3])))
}

/// What was made, unless the test is to be skipped, which it says.
pub fn or_skipped(test: &str, made: &Result<PathBuf, String>) -> Option<PathBuf> {
    match made {
        Ok(programs) => Some(programs.clone()),
        Err(why) => {
            let forbidden = std::env::var_os(FORBID_SKIP).is_some_and(|value| value != "0");
            assert!(!forbidden, "{test} would be skipped, which {FORBID_SKIP} forbids: {why}");
            // To the terminal itself: what a test prints is not shown when it passes.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("SKIPPED {test}: {why}\n").as_bytes(),
            );
            None
        }
    }
}

/// Makes an environment with packages, unless it is there.
pub fn make(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let programs = folder.join("bin");
    let complete = folder.join("complete");
    if complete.exists() {
        return Ok(programs);
    }
    // A run that was stopped in the middle leaves an environment that only looks like one.
    let _ = std::fs::remove_dir_all(&folder);
    succeed(Command::new("python3").arg("-m").arg("venv").arg(&folder))?;
    let install = ["install", "--quiet", "--disable-pip-version-check"];
    succeed(Command::new(programs.join("pip")).args(install).args(packages))?;
    std::fs::write(&complete, "").map_err(|error| error.to_string())?;
    Ok(programs)
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
