//! The files that `daywire init` writes: all of them, or none. An existing file is never overwritten.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The folder for secrets, beside the settings file. `config/daywire.service` loads its files as credentials.
pub(super) const SECRETS_FOLDER: &str = "credentials";

/// Files that will be written, and then those that were.
pub(super) struct NewFiles {
    /// The folder of the secrets.
    folder: PathBuf,
    files: Vec<NewFile>,
}

struct NewFile {
    path: PathBuf,
    content: String,
    mode: u32,
}

/// Only the owner may read it.
const SECRET: u32 = 0o600;
/// Everybody may read it: the service runs as a user of its own.
const READABLE: u32 = 0o644;

impl NewFiles {
    pub(super) fn with_secrets_in(folder: PathBuf) -> Self {
        let files = Vec::new();
        Self { folder, files }
    }

    /// Fails if the file exists: before anything is asked, and again for each file before anything is written.
    pub(super) fn require_absent(path: &Path) -> anyhow::Result<()> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot look at {}", path.display())),
            Ok(_) => anyhow::bail!(
                "{} exists and is never overwritten; move it away, or name another settings file with --config",
                path.display()
            ),
        }
    }

    /// Adds a file with a secret to the folder for them.
    pub(super) fn add_secret(&mut self, name: &str, content: String) {
        self.files.push(NewFile {
            path: self.folder.join(name),
            content,
            mode: SECRET,
        });
    }

    /// Adds the settings file.
    pub(super) fn add_settings(&mut self, path: &Path, content: String, has_secret: bool) {
        self.files.push(NewFile {
            path: path.to_owned(),
            content,
            mode: if has_secret { SECRET } else { READABLE },
        });
    }

    /// The paths of the files with secrets in the folder for them.
    pub(super) fn secrets(&self) -> Vec<&Path> {
        let paths = self.files.iter().map(|file| file.path.as_path());
        paths.filter(|path| path.starts_with(&self.folder)).collect()
    }

    /// Writes all files, and removes them if one cannot be written or `check` fails.
    pub(super) fn write(&self, check: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        for file in &self.files {
            Self::require_absent(&file.path)?;
        }
        let folder = self.folder.display();
        let parent = self.folder.parent();
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty() && !parent.exists());
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot create the folder {folder}"))?;
        if let Some(parent) = parent {
            // The service is another user, and must find its settings in the folder with any umask of root.
            fs::set_permissions(parent, Permissions::from_mode(0o755))
                .with_context(|| format!("cannot open the folder {} to other users", parent.display()))?;
        }
        let mut written = Vec::new();
        let write_all = || {
            for file in &self.files {
                create(file).with_context(|| format!("cannot write {}", file.path.display()))?;
                written.push(&file.path);
            }
            check()
        };
        let done = write_all();
        if done.is_err() {
            for path in written {
                // The error that is returned matters more than a file that cannot be removed.
                let _ = fs::remove_file(path);
            }
        }
        done
    }
}

fn create(file: &NewFile) -> std::io::Result<()> {
    let mut created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file.mode & SECRET)
        .open(&file.path)?;
    created.write_all(file.content.as_bytes())?;
    // The umask does not apply to this.
    created.set_permissions(Permissions::from_mode(file.mode))
}
