//! What operators and other readers do about comments: approve, reject, delete, report.

use std::net::IpAddr;

use serde_json::json;

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::comment::CommentState;
use crate::domain::ids::CommentId;
use crate::domain::seen::Seen;
use crate::notices::{NoticeError, notify};
use crate::readers;
use crate::signup::request_limits;
use crate::store::comments::CommentVersion;
use crate::store::rate_limits::Permit;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// What an operator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The article's page shows the comment.
    Approve,
    /// The page does not show it. It is deleted after a while.
    Reject,
    /// It is deleted at once.
    Delete,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// A given id is of no comment.
    #[error("there is no comment {0}, and nothing was changed; `daywire comment list --all` shows the comments")]
    Unknown(CommentId),
    /// It is not in the version that the operator saw.
    #[error("the comment {0} was changed meanwhile, and nothing was decided; look at it again")]
    Outdated(CommentId),
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides about comments: about all of them or, if one does not exist or is not in the version that the operator saw, about none.
///
/// # Errors
/// [`DecisionError`]; then nothing is changed.
pub async fn decide(
    app: &App,
    actor: &Actor,
    ids: &[CommentId],
    decision: Decision,
    seen: &Seen<CommentVersion>,
) -> Result<(), DecisionError> {
    let is_conflict = |error: &DecisionError| matches!(error, DecisionError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || async {
        let mut tx = app.store.write().await?;
        for id in ids {
            let now = app.clock.now();
            let Some(before) = tx.lock_comment(*id).await? else {
                return Err(DecisionError::Unknown(*id));
            };
            if !seen.is(&before.version()) {
                return Err(DecisionError::Outdated(*id));
            }
            let found = match decision {
                Decision::Approve => tx.decide_comment(*id, CommentState::Approved, now).await?,
                Decision::Reject => tx.decide_comment(*id, CommentState::Rejected, now).await?,
                Decision::Delete => tx.delete_comment(*id).await?,
            };
            if !found {
                return Err(DecisionError::Unknown(*id));
            }
            let (action, state) = match decision {
                Decision::Approve => (AuditAction::CommentApproved, Some(CommentState::Approved)),
                Decision::Reject => (AuditAction::CommentRejected, Some(CommentState::Rejected)),
                Decision::Delete => (AuditAction::CommentDeleted, None),
            };
            let object = id.to_string();
            let change = Change::of(action, &object)
                .from(json!({ "state": before.state, "reports": before.reports }))
                .to(json!({ "state": state }));
            audit::record(&mut tx, app, actor, change).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Rejects a comment, and suppresses the address of its author. So the author's links to write comments stop working.
///
/// # Errors
/// [`DecisionError`]; then the author is not blocked.
pub async fn block_author(
    app: &App,
    actor: &Actor,
    id: CommentId,
    seen: &Seen<CommentVersion>,
) -> Result<(), DecisionError> {
    let Some(comment) = app.store.read().await?.listed_comment(id).await? else {
        return Err(DecisionError::Unknown(id));
    };
    match decide(app, actor, &[id], Decision::Reject, seen).await {
        // A comment that its author has deleted meanwhile is not shown either.
        Ok(()) | Err(DecisionError::Unknown(_)) => {}
        Err(error) => return Err(error),
    }
    readers::suppress(app, actor, &comment.address, "wrote a comment that is not wanted").await?;
    Ok(())
}

/// Counts a report of an approved comment. A second report from the same network within an hour counts for nothing. Returns false if a
/// limit is reached.
///
/// # Errors
/// If the database or the notice to the operators fails.
pub async fn report(app: &App, id: CommentId, network: IpAddr) -> Result<bool, NoticeError> {
    let now = app.clock.now();
    let permits = network_permits(app, network);
    let nearest = permits.first().map(|permit| permit.key).unwrap_or_default();
    let of_comment = [Permit {
        key: app.keys.limit_key("comment report", &[&nearest, id.0.as_bytes()]),
        per_hour: 1,
    }];
    let is_conflict = |error: &NoticeError| matches!(error, NoticeError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || async {
        let mut tx = app.store.write().await?;
        let keys = permits.iter().chain(&of_comment).map(|permit| permit.key).collect();
        let mut limits = tx.lock_rate_limits(keys, now).await?;
        if !limits.used_up(&permits, now).is_empty() {
            return Ok(false);
        }
        limits.take(&permits, now);
        let is_first_of_network = limits.used_up(&of_comment, now).is_empty();
        if is_first_of_network && tx.report_comment(id).await? {
            limits.take(&of_comment, now);
        }
        tx.store_rate_limits(&limits).await?;
        announce(&mut tx, app).await?;
        tx.commit().await?;
        app.transactional_wakeup.notify_one();
        Ok(true)
    })
    .await
}

/// The permits that a request for a link, a comment and a report take for their network.
pub(super) fn network_permits(app: &App, network: IpAddr) -> Vec<Permit> {
    request_limits::permits_of_network(
        app,
        "comment network",
        network,
        app.config.comments.per_network_per_hour,
    )
}

/// Queues a notice of all comments that wait or were reported and that the operators do not know of, if the last one is an hour old. So
/// readers who write, delete and report cannot flood the operators' mailbox. [`announce_waiting`] makes up for a notice that was too soon.
pub(super) async fn announce(tx: &mut Tx, app: &App) -> Result<(), NoticeError> {
    let (held, reported) = tx.unannounced_comments().await?;
    if held + reported == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let one_an_hour = [Permit {
        key: app.keys.limit_key("comment notice", &[]),
        per_hour: 1,
    }];
    if !tx.take_permits(&one_an_hour, now).await? {
        return Ok(());
    }
    tx.announce_comments(now).await?;
    let text = format!(
        "Comments that wait for your decision, new since the last notice: {held}\nReported comments: {reported}\n\nRead them and \
         decide in the console:\n{}\n\nOr by command:\ndaywire comment list\ndaywire comment list --state approved\ndaywire \
         comment approve ID\ndaywire comment reject ID\n\nThere is at most one such notice an hour.",
        app.link("/admin/comments")
    );
    notify(tx, app, "Comments wait for your decision", &text).await
}

/// Queues the notice of comments that were written or reported within an hour after the last one.
///
/// # Errors
/// If the database or the notice fails; it is tried again with the next call.
pub async fn announce_waiting(app: &App) -> Result<(), NoticeError> {
    if app.store.read().await?.unannounced_comments().await? == (0, 0) {
        return Ok(());
    }
    let is_conflict = |error: &NoticeError| matches!(error, NoticeError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || async {
        let mut tx = app.store.write().await?;
        announce(&mut tx, app).await?;
        tx.commit().await?;
        Ok(())
    })
    .await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}
