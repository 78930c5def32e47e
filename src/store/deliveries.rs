//! Deliveries: one issue to one subscription. Frozen in one statement, leased in batches, then taken step by step.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::editions::ReaderGroup;
use super::{Result, Store, Tx, on, row};
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};
use crate::domain::states::DeliveryState;

/// What names a delivery.
pub type DeliveryKey = (IssueId, SubscriptionId);

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

/// One step of a delivery that this node holds: it goes on the wire, comes off it with an outcome, or is put back.
#[derive(Clone, Debug)]
pub struct DeliveryStep {
    /// Which.
    pub key: DeliveryKey,
    /// The state it goes to; `sending` puts it on the wire, any other ends the lease.
    pub state: DeliveryState,
    /// When to try again; none for what has ended. To begin changes nothing about it.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// How often it has been tried, this time included: a number and not an increment, so that the same step taken twice,
    /// because the answer to the first commit was lost, counts once.
    pub attempts: i64,
    /// What the relay said; none leaves what it said before.
    pub reply: Option<String>,
}

/// The most steps in one statement: with six parameters each, below SQLite's limit of 32,766.
const MOST_STEPS: usize = 1024;

impl Store {
    /// Takes steps, all in one commit, and says which were taken. One is not taken if the lease was lost, the delivery
    /// has ended, or it was to begin and its issue is not being sent.
    ///
    /// That is exact for those that begin; where something was not taken, every outcome beside it is said to be.
    ///
    /// An outcome counts although the lease was lost meanwhile, as long as no other node has the delivery: what we know of
    /// it still holds.
    ///
    /// # Errors
    /// When the database did not promise it; it may have been done all the same, and can be asked for again.
    pub async fn take_steps(
        &self,
        node: NodeId,
        steps: &[DeliveryStep],
        now: DateTime<Utc>,
    ) -> Result<HashSet<DeliveryKey>> {
        let mut taken = HashSet::with_capacity(steps.len());
        for steps in steps.chunks(MOST_STEPS) {
            let changed = self.change(node, steps, now).await?;
            let all = u64::try_from(steps.len()).is_ok_and(|all| all == changed);
            // Which, is asked only if one was not taken: to return every row would cost as much as to change it.
            for step in steps.iter().filter(|_| changed > 0) {
                let begins = step.state == DeliveryState::Sending;
                if all || !begins || self.read().await?.is_on_wire(step.key, node).await? {
                    taken.insert(step.key);
                }
            }
        }
        Ok(taken)
    }

    /// Runs the statement, and says how many rows it changed. It is a transaction by itself, which saves two exchanges with
    /// the database.
    async fn change(&self, node: NodeId, steps: &[DeliveryStep], now: DateTime<Utc>) -> Result<u64> {
        match self {
            Self::Sqlite { write, .. } => {
                // A few lengths only, so that few statements are prepared; what is left over names nothing.
                let grain = (steps.len().next_power_of_two() / 8).max(1);
                let rows = steps.len().next_multiple_of(grain);
                let nothing = DeliveryStep {
                    key: (IssueId(Uuid::nil()), SubscriptionId(Uuid::nil())),
                    state: DeliveryState::Sending,
                    next_attempt_at: None,
                    attempts: 0,
                    reply: None,
                };
                // No numbers: SQLite would look each of them up as if it were a name.
                let values = format!("VALUES (?, ?, ?, ?, ?, ?){}", ", (?, ?, ?, ?, ?, ?)".repeat(rows - 1));
                let mut query = sqlx::query(sqlx::AssertSqlSafe(steps_sql(&values, "?", "?")));
                for step in steps.iter().chain(std::iter::repeat(&nothing)).take(rows) {
                    query = query.bind(step.key.0).bind(step.key.1).bind(step.state);
                    query = query.bind(step.next_attempt_at).bind(step.attempts).bind(&step.reply);
                }
                Ok(query.bind(now).bind(node).execute(write).await?.rows_affected())
            }
            Self::Postgres(cluster) => {
                fn column<T>(steps: &[DeliveryStep], of: impl Fn(&DeliveryStep) -> T) -> Vec<T> {
                    steps.iter().map(of).collect()
                }
                static SQL: LazyLock<String> = LazyLock::new(|| {
                    let columns = "SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], \
                                   $5::bigint[], $6::text[])";
                    steps_sql(columns, "$7", "$8")
                });
                let replies: Vec<_> = steps.iter().map(|step| step.reply.as_deref()).collect();
                let mut single = cluster.single().await?;
                let (connection, watch) = single.parts();
                let query = sqlx::query(SQL.as_str())
                    .bind(column(steps, |step| step.key.0.0))
                    .bind(column(steps, |step| step.key.1.0))
                    .bind(column(steps, |step| step.state.as_str()))
                    .bind(column(steps, |step| step.next_attempt_at))
                    .bind(column(steps, |step| step.attempts))
                    .bind(replies)
                    .bind(now)
                    .bind(node)
                    .persistent(watch.prepares());
                let changed = watch.over(query.execute(connection)).await?.rows_affected();
                single.commit().await?;
                Ok(changed)
            }
        }
    }
}

/// The statement that takes steps: where their six columns come from, and the parameters for the time and the node.
fn steps_sql(steps: &str, now: &str, node: &str) -> String {
    format!(
        "WITH step (issue_id, subscription_id, state, next_attempt_at, attempts, reply) AS ({steps}) \
         UPDATE deliveries SET state = step.state, next_attempt_at = \
         CASE WHEN step.state = 'sending' THEN deliveries.next_attempt_at ELSE step.next_attempt_at END, attempts = step.attempts, last_reply = COALESCE(step.reply, last_reply), \
         lease_owner = CASE WHEN step.state = 'sending' THEN lease_owner END, updated_at = {now} FROM step \
         WHERE deliveries.issue_id = step.issue_id AND deliveries.subscription_id = step.subscription_id AND (\
         (deliveries.lease_owner = {node} AND deliveries.state IN ('queued', 'deferred', 'sending') \
         AND (step.state <> 'sending' OR EXISTS \
         (SELECT 1 FROM issues WHERE issues.id = step.issue_id AND issues.state = 'sending'))) \
         OR (deliveries.lease_owner IS NULL AND deliveries.state IN ('queued', 'deferred') AND step.state <> 'sending') \
         OR (deliveries.lease_owner IS NULL AND deliveries.state = 'in_doubt' AND step.state = 'accepted'))"
    )
}

impl Tx {
    /// Freezes a group of a newsletter's confirmed readers as recipients of an issue, in one statement. Returns how many.
    pub async fn freeze_recipients(&mut self, issue: IssueId, group: &ReaderGroup, now: DateTime<Utc>) -> Result<u64> {
        macro_rules! freeze {
            ($missed:literal $(, $since:expr)?) => {
                on!(
                    self,
                    execute,
                    concat!(
                        "INSERT INTO deliveries (issue_id, subscription_id, state, attempts, updated_at) \
                         SELECT i.id, s.id, 'queued', 0, $2 FROM issues i \
                         JOIN subscriptions s ON s.newsletter_id = i.newsletter_id \
                         WHERE i.id = $1 AND s.state = 'confirmed' AND s.topics = $3 AND s.cadence = $4 AND s.missed_since ",
                        $missed,
                        " ORDER BY s.id"
                    ),
                    issue,
                    now,
                    &group.topics,
                    group.cadence
                    $(, $since)?
                )?
            };
        }
        Ok(match group.missed_since {
            None => freeze!("IS NULL"),
            Some(since) => freeze!("= $5", since),
        })
    }

    /// Ends what must not be sent of an issue whose recipients were just frozen, and notes how many there are.
    pub async fn settle_frozen(&mut self, issue: IssueId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'suppressed', last_reply = x.reason FROM suppressions x \
             JOIN subscribers p ON p.address_hash = x.address_hash JOIN subscriptions s ON s.subscriber_id = p.id \
             WHERE deliveries.issue_id = $1 AND deliveries.subscription_id = s.id AND deliveries.state = 'queued'",
            issue
        )?;
        on!(
            self,
            execute,
            "UPDATE issues SET recipients = (SELECT COUNT(*) FROM deliveries WHERE issue_id = $1) \
             WHERE id = $1 AND state = 'sending'",
            issue
        )?;
        Ok(())
    }

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
                    self.end_unwanted((issue, id), now).await?;
                    // Unless it is wanted again just now.
                    self.give_lease_back((issue, id), node, now).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends a delivery that waits though nobody wants it any more: the issue was cancelled, the reader left or is suppressed.
    pub async fn end_unwanted(&mut self, (issue, subscription): DeliveryKey, now: DateTime<Utc>) -> Result<()> {
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
    async fn is_on_wire(&mut self, (issue, subscription): DeliveryKey, node: NodeId) -> Result<bool> {
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
    pub async fn give_leases_back(&mut self, node: NodeId, now: DateTime<Utc>) -> Result<u64> {
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
    pub async fn give_lease_back(
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

    /// Makes due what waits for a time later than any wait can lead to: the clock was set back since. Returns how many.
    pub async fn pull_forward(&mut self, horizon: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET next_attempt_at = $2 \
             WHERE issue_id IN (SELECT id FROM issues WHERE state = 'sending') AND lease_owner IS NULL \
             AND state IN ('queued', 'deferred') AND next_attempt_at > $1",
            horizon,
            now
        )?)
    }

    /// How many deliveries of an issue are in each state, those that were folded included; states with none are left out.
    pub async fn count_deliveries(&mut self, issue: IssueId) -> Result<Vec<(DeliveryState, i64)>> {
        // One statement, so that what is folded just now counts once.
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

    /// Decides what is in doubt of an issue: it goes back into the queue, or is taken as delivered. Returns how many.
    pub async fn settle(&mut self, issue: IssueId, to: DeliveryState, reply: &str, now: DateTime<Utc>) -> Result<u64> {
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

    /// Ends what is still open of an issue that was cancelled. What is in doubt stays so: it may have been delivered.
    pub async fn cancel_deliveries(&mut self, issue: IssueId, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'cancelled', last_reply = 'the issue was cancelled', next_attempt_at = NULL, \
             lease_owner = NULL, updated_at = $2 WHERE issue_id = $1 AND state IN ('queued', 'deferred')",
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
            "UPDATE deliveries SET state = 'cancelled', last_reply = 'the issue was cancelled', next_attempt_at = NULL, \
             lease_owner = NULL, updated_at = $1 WHERE state IN ('queued', 'deferred') \
             AND next_attempt_at IS NOT NULL AND issue_id IN (SELECT id FROM issues WHERE state = 'cancelled')",
            now
        )?)
    }

    /// Whether an issue has deliveries that it must still wait for. Takes long in a large issue that has none.
    pub async fn has_open_deliveries(&mut self, issue: IssueId) -> Result<bool> {
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

    /// The first delivery of an issue that is in its first turn: nobody has taken it, or it has not come back. Once there
    /// is none, there never will be one again. Takes long in a large issue.
    pub async fn first_in_turn(&mut self, issue: IssueId) -> Result<Option<SubscriptionId>> {
        let first = on!(
            self,
            optional as (SubscriptionId,),
            "SELECT subscription_id FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NULL \
             AND state IN ('queued', 'deferred', 'sending') ORDER BY subscription_id LIMIT 1",
            issue
        )?;
        Ok(first.map(|(id,)| id))
    }

    /// When the next delivery of an issue is due that is not in anybody's hands; none while one is, or none is left.
    pub async fn waits_until(&mut self, issue: IssueId) -> Result<Option<DateTime<Utc>>> {
        let next: Option<(DateTime<Utc>,)> = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT next_attempt_at FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NOT NULL \
             AND state IN ('queued', 'deferred') ORDER BY next_attempt_at, subscription_id LIMIT 1",
            issue
        )?;
        let Some((next,)) = next else { return Ok(None) };
        let (at_work,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'deferred', 'sending') \
             AND (lease_owner IS NOT NULL OR next_attempt_at IS NULL))",
            issue
        )?;
        Ok((!at_work).then_some(next))
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
