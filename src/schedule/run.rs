//! Makes the run of one due time: compiles a draft and records the run with it, or records that there is no issue.
//!
//! Compiling takes seconds, so it happens while no transaction is open. If the compiled issue is outdated when it is recorded, it is
//! compiled again, after several attempts under the newsletter's lock.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::draft_notices::{hold_back, request_approval};
use super::error::ScheduleError;
use super::outcome::{RunOutcome, too_late};
use crate::app::App;
use crate::delivery::expected_audience::{ExpectedAudience, PlannedEdition};
use crate::delivery::preflight;
use crate::digest::build::{Prepared, prepare, prepare_locked, store_draft};
use crate::digest::{CompileError, Compiled, Draft, MAX_ATTEMPTS};
use crate::domain::states::{Approval, RunState};
use crate::store::Tx;
use crate::store::newsletters::Newsletter;

/// The result of making a run.
pub(super) enum Run {
    /// The run is recorded with this outcome.
    Finished(RunOutcome),
    /// The run is recorded as a draft, whose outcome is known when it is sent, or by another node.
    Recorded,
    /// There is nothing to send yet, and the due time has not come. Nothing is recorded.
    EmptyAhead,
}

/// What a run records.
enum Recordable<'a> {
    /// No issue, for this reason.
    Empty(&'a str),
    Draft {
        draft: &'a Draft,
        /// Why preflight blocks it, if it does.
        blocked: Option<String>,
        /// The editions that it would have, if it needs an approval.
        editions: Vec<PlannedEdition>,
    },
}

/// Makes the run of one due time from the articles that arrived before `window_to`.
#[tracing::instrument(name = "compile", level = "error", skip_all, fields(newsletter.id = %newsletter.id, issue.id))]
pub(super) async fn make_run(
    app: &Arc<App>,
    newsletter: &Newsletter,
    due: DateTime<Utc>,
    window_to: DateTime<Utc>,
) -> Result<Run, ScheduleError> {
    let now = app.clock.now();
    let skip_reason = too_late(newsletter, due, now).or_else(|| {
        let date = due.with_timezone(&newsletter.timezone.0).date_naive();
        let day = newsletter.skip_days.names(date)?;
        Some(format!("no issue on {day} (skip)"))
    });
    if let Some(reason) = skip_reason {
        let skipped = record_skipped(app, newsletter, &[due], &reason).await?.pop();
        return Ok(skipped.map_or(Run::Recorded, |(_, outcome)| Run::Finished(outcome)));
    }
    for _ in 0..MAX_ATTEMPTS {
        // Another node may have recorded the run while this one compiled.
        if app.store.read().await?.is_run_claimed(newsletter.id, due).await? {
            break;
        }
        let prepared = prepare(app, newsletter.id, window_to, Some(due)).await?;
        let Some(recordable) = recordable(app, &prepared, due, now).await? else {
            return Ok(Run::EmptyAhead);
        };
        let mut tx = app.store.write().await?;
        if let Some(run) = record(&mut tx, app, &prepared, recordable, due).await? {
            tx.commit().await?;
            prepared.finish(app).await;
            return Ok(run);
        }
    }
    let mut tx = app.store.write().await?;
    tx.lock_newsletter(newsletter.id).await?;
    if tx.is_run_claimed(newsletter.id, due).await? {
        tx.set_scheduled_through(newsletter.id, due).await?;
        tx.commit().await?;
        return Ok(Run::Recorded);
    }
    let prepared = prepare_locked(&mut tx, app, newsletter.id, window_to, Some(due)).await?;
    let Some(recordable) = recordable(app, &prepared, due, now).await? else {
        return Ok(Run::EmptyAhead);
    };
    let run = record(&mut tx, app, &prepared, recordable, due).await?;
    let run = run.ok_or(CompileError::Outdated)?;
    tx.commit().await?;
    prepared.finish(app).await;
    Ok(run)
}

/// What a compiled run records; `None` if it is empty ahead of its due time: articles can still arrive.
///
/// A new draft is checked here, so that the operators have the lead time to mend what preflight blocks.
async fn recordable<'a>(
    app: &Arc<App>,
    prepared: &'a Prepared,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Recordable<'a>>, ScheduleError> {
    let draft = match &prepared.compiled {
        Compiled::Nothing(_) if due > now => return Ok(None),
        Compiled::Nothing(nothing) => return Ok(Some(Recordable::Empty(&nothing.reason))),
        Compiled::Issue(draft) => draft,
    };
    let newsletter = &prepared.newsletter;
    let findings = preflight::check_on_blocking_pool(app, newsletter, &draft.issue).await;
    let editions = if newsletter.approval == Approval::Required {
        let inputs = Some(draft.inputs.clone());
        ExpectedAudience::read(app, newsletter, &draft.issue, inputs).await?.1
    } else {
        Vec::new()
    };
    Ok(Some(Recordable::Draft {
        draft,
        blocked: findings.blocking(),
        editions,
    }))
}

/// Records a run. `None` if the compiled issue is outdated; then roll the transaction back.
async fn record(
    tx: &mut Tx,
    app: &App,
    prepared: &Prepared,
    recordable: Recordable<'_>,
    due: DateTime<Utc>,
) -> Result<Option<Run>, ScheduleError> {
    let newsletter = &prepared.newsletter;
    if !prepared.lock(tx).await? {
        return Ok(None);
    }
    tx.set_scheduled_through(newsletter.id, due).await?;
    if !tx.claim_run(newsletter.id, due, app.clock.now()).await? {
        return Ok(Some(Run::Recorded));
    }
    let (draft, blocked, editions) = match recordable {
        Recordable::Empty(reason) => {
            tx.finish_run(newsletter.id, due, RunState::Empty, Some(reason), None)
                .await?;
            return Ok(Some(Run::Finished(RunOutcome::Empty(reason.to_owned()))));
        }
        Recordable::Draft {
            draft,
            blocked,
            editions,
        } => (draft, blocked, editions),
    };
    if !store_draft(tx, draft).await? {
        return Ok(None);
    }
    tx.finish_run(newsletter.id, due, RunState::Drafted, None, Some(draft.issue.id))
        .await?;
    if let Some(reason) = blocked {
        hold_back(tx, app, newsletter, &draft.issue, &reason).await?;
    }
    if newsletter.approval == Approval::Required {
        request_approval(tx, app, newsletter, &draft.issue, &editions).await?;
    }
    Ok(Some(Run::Recorded))
}

/// Records runs as skipped, in the order of their due times. Returns those that no other node had recorded.
pub(super) async fn record_skipped(
    app: &App,
    newsletter: &Newsletter,
    due_times: &[DateTime<Utc>],
    reason: &str,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let mut outcomes = Vec::new();
    let mut tx = app.store.write().await?;
    // Lock the newsletter before the runs. Then two processes that use different schedules during a change cannot deadlock.
    tx.lock_newsletter(newsletter.id).await?;
    for due in due_times {
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
