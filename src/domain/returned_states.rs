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

    /// Whether a suppression for this reason changes one for `other`: it replaces it, or it is the first complaint beside an operator's.
    #[must_use]
    pub const fn changes(self, other: Self, has_complaint: bool) -> bool {
        self.replaces(other) || self.is_second_to(other) && !has_complaint
    }

    /// Whether a suppression for this reason stays beside one for `other`, and follows when that is lifted.
    #[must_use]
    pub const fn is_second_to(self, other: Self) -> bool {
        matches!((self, other), (Self::Complaint, Self::Operator))
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
    /// What a returned mail led to, the most serious first.
    ReturnedEffect {
        /// The address is suppressed, after a hard bounce or a complaint.
        Suppressed = "suppressed",
        /// It ended the subscription.
        Unsubscribed = "unsubscribed",
        /// The subscription is paused after soft bounces.
        Paused = "paused",
        /// A soft bounce that counts towards a pause.
        Counted = "counted",
        /// It is on record for a recipient, and nothing follows.
        Recorded = "recorded",
        /// A server still tries to deliver the message.
        Delayed = "delayed",
        /// A program replied for the recipient.
        Replied = "replied",
        /// It came to an address with a tag that this site did not sign.
        ForgedTag = "forged_tag",
        /// It is about an address that no subscriber has.
        Stranger = "stranger",
        /// The message or subscription that it is about is not on record any more.
        NotOnRecord = "not_on_record",
        /// Nothing in it is signed, and it came by a way where that is required.
        Unsigned = "unsigned",
        /// Nothing about a recipient was found in it.
        NotUnderstood = "not_understood",
    }
}

impl ReturnedEffect {
    /// Whether it was recognised as a report about a message of this site, or as a reply to one.
    #[must_use]
    pub const fn is_recognised(self) -> bool {
        !matches!(
            self,
            Self::ForgedTag | Self::Stranger | Self::NotOnRecord | Self::Unsigned | Self::NotUnderstood
        )
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
