//! What a caller sees of an import while it runs.

use std::io;

/// Sees the rows that an import reports, and its progress.
pub trait Observer: Send {
    /// A row was refused, skipped, or taken and not confirmed. After a real import the row is committed.
    ///
    /// # Errors
    /// If the row cannot be reported. The import then stops.
    fn row(&mut self, _line: u64, _address: Option<&str>, _outcome: &str, _reason: &str) -> io::Result<()> {
        Ok(())
    }

    /// This many bytes of the file have been read.
    fn progress(&mut self, _bytes: u64) {}
}

/// For an import that nobody observes.
impl Observer for () {}
