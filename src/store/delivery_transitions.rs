//! Changes of deliveries' states, many in one statement: a delivery is started, gets an outcome, or is released.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::deliveries::DeliveryKey;
use super::{Result, Store};
use crate::domain::ids::{IssueId, NodeId, SubscriptionId};
use crate::domain::states::DeliveryState;

/// A new state of a delivery that this node has leased.
#[derive(Clone, Debug)]
pub struct DeliveryTransition {
    /// The delivery that changes its state.
    pub key: DeliveryKey,
    /// The new state. `sending` starts an attempt; any other state ends the lease.
    pub state: DeliveryState,
    /// When to try again; `None` for a final state. Ignored for `sending`, which leaves the time unchanged.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The number of attempts, including this one. It is no increment, so a transition that is recorded twice, because the reply to
    /// the first commit was lost, counts once.
    pub attempts: i64,
    /// The relay's reply, or what happened instead; `None` leaves the last reply unchanged.
    pub reply: Option<String>,
}

/// Transitions in one statement at most: with six parameters each, they stay below SQLite's limit of 32,766.
const MAX_TRANSITIONS: usize = 1024;

impl Store {
    /// Records transitions, each chunk in one commit, and returns the deliveries whose transition was recorded. A transition is not
    /// recorded if the lease was lost, if the delivery has ended, or if it starts an attempt and the issue is not being sent.
    ///
    /// The result is exact for transitions that start an attempt, because those decide whether a message is sent. If any transition
    /// of a chunk was not recorded, its outcomes are returned all the same.
    ///
    /// An outcome is recorded even after the lease was lost, if no other node has leased the delivery: it is still true.
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
            let changed = self.update(node, chunk, now).await?;
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

    /// Runs the statement and returns how many rows it changed. It is a transaction by itself, which saves two round trips to the
    /// database.
    async fn update(&self, node: NodeId, transitions: &[DeliveryTransition], now: DateTime<Utc>) -> Result<u64> {
        match self {
            Self::Sqlite { write, .. } => {
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
                Ok(query.bind(now).bind(node).execute(write).await?.rows_affected())
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
                let mut single = cluster.single().await?;
                let (connection, watch) = single.parts();
                let query = sqlx::query(SQL.as_str())
                    .bind(column(transitions, |transition| transition.key.0.0))
                    .bind(column(transitions, |transition| transition.key.1.0))
                    .bind(column(transitions, |transition| transition.state.as_str()))
                    .bind(column(transitions, |transition| transition.next_attempt_at))
                    .bind(column(transitions, |transition| transition.attempts))
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

/// The statement that records transitions. `rows` gives their six columns; `now` and `node` are parameters, in this order.
///
/// A row changes in one of three cases:
/// - This node has leased the delivery and it is open. To start it, the issue must be sending as well.
/// - Nobody has leased the delivery and it waits: another node has released it, and an outcome that arrives late is still true.
/// - Another node has reclaimed the delivery as in doubt, and the relay's acceptance arrives late.
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
