//! The loop that sends the messages of webhooks. Each endpoint has a task of its own, so a slow one does not delay the others.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::attempt;
use super::outcome::{self, FAILURES_BEFORE_PAUSE};
use crate::app::App;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::time::time_delta;
use crate::notices::NoticeError;
use crate::store::StoreError;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_messages::LeasedMessage;

/// How often the database is asked for endpoints with a due message.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// A lease ends this long after the time limit of its attempt.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(30);
/// How many messages one transaction gives up or deletes.
const MAX_ENDED: i64 = 1_000;

/// Sends messages until `stop` is cancelled. What was not answered by then is sent again by the next process.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    let mut busy = HashSet::new();
    while !stop.is_cancelled() {
        match due(&app).await {
            Ok(endpoints) => {
                for endpoint in endpoints {
                    if busy.insert(endpoint.id) {
                        let (app, stop) = (Arc::clone(&app), stop.clone());
                        tasks.spawn(async move {
                            send_to(&app, endpoint.id, &stop).await;
                            endpoint.id
                        });
                    }
                }
            }
            Err(error) => tracing::error!(%error, "webhook messages not read; trying again"),
        }
        let wait = tokio::time::sleep(POLL_INTERVAL);
        tokio::pin!(wait);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = &mut wait => break,
                Some(ended) = tasks.join_next() => match ended {
                    Ok(id) => {
                        busy.remove(&id);
                    }
                    Err(error) => {
                        tracing::error!(%error, "webhook task panicked, which is a fault in daywire; trying again");
                        // The error does not say which endpoint the task served, so all are started again. Two tasks for one
                        // endpoint do no harm: each leases its messages.
                        busy.clear();
                    }
                },
            }
        }
    }
    tasks.join_all().await;
}

/// The endpoints with a due message. Messages that were tried for long enough are given up first.
async fn due(app: &App) -> Result<Vec<WebhookEndpoint>, NoticeError> {
    let now = app.clock.now();
    // The last attempt is made at the end of that time. The margin lets it finish before the message is given up.
    let before = now - time_delta(app.config.webhooks.retry_for) - LEASE_MARGIN;
    let mut tx = app.store.read().await?;
    let endpoints = tx.webhook_endpoints_due(now).await?;
    let has_overdue = tx.has_overdue_webhook_messages(before).await?;
    drop(tx);
    if has_overdue {
        let mut tx = app.store.write().await?;
        let given_up = tx.give_up_webhook_messages(before, now, MAX_ENDED).await?;
        outcome::notify_of_given_up(&mut tx, app, given_up, now).await?;
        tx.commit().await?;
        app.transactional_wakeup.notify_one();
    }
    Ok(endpoints)
}

/// Sends what is due for an endpoint, several messages at once, until nothing is due or the endpoint fails.
async fn send_to(app: &App, id: WebhookEndpointId, stop: &CancellationToken) {
    let concurrency = app.config.webhooks.concurrency;
    let mut in_flight = FuturesUnordered::new();
    let mut may_have_more = true;
    loop {
        if may_have_more && in_flight.len() * 2 <= concurrency {
            match lease(app, id, concurrency - in_flight.len()).await {
                Ok((endpoint, messages, limit)) => {
                    may_have_more = messages.len() == limit && limit > 0;
                    let endpoint = Arc::new(endpoint);
                    for message in messages {
                        let endpoint = Arc::clone(&endpoint);
                        in_flight.push(async move {
                            let answer =
                                Box::pin(attempt(app, endpoint.as_ref(), &message.event_id, message.body.clone()))
                                    .await;
                            (endpoint, message, answer)
                        });
                    }
                }
                Err(LeaseError::Closed) => may_have_more = false,
                Err(LeaseError::Store(error)) => {
                    tracing::error!(%error, "webhook messages not leased; trying again");
                    may_have_more = false;
                }
            }
        }
        let answered = tokio::select! {
            () = stop.cancelled() => break,
            answered = in_flight.next() => answered,
            // A slow answer about one reader must not delay the events of others.
            () = tokio::time::sleep(POLL_INTERVAL) => {
                may_have_more = true;
                continue;
            }
        };
        let Some((endpoint, message, answer)) = answered else {
            return;
        };
        match outcome::record(app, &endpoint, &message, &answer).await {
            Ok(recorded) => may_have_more = (may_have_more || recorded.frees_next) && !recorded.pauses_endpoint,
            Err(error) => tracing::error!(%error, "webhook answer not recorded; sending the message again"),
        }
    }
    drop(in_flight);
    let released = async {
        let mut tx = app.store.write().await?;
        tx.release_webhook_messages(id, app.node).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::warn!(%error, "webhook messages not released; their leases end by themselves");
    }
}

/// Why no message was leased.
enum LeaseError {
    /// The endpoint was removed or disabled, or is not tried for now.
    Closed,
    Store(StoreError),
}

impl From<StoreError> for LeaseError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Leases messages of an endpoint, and returns it as it is now, and how many messages were asked for.
async fn lease(
    app: &App,
    id: WebhookEndpointId,
    free: usize,
) -> Result<(WebhookEndpoint, Vec<LeasedMessage>, usize), LeaseError> {
    let now = app.clock.now();
    let until = now + time_delta(app.config.webhooks.timeout) + LEASE_MARGIN;
    let mut tx = app.store.write().await?;
    let endpoint = tx.lock_webhook_endpoint(id).await?.ok_or(LeaseError::Closed)?;
    let is_paused = endpoint.next_attempt_at.is_some_and(|at| at > now);
    if endpoint.disabled_at.is_some() || is_paused {
        return Err(LeaseError::Closed);
    }
    // After a pause, one message shows whether the endpoint works again.
    let limit = if endpoint.failures >= FAILURES_BEFORE_PAUSE {
        1
    } else {
        free
    };
    let rows = i64::try_from(limit).unwrap_or(1);
    let messages = tx.lease_webhook_messages(id, app.node, now, until, rows).await?;
    tx.commit().await?;
    Ok((endpoint, messages, limit))
}

/// Deletes messages that ended long ago.
///
/// # Errors
/// If the database fails.
pub(crate) async fn purge(app: &App) -> Result<(), StoreError> {
    let before = app.clock.now() - time_delta(app.config.webhooks.keep_log);
    loop {
        let mut tx = app.store.write().await?;
        let deleted = tx.purge_webhook_messages(before, MAX_ENDED).await?;
        tx.commit().await?;
        if deleted < MAX_ENDED.unsigned_abs() {
            return Ok(());
        }
    }
}
