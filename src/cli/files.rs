//! Files that commands read.

use std::path::Path;

use crate::text::plain::counted;

/// Reads a file. The error names it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
}

/// Reads a file of UTF-8 text. The error names it.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", path.display()))
}

/// The note about a feed's file that ends in the middle of an element.
pub(crate) fn ends_early_note(file: &Path, entries: usize) -> String {
    format!(
        "{} breaks off before its end; what is whole was read: {}",
        file.display(),
        counted(entries, "entry", "entries")
    )
}
