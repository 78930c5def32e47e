//! What a subscriber wants of one newsletter: topics, cadence and time zone; and pauses.
//!
//! A paused subscription has the state `paused`, so no issue counts it as a recipient. `missed_since` keeps the start of the first
//! pause until an issue has listed what was missed.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::Topics;
use crate::words::Language;

row! {
    /// The preferences of a subscription.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Preferences {
        /// The state of the subscription.
        pub state: SubscriptionState,
        /// The chosen topics; empty for all.
        pub topics: Topics,
        /// How often the subscriber gets the newsletter.
        pub cadence: Cadence,
        /// When the pause ends; `None` if the subscription is not paused, or paused after soft bounces.
        pub paused_until: Option<DateTime<Utc>>,
        /// Why it was paused after soft bounces; `None` if it is not paused, or if the subscriber paused it.
        pub pause_reason: Option<String>,
        /// The language of the fixed texts in mails; `None` for the newsletter's.
        pub language: Option<Language>,
    }
}

/// A change of preferences. `None` leaves the value unchanged.
#[derive(Clone, Debug, Default)]
pub struct PreferencesUpdate {
    /// The chosen topics; empty for all.
    pub topics: Option<Topics>,
    /// How often the subscriber gets the newsletter.
    pub cadence: Option<Cadence>,
    /// The language of the fixed texts in mails.
    pub language: Option<Language>,
}

impl Tx {
    /// Changes topics, cadence and language of a subscription.
    pub async fn set_preferences(&mut self, subscription: SubscriptionId, update: &PreferencesUpdate) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscriptions SET topics = COALESCE($2, topics), cadence = COALESCE($3, cadence), language = COALESCE($4, language) \
             WHERE id = $1",
            subscription,
            &update.topics,
            update.cadence,
            update.language
        )?;
        Ok(())
    }

    /// The preferences of a subscription, which must exist.
    pub async fn preferences(&mut self, subscription: SubscriptionId) -> Result<Preferences> {
        Ok(on!(
            self,
            one as Preferences,
            "SELECT state, topics, cadence, CASE WHEN state = 'paused' THEN paused_until END AS paused_until, \
             CASE WHEN state = 'paused' THEN pause_reason END AS pause_reason, language FROM subscriptions WHERE id = $1",
            subscription
        )?)
    }

    /// Changes the time zone of a subscriber.
    pub async fn set_timezone(&mut self, subscriber: SubscriberId, zone: TimeZone) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscribers SET timezone = $2 WHERE id = $1",
            subscriber,
            zone
        )?;
        Ok(())
    }

    /// Pauses a subscription for its subscriber; returns false if it is neither confirmed nor paused. A pause after soft bounces becomes
    /// this pause. Of several pauses in a row, `missed_since` keeps
    /// the start of the first. If an issue is being sent to the subscriber, the next lease of that delivery ends it and moves
    /// `missed_since` back to the start of the issue ([`Tx::end_if_unwanted`]).
    pub async fn pause_subscription(
        &mut self,
        subscription: SubscriptionId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let paused = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'paused', paused_until = $2, missed_since = COALESCE(missed_since, $3), \
             soft_bounces_since = CASE WHEN pause_reason IS NULL THEN soft_bounces_since ELSE $3 END, pause_reason = NULL \
             WHERE id = $1 AND state IN ('confirmed', 'paused')",
            subscription,
            until,
            now
        )?;
        Ok(paused == 1)
    }

    /// Ends a pause; returns false if the subscription is not paused. After a pause because of soft bounces, only later ones count.
    pub(crate) async fn end_pause(&mut self, subscription: SubscriptionId, now: DateTime<Utc>) -> Result<bool> {
        let ended = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', paused_until = NULL, \
             soft_bounces_since = CASE WHEN pause_reason IS NULL THEN soft_bounces_since ELSE $2 END, pause_reason = NULL \
             WHERE id = $1 AND state = 'paused'",
            subscription,
            now
        )?;
        Ok(ended == 1)
    }

    /// The pauses of a subscriber: the subscription, its end, and the newsletter's time zone.
    pub(crate) async fn pauses_of(
        &mut self,
        subscriber: SubscriberId,
    ) -> Result<Vec<(SubscriptionId, DateTime<Utc>, TimeZone)>> {
        Ok(on!(
            self,
            all as (SubscriptionId, DateTime<Utc>, TimeZone),
            "SELECT s.id, s.paused_until, n.timezone FROM subscriptions s JOIN newsletters n ON n.id = s.newsletter_id \
             WHERE s.subscriber_id = $1 AND s.state = 'paused' AND s.paused_until IS NOT NULL ORDER BY s.id",
            subscriber
        )?)
    }

    /// Moves the end of a pause. Does nothing if the pause has ended meanwhile.
    pub(crate) async fn move_pause(&mut self, subscription: SubscriptionId, until: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscriptions SET paused_until = $2 WHERE id = $1 AND state = 'paused'",
            subscription,
            until
        )?;
        Ok(())
    }

    /// Ends the pauses that are over. Returns how many.
    pub async fn end_pauses(&mut self, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', paused_until = NULL WHERE state = 'paused' AND paused_until <= $1",
            now
        )?)
    }

    /// Whether [`Self::end_pauses`] would end a pause. Takes no lock, so it can be called often.
    pub(crate) async fn has_pauses_to_end(&mut self, now: DateTime<Utc>) -> Result<bool> {
        let (has_any,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE state = 'paused' AND paused_until <= $1)",
            now
        )?;
        Ok(has_any)
    }
}
