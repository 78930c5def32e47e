//! Drafts whose time has come: sent, or, where an operator has to approve them first, waiting for that.

use chrono::{DateTime, Utc};

use super::{RunOutcome, ScheduleError, too_late};
use crate::app::App;
use crate::delivery::control::{ControlError, send_in};
use crate::domain::states::{Approval, IssueState};
use crate::notices::notify;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// Sends the drafts of a newsletter that are due. One that is too late is skipped, and what it held waits for the next issue;
/// one that an operator approved goes out however late.
///
/// # Errors
/// [`ScheduleError`]; what was committed before stays.
pub(super) async fn send_due(
    app: &App,
    newsletter: &Newsletter,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let mut outcomes = Vec::new();
    let due = app.store.read().await?.issues_due(newsletter.id, now).await?;
    for (id, due) in due {
        let mut tx = app.store.write().await?;
        let Some(issue) = tx.issue(id).await? else { continue };
        let waits = newsletter.approval == Approval::Required;
        let outcome = match issue.state {
            IssueState::Draft if waits => continue,
            // The operators know; an editor's change takes the reason away.
            IssueState::Draft | IssueState::Approved if issue.reason.is_some() => continue,
            IssueState::Draft if let Some(reason) = too_late(newsletter, due, now) => {
                if !tx
                    .move_issue(id, issue.state, IssueState::Skipped, Some(&reason), now)
                    .await?
                {
                    continue;
                }
                tx.release_articles(id).await?;
                tx.finish_run_of(&issue, "skipped", Some(&reason)).await?;
                RunOutcome::Skipped(reason)
            }
            IssueState::Draft | IssueState::Approved => {
                // Another node may have been faster: then nothing is frozen here, and nothing is to be said.
                if tx.locked_issue(id).await?.is_none_or(|now| now.state != issue.state) {
                    continue;
                }
                match send_in(&mut tx, app, id, now).await {
                    Ok(frozen) => RunOutcome::Made(frozen),
                    // Since it was drafted it was edited, or the settings changed. What was begun until that was found is
                    // given up with its transaction.
                    Err(ControlError::Blocked { reason, .. }) => {
                        drop(tx);
                        hold_back_now(app, newsletter, &issue, &reason).await?;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            _ => continue,
        };
        tx.commit().await?;
        app.delivery_bell.notify_one();
        tracing::info!(newsletter.slug, %due, %outcome, "a run");
        outcomes.push((due, outcome));
    }
    Ok(outcomes)
}

/// [`hold_back`] in a transaction of its own, unless another node was faster, or an editor changed meanwhile what was `tried`.
async fn hold_back_now(app: &App, newsletter: &Newsletter, tried: &Issue, reason: &str) -> Result<(), ScheduleError> {
    let mut tx = app.store.write().await?;
    let Some(issue) = tx.locked_issue(tried.id).await? else {
        return Ok(());
    };
    let as_tried = (issue.state, &issue.subject, &issue.html) == (tried.state, &tried.subject, &tried.html);
    if !as_tried || issue.reason.is_some() {
        return Ok(());
    }
    hold_back(&mut tx, app, newsletter, &issue, reason).await?;
    Ok(tx.commit().await?)
}

/// Keeps a draft from being sent, and tells the operators.
///
/// # Errors
/// [`ScheduleError`].
pub(super) async fn hold_back(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    reason: &str,
) -> Result<(), ScheduleError> {
    tx.hold_back_issue(issue.id, reason).await?;
    let subject = format!("{} no. {} is held back", newsletter.name, issue.number);
    let text = format!(
        "{reason}\n\nChange the draft:\ndaywire issue edit {id} --help\n\nOr change the settings, and send it:\n\
         daywire issue send {id}",
        id = issue.id,
    );
    Ok(notify(tx, app, &subject, &text).await?)
}

/// Tells the operators that a draft waits for them.
///
/// # Errors
/// [`ScheduleError`].
pub(super) async fn ask_for_approval(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
) -> Result<(), ScheduleError> {
    let due = issue.due_at.unwrap_or(issue.window_to);
    let subject = format!("{} no. {} waits for approval", newsletter.name, issue.number);
    let text = format!(
        "The draft is due {}. Nothing is sent before it is approved.\n\nSubject: {}\n\nRead it:\ndaywire issue show {id} --text\n\n\
         Change it:\ndaywire issue edit {id} --help\n\nSend it:\ndaywire issue approve {id}",
        due.format("%Y-%m-%d %H:%M UTC"),
        issue.subject,
        id = issue.id,
    );
    Ok(notify(tx, app, &subject, &text).await?)
}
