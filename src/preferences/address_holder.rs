//! Taking an address over from the subscriber who has it.
//!
//! Anybody can sign an address up, so a subscriber who never confirmed keeps nobody from using the address. A link that was mailed to the
//! address shows that its owner wants the change. What the other subscriber has belongs to the same mailbox, so both become one subscriber.

use super::join::is_confirmed;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::time::time_delta;
use crate::signup::mailbox_limits::{MailboxLimit, mailbox_key};
use crate::store::erasure::Erasure;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};

/// The subscriber who has an address that another one wants.
pub(super) struct Holder {
    id: SubscriberId,
    name: Option<String>,
    subscriptions: Vec<Subscription>,
}

/// Locks the subscriber who wants an address, and the one who has it. `None` if the first is not on record any more.
pub(super) async fn lock(
    app: &App,
    tx: &mut Tx,
    subscriber: SubscriberId,
    address: &EmailAddress,
) -> Result<Option<(Subscriber, Option<Holder>)>, StoreError> {
    if let Some(found) = other_subscriber(app, tx, subscriber, address).await? {
        let mut subscriptions = tx.subscriptions_of(subscriber).await?;
        subscriptions.extend(tx.subscriptions_of(found.id).await?);
        let newsletters = subscriptions.iter().map(|subscription| subscription.newsletter_id);
        tx.lock_newsletters(newsletters).await?;
    }
    // A sign-up with the address, and the use of its confirmation link, hold this lock.
    tx.lock_mailboxes(vec![mailbox_key(app, MailboxLimit::SignUps, address)])
        .await?;
    let found = other_subscriber(app, tx, subscriber, address).await?;
    let mut ids = vec![subscriber];
    ids.extend(found.map(|found| found.id));
    ids.sort_unstable();
    let (mut wanting, mut holder) = (None, None);
    for id in ids {
        let Some(locked) = tx.lock_subscriber(id).await? else {
            continue;
        };
        if id == subscriber {
            wanting = Some(locked);
        } else if locked.address.key() == address.key() {
            holder = Some(Holder {
                id,
                name: locked.name,
                subscriptions: tx.subscriptions_of(id).await?,
            });
        }
    }
    Ok(wanting.map(|wanting| (wanting, holder)))
}

async fn other_subscriber(
    app: &App,
    tx: &mut Tx,
    subscriber: SubscriberId,
    address: &EmailAddress,
) -> Result<Option<Subscriber>, StoreError> {
    let found = tx.subscriber_by_address(&app.keys, address).await?;
    Ok(found.filter(|found| found.id != subscriber))
}

impl Holder {
    /// Whether the holder has ever confirmed the address.
    pub(super) fn is_confirmed(&self) -> bool {
        is_confirmed(&self.subscriptions)
    }

    /// Whether the holder got the address by a change that can still be undone. Then the holder is needed for that.
    pub(super) async fn may_have_to_move_back(&self, app: &App, tx: &mut Tx) -> Result<bool, StoreError> {
        let since = app.clock.now() - time_delta(app.config.privacy.undo_address_within);
        Ok(tx.last_undoable_change(self.id, since).await?.is_some())
    }

    /// Gives what the holder has to `subscriber`, and deletes the holder. Of two subscriptions to one newsletter the holder's is kept if it
    /// was confirmed, because that happened with this address; or if neither was, because its link was mailed to this address.
    pub(super) async fn give_all_to(self, app: &App, tx: &mut Tx, subscriber: &Subscriber) -> Result<(), StoreError> {
        let now = app.clock.now();
        let is_confirmed = self.is_confirmed();
        let own = tx.subscriptions_of(subscriber.id).await?;
        let mut deleted = Vec::new();
        for held in &self.subscriptions {
            let Some(own) = own.iter().find(|own| own.newsletter_id == held.newsletter_id) else {
                tx.move_subscription(held.id, subscriber.id).await?;
                continue;
            };
            let keeps_held = held.confirmed_at.is_some() || own.confirmed_at.is_none();
            let (kept, duplicate) = if keeps_held { (held, own) } else { (own, held) };
            tx.take_consent_and_links(duplicate.id, kept.id).await?;
            tx.end_subscription(duplicate.id, now).await?;
            tx.delete_subscription(duplicate.id).await?;
            if keeps_held {
                tx.move_subscription(held.id, subscriber.id).await?;
            }
            if duplicate.confirmed_at.is_some() {
                deleted.extend_from_slice(duplicate.id.0.as_bytes());
            }
        }
        // A name that was typed at an unconfirmed sign-up may be a stranger's.
        if is_confirmed && subscriber.name.is_none() {
            tx.set_profile(subscriber.id, self.name.as_deref(), None).await?;
        }
        tx.delete_merged_subscriber(self.id, subscriber.id).await?;
        if !deleted.is_empty() {
            detach_deliveries(app, tx, deleted).await?;
        }
        Ok(())
    }
}

/// Lets the deliveries to deleted subscriptions be ended and detached, as after an erasure. Nobody is erased, so nothing else is searched.
async fn detach_deliveries(app: &App, tx: &mut Tx, subscriptions: Vec<u8>) -> Result<(), StoreError> {
    let now = app.clock.now();
    tx.add_erasure(&Erasure {
        id: app.rng.uuid(now),
        addresses: String::new(),
        names: String::new(),
        subscriptions,
        mails: Vec::new(),
        requested_at: now,
    })
    .await
}
