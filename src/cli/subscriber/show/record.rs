//! What is on record about an address, as `daywire subscriber show` reads it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::topics::Topics;
use crate::store::bounces::Bounce;
use crate::store::consent_records::ConsentRecord;
use crate::store::delivery_lists::DeliveryWithIssue;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::suppressions::{EndedSuppression, Suppression};
use crate::store::transactional_mails::MailSummary;
use crate::store::{StoreError, Tx};

/// How many deliveries of each subscription, returned mails and other mails are shown, the latest first.
const MAX_SHOWN: i64 = 50;

/// What is on record about an address.
pub(super) struct Record {
    pub(super) address: EmailAddress,
    /// `None` if no subscriber has the address.
    pub(super) subscriber: Option<Subscriber>,
    pub(super) suppression: Option<Suppression>,
    pub(super) ended_suppressions: Vec<EndedSuppression>,
    /// What came back about the address.
    pub(super) returned: Vec<Bounce>,
    /// Confirmations and other mails about requests.
    pub(super) mails: Vec<MailSummary>,
    pub(super) subscriptions: Vec<SubscriptionDetails>,
    /// Unconfirmed sign-ups are erased after this.
    pub(super) purge_pending_after: Duration,
}

/// A subscription with its preferences, consent record and deliveries.
pub(super) struct SubscriptionDetails {
    pub(super) subscription: Subscription,
    pub(super) topics: Topics,
    pub(super) cadence: String,
    pub(super) paused_until: Option<DateTime<Utc>>,
    pub(super) consent: Vec<ConsentRecord>,
    pub(super) deliveries: Vec<DeliveryWithIssue>,
}

/// Reads everything about an address.
pub(super) async fn read(app: &App, tx: &mut Tx, address: EmailAddress) -> Result<Record, StoreError> {
    let hash = app.keys.address_hash(address.key());
    let subscriber = tx.subscriber_by_address(&address).await?;
    let mut subscriptions = Vec::new();
    let mut mails = Vec::new();
    if let Some(subscriber) = &subscriber {
        for subscription in tx.subscriptions_of(subscriber.id).await? {
            subscriptions.push(details(tx, subscription).await?);
        }
        mails = tx.transactional_mails_of(subscriber.id, MAX_SHOWN).await?;
    }
    Ok(Record {
        subscriber,
        suppression: tx.suppression(&hash).await?,
        ended_suppressions: tx.ended_suppressions_of(&hash).await?,
        returned: tx.bounces_of(&hash, MAX_SHOWN).await?,
        mails,
        subscriptions,
        purge_pending_after: app.config.signup.purge_pending_after,
        address,
    })
}

async fn details(tx: &mut Tx, subscription: Subscription) -> Result<SubscriptionDetails, StoreError> {
    let preferences = tx.preferences(subscription.id).await?;
    Ok(SubscriptionDetails {
        topics: preferences.topics,
        cadence: preferences.cadence.to_string(),
        paused_until: preferences.paused_until,
        consent: tx.consent_of(subscription.id).await?,
        deliveries: tx
            .deliveries_to(subscription.id, subscription.newsletter_id, MAX_SHOWN)
            .await?,
        subscription,
    })
}

impl Record {
    /// Whether anything about the address is on record.
    pub(super) fn is_known(&self) -> bool {
        self.subscriber.is_some()
            || self.suppression.is_some()
            || !self.ended_suppressions.is_empty()
            || !self.returned.is_empty()
    }

    /// The name of the issue that something came back about, such as `daily/7`; `None` if it is not among the shown deliveries.
    pub(super) fn issue_name(&self, returned: &Bounce) -> Option<String> {
        let issue = returned.issue_id?;
        let mut deliveries = self.subscriptions.iter().flat_map(|details| &details.deliveries);
        deliveries
            .find(|delivery| delivery.issue_id == issue)
            .map(DeliveryWithIssue::name)
    }
}
