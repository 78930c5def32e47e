//! Links that are signed for one purpose and, if they are mailed, for one address, and work for a limited time. Nothing about them is
//! stored.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::address::EmailAddress;
use super::state_words::states;

states! {
    /// What a signed link permits. A link for one purpose does not open another.
    LinkPurpose {
        /// Takes back that a subscription ended. Only the page after leaving has it. The subject is the subscription.
        UndoLeaving = "undo_leaving",
        /// Opens the page on which a reader changes everything: newsletters, settings and address. The subject is the subscriber.
        Manage = "manage",
        /// Confirms a change of address. The mail to the new address has it. The subject is the change.
        ConfirmAddress = "confirm_address",
        /// Undoes a change of address. The mail to the old address has it. The subject is the change.
        UndoAddress = "undo_address",
        /// Downloads everything on record about a subscriber, the subject.
        Export = "export",
        /// Erases a subscriber, the subject.
        Erasure = "erasure",
        /// Shows an edition, the subject. All its readers have the same link, so it tells nothing about one of them.
        Edition = "edition",
        /// Lets a reader, the subject, comment on articles.
        Comment = "comment",
        /// Lets an operator choose a password. The subject is the row of the link, which makes it work once.
        OperatorPassword = "operator_password",
        /// Marks a browser in which an operator, the subject, has signed in. It permits nothing, but has a limit of guesses of its own.
        ConsoleDevice = "console_device",
    }
}

/// What an opened link is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedLink {
    /// The id of the subscription, subscriber, change of address or edition.
    pub subject: Uuid,
    /// When it stops working, in whole seconds.
    pub expires_at: DateTime<Utc>,
    /// The recipient to whom it was mailed ([`Keys::was_mailed_to`](super::tokens::Keys::was_mailed_to)).
    pub mailed_to: AddressMark,
}

/// The recipient of a link, which works only while the subscriber has this address and this generation.
#[derive(Clone, Copy, Debug)]
pub struct LinkRecipient<'a> {
    /// The address to which the link is mailed.
    pub address: &'a EmailAddress,
    /// The subscriber's `link_generation`. Every change of the address raises it. So a link that somebody stole does not work again when
    /// the change is undone.
    pub generation: i64,
}

/// The bytes of an [`AddressMark`].
pub(super) const ADDRESS_MARK_LENGTH: usize = 8;

/// A part of the keyed hash of a [`LinkRecipient`].
pub type AddressMark = [u8; ADDRESS_MARK_LENGTH];

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
