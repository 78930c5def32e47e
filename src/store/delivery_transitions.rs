//! Changes of deliveries' states, many in one statement: a delivery is started, gets an outcome, or is released.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::deliveries::DeliveryKey;
use super::{EventSubject, Result, Store, Tx, on};
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};
use crate::domain::states::DeliveryState;
use crate::domain::webhook::WebhookEvent;
use crate::metrics::Access;

/// A new state of a delivery that this node has leased.
#[derive(Clone, Debug)]
pub struct DeliveryTransition {
    /// The delivery that changes its state.
    pub key: DeliveryKey,
    /// The new state. `sending` starts an attempt; any other state ends the lease.
    pub state: DeliveryState,
    /// When to try again; `None` for a final state. Ignored for `sending`, which leaves the time unchanged.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The number of ended attempts: with `sending`, those before the attempt that it starts; with an outcome, that attempt is included. It
    /// is not an increment, so a transition that is recorded twice, because the reply to the first commit was lost, counts once.
    pub attempts: i64,
    /// The relay's reply, or what happened instead; `None` leaves the last reply unchanged.
    pub reply: Option<String>,
}

/// The maximum number of transitions in one statement. With six parameters each, they stay below SQLite's limit of 32,766.
const MAX_TRANSITIONS: usize = 1024;

impl Store {
    /// Records transitions, at most [`MAX_TRANSITIONS`] in one commit, and returns the deliveries whose transition was recorded.
    ///
    /// | the delivery | recorded |
    /// |---|---|
    /// | open and leased by this node | `sending` if the issue is being sent; every outcome |
    /// | waiting and leased by no node | every outcome: another node has reclaimed this one, and the outcome is still true |
    /// | in doubt and leased by no node | `accepted`: another node has reclaimed this one, and the relay's reply arrives late |
    /// | leased by another node, or final | nothing |
    ///
    /// The returned set is exact for transitions that start an attempt, because they decide whether a message is sent. If any transition
    /// of a commit was not recorded, the outcomes in that commit are returned all the same.
    ///
    /// A delivery must not occur twice in one commit, because the database would record one of its two transitions, and which one is
    /// undefined. The recorder (`delivery/recorder.rs`) guarantees this: it starts no delivery that is in flight or already in its batch.
    ///
    /// # Errors
    /// When the database did not confirm a commit. It may have been made; the same transitions can be recorded again.
    pub async fn record_transitions(
        &self,
        node: NodeId,
        transitions: &[DeliveryTransition],
        now: DateTime<Utc>,
    ) -> Result<HashSet<DeliveryKey>> {
        let mut recorded = HashSet::with_capacity(transitions.len());
        for chunk in transitions.chunks(MAX_TRANSITIONS) {
            let failed = self.record_failures(node, chunk, now).await?;
            recorded.extend(&failed);
            let others: Vec<_>;
            let chunk = if failed.is_empty() {
                chunk
            } else {
                let is_other = |transition: &&DeliveryTransition| !failed.contains(&transition.key);
                others = chunk.iter().filter(is_other).cloned().collect();
                &others
            };
            if chunk.is_empty() {
                continue;
            }
            let changed = self.write_transitions(node, chunk, now).await?;
            let are_all_recorded = u64::try_from(chunk.len()).is_ok_and(|all| all == changed);
            // Usually all are recorded. Returning every changed row would cost as much as changing it, so single deliveries are
            // looked up only if one was not.
            for transition in chunk.iter().filter(|_| changed > 0) {
                let is_outcome = transition.state != DeliveryState::Sending;
                if are_all_recorded || is_outcome || self.read().await?.is_in_flight(transition.key, node).await? {
                    recorded.insert(transition.key);
                }
            }
        }
        Ok(recorded)
    }

    /// Records those transitions that are failures for good, each with its event, if a webhook gets them. They are few, so that sending is
    /// as fast as without webhooks. Returns their deliveries.
    async fn record_failures(
        &self,
        node: NodeId,
        transitions: &[DeliveryTransition],
        now: DateTime<Utc>,
    ) -> Result<HashSet<DeliveryKey>> {
        static SQL: LazyLock<String> = LazyLock::new(|| update_sql("VALUES ($1, $2, $3, $4, $5, $6)", "$7", "$8"));
        let is_failure = |transition: &&DeliveryTransition| {
            matches!(transition.state, DeliveryState::Rejected | DeliveryState::Expired)
        };
        let failures: Vec<_> = transitions.iter().filter(is_failure).collect();
        if failures.is_empty() || !self.read().await?.is_event_wanted(WebhookEvent::DeliveryFailed).await? {
            return Ok(HashSet::new());
        }
        let mut tx = self.write().await?;
        for failure in &failures {
            let (issue, subscription) = failure.key;
            let changed = on!(
                &mut tx,
                execute,
                sqlx::AssertSqlSafe(SQL.as_str()),
                issue,
                subscription,
                failure.state,
                failure.next_attempt_at,
                failure.attempts,
                failure.reply.as_deref(),
                now,
                node
            )?;
            if changed == 1 {
                tx.collect_failure(failure, now);
            }
        }
        tx.commit().await?;
        Ok(failures.iter().map(|failure| failure.key).collect())
    }

    /// Runs the statement and returns how many rows it changed. It is a transaction by itself, which saves two round trips to the
    /// database.
    async fn write_transitions(
        &self,
        node: NodeId,
        transitions: &[DeliveryTransition],
        now: DateTime<Utc>,
    ) -> Result<u64> {
        match self {
            Self::Sqlite { write, metrics, .. } => {
                // Padded to one of a few lengths, so that few statements are prepared. The padding matches no row.
                let step = (transitions.len().next_power_of_two() / 8).max(1);
                let rows = transitions.len().next_multiple_of(step);
                let padding = DeliveryTransition {
                    key: (IssueId(Uuid::nil()), SubscriptionId(Uuid::nil())),
                    state: DeliveryState::Sending,
                    next_attempt_at: None,
                    attempts: 0,
                    reply: None,
                };
                // Parameters without numbers: SQLite searches for numbered ones in a list as if they were names.
                let values = format!("VALUES (?, ?, ?, ?, ?, ?){}", ", (?, ?, ?, ?, ?, ?)".repeat(rows - 1));
                let mut query = sqlx::query(sqlx::AssertSqlSafe(update_sql(&values, "?", "?")));
                for transition in transitions.iter().chain(std::iter::repeat(&padding)).take(rows) {
                    query = query
                        .bind(transition.key.0)
                        .bind(transition.key.1)
                        .bind(transition.state)
                        .bind(transition.next_attempt_at)
                        .bind(transition.attempts)
                        .bind(&transition.reply);
                }
                let timer = metrics.waiting(Access::Write);
                let mut connection = write.acquire().await?;
                let _timer = timer.begun();
                Ok(query
                    .bind(now)
                    .bind(node)
                    .execute(&mut *connection)
                    .await?
                    .rows_affected())
            }
            Self::Postgres(cluster) => {
                fn column<T>(transitions: &[DeliveryTransition], of: impl Fn(&DeliveryTransition) -> T) -> Vec<T> {
                    transitions.iter().map(of).collect()
                }
                static SQL: LazyLock<String> = LazyLock::new(|| {
                    let rows = "SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], \
                                $5::bigint[], $6::text[])";
                    update_sql(rows, "$7", "$8")
                });
                let replies: Vec<_> = transitions
                    .iter()
                    .map(|transition| transition.reply.as_deref())
                    .collect();
                let mut transaction = cluster.single_statements(Access::Write).await?;
                let query = sqlx::query(SQL.as_str())
                    .bind(column(transitions, |transition| transition.key.0.0))
                    .bind(column(transitions, |transition| transition.key.1.0))
                    .bind(column(transitions, |transition| transition.state.as_str()))
                    .bind(column(transitions, |transition| transition.next_attempt_at))
                    .bind(column(transitions, |transition| transition.attempts))
                    .bind(replies)
                    .bind(now)
                    .bind(node);
                let changed = transaction.execute(query).await?;
                transaction.commit().await?;
                Ok(changed)
            }
        }
    }
}

impl Tx {
    fn collect_failure(&mut self, failure: &DeliveryTransition, now: DateTime<Utc>) {
        let (issue, subscription) = failure.key;
        let fields = vec![
            ("issue_id", json!(issue)),
            ("state", json!(failure.state)),
            ("attempts", json!(failure.attempts)),
        ];
        let subject = EventSubject::Subscription(subscription);
        self.collect_event(WebhookEvent::DeliveryFailed, now, subject, fields);
    }
}

/// The statement that records transitions. `rows` gives their six columns; `now` and `node` are parameters, in this order.
/// The three conditions in parentheses are the first three rows of the table at [`Store::record_transitions`].
fn update_sql(rows: &str, now: &str, node: &str) -> String {
    format!(
        "WITH transition (issue_id, subscription_id, state, next_attempt_at, attempts, reply) AS ({rows}) \
         UPDATE deliveries SET \
           state = transition.state, \
           next_attempt_at = CASE WHEN transition.state = 'sending' \
             THEN deliveries.next_attempt_at ELSE transition.next_attempt_at END, \
           attempts = transition.attempts, \
           last_reply = COALESCE(transition.reply, last_reply), \
           lease_owner = CASE WHEN transition.state = 'sending' THEN lease_owner END, \
           updated_at = {now} \
         FROM transition \
         WHERE deliveries.issue_id = transition.issue_id \
           AND deliveries.subscription_id = transition.subscription_id \
           AND ( \
             (deliveries.lease_owner = {node} AND deliveries.state IN ('queued', 'deferred', 'sending') \
               AND (transition.state <> 'sending' OR EXISTS \
                 (SELECT 1 FROM issues WHERE issues.id = transition.issue_id AND issues.state = 'sending'))) \
             OR (deliveries.lease_owner IS NULL AND deliveries.state IN ('queued', 'deferred') \
               AND transition.state <> 'sending') \
             OR (deliveries.lease_owner IS NULL AND deliveries.state = 'in_doubt' \
               AND transition.state = 'accepted'))"
    )
}
