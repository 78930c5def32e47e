//! After leaving: for a while the subscriber can undo it, and say why they left. Both need the signed link of the page after leaving,
//! which nobody else sees: with the link in a mail alone, the friend to whom a digest was forwarded could subscribe a reader again.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::consent::ConsentSource;
use crate::domain::counted::{LeavingReason, MAX_NOTE_CHARS};
use crate::domain::ids::SubscriptionId;
use crate::domain::redact::without_addresses;
use crate::domain::signed_links::{LinkPurpose, SignedLinkError};
use crate::domain::states::{ConsentEvent, SubscriptionState};
use crate::domain::time::time_delta;
use crate::store::consent_records::ConsentRecord;
use crate::store::leaving_reasons::NewLeavingReason;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, retry_on_conflict};
use crate::text::html::clean_line;
use crate::text::plain::shorten;

/// What became of a request to undo leaving.
#[derive(Clone)]
pub enum UndoOutcome {
    /// The subscription is as it was before it ended, since now or since an earlier request.
    Restored(Subscription),
    /// The subscription cannot be restored.
    Refused(Subscription, UndoRefusal),
    /// The link has expired.
    Expired,
    /// The link was not made here, or its subscription is not on record.
    Unknown,
}

/// Why a subscription cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoRefusal {
    /// Its newsletter was removed.
    NewsletterRemoved,
    /// Its address is suppressed.
    Suppressed,
    /// It has ended again since.
    Changed,
}

/// A subscription that a link of the page after leaving is about.
struct EndedSubscription {
    subscription: Subscription,
    /// When it ended, in whole seconds.
    ended_at: DateTime<Utc>,
}

/// The token of the links on the page after leaving. `None` if the subscription has not ended, or was not confirmed before.
#[must_use]
pub fn token(app: &App, subscription: &Subscription) -> Option<String> {
    let was_in_force = matches!(
        subscription.state_before_end,
        Some(SubscriptionState::Confirmed | SubscriptionState::Paused)
    );
    let ended_at = subscription.ended_at.filter(|_| was_in_force)?;
    let expires_at = ended_at + time_delta(app.config.privacy.undo_leaving_within);
    let subject = subscription.id.0;
    Some(app.keys.link_token(LinkPurpose::UndoLeaving, subject, None, expires_at))
}

async fn open(app: &App, token: &str) -> Result<Result<EndedSubscription, UndoOutcome>, StoreError> {
    let link = match app
        .keys
        .open_link_token(LinkPurpose::UndoLeaving, token, app.clock.now())
    {
        Ok(link) => link,
        Err(SignedLinkError::Expired) => return Ok(Err(UndoOutcome::Expired)),
        Err(SignedLinkError::Unknown) => return Ok(Err(UndoOutcome::Unknown)),
    };
    let found = app
        .store
        .read()
        .await?
        .subscription(SubscriptionId(link.subject))
        .await?;
    Ok(found.ok_or(UndoOutcome::Unknown).map(|subscription| EndedSubscription {
        subscription,
        ended_at: link.expires_at - time_delta(app.config.privacy.undo_leaving_within),
    }))
}

/// The subscription that the link of the page after leaving is about. Changes nothing.
///
/// # Errors
/// If the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Result<Subscription, UndoOutcome>, StoreError> {
    Ok(open(app, token).await?.map(|left| left.subscription))
}

/// Makes a subscription what it was before it ended, and records that. Deliveries that were cancelled stay so.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn undo(app: &App, token: &str, network: Option<IpAddr>) -> Result<UndoOutcome, StoreError> {
    let EndedSubscription { subscription, ended_at } = match open(app, token).await? {
        Ok(left) => left,
        Err(undone) => return Ok(undone),
    };
    let now = app.clock.now();
    let restored = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        // While an issue starts, its recipients are frozen under this lock.
        tx.lock_newsletter(subscription.newsletter_id).await?;
        let restored = tx.restore_subscription(subscription.id, ended_at).await?;
        if let Some(newsletter) = restored {
            tx.delete_leaving_reason(subscription.id, ended_at).await?;
            let record = ConsentRecord {
                event: ConsentEvent::Restored,
                at: now,
                network_address: app.recorded_network(network),
                source: ConsentSource::Page,
                words: None,
                mail_text: None,
            };
            tx.add_consent(app.rng.uuid(now), subscription.id, newsletter, &record)
                .await?;
        }
        tx.commit().await?;
        Ok(restored.is_some())
    })
    .await?;
    if restored {
        tracing::info!(subscription.id = %subscription.id, "subscription restored");
    }
    // A page that is loaded again sends the same request again.
    let is_in_force = matches!(
        subscription.state,
        SubscriptionState::Confirmed | SubscriptionState::Paused
    );
    if restored || is_in_force {
        return Ok(UndoOutcome::Restored(subscription));
    }
    let refusal = refusal(app, &subscription).await?;
    Ok(UndoOutcome::Refused(subscription, refusal))
}

async fn refusal(app: &App, subscription: &Subscription) -> Result<UndoRefusal, StoreError> {
    let mut tx = app.store.read().await?;
    if tx.newsletter(subscription.newsletter_id).await?.removed_at.is_some() {
        return Ok(UndoRefusal::NewsletterRemoved);
    }
    let hash = app.keys.address_hash(subscription.address.key());
    Ok(match tx.suppression(&hash).await? {
        Some(_) => UndoRefusal::Suppressed,
        None => UndoRefusal::Changed,
    })
}

/// Records why a subscriber left. A second reason replaces the first. Returns the subscription; `None` if the link does not work any more,
/// or the subscription does not end at the time of the link any more.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn give_reason(
    app: &App,
    token: &str,
    reason: LeavingReason,
    note: &str,
) -> Result<Option<Subscription>, StoreError> {
    let Ok(EndedSubscription { subscription, ended_at }) = open(app, token).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let note = shorten(&without_addresses(&clean_line(note)), MAX_NOTE_CHARS).0;
    let added = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let reason = NewLeavingReason {
            id: app.rng.uuid(now),
            subscription: subscription.id,
            ended_at,
            reason,
            note: &note,
        };
        let added = tx.add_leaving_reason(&reason).await?;
        tx.commit().await?;
        Ok(added)
    })
    .await?;
    Ok(added.then_some(subscription))
}
