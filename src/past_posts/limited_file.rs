//! Reads a file of an archive into memory, up to a limit: in an archive, few bytes can stand for very many.

use std::io::Read as _;

use super::error::PastPostsError;
use crate::import::ArchivedFile;

/// The most bytes of a table of posts or campaigns. A hundred thousand posts have less.
const MAX_TABLE_BYTES: u64 = 64 << 20;

/// The content of a file, or why it cannot be used.
pub(super) fn read_limited(file: ArchivedFile, max_bytes: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let opened = file.open().map_err(|error| error.to_string())?;
    opened
        .take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > max_bytes {
        return Err(format!("its text has more than {} MiB", max_bytes >> 20));
    }
    Ok(bytes)
}

/// The content of a CSV file about all posts.
pub(super) fn read_table(file: ArchivedFile) -> Result<Vec<u8>, PastPostsError> {
    let name = file.name().to_owned();
    read_limited(file, MAX_TABLE_BYTES)
        .map_err(|why| PastPostsError::Damaged(format!("{name} cannot be used: {why}; export the posts again")))
}
