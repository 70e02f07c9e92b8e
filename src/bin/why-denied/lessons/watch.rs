//! Waiting for files to be saved.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::Context as _;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Editors save a file in several steps: a new file, its text, a new name. What comes within this time is one save.
const QUIET: Duration = Duration::from_millis(150);

/// A folder that is watched.
pub struct Watched {
    saves: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Watched {
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        let failed = || format!("the folder `{}` cannot be watched", folder.display());
        let (sender, saves) = channel();
        let told = move |event: notify::Result<notify::Event>| {
            // Reading a file is told too; what is judged here is read at every check.
            if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                let _ = sender.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(told).with_context(failed)?;
        watcher.watch(folder, RecursiveMode::Recursive).with_context(failed)?;
        Ok(Self { saves, _watcher: watcher })
    }

    /// Waits for the next save; `false` if there will be none.
    pub fn wait(&self) -> bool {
        if self.saves.recv().is_err() {
            return false;
        }
        loop {
            match self.saves.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}
