//! The mailed links by which readers export and erase their data.
//!
//! After a change of address nobody exports or erases with the new address until the old one cannot undo the change any more: a person
//! who read the reader's mail once could otherwise take the data, and remove the evidence before the reader sees the notice.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::SignedLink;
use crate::domain::time::time_delta;
use crate::store::subscribers::Subscriber;
use crate::store::{StoreError, Tx};

/// Why a link that was made here does not export or erase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// The subscriber has changed the address since the link was mailed.
    FormerAddress,
    /// The subscriber is not on record any more.
    Erased,
    /// The address was changed, and the old one can undo that until then.
    AddressChanged {
        /// From then on the data can be exported and erased.
        until: DateTime<Utc>,
    },
}

/// The subscriber whose data a link exports or erases.
///
/// # Errors
/// If the database fails.
pub async fn subscriber_of_link(app: &App, link: &SignedLink) -> Result<Result<Subscriber, LinkRefusal>, StoreError> {
    let mut tx = app.store.read().await?;
    let found = tx.subscriber(SubscriberId(link.subject)).await?;
    permitted(app, &mut tx, link, found).await
}

/// `found`, if the link still permits to export and erase the data of this subscriber.
pub(super) async fn permitted(
    app: &App,
    tx: &mut Tx,
    link: &SignedLink,
    found: Option<Subscriber>,
) -> Result<Result<Subscriber, LinkRefusal>, StoreError> {
    let Some(subscriber) = found else {
        return Ok(Err(LinkRefusal::Erased));
    };
    if !app.keys.was_mailed_to(link, subscriber.link_recipient()) {
        return Ok(Err(LinkRefusal::FormerAddress));
    }
    Ok(match held_until(app, tx, subscriber.id).await? {
        Some(until) => Err(LinkRefusal::AddressChanged { until }),
        None => Ok(subscriber),
    })
}

/// Until when the old address can undo a change; `None` if there is none that it can undo.
pub(super) async fn held_until(
    app: &App,
    tx: &mut Tx,
    subscriber: SubscriberId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let period = time_delta(app.config.privacy.undo_address_within);
    let changed_at = tx.last_undoable_change(subscriber, app.clock.now() - period).await?;
    Ok(changed_at.map(|changed_at| changed_at + period))
}
