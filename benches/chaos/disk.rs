//! A small disk of its own for a database, which can be full for a while.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::support::undo::Undo;

/// What fits on it.
const SIZE: &str = "256m";
/// Written at once while filling it.
const BLOCK: usize = 64 * 1024;

/// A file system in memory. Dropped, it is gone.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
    _undo: Undo,
}

impl SmallDisk {
    /// Mounts it on a folder.
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
        let undo = Undo::new(move || {
            // Lazily, because a process that still has a file open on it is about to end.
            let _ = Command::new("umount").arg("-l").arg(mounted).status();
        });
        Ok(Self {
            folder: folder.to_owned(),
            _undo: undo,
        })
    }

    /// Leaves so many bytes free.
    pub fn fill(&self, free: u64) -> anyhow::Result<()> {
        let mut ballast = File::create(self.ballast())?;
        let block = vec![0; BLOCK];
        for size in [BLOCK, 4096, 1] {
            while ballast.write_all(&block[..size]).is_ok() {}
        }
        let size = ballast.metadata()?.len();
        Ok(ballast.set_len(size.saturating_sub(free))?)
    }

    /// Gives the room back.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}
