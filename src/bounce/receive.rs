//! Stores what comes back, before it is acknowledged.

use sha2::{Digest as _, Sha256};

use super::read::MAX_BYTES;
use crate::app::App;
use crate::domain::ids::ReturnedMailId;
use crate::store::returned_mails::ReturnedMail;
use crate::store::{StoreError, retry_on_conflict};

/// What came back, on the way into the database.
#[derive(Clone, Debug)]
pub(crate) struct Received {
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
pub(crate) async fn store(app: &App, received: Vec<Received>) -> Result<u64, StoreError> {
    let now = app.clock.now();
    let rows: Vec<ReturnedMail> = received
        .into_iter()
        .map(|mut received| {
            received.content.truncate(MAX_BYTES);
            ReturnedMail {
                id: ReturnedMailId(app.rng.uuid(now)),
                digest: digest(&received),
                source: received.source.to_owned(),
                recipient: received.recipient,
                content: received.content,
                received_at: now,
            }
        })
        .collect();
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
fn digest(received: &Received) -> Vec<u8> {
    let recipient = received.recipient.as_deref().unwrap_or_default().to_lowercase();
    let hash = Sha256::new()
        .chain_update(recipient.as_bytes())
        .chain_update([0])
        .chain_update(&received.content);
    hash.finalize().to_vec()
}
