//! Leaving: at once, by a link that needs no row, no login and no second step.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriptionId;
use crate::domain::states::ConsentEvent;
use crate::store::subscriptions::{ConsentRecord, Subscription};
use crate::store::{StoreError, retry_on_conflict};

/// The subscription that an unsubscribe link speaks for, if the link is one of ours and the subscription is known.
///
/// # Errors
/// When the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Option<Subscription>, StoreError> {
    match app.keys.open_unsubscribe_token(token) {
        Some(id) => app.store.read().await?.subscription(id).await,
        None => Ok(None),
    }
}

/// Whether a link is one of a test copy (`daywire issue test`), which is made for no subscription.
#[must_use]
pub fn is_of_test(app: &App, token: &str) -> bool {
    let opened = app.keys.open_unsubscribe_token(token);
    opened.is_some_and(|subscription| subscription.0.is_nil())
}

/// Ends a subscription, and what waits to be sent for it. A second time changes nothing; false then.
///
/// # Errors
/// When the database fails; nothing is changed then.
pub async fn unsubscribe(
    app: &App,
    subscription: SubscriptionId,
    source: &ConsentSource,
    network: Option<IpAddr>,
) -> Result<bool, StoreError> {
    // Leaving may meet a sender that writes the same rows; who leaves must not have to press twice.
    let ended = retry_on_conflict(StoreError::is_conflict, || end(app, subscription, source, network)).await;
    if matches!(ended, Ok(true)) {
        tracing::info!(subscription.id = %subscription, %source, "subscription ended");
    }
    ended
}

async fn end(
    app: &App,
    subscription: SubscriptionId,
    source: &ConsentSource,
    network: Option<IpAddr>,
) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let ended = tx.end_subscription(subscription, now).await?;
    if ended {
        let record = ConsentRecord {
            event: ConsentEvent::Unsubscribed,
            at: now,
            network_address: network.map(|address| address.to_string()),
            source: source.clone(),
            words: None,
            mail_text: None,
        };
        tx.add_consent(app.rng.uuid(now), subscription, &record).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
