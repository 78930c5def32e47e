//! The schedule: cron lines in their time zones become runs that are due, each made once whatever the number of nodes.

mod sending;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::delivery::control::ControlError;
use crate::delivery::preflight;
use crate::digest::build::{Prepared, prepare, prepare_locked, store_draft};
use crate::digest::drafts::EditError;
use crate::digest::{CompileError, Compiled, MAX_ATTEMPTS};
use crate::domain::cron::{CronError, CronSchedule};
use crate::domain::skip_days::SkipDays;
use crate::domain::states::Approval;
use crate::notices::NoticeError;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// Due times looked at in one go at most: a week of minutes. What lies before is dealt with in the next go.
const MOST_AT_ONCE: usize = 10_080;
/// At most this many drafts are made ahead of time in one round, so that due issues do not wait for them.
const MOST_AHEAD: usize = 20;
/// At most this many missed due times are recorded in one transaction, so that other writers do not wait long.
const MAX_MISSED_AT_ONCE: usize = 100;

/// Why the schedule could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The cron line cannot be read.
    #[error("newsletter {slug}: schedule: {source}")]
    Cron {
        /// The newsletter.
        slug: String,
        /// What is wrong.
        source: CronError,
    },
    /// No such time zone.
    #[error("newsletter {slug}: “{zone}” is no time zone; write one such as Europe/Berlin")]
    Zone {
        /// The newsletter.
        slug: String,
        /// What stands there.
        zone: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The issue could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The inputs of a draft could not be read.
    #[error(transparent)]
    Draft(#[from] EditError),
    /// The issue could not be begun.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The operators could not be told.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

/// What became of a due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// An issue, with so many recipients.
    Made(u64),
    /// Nothing to send.
    Empty(String),
    /// Too late, or another due time stood for it.
    Skipped(String),
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(1) => write!(f, "made, 1 recipient"),
            Self::Made(recipients) => write!(f, "made, {recipients} recipients"),
            Self::Empty(reason) => write!(f, "nothing to send: {reason}"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

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
    let zone = newsletter.timezone.parse();
    let zone = zone.map_err(|_| ScheduleError::Zone {
        slug: slug(),
        zone: newsletter.timezone.clone(),
    })?;
    Ok(Some((schedule, zone)))
}

/// Makes every run that is due, sends the drafts whose time has come, and returns what became of each due time dealt with
/// here.
///
/// A draft is compiled the newsletter's lead time before it is due. A run missed while the program was down is made once if
/// it is younger than the newsletter's grace; the older ones, and all but the latest of several, are recorded as skipped.
///
/// # Errors
/// [`ScheduleError`]; what was committed before stays.
pub async fn make_due(app: &Arc<App>) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
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
            sending::send_due(app, &newsletter).await,
            make_due_of(app, &newsletter).await,
            sending::send_due(app, &newsletter).await,
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
    app: &Arc<App>,
    newsletter: &Newsletter,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let Some((schedule, zone)) = schedule_of(newsletter)? else {
        return Ok(Vec::new());
    };
    let lead = TimeDelta::seconds(newsletter.lead_seconds);
    let times = schedule.after(zone, newsletter.scheduled_through);
    let due: Vec<_> = times.take_while(|due| *due - lead <= now).take(MOST_AT_ONCE).collect();
    // One run stands for all that are past; each that is still to come has a draft of its own.
    let past = due.partition_point(|due| *due <= now);
    let (earlier, last) = match due[..past].split_last() {
        // More are due than are looked at in one go: the run that stands for all of them is among the others.
        _ if past == MOST_AT_ONCE => (&due[..], None),
        Some((last, earlier)) => (earlier, Some(*last)),
        None => (&due[..0], None),
    };
    let to_come = if past == MOST_AT_ONCE { &due[..0] } else { &due[past..] };
    let to_come = &to_come[..to_come.len().min(MOST_AHEAD)];
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
        if let Some(outcome) = run(app, newsletter, zone, *due, now).await? {
            tracing::info!(newsletter.slug, %due, %outcome, "scheduled run");
            outcomes.push((*due, outcome));
        }
    }
    Ok(outcomes)
}

/// Records runs as skipped, in the order of their due times. Returns those that no other node had recorded.
async fn skip(
    app: &App,
    newsletter: &Newsletter,
    times: &[DateTime<Utc>],
    reason: &str,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let mut outcomes = Vec::new();
    let mut tx = app.store.write().await?;
    // Lock the newsletter before the runs: two processes that use different schedules during a change cannot deadlock then.
    tx.lock_newsletter_unchanged(newsletter.id).await?;
    for due in times {
        if tx.take_run(newsletter.id, *due, now).await? {
            tx.finish_run(newsletter.id, *due, "skipped", Some(reason), None)
                .await?;
            outcomes.push((*due, RunOutcome::Skipped(reason.to_owned())));
        }
        tx.set_scheduled_through(newsletter.id, *due).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// Makes the run of one due time: skipped, empty, or a draft, of which there is nothing to say before it is sent.
async fn run(
    app: &Arc<App>,
    newsletter: &Newsletter,
    zone: Tz,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<RunOutcome>, ScheduleError> {
    let skip_days = SkipDays::parse(newsletter.skip_days.split_whitespace()).unwrap_or_default();
    let skipped = too_late(newsletter, due, now).or_else(|| {
        let day = skip_days.names(due.with_timezone(&zone).date_naive())?;
        Some(format!("no issue on {day} (skip)"))
    });
    if let Some(reason) = skipped {
        let skipped = skip(app, newsletter, &[due], &reason).await?.pop();
        return Ok(skipped.map(|(_, outcome)| outcome));
    }
    for _ in 0..MAX_ATTEMPTS {
        // Another node may have recorded the run while this one was compiling.
        if app.store.read().await?.has_run(newsletter.id, due).await? {
            break;
        }
        let prepared = prepare(app, newsletter.id, now.min(due), Some(due)).await?;
        let blocked = blocking(app, &prepared).await;
        let mut tx = app.store.write().await?;
        if let Made::Run(outcome) = make(&mut tx, app, &prepared, blocked, due).await? {
            tx.commit().await?;
            prepared.finish(app).await?;
            return Ok(outcome);
        }
    }
    let mut tx = app.store.write().await?;
    tx.lock_newsletter_unchanged(newsletter.id).await?;
    if tx.has_run(newsletter.id, due).await? {
        tx.set_scheduled_through(newsletter.id, due).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let prepared = prepare_locked(&mut tx, app, newsletter.id, now.min(due), Some(due)).await?;
    let blocked = blocking(app, &prepared).await;
    match make(&mut tx, app, &prepared, blocked, due).await? {
        Made::Run(outcome) => {
            tx.commit().await?;
            prepared.finish(app).await?;
            Ok(outcome)
        }
        Made::Outdated => Err(CompileError::Outdated.into()),
    }
}

/// The result of recording a run.
enum Made {
    /// The compiled issue is outdated; the transaction must be rolled back.
    Outdated,
    /// The run is recorded. `None`: as a draft, or by another node.
    Run(Option<RunOutcome>),
}

/// What preflight blocks in a new draft, if anything. The operators are mailed ahead of the due time.
async fn blocking(app: &Arc<App>, prepared: &Prepared) -> Option<String> {
    match &prepared.compiled {
        Compiled::Issue(draft) => preflight::check_on_blocking_pool(app, &prepared.newsletter, &draft.issue)
            .await
            .blocking(),
        Compiled::Nothing(_) => None,
    }
}

/// Records a run with the issue that was compiled for it.
async fn make(
    tx: &mut Tx,
    app: &App,
    prepared: &Prepared,
    blocked: Option<String>,
    due: DateTime<Utc>,
) -> Result<Made, ScheduleError> {
    let newsletter = &prepared.newsletter;
    if !prepared.lock(tx).await? {
        return Ok(Made::Outdated);
    }
    tx.set_scheduled_through(newsletter.id, due).await?;
    if !tx.take_run(newsletter.id, due, app.clock.now()).await? {
        return Ok(Made::Run(None));
    }
    let draft = match &prepared.compiled {
        Compiled::Nothing(reason) => {
            tx.finish_run(newsletter.id, due, "empty", Some(reason), None).await?;
            return Ok(Made::Run(Some(RunOutcome::Empty(reason.clone()))));
        }
        Compiled::Issue(draft) => draft,
    };
    if !store_draft(tx, draft).await? {
        return Ok(Made::Outdated);
    }
    tx.finish_run(newsletter.id, due, "drafted", None, Some(draft.issue.id))
        .await?;
    if let Some(reason) = blocked {
        sending::hold_back(tx, app, newsletter, &draft.issue, &reason).await?;
    }
    if newsletter.approval == Approval::Required {
        sending::ask_for_approval(tx, app, newsletter, &draft.issue).await?;
    }
    Ok(Made::Run(None))
}

/// Why a due time has passed for good, if so.
fn too_late(newsletter: &Newsletter, due: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let late = now - due;
    let grace = TimeDelta::seconds(newsletter.grace_seconds);
    (late > grace).then(|| {
        format!(
            "{} minutes late, the grace is {} minutes",
            late.num_minutes(),
            grace.num_minutes()
        )
    })
}
