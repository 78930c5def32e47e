//! Why a newsletter's file cannot be applied or written.

use crate::store::StoreError;

/// Why a newsletter's file was not applied, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum NewsletterError {
    /// The text is not a newsletter's file. The message names the line.
    #[error("{0}")]
    Syntax(String),
    /// A value cannot be used.
    #[error("{key}: {reason}")]
    Value {
        /// The key in the file.
        key: &'static str,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// Somebody else changed the newsletter after the operator read it.
    #[error("{0} was changed by somebody else meanwhile; read it again, then change it")]
    Outdated(String),
    /// The rules in the newsletter's row cannot be parsed.
    #[error("the stored rules cannot be read: {0}; apply the newsletter's file again")]
    StoredRules(String),
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
