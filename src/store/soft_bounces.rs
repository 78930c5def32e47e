//! What the rule of soft bounces reads and writes: the issues that failed for a subscription, those that were accepted, and the pause.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, over_values, row};
use crate::domain::ids::{IssueId, NewsletterId, SubscriptionId};

row! {
    /// An issue whose message to a subscription had a soft bounce.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct FailedIssue {
        pub(crate) id: IssueId,
        pub(crate) started_at: DateTime<Utc>,
        /// The reason of a bounce of it: a name of `bounce/reason.rs`.
        pub(crate) reason: String,
    }
}

/// The most failed issues that are read. No limit that can be set is higher.
const MAX_ISSUES: i64 = 1_000;

impl Tx {
    /// The issues with a soft bounce of a subscription that count towards a pause, latest first.
    pub(crate) async fn failed_issues(&mut self, subscription: SubscriptionId) -> Result<Vec<FailedIssue>> {
        Ok(on!(
            self,
            all as FailedIssue,
            "SELECT i.id, i.started_at, MAX(b.reason) AS reason FROM bounces b JOIN issues i ON i.id = b.issue_id \
             JOIN subscriptions s ON s.id = b.subscription_id \
             WHERE b.subscription_id = $1 AND b.kind = 'bounce' AND b.action = 'count' AND i.started_at IS NOT NULL \
             AND (s.soft_bounces_since IS NULL OR i.started_at > s.soft_bounces_since) \
             GROUP BY i.id, i.started_at ORDER BY i.started_at DESC, i.id DESC LIMIT $2",
            subscription,
            MAX_ISSUES
        )?)
    }

    /// When the latest issue started that was accepted for a subscription and did not come back, of those that started
    /// after `after` and before `before`. A message that came back for any reason was not accepted in the end.
    pub(crate) async fn latest_acceptance(
        &mut self,
        subscription: SubscriptionId,
        after: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let row = on!(
            self,
            optional as (DateTime<Utc>,),
            // Without the newsletter, so that the index of started issues is read, which is sorted. A subscription has deliveries of
            // its own newsletter only.
            "SELECT i.started_at FROM issues i JOIN deliveries d ON d.issue_id = i.id AND d.subscription_id = $1 \
             WHERE i.started_at > $2 AND i.started_at < $3 AND d.state = 'accepted' \
             AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.subscription_id = $1 AND b.issue_id = i.id AND b.kind = 'bounce') \
             ORDER BY i.started_at DESC LIMIT 1",
            subscription,
            after,
            before
        )?;
        Ok(row.map(|(started_at,)| started_at))
    }

    /// Pauses a confirmed subscription after soft bounces, until somebody ends the pause. Returns its newsletter; `None` if it is not
    /// confirmed.
    ///
    /// `missed_since` stays: the subscriber did not ask for the pause, and need not get what was missed.
    pub(crate) async fn pause_after_soft_bounces(
        &mut self,
        subscription: SubscriptionId,
        reason: &str,
    ) -> Result<Option<NewsletterId>> {
        let paused = on!(
            self,
            optional as (NewsletterId,),
            "UPDATE subscriptions SET state = 'paused', paused_until = NULL, pause_reason = $2 \
             WHERE id = $1 AND state = 'confirmed' RETURNING newsletter_id",
            subscription,
            reason
        )?;
        Ok(paused.map(|(newsletter,)| newsletter))
    }

    /// Keeps the acceptance of an issue on record whose delivery rows are deleted: soft bounces of earlier issues do not count any more
    /// for those of `accepted` who have any.
    pub(super) async fn keep_acceptances(&mut self, issue: IssueId, accepted: &[SubscriptionId]) -> Result<()> {
        let started = on!(
            self,
            optional as (Option<DateTime<Utc>>,),
            "SELECT started_at FROM issues WHERE id = $1",
            issue
        )?;
        let Some((Some(started_at),)) = started else {
            return Ok(());
        };
        over_values!(
            self,
            "WITH accepted (id) AS (",
            ") UPDATE subscriptions SET soft_bounces_since = $1 WHERE id IN (SELECT id FROM accepted) \
             AND (soft_bounces_since IS NULL OR soft_bounces_since < $1) \
             AND EXISTS (SELECT 1 FROM bounces b WHERE b.subscription_id = subscriptions.id AND b.action = 'count') \
             AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.subscription_id = subscriptions.id AND b.issue_id = $2 \
             AND b.kind = 'bounce')",
            [started_at, issue],
            accepted,
            |id| *id
        );
        Ok(())
    }
}
