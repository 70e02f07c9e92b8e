//! Where an answer goes: to standard output, into a file, or into a file and to the browser.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use why_denied::render::TextOptions;

use crate::args::{FileArgs, Format};
use crate::failure::Hinted;
use crate::output::{colour, print, say, width};

/// Columns of a text that goes into a file.
const COLUMNS: usize = 100;

impl FileArgs {
    /// The format to write: what a browser is to show is HTML.
    pub fn format(&self, asked: Format) -> anyhow::Result<Format> {
        match asked {
            _ if !self.open => Ok(asked),
            Format::Text | Format::Html => Ok(Format::Html),
            _ => Err(Hinted {
                message: "--open shows the HTML report, and another format was asked for".to_owned(),
                hint: "leave out --format, or write the other format with --output FILE".to_owned(),
                usage: true,
            }
            .into()),
        }
    }

    /// What is no answer is only printed.
    pub fn must_be_unused(&self, printed: &str) -> anyhow::Result<()> {
        if self.output.is_none() && !self.open {
            return Ok(());
        }
        Err(Hinted {
            message: format!("--output and --open are for answers, and {printed} is none"),
            hint: "leave them out, and send standard output where you want it".to_owned(),
            usage: true,
        }
        .into())
    }

    /// How a text is drawn, there where it goes.
    pub fn text_options(&self) -> TextOptions {
        match self.output {
            Some(_) => TextOptions { width: COLUMNS, colour: false },
            None => TextOptions { width: width(), colour: colour() },
        }
    }

    /// Writes the answer.
    pub fn deliver(&self, text: &str) -> anyhow::Result<()> {
        let path = match &self.output {
            Some(path) => written(path, text)?,
            None if self.open => written_anywhere(text)?,
            None => return print(text),
        };
        say(&format!("written to {}", path.display()));
        if self.open {
            show(&path);
        }
        Ok(())
    }
}

/// Writes a file whole or not at all. What is there and is no file, such as a pipe, is written to and not replaced.
fn written(path: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let failed = || format!("cannot write `{}`", path.display());
    if path.exists() && !path.is_file() {
        let mut out = std::fs::OpenOptions::new().write(true).open(path).with_context(failed)?;
        out.write_all(text.as_bytes()).with_context(failed)?;
        return Ok(path.to_owned());
    }
    // Through a link, the file behind it is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    file.persist(&path).with_context(failed)?;
    Ok(path)
}

/// Writes a file that only its owner can read, where the system keeps such files.
fn written_anywhere(text: &str) -> anyhow::Result<PathBuf> {
    let failed = "cannot write a temporary file";
    let mut file =
        tempfile::Builder::new().prefix("why-denied-").suffix(".html").tempfile().context(failed)?;
    file.write_all(text.as_bytes()).context(failed)?;
    let (_, path) = file.keep().context(failed)?;
    Ok(path)
}

/// Shows the file in the browser, if there is anything to show it on.
fn show(path: &Path) {
    if !has_display() {
        say("note: there is no display to open a browser on; open the file where there is one");
        return;
    }
    if let Err(error) = opener::open_browser(path) {
        say(&format!("note: no browser could be opened: {error}"));
    }
}

/// macOS and Windows always have a display; elsewhere a session says so, or whoever set `BROWSER`.
fn has_display() -> bool {
    const SIGNS: [&str; 4] = ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| value != OsStr::new(""));
    cfg!(any(target_os = "macos", windows)) || SIGNS.iter().any(is_set)
}
