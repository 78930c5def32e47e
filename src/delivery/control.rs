//! What operators do with an issue: approve, send, pause, resume and cancel.
//!
//! Pausing, resuming and cancelling an issue apply to its editions too. Before it starts an issue has no editions: an approval records the
//! content of those that it would have.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use super::issue_state::{ControlError, require_issue};
use super::issue_state::{change_state, lock, require_seen, transition_error};
use super::start::start_issue;
use crate::app::App;
use crate::audit::record_for_issue;
use crate::digest::editions::EditionSnapshot;
use crate::domain::audit::AuditAction;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::{IssueState, RunState};
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::{Tx, retry_on_conflict};

/// Changes the state of an issue and of each edition whose present state `permits` the change. Returns those that changed.
///
/// The issue and its editions end at different times, so this leaves out those that have ended. If none can change, the issue's own
/// state decides: being in the wanted state already is no error.
async fn change_with_editions(
    tx: &mut Tx,
    issue: &Issue,
    wanted: IssueState,
    permits: impl Fn(IssueState) -> bool,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<IssueId>, ControlError> {
    let editions = tx.editions_of(issue.id).await?;
    let editions = editions.iter().map(|edition| (edition.id, edition.state));
    let changing: Vec<_> = std::iter::once((issue.id, issue.state))
        .chain(editions)
        .filter(|(_, state)| permits(*state))
        .map(|(id, _)| id)
        .collect();
    if changing.is_empty() && issue.state != wanted {
        return Err(transition_error(tx, issue.id, issue.state, wanted).await);
    }
    for id in &changing {
        change_state(tx, *id, wanted, reason, now).await?;
    }
    Ok(changing)
}

/// Approves a draft and the editions that it would have now. An edition that differs when the issue starts is not sent.
///
/// # Errors
/// [`ControlError::State`] if it is not a draft, [`ControlError::Changed`] if the operator saw another version.
pub async fn approve(app: &App, action: impl Into<IssueAction>) -> Result<(), ControlError> {
    let action = action.into();
    let id = action.id;
    let mut tx = app.store.read_snapshot().await?;
    let issue = require_issue(&mut tx, id).await?;
    require_seen(&mut tx, &issue, &action).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let snapshot = EditionSnapshot::read(&mut tx, app, &newsletter, &issue).await?;
    drop(tx);
    let plan = snapshot.compile_editions(app, &issue)?;
    // Two groups can want different things, and get the same.
    let contents: BTreeSet<_> = plan.editions.iter().map(|edition| edition.content).collect();
    let contents: Vec<_> = contents.into_iter().collect();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    require_seen(&mut tx, &issue, &action).await?;
    tx.approve_editions(id, &contents).await?;
    if change_state(&mut tx, id, IssueState::Approved, None, app.clock.now()).await? {
        record(
            &mut tx,
            app,
            &action,
            AuditAction::IssueApproved,
            &issue,
            IssueState::Approved,
        )
        .await?;
    }
    Ok(tx.commit().await?)
}

/// Records an operator's change of an issue's state.
async fn record(
    tx: &mut Tx,
    app: &App,
    action: &IssueAction,
    what: AuditAction,
    before: &Issue,
    after: IssueState,
) -> Result<(), ControlError> {
    let old = json!({ "state": before.state });
    let new = json!({ "state": after, "revision": before.revision });
    Ok(record_for_issue(tx, app, action, what, Some(old), Some(new)).await?)
}

/// Makes an approved issue a draft again.
///
/// # Errors
/// [`ControlError::State`] if it is not approved.
pub async fn withdraw(app: &App, action: impl Into<IssueAction>) -> Result<(), ControlError> {
    let action = action.into();
    let id = action.id;
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    if !tx.withdraw_approval(id).await? {
        return Err(transition_error(&mut tx, id, issue.state, IssueState::Draft).await);
    }
    let what = AuditAction::IssueApprovalWithdrawn;
    record(&mut tx, app, &action, what, &issue, IssueState::Draft).await?;
    Ok(tx.commit().await?)
}

/// Fails for an issue that has not started and would have no recipient. Such an issue would end as sent at once, and its articles would
/// appear in no other issue.
///
/// # Errors
/// [`ControlError::NoConfirmedSubscribers`].
pub async fn require_confirmed_subscribers(tx: &mut Tx, id: IssueId) -> Result<(), ControlError> {
    let issue = require_issue(tx, id).await?;
    let can_start = matches!(issue.state, IssueState::Draft | IssueState::Approved);
    if can_start && !tx.has_confirmed_subscribers(issue.newsletter_id).await? {
        let newsletter = tx.newsletter(issue.newsletter_id).await?.slug;
        let name = issue_name(&newsletter, issue.number, issue.edition);
        return Err(ControlError::NoConfirmedSubscribers { name, newsletter });
    }
    Ok(())
}

/// Freezes the recipients of a draft or approved issue and queues their deliveries. Returns how many recipients were frozen. An issue or
/// edition that is being sent already stays unchanged, and 0 is returned.
///
/// # Errors
/// If the issue must not be sent. Then nothing has changed.
pub async fn send(app: &Arc<App>, action: impl Into<IssueAction>) -> Result<u64, ControlError> {
    let frozen = start_issue(app, action, None, app.clock.now()).await?;
    Ok(frozen.unwrap_or(0))
}

/// Pauses an issue. Connections finish their messages in flight and start no other.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition can be paused.
pub async fn pause(app: &App, action: impl Into<IssueAction>, reason: &str) -> Result<(), ControlError> {
    let action = action.into();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, action.id).await?;
    let permits = |state: IssueState| state.allows(IssueState::Paused);
    let now = app.clock.now();
    let paused = change_with_editions(&mut tx, &issue, IssueState::Paused, permits, Some(reason), now).await?;
    if !paused.is_empty() {
        record(
            &mut tx,
            app,
            &action,
            AuditAction::IssuePaused,
            &issue,
            IssueState::Paused,
        )
        .await?;
    }
    Ok(tx.commit().await?)
}

/// Resumes a paused issue.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition is paused.
pub async fn resume(app: &App, action: impl Into<IssueAction>) -> Result<(), ControlError> {
    let action = action.into();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, action.id).await?;
    // `IssueState::allows` also permits a draft to become `sending`. But only `send` freezes its recipients.
    let permits = |state| state == IssueState::Paused;
    let now = app.clock.now();
    let resumed = change_with_editions(&mut tx, &issue, IssueState::Sending, permits, None, now).await?;
    if !resumed.is_empty() {
        record(
            &mut tx,
            app,
            &action,
            AuditAction::IssueResumed,
            &issue,
            IssueState::Sending,
        )
        .await?;
    }
    tx.commit().await?;
    app.delivery_wakeup.notify_one();
    Ok(())
}

/// Cancels an issue. If it has started, its deliveries that were not sent end. If not, its articles are released for the next issue.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition can be cancelled.
pub async fn cancel(app: &App, action: impl Into<IssueAction>) -> Result<(), ControlError> {
    let action = action.into();
    // A sender may lock the same deliveries in another order, so PostgreSQL may detect a deadlock.
    let is_conflict = |error: &ControlError| matches!(error, ControlError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || try_to_cancel(app, &action)).await
}

async fn try_to_cancel(app: &App, action: &IssueAction) -> Result<(), ControlError> {
    let id = action.id;
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    require_seen(&mut tx, &issue, action).await?;
    let reason = Some("cancelled by an operator");
    let permits = |state: IssueState| state.allows(IssueState::Cancelled);
    let cancelled = change_with_editions(&mut tx, &issue, IssueState::Cancelled, permits, reason, now).await?;
    if !cancelled.is_empty() {
        record(
            &mut tx,
            app,
            action,
            AuditAction::IssueCancelled,
            &issue,
            IssueState::Cancelled,
        )
        .await?;
    }
    let has_started = issue.started_at.is_some();
    for issue_or_edition in cancelled {
        // Editions exist only once their issue has started.
        if has_started || issue_or_edition != id {
            tx.cancel_deliveries(issue_or_edition, now).await?;
        } else {
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, RunState::Skipped, reason).await?;
        }
    }
    Ok(tx.commit().await?)
}
