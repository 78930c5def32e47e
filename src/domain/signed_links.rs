//! Links that are signed for one purpose and work for a limited time. Nothing about them is stored.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::state_words::states;

states! {
    /// What a signed link permits. A link for one purpose does not open another.
    LinkPurpose {
        /// Takes back that a subscription ended. Only the page after leaving has it. The subject is the subscription.
        UndoLeaving = "undo_leaving",
        /// Downloads everything on record about a subscriber, the subject.
        Export = "export",
        /// Erases a subscriber, the subject.
        Erasure = "erasure",
    }
}

/// What an opened link is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedLink {
    /// The id of the subscription or subscriber.
    pub subject: Uuid,
    /// When it stops working, in whole seconds.
    pub expires_at: DateTime<Utc>,
}

/// Why a signed link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedLinkError {
    /// None of our keys made it for this purpose.
    #[error("the link was not made here")]
    Unknown,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}
