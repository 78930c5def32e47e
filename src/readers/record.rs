//! What is on record about an address.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::bounce::soft_bounces::{SoftBounces, count_in_a_row};
use crate::config::Bounces;
use crate::domain::address::EmailAddress;
use crate::domain::states::SubscriptionState;
use crate::domain::topics::Topics;
use crate::signup::confirmation_from;
use crate::store::bounce_lists::ListedBounce;
use crate::store::consent_records::ConsentRecord;
use crate::store::delivery_lists::DeliveryWithIssue;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::suppression_lists::EndedSuppression;
use crate::store::suppressions::Suppression;
use crate::store::transactional_mails::MailSummary;
use crate::store::{StoreError, Tx};

/// How many deliveries of each subscription, returned mails and other mails are shown, the latest first.
const MAX_SHOWN: i64 = 50;

/// What is on record about an address.
pub(crate) struct Record {
    pub(crate) address: EmailAddress,
    /// `None` if no subscriber has the address.
    pub(crate) subscriber: Option<Subscriber>,
    pub(crate) suppression: Option<Suppression>,
    pub(crate) ended_suppressions: Vec<EndedSuppression>,
    /// What came back about the address.
    pub(crate) returned: Vec<ListedBounce>,
    /// Confirmations and other mails about requests.
    pub(crate) mails: Vec<MailSummary>,
    pub(crate) subscriptions: Vec<SubscriptionDetails>,
    /// From when on a sign-up with the suppressed address causes a confirmation mail; `None` if none does.
    pub(crate) confirmation_from: Option<DateTime<Utc>>,
    pub(crate) now: DateTime<Utc>,
    /// The rule by which soft bounces pause a subscription.
    pub(crate) bounces: Bounces,
    /// Unconfirmed sign-ups are erased after this.
    pub(crate) purge_pending_after: Duration,
}

/// A subscription with its preferences, consent record and deliveries.
pub(crate) struct SubscriptionDetails {
    pub(crate) subscription: Subscription,
    pub(crate) topics: Topics,
    pub(crate) cadence: String,
    pub(crate) paused_until: Option<DateTime<Utc>>,
    /// Soft bounces that count towards a pause.
    pub(crate) soft_bounces: Option<SoftBounces>,
    pub(crate) consent: Vec<ConsentRecord>,
    pub(crate) deliveries: Vec<DeliveryWithIssue>,
}

/// Reads everything about an address.
pub(crate) async fn read(app: &App, tx: &mut Tx, address: EmailAddress) -> Result<Record, StoreError> {
    let hash = app.keys.address_hash(address.key());
    let subscriber = tx.subscriber_by_address(&app.keys, &address).await?;
    let mut subscriptions = Vec::new();
    let mut mails = Vec::new();
    if let Some(subscriber) = &subscriber {
        for subscription in tx.subscriptions_of(subscriber.id).await? {
            subscriptions.push(details(app, tx, subscription).await?);
        }
        mails = tx.transactional_mails_of(subscriber.id, MAX_SHOWN).await?;
    }
    let suppression = tx.suppression(&hash).await?;
    let confirmation_from = suppression
        .as_ref()
        .and_then(|suppression| confirmation_from(&app.config.signup, suppression));
    Ok(Record {
        subscriber,
        suppression,
        confirmation_from,
        now: app.clock.now(),
        bounces: app.config.bounces.clone(),
        ended_suppressions: tx.ended_suppressions_of(&hash).await?,
        returned: tx.bounces_of(&hash, MAX_SHOWN).await?,
        mails,
        subscriptions,
        purge_pending_after: app.config.signup.purge_pending_after,
        address,
    })
}

/// Reads everything about a subscription.
pub(crate) async fn details(
    app: &App,
    tx: &mut Tx,
    subscription: Subscription,
) -> Result<SubscriptionDetails, StoreError> {
    let preferences = tx.preferences(subscription.id).await?;
    Ok(SubscriptionDetails {
        topics: preferences.topics,
        cadence: preferences.cadence.to_string(),
        paused_until: preferences.paused_until,
        soft_bounces: if subscription.state == SubscriptionState::Confirmed {
            count_in_a_row(tx, subscription.id, app.clock.now()).await?
        } else {
            None
        },
        consent: tx.consent_of(subscription.id).await?,
        deliveries: tx
            .deliveries_to(subscription.id, subscription.newsletter_id, MAX_SHOWN)
            .await?,
        subscription,
    })
}

impl Record {
    /// Whether anything about the address is on record.
    pub(crate) fn is_known(&self) -> bool {
        self.subscriber.is_some()
            || self.suppression.is_some()
            || !self.ended_suppressions.is_empty()
            || !self.returned.is_empty()
    }
}
