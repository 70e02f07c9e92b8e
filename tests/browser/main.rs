//! Reports in a real browser: nothing runs, nothing is loaded, nothing is cut off, and who cannot see reads it too.
//!
//! `tests/browser/check.py` looks at them with Chromium, Playwright and axe-core. Set `WHY_DENIED_SCREENSHOTS` to a
//! folder to see what it saw.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../report/bundles.rs"]
mod bundles;
#[path = "../aws/python.rs"]
#[allow(dead_code, reason = "this test has an environment of its own")]
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use why_denied::diagnose::{Diagnosis, Dossier};
use why_denied::render::{html, svg};

use bundles::{ESCAPED, HOSTILE, bundles, dossiers_of, hostile};

/// The newest that were tried. The second brings axe-core along.
const PACKAGES: [&str; 2] = ["playwright==1.65.2", "axe-playwright-python==0.1.8"];
/// The program of the browser, where it is in none of the usual places.
const CHROMIUM: &str = "WHY_DENIED_CHROMIUM";
const PLACES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os(CHROMIUM) {
        return Ok(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut programs = PLACES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    programs.find(|program| program.is_file()).ok_or_else(|| {
        format!("there is no Chromium: install the package `chromium`, or name the program in {CHROMIUM}")
    })
}

/// Writes what is to be looked at: each example, all answers in one file, and hostile words.
fn write_reports(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, dossiers: &[Dossier]| {
        let diagnoses: Vec<Diagnosis> = dossiers.iter().map(|dossier| dossier.diagnosis.clone()).collect();
        fs::write(folder.join(format!("{name}.html")), html(dossiers, &[])).unwrap();
        fs::write(folder.join(format!("{name}.svg")), svg(&diagnoses)).unwrap();
    };
    let bundles = bundles();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        write(&name, &dossiers_of(&bundles[&name]));
    }
    let all: Vec<Dossier> = bundles.values().flat_map(dossiers_of).collect();
    write("all", &all);
    write("nothing", &[]);
    let told = &bundles["job-stopped-after-policy-change"];
    let mut together = Vec::new();
    for (number, word) in HOSTILE.iter().chain(ESCAPED).enumerate() {
        let dossiers = dossiers_of(&hostile(told, word));
        write(&format!("hostile-{number}"), &dossiers);
        together.extend(dossiers);
    }
    write("hostile", &together);
}

#[test]
fn reports_are_read_in_a_real_browser() {
    let test = "reports_are_read_in_a_real_browser";
    let Some(chromium) = python::or_skipped(test, &chromium()) else { return };
    let environment = python::make("browser-1.65.2", &PACKAGES);
    let Some(programs) = python::or_skipped(test, &environment) else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    write_reports(&folder);
    let mut command = Command::new(programs.join("python"));
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.py"))
        .arg(chromium)
        .arg(&folder);
    if let Some(pictures) = std::env::var_os("WHY_DENIED_SCREENSHOTS") {
        fs::create_dir_all(&pictures).unwrap();
        command.arg(pictures);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let (looked, wrong): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.contains("\"looked\""));
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(looked, [format!("{{\"looked\": {files}}}")], "not everything was looked at");
}
