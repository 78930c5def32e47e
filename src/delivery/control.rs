//! What operators do with an issue: approve, send, pause, resume and cancel. An action on an issue applies to its editions, too.

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use super::issue_state::{ControlError, find};
use super::issue_state::{change_state, lock, refused};
use super::start::start_issue;
use crate::app::App;
use crate::domain::ids::IssueId;
use crate::domain::states::{IssueState, RunState};
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::{Tx, retry_on_conflict};

/// Changes the state of an issue and of its editions, wherever `permits` is true of the present state. Returns those that changed.
///
/// The issue and its editions end at different times, so one that has ended is left out while another changes. If none can change,
/// the issue's own state decides whether that is an error.
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
        return Err(refused(tx, issue.id, issue.state, wanted).await);
    }
    for id in &changing {
        change_state(tx, *id, wanted, reason, now).await?;
    }
    Ok(changing)
}

/// Approves a draft.
///
/// # Errors
/// [`ControlError::State`] if it is not a draft.
pub async fn approve(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    lock(&mut tx, id).await?;
    change_state(&mut tx, id, IssueState::Approved, None, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Makes an approved issue a draft again.
///
/// # Errors
/// [`ControlError::State`] if it is not approved.
pub async fn withdraw(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let state = lock(&mut tx, id).await?.state;
    if !tx.withdraw_approval(id).await? {
        return Err(refused(&mut tx, id, state, IssueState::Draft).await);
    }
    Ok(tx.commit().await?)
}

/// Refuses an issue that has not started and has no recipient. It would end as sent at once and use up its articles.
///
/// # Errors
/// [`ControlError::NoReaders`].
pub async fn has_readers(tx: &mut Tx, id: IssueId) -> Result<(), ControlError> {
    let issue = find(tx, id).await?;
    let can_start = matches!(issue.state, IssueState::Draft | IssueState::Approved);
    if can_start && !tx.has_confirmed_subscribers(issue.newsletter_id).await? {
        let newsletter = tx.newsletter(issue.newsletter_id).await?.slug;
        let name = issue_name(&newsletter, issue.number, issue.edition);
        return Err(ControlError::NoReaders { name, newsletter });
    }
    Ok(())
}

/// Freezes the recipients of a draft or approved issue and queues them. An issue that is being sent is left unchanged. Returns how
/// many recipients were frozen.
///
/// # Errors
/// If the issue must not be sent; nothing has changed then.
pub async fn send(app: &Arc<App>, id: IssueId) -> Result<u64, ControlError> {
    let frozen = start_issue(app, id, None, app.clock.now()).await?;
    Ok(frozen.unwrap_or(0))
}

/// Pauses an issue. Messages in flight are finished, and no further one is started.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition can be paused.
pub async fn pause(app: &App, id: IssueId, reason: &str) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    let permits = |state: IssueState| state.allows(IssueState::Paused);
    let now = app.clock.now();
    change_with_editions(&mut tx, &issue, IssueState::Paused, permits, Some(reason), now).await?;
    Ok(tx.commit().await?)
}

/// Resumes a paused issue.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition is paused.
pub async fn resume(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    // A draft may be sent as well, but its recipients must be frozen for that.
    let permits = |state| state == IssueState::Paused;
    let now = app.clock.now();
    change_with_editions(&mut tx, &issue, IssueState::Sending, permits, None, now).await?;
    tx.commit().await?;
    app.delivery_wakeup.notify_one();
    Ok(())
}

/// Cancels an issue. If it has started, its waiting deliveries end. If not, its articles wait for the next issue.
///
/// # Errors
/// [`ControlError::State`] if neither the issue nor an edition can be cancelled.
pub async fn cancel(app: &App, id: IssueId) -> Result<(), ControlError> {
    // A sender may be writing the same deliveries in another order.
    let is_conflict = |error: &ControlError| matches!(error, ControlError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || try_to_cancel(app, id)).await
}

async fn try_to_cancel(app: &App, id: IssueId) -> Result<(), ControlError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    let reason = Some("cancelled by an operator");
    let permits = |state: IssueState| state.allows(IssueState::Cancelled);
    let cancelled = change_with_editions(&mut tx, &issue, IssueState::Cancelled, permits, reason, now).await?;
    let has_started = issue.started_at.is_some();
    for part in cancelled {
        if has_started || part != id {
            tx.cancel_deliveries(part, now).await?;
        } else {
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, RunState::Skipped, reason).await?;
        }
    }
    Ok(tx.commit().await?)
}
