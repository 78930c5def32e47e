//! Why a webhook request was not accepted.

use crate::store::StoreError;
use crate::text::plain::counted;

/// Why a request was not accepted. The text is the answer to the provider, whose lists of failed requests show it to the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The request has no login or token, or a wrong one.
    #[error("The login or token is missing or wrong. It must be the one in {0}.")]
    WrongLogin(&'static str),
    /// The signature is missing, or is not the provider's.
    #[error("The signature is missing or wrong. It is checked with {0}.")]
    WrongSignature(&'static str),
    /// The signed time is missing, too long ago, or in the future.
    #[error("The signed time is missing, too old, or ahead of this server's clock. Check the clock of this server.")]
    OldTimestamp,
    /// The SNS message is of a topic that is not set.
    #[error("This SNS topic is not in hooks.ses.topics.")]
    ForeignTopic,
    /// SNS sends messages without their signature.
    #[error("Raw message delivery is on for this SNS subscription, and raw messages have no signature. Turn it off.")]
    RawDelivery,
    /// The body cannot be read.
    #[error("The body cannot be read: {0}. Nothing was stored.")]
    Malformed(String),
    /// Events are about nobody. The others of the request are stored: the provider may drop it after a few attempts.
    #[error("{nobody} of {} in the body have neither an address nor a reference to a message of this site. The others were stored.", counted(*events, "event", "events"))]
    NoRecipient {
        /// How many of them.
        nobody: usize,
        events: usize,
    },
    /// The database or Amazon SNS is unavailable. The request may be right.
    #[error("Nothing was stored, because the database or Amazon SNS is unavailable. Send the request again later.")]
    Unavailable(String),
}

impl Refusal {
    /// The name in counts and logs.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::WrongLogin(_) => "wrong_login",
            Self::WrongSignature(_) => "wrong_signature",
            Self::OldTimestamp => "old_timestamp",
            Self::ForeignTopic => "foreign_topic",
            Self::RawDelivery => "raw_delivery",
            Self::Malformed(_) | Self::NoRecipient { .. } => "malformed",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
