//! The first step of an erasure: one transaction that deletes the rows of a person.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::former_address;
use super::reader_link::{self, LinkRefusal};
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{NewsletterId, SubscriberId, TransactionalMailId};
use crate::domain::signed_links::SignedLink;
use crate::domain::states::SubscriptionState;
use crate::signup::mailbox_limits::mailbox_keys;
use crate::store::erasure::Erasure;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// What an erasure found and erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erased {
    /// The subscriber with the address.
    Subscriber,
    /// No subscriber had the address. What else was on record about it is erased.
    Address {
        /// The addresses of subscribers who had this one before, or used it for a while. These subscribers stay.
        now_at: Vec<EmailAddress>,
    },
}

/// Erases everything on record about an address, except that it is suppressed. What other rows quote is erased by
/// [`complete_all`](super::complete_all), which the service does within seconds.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn erase(app: &App, actor: &Actor, address: &EmailAddress) -> Result<Erased, StoreError> {
    match erase_person(app, Whom::Address(address, actor)).await? {
        Ok(erased) => Ok(erased),
        Err(_) => unreachable!("only a link is refused"),
    }
}

/// Erases the subscriber of a link ([`erase`]).
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn erase_by_link(app: &App, link: &SignedLink) -> Result<Result<(), LinkRefusal>, StoreError> {
    Ok(erase_person(app, Whom::Link(link)).await?.map(|_| ()))
}

/// Whose data is erased.
#[derive(Clone, Copy, Debug)]
enum Whom<'a> {
    /// The operator who erases goes on record.
    Address(&'a EmailAddress, &'a Actor),
    Link(&'a SignedLink),
}

/// The result of a transaction.
enum Attempt {
    Erased(Erased),
    Refused(LinkRefusal),
    /// A subscriber took the address while this transaction waited for the row.
    Again,
}

async fn erase_person(app: &App, whom: Whom<'_>) -> Result<Result<Erased, LinkRefusal>, StoreError> {
    loop {
        // A sign-up or a comment of the same person may add a row after the rows were read.
        match retry_on_conflict(StoreError::is_race, || erase_rows(app, whom)).await? {
            Attempt::Erased(erased) => {
                // Nobody who reads the log learns whom it was about.
                tracing::info!("subscriber erased");
                app.erasure_wakeup.notify_one();
                return Ok(Ok(erased));
            }
            Attempt::Refused(refusal) => return Ok(Err(refusal)),
            Attempt::Again => {}
        }
    }
}

async fn erase_rows(app: &App, whom: Whom<'_>) -> Result<Attempt, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let found = match whom {
        Whom::Address(address, _) => tx
            .subscriber_by_address(&app.keys, address)
            .await?
            .map(|found| found.id),
        Whom::Link(link) => Some(SubscriberId(link.subject)),
    };
    let locked = match found {
        Some(id) => lock_with_newsletters(&mut tx, id).await?,
        None => None,
    };
    // The address may have changed before the row was locked. What is erased is decided by what the row has now.
    let subscriber = match whom {
        Whom::Address(address, _) => locked.filter(|locked| locked.address.key() == address.key()),
        Whom::Link(link) => match reader_link::permitted(app, &mut tx, link, locked).await? {
            Ok(subscriber) => Some(subscriber),
            Err(refusal) => return Ok(Attempt::Refused(refusal)),
        },
    };
    let mut removed = Removed::default();
    if let Some(subscriber) = &subscriber {
        removed.addresses.push(subscriber.address.clone());
        let subscriptions = tx.subscriptions_of(subscriber.id).await?;
        end_subscriptions(app, &mut tx, &subscriptions).await?;
        removed.mails = tx.transactional_mail_ids(subscriber.id).await?;
        removed.names = tx.names_of(subscriber.id).await?;
        removed
            .addresses
            .extend(erase_other_addresses(app, &mut tx, subscriber.id).await?);
        removed.subscriptions = subscriptions;
        tx.erase_subscriber(subscriber.id, now).await?;
    }
    let address = match (whom, &subscriber) {
        (Whom::Address(address, _), _) => address,
        (Whom::Link(_), Some(subscriber)) => &subscriber.address,
        (Whom::Link(_), None) => unreachable!("a link without a subscriber is refused"),
    };
    removed.addresses.push(address.clone());
    let Some(now_at) = former_address::erase(app, &mut tx, address, &mut removed.mails).await? else {
        return Ok(Attempt::Again);
    };
    tx.erase_address(&app.keys.address_hash(address.key()), &mailbox_keys(app, address))
        .await?;
    tx.add_erasure(&removed.into_erasure(app, now)).await?;
    if let Whom::Address(_, actor) = whom {
        // The entry stays for ever, so it has the id of the subscriber and no part of the address.
        let id = subscriber.as_ref().map(|subscriber| subscriber.id.to_string());
        let object = id.unwrap_or_default();
        audit::record(&mut tx, app, actor, Change::of(AuditAction::ReaderErased, &object)).await?;
    }
    tx.commit().await?;
    Ok(Attempt::Erased(match subscriber {
        Some(_) => Erased::Subscriber,
        None => Erased::Address { now_at },
    }))
}

/// Locks the newsletters of a subscriber and then the subscriber, in the order of [`crate::store`].
async fn lock_with_newsletters(tx: &mut Tx, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
    let subscriptions = tx.subscriptions_of(id).await?;
    // A recipient without a subscription would wait for ever.
    tx.lock_newsletters(newsletters_of(&subscriptions)).await?;
    tx.lock_subscriber(id).await
}

fn newsletters_of(subscriptions: &[Subscription]) -> impl Iterator<Item = NewsletterId> {
    subscriptions.iter().map(|subscription| subscription.newsletter_id)
}

/// What one transaction has deleted, and what quotes of it are still to be searched.
#[derive(Default)]
struct Removed {
    addresses: Vec<EmailAddress>,
    names: Vec<String>,
    subscriptions: Vec<Subscription>,
    mails: Vec<TransactionalMailId>,
}

impl Removed {
    fn into_erasure(self, app: &App, now: DateTime<Utc>) -> Erasure {
        let addresses = self.addresses.iter().map(EmailAddress::as_typed);
        let mut addresses: Vec<_> = addresses.collect();
        addresses.sort_unstable();
        addresses.dedup();
        Erasure {
            id: app.rng.uuid(now),
            addresses: addresses.join("\n"),
            names: self.names.join("\n"),
            subscriptions: id_bytes(self.subscriptions.iter().map(|subscription| subscription.id.0)),
            mails: id_bytes(self.mails.iter().map(|mail| mail.0)),
            requested_at: now,
        }
    }
}

/// Erases what is on record by the addresses that a subscriber had before. Returns these addresses. An address that was asked for and not
/// confirmed may be a stranger's, so nothing is erased by it.
async fn erase_other_addresses(
    app: &App,
    tx: &mut Tx,
    subscriber: SubscriberId,
) -> Result<Vec<EmailAddress>, StoreError> {
    let mut erased = Vec::new();
    let changes = tx.address_changes_of(subscriber).await?;
    for change in changes.into_iter().filter(|change| change.confirmed_at.is_some()) {
        for address in [change.from_address, change.to_address] {
            let owner = tx.subscriber_by_address(&app.keys, &address).await?;
            // What is on record about another subscriber stays.
            if owner.is_none_or(|owner| owner.id == subscriber) {
                tx.erase_address(&app.keys.address_hash(address.key()), &mailbox_keys(app, &address))
                    .await?;
                erased.push(address);
            }
        }
    }
    Ok(erased)
}

/// Ids of 16 bytes each.
fn id_bytes(ids: impl Iterator<Item = Uuid>) -> Vec<u8> {
    ids.flat_map(|id| *id.as_bytes()).collect()
}

/// Ends what waits for the subscriptions, and counts those that were in force.
async fn end_subscriptions(app: &App, tx: &mut Tx, subscriptions: &[Subscription]) -> Result<(), StoreError> {
    let now = app.clock.now();
    tx.lock_newsletters(newsletters_of(subscriptions)).await?;
    for subscription in subscriptions {
        let newsletter = tx.end_subscription(subscription.id, now).await?;
        if newsletter.is_some() && subscription.state != SubscriptionState::Pending {
            tx.count_event(newsletter, CountedEvent::LeftByErasure, 1, now);
        }
    }
    Ok(())
}
