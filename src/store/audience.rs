//! The audience of a newsletter: counts of its subscriptions, and the confirmed ones page by page. A rehearsal reads these pages, and adds
//! their subscribers to its own database.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::subscriber_groups::PreferenceKey;
use super::{Result, Tx, on, row, select_over};
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{Cadence, SubscriptionState, SuppressionReason};
use crate::domain::topics::Topics;
use crate::words::Language;

row! {
    /// A confirmed subscription, with what sending needs.
    #[derive(Clone)]
    pub struct AudienceMember {
        pub(crate) subscription_id: SubscriptionId,
        pub(crate) subscriber_id: SubscriberId,
        /// The address as typed. It is not parsed, because a rehearsal also copies a damaged address.
        pub address: String,
        /// The normal form of the address, by which it is unique.
        pub address_key: String,
        /// The keyed hash of `address_key`, as in the suppression list.
        pub address_hash: Vec<u8>,
        /// The subscriber's name, if it is known.
        pub name: Option<String>,
        /// Why the address is suppressed; `None` if it is not.
        pub suppressed: Option<SuppressionReason>,
        /// The words that decided about the suppression.
        pub(crate) suppression_evidence: Option<String>,
        /// The chosen topics; empty for all.
        pub topics: Topics,
        /// How often the subscriber wants an issue.
        pub cadence: Cadence,
        /// Since when the subscriber has missed issues because of a pause; `None` if they missed none.
        pub missed_since: Option<DateTime<Utc>>,
        /// The language of the fixed texts in mails; `None` for the newsletter's.
        pub language: Option<Language>,
    }
}

impl AudienceMember {
    /// The group of subscribers with the same preferences.
    pub(crate) fn group(&self) -> PreferenceKey {
        PreferenceKey {
            topics: self.topics.clone(),
            cadence: self.cadence,
            missed_since: self.missed_since,
            language: self.language,
        }
    }
}

impl Tx {
    /// How many subscriptions to a newsletter are paused.
    pub(crate) async fn count_paused(&mut self, newsletter: NewsletterId) -> Result<i64> {
        let (paused,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM subscriptions WHERE newsletter_id = $1 AND state = 'paused'",
            newsletter
        )?;
        Ok(paused)
    }

    /// Whether a newsletter has a confirmed subscription.
    pub(crate) async fn has_confirmed_subscribers(&mut self, newsletter: NewsletterId) -> Result<bool> {
        let (has_confirmed,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE newsletter_id = $1 AND state = 'confirmed')",
            newsletter
        )?;
        Ok(has_confirmed)
    }

    /// How many subscriptions each newsletter has in each state.
    pub(crate) async fn count_subscriptions(&mut self) -> Result<Vec<(NewsletterId, SubscriptionState, i64)>> {
        Ok(on!(
            self,
            all as (NewsletterId, SubscriptionState, i64),
            "SELECT newsletter_id, state, COUNT(*) FROM subscriptions GROUP BY newsletter_id, state"
        )?)
    }

    /// How many confirmed subscriptions a newsletter has.
    pub(crate) async fn count_confirmed(&mut self, newsletter: NewsletterId) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM subscriptions WHERE newsletter_id = $1 AND state = 'confirmed'",
            newsletter
        )?;
        Ok(count)
    }

    /// How many confirmed subscriptions to each newsletter get nothing, because their address is suppressed.
    pub(crate) async fn count_suppressed_readers(&mut self) -> Result<Vec<(NewsletterId, i64)>> {
        Ok(on!(
            self,
            all as (NewsletterId, i64),
            "SELECT s.newsletter_id, COUNT(*) FROM suppressions x JOIN subscribers p ON p.address_hash = x.address_hash \
             JOIN subscriptions s ON s.subscriber_id = p.id WHERE s.state = 'confirmed' GROUP BY s.newsletter_id"
        )?)
    }

    /// Those of the subscribers whose address is suppressed.
    pub(crate) async fn suppressed_subscribers(
        &mut self,
        subscribers: &[SubscriberId],
    ) -> Result<HashSet<SubscriberId>> {
        let suppressed = select_over!(
            self,
            "SELECT p.id FROM subscribers p JOIN suppressions x ON x.address_hash = p.address_hash WHERE p.id IN (",
            ")",
            (SubscriberId,),
            subscribers,
            |id| *id
        );
        Ok(suppressed.into_iter().map(|(id,)| id).collect())
    }

    /// Confirmed subscriptions to a newsletter page by page, in the order of their subscriptions.
    pub(crate) async fn audience_after(
        &mut self,
        newsletter: NewsletterId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<AudienceMember>> {
        Ok(on!(
            self,
            all as AudienceMember,
            "SELECT s.id AS subscription_id, s.subscriber_id, p.address, p.address_key, p.address_hash, p.name, \
             x.reason AS suppressed, x.evidence AS suppression_evidence, s.topics, s.cadence, s.missed_since, s.language \
             FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE s.newsletter_id = $1 AND s.state = 'confirmed' AND s.id > $2 ORDER BY s.id LIMIT $3",
            newsletter,
            after,
            limit
        )?)
    }

    /// Adds a confirmed subscription and its subscriber, with the ids that they have in the database from which they are copied.
    ///
    /// Topics, cadence, language, time zone and `missed_since` are not copied. A rehearsal sends every member the issue itself and at once, and
    /// counts the groups with the preferences of the real database.
    pub(crate) async fn add_audience_member(
        &mut self,
        newsletter: NewsletterId,
        member: &AudienceMember,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO subscribers (id, address, address_key, address_hash, name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            member.subscriber_id,
            &member.address,
            &member.address_key,
            &member.address_hash,
            &member.name,
            now
        )?;
        on!(
            self,
            execute,
            "INSERT INTO subscriptions (id, subscriber_id, newsletter_id, state, requested_at, confirmed_at) \
             VALUES ($1, $2, $3, 'confirmed', $4, $4)",
            member.subscription_id,
            member.subscriber_id,
            newsletter,
            now
        )?;
        if let Some(reason) = member.suppressed {
            on!(
                self,
                execute,
                "INSERT INTO suppressions (address_hash, reason, evidence, created_at) VALUES ($1, $2, $3, $4)",
                &member.address_hash,
                reason,
                member.suppression_evidence.as_deref().unwrap_or_default(),
                now
            )?;
        }
        Ok(())
    }
}
