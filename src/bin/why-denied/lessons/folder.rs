//! The learner's folder on disk.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use why_denied::lessons::Progress;
use why_denied::lessons::{Lesson, MARKER, files, lesson, lesson_of};

use crate::failure::Hinted;

/// The largest marker that is read, in bytes.
const MAX_MARKER: u64 = 1 << 16;

/// Writes a lesson into a folder that is new or empty.
pub fn write(lesson: &Lesson, folder: &Path) -> anyhow::Result<()> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(hinted(
            &format!("the folder `{}` is there already, and not empty", folder.display()),
            "go on in it with `why-denied lessons check DIR`, or name another folder behind the lesson",
        ));
    }
    for (file, bytes) in files(lesson) {
        let path = folder.join(&file);
        write_new(&path, &bytes).with_context(|| format!("`{}` was not written", path.display()))?;
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
}

/// The lesson of a folder.
pub fn lesson_in<'c>(course: &'c [Lesson], folder: &Path) -> anyhow::Result<&'c Lesson> {
    const HINT: &str = "`why-denied lessons start LESSON DIR` writes a lesson into a folder";
    let is_none = |why: &str| hinted(&format!("`{}` is not a lesson: {why}", folder.display()), HINT);
    let marker = folder.join(MARKER);
    if !marker.is_file() {
        return Err(is_none(&format!("it has no {MARKER}")));
    }
    let text = read_at_most(&marker).with_context(|| format!("`{}` cannot be read", marker.display()))?;
    let name = lesson_of(&text).ok_or_else(|| is_none(&format!("its {MARKER} names none")))?;
    lesson(course, &name).ok_or_else(|| is_none(&format!("there is no lesson `{name}`")))
}

fn read_at_most(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    io::Read::read_to_string(&mut io::Read::take(fs::File::open(path)?, MAX_MARKER), &mut text)?;
    Ok(text)
}

/// The folder that is meant: the one that was named, this one, or that of the lesson started last.
pub fn meant(named: Option<&Path>, progress: &Progress) -> anyhow::Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    if Path::new(MARKER).is_file() {
        return Ok(PathBuf::from("."));
    }
    let last = progress.current.as_ref().and_then(|name| progress.of(name).folder).map(PathBuf::from);
    last.filter(|folder| folder.is_dir())
        .ok_or_else(|| hinted("no lesson is begun", "begin one with `why-denied lessons start`"))
}

pub fn hinted(message: &str, hint: &str) -> anyhow::Error {
    Hinted { message: message.to_owned(), hint: hint.to_owned(), usage: false }.into()
}
