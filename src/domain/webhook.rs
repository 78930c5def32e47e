//! Webhooks out: the events that other programs can ask for, and the states of the messages that carry them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::column::text_column;
use super::state_words::{UnknownState, states};
use super::states::{ConsentEvent, IssueState};

states! {
    /// Something that happened, as a message to a webhook names it. `docs/reference/webhooks-out.md` describes each.
    WebhookEvent {
        /// Somebody signed up, and a confirmation is mailed.
        SubscriptionRequested = "subscription.requested",
        /// An imported reader is asked by mail to confirm.
        SubscriptionAsked = "subscription.asked",
        /// A subscriber used the link of the confirmation mail.
        SubscriptionConfirmed = "subscription.confirmed",
        /// An operator imported a confirmed subscription.
        SubscriptionImported = "subscription.imported",
        /// A subscription was paused after soft bounces.
        SubscriptionPaused = "subscription.paused",
        /// Such a pause ended.
        SubscriptionResumed = "subscription.resumed",
        /// A subscription ended, so its reader gets no issue.
        SubscriptionEnded = "subscription.ended",
        /// A subscriber took leaving back.
        SubscriptionRestored = "subscription.restored",
        /// A subscriber has another address now.
        SubscriptionAddressChanged = "subscription.address_changed",
        /// Everything on record about a reader was erased.
        ReaderErased = "reader.erased",
        /// A draft was compiled.
        IssueCompiled = "issue.compiled",
        /// An operator approved a draft.
        IssueApproved = "issue.approved",
        /// Recipients are frozen, and sending began.
        IssueSending = "issue.sending",
        /// Sending stopped, by an operator or by the program.
        IssuePaused = "issue.paused",
        /// Sending goes on after a pause, or after the issue was reopened.
        IssueResumed = "issue.resumed",
        /// Every recipient is in a final state.
        IssueSent = "issue.sent",
        /// The issue was not sent, for a recorded reason.
        IssueSkipped = "issue.skipped",
        /// An operator cancelled the issue.
        IssueCancelled = "issue.cancelled",
        /// A message did not reach its recipient, and is not tried again.
        DeliveryFailed = "delivery.failed",
        /// A message came back, or its recipient was refused.
        BounceRecorded = "bounce.recorded",
        /// A reader reported a message as spam.
        ComplaintRecorded = "complaint.recorded",
        /// A reader's address is not mailed any more.
        SuppressionAdded = "suppression.added",
        /// A reader's address can be mailed again.
        SuppressionLifted = "suppression.lifted",
        /// An operator tests the webhook.
        WebhookTest = "webhook.test",
    }
}

impl WebhookEvent {
    /// The event of an entry of the consent record.
    pub(crate) const fn of_consent(event: ConsentEvent) -> Self {
        match event {
            ConsentEvent::Requested => Self::SubscriptionRequested,
            ConsentEvent::Asked => Self::SubscriptionAsked,
            ConsentEvent::Confirmed => Self::SubscriptionConfirmed,
            ConsentEvent::Imported => Self::SubscriptionImported,
            ConsentEvent::Paused => Self::SubscriptionPaused,
            ConsentEvent::Resumed => Self::SubscriptionResumed,
            ConsentEvent::Unsubscribed => Self::SubscriptionEnded,
            ConsentEvent::AddressChanged => Self::SubscriptionAddressChanged,
            ConsentEvent::Restored => Self::SubscriptionRestored,
        }
    }

    /// The event of an issue that changes its state; `None` if an approval is withdrawn.
    pub(crate) const fn of_issue(from: IssueState, to: IssueState) -> Option<Self> {
        Some(match (from, to) {
            (_, IssueState::Draft) => return None,
            (_, IssueState::Approved) => Self::IssueApproved,
            (IssueState::Paused | IssueState::Sent, IssueState::Sending) => Self::IssueResumed,
            (_, IssueState::Sending) => Self::IssueSending,
            (_, IssueState::Paused) => Self::IssuePaused,
            (_, IssueState::Sent) => Self::IssueSent,
            (_, IssueState::Skipped) => Self::IssueSkipped,
            (_, IssueState::Cancelled) => Self::IssueCancelled,
        })
    }

    /// The first part of the word, such as `subscription`.
    #[must_use]
    pub fn group(self) -> &'static str {
        self.as_str().split_once('.').map_or(self.as_str(), |(group, _)| group)
    }
}

states! {
    /// The state of a message to a webhook.
    MessageState {
        /// It waits for its first or next attempt.
        Waiting = "waiting",
        /// The endpoint accepted it.
        Delivered = "delivered",
        /// No attempt succeeded in time. An operator can replay it.
        Failed = "failed",
    }
}

/// The events that an endpoint gets. In the database they are words separated by blanks, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventSelection {
    /// Every event, also of later versions of the program.
    All,
    /// These events and no others.
    Only(BTreeSet<WebhookEvent>),
}

/// The text names neither an event nor a group of events.
#[derive(Debug, thiserror::Error)]
#[error("{found:?} is no event; write an event such as subscription.confirmed, or a group: {groups}")]
pub struct UnknownEvent {
    found: String,
    groups: String,
}

impl EventSelection {
    /// Reads the names of events and of groups, such as `subscription`. No name means all events.
    ///
    /// # Errors
    /// If a name is unknown.
    pub fn parse_names<T: AsRef<str>>(names: &[T]) -> Result<Self, UnknownEvent> {
        if names.is_empty() {
            return Ok(Self::All);
        }
        let offered = || {
            WebhookEvent::ALL
                .iter()
                .copied()
                .filter(|event| *event != WebhookEvent::WebhookTest)
        };
        let mut wanted = BTreeSet::new();
        for name in names.iter().map(AsRef::as_ref) {
            let found = offered().filter(|event| event.as_str() == name || event.group() == name);
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                let groups: BTreeSet<_> = offered().map(WebhookEvent::group).collect();
                return Err(UnknownEvent {
                    found: name.to_owned(),
                    groups: groups.into_iter().collect::<Vec<_>>().join(", "),
                });
            }
            wanted.extend(found);
        }
        Ok(Self::Only(wanted))
    }

    /// Whether an event is among them.
    #[must_use]
    pub fn contain(&self, event: WebhookEvent) -> bool {
        match self {
            Self::All => true,
            Self::Only(events) => events.contains(&event),
        }
    }
}

impl fmt::Display for EventSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Only(events) => {
                let words: Vec<_> = events.iter().map(|event| event.as_str()).collect();
                f.write_str(&words.join(" "))
            }
        }
    }
}

impl FromStr for EventSelection {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        if text == "*" {
            return Ok(Self::All);
        }
        Ok(Self::Only(
            text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?,
        ))
    }
}

text_column!(EventSelection);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_chosen_by_name_or_group() {
        let all = EventSelection::parse_names::<&str>(&[]).expect("no name is all");
        assert!(WebhookEvent::ALL.iter().all(|event| all.contain(*event)));
        let some = EventSelection::parse_names(&["suppression", "issue.sent"]).expect("the names are known");
        assert_eq!(some.to_string(), "issue.sent suppression.added suppression.lifted");
        assert_eq!(some.to_string().parse::<EventSelection>().ok(), Some(some));
        let error = EventSelection::parse_names(&["issue.opened"]).expect_err("there is no such event");
        assert!(error.to_string().contains("subscription"), "{error}");
        assert!(
            EventSelection::parse_names(&["webhook.test"]).is_err(),
            "a test is not asked for"
        );
    }

    #[test]
    fn every_change_of_an_issue_has_its_event() {
        use IssueState::{Approved, Draft, Paused, Sending, Sent};
        assert_eq!(WebhookEvent::of_issue(Draft, Sending), Some(WebhookEvent::IssueSending));
        assert_eq!(
            WebhookEvent::of_issue(Paused, Sending),
            Some(WebhookEvent::IssueResumed)
        );
        assert_eq!(WebhookEvent::of_issue(Sent, Sending), Some(WebhookEvent::IssueResumed));
        assert_eq!(WebhookEvent::of_issue(Approved, Draft), None);
    }
}
