//! Why the message of a recipient cannot be built.

use crate::mail::dkim::DkimError;
use crate::mail::message::MessageError;

/// Why a message could not be built.
#[derive(Debug, thiserror::Error)]
pub enum PersonaliseError {
    /// The From address cannot be parsed.
    #[error("the sender “{0}” is no mailbox: write Name <address> in the newsletter's `from` or in mail.from")]
    From(String),
    /// The newsletter's address for replies cannot be parsed.
    #[error("the address for replies “{0}” is no mailbox: write Name <address> in the newsletter's `reply_to`")]
    ReplyTo(String),
    /// The recipient's address in the database cannot be parsed, and why.
    #[error("the recipient's address cannot be mailed: {0}")]
    Recipient(String),
    /// The message cannot be built.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The message cannot be signed.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The key that made the confirmation link is missing.
    #[error(transparent)]
    Key(#[from] crate::domain::tokens::UnknownKey),
    /// The message contains a bare CR or LF ([RFC 5321 §2.3.8](https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8)).
    #[error(transparent)]
    BareLineBreak(#[from] crate::mail::outgoing::BareBreak),
}

impl PersonaliseError {
    /// Whether the error concerns this recipient only. Otherwise every message of the issue would fail.
    #[must_use]
    pub const fn is_about_recipient(&self) -> bool {
        matches!(self, Self::Recipient(_))
    }
}
