//! Why an issue could not be compiled or stored, and how often compiling is tried.

use crate::notices::NoticeError;
use crate::store::StoreError;

use super::render::RenderError;

/// How often an issue is compiled outside a transaction. An attempt fails if its snapshot changes before the result is stored.
/// After that the issue is compiled once inside the transaction, where the snapshot cannot change.
pub(crate) const MAX_ATTEMPTS: usize = 4;

/// Why an issue could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The database failed, or a row of it does not parse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The digest could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The notice to the operators could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Stored JSON, such as rules or inputs, does not parse. The first value names the newsletter or issue.
    #[error("what is stored with {0} cannot be read: {1}; apply the newsletter's file again, or cancel the issue")]
    Unreadable(String, serde_json::Error),
    /// A later issue already contains an article of the named draft.
    #[error("issue {0} would have an article that a later issue has taken; cancel one of the two first")]
    ArticleTaken(String),
    /// A draft was changed concurrently, or must first be compiled outside the transaction: see
    /// [`Revisions`](super::revision::Revisions).
    #[error("the draft was changed while it was compiled; run the command again")]
    Outdated,
}
