//! The messages of webhooks: leased for an attempt, delivered or tried again, listed and replayed. `webhook_events.rs` adds them.
//!
//! A lease ends at a time. So a message whose process was killed is sent again by any process, and no heartbeat is needed.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{NodeId, SubscriberId, WebhookEndpointId};
use crate::domain::webhook::{MessageState, WebhookEvent};

row! {
    /// A message that this process has leased for an attempt.
    #[derive(Clone, Debug)]
    pub(crate) struct LeasedMessage {
        pub(crate) event_id: String,
        pub(crate) body: String,
        /// The number of attempts, this one included.
        pub(crate) attempts: i64,
        pub(crate) retry_from: DateTime<Utc>,
    }
}

row! {
    /// A message as the log of an endpoint shows it.
    #[derive(Clone, Debug)]
    pub struct LoggedMessage {
        /// The id of the event, which the header `webhook-id` has.
        pub event_id: String,
        /// Its place in the log.
        pub position: i64,
        /// What happened, in one word.
        pub event: WebhookEvent,
        /// Whether it waits, was delivered or failed.
        pub state: MessageState,
        /// The number of attempts.
        pub attempts: i64,
        /// When the next attempt is due, if it waits.
        pub next_attempt_at: DateTime<Utc>,
        /// The HTTP status of the last attempt; `None` if there was no answer.
        pub last_status: Option<i64>,
        /// Why the last attempt failed; `None` if it succeeded or there was none.
        pub last_error: Option<String>,
        /// When it was delivered or given up.
        pub finished_at: Option<DateTime<Utc>>,
        /// When the event happened.
        pub created_at: DateTime<Utc>,
    }
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(crate) struct AttemptOutcome {
    pub(crate) state: MessageState,
    /// The HTTP status, if there was an answer.
    pub(crate) status: Option<i64>,
    /// Why it failed, in words that an operator understands.
    pub(crate) error: Option<String>,
    /// When to try again, if it waits.
    pub(crate) next_attempt_at: DateTime<Utc>,
}

/// Which messages of an endpoint are replayed.
#[derive(Clone, Debug, Default)]
pub struct ReplaySelection {
    /// Only the message with this event id.
    pub event_id: Option<String>,
    /// Only events at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only events before this time.
    pub until: Option<DateTime<Utc>>,
    /// Only messages that failed.
    pub failed: bool,
}

impl Tx {
    /// Leases due messages of an endpoint. No earlier message of the same subject may wait, so that each reader's events arrive in order.
    pub(crate) async fn lease_webhook_messages(
        &mut self,
        endpoint: WebhookEndpointId,
        node: NodeId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<LeasedMessage>> {
        let mut leased = on!(
            self,
            all as LeasedMessage,
            "UPDATE webhook_messages SET lease_owner = $2, leased_until = $4, attempts = attempts + 1 \
             WHERE endpoint_id = $1 AND event_id IN (SELECT m.event_id FROM webhook_messages m \
             WHERE m.endpoint_id = $1 AND m.state = 'waiting' AND m.next_attempt_at <= $3 \
             AND (m.leased_until IS NULL OR m.leased_until <= $3) \
             AND NOT EXISTS (SELECT 1 FROM webhook_messages earlier WHERE earlier.endpoint_id = m.endpoint_id \
             AND earlier.subject_id = m.subject_id AND earlier.state = 'waiting' AND earlier.position < m.position) \
             ORDER BY m.next_attempt_at LIMIT $5) \
             AND state = 'waiting' AND (leased_until IS NULL OR leased_until <= $3) \
             RETURNING event_id, body, attempts, retry_from",
            endpoint,
            node,
            now,
            until,
            limit
        )?;
        // RETURNING has no order.
        leased.sort_unstable_by(|one, other| one.event_id.cmp(&other.event_id));
        Ok(leased)
    }

    /// Records the outcome of an attempt. Returns false if another process has leased the message since.
    pub(crate) async fn record_webhook_attempt(
        &mut self,
        endpoint: WebhookEndpointId,
        event_id: &str,
        node: NodeId,
        outcome: &AttemptOutcome,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let finished_at = (outcome.state != MessageState::Waiting).then_some(now);
        let recorded = on!(
            self,
            execute,
            "UPDATE webhook_messages SET state = $4, last_status = $5, last_error = $6, next_attempt_at = $7, \
             finished_at = $8, lease_owner = NULL, leased_until = NULL \
             WHERE endpoint_id = $1 AND event_id = $2 AND lease_owner = $3 AND state = 'waiting'",
            endpoint,
            event_id,
            node,
            outcome.state,
            outcome.status,
            outcome.error.as_deref(),
            outcome.next_attempt_at,
            finished_at
        )?;
        Ok(recorded == 1)
    }

    /// Releases the messages of an endpoint that this process has leased. They are due at once, and the attempt does not count.
    pub(crate) async fn release_webhook_messages(&mut self, endpoint: WebhookEndpointId, node: NodeId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE webhook_messages SET lease_owner = NULL, leased_until = NULL, attempts = attempts - 1 \
             WHERE endpoint_id = $1 AND lease_owner = $2 AND state = 'waiting'",
            endpoint,
            node
        )?)
    }

    /// Whether a message that waits is older than `before`.
    pub(crate) async fn has_overdue_webhook_messages(&mut self, before: DateTime<Utc>) -> Result<bool> {
        let (has,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM webhook_messages WHERE state = 'waiting' AND retry_from <= $1)",
            before
        )?;
        Ok(has)
    }

    /// Gives up messages that are older than `before` and that nobody tries now, at most `limit`. Returns the endpoints that they were
    /// for.
    pub(crate) async fn give_up_webhook_messages(
        &mut self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<WebhookEndpointId>> {
        let given_up = on!(
            self,
            all as (WebhookEndpointId,),
            "UPDATE webhook_messages SET state = 'failed', finished_at = $2, lease_owner = NULL, leased_until = NULL, \
             last_error = COALESCE(last_error, 'the endpoint did not answer in time') \
             WHERE (endpoint_id, event_id) IN (SELECT m.endpoint_id, m.event_id FROM webhook_messages m \
             WHERE m.state = 'waiting' AND m.retry_from <= $1 AND (m.leased_until IS NULL OR m.leased_until <= $2) LIMIT $3) \
             AND state = 'waiting' AND (leased_until IS NULL OR leased_until <= $2) RETURNING endpoint_id",
            before,
            now,
            limit
        )?;
        Ok(given_up.into_iter().map(|(endpoint,)| endpoint).collect())
    }

    /// Deletes messages that ended before a time, at most `limit`, and those of endpoints that were removed. Returns how many.
    pub(crate) async fn purge_webhook_messages(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        let orphans = on!(
            &mut *self,
            execute,
            "DELETE FROM webhook_messages WHERE endpoint_id NOT IN (SELECT id FROM webhook_endpoints)"
        )?;
        let old = on!(
            self,
            execute,
            "DELETE FROM webhook_messages WHERE (endpoint_id, event_id) IN (SELECT m.endpoint_id, m.event_id \
             FROM webhook_messages m WHERE m.finished_at IS NOT NULL AND m.finished_at < $1 LIMIT $2)",
            before,
            limit
        )?;
        Ok(orphans + old)
    }

    /// The newest messages of an endpoint, also only those in one state, and only those behind one message: its position and its event's
    /// id.
    pub async fn webhook_log(
        &mut self,
        endpoint: WebhookEndpointId,
        state: Option<MessageState>,
        after: Option<(i64, &str)>,
        limit: i64,
    ) -> Result<Vec<LoggedMessage>> {
        let (position, event_id) = after.unwrap_or((i64::MAX, ""));
        Ok(on!(
            self,
            all as LoggedMessage,
            "SELECT event_id, position, event, state, attempts, next_attempt_at, last_status, last_error, finished_at, \
             created_at FROM webhook_messages WHERE endpoint_id = $1 AND (position < $2 OR (position = $2 AND event_id > $3)) \
             AND ($4 IS NULL OR state = $4) ORDER BY position DESC, event_id LIMIT $5",
            endpoint,
            position,
            event_id,
            state,
            limit
        )?)
    }

    /// How many messages of each endpoint are in each state.
    pub async fn webhook_counts(&mut self) -> Result<Vec<(WebhookEndpointId, MessageState, i64)>> {
        Ok(on!(
            self,
            all as (WebhookEndpointId, MessageState, i64),
            "SELECT endpoint_id, state, COUNT(*) FROM webhook_messages GROUP BY endpoint_id, state ORDER BY endpoint_id, state"
        )?)
    }

    /// Makes ended messages wait again. Returns how many.
    pub(crate) async fn replay_webhook_messages(
        &mut self,
        endpoint: WebhookEndpointId,
        selection: &ReplaySelection,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE webhook_messages SET state = 'waiting', attempts = 0, retry_from = $2, next_attempt_at = $2, \
             finished_at = NULL, last_status = NULL, last_error = NULL WHERE endpoint_id = $1 AND state <> 'waiting' \
             AND ($3 IS NULL OR event_id = $3) AND ($4 IS NULL OR created_at >= $4) AND ($5 IS NULL OR created_at < $5) \
             AND (NOT $6 OR state = 'failed')",
            endpoint,
            now,
            selection.event_id.as_deref(),
            selection.since,
            selection.until,
            selection.failed
        )?)
    }

    /// Deletes the messages about a reader who is erased.
    pub(crate) async fn delete_webhook_messages_about(&mut self, subscriber: SubscriberId) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM webhook_messages WHERE subject_id = $1",
            subscriber
        )?;
        Ok(())
    }
}
