//! The scheduler of one process: finds the due times of each newsletter, and decides which runs are made, skipped or delayed.
//!
//! Runs that were missed while the program was down get one issue together. It waits a short time for feeds that are overdue, because
//! it should contain what was published meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::error::ScheduleError;
use super::outcome::RunOutcome;
use super::run::{Run, make_run, record_skipped};
use super::sending::send_due;
use crate::app::App;
use crate::domain::ids::NewsletterId;
use crate::store::newsletters::Newsletter;

/// One round handles at most this many due times of a newsletter: a week of minutes. The next round handles the rest.
const MAX_DUE_TIMES: usize = 10_080;
/// One round makes at most this many drafts ahead of time, so that due issues do not wait for them.
const MAX_DRAFTS_AHEAD: usize = 20;
/// One transaction records at most this many missed due times, so that other writers do not wait long.
const MAX_MISSED_AT_ONCE: usize = 100;

/// A missed run waits for overdue feeds until this long after the start of the process.
const MAX_FEED_WAIT: TimeDelta = TimeDelta::minutes(2);
/// A run does not wait for feeds if its grace ends within this time, because it would be skipped as too late.
const GRACE_MARGIN: TimeDelta = TimeDelta::seconds(10);
/// A run that had nothing to send ahead of its due time is compiled again after this time.
const EMPTY_RETRY: TimeDelta = TimeDelta::minutes(1);

/// The scheduler of one process.
#[derive(Debug)]
pub struct Scheduler {
    /// A run that should have been made before this time was missed.
    started_at: DateTime<Utc>,
    /// When to compile again, for each newsletter that had nothing to send ahead of its due time.
    retry_at: Mutex<HashMap<NewsletterId, DateTime<Utc>>>,
}

impl Scheduler {
    /// The scheduler of a process that starts at this time.
    #[must_use]
    pub fn started_at(now: DateTime<Utc>) -> Self {
        Self {
            started_at: now,
            retry_at: Mutex::default(),
        }
    }

    /// Makes every run that is due and sends the drafts that are due. Returns the newsletter's slug, the due time and the outcome of each
    /// run that was decided here.
    ///
    /// A draft is compiled the newsletter's lead time before it is due. If there is nothing to send, it is compiled again until it is
    /// due, because articles can still arrive. Of the runs that were missed while the program was down, the latest is made if it is not
    /// later than the newsletter's grace. The others are recorded as skipped.
    ///
    /// # Errors
    /// If the database fails before the first newsletter. Later errors concern one newsletter: they are logged, and the next round tries
    /// again.
    pub async fn make_due(&self, app: &Arc<App>) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
        let mut made = Vec::new();
        let now = app.clock.now();
        let mut tx = app.store.read().await?;
        let newsletters = tx.newsletters().await?;
        let pauses_over = tx.has_pauses_to_end(now).await?;
        drop(tx);
        if pauses_over {
            let mut tx = app.store.write().await?;
            let ended = tx.end_pauses(now).await?;
            tx.commit().await?;
            tracing::info!(subscription.count = ended, "pauses ended");
        }
        for newsletter in newsletters {
            // Drafts before runs: a draft that is too late releases its articles for the run that is due now. Drafts again after the runs:
            // a run without lead time has just made the draft that is due.
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
                    // An error of one newsletter must not stop the others.
                    Err(error) => tracing::error!(newsletter.slug, %error, "scheduled run failed; trying again"),
                }
            }
        }
        Ok(made)
    }

    /// Makes the runs of one newsletter that are due, and the drafts that are due within its lead time.
    #[tracing::instrument(name = "schedule", level = "error", skip_all, fields(newsletter.slug = newsletter.slug))]
    async fn make_due_of(
        &self,
        app: &Arc<App>,
        newsletter: &Newsletter,
    ) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
        let now = app.clock.now();
        let Some(schedule) = &newsletter.schedule else {
            return Ok(Vec::new());
        };
        let lead = TimeDelta::seconds(newsletter.lead_seconds);
        let times = schedule.after(newsletter.timezone.0, newsletter.scheduled_through);
        let due_times: Vec<_> = times.take_while(|due| *due - lead <= now).take(MAX_DUE_TIMES).collect();
        let Round { missed, make } = Round::of(&due_times, now);
        let mut outcomes = Vec::new();
        let reason = match make.first().filter(|first| **first <= now) {
            Some(latest) => format!("missed; the run of {} replaces it", latest.format("%Y-%m-%d %H:%M UTC")),
            None => "missed; a later run replaces it".to_owned(),
        };
        for missed in missed.chunks(MAX_MISSED_AT_ONCE) {
            let skipped = record_skipped(app, newsletter, missed, &reason).await?;
            for (due, outcome) in &skipped {
                log_outcome(newsletter, *due, outcome);
            }
            outcomes.extend(skipped);
        }
        for due in make {
            // Later runs wait too: the runs of a newsletter are recorded in the order of their due times.
            if self.retries_later(newsletter.id, *due, now) || self.waits_for_feeds(app, newsletter, *due, now).await? {
                break;
            }
            // A missed run includes the articles that arrived since the start.
            let window_to = if self.was_missed(newsletter, *due) {
                now
            } else {
                now.min(*due)
            };
            match make_run(app, newsletter, *due, window_to).await? {
                Run::Finished(outcome) => {
                    log_outcome(newsletter, *due, &outcome);
                    outcomes.push((*due, outcome));
                }
                Run::Recorded => {}
                Run::EmptyAhead => {
                    self.retry_at().insert(newsletter.id, now + EMPTY_RETRY);
                    break;
                }
            }
        }
        Ok(outcomes)
    }

    /// A panic while the lock is held leaves the map whole, so the lock is used after one.
    fn retry_at(&self) -> MutexGuard<'_, HashMap<NewsletterId, DateTime<Utc>>> {
        self.retry_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a run that is not due yet had nothing to send within [`EMPTY_RETRY`].
    fn retries_later(&self, newsletter: NewsletterId, due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        due > now && self.retry_at().get(&newsletter).is_some_and(|at| now < *at)
    }

    /// Whether a run should have been made, or drafted, before this process started.
    fn was_missed(&self, newsletter: &Newsletter, due: DateTime<Utc>) -> bool {
        let make_at = due - TimeDelta::seconds(newsletter.lead_seconds);
        make_at <= self.started_at
    }

    /// Whether a missed run waits for feeds of its newsletter that have been overdue since the process started.
    async fn waits_for_feeds(
        &self,
        app: &App,
        newsletter: &Newsletter,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ScheduleError> {
        let grace_ends = due + TimeDelta::seconds(newsletter.grace_seconds);
        if !self.was_missed(newsletter, due)
            || now >= self.started_at + MAX_FEED_WAIT
            || now + GRACE_MARGIN >= grace_ends
        {
            return Ok(false);
        }
        Ok(app
            .store
            .read()
            .await?
            .has_overdue_feeds(newsletter.id, self.started_at)
            .await?)
    }
}

/// What a round does with due times.
struct Round<'a> {
    /// Past due times whose runs are recorded as skipped.
    missed: &'a [DateTime<Utc>],
    /// Due times whose runs are made: at most one past due time, which is the first, and future ones.
    make: &'a [DateTime<Utc>],
}

impl<'a> Round<'a> {
    /// Divides due times in ascending order, of which there are at most [`MAX_DUE_TIMES`].
    fn of(due_times: &'a [DateTime<Utc>], now: DateTime<Utc>) -> Self {
        let past = due_times.partition_point(|due| *due <= now);
        if past == MAX_DUE_TIMES {
            // There are more past due times than one round handles. The latest of them gets a run in a later round.
            return Self {
                missed: due_times,
                make: &[],
            };
        }
        // After a downtime one issue with all articles is better than many, so only the latest past due time gets a run.
        let (missed, make) = due_times.split_at(past.saturating_sub(1));
        let max = (past - missed.len()) + MAX_DRAFTS_AHEAD;
        Self {
            missed,
            make: &make[..make.len().min(max)],
        }
    }
}

fn log_outcome(newsletter: &Newsletter, due: DateTime<Utc>, outcome: &RunOutcome) {
    tracing::info!(newsletter.slug, run.due = %due, run.outcome = %outcome, "scheduled run");
}
