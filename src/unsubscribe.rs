//! Unsubscribing: by a link that needs neither a stored token nor a login. It takes effect at once, also for queued deliveries.

pub mod undo;

use std::net::IpAddr;

use crate::app::App;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriptionId;
use crate::domain::states::ConsentEvent;
use crate::store::consent_records::ConsentRecord;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// The subscription of an unsubscribe link. `None` if none of our keys signed the link, or if the subscription does not exist.
///
/// # Errors
/// If the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Option<Subscription>, StoreError> {
    match app.keys.open_unsubscribe_token(token) {
        Some(id) => app.store.read().await?.subscription(id).await,
        None => Ok(None),
    }
}

/// Whether a link is from a test mail (`daywire issue test`), which belongs to no subscription.
#[must_use]
pub fn is_of_test(app: &App, token: &str) -> bool {
    let opened = app.keys.open_unsubscribe_token(token);
    opened.is_some_and(|subscription| subscription.0.is_nil())
}

/// Whether one of our keys signed a link. Its subscription may not exist any more.
#[must_use]
pub fn is_signed(app: &App, token: &str) -> bool {
    app.keys.open_unsubscribe_token(token).is_some()
}

/// Ends a subscription and its queued deliveries. Returns false, and changes nothing, if it had ended before.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn unsubscribe(
    app: &App,
    subscription: SubscriptionId,
    source: &ConsentSource,
    network: Option<IpAddr>,
) -> Result<bool, StoreError> {
    // The transaction may conflict with a sender that writes the same rows. A reader must not have to press the button twice.
    let ended = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let ended = end(app, &mut tx, subscription, source, network).await?;
        tx.commit().await?;
        Ok(ended)
    })
    .await;
    if matches!(ended, Ok(true)) {
        tracing::info!(subscription.id = %subscription, consent.source = %source, "subscription ended");
    }
    ended
}

/// [`unsubscribe`] as a part of a transaction.
pub(crate) async fn end(
    app: &App,
    tx: &mut Tx,
    subscription: SubscriptionId,
    source: &ConsentSource,
    network: Option<IpAddr>,
) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let newsletter = tx.end_subscription(subscription, now).await?;
    if let Some(newsletter) = newsletter {
        let record = ConsentRecord {
            event: ConsentEvent::Unsubscribed,
            at: now,
            network_address: app.recorded_network(network),
            source: source.clone(),
            words: None,
            mail_text: None,
        };
        tx.add_consent(app.rng.uuid(now), subscription, newsletter, &record)
            .await?;
    }
    Ok(newsletter.is_some())
}
