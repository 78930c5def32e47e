//! The schedule: cron lines in their time zones become runs that are due, each made once whatever the number of nodes.

mod sending;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::delivery::control::ControlError;
use crate::digest::{CompileError, Compiled, build};
use crate::domain::cron::{CronError, CronSchedule};
use crate::domain::skip_days::SkipDays;
use crate::domain::states::Approval;
use crate::notices::NoticeError;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// Due times looked at in one go at most: a week of minutes. What lies before is dealt with in the next go.
const MOST_AT_ONCE: usize = 10_080;
/// Drafts ahead of their time made in one go at most, so that no long transaction keeps what is due waiting.
const MOST_AHEAD: usize = 20;

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
pub async fn make_due(app: &App) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
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

async fn make_due_of(app: &App, newsletter: &Newsletter) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
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
    let Some(latest) = to_come.last().or(last.as_ref()).or(earlier.last()) else {
        return Ok(Vec::new());
    };
    let mut outcomes = Vec::new();
    let mut tx = app.store.write().await?;
    // Before the runs: of two processes that know different schedules, as just when one changes, neither waits for the other.
    tx.lock_newsletter(newsletter.id).await?;
    for due in earlier {
        let reason = last.map_or_else(
            || "missed; a later run stands for it".to_owned(),
            |last| format!("missed; the run of {} stands for it", last.format("%Y-%m-%d %H:%M UTC")),
        );
        if tx.take_run(newsletter.id, *due, now).await? {
            tx.finish_run(newsletter.id, *due, "skipped", Some(&reason), None)
                .await?;
            outcomes.push((*due, RunOutcome::Skipped(reason)));
        }
    }
    for due in last.iter().chain(to_come) {
        if tx.take_run(newsletter.id, *due, now).await?
            && let Some(outcome) = run(&mut tx, app, newsletter, zone, *due, now).await?
        {
            outcomes.push((*due, outcome));
        }
    }
    tx.set_scheduled_through(newsletter.id, *latest).await?;
    tx.commit().await?;
    for (due, outcome) in &outcomes {
        tracing::info!(newsletter.slug, %due, %outcome, "a run");
    }
    Ok(outcomes)
}

/// Makes the run of one due time: skipped, empty, or a draft, of which there is nothing to say before it is sent.
async fn run(
    tx: &mut Tx,
    app: &App,
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
        tx.finish_run(newsletter.id, due, "skipped", Some(&reason), None)
            .await?;
        return Ok(Some(RunOutcome::Skipped(reason)));
    }
    match build(tx, app, newsletter, now.min(due), Some(due)).await? {
        Compiled::Nothing(reason) => {
            tx.finish_run(newsletter.id, due, "empty", Some(&reason), None).await?;
            Ok(Some(RunOutcome::Empty(reason)))
        }
        Compiled::Issue(draft) => {
            tx.finish_run(newsletter.id, due, "drafted", None, Some(draft.issue.id))
                .await?;
            sending::preflight_draft(tx, app, newsletter, &draft.issue).await?;
            if newsletter.approval == Approval::Required {
                sending::ask_for_approval(tx, app, newsletter, &draft.issue).await?;
            }
            Ok(None)
        }
    }
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
