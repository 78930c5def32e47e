//! The outbox of webhooks: a transaction collects what happened in memory, and writes a message for each endpoint that gets it when it
//! commits ([`Tx::commit`]). So no change is without its event, and no event without its change.
//!
//! If no endpoint gets the event, nothing is written.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::collected_events::{CollectedEvent, CollectedEvents, EventSubject};
use super::{Result, Tx, insert, on, row, select_over};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriberId, SubscriptionId, WebhookEndpointId};
use crate::domain::states::{IssueState, SubscriptionState, SuppressionEnd, SuppressionReason};
use crate::domain::webhook::{EventSelection, MessageState, WebhookEvent};

/// The version of the messages' form. A change that a receiver could misread raises it.
const VERSION: u32 = 1;

row! {
    struct Endpoint {
        id: WebhookEndpointId,
        events: EventSelection,
    }
}

row! {
    /// The subscription of an event, with its reader and newsletter.
    struct SubscriptionRow {
        id: SubscriptionId,
        subscriber_id: SubscriberId,
        state: SubscriptionState,
        address: EmailAddress,
        newsletter: String,
    }
}

row! {
    struct ReaderRow {
        address_hash: Vec<u8>,
        id: SubscriberId,
        address: EmailAddress,
    }
}

row! {
    /// The issue of an event.
    struct IssueRow {
        id: IssueId,
        newsletter: String,
        number: i64,
        state: IssueState,
        subject: String,
        reason: Option<String>,
        due_at: Option<DateTime<Utc>>,
        recipients: Option<i64>,
        edition: i64,
        edition_name: String,
    }
}

/// The document that an endpoint receives, with its fields in this order.
#[derive(Serialize)]
pub(crate) struct EventDocument<'a> {
    #[serde(rename = "type")]
    pub(crate) event: WebhookEvent,
    pub(crate) timestamp: String,
    pub(crate) version: u32,
    pub(crate) id: &'a str,
    pub(crate) data: Map<String, Value>,
}

impl<'a> EventDocument<'a> {
    pub(crate) fn new(event: WebhookEvent, id: &'a str, at: DateTime<Utc>, data: Map<String, Value>) -> Self {
        Self {
            event,
            timestamp: at.to_rfc3339_opts(SecondsFormat::Micros, true),
            version: VERSION,
            id,
            data,
        }
    }
}

/// A message for one endpoint.
struct NewMessage {
    endpoint: WebhookEndpointId,
    id: String,
    position: i64,
    event: WebhookEvent,
    subject: Uuid,
    body: String,
    at: DateTime<Utc>,
}

/// What the rows of the events' subjects say.
#[derive(Default)]
struct Subjects {
    subscriptions: HashMap<SubscriptionId, SubscriptionRow>,
    readers: HashMap<Vec<u8>, ReaderRow>,
    issues: HashMap<IssueId, IssueRow>,
}

impl Tx {
    /// Collects an event, which is written when this transaction commits.
    pub(crate) fn collect_event(
        &mut self,
        event: WebhookEvent,
        at: DateTime<Utc>,
        subject: EventSubject,
        fields: Vec<(&'static str, Value)>,
    ) {
        self.collected_events().events.push(CollectedEvent {
            event,
            at,
            subject,
            fields,
        });
    }

    /// Collects that an address is suppressed.
    pub(super) fn collect_suppression(&mut self, address_hash: &[u8], reason: SuppressionReason, now: DateTime<Utc>) {
        let subject = EventSubject::Address(address_hash.to_vec());
        let fields = vec![("reason", reason.as_str().into())];
        self.collect_event(WebhookEvent::SuppressionAdded, now, subject, fields);
    }

    /// Collects that the suppression of an address was lifted.
    pub(super) fn collect_lifted_suppression(&mut self, address_hash: &[u8], end: SuppressionEnd, now: DateTime<Utc>) {
        let subject = EventSubject::Address(address_hash.to_vec());
        let fields = vec![("lifted_by", end.as_str().into())];
        self.collect_event(WebhookEvent::SuppressionLifted, now, subject, fields);
    }

    pub(super) fn collected_events(&mut self) -> &mut CollectedEvents {
        match self {
            Self::Sqlite(tx) => &mut tx.events,
            Self::Postgres(tx) => &mut tx.events,
        }
    }

    /// Whether an endpoint gets an event.
    pub(super) async fn is_event_wanted(&mut self, event: WebhookEvent) -> Result<bool> {
        let endpoints = self.enabled_endpoints().await?;
        Ok(endpoints.iter().any(|endpoint| endpoint.events.contain(event)))
    }

    async fn enabled_endpoints(&mut self) -> Result<Vec<Endpoint>> {
        Ok(on!(
            self,
            all as Endpoint,
            "SELECT id, events FROM webhook_endpoints WHERE disabled_at IS NULL ORDER BY id"
        )?)
    }

    /// Writes the events that this transaction has collected, for the endpoints that get them.
    pub(super) async fn write_events(&mut self) -> Result<()> {
        let mut collected = std::mem::take(&mut self.collected_events().events);
        if collected.is_empty() {
            return Ok(());
        }
        let endpoints = self.enabled_endpoints().await?;
        collected.retain(|event| endpoints.iter().any(|endpoint| endpoint.events.contain(event.event)));
        if collected.is_empty() {
            return Ok(());
        }
        let subjects = self.subjects_of(&collected).await?;
        // Transactions about one reader or issue wait for each other's rows. So each sees what the one before it has committed, and its
        // numbers are higher. Others may take the same numbers, which does no harm.
        let (mut position,) = on!(
            &mut *self,
            one as (i64,),
            "SELECT COALESCE(MAX(position), 0) FROM webhook_messages"
        )?;
        let mut messages = Vec::new();
        for event in collected {
            position += 1;
            let Some((subject, mut data)) = subjects.describe(&event) else {
                continue;
            };
            data.extend(
                event
                    .fields
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            );
            let id = event_id(&event, subject, position);
            let document = EventDocument::new(event.event, &id, event.at, data);
            let body = serde_json::to_string(&document).map_err(|error| sqlx::Error::Encode(error.into()))?;
            let wanting = endpoints.iter().filter(|endpoint| endpoint.events.contain(event.event));
            messages.extend(wanting.map(|endpoint| NewMessage {
                endpoint: endpoint.id,
                id: id.clone(),
                position,
                event: event.event,
                subject,
                body: body.clone(),
                at: event.at,
            }));
        }
        insert!(
            self,
            "webhook_messages (endpoint_id, event_id, position, event, subject_id, body, state, attempts, retry_from, \
             next_attempt_at, created_at)",
            messages,
            |message| message.endpoint,
            &message.id,
            message.position,
            message.event,
            message.subject,
            &message.body,
            MessageState::Waiting,
            0_i64,
            message.at,
            message.at,
            message.at
        );
        Ok(())
    }

    /// Reads the rows of the events' subjects. A subject that was deleted in this transaction has none.
    async fn subjects_of(&mut self, events: &[CollectedEvent]) -> Result<Subjects> {
        let (mut subscriptions, mut hashes, mut issues) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            match &event.subject {
                EventSubject::Subscription(id) => subscriptions.push(*id),
                EventSubject::Address(hash) => hashes.push(hash.as_slice()),
                EventSubject::Issue(id) => issues.push(*id),
                EventSubject::Erased(_) => {}
            }
        }
        subscriptions.sort_unstable();
        subscriptions.dedup();
        hashes.sort_unstable();
        hashes.dedup();
        issues.sort_unstable();
        issues.dedup();
        let subscriptions = select_over!(
            self,
            "SELECT s.id, s.subscriber_id, s.state, p.address, n.slug AS newsletter FROM subscriptions s \
             JOIN subscribers p ON p.id = s.subscriber_id JOIN newsletters n ON n.id = s.newsletter_id WHERE s.id IN (",
            ")",
            SubscriptionRow,
            subscriptions,
            |id| *id
        );
        let readers = select_over!(
            self,
            "SELECT address_hash, id, address FROM subscribers WHERE address_hash IN (",
            ")",
            ReaderRow,
            hashes,
            |hash| *hash
        );
        let issues = select_over!(
            self,
            "SELECT i.id, n.slug AS newsletter, i.number, i.state, i.subject, i.reason, i.due_at, i.recipients, i.edition, \
             i.edition_name FROM issues i JOIN newsletters n ON n.id = i.newsletter_id WHERE i.id IN (",
            ")",
            IssueRow,
            issues,
            |id| *id
        );
        Ok(Subjects {
            subscriptions: subscriptions.into_iter().map(|row| (row.id, row)).collect(),
            readers: readers.into_iter().map(|row| (row.address_hash.clone(), row)).collect(),
            issues: issues.into_iter().map(|row| (row.id, row)).collect(),
        })
    }
}

impl Subjects {
    /// The id by which events of one subject are kept in order, and the fields about the subject.
    fn describe(&self, event: &CollectedEvent) -> Option<(Uuid, Map<String, Value>)> {
        let (id, data) = match &event.subject {
            EventSubject::Subscription(id) => {
                let row = self.subscriptions.get(id)?;
                let data = json!({
                    "subscriber": { "id": row.subscriber_id, "address": row.address.as_typed() },
                    "subscription": { "id": row.id, "newsletter": row.newsletter, "state": row.state },
                });
                (row.subscriber_id.0, data)
            }
            EventSubject::Address(hash) => {
                let row = self.readers.get(hash)?;
                let data = json!({ "subscriber": { "id": row.id, "address": row.address.as_typed() } });
                (row.id.0, data)
            }
            EventSubject::Erased(id) => (id.0, json!({ "subscriber": { "id": id } })),
            EventSubject::Issue(id) => {
                let row = self.issues.get(id)?;
                let edition = (row.edition > 0).then(|| json!({ "number": row.edition, "name": row.edition_name }));
                let data = json!({ "issue": {
                    "id": row.id,
                    "newsletter": row.newsletter,
                    "number": row.number,
                    "edition": edition,
                    "subject": row.subject,
                    "state": row.state,
                    "reason": row.reason,
                    "due_at": row.due_at,
                    "recipients": row.recipients,
                }});
                (row.id.0, data)
            }
        };
        match data {
            Value::Object(data) => Some((id, data)),
            _ => None,
        }
    }
}

/// An id that no other event has: no two events have the same subject, time and position.
fn event_id(event: &CollectedEvent, subject: Uuid, position: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(event.event.as_str());
    hash.update(subject.as_bytes());
    hash.update(event.at.timestamp_micros().to_be_bytes());
    hash.update(position.to_be_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hash.finalize()[..16]);
    format!("evt_{:032x}", u128::from_be_bytes(id))
}
