//! Starts the drafts that are due, or skips them: those of an automatic newsletter, and those that an operator approved.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::draft_notices::hold_back;
use super::error::ScheduleError;
use super::outcome::{RunOutcome, too_late};
use crate::app::App;
use crate::delivery::control::{ControlError, require_confirmed_subscribers};
use crate::delivery::start::start_issue;
use crate::domain::states::{Approval, IssueState, RunState};
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// Sends or skips the drafts of a newsletter that are due. Returns the due times and outcomes that were decided here.
pub(super) async fn send_due(
    app: &Arc<App>,
    newsletter: &Newsletter,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let mut outcomes = Vec::new();
    let due_issues = app.store.read().await?.issues_due(newsletter.id, now).await?;
    for (id, due) in due_issues {
        let Some(issue) = app.store.read().await?.issue(id).await? else {
            continue;
        };
        let Some(outcome) = send_draft(app, newsletter, &issue, due, now).await? else {
            continue;
        };
        let name = issue_name(&newsletter.slug, issue.number, issue.edition);
        tracing::info!(newsletter.slug, issue.id = %id, issue.name = name, run.due = %due, run.outcome = %outcome, "scheduled run");
        outcomes.push((due, outcome));
    }
    Ok(outcomes)
}

/// Sends or skips one draft that is due. `None` if it stays a draft, or if another node was faster.
async fn send_draft(
    app: &Arc<App>,
    newsletter: &Newsletter,
    issue: &Issue,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<RunOutcome>, ScheduleError> {
    let is_approved = match issue.state {
        IssueState::Approved => true,
        IssueState::Draft if newsletter.approval != Approval::Required => false,
        _ => return Ok(None),
    };
    // The draft is held back, and the operators were notified. An edit removes the reason.
    if issue.reason.is_some() {
        return Ok(None);
    }
    // An approved draft is sent however late it is: an operator has just decided so.
    if let Some(reason) = too_late(newsletter, due, now).filter(|_| !is_approved) {
        return skip(app, issue, reason, now).await;
    }
    let readers = require_confirmed_subscribers(&mut app.store.read().await?, issue.id).await;
    let started = match readers {
        Ok(()) => start_issue(app, issue.id, Some(issue.state), now).await,
        Err(error) => Err(error),
    };
    match started {
        Ok(recipients) => Ok(recipients.map(RunOutcome::Made)),
        // An issue without a recipient would use up its articles.
        Err(ControlError::NoConfirmedSubscribers { .. }) => {
            skip(app, issue, "nobody has a confirmed subscription".to_owned(), now).await
        }
        // The issue was edited, or the settings were changed, after preflight had checked the new draft.
        Err(ControlError::Blocked { reason, .. }) => {
            hold_back_unchanged(app, newsletter, issue, &reason).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Skips a due draft: its articles wait for the next issue. `None` if another node was faster.
async fn skip(
    app: &App,
    issue: &Issue,
    reason: String,
    now: DateTime<Utc>,
) -> Result<Option<RunOutcome>, ScheduleError> {
    let mut tx = app.store.write().await?;
    tx.lock_and_count_change(issue.newsletter_id).await?;
    let skipped = tx
        .move_issue(issue.id, issue.state, IssueState::Skipped, Some(&reason), now)
        .await?;
    if !skipped {
        return Ok(None);
    }
    tx.release_articles(issue.id).await?;
    tx.finish_run_of(issue, RunState::Skipped, Some(&reason)).await?;
    tx.commit().await?;
    Ok(Some(RunOutcome::Skipped(reason)))
}

/// [`hold_back`] in a transaction of its own, unless another node was faster, or an editor has changed the draft since it was
/// `checked`: the reason would be about content that is gone.
async fn hold_back_unchanged(
    app: &App,
    newsletter: &Newsletter,
    checked: &Issue,
    reason: &str,
) -> Result<(), ScheduleError> {
    let mut tx = app.store.write().await?;
    let Some(issue) = tx.lock_newsletter_and_issue(checked.id).await? else {
        return Ok(());
    };
    let is_unchanged = (issue.state, &issue.subject, &issue.html) == (checked.state, &checked.subject, &checked.html);
    if !is_unchanged || issue.reason.is_some() {
        return Ok(());
    }
    hold_back(&mut tx, app, newsletter, &issue, reason).await?;
    Ok(tx.commit().await?)
}
