//! A scratch folder of a command, such as for the database of a rehearsal.

use std::path::{Path, PathBuf};

use crate::clock::Rng;

/// A folder that only its owner can open. It is removed with everything in it when this is dropped.
#[derive(Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    /// Creates a folder among the system's temporary files; `purpose` is part of its name.
    pub(crate) fn new(purpose: &str) -> std::io::Result<Self> {
        let suffix: [u8; 8] = Rng::System.bytes();
        let folder = std::env::temp_dir().join(format!("daywire-{purpose}-{:016x}", u64::from_be_bytes(suffix)));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder.path = %self.0.display(), %error, "scratch folder not removed");
        }
    }
}
