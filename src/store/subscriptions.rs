//! Subscriptions of subscribers to newsletters.
//!
//! A subscription is `pending` until its confirmation link is used. Ending one ends the deliveries that wait for it in the same
//! transaction.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::deliveries::end_waiting_deliveries;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::SubscriptionState;
use crate::words::Language;

/// The tolerated difference between the clocks of two nodes. A time further ahead was written by a wrong clock.
pub(crate) const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

row! {
    /// A subscription with its address and newsletter.
    #[derive(Clone)]
    pub struct Subscription {
        /// The internal id, which sorts by the time of creation.
        pub id: SubscriptionId,
        /// The subscriber who has it.
        pub subscriber_id: SubscriberId,
        /// The newsletter to which it is.
        pub newsletter_id: NewsletterId,
        /// The slug of the newsletter.
        pub newsletter_slug: String,
        /// The name of the newsletter.
        pub newsletter_name: String,
        /// The address of the subscriber, as typed.
        pub address: EmailAddress,
        /// The state of the subscription.
        pub state: SubscriptionState,
        /// The time of the last sign-up.
        pub requested_at: DateTime<Utc>,
        /// When it was confirmed; `None` if it never was.
        pub confirmed_at: Option<DateTime<Utc>>,
        /// When the last confirmation mail was queued; `None` once its link was used.
        pub mailed_at: Option<DateTime<Utc>>,
        /// When it ended; `None` if it has not.
        pub ended_at: Option<DateTime<Utc>>,
        /// Why it was paused after soft bounces; `None` if it is not paused, or if the subscriber paused it.
        pub pause_reason: Option<String>,
        /// The language of the fixed texts in its mails; `None` for the newsletter's.
        pub language: Option<Language>,
        /// The state before it ended; `None` if it has not ended.
        pub state_before_end: Option<SubscriptionState>,
    }
}

/// Whether a sign-up for a subscription in this state needs a confirmation. If it was paused after soft bounces, the confirmation shows
/// that its mailbox takes mail again.
pub(crate) const fn needs_confirmation(state: SubscriptionState, is_paused_after_bounces: bool) -> bool {
    match state {
        SubscriptionState::Pending | SubscriptionState::Unsubscribed => true,
        SubscriptionState::Confirmed => false,
        SubscriptionState::Paused => is_paused_after_bounces,
    }
}

/// Selects [`Subscription`]s by a condition.
macro_rules! subscriptions_where {
    ($condition:literal) => {
        concat!(
            "SELECT s.id, s.subscriber_id, s.newsletter_id, n.slug AS newsletter_slug, n.name AS newsletter_name, \
             p.address, s.state, s.requested_at, s.mailed_at, s.confirmed_at, s.ended_at, s.language, \
             CASE WHEN s.state = 'paused' THEN s.pause_reason END AS pause_reason, s.state_before_end FROM subscriptions s \
             JOIN newsletters n ON n.id = s.newsletter_id JOIN subscribers p ON p.id = s.subscriber_id WHERE ",
            $condition
        )
    };
}

impl Tx {
    /// The subscription with this id.
    pub async fn subscription(&mut self, id: SubscriptionId) -> Result<Option<Subscription>> {
        Ok(on!(
            self,
            optional as Subscription,
            subscriptions_where!("s.id = $1"),
            id
        )?)
    }

    /// Subscriptions whose ids are from `low` to `high`.
    pub(crate) async fn subscriptions_between(
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

    /// The subscriptions of a subscriber, sorted by the slugs of their newsletters.
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

    /// Adds a pending subscription unless one exists in any state. Returns the subscription, and whether it is new.
    pub(crate) async fn ensure_subscription(
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
        let stored = on!(
            self,
            one as Subscription,
            subscriptions_where!("s.newsletter_id = $1 AND s.subscriber_id = $2"),
            newsletter,
            subscriber
        )?;
        Ok((stored, added == 1))
    }

    /// Confirms a subscription that is pending, has ended, or was paused after soft bounces. Returns false, and changes nothing, if it is
    /// confirmed or the subscriber paused it.
    pub(crate) async fn confirm_subscription(&mut self, id: SubscriptionId, now: DateTime<Utc>) -> Result<bool> {
        let confirmed = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', confirmed_at = $2, ended_at = NULL, mailed_at = NULL, \
             paused_until = NULL, missed_since = NULL, pause_reason = NULL, soft_bounces_since = $2, state_before_end = NULL \
             WHERE id = $1 AND (state IN ('pending', 'unsubscribed') OR (state = 'paused' AND pause_reason IS NOT NULL))",
            id,
            now
        )?;
        Ok(confirmed == 1)
    }

    /// Ends a subscription, its waiting deliveries and its confirmation links. Returns its newsletter; `None` if it had ended before. The
    /// state before is kept for [`Tx::restore_subscription`].
    pub(crate) async fn end_subscription(
        &mut self,
        id: SubscriptionId,
        now: DateTime<Utc>,
    ) -> Result<Option<NewsletterId>> {
        let ended = on!(
            self,
            optional as (NewsletterId,),
            "UPDATE subscriptions SET state_before_end = state, state = 'unsubscribed', ended_at = $2 \
             WHERE id = $1 AND state <> 'unsubscribed' RETURNING newsletter_id",
            id,
            now
        )?;
        on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "cancelled",
                reply: "'the subscriber left'",
                now: "$2",
                "WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused')) AND subscription_id = $1"
            ),
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
        Ok(ended.map(|(newsletter,)| newsletter))
    }

    /// Makes a subscription what it was before it ended at `ended_at`, a time in whole seconds. Returns its newsletter; `None`, and nothing
    /// changes, if it has not ended at that time, was never confirmed, or its newsletter was removed or its address suppressed since.
    pub(crate) async fn restore_subscription(
        &mut self,
        id: SubscriptionId,
        ended_at: DateTime<Utc>,
    ) -> Result<Option<NewsletterId>> {
        let restored = on!(
            self,
            optional as (NewsletterId,),
            "UPDATE subscriptions SET state = state_before_end, state_before_end = NULL, ended_at = NULL \
             WHERE id = $1 AND state = 'unsubscribed' AND state_before_end IN ('confirmed', 'paused') \
             AND ended_at >= $2 AND ended_at < $3 \
             AND newsletter_id IN (SELECT id FROM newsletters WHERE removed_at IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM subscribers p JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE p.id = subscriptions.subscriber_id) RETURNING newsletter_id",
            id,
            ended_at,
            ended_at + TimeDelta::seconds(1)
        )?;
        Ok(restored.map(|(newsletter,)| newsletter))
    }

    /// Invalidates the unused confirmation links of an address. `mailed_at` becomes `NULL`, so that the next sign-up does not count on
    /// a link that works no more.
    pub(crate) async fn expire_confirmations_of_address(
        &mut self,
        address_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET expires_at = $2 WHERE used_at IS NULL AND expires_at > $2 \
             AND subscription_id IN (SELECT s.id FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE p.address_hash = $1)",
            address_hash,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE subscriptions SET mailed_at = NULL WHERE mailed_at IS NOT NULL \
             AND subscriber_id IN (SELECT id FROM subscribers WHERE address_hash = $1)",
            address_hash
        )?;
        Ok(())
    }

    /// Ends at most `limit` subscriptions of a newsletter, and returns them. It does not end deliveries, so no issue of the newsletter may
    /// be open.
    pub(crate) async fn end_subscriptions_of(
        &mut self,
        newsletter: NewsletterId,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<SubscriptionId>> {
        // The condition is repeated outside, for a subscription that has ended while PostgreSQL waited for its row.
        let ended = on!(
            self,
            all as (SubscriptionId,),
            "UPDATE subscriptions SET state_before_end = state, state = 'unsubscribed', ended_at = $3 WHERE id IN \
             (SELECT id FROM subscriptions WHERE newsletter_id = $1 AND state <> 'unsubscribed' ORDER BY id LIMIT $2) \
             AND state <> 'unsubscribed' RETURNING id",
            newsletter,
            limit,
            now
        )?;
        Ok(ended.into_iter().map(|(id,)| id).collect())
    }

    /// Invalidates all confirmation links of a newsletter.
    pub(crate) async fn expire_confirmations_of(&mut self, newsletter: NewsletterId, now: DateTime<Utc>) -> Result<()> {
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

    /// Deletes pending subscriptions whose last sign-up, or mail that asked to confirm, was before `before`, with their confirmation tokens and consent records. If there
    /// are any, subscribers added before `before` who have no subscription left are deleted too, with their transactional mails. Returns
    /// the number of deleted subscriptions.
    pub(crate) async fn purge_pending(&mut self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize> {
        // An imported reader who waits to be asked to confirm stays until the mail was sent.
        macro_rules! stale {
            () => {
                "state = 'pending' AND requested_at < $1 AND NOT EXISTS (SELECT 1 FROM confirmation_asks a \
                 JOIN subscribers p ON p.address_hash = a.address_hash WHERE p.id = subscriptions.subscriber_id \
                 AND a.newsletter_id = subscriptions.newsletter_id AND a.asked_at IS NULL)"
            };
        }
        // Each table is emptied before the table that it refers to.
        const STALE: &str = concat!("SELECT id FROM subscriptions WHERE ", stale!());
        for table in ["confirmation_tokens", "consent_records"] {
            let sql = format!("DELETE FROM {table} WHERE subscription_id IN ({STALE})");
            on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), before)?;
        }
        let purged = on!(
            self,
            all as (NewsletterId,),
            concat!("DELETE FROM subscriptions WHERE ", stale!(), " RETURNING newsletter_id"),
            before
        )?;
        for (newsletter,) in &purged {
            self.count_event(Some(*newsletter), CountedEvent::Expired, 1, now);
        }
        if !purged.is_empty() {
            const WITHOUT_SUBSCRIPTION: &str = "SELECT p.id FROM subscribers p WHERE p.created_at < $1 \
                AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.id)";
            let tables = [
                ("webhook_messages", "subject_id"),
                ("transactional_mails", "subscriber_id"),
                ("address_changes", "subscriber_id"),
                ("subscribers", "id"),
            ];
            for (table, column) in tables {
                let sql = format!("DELETE FROM {table} WHERE {column} IN ({WITHOUT_SUBSCRIPTION})");
                on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), before)?;
            }
        }
        Ok(purged.len())
    }
}
