//! Deliveries: one issue to one subscription. Frozen in one statement, leased in batches (`leases.rs`), then taken step by
//! step.

use std::collections::HashSet;
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

    /// Ends what must not be sent of an issue and its editions, whose recipients were just frozen, and notes how many each has.
    pub async fn finish_freeze(&mut self, issue: IssueId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'suppressed', last_reply = x.reason FROM suppressions x \
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

    /// How many deliveries of an issue are in each state, those that were compacted included; states with none are left out.
    pub async fn count_deliveries(&mut self, issue: IssueId) -> Result<Vec<(DeliveryState, i64)>> {
        // One statement, so that what is compacted just now counts once.
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
    pub async fn cancel_open_of_cancelled_issues(&mut self, now: DateTime<Utc>) -> Result<u64> {
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

    /// Whether a relay accepted a message of an issue. Slow in a large issue without an accepted message: it reads every row.
    pub async fn has_accepted_deliveries(&mut self, issue: IssueId) -> Result<bool> {
        let (accepted,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state = 'accepted')",
            issue
        )?;
        Ok(accepted)
    }

    /// Recipients of an issue who were mailed or may still be mailed, with the normal form of their address, page by page in the
    /// order of their subscriptions.
    pub async fn recipients_after(
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
