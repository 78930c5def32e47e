//! Why an export cannot be imported.

use std::io;

use crate::import::ArchiveError;
use crate::ingest::change::ChangeError;
use crate::store::StoreError;

/// The largest export that is not a ZIP archive. It is read as a whole.
pub(super) const MAX_FILE_BYTES: u64 = 512 << 20;

/// Why posts were not imported.
#[derive(Debug, thiserror::Error)]
pub enum PastPostsError {
    /// The file cannot be read.
    #[error("cannot read the export: {0}")]
    Io(#[from] io::Error),
    /// The ZIP archive cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The file is too large.
    #[error("the export has more than {} MiB, which is the maximum; split it into several files", MAX_FILE_BYTES >> 20)]
    TooLarge,
    /// The file is damaged or of another kind.
    #[error("{0}")]
    Damaged(String),
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An article was not stored.
    #[error(transparent)]
    Change(#[from] ChangeError),
}
