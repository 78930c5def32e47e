//! What the statistics count, and the reasons that a subscriber can give for leaving.

use super::consent::ConsentSource;
use super::state_words::states;
use super::states::ConsentEvent;

states! {
    /// An event that is counted for each day and newsletter.
    CountedEvent {
        /// Somebody signed up or was imported, and a confirmation was mailed.
        Asked = "asked",
        /// A subscriber used the link of the confirmation mail.
        Confirmed = "confirmed",
        /// An operator imported a confirmed subscription.
        Imported = "imported",
        /// A sign-up was deleted because nobody confirmed it in time.
        Expired = "expired",
        /// A subscriber left by the button of the mail program.
        LeftByOneClick = "left_one_click",
        /// A subscriber left by a page of the site.
        LeftByPage = "left_page",
        /// A subscriber left by a mail to the address in `List-Unsubscribe`.
        LeftByMail = "left_mail",
        /// A subscription ended because its reader complained.
        LeftByComplaint = "left_complaint",
        /// An operator ended the subscription.
        LeftByOperator = "left_operator",
        /// The mail provider reported that the reader unsubscribed there.
        LeftByProvider = "left_provider",
        /// An imported file said that the reader had left.
        LeftByImport = "left_import",
        /// The subscription ended because its subscriber was erased.
        LeftByErasure = "left_erasure",
        /// The subscription ended in another way, such as the removal of its newsletter.
        LeftOtherwise = "left_other",
        /// A subscriber took leaving back.
        Restored = "restored",
        /// A relay accepted an issue for a recipient.
        Delivered = "delivered",
        /// A message came back, or its recipient was refused.
        Bounced = "bounced",
        /// A reader reported a message as spam.
        Complained = "complained",
    }
}

impl CountedEvent {
    /// How an entry of the consent record is counted; `None` if it is not.
    pub(crate) const fn of_consent(event: ConsentEvent, source: &ConsentSource) -> Option<Self> {
        Some(match event {
            ConsentEvent::Requested | ConsentEvent::Asked => Self::Asked,
            ConsentEvent::Confirmed => Self::Confirmed,
            ConsentEvent::Imported => Self::Imported,
            ConsentEvent::Restored => Self::Restored,
            ConsentEvent::Paused | ConsentEvent::Resumed | ConsentEvent::AddressChanged => return None,
            ConsentEvent::Unsubscribed => match source {
                ConsentSource::OneClick => Self::LeftByOneClick,
                ConsentSource::Page => Self::LeftByPage,
                ConsentSource::UnsubscribeMail => Self::LeftByMail,
                ConsentSource::Complaint => Self::LeftByComplaint,
                ConsentSource::Operator => Self::LeftByOperator,
                ConsentSource::Provider(_) => Self::LeftByProvider,
                ConsentSource::Import(_) => Self::LeftByImport,
                _ => Self::LeftOtherwise,
            },
        })
    }

    /// The way in which a subscriber left, such as `page`; `None` if the event is another one.
    #[must_use]
    pub fn way_of_leaving(self) -> Option<&'static str> {
        self.as_str().strip_prefix("left_")
    }
}

states! {
    /// Why a subscriber left.
    LeavingReason {
        /// There were too many issues.
        TooOften = "too_often",
        /// The issues were too long.
        TooLong = "too_long",
        /// The content was not what the subscriber wanted.
        NotForMe = "not_for_me",
        /// The subscriber did not sign up.
        NeverAsked = "never_asked",
        /// The issues were hard to read or broken.
        HardToRead = "hard_to_read",
        /// Something else, perhaps in words of the subscriber's own.
        Other = "other",
    }
}

/// The most characters of a note beside a reason.
pub(crate) const MAX_NOTE_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_is_counted_by_its_way() {
        let counted = |source| CountedEvent::of_consent(ConsentEvent::Unsubscribed, &source);
        assert_eq!(counted(ConsentSource::OneClick), Some(CountedEvent::LeftByOneClick));
        let removed = ConsentSource::Other("the newsletter was removed".into());
        assert_eq!(counted(removed), Some(CountedEvent::LeftOtherwise));
        assert_eq!(CountedEvent::LeftByPage.way_of_leaving(), Some("page"));
        assert_eq!(CountedEvent::Asked.way_of_leaving(), None);
    }

    #[test]
    fn a_pause_is_not_counted() {
        assert_eq!(
            CountedEvent::of_consent(ConsentEvent::Paused, &ConsentSource::Page),
            None
        );
    }
}
