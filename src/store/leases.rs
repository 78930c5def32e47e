//! Leases: a node takes deliveries, works through them, and gives back what it did not begin.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::deliveries::DeliveryKey;
use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};

row! {
    /// What a lease took.
    struct Leased {
        subscription_id: SubscriptionId,
        attempts: i64,
        next_attempt_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// Whom a leased delivery is for.
    struct Reader {
        id: SubscriptionId,
        address: String,
        name: Option<String>,
        wanted: bool,
    }
}

/// A delivery that this node holds a lease on, with what is needed to send it.
#[derive(Clone, Debug)]
pub struct LeasedDelivery {
    /// The issue.
    pub issue_id: IssueId,
    /// For whom.
    pub subscription_id: SubscriptionId,
    /// How often it was tried before.
    pub attempts: i64,
    /// When it was due; none before it has had its turn.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The address as typed.
    pub address: String,
    /// What to call the person.
    pub name: Option<String>,
}

/// What a lease took.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// What is to be sent.
    pub deliveries: Vec<LeasedDelivery>,
    /// How many were looked at, those that nobody wants any more included; none when nothing is due.
    pub looked_at: usize,
    /// The last of those that had not had their turn: the place to go on from.
    pub last: Option<SubscriptionId>,
}

impl Tx {
    /// Takes a lease on deliveries of an issue: those whose time has come again, and those that have not had their turn, in
    /// the order of their subscriptions from `from` on, unless that is none. They stay `queued` or `deferred` until they are
    /// begun. What nobody wants any more ends here. The node must have given a sign of life in the same
    /// transaction.
    ///
    /// The reader is asked for here although leaving ends what is queued: on PostgreSQL somebody may leave while the
    /// recipients are frozen or an outcome is recorded, and neither transaction sees the other. Whoever leaves after this
    /// finds the delivery queued, and ends it.
    pub async fn lease_deliveries(
        &mut self,
        issue: IssueId,
        node: NodeId,
        from: Option<SubscriptionId>,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Lease> {
        // RETURNING gives what this statement took and nothing that the node holds already: no delivery is handed out twice.
        // Materialized, or PostgreSQL may look again for every row and take more than the limit. And what was found is taken
        // by its key alone: right after the recipients were frozen PostgreSQL has no idea how many rows an issue has, and
        // given its number here as well would compare each of them with each that was found.
        macro_rules! take {
            ($which:literal, $place:expr, $limit:expr) => {{
                macro_rules! sql {
                    ($locking:literal) => {
                        concat!(
                            "WITH found AS MATERIALIZED (SELECT issue_id AS issue, subscription_id AS id FROM deliveries \
                             WHERE issue_id = $1 AND lease_owner IS NULL AND ",
                            $which,
                            " LIMIT $4 ",
                            $locking,
                            ") UPDATE deliveries SET lease_owner = $2 FROM found \
                             WHERE issue_id = found.issue AND subscription_id = found.id \
                             RETURNING subscription_id, attempts, next_attempt_at"
                        )
                    };
                }
                match self {
                    Self::Sqlite(_) => on!(self, all as Leased, sql!(""), issue, node, $place, $limit)?,
                    // The one difference: nodes that lease at once do not wait for each other's rows, but take the next.
                    Self::Postgres(_) => {
                        on!(self, all as Leased, sql!("FOR UPDATE SKIP LOCKED"), issue, node, $place, $limit)?
                    }
                }
            }};
        }
        // The readers are found by the same stretch of the same index.
        macro_rules! readers {
            ($stretch:literal, $first:expr, $last:expr) => {
                on!(
                    self,
                    all as Reader,
                    concat!(
                        "SELECT s.id, p.address, p.name, s.state = 'confirmed' AND x.address_hash IS NULL AS wanted \
                         FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id \
                         JOIN subscribers p ON p.id = s.subscriber_id \
                         LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
                         WHERE d.issue_id = $1 AND d.lease_owner = $2 AND d.state IN ('queued', 'deferred') AND ",
                        $stretch
                    ),
                    issue,
                    node,
                    $first,
                    $last
                )?
            };
        }
        if let Self::Postgres(db) = self {
            // In the order of an index: right after freezing PostgreSQL knows nothing of these rows, and to sort all that
            // is left seems cheap to it.
            db.run("SET LOCAL enable_sort = off").await?;
        }
        let mut lease = Lease::default();
        // A large issue takes hours where it must go slowly, and what was deferred must not wait for its end.
        let most_due = if from.is_some() { (limit + 1) / 2 } else { limit };
        let taken = take!(
            "next_attempt_at <= $3 AND state IN ('queued', 'deferred') ORDER BY next_attempt_at, subscription_id",
            now,
            most_due
        );
        let times = || taken.iter().filter_map(|taken| taken.next_attempt_at);
        if let (Some(first), Some(last)) = (times().min(), times().max()) {
            let readers = readers!("d.next_attempt_at BETWEEN $3 AND $4", first, last);
            self.hand_out((issue, node), taken, readers, &mut lease, now).await?;
        }
        let left = limit.saturating_sub(i64::try_from(lease.looked_at).unwrap_or(i64::MAX));
        if let Some(from) = from.filter(|_| left > 0) {
            let taken = take!(
                "subscription_id >= $3 AND next_attempt_at IS NULL AND state = 'queued' ORDER BY subscription_id",
                from,
                left
            );
            let ids = || taken.iter().map(|taken| taken.subscription_id);
            if let (Some(first), Some(last)) = (ids().min(), ids().max()) {
                lease.last = Some(last);
                let readers = readers!("d.subscription_id BETWEEN $3 AND $4", first, last);
                self.hand_out((issue, node), taken, readers, &mut lease, now).await?;
            }
        }
        Ok(lease)
    }

    /// Adds what was taken to a lease, or ends it where nobody wants it.
    async fn hand_out(
        &mut self,
        (issue, node): (IssueId, NodeId),
        mut taken: Vec<Leased>,
        readers: Vec<Reader>,
        lease: &mut Lease,
        now: DateTime<Utc>,
    ) -> Result<()> {
        lease.looked_at += taken.len();
        taken.sort_unstable_by_key(|taken| (taken.next_attempt_at, taken.subscription_id));
        let mut readers: HashMap<_, _> = readers.into_iter().map(|reader| (reader.id, reader)).collect();
        for taken in taken {
            let id = taken.subscription_id;
            match readers.remove(&id) {
                Some(reader) if reader.wanted => lease.deliveries.push(LeasedDelivery {
                    issue_id: issue,
                    subscription_id: id,
                    attempts: taken.attempts,
                    next_attempt_at: taken.next_attempt_at,
                    address: reader.address,
                    name: reader.name,
                }),
                _ => {
                    self.end_if_unwanted((issue, id), now).await?;
                    // Unless it is wanted again just now.
                    self.release_lease((issue, id), node, now).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends a delivery that waits though nobody wants it any more: the issue was cancelled, the reader left or is suppressed.
    pub async fn end_if_unwanted(&mut self, (issue, subscription): DeliveryKey, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = CASE WHEN EXISTS \
             (SELECT 1 FROM issues WHERE id = $1 AND state = 'cancelled') THEN 'the issue was cancelled' \
             ELSE 'the reader left' END, next_attempt_at = NULL, lease_owner = NULL, updated_at = $3 \
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
            "UPDATE deliveries SET state = 'suppressed', last_reply = x.reason, next_attempt_at = NULL, \
             lease_owner = NULL, updated_at = $3 \
             FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE deliveries.issue_id = $1 AND deliveries.subscription_id = $2 AND s.id = $2 \
             AND deliveries.state IN ('queued', 'deferred')",
            issue,
            subscription,
            now
        )?;
        Ok(())
    }

    /// Whether a node has a delivery on the wire.
    pub(super) async fn is_on_wire(&mut self, (issue, subscription): DeliveryKey, node: NodeId) -> Result<bool> {
        let (on_wire,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND subscription_id = $2 \
             AND lease_owner = $3 AND state = 'sending')",
            issue,
            subscription,
            node
        )?;
        Ok(on_wire)
    }

    /// Gives back what a node holds and has not begun; it is due now.
    pub async fn release_leases(&mut self, node: NodeId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET lease_owner = NULL, next_attempt_at = COALESCE(next_attempt_at, $2) \
             WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused', 'cancelled')) \
             AND lease_owner = $1 AND state IN ('queued', 'deferred')",
            node,
            now
        )?)
    }

    /// Gives one delivery back, if this node holds it and has not begun it; it is due now.
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

    /// What a node holds by the database's account.
    pub async fn leases_of(&mut self, node: NodeId) -> Result<Vec<DeliveryKey>> {
        Ok(on!(
            self,
            all as DeliveryKey,
            "SELECT issue_id, subscription_id FROM deliveries \
             WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused', 'cancelled')) \
             AND lease_owner = $1 AND state IN ('queued', 'deferred', 'sending')",
            node
        )?)
    }

    /// Makes due what waits for a time later than any wait can lead to, that for a reader's own hour included: the clock was
    /// set back since. Returns how many.
    pub async fn clamp_next_attempts(
        &mut self,
        horizon: DateTime<Utc>,
        latest_hour: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET next_attempt_at = $2 \
             WHERE issue_id IN (SELECT id FROM issues WHERE state = 'sending') AND lease_owner IS NULL \
             AND state IN ('queued', 'deferred') \
             AND next_attempt_at > CASE WHEN attempts = 0 THEN $3 ELSE $1 END",
            horizon,
            now,
            latest_hour
        )?)
    }

    /// The first delivery of an issue that is in its first turn: nobody has taken it, or it has not come back. Once there
    /// is none, there never will be one again. Takes long in a large issue.
    pub async fn first_unattempted(&mut self, issue: IssueId) -> Result<Option<SubscriptionId>> {
        let first = on!(
            self,
            optional as (SubscriptionId,),
            "SELECT subscription_id FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NULL \
             AND state IN ('queued', 'deferred', 'sending') ORDER BY subscription_id LIMIT 1",
            issue
        )?;
        Ok(first.map(|(id,)| id))
    }

    /// When the next released delivery of an issue is due; `None` if there is none.
    pub async fn next_attempt(&mut self, issue: IssueId) -> Result<Option<DateTime<Utc>>> {
        let next: Option<(DateTime<Utc>,)> = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT next_attempt_at FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NOT NULL \
             AND state IN ('queued', 'deferred') ORDER BY next_attempt_at, subscription_id LIMIT 1",
            issue
        )?;
        Ok(next.map(|(next,)| next))
    }

    /// When the next delivery of an issue is due. `None` while any delivery of it is leased or can be tried at once, and if none is
    /// left.
    pub async fn all_wait_until(&mut self, issue: IssueId) -> Result<Option<DateTime<Utc>>> {
        let Some(next) = self.next_attempt(issue).await? else {
            return Ok(None);
        };
        let (at_work,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'deferred', 'sending') \
             AND (lease_owner IS NOT NULL OR next_attempt_at IS NULL))",
            issue
        )?;
        Ok((!at_work).then_some(next))
    }
}
