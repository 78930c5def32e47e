//! The states of subscriptions, issues and deliveries, and the transitions between them.

use serde::{Deserialize, Deserializer, Serialize};

use super::column::text_column;

/// The text is not the word of a state.
#[derive(Debug, thiserror::Error)]
#[error("“{found}” is none of {}", known.join(", "))]
pub struct UnknownState {
    found: String,
    known: &'static [&'static str],
}

/// Defines an enum that is one word of text in the database, in JSON and on pages.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for this value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownState;
            fn from_str(text: &str) -> Result<Self, UnknownState> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(UnknownState { found: text.to_owned(), known: &[$($text),*] }),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        text_column!($name);
    };
}

states! {
    /// The state of a subscription.
    SubscriptionState {
        /// Requested and not confirmed: only the confirmation is mailed.
        Pending = "pending",
        /// Confirmed, with a consent record.
        Confirmed = "confirmed",
        /// Confirmed, and paused by the subscriber or after soft bounces.
        Paused = "paused",
        /// Ended by the subscriber or an operator.
        Unsubscribed = "unsubscribed",
    }
}

states! {
    /// Why an address is suppressed.
    SuppressionReason {
        /// No later message can reach it either.
        HardBounce = "hard_bounce",
        /// Its owner reported a message as spam.
        Complaint = "complaint",
        /// An operator suppressed it.
        Operator = "operator",
        /// It was suppressed in the system from which it was imported.
        Import = "import",
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
        /// Messages that came back because the mailbox or the domain does not exist.
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
        /// A request to leave, sent to the address in `List-Unsubscribe`.
        Unsubscribe = "unsubscribe",
        /// Anything else, such as a person's reply.
        Other = "other",
    }
}

states! {
    /// An entry of the consent record.
    ConsentEvent {
        /// Somebody requested the subscription with the subscriber's address.
        Requested = "requested",
        /// The subscriber used the link of the confirmation mail.
        Confirmed = "confirmed",
        /// An operator imported the subscription as confirmed.
        Imported = "imported",
        /// The subscription was paused after soft bounces.
        Paused = "paused",
        /// The subscriber or an operator ended such a pause.
        Resumed = "resumed",
        /// The subscription ended, so it gets no issue.
        Unsubscribed = "unsubscribed",
    }
}

states! {
    /// The purpose of a transactional mail.
    MailKind {
        /// Asks the recipient to confirm a subscription.
        Confirmation = "confirmation",
        /// Informs a confirmed subscriber who signs up again that they are subscribed already.
        SubscribedAlready = "subscribed",
        /// Informs a subscriber that their preferences were changed.
        Preferences = "preferences",
        /// Informs the operators of something that needs their attention.
        Notice = "notice",
    }
}

states! {
    /// The state of a newsletter's run at one due time.
    RunState {
        /// A process has claimed the due time and is making the run.
        Claimed = "claimed",
        /// A draft waits for its due time or for an approval.
        Drafted = "drafted",
        /// The issue was started.
        Made = "made",
        /// There was nothing to send.
        Empty = "empty",
        /// No issue was sent, for a reason that is recorded with the run.
        Skipped = "skipped",
    }
}

states! {
    /// Whether the drafts of a newsletter need the approval of an operator.
    Approval {
        /// Drafts are sent when they are due.
        Auto = "auto",
        /// Drafts wait until an operator approves them.
        Required = "required",
    }
}

states! {
    /// Why no issue of a newsletter will contain an article that arrived for it.
    LeftOut {
        /// Its feed contained it before the newsletter began to read the feed.
        BackCatalogue = "back_catalogue",
        /// The newsletter has the same article from another feed.
        SameArticle = "same_article",
        /// Its feed had more new entries than the settings allow.
        OverLimit = "over_limit",
    }
}

states! {
    /// How close the source of an article is to the article's address, the closest last. Where several sources have the same article,
    /// a newsletter takes it from the closest: an article of `example.org` from the feed of `example.org`, not from an aggregator.
    Closeness {
        /// The feed is served by another host than the article, or the source is an imported file.
        OtherHost = "other_host",
        /// The feed's host is a parent or subdomain of the article's host, such as `feeds.example.org` for `example.org`.
        RelatedHost = "related_host",
        /// The feed and the article are served by the same host.
        SameHost = "same_host",
        /// The newsroom wrote the article.
        Editorial = "editorial",
    }
}

states! {
    /// How often a subscriber gets a newsletter.
    Cadence {
        /// Every issue of the newsletter.
        Every = "every",
        /// One issue a week, with the best stories of the week.
        Weekly = "weekly",
    }
}

states! {
    /// The state of an issue.
    IssueState {
        /// Compiled and not approved.
        Draft = "draft",
        /// Approved, and sending has not begun.
        Approved = "approved",
        /// Recipients are frozen, and mail is being sent.
        Sending = "sending",
        /// Sending began and is paused.
        Paused = "paused",
        /// Every recipient is in a final state.
        Sent = "sent",
        /// Not sent, for a recorded reason.
        Skipped = "skipped",
        /// Cancelled by an operator.
        Cancelled = "cancelled",
    }
}

states! {
    /// A correction of an article after its arrival.
    CorrectionKind {
        /// The article was changed.
        Corrected = "corrected",
        /// The article was retracted.
        Retracted = "retracted",
        /// Its retraction was undone.
        Restored = "restored",
    }
}

states! {
    /// A field of an article that a person can change. `Picture` is all that belongs to the picture.
    ArticleField {
        /// The headline of the article.
        Headline = "headline",
        /// The address that the headline links to.
        Address = "address",
        /// The lede under the headline.
        Summary = "summary",
        /// The text as sanitised HTML.
        Text = "text",
        /// The names of the authors.
        Authors = "authors",
        /// The category, by which readers choose topics.
        Category = "category",
        /// The BCP 47 tag of the language.
        Language = "language",
        /// The name of the article's publisher.
        Source = "source",
        /// The time at which it was published.
        Date = "date",
        /// The picture's address, description and size.
        Picture = "picture",
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

impl IssueState {
    /// Whether an issue can change from this state to `next`.
    #[must_use]
    pub const fn allows(self, next: Self) -> bool {
        use IssueState::{Approved, Cancelled, Draft, Paused, Sending, Sent, Skipped};
        match self {
            Draft => matches!(next, Approved | Sending | Skipped | Cancelled),
            Approved => matches!(next, Draft | Sending | Skipped | Cancelled),
            Sending => matches!(next, Paused | Sent | Cancelled),
            Paused => matches!(next, Sending | Cancelled),
            // Only to resolve deliveries that were in doubt.
            Sent => matches!(next, Sending),
            Skipped | Cancelled => false,
        }
    }
}

states! {
    /// The state of a delivery: one issue to one subscription.
    DeliveryState {
        /// Waiting to be leased by a sender.
        Queued = "queued",
        /// The message is being sent now.
        Sending = "sending",
        /// The relay accepted it: the 250 after the final dot.
        Accepted = "accepted",
        /// Temporarily refused; it will be retried.
        Deferred = "deferred",
        /// The server refused the recipient permanently.
        Rejected = "rejected",
        /// Not sent: the address is on the suppression list.
        Suppressed = "suppressed",
        /// Retried until it was too old.
        Expired = "expired",
        /// Not sent: the subscriber unsubscribed or paused, or the issue was cancelled.
        Cancelled = "cancelled",
        /// The connection was lost after the final dot, and `delivery.in_doubt` is `hold`.
        InDoubt = "in_doubt",
    }
}

impl DeliveryState {
    /// Whether a delivery can change from this state to `next`.
    #[must_use]
    pub const fn allows(self, next: Self) -> bool {
        use DeliveryState::{Accepted, Cancelled, Deferred, Expired, InDoubt, Queued, Rejected, Sending, Suppressed};
        match self {
            Queued | Deferred => matches!(next, Sending | Suppressed | Expired | Cancelled),
            Sending => matches!(next, Queued | Accepted | Deferred | Rejected | Expired | InDoubt),
            InDoubt => matches!(next, Queued | Accepted),
            Accepted | Rejected | Suppressed | Expired | Cancelled => false,
        }
    }

    /// Whether the issue has to wait for this delivery.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Deferred)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_the_word_of_a_value_returns_the_value() {
        for state in DeliveryState::ALL {
            assert_eq!(state.as_str().parse::<DeliveryState>().ok(), Some(*state));
        }
    }

    #[test]
    fn a_final_delivery_state_never_changes() {
        for state in DeliveryState::ALL
            .iter()
            .filter(|s| !s.is_open() && **s != DeliveryState::InDoubt)
        {
            assert!(
                DeliveryState::ALL.iter().all(|next| !state.allows(*next)),
                "{state} moves"
            );
        }
    }

    #[test]
    fn every_open_delivery_state_can_reach_a_final_one() {
        for state in DeliveryState::ALL.iter().filter(|s| s.is_open()) {
            assert!(
                DeliveryState::ALL.iter().any(|next| state.allows(*next)),
                "{state} is stuck"
            );
        }
    }
}
