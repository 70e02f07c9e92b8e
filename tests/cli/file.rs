//! Answers in files and in the browser.

use std::fs;

use crate::examples::explain;
use crate::program::{finished, program, run};

const EXAMPLE: [&str; 3] = ["explain", "--example", "s3-kms-download"];

#[test]
fn a_file_gets_what_standard_output_would_get() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["text", "json", "html", "markdown", "svg", "dot", "mermaid"] {
        let path = folder.path().join(format);
        // What was there before is replaced, and nothing else is left behind.
        fs::write(&path, "x".repeat(1_000_000)).unwrap();
        let args = ["--format", format, "--output", path.to_str().unwrap()];
        let written = run(EXAMPLE.iter().chain(&args));
        let printed = explain("s3-kms-download", format);
        assert_eq!((written.code, written.stdout.as_str()), (printed.code, ""), "{format}");
        assert_eq!(fs::read_to_string(&path).unwrap(), printed.stdout, "{format}");
        assert!(written.stderr.contains(path.to_str().unwrap()), "{format}: {}", written.stderr);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let run = run(EXAMPLE.iter().chain(&["--output", "/no/such/folder/report.html"]));
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("cannot write `/no/such/folder/report.html`"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_to_and_not_replaced() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    // Through a link, since a test that fails must not take /dev/null away from everybody.
    let link = folder.path().join("null");
    symlink("/dev/null", &link).unwrap();
    assert_eq!(run(EXAMPLE.iter().chain(&["--output", link.to_str().unwrap()])).code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    let (file, link) = (folder.path().join("report.html"), folder.path().join("latest.html"));
    fs::write(&file, "before").unwrap();
    symlink(&file, &link).unwrap();
    let args = ["--format", "html", "--output", link.to_str().unwrap()];
    assert_eq!(run(EXAMPLE.iter().chain(&args)).code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link is still a link");
    assert!(fs::read_to_string(&file).unwrap().starts_with("<!DOCTYPE html>"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_report_is_written_and_the_place_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    for name in ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"] {
        command.env_remove(name);
    }
    let run = finished(&command.args(EXAMPLE).arg("--open").env("TMPDIR", folder.path()).output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    let path = fs::read_dir(folder.path()).unwrap().next().expect("a report").unwrap().path();
    assert!(run.stderr.contains(path.to_str().unwrap()), "{}", run.stderr);
    assert!(run.stderr.contains("there is no display"), "{}", run.stderr);
    assert!(fs::read_to_string(path).unwrap().starts_with("<!DOCTYPE html>"));
}

#[cfg(unix)]
#[test]
fn the_browser_gets_the_report() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let browser = folder.path().join("browser");
    fs::write(&browser, "#!/bin/sh\ncp \"$1\" \"$(dirname \"$0\")/shown\"\n").unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let report = folder.path().join("a report.html");
    let mut command = program();
    command.args(EXAMPLE).args(["--open", "--output"]).arg(&report).env("BROWSER", &browser);
    assert_eq!(finished(&command.output().unwrap()).code, Some(0));
    let shown = folder.path().join("shown");
    // The program does not wait for the browser.
    for _ in 0..100 {
        if fs::read(&shown).is_ok_and(|bytes| Ok(bytes) == fs::read(&report).map_err(|_| ())) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the browser was not given the report");
}
