//! The file that keeps how far the learner is. Whatever is wrong with it, the course goes on.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use why_denied::lessons::Progress;

use crate::output::say;

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Progress with the place where it is kept.
pub struct Notebook {
    pub progress: Progress,
    path: Option<PathBuf>,
    /// The file could not be understood; it is put aside before it is written anew.
    damaged: bool,
}

impl Notebook {
    /// Opens the file that was named, or that of the platform's data folder.
    pub fn open(named: Option<&Path>) -> Self {
        let path = named.map(Path::to_owned).or_else(usual_place);
        let Some(place) = &path else {
            say("warning: there is no home folder, so how far you are is not kept");
            return Self { progress: Progress::default(), path, damaged: false };
        };
        match read(place) {
            Ok(progress) => Self { progress, path, damaged: false },
            Err(error) => {
                say(&format!("warning: {error:#}; the course begins anew"));
                Self { progress: Progress::default(), path, damaged: true }
            }
        }
    }

    /// Writes the file, as a whole or not at all.
    pub fn save(&self) {
        if let Some(path) = &self.path
            && let Err(error) = self.write(path)
        {
            say(&format!("warning: {error:#}; how far you are is not kept"));
        }
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let failed = || format!("`{}` was not written", path.display());
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).with_context(failed)?;
        if self.damaged {
            let aside = path.with_added_extension("damaged");
            fs::rename(path, aside).with_context(failed)?;
        }
        let mut file = tempfile::NamedTempFile::new_in(parent).with_context(failed)?;
        file.write_all(self.progress.to_json()?.as_bytes()).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).with_context(failed)?;
        Ok(())
    }
}

fn usual_place() -> Option<PathBuf> {
    let data = etcetera::base_strategy::choose_native_strategy().ok()?.data_dir();
    Some(data.join("why-denied").join("lessons.json"))
}

fn read(path: &Path) -> anyhow::Result<Progress> {
    let failed = || format!("the record of the lessons in `{}` cannot be read", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Progress::default()),
        Err(error) => return Err(error).with_context(failed),
    };
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).with_context(failed)?;
    Progress::parse(&text).with_context(failed)
}
