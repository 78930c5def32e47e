//! The first step of an erasure: one transaction that deletes the rows of a person.

use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::SubscriptionState;
use crate::signup::mailbox_limits::mailbox_keys;
use crate::store::erasure::Erasure;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// Erases everything on record about an address, except that it is suppressed. What other rows quote is erased by
/// [`complete_all`](super::complete_all), which the service does within seconds. Returns whether a subscriber had the address.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn erase(app: &App, address: &EmailAddress) -> Result<bool, StoreError> {
    // A sign-up or a comment of the same person may add a row after the rows were read.
    let erased = retry_on_conflict(StoreError::is_race, || erase_rows(app, address)).await?;
    // Nobody who reads the log learns whom it was about.
    tracing::info!("subscriber erased");
    app.erasure_wakeup.notify_one();
    Ok(erased)
}

async fn erase_rows(app: &App, address: &EmailAddress) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let subscriber = tx.subscriber_by_address(address).await?;
    let mut addresses = vec![address.as_typed().to_owned()];
    let (mut subscriptions, mut mails, mut names) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(subscriber) = &subscriber {
        addresses.push(subscriber.address.as_typed().to_owned());
        subscriptions = tx.subscriptions_of(subscriber.id).await?;
        end_subscriptions(app, &mut tx, &subscriptions).await?;
        mails = tx.transactional_mail_ids(subscriber.id).await?;
        names = tx.names_of(subscriber.id).await?;
        addresses.extend(erase_other_addresses(app, &mut tx, subscriber.id).await?);
        tx.erase_subscriber(subscriber.id).await?;
    }
    tx.erase_address(&app.keys.address_hash(address.key()), &mailbox_keys(app, address))
        .await?;
    addresses.sort_unstable();
    addresses.dedup();
    tx.add_erasure(&Erasure {
        id: app.rng.uuid(now),
        addresses: addresses.join("\n"),
        names: names.join("\n"),
        subscriptions: bytes(subscriptions.iter().map(|subscription| subscription.id)),
        mails: mails
            .iter()
            .flat_map(|TransactionalMailId(id)| *id.as_bytes())
            .collect(),
        requested_at: now,
    })
    .await?;
    tx.commit().await?;
    Ok(subscriber.is_some())
}

/// Erases what is on record by the addresses that a subscriber had before. Returns these addresses. An address that was asked for and not
/// confirmed may be a stranger's, so nothing is erased by it.
async fn erase_other_addresses(app: &App, tx: &mut Tx, subscriber: SubscriberId) -> Result<Vec<String>, StoreError> {
    let mut erased = Vec::new();
    let changes = tx.address_changes_of(subscriber).await?;
    for change in changes.into_iter().filter(|change| change.confirmed_at.is_some()) {
        for address in [change.from_address, change.to_address] {
            let owner = tx.subscriber_by_address(&address).await?;
            // What is on record about another subscriber stays.
            if owner.is_none_or(|owner| owner.id == subscriber) {
                tx.erase_address(&app.keys.address_hash(address.key()), &mailbox_keys(app, &address))
                    .await?;
                erased.push(address.as_typed().to_owned());
            }
        }
    }
    Ok(erased)
}

fn bytes(subscriptions: impl Iterator<Item = SubscriptionId>) -> Vec<u8> {
    subscriptions.flat_map(|SubscriptionId(id)| *id.as_bytes()).collect()
}

/// Ends what waits for the subscriptions, and counts those that were in force.
async fn end_subscriptions(app: &App, tx: &mut Tx, subscriptions: &[Subscription]) -> Result<(), StoreError> {
    let now = app.clock.now();
    // While an issue starts, its recipients are frozen under these locks. A recipient without a subscription would wait for ever.
    let mut newsletters: Vec<_> = subscriptions
        .iter()
        .map(|subscription| subscription.newsletter_id)
        .collect();
    newsletters.sort_unstable();
    for newsletter in newsletters {
        tx.lock_newsletter(newsletter).await?;
    }
    for subscription in subscriptions {
        let newsletter = tx.end_subscription(subscription.id, now).await?;
        if newsletter.is_some() && subscription.state != SubscriptionState::Pending {
            tx.count_event(newsletter, CountedEvent::LeftByErasure, 1, now);
        }
    }
    Ok(())
}
