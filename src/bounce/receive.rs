//! Stores what comes back, before it is acknowledged.

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::read::MAX_BYTES;
use crate::app::App;
use crate::domain::ids::ReturnedMailId;
use crate::domain::return_path::TaggedMessage;
use crate::store::returned_mails::ReturnedMail;
use crate::store::{StoreError, retry_on_conflict};

/// The most mails and bytes that are stored on a day for one recipient of our messages. A message leads to a few reports at most.
const MAX_MAILS_PER_DAY: i64 = 50;
const MAX_BYTES_PER_DAY: i64 = 4 * 1024 * 1024;
/// The longest id of an event that is stored as it is.
const MAX_EVENT_ID_BYTES: usize = 200;

/// A returned mail before it is stored.
#[derive(Clone, Debug)]
pub(crate) struct IntakeItem {
    /// How it arrived: `listener`, `imap`, `file`, or the name of a mail provider.
    pub(crate) source: &'static str,
    /// The envelope recipient, if the source knows it.
    pub(crate) recipient: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// The result of storing mails.
#[derive(Debug)]
pub(crate) struct StoredItems {
    /// How many are new: a repeated mail is not stored again.
    pub(crate) new: u64,
    /// The ids of the new ones, and ids of no row for the repeated ones.
    pub(crate) ids: Vec<ReturnedMailId>,
}

/// Stores what was received, and wakes the processor. Only the first [`MAX_BYTES`] of each are kept.
///
/// # Errors
/// When the database fails: nothing may be acknowledged then.
pub(crate) async fn store(app: &App, received: Vec<IntakeItem>) -> Result<StoredItems, StoreError> {
    let now = app.clock.now();
    let rows = received.into_iter().map(|received| row(app, received, now));
    let rows: Vec<_> = rows.collect();
    let ids = rows.iter().map(|row| row.id).collect();
    let new = add(app, &[], rows).await?;
    Ok(StoredItems { new, ids })
}

fn row(app: &App, mut received: IntakeItem, now: DateTime<Utc>) -> ReturnedMail {
    received.content.truncate(MAX_BYTES);
    ReturnedMail {
        id: ReturnedMailId(app.rng.uuid(now)),
        digest: digest(&received),
        event_id: None,
        source: received.source.to_owned(),
        recipient: received.recipient,
        content: received.content,
        received_at: now,
    }
}

/// What became of a mail that counts for a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    New,
    /// It was stored before.
    Repeated,
    /// The recipient has received too much today, so it is not stored.
    OverBudget,
}

/// [`store`] for one mail that anybody can send who knows the tag of one of our messages. What is stored of such mail is limited by
/// day for each recipient of our messages, and not for each tag: a subscription gets a new one with every issue.
///
/// # Errors
/// When the database fails: nothing may be acknowledged then.
pub(crate) async fn store_within_budget(
    app: &App,
    received: IntakeItem,
    message: TaggedMessage,
) -> Result<Stored, StoreError> {
    let now = app.clock.now();
    let rows = [row(app, received, now)];
    let recipient = match message {
        TaggedMessage::Delivery { subscription, .. } => format!("subscription {subscription}"),
        TaggedMessage::Transactional(id) => format!("transactional mail {id}"),
    };
    let bytes = i64::try_from(rows[0].content.len()).unwrap_or(i64::MAX);
    let stored = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        if tx.add_returned_mails(&rows).await? == 0 {
            return Ok::<_, StoreError>(Stored::Repeated);
        }
        let (mails, bytes) = tx.add_to_intake_budget(&recipient, &day(now), bytes).await?;
        if mails > MAX_MAILS_PER_DAY || bytes > MAX_BYTES_PER_DAY {
            return Ok(Stored::OverBudget);
        }
        tx.commit().await?;
        Ok(Stored::New)
    })
    .await?;
    if stored == Stored::New {
        app.returned_mail_wakeup.notify_one();
    }
    Ok(stored)
}

/// The day of a budget, in UTC.
pub(super) fn day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}

/// An event of a mail provider before it is stored.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedEvent {
    /// The provider's id of the event, if it has one. A second event with the same id is not stored.
    pub(crate) id: Option<String>,
    /// A value that the provider uses once. A second event with the same one is not stored, even if its content differs.
    pub(crate) nonce: Option<String>,
    pub(crate) content: Vec<u8>,
}

impl ReceivedEvent {
    fn digest(&self, source: &str) -> Vec<u8> {
        let (kind, value) = match &self.nonce {
            Some(nonce) => ("nonce", nonce.as_bytes()),
            None => ("content", self.content.as_slice()),
        };
        let hash = Sha256::new().chain_update("event\0").chain_update(source);
        let hash = hash.chain_update([0]).chain_update(kind).chain_update([0]);
        hash.chain_update(value).finalize().to_vec()
    }
}

/// [`store`] for the events of a mail provider. If one of the nonces was used in an earlier request, the events are not stored: each
/// request is accepted once. The nonces are remembered also if there is no event.
///
/// # Errors
/// When the database fails: nothing may be acknowledged then.
pub(crate) async fn store_events(
    app: &App,
    source: &'static str,
    nonces: &[String],
    events: Vec<ReceivedEvent>,
) -> Result<u64, StoreError> {
    let now = app.clock.now();
    let rows = events.into_iter().map(|event| ReturnedMail {
        id: ReturnedMailId(app.rng.uuid(now)),
        digest: event.digest(source),
        event_id: event.id.map(storable_id),
        source: source.to_owned(),
        recipient: None,
        content: event.content,
        received_at: now,
    });
    let nonces: Vec<_> = nonces
        .iter()
        .map(|nonce| {
            let hash = Sha256::new().chain_update(source).chain_update([0]);
            hash.chain_update(nonce).finalize().to_vec()
        })
        .collect();
    add(app, &nonces, rows.collect()).await
}

/// The id of an event, or its hash if a database cannot store or index it: PostgreSQL stores no NUL in text, and indexes about 2,700
/// bytes. Otherwise the same event would fail whenever the provider sends it, with all others of its request.
fn storable_id(id: String) -> String {
    if id.len() <= MAX_EVENT_ID_BYTES && !id.contains(char::is_control) {
        return id;
    }
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(id)))
}

/// Whether the event was stored before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn is_stored(app: &App, source: &'static str, event: &ReceivedEvent) -> Result<bool, StoreError> {
    app.store.read().await?.has_returned_mail(&event.digest(source)).await
}

async fn add(app: &App, nonces: &[Vec<u8>], rows: Vec<ReturnedMail>) -> Result<u64, StoreError> {
    let added = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        if !tx.use_webhook_nonces(nonces, app.clock.now()).await? {
            return Ok(0);
        }
        let added = tx.add_returned_mails(&rows).await?;
        tx.commit().await?;
        Ok(added)
    })
    .await?;
    app.returned_mail_wakeup.notify_one();
    Ok(added)
}

/// Identifies a mail by its recipient and content, so that a sender that repeats it changes nothing.
fn digest(received: &IntakeItem) -> Vec<u8> {
    let recipient = received.recipient.as_deref().unwrap_or_default().to_lowercase();
    let hash = Sha256::new()
        .chain_update(recipient.as_bytes())
        .chain_update([0])
        .chain_update(&received.content);
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_no_database_stores_is_replaced_by_its_hash() {
        let id = |text: &str| storable_id(text.to_owned());
        assert_eq!(id("1790000000/aZ_9.-=é"), "1790000000/aZ_9.-=é");
        for odd in ["a\0b", "a\nb", &"x".repeat(201)] {
            let stored = id(odd);
            assert!(stored.starts_with("sha256:") && stored.len() == 71, "{stored}");
            assert_eq!(id(odd), stored);
        }
        assert_ne!(id("a\0b"), id("a\0c"));
    }
}
