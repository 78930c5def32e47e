//! What follows from the answer of an endpoint: the message is delivered, waits for another attempt, or fails; and an endpoint at which
//! everything fails is tried less often, and in the end disabled.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::{AttemptError, failure_text};
use crate::app::App;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::time::time_delta;
use crate::domain::webhook::MessageState;
use crate::feeds::post::PostAnswer;
use crate::notices::{self, NoticeError};
use crate::store::Tx;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_messages::{AttemptOutcome, LeasedMessage};

/// The pauses before the next attempts. The last one repeats.
const PAUSES: [TimeDelta; 8] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::minutes(30),
    TimeDelta::hours(1),
    TimeDelta::hours(2),
    TimeDelta::hours(4),
];
/// After this many failed attempts without a success, the endpoint itself is not tried for a while, and then with one message.
pub(super) const FAILURES_BEFORE_PAUSE: i64 = 5;
/// The most that a `Retry-After` of the endpoint is waited for.
const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(1);
/// An endpoint that answers this asks for no more messages ([RFC 9110 §15.5.11](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.11)).
const GONE: u16 = 410;

/// The pause after a number of failures, with up to a fifth of jitter.
fn pause(app: &App, failures: i64) -> TimeDelta {
    let index = usize::try_from(failures - 1).unwrap_or(0).min(PAUSES.len() - 1);
    let seconds = PAUSES[index].as_seconds_f64();
    let jitter = Duration::from_secs_f64(seconds * app.rng.fraction() / 5.0);
    PAUSES[index] + time_delta(jitter)
}

/// What an attempt led to.
pub(super) struct Recorded {
    /// Whether other messages of the same subject may be due now.
    pub(super) frees_next: bool,
    /// Whether the endpoint is not tried for now.
    pub(super) pauses_endpoint: bool,
}

/// Records the answer to a message, in one transaction.
///
/// # Errors
/// If the database fails. The lease of the message ends by itself, and the message is sent again.
pub(super) async fn record(
    app: &App,
    endpoint: &WebhookEndpoint,
    message: &LeasedMessage,
    answer: &Result<PostAnswer, AttemptError>,
) -> Result<Recorded, NoticeError> {
    let now = app.clock.now();
    let status = answer.as_ref().ok().map(|answer| i64::from(answer.status));
    let mut tx = app.store.write().await?;
    let Some(error) = failure_text(answer) else {
        let outcome = AttemptOutcome {
            state: MessageState::Delivered,
            status,
            error: None,
            next_attempt_at: now,
        };
        tx.record_webhook_attempt(endpoint.id, &message.event_id, app.node, &outcome, now)
            .await?;
        tx.forget_webhook_failures(endpoint.id).await?;
        tx.commit().await?;
        return Ok(Recorded {
            frees_next: true,
            pauses_endpoint: false,
        });
    };
    let asked = answer.as_ref().ok().and_then(|answer| answer.retry_after);
    let asked = asked.map(|asked| time_delta(asked).min(MAX_RETRY_AFTER));
    let deadline = message.retry_from + time_delta(app.config.webhooks.retry_for);
    let is_over = now >= deadline;
    let next = now + pause(app, message.attempts).max(asked.unwrap_or_default());
    let outcome = AttemptOutcome {
        state: if is_over {
            MessageState::Failed
        } else {
            MessageState::Waiting
        },
        status,
        error: Some(error.clone()),
        // The last attempt is made when the time is over.
        next_attempt_at: next.min(deadline.max(now)),
    };
    tx.record_webhook_attempt(endpoint.id, &message.event_id, app.node, &outcome, now)
        .await?;
    let failures = endpoint.failures + 1;
    let until = if failures >= FAILURES_BEFORE_PAUSE {
        Some(now + pause(app, failures - FAILURES_BEFORE_PAUSE + 1).max(asked.unwrap_or_default()))
    } else {
        asked.map(|asked| now + asked)
    };
    let is_gone = answer.as_ref().is_ok_and(|answer| answer.status == GONE);
    let mut notified = false;
    if let Some(endpoint) = tx.note_webhook_failure(endpoint.id, until, now).await? {
        notified = disable_or_notify(&mut tx, app, &endpoint, (&error, is_gone, is_over), now).await?;
        if endpoint.failures == 1 {
            tracing::warn!(
                webhook.name = endpoint.name,
                reason = error,
                "webhook failed; trying again"
            );
        }
    }
    tx.commit().await?;
    if notified {
        app.transactional_wakeup.notify_one();
    }
    Ok(Recorded {
        frees_next: is_over,
        pauses_endpoint: until.is_some() || is_gone,
    })
}

/// Disables an endpoint that is gone or has failed for too long. Otherwise notifies the operators once a message failed for good. Returns
/// whether a notice is queued.
async fn disable_or_notify(
    tx: &mut Tx,
    app: &App,
    endpoint: &WebhookEndpoint,
    (error, is_gone, gave_up): (&str, bool, bool),
    now: DateTime<Utc>,
) -> Result<bool, NoticeError> {
    let failing_for = endpoint.failing_since.map_or(TimeDelta::zero(), |since| now - since);
    if is_gone || failing_for >= time_delta(app.config.webhooks.disable_after) {
        let reason = if is_gone {
            "its address answered 410 Gone, so no more events are sent".to_owned()
        } else {
            format!("every attempt failed since {}: {error}", failing_since_text(endpoint))
        };
        if !tx.disable_webhook_endpoint(endpoint.id, &reason, now).await? {
            return Ok(false);
        }
        tracing::warn!(webhook.name = endpoint.name, reason, "webhook disabled");
        let text = format!(
            "The webhook {name} is disabled, and gets no events any more: {reason}\n\nSee the messages that were not sent:\n\
             daywire webhook log {name} --state failed\n\nWhen the address works again, enable the webhook and send them again:\n\
             daywire webhook enable {name}\ndaywire webhook replay {name} --failed\n\nOr remove it:\n\
             daywire webhook remove {name}",
            name = endpoint.name
        );
        notices::notify(tx, app, &format!("The webhook {} is disabled", endpoint.name), &text).await?;
        return Ok(true);
    }
    if !gave_up {
        return Ok(false);
    }
    notify_of_failures(tx, app, endpoint, error, now).await
}

/// Queues a notice that messages to an endpoint failed for good: one until the endpoint works again.
pub(super) async fn notify_of_failures(
    tx: &mut Tx,
    app: &App,
    endpoint: &WebhookEndpoint,
    error: &str,
    now: DateTime<Utc>,
) -> Result<bool, NoticeError> {
    if !tx.note_webhook_notice(endpoint.id, now).await? {
        return Ok(false);
    }
    let text = format!(
        "Events for the webhook {name} failed: every attempt since {since} failed. The last error: {error}\n\nLater events are still tried. \
         See the messages that were not sent:\ndaywire webhook log {name} --state failed\n\nWhen the address works again, send them again:\n\
         daywire webhook replay {name} --failed",
        name = endpoint.name,
        since = failing_since_text(endpoint)
    );
    notices::notify(tx, app, &format!("The webhook {} fails", endpoint.name), &text).await?;
    Ok(true)
}

/// Since when the endpoint fails, in words.
fn failing_since_text(endpoint: &WebhookEndpoint) -> String {
    let since = endpoint.failing_since.unwrap_or(endpoint.created_at);
    since.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Notifies the operators of endpoints whose messages were given up without another attempt.
pub(super) async fn notify_of_given_up(
    tx: &mut Tx,
    app: &App,
    mut endpoints: Vec<WebhookEndpointId>,
    now: DateTime<Utc>,
) -> Result<(), NoticeError> {
    endpoints.sort_unstable();
    endpoints.dedup();
    for id in endpoints {
        if let Some(endpoint) = tx
            .lock_webhook_endpoint(id)
            .await?
            .filter(|found| found.disabled_at.is_none())
        {
            notify_of_failures(tx, app, &endpoint, "it did not answer in time", now).await?;
        }
    }
    Ok(())
}
