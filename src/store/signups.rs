//! Statements for many sign-ups at once: what they find, and what they add.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::subscribers::NewSubscriber;
use super::suppressions::Suppression;
use super::{Result, StoreError, Tx, insert, over_values, row, select_over};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{SubscriptionState, SuppressionReason};
use crate::words::Language;

/// The keyed hash of an address, as in the suppression list.
pub(crate) type AddressHash = [u8; 32];

row! {
    /// A subscriber with one of their subscriptions. The columns of the subscription are `None` for a subscriber without any.
    pub(crate) struct FoundSubscription {
        pub(crate) subscriber_id: SubscriberId,
        pub(crate) address: EmailAddress,
        pub(crate) address_key: String,
        pub(crate) id: Option<SubscriptionId>,
        pub(crate) newsletter_id: Option<NewsletterId>,
        pub(crate) state: Option<SubscriptionState>,
        pub(crate) mailed_at: Option<DateTime<Utc>>,
        pub(crate) pause_reason: Option<String>,
        pub(crate) language: Option<Language>,
    }
}

/// A pending subscription to be added.
#[derive(Debug)]
pub(crate) struct NewSubscription {
    pub(crate) id: SubscriptionId,
    pub(crate) subscriber_id: SubscriberId,
    pub(crate) newsletter_id: NewsletterId,
    /// When a confirmation mail was queued for it; `None` if none was.
    pub(crate) mailed_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Why addresses are suppressed, of those that are.
    pub(crate) async fn suppressions_of(
        &mut self,
        hashes: &[AddressHash],
    ) -> Result<HashMap<AddressHash, Suppression>> {
        type Columns = (
            Vec<u8>,
            SuppressionReason,
            String,
            DateTime<Utc>,
            Option<String>,
            Option<DateTime<Utc>>,
            Option<DateTime<Utc>>,
        );
        let rows = select_over!(
            self,
            "SELECT address_hash, reason, evidence, created_at, complaint, complained_at, confirmation_mailed_at FROM suppressions \
             WHERE address_hash IN (",
            ")",
            Columns,
            hashes,
            |hash| &hash[..]
        );
        let rows = rows.into_iter().map(
            |(hash, reason, evidence, created_at, complaint, complained_at, confirmation_mailed_at)| {
                let hash = AddressHash::try_from(hash);
                let hash = hash.map_err(|_| sqlx::Error::Decode("a hash of suppressions is not 32 bytes long".into()));
                let suppression = Suppression {
                    reason,
                    evidence,
                    created_at,
                    complaint,
                    complained_at,
                    confirmation_mailed_at,
                };
                Ok::<_, StoreError>((hash?, suppression))
            },
        );
        rows.collect()
    }

    /// The subscribers whose addresses have these hashes, each with all subscriptions.
    pub(crate) async fn subscriptions_of_addresses(
        &mut self,
        hashes: &[AddressHash],
    ) -> Result<Vec<FoundSubscription>> {
        Ok(select_over!(
            self,
            "SELECT p.id AS subscriber_id, p.address, p.address_key, s.id, s.newsletter_id, s.state, s.mailed_at, s.pause_reason, s.language \
             FROM subscribers p LEFT JOIN subscriptions s ON s.subscriber_id = p.id WHERE p.address_hash IN (",
            ")",
            FoundSubscription,
            hashes,
            |hash| &hash[..]
        ))
    }

    /// Adds subscribers, none of whom may exist.
    pub(crate) async fn add_subscribers(&mut self, new: &[NewSubscriber<'_>], now: DateTime<Utc>) -> Result<()> {
        insert!(
            self,
            "subscribers (id, address, address_key, address_hash, name, timezone, created_at)",
            new,
            |new| new.id,
            new.address.as_typed(),
            new.address.key(),
            new.address_hash,
            new.name,
            new.timezone,
            now
        );
        Ok(())
    }

    /// Adds pending subscriptions, none of which may exist.
    pub(crate) async fn add_subscriptions(&mut self, new: &[NewSubscription], now: DateTime<Utc>) -> Result<()> {
        insert!(
            self,
            "subscriptions (id, subscriber_id, newsletter_id, state, requested_at, mailed_at)",
            new,
            |new| new.id,
            new.subscriber_id,
            new.newsletter_id,
            SubscriptionState::Pending,
            now,
            new.mailed_at
        );
        Ok(())
    }

    /// Records that a confirmation mail is queued for subscriptions.
    pub(crate) async fn set_mailed_at(&mut self, subscriptions: &[SubscriptionId], now: DateTime<Utc>) -> Result<()> {
        over_values!(
            self,
            "WITH mailed (id) AS (",
            ") UPDATE subscriptions SET requested_at = $1, mailed_at = $1 FROM mailed WHERE subscriptions.id = mailed.id",
            [now],
            subscriptions,
            |subscription| *subscription
        );
        Ok(())
    }
}
