//! A file that appears under its name only when it is complete.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::store::folder_of;

/// A file that is written beside the one that it becomes. It is deleted if it is dropped before it is complete.
#[derive(Debug)]
pub(super) struct NewFile {
    wanted: PathBuf,
    part: PathBuf,
}

/// What SQLite adds to the name of a database for the files beside it.
pub(super) const SQLITE_SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

impl NewFile {
    /// Creates an empty file beside `wanted` that only this user can read.
    ///
    /// # Errors
    /// [`BackupError::Unfinished`] if it exists, [`BackupError::NoFolder`] if its folder does not.
    pub(super) fn beside(wanted: &Path) -> Result<Self, BackupError> {
        let part = with_suffix(wanted, ".part");
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&part) {
            Ok(_) => Ok(Self {
                wanted: wanted.to_owned(),
                part,
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Unfinished(part)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::NoFolder(wanted.to_owned())),
            Err(source) => Err(BackupError::Io { path: part, source }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.part
    }

    /// Where to write, as text.
    pub(super) fn text(&self) -> Result<&str, BackupError> {
        self.part.to_str().ok_or_else(|| BackupError::Path(self.part.clone()))
    }

    /// Waits until the disk has the file, and gives it its name. `may_replace` decides about a file with that name.
    pub(super) fn finish(self, may_replace: impl Fn(&Path) -> Result<(), BackupError>) -> Result<(), BackupError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| BackupError::Io { path, source }
        };
        File::open(&self.part)
            .and_then(|file| file.sync_all())
            .map_err(failed(&self.part))?;
        may_replace(&self.wanted)?;
        fs::rename(&self.part, &self.wanted).map_err(failed(&self.wanted))?;
        let folder = folder_of(&self.wanted);
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed(folder))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After `finish` there is no file with this name.
        let _ = fs::remove_file(&self.part);
        for suffix in SQLITE_SUFFIXES {
            let _ = fs::remove_file(with_suffix(&self.part, suffix));
        }
    }
}

/// The path with a text after its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
