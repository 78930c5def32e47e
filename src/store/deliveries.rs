//! Deliveries: one issue to one subscription. Frozen in one statement, leased in batches, begun one by one.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};
use crate::domain::states::DeliveryState;

row! {
    /// A delivery that this node holds a lease on, with what is needed to send it.
    #[derive(Clone)]
    pub struct LeasedDelivery {
        /// The issue.
        pub issue_id: IssueId,
        /// For whom.
        pub subscription_id: SubscriptionId,
        /// How often it was tried before.
        pub attempts: i64,
        /// The address as typed.
        pub address: String,
        /// What to call the person.
        pub name: Option<String>,
        /// When the issue's recipients were frozen: the age of the delivery counts from here.
        pub started_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// A delivery in the account of an issue.
    #[derive(Clone)]
    pub struct DeliveryLine {
        /// For whom.
        pub subscription_id: SubscriptionId,
        /// Where it stands.
        pub state: DeliveryState,
        /// How often it was tried.
        pub attempts: i64,
        /// The relay's last words, or why nothing was sent.
        pub last_reply: Option<String>,
        /// When it came into this state.
        pub updated_at: DateTime<Utc>,
    }
}

/// What to write into the row of a delivery that was on the wire.
#[derive(Clone, Debug)]
pub struct DeliveryOutcome {
    /// The state it goes to.
    pub state: DeliveryState,
    /// When to try again, for those that will be.
    pub next_attempt_at: DateTime<Utc>,
    /// Whether this counts as an attempt.
    pub attempted: bool,
    /// What the relay said.
    pub reply: String,
}

impl Tx {
    /// Freezes the recipients of an issue: everyone confirmed in its newsletter now, those on the suppression list as
    /// `suppressed`. Returns how many.
    pub async fn freeze_recipients(&mut self, issue: IssueId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "INSERT INTO deliveries (issue_id, subscription_id, state, attempts, next_attempt_at, last_reply, \
             updated_at) SELECT i.id, s.id, CASE WHEN x.address_hash IS NULL THEN 'queued' ELSE 'suppressed' END, 0, \
             $2, x.reason, $2 FROM issues i JOIN subscriptions s ON s.newsletter_id = i.newsletter_id \
             JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE i.id = $1 AND s.state = 'confirmed'",
            issue,
            now
        )?)
    }

    /// Takes a lease on deliveries of an issue that are due. They stay `queued` until they are begun.
    pub async fn lease_deliveries(
        &mut self,
        issue: IssueId,
        node: NodeId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<LeasedDelivery>> {
        // RETURNING gives what this statement took and nothing that the node holds already: no delivery is handed out twice.
        Ok(on!(
            self,
            all as LeasedDelivery,
            "UPDATE deliveries SET lease_owner = $2, lease_until = $4 WHERE issue_id = $1 AND subscription_id IN \
             (SELECT subscription_id FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'deferred') \
             AND next_attempt_at <= $3 AND lease_owner IS NULL ORDER BY next_attempt_at LIMIT $5) \
             AND state IN ('queued', 'deferred') AND next_attempt_at <= $3 AND lease_owner IS NULL \
             RETURNING issue_id, subscription_id, attempts, \
             (SELECT p.address FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.id = subscription_id) AS address, \
             (SELECT p.name FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.id = subscription_id) AS name, \
             (SELECT i.started_at FROM issues i WHERE i.id = issue_id) AS started_at",
            issue,
            node,
            now,
            until,
            limit
        )?)
    }

    /// Puts a leased delivery on the wire: from here until its outcome is recorded, a copy may be with the relay.
    /// False when it must not be sent: it has ended, the issue is not being sent, the reader has left or is suppressed, or
    /// the lease was lost; our lease on it is given back then. (One that is `sending` under our lease was begun by a
    /// commit whose answer got lost.)
    ///
    /// The reader is asked for here although leaving ends what is queued: on PostgreSQL somebody may leave while the
    /// recipients are frozen or an outcome is recorded, and neither transaction sees the other.
    pub async fn begin_delivery(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        node: NodeId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let begun = on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'sending', updated_at = $4 WHERE issue_id = $1 AND subscription_id = $2 \
             AND lease_owner = $3 AND state IN ('queued', 'deferred', 'sending') \
             AND EXISTS (SELECT 1 FROM issues WHERE id = $1 AND state = 'sending') \
             AND EXISTS (SELECT 1 FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.id = $2 AND s.state = 'confirmed' \
             AND NOT EXISTS (SELECT 1 FROM suppressions x WHERE x.address_hash = p.address_hash))",
            issue,
            subscription,
            node,
            now
        )?;
        if begun == 0 {
            self.end_unwanted(issue, subscription, now).await?;
            on!(
                self,
                execute,
                "UPDATE deliveries SET lease_owner = NULL, lease_until = NULL WHERE issue_id = $1 \
                 AND subscription_id = $2 AND lease_owner = $3 AND state IN ('queued', 'deferred')",
                issue,
                subscription,
                node
            )?;
        }
        Ok(begun == 1)
    }

    /// Puts a delivery back on the wire that this process had there, and that waits again because the process was away for
    /// longer than its lease: as long as no other node has it, what we know of it still holds.
    pub async fn reclaim_delivery(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        node: NodeId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let reclaimed = on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'sending', lease_owner = $3, updated_at = $4 WHERE issue_id = $1 \
             AND subscription_id = $2 AND (lease_owner IS NULL OR lease_owner = $3) AND state IN ('queued', 'deferred')",
            issue,
            subscription,
            node,
            now
        )?;
        Ok(reclaimed == 1)
    }

    /// Records what became of a delivery that was on the wire.
    pub async fn record_delivery(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        node: NodeId,
        outcome: &DeliveryOutcome,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        debug_assert!(
            DeliveryState::Sending.allows(outcome.state),
            "sending does not lead to {}",
            outcome.state
        );
        let recorded = on!(
            self,
            execute,
            "UPDATE deliveries SET state = $4, next_attempt_at = $5, attempts = attempts + $6, last_reply = $7, \
             lease_owner = NULL, lease_until = NULL, updated_at = $8 \
             WHERE issue_id = $1 AND subscription_id = $2 AND lease_owner = $3 AND state = 'sending'",
            issue,
            subscription,
            node,
            outcome.state,
            outcome.next_attempt_at,
            i64::from(outcome.attempted),
            &outcome.reply,
            now
        )?;
        if outcome.state == DeliveryState::Queued || outcome.state == DeliveryState::Deferred {
            // Whoever left, was suppressed or cancelled the issue meanwhile found it on the wire, where it cannot be ended.
            self.end_unwanted(issue, subscription, now).await?;
        }
        Ok(recorded == 1)
    }

    /// Ends a delivery that waits though nobody wants it any more: the issue was cancelled, the reader left or is suppressed.
    async fn end_unwanted(&mut self, issue: IssueId, subscription: SubscriptionId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = CASE WHEN EXISTS \
             (SELECT 1 FROM issues WHERE id = $1 AND state = 'cancelled') THEN 'the issue was cancelled' \
             ELSE 'the reader left' END, lease_owner = NULL, lease_until = NULL, updated_at = $3 \
             WHERE issue_id = $1 AND subscription_id = $2 AND state IN ('queued', 'deferred') \
             AND (EXISTS (SELECT 1 FROM issues WHERE id = $1 AND state = 'cancelled') \
             OR NOT EXISTS (SELECT 1 FROM subscriptions WHERE id = $2 AND state = 'confirmed'))",
            issue,
            subscription,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'suppressed', last_reply = x.reason, lease_owner = NULL, \
             lease_until = NULL, updated_at = $3 FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE deliveries.issue_id = $1 AND deliveries.subscription_id = $2 AND s.id = $2 \
             AND deliveries.state IN ('queued', 'deferred')",
            issue,
            subscription,
            now
        )?;
        Ok(())
    }

    /// Lengthens this node's lease on a delivery.
    pub async fn renew_lease(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        node: NodeId,
        until: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET lease_until = $4 \
             WHERE issue_id = $1 AND subscription_id = $2 AND lease_owner = $3 AND lease_until < $4",
            issue,
            subscription,
            node,
            until
        )?;
        Ok(())
    }

    /// Gives back what this node holds and has not begun.
    pub async fn give_leases_back(&mut self, node: NodeId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET lease_owner = NULL, lease_until = NULL \
             WHERE lease_owner = $1 AND state IN ('queued', 'deferred')",
            node
        )?)
    }

    /// Takes leases from nodes that stopped renewing them. What such a node had on the wire may have been sent or not:
    /// it goes to `in_doubt`, or back into the queue when `resend` says so and the issue was not cancelled. Returns how
    /// many of those there were.
    pub async fn expire_leases(&mut self, now: DateTime<Utc>, resend: bool) -> Result<u64> {
        let in_doubt = on!(
            self,
            execute,
            "UPDATE deliveries SET state = CASE WHEN $2 AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = issue_id \
             AND i.state = 'cancelled') THEN 'queued' ELSE 'in_doubt' END, attempts = attempts + 1, \
             last_reply = 'the process that was sending it ended before the outcome was recorded', \
             lease_owner = NULL, lease_until = NULL, updated_at = $1 \
             WHERE lease_owner IS NOT NULL AND lease_until < $1 AND state = 'sending'",
            now,
            resend
        )?;
        on!(
            self,
            execute,
            "UPDATE deliveries SET lease_owner = NULL, lease_until = NULL \
             WHERE lease_owner IS NOT NULL AND lease_until < $1",
            now
        )?;
        Ok(in_doubt)
    }

    /// How many deliveries of an issue are in each state; states with none are left out.
    pub async fn count_deliveries(&mut self, issue: IssueId) -> Result<Vec<(DeliveryState, i64)>> {
        Ok(on!(
            self,
            all as (DeliveryState, i64),
            "SELECT state, COUNT(*) FROM deliveries WHERE issue_id = $1 GROUP BY state ORDER BY state",
            issue
        )?)
    }

    /// Ends what is still open of an issue that was cancelled. What is in doubt stays so: it may have been delivered.
    pub async fn cancel_deliveries(&mut self, issue: IssueId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = 'the issue was cancelled', lease_owner = NULL, \
             lease_until = NULL, updated_at = $2 WHERE issue_id = $1 AND state IN ('queued', 'deferred')",
            issue,
            now
        )?)
    }

    /// Ends what came back from the wire while its issue was being cancelled: on PostgreSQL neither of the two
    /// transactions sees the other.
    pub async fn cancel_leftovers(&mut self, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = 'the issue was cancelled', lease_owner = NULL, \
             lease_until = NULL, updated_at = $1 WHERE state IN ('queued', 'deferred') \
             AND issue_id IN (SELECT id FROM issues WHERE state = 'cancelled')",
            now
        )?)
    }

    /// Whether an issue has deliveries that it must still wait for.
    pub async fn has_open_deliveries(&mut self, issue: IssueId) -> Result<bool> {
        let (open,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'sending', 'deferred'))",
            issue
        )?;
        Ok(open)
    }

    /// Deliveries of an issue page by page, in the order of their subscriptions.
    pub async fn deliveries_after(
        &mut self,
        issue: IssueId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<DeliveryLine>> {
        Ok(on!(
            self,
            all as DeliveryLine,
            "SELECT subscription_id, state, attempts, last_reply, updated_at FROM deliveries \
             WHERE issue_id = $1 AND subscription_id > $2 ORDER BY subscription_id LIMIT $3",
            issue,
            after,
            limit
        )?)
    }
}
