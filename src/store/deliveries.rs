//! Deliveries: one issue to one subscription. They are frozen here, leased in batches (`leases.rs`), and change their state in
//! `delivery_transitions.rs`. This file also has the statements that end many deliveries, and that resolve those in doubt.

use chrono::{DateTime, Utc};

use super::subscriber_groups::SubscriberGroup;
use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::DeliveryState;

/// The primary key of a delivery.
pub type DeliveryKey = (IssueId, SubscriptionId);

row! {
    /// A delivery as the delivery report shows it.
    #[derive(Clone)]
    pub struct ReportedDelivery {
        /// The subscription of the recipient.
        pub subscription_id: SubscriptionId,
        /// The state of the delivery.
        pub state: DeliveryState,
        /// The number of attempts.
        pub attempts: i64,
        /// The relay's last reply, or why nothing was sent; `None` before the first attempt.
        pub last_reply: Option<String>,
        /// When it entered this state.
        pub updated_at: DateTime<Utc>,
    }
}

/// A statement that moves waiting deliveries to the final state `state`. `reply` is the SQL expression for `last_reply`, and `now` the
/// parameter of the time. `selection` is the rest of the statement: `WHERE …`, or `FROM …` and `WHERE …`. A delivery that is in flight is
/// not ended, because the relay may have its message.
macro_rules! end_waiting_deliveries {
    (state: $state:literal, reply: $reply:literal, now: $now:literal, $selection:expr) => {
        concat!(
            "UPDATE deliveries SET state = '",
            $state,
            "', last_reply = ",
            $reply,
            ", next_attempt_at = NULL, lease_owner = NULL, updated_at = ",
            $now,
            " ",
            $selection,
            " AND deliveries.state IN ('queued', 'deferred')"
        )
    };
}
pub(super) use end_waiting_deliveries;

impl Tx {
    /// Makes a group of a newsletter's confirmed subscribers recipients of an issue: adds a queued delivery for each. Returns how many.
    pub(crate) async fn freeze_recipients(
        &mut self,
        issue: IssueId,
        group: &SubscriberGroup,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        // Four texts and not `IS NOT DISTINCT FROM`, with which PostgreSQL does not use the index of the groups.
        macro_rules! freeze {
            ($missed:literal, $language:literal $(, $value:expr)*) => {
                on!(
                    self,
                    execute,
                    concat!(
                        "INSERT INTO deliveries (issue_id, subscription_id, state, attempts, updated_at) \
                         SELECT i.id, s.id, 'queued', 0, $2 FROM issues i \
                         JOIN subscriptions s ON s.newsletter_id = i.newsletter_id \
                         WHERE i.id = $1 AND s.state = 'confirmed' AND s.topics = $3 AND s.cadence = $4 AND s.missed_since ",
                        $missed,
                        " AND s.language ",
                        $language,
                        " ORDER BY s.id"
                    ),
                    issue,
                    now,
                    &group.key.topics,
                    group.key.cadence
                    $(, $value)*
                )?
            };
        }
        Ok(match (group.key.missed_since, group.key.language) {
            (None, None) => freeze!("IS NULL", "IS NULL"),
            (None, Some(language)) => freeze!("IS NULL", "= $5", language),
            (Some(since), None) => freeze!("= $5", "IS NULL", since),
            (Some(since), Some(language)) => freeze!("= $5", "= $6", since, language),
        })
    }

    /// Completes the freeze of an issue and its editions: ends the deliveries to suppressed addresses, and stores the number of
    /// recipients of each.
    pub(crate) async fn finish_freeze(&mut self, issue: IssueId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'suppressed', last_reply = x.reason || ': ' || x.evidence FROM suppressions x \
             JOIN subscribers p ON p.address_hash = x.address_hash JOIN subscriptions s ON s.subscriber_id = p.id \
             WHERE deliveries.issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1) \
             AND deliveries.subscription_id = s.id AND deliveries.state = 'queued'",
            issue
        )?;
        on!(
            self,
            execute,
            "UPDATE issues SET recipients = (SELECT COUNT(*) FROM deliveries WHERE issue_id = issues.id) \
             WHERE (id = $1 OR edition_of = $1) AND state = 'sending'",
            issue
        )?;
        Ok(())
    }

    /// How many deliveries of an issue are in each state, including those that were compacted. States without deliveries are left out.
    pub async fn count_deliveries(&mut self, issue: IssueId) -> Result<Vec<(DeliveryState, i64)>> {
        // One statement, so that a delivery that is compacted meanwhile counts once.
        Ok(on!(
            self,
            all as (DeliveryState, i64),
            "SELECT state, CAST(SUM(deliveries) AS BIGINT) FROM \
             (SELECT state, COUNT(*) AS deliveries FROM deliveries WHERE issue_id = $1 GROUP BY state \
             UNION ALL SELECT state, deliveries FROM issue_totals WHERE issue_id = $1) AS counts \
             GROUP BY state ORDER BY state",
            issue
        )?)
    }

    /// Changes the in-doubt deliveries of an issue to `queued` or `accepted`, as an operator has decided. Returns how many.
    pub async fn resolve_in_doubt(
        &mut self,
        issue: IssueId,
        to: DeliveryState,
        reply: &str,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        debug_assert!(DeliveryState::InDoubt.allows(to), "in_doubt does not lead to {to}");
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET state = $2, last_reply = $3, updated_at = $4, lease_owner = NULL, \
             next_attempt_at = CASE WHEN $2 = 'queued' THEN $4 END WHERE issue_id = $1 AND state = 'in_doubt'",
            issue,
            to,
            reply,
            now
        )?)
    }

    /// Ends the waiting deliveries of a cancelled issue. Those in doubt stay so, because they may have been delivered.
    pub async fn cancel_deliveries(&mut self, issue: IssueId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "cancelled",
                reply: "'the issue was cancelled'",
                now: "$2",
                "WHERE issue_id = $1"
            ),
            issue,
            now
        )?)
    }

    /// Ends waiting deliveries of cancelled issues. On PostgreSQL an outcome that requeues a delivery may be recorded while its issue
    /// is being cancelled, and neither of the two transactions sees the other.
    pub async fn cancel_open_of_cancelled_issues(&mut self, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            // Such a delivery has a `next_attempt_at`, so the index `deliveries_due` finds it.
            end_waiting_deliveries!(
                state: "cancelled",
                reply: "'the issue was cancelled'",
                now: "$1",
                "WHERE next_attempt_at IS NOT NULL AND issue_id IN (SELECT id FROM issues WHERE state = 'cancelled')"
            ),
            now
        )?)
    }

    /// Whether an issue has open deliveries. Slow in a large issue that has none, because every row is read. The first condition uses an
    /// index to find deliveries that wait for a retry.
    pub(crate) async fn has_open_deliveries(&mut self, issue: IssueId) -> Result<bool> {
        let (open,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NOT NULL \
             AND state IN ('queued', 'deferred', 'sending')) \
             OR EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'deferred', 'sending'))",
            issue
        )?;
        Ok(open)
    }

    /// Whether a relay accepted a message of an issue, including those whose deliveries were compacted before the issue was reopened. Slow
    /// in a large issue without one, because every row is read.
    pub(crate) async fn has_accepted_deliveries(&mut self, issue: IssueId) -> Result<bool> {
        let (accepted,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM issue_totals WHERE issue_id = $1 AND state = 'accepted' AND deliveries > 0) \
             OR EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state = 'accepted')",
            issue
        )?;
        Ok(accepted)
    }

    /// Recipients of an issue who were mailed or may still be mailed, with the key of their address ([`EmailAddress::key`]), page by
    /// page in the order of their subscriptions. Deliveries in doubt are left out: it is unknown whether the relay accepted the message,
    /// and no further attempt will show it.
    ///
    /// [`EmailAddress::key`]: crate::domain::address::EmailAddress::key
    pub(crate) async fn recipients_after(
        &mut self,
        issue: IssueId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<(SubscriptionId, String)>> {
        Ok(on!(
            self,
            all as (SubscriptionId, String),
            "SELECT d.subscription_id, p.address_key FROM deliveries d \
             JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE d.issue_id = $1 AND d.subscription_id > $2 AND d.state IN ('queued', 'deferred', 'sending', 'accepted') \
             ORDER BY d.subscription_id LIMIT $3",
            issue,
            after,
            limit
        )?)
    }

    /// Deliveries of an issue page by page, in the order of their subscriptions.
    pub async fn deliveries_after(
        &mut self,
        issue: IssueId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<ReportedDelivery>> {
        Ok(on!(
            self,
            all as ReportedDelivery,
            "SELECT subscription_id, state, attempts, last_reply, updated_at FROM deliveries \
             WHERE issue_id = $1 AND subscription_id > $2 ORDER BY subscription_id LIMIT $3",
            issue,
            after,
            limit
        )?)
    }
}
