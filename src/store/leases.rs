//! Leases: a node takes deliveries of an issue, and releases those that it does not start.
//!
//! An issue's deliveries are leased in two ways. In the first pass, deliveries that were never attempted nor released
//! (`next_attempt_at` is null) are leased in the order of their subscriptions. All others are leased when they are due, in the order
//! of `next_attempt_at`. Both orders are those of an index.
//!
//! A lease sets `lease_owner` and changes no state, so releasing an unstarted delivery costs one small update. A node's leases are
//! valid while the node is listed (`nodes.rs`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::deliveries::{DeliveryKey, end_waiting_deliveries};
use super::statements::Fallible;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};

/// A delivery that a node has leased, with the data for sending it.
#[derive(Clone, Debug)]
pub struct LeasedDelivery {
    /// The issue or edition.
    pub issue_id: IssueId,
    /// The subscription of the recipient.
    pub subscription_id: SubscriptionId,
    /// The number of attempts so far.
    pub attempts: i64,
    /// When the delivery became due; `None` in the first pass.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The recipient's address. If it does not parse, the reason: a damaged row must not keep the others from being leased.
    pub address: std::result::Result<EmailAddress, String>,
    /// The recipient's name, if it is known.
    pub name: Option<String>,
}

/// The result of [`Tx::lease_deliveries`].
#[derive(Clone, Debug, Default)]
pub struct LeaseBatch {
    /// The deliveries to send.
    pub deliveries: Vec<LeasedDelivery>,
    /// The number of deliveries that were leased, including those that were then ended because the subscriber must not be mailed. 0 if
    /// none is due.
    pub leased_count: usize,
    /// The last delivery of the first pass in this batch, where the next batch begins; `None` if the batch has none.
    pub first_pass_cursor: Option<SubscriptionId>,
}

row! {
    /// A delivery that was leased.
    struct LeasedRow {
        subscription_id: SubscriptionId,
        attempts: i64,
        next_attempt_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// The recipient of a leased delivery.
    struct Recipient {
        id: SubscriptionId,
        address: Fallible<EmailAddress>,
        name: Option<String>,
        /// Whether the subscription is confirmed and the address is not suppressed.
        may_be_mailed: bool,
    }
}

/// A statement that leases deliveries, in the text of each database.
struct LeaseStatement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl LeaseStatement {
    const fn text_for(&self, tx: &Tx) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }
}

/// Leases at most `$4` deliveries of issue `$1` for node `$2`. The condition, which may use `$3`, and the order select
/// them. The statement returns the rows that it changed itself, so no two nodes get the same delivery.
macro_rules! lease_statement {
    (where $condition:literal order by $order:literal) => {
        LeaseStatement {
            sqlite: lease_statement!(@text $condition, $order, ""),
            // Nodes that lease at the same time skip each other's rows instead of waiting for them. SQLite has one writer at a time.
            postgres: lease_statement!(@text $condition, $order, "FOR UPDATE SKIP LOCKED"),
        }
    };
    (@text $condition:literal, $order:literal, $row_locks:literal) => {
        concat!(
            // MATERIALIZED: otherwise PostgreSQL may run this query again for each row of `deliveries`, and lease more than the limit.
            // The aliases keep the column names of `deliveries` unambiguous below.
            "WITH chosen AS MATERIALIZED ( \
               SELECT issue_id AS issue, subscription_id AS subscription FROM deliveries \
               WHERE issue_id = $1 AND lease_owner IS NULL AND ", $condition, " \
               ORDER BY ", $order, " LIMIT $4 ", $row_locks, ") ",
            // The rows of `chosen` are joined by their key alone. Right after the freeze, PostgreSQL has no statistics of the issue's
            // rows. With `issue_id = $1` here as well, it would compare each of these rows with each row of `chosen`.
            "UPDATE deliveries SET lease_owner = $2 FROM chosen \
             WHERE issue_id = chosen.issue AND subscription_id = chosen.subscription \
             RETURNING subscription_id, attempts, next_attempt_at"
        )
    };
}

/// Leases deliveries that are due at `$3`, by the index `deliveries_due`.
const LEASE_DUE: LeaseStatement = lease_statement!(
    where "next_attempt_at <= $3 AND state IN ('queued', 'deferred')"
    order by "next_attempt_at, subscription_id"
);

/// Leases deliveries of the first pass from subscription `$3` on, by the primary key.
const LEASE_FIRST_PASS: LeaseStatement = lease_statement!(
    where "subscription_id >= $3 AND next_attempt_at IS NULL AND state = 'queued'"
    order by "subscription_id"
);

/// Reads the recipients of the deliveries of issue `$1` that node `$2` has leased, in a range from `$3` to `$4`. The range makes both
/// databases read the same part of the same index as the lease did.
macro_rules! recipients_in_range {
    ($range:literal) => {
        concat!(
            "SELECT s.id, p.address, p.name, s.state = 'confirmed' AND x.address_hash IS NULL AS may_be_mailed \
             FROM deliveries d \
             JOIN subscriptions s ON s.id = d.subscription_id \
             JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE d.issue_id = $1 AND d.lease_owner = $2 AND d.state IN ('queued', 'deferred') AND ",
            $range
        )
    };
}

/// Condition on `deliveries`: the issue is one whose deliveries can be leased. No index has `lease_owner`, because that column changes
/// twice for each message, and PostgreSQL updates a row in place only if no index has a changed column. This condition limits a search for
/// a node's leases to the rows of a few issues.
macro_rules! of_issue_with_leases {
    () => {
        "issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused', 'cancelled'))"
    };
}
pub(super) use of_issue_with_leases;

/// The rows that one statement leased, and their recipients. They are read by two statements, because `RETURNING` sees only the columns of
/// `deliveries` on SQLite.
type Leased = (Vec<LeasedRow>, Vec<Recipient>);

impl Tx {
    /// Leases at most `limit` deliveries of an issue: those that are due, and those of the first pass from `first_pass_cursor` on,
    /// unless it is `None`. The deliveries stay `queued` or `deferred` until they are started. The node must have updated its
    /// heartbeat in the same transaction.
    ///
    /// A delivery is ended here if its subscriber must not be mailed. Unsubscribing ends waiting deliveries itself. But on PostgreSQL a
    /// subscriber may unsubscribe while another transaction freezes the recipients or records an outcome, and neither transaction sees
    /// the other. If a subscriber unsubscribes after this check, that transaction finds the delivery waiting and ends it. Pausing ends no
    /// deliveries: this check does.
    pub async fn lease_deliveries(
        &mut self,
        issue: IssueId,
        node: NodeId,
        first_pass_cursor: Option<SubscriptionId>,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<LeaseBatch> {
        if let Self::Postgres(db) = self {
            // Right after the freeze PostgreSQL has no statistics of these rows. It would sort all of them instead of reading an index
            // in its order.
            db.run("SET LOCAL enable_sort = off").await?;
        }
        let mut lease = LeaseBatch::default();
        // The first pass of a large, throttled issue takes hours. Deliveries that are due must not wait for its end, nor stop it.
        let due_limit = match first_pass_cursor {
            Some(_) => (limit + 1) / 2,
            None => limit,
        };
        let due = self.lease_due(issue, node, now, due_limit).await?;
        self.add_to_lease((issue, node), due, &mut lease, now).await?;
        let remaining = limit.saturating_sub(i64::try_from(lease.leased_count).unwrap_or(i64::MAX));
        if let Some(cursor) = first_pass_cursor.filter(|_| remaining > 0) {
            let first_pass = self.lease_first_pass(issue, node, cursor, remaining).await?;
            lease.first_pass_cursor = first_pass.0.iter().map(|row| row.subscription_id).max();
            self.add_to_lease((issue, node), first_pass, &mut lease, now).await?;
        }
        Ok(lease)
    }

    async fn lease_due(&mut self, issue: IssueId, node: NodeId, now: DateTime<Utc>, limit: i64) -> Result<Leased> {
        let sql = LEASE_DUE.text_for(self);
        let rows = on!(self, all as LeasedRow, sql, issue, node, now, limit)?;
        let times = || rows.iter().filter_map(|row| row.next_attempt_at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok((rows, Vec::new()));
        };
        let recipients = on!(
            self,
            all as Recipient,
            recipients_in_range!("d.next_attempt_at BETWEEN $3 AND $4"),
            issue,
            node,
            first,
            last
        )?;
        Ok((rows, recipients))
    }

    async fn lease_first_pass(
        &mut self,
        issue: IssueId,
        node: NodeId,
        cursor: SubscriptionId,
        limit: i64,
    ) -> Result<Leased> {
        let sql = LEASE_FIRST_PASS.text_for(self);
        let rows = on!(self, all as LeasedRow, sql, issue, node, cursor, limit)?;
        let ids = || rows.iter().map(|row| row.subscription_id);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok((rows, Vec::new()));
        };
        let recipients = on!(
            self,
            all as Recipient,
            recipients_in_range!("d.subscription_id BETWEEN $3 AND $4"),
            issue,
            node,
            first,
            last
        )?;
        Ok((rows, recipients))
    }

    /// Adds leased rows to a lease, and ends those whose subscriber must not be mailed.
    async fn add_to_lease(
        &mut self,
        (issue, node): (IssueId, NodeId),
        (mut rows, recipients): Leased,
        lease: &mut LeaseBatch,
        now: DateTime<Utc>,
    ) -> Result<()> {
        lease.leased_count += rows.len();
        // RETURNING has no order.
        rows.sort_unstable_by_key(|row| (row.next_attempt_at, row.subscription_id));
        let mut recipients: HashMap<_, _> = recipients
            .into_iter()
            .map(|recipient| (recipient.id, recipient))
            .collect();
        for row in rows {
            let id = row.subscription_id;
            match recipients.remove(&id) {
                Some(recipient) if recipient.may_be_mailed => lease.deliveries.push(LeasedDelivery {
                    issue_id: issue,
                    subscription_id: id,
                    attempts: row.attempts,
                    next_attempt_at: row.next_attempt_at,
                    address: recipient.address.0,
                    name: recipient.name,
                }),
                _ => {
                    self.end_if_unwanted((issue, id), now).await?;
                    // On PostgreSQL the subscriber may have confirmed again between the two statements. Then the delivery was not
                    // ended, and is leased again later.
                    self.release_lease((issue, id), node, now).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends a waiting delivery if its issue was cancelled, its subscriber has left or paused, or the address is suppressed.
    ///
    /// A subscriber who pauses while an issue is being sent must get its stories after the pause. The issue was started before the pause
    /// began, so `missed_since` is moved back to its start.
    pub async fn end_if_unwanted(&mut self, (issue, subscription): DeliveryKey, now: DateTime<Utc>) -> Result<()> {
        let ended = on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "cancelled",
                reply: "CASE WHEN EXISTS (SELECT 1 FROM issues WHERE id = $1 AND state = 'cancelled') \
                        THEN 'the issue was cancelled' \
                        WHEN EXISTS (SELECT 1 FROM subscriptions WHERE id = $2 AND state = 'paused' AND pause_reason IS NOT NULL) \
                        THEN 'the subscription was paused after soft bounces' \
                        WHEN EXISTS (SELECT 1 FROM subscriptions WHERE id = $2 AND state = 'paused') \
                        THEN 'the subscriber paused' ELSE 'the subscriber left' END",
                now: "$3",
                "WHERE issue_id = $1 AND subscription_id = $2 \
                 AND (EXISTS (SELECT 1 FROM issues WHERE id = $1 AND state = 'cancelled') \
                 OR NOT EXISTS (SELECT 1 FROM subscriptions WHERE id = $2 AND state = 'confirmed'))"
            ),
            issue,
            subscription,
            now
        )?;
        if ended > 0 {
            on!(
                self,
                execute,
                "UPDATE subscriptions SET missed_since = i.started_at FROM issues i \
                 WHERE i.id = $1 AND i.state <> 'cancelled' AND subscriptions.id = $2 AND missed_since > i.started_at",
                issue,
                subscription
            )?;
        }
        on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "suppressed",
                reply: "x.reason || ': ' || x.evidence",
                now: "$3",
                "FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
                 JOIN suppressions x ON x.address_hash = p.address_hash \
                 WHERE deliveries.issue_id = $1 AND deliveries.subscription_id = $2 AND s.id = $2"
            ),
            issue,
            subscription,
            now
        )?;
        Ok(())
    }

    /// Whether a node has started a delivery that has no recorded outcome.
    pub(super) async fn is_in_flight(&mut self, (issue, subscription): DeliveryKey, node: NodeId) -> Result<bool> {
        let (in_flight,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND subscription_id = $2 \
             AND lease_owner = $3 AND state = 'sending')",
            issue,
            subscription,
            node
        )?;
        Ok(in_flight)
    }

    /// Releases all deliveries that a node has leased and not started. They are due now. Returns how many.
    pub async fn release_leases(&mut self, node: NodeId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            concat!(
                "UPDATE deliveries SET lease_owner = NULL, next_attempt_at = COALESCE(next_attempt_at, $2) WHERE ",
                of_issue_with_leases!(),
                " AND lease_owner = $1 AND state IN ('queued', 'deferred')"
            ),
            node,
            now
        )?)
    }

    /// Releases a delivery if this node has leased and not started it. It is due now.
    pub async fn release_lease(
        &mut self,
        (issue, subscription): DeliveryKey,
        node: NodeId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET lease_owner = NULL, next_attempt_at = COALESCE(next_attempt_at, $4) \
             WHERE issue_id = $1 AND subscription_id = $2 AND lease_owner = $3 AND state IN ('queued', 'deferred')",
            issue,
            subscription,
            node,
            now
        )?;
        Ok(())
    }

    /// The deliveries that a node holds according to the database, including those that it has started.
    pub async fn leases_of(&mut self, node: NodeId) -> Result<Vec<DeliveryKey>> {
        Ok(on!(
            self,
            all as DeliveryKey,
            concat!(
                "SELECT issue_id, subscription_id FROM deliveries WHERE ",
                of_issue_with_leases!(),
                " AND lease_owner = $1 AND state IN ('queued', 'deferred', 'sending')"
            ),
            node
        )?)
    }
}
