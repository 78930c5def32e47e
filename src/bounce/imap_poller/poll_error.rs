//! Why polling a mailbox stopped.

use crate::mail::imap::ImapError;
use crate::notices::NoticeError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(super) enum PollError {
    #[error(transparent)]
    Imap(#[from] ImapError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Notice(#[from] NoticeError),
}
