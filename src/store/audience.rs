//! The readers an issue would go to, read and written in bulk: a rehearsal works on a copy of them.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{Cadence, SubscriptionState};
use crate::store::editions::GroupKey;

row! {
    /// A confirmed reader, with what sending needs.
    #[derive(Clone)]
    pub struct Listener {
        /// The subscription.
        pub subscription_id: SubscriptionId,
        /// Whose it is.
        pub subscriber_id: SubscriberId,
        /// The address as typed.
        pub address: String,
        /// The address's key.
        pub address_key: String,
        /// Keyed hash of the key.
        pub address_hash: Vec<u8>,
        /// What to call the person.
        pub name: Option<String>,
        /// Why the address is suppressed, if it is.
        pub suppressed: Option<String>,
        /// The topics, one a line; empty for all.
        pub topics: String,
        /// How often.
        pub cadence: Cadence,
        /// Since when issues were missed in a pause.
        pub missed_since: Option<DateTime<Utc>>,
    }
}

impl Listener {
    /// The group of readers who want the same.
    #[must_use]
    pub fn group(&self) -> GroupKey {
        (self.topics.clone(), self.cadence, self.missed_since)
    }
}

row! {
    /// How many confirmed readers of a newsletter want the same.
    #[derive(Clone, Debug)]
    pub struct GroupAudience {
        /// Their topics, one a line; empty for all.
        pub topics: String,
        /// How often.
        pub cadence: Cadence,
        /// Since when they missed issues in a pause.
        pub missed_since: Option<DateTime<Utc>>,
        /// Those whose address is not suppressed.
        pub mailable: i64,
        /// Those whose address is suppressed.
        pub suppressed: i64,
    }
}

impl Tx {
    /// Counts the confirmed readers of a newsletter by what they want.
    pub async fn group_audiences(&mut self, newsletter: NewsletterId) -> Result<Vec<GroupAudience>> {
        Ok(on!(
            self,
            all as GroupAudience,
            "SELECT s.topics, s.cadence, s.missed_since, COUNT(*) - COUNT(x.address_hash) AS mailable, \
             COUNT(x.address_hash) AS suppressed \
             FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE s.newsletter_id = $1 AND s.state = 'confirmed' GROUP BY s.topics, s.cadence, s.missed_since",
            newsletter
        )?)
    }

    /// How many subscriptions to a newsletter are paused.
    pub async fn count_paused(&mut self, newsletter: NewsletterId) -> Result<i64> {
        let (paused,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM subscriptions WHERE newsletter_id = $1 AND state = 'paused'",
            newsletter
        )?;
        Ok(paused)
    }

    /// Whether anybody has a confirmed subscription to a newsletter.
    pub async fn has_confirmed_readers(&mut self, newsletter: NewsletterId) -> Result<bool> {
        let (some,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE newsletter_id = $1 AND state = 'confirmed')",
            newsletter
        )?;
        Ok(some)
    }

    /// How many subscriptions each newsletter has in each state.
    pub async fn count_subscriptions(&mut self) -> Result<Vec<(NewsletterId, SubscriptionState, i64)>> {
        Ok(on!(
            self,
            all as (NewsletterId, SubscriptionState, i64),
            "SELECT newsletter_id, state, COUNT(*) FROM subscriptions GROUP BY newsletter_id, state"
        )?)
    }

    /// Confirmed readers of a newsletter page by page, in the order of their subscriptions.
    pub async fn audience_after(
        &mut self,
        newsletter: NewsletterId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<Listener>> {
        Ok(on!(
            self,
            all as Listener,
            "SELECT s.id AS subscription_id, s.subscriber_id, p.address, p.address_key, p.address_hash, p.name, \
             x.reason AS suppressed, s.topics, s.cadence, s.missed_since FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE s.newsletter_id = $1 AND s.state = 'confirmed' AND s.id > $2 ORDER BY s.id LIMIT $3",
            newsletter,
            after,
            limit
        )?)
    }

    /// Adds a reader with the ids that they have elsewhere.
    pub async fn add_listener(
        &mut self,
        newsletter: NewsletterId,
        listener: &Listener,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO subscribers (id, address, address_key, address_hash, name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            listener.subscriber_id,
            &listener.address,
            &listener.address_key,
            &listener.address_hash,
            &listener.name,
            now
        )?;
        on!(
            self,
            execute,
            "INSERT INTO subscriptions (id, subscriber_id, newsletter_id, state, requested_at, confirmed_at) \
             VALUES ($1, $2, $3, 'confirmed', $4, $4)",
            listener.subscription_id,
            listener.subscriber_id,
            newsletter,
            now
        )?;
        if let Some(reason) = &listener.suppressed {
            on!(
                self,
                execute,
                "INSERT INTO suppressions (address_hash, reason, created_at) VALUES ($1, $2, $3)",
                &listener.address_hash,
                reason,
                now
            )?;
        }
        Ok(())
    }
}
