//! Drafts whose time has come: sent, or, where an operator has to approve them first, waiting for that.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::run::too_late;
use super::{RunOutcome, ScheduleError};
use crate::app::App;
use crate::delivery::control::{ControlError, has_readers};
use crate::delivery::start::start_issue;
use crate::digest::drafts;
use crate::domain::states::{Approval, IssueState, RunState};
use crate::domain::time::due;
use crate::notices::notify;
use crate::store::Tx;
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// Sends the drafts of a newsletter that are due. One that is too late is skipped, and what it held waits for the next issue;
/// one that an operator approved goes out however late.
///
/// # Errors
/// [`ScheduleError`]; what was committed before stays.
pub(super) async fn send_due(
    app: &Arc<App>,
    newsletter: &Newsletter,
) -> Result<Vec<(DateTime<Utc>, RunOutcome)>, ScheduleError> {
    let now = app.clock.now();
    let mut outcomes = Vec::new();
    let due = app.store.read().await?.issues_due(newsletter.id, now).await?;
    for (id, due) in due {
        let Some(issue) = app.store.read().await?.issue(id).await? else {
            continue;
        };
        let waits = newsletter.approval == Approval::Required;
        let outcome = match issue.state {
            IssueState::Draft if waits => continue,
            // The operators know; an editor's change takes the reason away.
            IssueState::Draft | IssueState::Approved if issue.reason.is_some() => continue,
            IssueState::Draft if let Some(reason) = too_late(newsletter, due, now) => {
                if !skip(app, &issue, &reason, now).await? {
                    continue;
                }
                RunOutcome::Skipped(reason)
            }
            IssueState::Draft | IssueState::Approved => {
                let readers = has_readers(&mut app.store.read().await?, id).await;
                match if let Err(error) = readers {
                    Err(error)
                } else {
                    start_issue(app, id, Some(issue.state), now).await
                } {
                    Ok(Some(frozen)) => RunOutcome::Made(frozen),
                    // Another node was faster.
                    Ok(None) => continue,
                    // An issue without a recipient would use up its articles.
                    Err(ControlError::NoReaders { .. }) => {
                        let reason = "nobody has a confirmed subscription".to_owned();
                        if !skip(app, &issue, &reason, now).await? {
                            continue;
                        }
                        RunOutcome::Skipped(reason)
                    }
                    // The issue was edited, or the settings changed, after it was drafted.
                    Err(ControlError::Blocked { reason, .. }) => {
                        hold_back_now(app, newsletter, &issue, &reason).await?;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            _ => continue,
        };
        let name = issue_name(&newsletter.slug, issue.number, issue.edition);
        tracing::info!(newsletter.slug, issue.id = %id, issue.name = name, %due, %outcome, "scheduled run");
        outcomes.push((due, outcome));
    }
    Ok(outcomes)
}

/// Skips a due draft: its articles wait for the next issue. Returns false if another node was faster.
async fn skip(app: &App, issue: &Issue, reason: &str, now: DateTime<Utc>) -> Result<bool, ScheduleError> {
    let mut tx = app.store.write().await?;
    tx.lock_newsletter(issue.newsletter_id).await?;
    let skipped = tx
        .move_issue(issue.id, issue.state, IssueState::Skipped, Some(reason), now)
        .await?;
    if skipped {
        tx.release_articles(issue.id).await?;
        tx.finish_run_of(issue, RunState::Skipped, Some(reason)).await?;
        tx.commit().await?;
    }
    Ok(skipped)
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
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let text = format!(
        "{reason}\n\nChange the draft:\ndaywire issue edit {name} --help\n\nOr change the settings, and send it:\n\
         daywire issue send {name}"
    );
    Ok(notify(tx, app, &subject, &text).await?)
}

/// The headlines of an issue in order, one on each line, with an editor's changes.
async fn headlines(tx: &mut Tx, issue: &Issue) -> Result<String, ScheduleError> {
    let inputs = drafts::inputs(tx, issue.id).await?;
    let mut lines = Vec::new();
    let mut last = None;
    for (position, _, article, title, story) in tx.articles_of_issue(issue.id).await? {
        // The first article of a story leads it.
        if let (Some(position), true) = (position, std::mem::replace(&mut last, story) != story) {
            let title = inputs.edits.titles.get(&article).unwrap_or(&title);
            lines.push(format!("{position}. {title}"));
        }
    }
    Ok(lines.join("\n"))
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
    let at = issue.due_at.unwrap_or(issue.window_to);
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let stories = headlines(tx, issue).await?;
    let subject = format!("{} no. {} waits for approval", newsletter.name, issue.number);
    let text = format!(
        "{name} is due {}. Nothing is sent before you approve it.\n\nSubject: {}\n\n{stories}\n\nRead it:\n\
         daywire issue show {name} --text\n\nChange it:\ndaywire issue edit {name} --help\n\nSend it:\n\
         daywire issue approve {name}",
        due(at, newsletter.timezone, app.clock.now()),
        issue.subject,
    );
    Ok(notify(tx, app, &subject, &text).await?)
}
