//! Retries: what a delivery becomes after an attempt, when it is tried again, and whether its issue must pause.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::local_time::MAX_ZONE_DELAY;
use crate::app::App;
use crate::config::InDoubt;
use crate::domain::states::DeliveryState;
use crate::domain::time::time_delta;
use crate::mail::smtp::Outcome;
use crate::store::newsletters::Newsletter;

/// When to try again, and when to give up.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// The waits after the first, second, … attempt. The last one repeats.
    pub waits: Arc<[TimeDelta]>,
    /// A mail that would wait beyond this age is not tried again.
    pub expire_after: TimeDelta,
    /// Whether a mail that the relay may have accepted is sent again, with the same Message-ID.
    pub resend_in_doubt: bool,
}

impl RetryPolicy {
    /// The policy of the settings.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let delivery = &app.config.delivery;
        Self {
            waits: delivery.retry_after.iter().map(|wait| time_delta(*wait)).collect(),
            expire_after: time_delta(delivery.expire_after),
            resend_in_doubt: delivery.in_doubt == InDoubt::Resend,
        }
    }

    /// The same for a newsletter, which may set its own expiry.
    #[must_use]
    pub fn for_newsletter(&self, newsletter: &Newsletter) -> Self {
        let expire_after = newsletter
            .expire_after_seconds
            .map_or(self.expire_after, TimeDelta::seconds);
        // Deliveries become due zone by zone. The last ones must have as long as the first.
        let zone_delay = if newsletter.local_time {
            MAX_ZONE_DELAY
        } else {
            TimeDelta::zero()
        };
        Self {
            expire_after: expire_after + zone_delay,
            ..self.clone()
        }
    }
}

/// What follows from an attempt.
#[derive(Clone, Debug)]
pub struct Disposition {
    /// The state that the delivery changes to.
    pub state: DeliveryState,
    /// When to try again; `None` if the state is final or waits for an operator.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether this counts as an attempt.
    pub attempted: bool,
    /// The relay's reply, or what happened instead.
    pub reply: String,
    /// Why the issue must pause; `None` if it continues. It pauses if the fault is ours and every recipient would get the same reply.
    pub pause: Option<String>,
}

/// Decides what follows from the outcome of an attempt. `attempts` were made before it, and the mail has waited since `since`. `jitter`
/// from 0 to 1 lengthens the wait by up to a fifth, so that mails deferred together do not return together.
#[must_use]
pub fn disposition(
    outcome: Outcome,
    attempts: i64,
    since: DateTime<Utc>,
    policy: &RetryPolicy,
    jitter: f64,
    now: DateTime<Utc>,
) -> Disposition {
    let index = usize::try_from(attempts)
        .unwrap_or(usize::MAX)
        .min(policy.waits.len().saturating_sub(1));
    // The settings require at least one wait, so the default is never used.
    let wait = policy.waits.get(index).copied().unwrap_or(TimeDelta::minutes(15));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "milliseconds of hours fit"
    )]
    let wait = wait + TimeDelta::milliseconds((wait.num_milliseconds() as f64 * 0.2 * jitter) as i64);

    let attempted = |state, next_attempt_at, reply| Disposition {
        state,
        next_attempt_at,
        attempted: true,
        reply,
        pause: None,
    };
    let is_too_old = now + wait - since > policy.expire_after;
    let retry = |reply| {
        if is_too_old {
            attempted(DeliveryState::Expired, None, reply)
        } else {
            attempted(DeliveryState::Deferred, Some(now + wait), reply)
        }
    };
    match outcome {
        Outcome::Accepted(reply) => attempted(DeliveryState::Accepted, None, reply.to_string()),
        Outcome::Rejected(reply) => attempted(DeliveryState::Rejected, None, reply.to_string()),
        Outcome::Deferred(reply) | Outcome::Slow { reply, .. } | Outcome::SenderRefused(reply) => {
            retry(reply.to_string())
        }
        Outcome::Lost(reason) => retry(reason),
        Outcome::InDoubt(reason) if policy.resend_in_doubt => retry(reason),
        Outcome::InDoubt(reason) => attempted(DeliveryState::InDoubt, None, reason),
        // The reply does not concern this recipient, so it does not count as an attempt. A permanent fault pauses the issue. Then the
        // delivery is due as soon as an operator resumes the issue, also after its expiry: the coordinator expires it if it is too old.
        Outcome::RelayTrouble { reply, text } => {
            let permanent = reply.is_none_or(|reply| reply.code >= 500);
            let (state, next_attempt_at) = match (permanent, is_too_old) {
                (true, _) => (DeliveryState::Queued, Some(now)),
                (false, true) => (DeliveryState::Expired, None),
                (false, false) => (DeliveryState::Deferred, Some(now + wait)),
            };
            Disposition {
                state,
                next_attempt_at,
                attempted: false,
                pause: permanent.then(|| text.clone()),
                reply: text,
            }
        }
    }
}
