//! Files and folders.

use std::fs;
use std::path::PathBuf;

use why_denied::sources::{Options, Problem, SkipReason, read_paths};

use super::{Read, event, gzip};

fn read(paths: &[PathBuf]) -> Read {
    let mut read = Read::default();
    let _ = read_paths(paths, Options::default(), &mut |item| read.take(item));
    read
}

#[test]
fn mixed_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("AWSLogs/1")).unwrap();
    fs::write(path("b.json"), event("B")).unwrap();
    fs::write(path("AWSLogs/1/c.gz"), gzip(event("A"))).unwrap();
    fs::write(path("policy.json"), r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
    fs::write(path("empty"), "").unwrap();
    fs::write(path("image"), [0x89, b'P', b'N', b'G', 0, 0]).unwrap();
    fs::write(path("broken"), "{").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), path("loop")).unwrap();

    let all = read(&[folder.path().to_owned()]);
    assert_eq!(all.names(), ["A", "B"]);
    assert!(matches!(all.problems[..], [Problem::Unclosed { .. }]), "{}", all.told());
    let mut expected = vec![(SkipReason::Empty, 1), (SkipReason::NotCloudTrail, 1)];
    if cfg!(unix) {
        expected.push((SkipReason::SymlinkLoop, 1));
    }
    expected.push((SkipReason::NotCloudTrail, 1));
    assert_eq!(all.skipped, expected);

    let one = read(&[path("policy.json"), path("missing"), path("b.json")]);
    assert_eq!(one.names(), ["B"]);
    assert!(matches!(one.problems[..], [Problem::NoEvents { .. }, Problem::Read { .. }]), "{}", one.told());
}
