//! A scratch folder for a command: nobody else may look, and it goes with it.

use std::path::{Path, PathBuf};

use crate::clock::Rng;

/// The folder. Dropped, it is removed with all that is in it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one among the system's temporary files; `purpose` is part of its name.
    pub fn new(purpose: &str) -> std::io::Result<Self> {
        let mark: [u8; 8] = Rng::System.bytes();
        let folder = std::env::temp_dir().join(format!("daywire-{purpose}-{:016x}", u64::from_be_bytes(mark)));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the scratch folder could not be removed");
        }
    }
}
