//! Erasing an address that subscribers had before and do not have any more. These subscribers stay.

use super::traces::Traces;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{SubscriberId, TransactionalMailId};
use crate::store::{StoreError, Tx};

/// Erases the changes from and to an address, the mails to it, and the replies of mail servers that name it. So nobody can undo such a
/// change any more. Adds the mails to `mails`. Returns the addresses that the subscribers have now; `None` if one of them has this
/// address again, because the change was undone meanwhile.
pub(super) async fn erase(
    app: &App,
    tx: &mut Tx,
    address: &EmailAddress,
    mails: &mut Vec<TransactionalMailId>,
) -> Result<Option<Vec<EmailAddress>>, StoreError> {
    let hash = app.keys.address_hash(address.key());
    let mut subscribers: Vec<_> = tx
        .address_changes_with(&hash)
        .await?
        .into_iter()
        // An address that was asked for and not confirmed may be a stranger's.
        .map(|change| (change.subscriber_id, change.confirmed_at.is_some()))
        .collect();
    // In the order of the ids, so that two erasures lock the rows in the same order.
    subscribers.sort_unstable_by_key(|(id, is_confirmed)| (*id, !is_confirmed));
    subscribers.dedup_by_key(|(id, _)| *id);
    let mut now_at = Vec::new();
    for (id, had_address) in subscribers {
        let Some(subscriber) = tx.lock_subscriber(id).await? else {
            continue;
        };
        if subscriber.address.key() == address.key() {
            return Ok(None);
        }
        erase_replies(tx, id, address).await?;
        if had_address {
            now_at.push(subscriber.address);
        }
    }
    tx.delete_address_changes_with(&hash).await?;
    for form in [address.as_typed().to_lowercase(), address.key().to_owned()] {
        for mail in tx.mails_to_subscribers_at(&form).await? {
            tx.delete_erased_mail(mail).await?;
            mails.push(mail);
        }
    }
    Ok(Some(now_at))
}

/// Removes the address from the replies to messages that a subscriber got at it.
async fn erase_replies(tx: &mut Tx, subscriber: SubscriberId, address: &EmailAddress) -> Result<(), StoreError> {
    let traces = Traces::new([address.clone()], Vec::new(), [], []);
    for subscription in tx.subscriptions_of(subscriber).await? {
        for delivery in tx.erased_deliveries(subscription.id).await? {
            let Some(reply) = delivery.last_reply.as_deref() else {
                continue;
            };
            let redacted = traces.redact(reply);
            if redacted != reply {
                tx.replace_reply(delivery.issue_id, subscription.id, &redacted).await?;
            }
        }
    }
    Ok(())
}
