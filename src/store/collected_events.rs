//! The events that a transaction collects in memory until it commits (`webhook_events.rs`).

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::ids::{IssueId, SubscriberId, SubscriptionId};
use crate::domain::webhook::WebhookEvent;

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EventSubject {
    Subscription(SubscriptionId),
    /// The reader with this keyed hash of an address. Without such a subscriber there is no event.
    Address(Vec<u8>),
    /// An erased reader, of whom only the id is left.
    Erased(SubscriberId),
    Issue(IssueId),
}

/// Something that happened in a transaction.
#[derive(Clone, Debug)]
pub(crate) struct CollectedEvent {
    pub(crate) event: WebhookEvent,
    pub(crate) at: DateTime<Utc>,
    pub(crate) subject: EventSubject,
    /// Fields of the message that the rows of the subject do not have.
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// The events of a transaction.
#[derive(Debug, Default)]
pub(super) struct CollectedEvents {
    pub(super) events: Vec<CollectedEvent>,
    /// How many there were before the part that is being made (`parts.rs`), in case it is undone.
    before_part: usize,
}

impl CollectedEvents {
    pub(super) fn begin_part(&mut self) {
        self.before_part = self.events.len();
    }

    pub(super) fn undo_part(&mut self) {
        self.events.truncate(self.before_part);
    }
}
