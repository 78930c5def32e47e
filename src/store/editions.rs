//! Readers by what they want of an issue: topics, cadence, and what they missed.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{Cadence, IssueState, SubscriptionState};
use crate::domain::time_zone::TimeZone;

row! {
    /// Confirmed readers of a newsletter who want the same.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReaderGroup {
        /// Their topics, one a line; empty for all.
        pub topics: String,
        /// How often.
        pub cadence: Cadence,
        /// The start of their pause, if their next mail lists what they missed.
        pub missed_since: Option<DateTime<Utc>>,
        /// How many readers.
        pub readers: i64,
    }
}

/// What a group of readers wants: topics, cadence, and the time since which issues were missed in a pause.
pub type GroupKey = (String, Cadence, Option<DateTime<Utc>>);

impl ReaderGroup {
    /// What they want.
    #[must_use]
    pub fn key(&self) -> GroupKey {
        (self.topics.clone(), self.cadence, self.missed_since)
    }

    /// Whether they want every issue as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.topics.is_empty() && self.cadence == Cadence::Every && self.missed_since.is_none()
    }

    /// Their topics; none for all.
    #[must_use]
    pub fn topics(&self) -> Vec<String> {
        self.topics.lines().map(str::to_owned).collect()
    }
}

row! {
    /// What a reader wants of a newsletter, as it stands.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Wanted {
        /// Where the subscription stands.
        pub state: SubscriptionState,
        /// Topics, one a line; empty for all.
        pub topics: String,
        /// How often.
        pub cadence: Cadence,
        /// Until when nothing is sent.
        pub paused_until: Option<DateTime<Utc>>,
    }
}

row! {
    /// What some readers of an issue get instead of it.
    #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
    pub struct Edition {
        /// It is an issue itself.
        pub id: IssueId,
        /// Its number among the issue's editions, from 1.
        pub number: i64,
        /// For whom, in words.
        pub edition: String,
        /// Where it stands.
        pub state: IssueState,
        /// How many get it, once that is known.
        pub recipients: Option<i64>,
    }
}

/// What a reader wants of a newsletter; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    /// Topics, one a line; empty for all.
    pub topics: Option<String>,
    /// How often.
    pub cadence: Option<Cadence>,
}

impl Tx {
    /// The groups of a newsletter's confirmed readers.
    pub async fn reader_groups(&mut self, newsletter: NewsletterId) -> Result<Vec<ReaderGroup>> {
        Ok(on!(
            self,
            all as ReaderGroup,
            "SELECT topics, cadence, missed_since, COUNT(*) AS readers FROM subscriptions \
             WHERE newsletter_id = $1 AND state = 'confirmed' \
             GROUP BY topics, cadence, missed_since ORDER BY topics, cadence, missed_since",
            newsletter
        )?)
    }

    /// The last issue before `number` that had an edition for the week's readers: when it was due, and its number.
    pub async fn last_weekly(&mut self, newsletter: NewsletterId, number: i64) -> Result<Option<(DateTime<Utc>, i64)>> {
        Ok(on!(
            self,
            optional as (DateTime<Utc>, i64),
            "SELECT COALESCE(due_at, window_to), number FROM issues WHERE newsletter_id = $1 AND number < $2 \
             AND weekly AND state <> 'cancelled' ORDER BY number DESC LIMIT 1",
            newsletter,
            number
        )?)
    }

    /// The number of the first issue of a newsletter whose sending began at `since` or later, if there is one.
    pub async fn first_begun_since(&mut self, newsletter: NewsletterId, since: DateTime<Utc>) -> Result<Option<i64>> {
        let (first,) = on!(
            self,
            one as (Option<i64>,),
            "SELECT MIN(number) FROM issues WHERE newsletter_id = $1 AND edition = 0 AND started_at >= $2",
            newsletter,
            since
        )?;
        Ok(first)
    }

    /// Changes what a reader wants.
    pub async fn set_preferences(&mut self, subscription: SubscriptionId, wanted: &Preferences) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscriptions SET topics = COALESCE($2, topics), cadence = COALESCE($3, cadence) WHERE id = $1",
            subscription,
            &wanted.topics,
            wanted.cadence
        )?;
        Ok(())
    }

    /// What a reader wants.
    pub async fn preferences(&mut self, subscription: SubscriptionId) -> Result<Wanted> {
        Ok(on!(
            self,
            one as Wanted,
            "SELECT state, topics, cadence, paused_until FROM subscriptions WHERE id = $1",
            subscription
        )?)
    }

    /// The topics of the articles that arrived for a newsletter since a time, with the capitals that the articles use.
    pub(crate) async fn topics_of_arrivals(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Vec<String>> {
        let rows = on!(
            self,
            all as (String,),
            "SELECT DISTINCT a.category FROM newsletter_articles w JOIN articles a ON a.id = w.article_id \
             WHERE w.newsletter_id = $1 AND w.arrived_at >= $2 AND a.category IS NOT NULL AND a.retracted_at IS NULL \
             ORDER BY a.category",
            newsletter,
            since
        )?;
        Ok(rows.into_iter().map(|(topic,)| topic).collect())
    }

    /// Ends a pause; false when there was none.
    pub async fn end_pause(&mut self, subscription: SubscriptionId) -> Result<bool> {
        let ended = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', paused_until = NULL WHERE id = $1 AND state = 'paused'",
            subscription
        )?;
        Ok(ended == 1)
    }

    /// Changes a reader's time zone.
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

    /// Sends a reader nothing until a time; false when the subscription is not confirmed. What is missed counts from the
    /// first pause on.
    pub async fn pause_subscription(
        &mut self,
        subscription: SubscriptionId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let paused = on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'paused', paused_until = $2, missed_since = COALESCE(missed_since, $3) \
             WHERE id = $1 AND state IN ('confirmed', 'paused')",
            subscription,
            until,
            now
        )?;
        Ok(paused == 1)
    }

    /// The running pauses of a subscriber: subscription, end, and the newsletter's time zone.
    pub(crate) async fn pauses_of(
        &mut self,
        subscriber: SubscriberId,
    ) -> Result<Vec<(SubscriptionId, DateTime<Utc>, String)>> {
        Ok(on!(
            self,
            all as (SubscriptionId, DateTime<Utc>, String),
            "SELECT s.id, s.paused_until, n.timezone FROM subscriptions s JOIN newsletters n ON n.id = s.newsletter_id \
             WHERE s.subscriber_id = $1 AND s.state = 'paused' AND s.paused_until IS NOT NULL ORDER BY s.id",
            subscriber
        )?)
    }

    /// Moves the end of a running pause.
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

    /// Readers whose pause is over are readers again. Returns how many.
    pub async fn end_pauses(&mut self, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE subscriptions SET state = 'confirmed', paused_until = NULL WHERE state = 'paused' AND paused_until <= $1",
            now
        )?)
    }

    /// Whether a pause is over: a look that takes no lock.
    pub async fn pauses_over(&mut self, now: DateTime<Utc>) -> Result<bool> {
        let (over,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE state = 'paused' AND paused_until <= $1)",
            now
        )?;
        Ok(over)
    }

    /// Readers of an issue and its editions who were told what they missed have missed nothing.
    pub async fn forget_missed(&mut self, issue: IssueId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE subscriptions SET missed_since = NULL WHERE missed_since IS NOT NULL \
             AND id IN (SELECT subscription_id FROM deliveries \
             WHERE issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1))",
            issue
        )?)
    }

    /// The editions of an issue.
    pub async fn editions_of(&mut self, issue: IssueId) -> Result<Vec<Edition>> {
        Ok(on!(
            self,
            all as Edition,
            "SELECT id, edition AS number, edition_name AS edition, state, recipients FROM issues WHERE edition_of = $1 ORDER BY edition",
            issue
        )?)
    }

    /// Time zones of the readers of an issue and its editions.
    pub async fn zones_of_recipients(&mut self, issue: IssueId) -> Result<Vec<TimeZone>> {
        let rows = on!(
            self,
            all as (TimeZone,),
            "SELECT DISTINCT p.timezone FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id \
             JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE d.issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1) AND p.timezone IS NOT NULL \
             ORDER BY p.timezone",
            issue
        )?;
        Ok(rows.into_iter().map(|(zone,)| zone).collect())
    }

    /// Lets the readers of an issue and its editions in a time zone wait until their own hour.
    pub async fn delay_zone(&mut self, issue: IssueId, zone: TimeZone, until: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET next_attempt_at = $3 \
             WHERE issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1) AND state = 'queued' AND subscription_id IN \
             (SELECT s.id FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id WHERE p.timezone = $2)",
            issue,
            zone,
            until
        )?)
    }
}
