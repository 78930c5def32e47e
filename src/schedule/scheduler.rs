//! The scheduler of one process: which due times have come, and in which order their runs are made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::run::{Run, run, skip};
use super::sending::send_due;
use super::{RunOutcome, ScheduleError};
use crate::app::App;
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::store::newsletters::Newsletter;

/// Due times handled in one round at most: a week of minutes. The next round handles the rest.
const MAX_DUE_TIMES: usize = 10_080;
/// At most this many drafts are made ahead of time in one round, so that due issues do not wait for them.
const MAX_DRAFTS_AHEAD: usize = 20;
/// At most this many missed due times are recorded in one transaction, so that other writers do not wait long.
const MAX_MISSED_AT_ONCE: usize = 100;

/// How long after the start of a process a run waits for overdue feeds at most.
const MAX_FEED_WAIT: TimeDelta = TimeDelta::minutes(2);
/// A run does not wait for feeds when its grace ends within this time.
const GRACE_MARGIN: TimeDelta = TimeDelta::seconds(10);
/// How often a run that had nothing to send ahead of its due time is compiled again.
const EMPTY_RETRY: TimeDelta = TimeDelta::minutes(1);

/// The schedule of a newsletter and the time zone it is in; none when it is sent on demand.
///
/// # Errors
/// [`ScheduleError`] for a cron line or zone that cannot be read.
pub fn schedule_of(newsletter: &Newsletter) -> Result<Option<(CronSchedule, Tz)>, ScheduleError> {
    let Some(line) = &newsletter.schedule else {
        return Ok(None);
    };
    let slug = || newsletter.slug.clone();
    let schedule = CronSchedule::parse(line).map_err(|source| ScheduleError::Cron { slug: slug(), source })?;
    Ok(Some((schedule, newsletter.timezone.0)))
}

/// Makes the runs that are due, as [`Scheduler::make_due`] does, without waiting for feeds.
///
/// # Errors
/// [`ScheduleError`]; what was committed before stays.
pub async fn make_due(app: &Arc<App>) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
    Scheduler::default().make_due(app).await
}

/// The scheduler of one process.
#[derive(Debug, Default)]
pub struct Scheduler {
    /// When the process started. A run that should have been made before that waits for overdue feeds.
    started_at: Option<DateTime<Utc>>,
    /// When to compile again for a newsletter that had nothing to send ahead of its due time.
    retry_at: Mutex<HashMap<NewsletterId, DateTime<Utc>>>,
}

impl Scheduler {
    /// The scheduler of a process that starts at this time.
    #[must_use]
    pub fn started_at(now: DateTime<Utc>) -> Self {
        Self {
            started_at: Some(now),
            retry_at: Mutex::default(),
        }
    }

    /// Makes every run that is due, sends the drafts whose time has come, and returns the outcome of each due time that was
    /// decided here.
    ///
    /// A draft is compiled the newsletter's lead time before it is due. With nothing to send it is compiled again until it is
    /// due, because articles may still arrive. A run missed while the program was down is made once if it is younger than the
    /// newsletter's grace; the older ones, and all but the latest of several, are recorded as skipped.
    ///
    /// # Errors
    /// [`ScheduleError`]; what was committed before stays.
    pub async fn make_due(&self, app: &Arc<App>) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
        let mut made = Vec::new();
        let now = app.clock.now();
        let mut tx = app.store.read().await?;
        let newsletters = tx.newsletters().await?;
        let pauses_over = tx.pauses_over(now).await?;
        drop(tx);
        if pauses_over {
            let mut tx = app.store.write().await?;
            let back = tx.end_pauses(now).await?;
            tx.commit().await?;
            tracing::info!(subscriptions = back, "pauses are over");
        }
        for newsletter in newsletters {
            // First what was drafted before: what is too late gives its articles back, for the run that is due now.
            let steps = [
                send_due(app, &newsletter).await,
                self.make_due_of(app, &newsletter).await,
                send_due(app, &newsletter).await,
            ];
            for step in steps {
                match step {
                    Ok(step) => made.extend(
                        step.into_iter()
                            .map(|(due, outcome)| (newsletter.slug.clone(), due, outcome)),
                    ),
                    // One newsletter's trouble must not hold up the others.
                    Err(error) => tracing::error!(newsletter.slug, %error, "a run could not be made; trying again"),
                }
            }
        }
        Ok(made)
    }

    async fn make_due_of(
        &self,
        app: &Arc<App>,
        newsletter: &Newsletter,
    ) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
        let now = app.clock.now();
        let Some((schedule, zone)) = schedule_of(newsletter)? else {
            return Ok(Vec::new());
        };
        let lead = TimeDelta::seconds(newsletter.lead_seconds);
        let times = schedule.after(zone, newsletter.scheduled_through);
        let due: Vec<_> = times.take_while(|due| *due - lead <= now).take(MAX_DUE_TIMES).collect();
        // One run stands for all that are past; each that is still to come has a draft of its own.
        let past = due.partition_point(|due| *due <= now);
        let (earlier, last) = match due[..past].split_last() {
            // More are due than are looked at in one go: the run that stands for all of them is among the others.
            _ if past == MAX_DUE_TIMES => (&due[..], None),
            Some((last, earlier)) => (earlier, Some(*last)),
            None => (&due[..0], None),
        };
        let to_come = if past == MAX_DUE_TIMES { &due[..0] } else { &due[past..] };
        let to_come = &to_come[..to_come.len().min(MAX_DRAFTS_AHEAD)];
        let mut outcomes = Vec::new();
        let reason = last.map_or_else(
            || "missed; a later run stands for it".to_owned(),
            |last| format!("missed; the run of {} stands for it", last.format("%Y-%m-%d %H:%M UTC")),
        );
        for missed in earlier.chunks(MAX_MISSED_AT_ONCE) {
            let skipped = skip(app, newsletter, missed, &reason).await?;
            for (due, outcome) in &skipped {
                tracing::info!(newsletter.slug, %due, %outcome, "scheduled run");
            }
            outcomes.extend(skipped);
        }
        for due in last.iter().chain(to_come) {
            // Later runs wait too: the runs of a newsletter are recorded in the order of their due times.
            if self.retries_later(newsletter.id, *due, now) || self.waits_for_feeds(app, newsletter, *due, now).await? {
                break;
            }
            // A missed run includes what feeds brought since the start.
            let window_to = if self.was_missed(newsletter, *due) {
                now
            } else {
                now.min(*due)
            };
            match run(app, newsletter, zone, *due, window_to).await? {
                Run::Recorded(Some(outcome)) => {
                    tracing::info!(newsletter.slug, %due, %outcome, "scheduled run");
                    outcomes.push((*due, outcome));
                }
                Run::Recorded(None) => {}
                Run::EmptyAhead => {
                    self.retry_at().insert(newsletter.id, now + EMPTY_RETRY);
                    break;
                }
            }
        }
        Ok(outcomes)
    }

    fn retry_at(&self) -> MutexGuard<'_, HashMap<NewsletterId, DateTime<Utc>>> {
        self.retry_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a run that is not due yet had nothing to send a moment ago.
    fn retries_later(&self, newsletter: NewsletterId, due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        due > now && self.retry_at().get(&newsletter).is_some_and(|at| now < *at)
    }

    /// Whether a run should have been made before this process started.
    fn was_missed(&self, newsletter: &Newsletter, due: DateTime<Utc>) -> bool {
        let make_at = due - TimeDelta::seconds(newsletter.lead_seconds);
        self.started_at.is_some_and(|started| make_at <= started)
    }

    /// Whether a missed run waits because feeds of its newsletter have been overdue since the process started. Compiled before
    /// they are read, it would lack what was published while the program was down.
    async fn waits_for_feeds(
        &self,
        app: &App,
        newsletter: &Newsletter,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ScheduleError> {
        let Some(started) = self.started_at else {
            return Ok(false);
        };
        let grace_ends = due + TimeDelta::seconds(newsletter.grace_seconds);
        if !self.was_missed(newsletter, due) || now >= started + MAX_FEED_WAIT || now + GRACE_MARGIN >= grace_ends {
            return Ok(false);
        }
        Ok(app
            .store
            .read()
            .await?
            .has_overdue_feeds(newsletter.id, started)
            .await?)
    }
}
