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
    /// A statement of the database failed, or a row does not parse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The digest could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The mail to the operators about a changed draft could not be queued.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Stored JSON, such as rules or inputs, does not parse, or JSON could not be written. The first value names the newsletter or issue.
    #[error("what is stored with {0} cannot be read: {1}; apply the newsletter's file again, or cancel the issue")]
    Unreadable(String, serde_json::Error),
    /// A later issue already contains an article of the named draft.
    #[error("issue {0} would have an article that a later issue has taken; cancel one of the two first")]
    ArticleTaken(String),
    /// A concurrent transaction changed what the issue was compiled from, even during the last attempt.
    #[error("articles or other issues changed while the issue was compiled; run the command again")]
    Outdated,
    /// A transaction needs drafts that are not compiled yet. It is rolled back, the drafts are compiled, and the transaction runs again:
    /// see [`RecompiledDrafts`](super::recompiled_drafts::RecompiledDrafts). So a caller of the transaction never receives this error.
    #[error("the drafts with the changed article are not compiled yet; run the command again")]
    DraftsNotCompiled,
}
