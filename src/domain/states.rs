//! The states of subscriptions, issues and deliveries, and the transitions between them.

pub use super::returned_states::{
    AlertLevel, AlertMeasure, AlertScope, ReturnedEffect, ReturnedKind, SuppressionEnd, SuppressionReason,
};
pub use super::state_words::UnknownState;
use super::state_words::states;

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
    /// An entry of the consent record.
    ConsentEvent {
        /// Somebody requested the subscription with the subscriber's address.
        Requested = "requested",
        /// An operator imported the address, and the reader was asked by mail to confirm.
        Asked = "asked",
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
        /// The subscriber changed the address, or undid such a change.
        AddressChanged = "address_changed",
        /// The subscriber took leaving back, and the subscription is as it was before.
        Restored = "restored",
    }
}

states! {
    /// What became of a sign-up request. Only an invalid one, one over a limit and one that needs a proof of work get another answer
    /// than an accepted one.
    SignupOutcome {
        /// It was stored. Whether it led to a mail depends on the address.
        Accepted = "accepted",
        /// The mailbox has got its mails of this day.
        MailboxFull = "mailbox_full",
        /// A field is invalid, or no newsletter has the slug.
        Invalid = "invalid",
        /// It was not a sign-up: a reader asked for a lost link, which counts for the network.
        LostLink = "lost_link",
        /// The network has sent too many requests.
        NetworkLimit = "network_limit",
        /// Too many addresses of the domain signed up.
        DomainLimit = "domain_limit",
        /// Too many addresses signed up.
        OverallLimit = "overall_limit",
        /// The address belongs to a domain of `signup.blocked_domains`.
        BlockedDomain = "blocked_domain",
        /// The field that people do not see was filled in.
        Honeypot = "honeypot",
        /// The form had no token.
        FormWithoutToken = "form_without_token",
        /// None of our keys made the token of the form.
        FormForged = "form_forged",
        /// The form was sent sooner than `signup.form_min_age` after it was made.
        FormTooFast = "form_too_fast",
        /// The form was sent later than `signup.form_max_age` after it was made.
        FormTooOld = "form_too_old",
        /// The network has sent this form before.
        FormRepeated = "form_repeated",
        /// There were too many sign-ups for one without a proof of work.
        ProofMissing = "proof_missing",
        /// The proof of work or the answer to the question is wrong, has expired or was used before.
        ProofWrong = "proof_wrong",
    }
}

states! {
    /// The purpose of a transactional mail.
    MailKind {
        /// Asks the recipient to confirm a subscription.
        Confirmation = "confirmation",
        /// Informs a confirmed subscriber who signs up again that they are subscribed already.
        SubscribedAlready = "subscribed",
        /// Welcomes a subscriber who has confirmed.
        Welcome = "welcome",
        /// Informs a subscriber that their preferences were changed.
        Preferences = "preferences",
        /// Has the link to the page on which a reader changes everything.
        Manage = "manage",
        /// Asks the new address to confirm a change of address, or informs the old one.
        AddressChange = "address_change",
        /// Has the link that downloads everything on record about the subscriber.
        Export = "export",
        /// Has the link that erases the subscriber.
        Erasure = "erasure",
        /// Has the link that lets a subscriber comment on articles.
        Comment = "comment",
        /// Has the link with which an operator chooses a password.
        OperatorLink = "operator_link",
        /// Informs the operators of something that needs their attention.
        Notice = "notice",
        /// A copy of an issue for the operator who asked for it.
        IssueTest = "issue_test",
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
    /// Where the text of a feed's articles comes from.
    TextFrom {
        /// The feed.
        Feed = "feed",
        /// The page of an article, if its entry in the feed has only a few lines.
        Page = "page",
    }
}

states! {
    /// What became of the page of an article that its feed gave only a few lines of.
    PageState {
        /// The text is that of the feed.
        Unused = "unused",
        /// The page is to be fetched.
        Due = "due",
        /// The text is that of the page.
        Used = "used",
        /// The page had no text, or could not be fetched. The text is that of the feed.
        Failed = "failed",
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
    /// The state of a feed, by which operators look for it.
    FeedState {
        /// It is gone, or its last fetch failed.
        Failing = "failing",
        /// No newsletter reads it.
        Unused = "unused",
    }
}

states! {
    /// The state of an article, by which operators look for it.
    ArticleState {
        /// It waits for an issue.
        Waiting = "waiting",
        /// An issue contains it.
        InIssue = "in_issue",
        /// A newsletter left it out.
        LeftOut = "left_out",
        /// The newsroom wrote it.
        Editorial = "editorial",
        /// An editor changed it.
        Edited = "edited",
        /// An editor retracted it.
        Retracted = "retracted",
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
            // A waiting delivery is in doubt only after a restore: it may have been sent after the backup was made.
            Queued | Deferred => matches!(next, Sending | Suppressed | Expired | Cancelled | InDoubt),
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
