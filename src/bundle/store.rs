//! A bundle into a folder on disk: as a whole, or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Draft;
use super::layout::{FOLDERS, MANIFEST, ORGANIZATION};

/// What to do about a bundle that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and fail.
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Why a bundle was not written. Under its name there is what was there before, or nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is something that is no folder.
    #[error("`{}` is there and is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// There is a folder with something in it, and no bundle.
    #[error("the folder `{}` is not empty, and not a bundle", .0.display())]
    NotABundle(PathBuf),
    /// There is a bundle.
    #[error("there is a bundle in `{}` already", .0.display())]
    Exists(PathBuf),
    /// There is a bundle, with files beside it that would be lost.
    #[error("the bundle in `{}` has other files beside it, such as `{}`", folder.display(), file.display())]
    OtherFiles {
        /// The folder.
        folder: PathBuf,
        /// One of the files.
        file: PathBuf,
    },
    /// The disk said no.
    #[error("`{}` was not written", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a bundle into a folder, which is made. Whatever happens on the way, the folder never holds half of it: the
/// files are written into a folder beside it, which gets the name at the end.
///
/// On Unix, only the user may read what is written: events tell much about an account.
pub fn store(draft: &Draft, folder: &Path, existing: Existing) -> Result<(), StoreError> {
    let there = found(folder, existing)?;
    let failed = |source| StoreError::Write { path: folder.to_owned(), source };
    // Renaming works only inside one file system, so the system's folder for temporary files is of no use.
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let beside = tempfile::Builder::new().prefix(".why-denied-").tempdir_in(parent).map_err(failed)?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    write_files(draft, &new)?;
    match there {
        Found::Nothing => fs::rename(&new, folder).map_err(failed)?,
        Found::Folder => {
            fs::rename(folder, &old).map_err(failed)?;
            fs::rename(&new, folder).map_err(|source| {
                // What was there comes back; if not even that can be done, the first error tells more.
                let _ = fs::rename(&old, folder);
                failed(source)
            })?;
        }
    }
    sync_folder(parent).map_err(failed)
}

enum Found {
    Nothing,
    Folder,
}

/// What is under the name, if it may be replaced.
fn found(folder: &Path, existing: Existing) -> Result<Found, StoreError> {
    let failed = |source| StoreError::Write { path: folder.to_owned(), source };
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed(error)),
        // The name of a link would be taken away from what it leads to.
        Ok(there) if !there.is_dir() => return Err(StoreError::NotAFolder(folder.to_owned())),
        Ok(_) => {}
    }
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(failed)?.collect();
    let names: Vec<_> = entries.map_err(failed)?.into_iter().map(|entry| entry.file_name()).collect();
    if names.is_empty() {
        return Ok(Found::Folder);
    }
    if !folder.join(MANIFEST).is_file() {
        return Err(StoreError::NotABundle(folder.to_owned()));
    }
    if existing == Existing::Keep {
        return Err(StoreError::Exists(folder.to_owned()));
    }
    let belongs = |name: &&std::ffi::OsString| {
        *name == MANIFEST || *name == ORGANIZATION || FOLDERS.iter().any(|folder| *name == folder)
    };
    match names.iter().find(|name| !belongs(name)) {
        Some(file) => Err(StoreError::OtherFiles { folder: folder.to_owned(), file: PathBuf::from(file) }),
        None => Ok(Found::Folder),
    }
}

fn write_files(draft: &Draft, folder: &Path) -> Result<(), StoreError> {
    let mut folders = vec![folder.to_owned()];
    make_folder(folder)?;
    for file in draft.paths() {
        let path = folder.join(&file);
        let failed = |source| StoreError::Write { path: path.clone(), source };
        let parent = path.parent().unwrap_or(folder);
        if !parent.is_dir() {
            make_folder(parent)?;
            folders.push(parent.to_owned());
        }
        write_file(&path, &draft.bytes(&file).unwrap_or_default()).map_err(failed)?;
    }
    // A folder has reached the disk only when its own list of names has.
    let synced =
        |path: &PathBuf| sync_folder(path).map_err(|source| StoreError::Write { path: path.clone(), source });
    folders.iter().rev().try_for_each(synced)
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| StoreError::Write { path: path.to_owned(), source })
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Two names that differ in the case of letters only are one file on some disks; the second must not win.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Only on Unix can a folder be opened and be synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
