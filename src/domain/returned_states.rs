//! What comes back about messages, and what follows: suppressions, and alerts of rates.

use super::state_words::states;

states! {
    /// Why an address is suppressed.
    SuppressionReason {
        /// No later message can reach the recipient.
        HardBounce = "hard_bounce",
        /// Its owner reported a message as spam.
        Complaint = "complaint",
        /// An operator suppressed it.
        Operator = "operator",
        /// It was suppressed in the system from which it was imported.
        Import = "import",
    }
}

impl SuppressionReason {
    /// Whether a suppression for this reason takes the place of one for `other`, because fewer people may lift it.
    #[must_use]
    pub const fn replaces(self, other: Self) -> bool {
        match self {
            Self::Operator => !matches!(other, Self::Operator),
            Self::Complaint => matches!(other, Self::HardBounce | Self::Import),
            Self::HardBounce | Self::Import => false,
        }
    }
}

states! {
    /// How a suppression ended.
    SuppressionEnd {
        /// An operator lifted it.
        Operator = "operator",
        /// The reader signed up again and confirmed.
        Confirmation = "confirmation",
        /// A suppression for a more serious reason replaced it.
        Replaced = "replaced",
    }
}

states! {
    /// What a returned mail is, once it was processed.
    ReturnedKind {
        /// A server could not deliver our message.
        Bounce = "bounce",
        /// A reader reported our message as spam, or a server sent another feedback report.
        Complaint = "complaint",
        /// A program replied for the recipient.
        AutoReply = "autoreply",
        /// A server still tries to deliver our message.
        Delayed = "delayed",
        /// A request to leave: a mail to the address in `List-Unsubscribe`, or a mail provider's event.
        Unsubscribe = "unsubscribe",
        /// Anything else, such as a person's reply.
        Other = "other",
    }
}

states! {
    /// What a rate of returned mail is counted for.
    AlertScope {
        /// An issue with its editions.
        Issue = "issue",
        /// The issues of a newsletter.
        Newsletter = "newsletter",
        /// The recipients at one domain.
        Domain = "domain",
    }
}

states! {
    /// What a rate of returned mail counts.
    AlertMeasure {
        /// Messages that were reported as spam.
        Complaints = "complaints",
        /// Messages that came back as hard bounces: no later message can reach the recipient.
        HardBounces = "hard_bounces",
        /// Recipients of an issue whom the relay refused while it took the message.
        Refusals = "refusals",
    }
}

states! {
    /// What follows when a rate of returned mail reaches a limit.
    AlertLevel {
        /// The operators are notified.
        Warn = "warn",
        /// The issue is paused too.
        Pause = "pause",
    }
}
