//! The run of one due time: skipped, empty, or a draft.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{ScheduleError, sending};
use crate::app::App;
use crate::delivery::preflight;
use crate::digest::build::{Prepared, prepare, prepare_locked, store_draft};
use crate::digest::{CompileError, Compiled, MAX_ATTEMPTS};
use crate::domain::states::{Approval, RunState};
use crate::store::Tx;
use crate::store::newsletters::Newsletter;

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

/// Records runs as skipped, in the order of their due times. Returns those that no other node had recorded.
pub(super) async fn skip(
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
        if tx.claim_run(newsletter.id, *due, now).await? {
            tx.finish_run(newsletter.id, *due, RunState::Skipped, Some(reason), None)
                .await?;
            outcomes.push((*due, RunOutcome::Skipped(reason.to_owned())));
        }
        tx.set_scheduled_through(newsletter.id, *due).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// What became of the run of one due time.
pub(super) enum Run {
    /// It is recorded. `None`: as a draft, whose outcome is known when it is sent, or by another node.
    Recorded(Option<RunOutcome>),
    /// There is nothing to send yet, and the due time is still to come.
    EmptyAhead,
}

/// Makes the run of one due time: skipped, empty, or a draft.
pub(super) async fn run(
    app: &Arc<App>,
    newsletter: &Newsletter,
    zone: Tz,
    due: DateTime<Utc>,
    window_to: DateTime<Utc>,
) -> Result<Run, ScheduleError> {
    let now = app.clock.now();
    let skipped = too_late(newsletter, due, now).or_else(|| {
        let day = newsletter.skip_days.names(due.with_timezone(&zone).date_naive())?;
        Some(format!("no issue on {day} (skip)"))
    });
    if let Some(reason) = skipped {
        let skipped = skip(app, newsletter, &[due], &reason).await?.pop();
        return Ok(Run::Recorded(skipped.map(|(_, outcome)| outcome)));
    }
    for _ in 0..MAX_ATTEMPTS {
        // Another node may have recorded the run while this one was compiling.
        if app.store.read().await?.has_run(newsletter.id, due).await? {
            break;
        }
        let prepared = prepare(app, newsletter.id, window_to, Some(due)).await?;
        if matches!(prepared.compiled, Compiled::Nothing(_)) && due > now {
            return Ok(Run::EmptyAhead);
        }
        let blocked = blocking(app, &prepared).await;
        let mut tx = app.store.write().await?;
        if let Made::Run(outcome) = make(&mut tx, app, &prepared, blocked, due).await? {
            tx.commit().await?;
            prepared.finish(app).await?;
            return Ok(Run::Recorded(outcome));
        }
    }
    let mut tx = app.store.write().await?;
    tx.lock_newsletter_unchanged(newsletter.id).await?;
    if tx.has_run(newsletter.id, due).await? {
        tx.set_scheduled_through(newsletter.id, due).await?;
        tx.commit().await?;
        return Ok(Run::Recorded(None));
    }
    let prepared = prepare_locked(&mut tx, app, newsletter.id, window_to, Some(due)).await?;
    if matches!(prepared.compiled, Compiled::Nothing(_)) && due > now {
        return Ok(Run::EmptyAhead);
    }
    let blocked = blocking(app, &prepared).await;
    match make(&mut tx, app, &prepared, blocked, due).await? {
        Made::Run(outcome) => {
            tx.commit().await?;
            prepared.finish(app).await?;
            Ok(Run::Recorded(outcome))
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
    if !tx.claim_run(newsletter.id, due, app.clock.now()).await? {
        return Ok(Made::Run(None));
    }
    let draft = match &prepared.compiled {
        Compiled::Nothing(nothing) => {
            tx.finish_run(newsletter.id, due, RunState::Empty, Some(&nothing.reason), None)
                .await?;
            return Ok(Made::Run(Some(RunOutcome::Empty(nothing.reason.clone()))));
        }
        Compiled::Issue(draft) => draft,
    };
    if !store_draft(tx, draft).await? {
        return Ok(Made::Outdated);
    }
    tx.finish_run(newsletter.id, due, RunState::Drafted, None, Some(draft.issue.id))
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
pub(super) fn too_late(newsletter: &Newsletter, due: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
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
