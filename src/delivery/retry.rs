//! The fate of every answer: what a delivery becomes, when it is tried again, and whether the issue must pause.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::InDoubt;
use crate::domain::states::DeliveryState;
use crate::domain::time::time_delta;
use crate::mail::smtp::Outcome;
use crate::store::newsletters::Newsletter;

/// When to try again, and when to give up.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Waits after the first, second, … attempt; the last one repeats.
    pub waits: Arc<[TimeDelta]>,
    /// Age at which a mail is not tried again.
    pub expire_after: TimeDelta,
    /// Whether a mail whose fate is unknown is sent again, with the same Message-ID.
    pub resend_in_doubt: bool,
}

impl RetryPolicy {
    /// The policy that the settings ask for.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let delivery = &app.config.delivery;
        Self {
            waits: delivery.retry_after.iter().map(|wait| time_delta(*wait)).collect(),
            expire_after: time_delta(delivery.expire_after),
            resend_in_doubt: delivery.in_doubt == InDoubt::Resend,
        }
    }

    /// The same for a newsletter that sets a limit of its own.
    #[must_use]
    pub fn for_newsletter(&self, newsletter: &Newsletter) -> Self {
        let expire_after = newsletter
            .expire_after_seconds
            .map_or(self.expire_after, TimeDelta::seconds);
        // The last reader's hour comes up to a day after the first one's.
        let their_hour = if newsletter.local_time {
            TimeDelta::days(1)
        } else {
            TimeDelta::zero()
        };
        Self {
            expire_after: expire_after + their_hour,
            ..self.clone()
        }
    }
}

/// What follows from an answer.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The state it goes to.
    pub state: DeliveryState,
    /// When to try again, if at all.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether this counts as an attempt.
    pub attempted: bool,
    /// What the relay said, or what happened.
    pub reply: String,
    /// Why the issue must pause: the fault is ours, and every other recipient would get the same answer.
    pub pause: Option<String>,
}

/// What follows from the answer to an attempt: `attempts` were made before this one, and the mail waits since `since`.
/// `jitter` from 0 to 1 lengthens the wait by up to a fifth, so that what was deferred together does not return together.
#[must_use]
pub fn fate(
    answer: Outcome,
    attempts: i64,
    since: DateTime<Utc>,
    policy: &RetryPolicy,
    jitter: f64,
    now: DateTime<Utc>,
) -> Fate {
    let index = usize::try_from(attempts)
        .unwrap_or(usize::MAX)
        .min(policy.waits.len().saturating_sub(1));
    let wait = policy.waits.get(index).copied().unwrap_or(TimeDelta::minutes(15));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "milliseconds of hours fit"
    )]
    let wait = wait + TimeDelta::milliseconds((wait.num_milliseconds() as f64 * 0.2 * jitter) as i64);

    let fate = |state, next_attempt_at, reply| Fate {
        state,
        next_attempt_at,
        attempted: true,
        reply,
        pause: None,
    };
    let too_old = now + wait - since > policy.expire_after;
    let again = |reply| {
        if too_old {
            fate(DeliveryState::Expired, None, reply)
        } else {
            fate(DeliveryState::Deferred, Some(now + wait), reply)
        }
    };
    match answer {
        Outcome::Accepted(reply) => fate(DeliveryState::Accepted, None, reply.to_string()),
        Outcome::Rejected(reply) => fate(DeliveryState::Rejected, None, reply.to_string()),
        Outcome::Deferred(reply) | Outcome::Slow { reply, .. } | Outcome::Standing(reply) => again(reply.to_string()),
        Outcome::Lost(reason) => again(reason),
        Outcome::InDoubt(reason) if policy.resend_in_doubt => again(reason),
        Outcome::InDoubt(reason) => fate(DeliveryState::InDoubt, None, reason),
        // Nothing about this recipient was wrong: it goes back as it was, and does not count as an attempt.
        Outcome::RelayTrouble { reply, text } => {
            let permanent = reply.is_none_or(|reply| reply.code >= 500);
            let (state, next_attempt_at) = match (permanent, too_old) {
                (true, _) => (DeliveryState::Queued, Some(now)),
                (false, true) => (DeliveryState::Expired, None),
                (false, false) => (DeliveryState::Deferred, Some(now + wait)),
            };
            Fate {
                state,
                next_attempt_at,
                attempted: false,
                pause: permanent.then(|| text.clone()),
                reply: text,
            }
        }
    }
}
