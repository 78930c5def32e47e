//! A small file system for a database, which a scenario can fill.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::support::cleanup::Cleanup;

/// Its size.
const SIZE: &str = "256m";
/// The size of one write while it is filled, in bytes.
const BLOCK: usize = 64 * 1024;

/// A file system in memory. It is unmounted on drop.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
    _cleanup: Cleanup,
}

impl SmallDisk {
    /// Mounts a new one on a folder.
    pub fn mount(folder: &Path) -> anyhow::Result<Self> {
        let size = format!("size={SIZE}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "daywire-chaos"]).arg(folder);
        let ran = mount.output().context("mount is needed")?;
        let reason = String::from_utf8_lossy(&ran.stderr);
        ensure!(
            ran.status.success(),
            "disk-full needs the right to mount a file system, as root has: {}",
            reason.trim()
        );
        let mounted = folder.to_owned();
        let cleanup = Cleanup::new(move || {
            // `-l`, because a process that is about to end may still have a file open on it.
            let _ = Command::new("umount").arg("-l").arg(mounted).status();
        });
        Ok(Self {
            folder: folder.to_owned(),
            _cleanup: cleanup,
        })
    }

    /// Fills it until `free` bytes are left.
    pub fn fill(&self, free: u64) -> anyhow::Result<()> {
        let mut filler = File::create(self.filler())?;
        let block = vec![0; BLOCK];
        for size in [BLOCK, 4096, 1] {
            while filler.write_all(&block[..size]).is_ok() {}
        }
        let size = filler.metadata()?.len();
        Ok(filler.set_len(size.saturating_sub(free))?)
    }

    /// Frees the space again.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}
