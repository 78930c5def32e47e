//! A file that is read several times, and how much of it was read.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that can be read again from its beginning.
pub trait Input: Read + Send + 'static {
    /// Makes the next read begin at the first byte.
    fn restart(&mut self) -> io::Result<()>;
}

impl<T: Read + Seek + Send + 'static> Input for T {
    fn restart(&mut self) -> io::Result<()> {
        self.seek(SeekFrom::Start(0)).map(|_| ())
    }
}

/// Counts the bytes that are read.
pub(super) struct Counted<R> {
    pub(super) input: R,
    pub(super) bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
