//! Stores what comes back, before it is acknowledged.

use sha2::{Digest as _, Sha256};

use super::read::MAX_BYTES;
use crate::app::App;
use crate::domain::ids::ReturnedMailId;
use crate::store::returned_mails::ReturnedMail;
use crate::store::{StoreError, retry_on_conflict};

/// A returned mail before it is stored.
#[derive(Clone, Debug)]
pub(crate) struct IntakeItem {
    /// How it arrived: `smtp`, `imap`, `file`, or the name of a mail provider.
    pub(crate) source: &'static str,
    /// The envelope recipient, if the source knows it.
    pub(crate) recipient: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// Stores what was received, and wakes the processor. Returns how many are new: a repeated mail or event is not stored again. Only the
/// first [`MAX_BYTES`] of each are kept.
///
/// # Errors
/// When the database fails: nothing may be acknowledged then.
pub(crate) async fn store(app: &App, received: Vec<IntakeItem>) -> Result<u64, StoreError> {
    let now = app.clock.now();
    let rows = received.into_iter().map(|mut received| {
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
    });
    add(app, rows.collect()).await
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

/// [`store`] for the events of a mail provider.
///
/// # Errors
/// When the database fails: nothing may be acknowledged then.
pub(crate) async fn store_events(
    app: &App,
    source: &'static str,
    events: Vec<ReceivedEvent>,
) -> Result<u64, StoreError> {
    let now = app.clock.now();
    let rows = events.into_iter().map(|event| ReturnedMail {
        id: ReturnedMailId(app.rng.uuid(now)),
        digest: event.digest(source),
        event_id: event.id,
        source: source.to_owned(),
        recipient: None,
        content: event.content,
        received_at: now,
    });
    add(app, rows.collect()).await
}

/// Whether the event was stored before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn is_stored(app: &App, source: &'static str, event: &ReceivedEvent) -> Result<bool, StoreError> {
    app.store.read().await?.has_returned_mail(&event.digest(source)).await
}

async fn add(app: &App, rows: Vec<ReturnedMail>) -> Result<u64, StoreError> {
    let added = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
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
