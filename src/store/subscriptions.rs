//! Subscriptions, and the append-only record of consent.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Result, Tx, on, row, texts};
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{ConsentEvent, SubscriptionState};

/// The tolerated difference between the clocks of two nodes. A time further ahead was written by a wrong clock.
pub(crate) const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

row! {
    /// A subscription with the names that people know it by.
    #[derive(Clone)]
    pub struct Subscription {
        /// Its id.
        pub id: SubscriptionId,
        /// Whose it is.
        pub subscriber_id: SubscriberId,
        /// What it is to.
        pub newsletter_id: NewsletterId,
        /// The newsletter's slug.
        pub newsletter_slug: String,
        /// The newsletter's name.
        pub newsletter_name: String,
        /// The address.
        pub address: EmailAddress,
        /// Where it stands.
        pub state: SubscriptionState,
        /// When it was last asked for.
        pub requested_at: DateTime<Utc>,
        /// When it was confirmed.
        pub confirmed_at: Option<DateTime<Utc>>,
        /// When the last confirmation mail was queued, until its link is used.
        pub mailed_at: Option<DateTime<Utc>>,
        /// When it ended.
        pub ended_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// One entry of the record of consent.
    #[derive(Clone)]
    pub struct ConsentRecord {
        /// What happened.
        pub event: ConsentEvent,
        /// When.
        pub at: DateTime<Utc>,
        /// From which network address.
        pub network_address: Option<String>,
        /// What caused it.
        pub source: ConsentSource,
        /// The exact words that were shown.
        pub words: Option<String>,
        /// The text of the mail that was sent, without its secret.
        pub mail_text: Option<String>,
    }
}

/// `SELECT` and joins that every reading of [`Subscription`] begins with.
macro_rules! subscriptions_where {
    ($condition:literal) => {
        concat!(
            "SELECT s.id, s.subscriber_id, s.newsletter_id, n.slug AS newsletter_slug, n.name AS newsletter_name, \
             p.address, s.state, s.requested_at, s.mailed_at, s.confirmed_at, s.ended_at FROM subscriptions s \
             JOIN newsletters n ON n.id = s.newsletter_id JOIN subscribers p ON p.id = s.subscriber_id WHERE ",
            $condition
        )
    };
}

impl Tx {
    /// One subscription.
    pub async fn subscription(&mut self, id: SubscriptionId) -> Result<Option<Subscription>> {
        Ok(on!(
            self,
            optional as Subscription,
            subscriptions_where!("s.id = $1"),
            id
        )?)
    }

    /// Subscriptions whose ids are from `low` to `high`.
    pub async fn subscriptions_between(
        &mut self,
        low: SubscriptionId,
        high: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<Subscription>> {
        Ok(on!(
            self,
            all as Subscription,
            subscriptions_where!("s.id >= $1 AND s.id <= $2 ORDER BY s.id LIMIT $3"),
            low,
            high,
            limit
        )?)
    }

    /// A subscriber's subscriptions.
    pub async fn subscriptions_of(&mut self, subscriber: SubscriberId) -> Result<Vec<Subscription>> {
        Ok(on!(
            self,
            all as Subscription,
            subscriptions_where!("s.subscriber_id = $1 ORDER BY n.slug"),
            subscriber
        )?)
    }

    /// Subscriptions page by page in the order of their ids: those after `after`, of one newsletter or of all.
    pub async fn subscriptions_after(
        &mut self,
        newsletter: Option<NewsletterId>,
        after: Option<SubscriptionId>,
        limit: i64,
    ) -> Result<Vec<Subscription>> {
        let after = after.unwrap_or(SubscriptionId(Uuid::nil()));
        Ok(match newsletter {
            Some(id) => on!(
                self,
                all as Subscription,
                subscriptions_where!("s.newsletter_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3"),
                id,
                after,
                limit
            )?,
            None => on!(
                self,
                all as Subscription,
                subscriptions_where!("s.id > $1 ORDER BY s.id LIMIT $2"),
                after,
                limit
            )?,
        })
    }

    /// Makes a pending subscription if there is none at all. Returns what is there now, and whether it is new.
    pub async fn ensure_subscription(
        &mut self,
        id: SubscriptionId,
        subscriber: SubscriberId,
        newsletter: NewsletterId,
        now: DateTime<Utc>,
    ) -> Result<(Subscription, bool)> {
        let added = on!(
            self,
            execute,
            "INSERT INTO subscriptions (id, subscriber_id, newsletter_id, state, requested_at) \
             VALUES ($1, $2, $3, 'pending', $4) ON CONFLICT (newsletter_id, subscriber_id) DO NOTHING",
            id,
            subscriber,
            newsletter,
            now
        )?;
        let there = on!(
            self,
            one as Subscription,
            subscriptions_where!("s.newsletter_id = $1 AND s.subscriber_id = $2"),
            newsletter,
            subscriber
        )?;
        Ok((there, added == 1))
    }

    /// Notes a request that is to be answered by a mail, unless a mail since `not_since` still waits to be used; false
    /// then. A mail of the future was noted by a clock that was ahead, and counts as none.
    pub async fn record_request(
        &mut self,
        id: SubscriptionId,
        now: DateTime<Utc>,
        not_since: DateTime<Utc>,
    ) -> Result<bool> {
        let noted = on!(
            self,
            execute,
            "UPDATE subscriptions SET requested_at = $2, mailed_at = $2 \
             WHERE id = $1 AND (mailed_at IS NULL OR mailed_at <= $3 OR mailed_at > $4)",
            id,
            now,
            not_since,
            now + CLOCK_TOLERANCE
        )?;
        Ok(noted == 1)
    }

    /// What an import needs to know about an address: the state of its subscription, and whether it is suppressed.
    pub(crate) async fn state_and_suppression(
        &mut self,
        newsletter: NewsletterId,
        address_hash: &[u8],
    ) -> Result<(Option<SubscriptionState>, bool)> {
        Ok(on!(
            self,
            one as (Option<SubscriptionState>, bool),
            "SELECT (SELECT s.state FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.newsletter_id = $1 AND p.address_hash = $2), \
             EXISTS (SELECT 1 FROM suppressions WHERE address_hash = $2)",
            newsletter,
            address_hash
        )?)
    }

    /// Confirms a pending subscription for an import. If its reader unsubscribed meanwhile, it stays ended.
    pub(crate) async fn confirm_imported(&mut self, id: SubscriptionId, now: DateTime<Utc>) -> Result<bool> {
        let confirmed = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', confirmed_at = $2, mailed_at = NULL \
             WHERE id = $1 AND state = 'pending'",
            id,
            now
        )?;
        Ok(confirmed == 1)
    }

    /// Confirms a subscription; a confirmed one keeps its first time.
    pub async fn confirm_subscription(&mut self, id: SubscriptionId, now: DateTime<Utc>) -> Result<bool> {
        let confirmed = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', confirmed_at = $2, ended_at = NULL, mailed_at = NULL, \
             paused_until = NULL, missed_since = NULL \
             WHERE id = $1 AND state IN ('pending', 'unsubscribed')",
            id,
            now
        )?;
        Ok(confirmed == 1)
    }

    /// Ends a subscription and everything that waits to be sent for it; false when it had ended already.
    pub async fn end_subscription(&mut self, id: SubscriptionId, now: DateTime<Utc>) -> Result<bool> {
        let ended = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'unsubscribed', ended_at = $2 WHERE id = $1 AND state <> 'unsubscribed'",
            id,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = 'the subscriber left', next_attempt_at = NULL, \
             lease_owner = NULL, updated_at = $2 WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused')) \
             AND subscription_id = $1 AND state IN ('queued', 'deferred')",
            id,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET expires_at = $2 \
             WHERE subscription_id = $1 AND used_at IS NULL AND expires_at > $2",
            id,
            now
        )?;
        Ok(ended == 1)
    }

    /// Ends up to `limit` subscriptions of a newsletter, and returns them. No issue of it may be being sent.
    pub async fn end_subscriptions_of(
        &mut self,
        newsletter: NewsletterId,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<SubscriptionId>> {
        let ended = on!(
            self,
            all as (SubscriptionId,),
            "UPDATE subscriptions SET state = 'unsubscribed', ended_at = $3, paused_until = NULL WHERE id IN \
             (SELECT id FROM subscriptions WHERE newsletter_id = $1 AND state <> 'unsubscribed' ORDER BY id LIMIT $2) \
             AND state <> 'unsubscribed' RETURNING id",
            newsletter,
            limit,
            now
        )?;
        Ok(ended.into_iter().map(|(id,)| id).collect())
    }

    /// Invalidates all confirmation links of a newsletter.
    pub async fn expire_confirmations_of(&mut self, newsletter: NewsletterId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET expires_at = $2 WHERE used_at IS NULL AND expires_at > $2 \
             AND subscription_id IN (SELECT id FROM subscriptions WHERE newsletter_id = $1)",
            newsletter,
            now
        )?;
        Ok(())
    }

    /// Adds an entry to the consent record. Store its texts first ([`Tx::store_text`]); the entry refers to them by their hashes.
    pub async fn add_consent(&mut self, id: Uuid, subscription: SubscriptionId, record: &ConsentRecord) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO consent_records (id, subscription_id, event, at, network_address, source, words_hash, mail_text_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            subscription,
            record.event,
            record.at,
            &record.network_address,
            &record.source,
            record.words.as_deref().map(|words| texts::hash(words).to_vec()),
            record.mail_text.as_deref().map(|text| texts::hash(text).to_vec())
        )?;
        Ok(())
    }

    /// The record of consent of one subscription, the oldest entry first.
    pub async fn consent_of(&mut self, subscription: SubscriptionId) -> Result<Vec<ConsentRecord>> {
        Ok(on!(
            self,
            all as ConsentRecord,
            "SELECT r.event, r.at, r.network_address, r.source, w.body AS words, m.body AS mail_text \
             FROM consent_records r LEFT JOIN texts w ON w.hash = r.words_hash \
             LEFT JOIN texts m ON m.hash = r.mail_text_hash WHERE r.subscription_id = $1 ORDER BY r.at, r.id",
            subscription
        )?)
    }

    /// Forgets requests that nobody confirmed: pending subscriptions asked for before `before`, and their addresses if
    /// nothing else is known of them. Returns how many.
    pub async fn purge_pending(&mut self, before: DateTime<Utc>) -> Result<u64> {
        const STALE: &str = "SELECT id FROM subscriptions WHERE state = 'pending' AND requested_at < $1";
        for table in ["confirmation_tokens", "consent_records"] {
            let sql = format!("DELETE FROM {table} WHERE subscription_id IN ({STALE})");
            on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), before)?;
        }
        let purged = on!(
            self,
            execute,
            "DELETE FROM subscriptions WHERE state = 'pending' AND requested_at < $1",
            before
        )?;
        if purged > 0 {
            const ALONE: &str = "SELECT p.id FROM subscribers p WHERE p.created_at < $1 \
                AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.id)";
            for (table, column) in [("transactional_mails", "subscriber_id"), ("subscribers", "id")] {
                let sql = format!("DELETE FROM {table} WHERE {column} IN ({ALONE})");
                on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), before)?;
            }
        }
        Ok(purged)
    }
}
