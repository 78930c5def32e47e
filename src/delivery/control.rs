//! What operators do with an issue: approve, send, pause, resume, cancel, test.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::begin::begin;
use super::personalise::{IssueParts, PersonaliseError, Recipient, message};
use crate::app::App;
use crate::digest::CompileError;
use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};
use crate::mail::smtp::{Outcome, SendError};
use crate::store::issue_lines::issue_name;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// Why an issue was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such issue.
    #[error("there is no issue {0}; `daywire issue list` shows them")]
    Unknown(IssueId),
    /// It is in a state that does not allow it.
    #[error("issue {name} {}", refusal(*state, *wanted))]
    State {
        /// The issue's name.
        name: String,
        /// Where it stands.
        state: IssueState,
        /// Where it was to go.
        wanted: IssueState,
    },
    /// What other readers get of it could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Its newsletter wants an operator's word first.
    #[error("issue {0} waits for approval; read it and `daywire issue approve {0}`")]
    Unapproved(String),
    /// Preflight found what must not go out.
    #[error("issue {name} was not sent: {reason}")]
    Blocked {
        /// The issue's name.
        name: String,
        /// What was found, and how to mend it.
        reason: String,
    },
    /// The newsletter has no confirmed subscription.
    #[error(
        "issue {name} was not sent: nobody has a confirmed subscription to {newsletter}; it stays as it is and keeps its articles"
    )]
    NoReaders {
        /// The issue's name.
        name: String,
        /// The newsletter's slug.
        newsletter: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A test mail could not be made.
    #[error(transparent)]
    Personalise(#[from] PersonaliseError),
    /// The address of a test mail.
    #[error("--to: {0}")]
    Address(#[from] AddressError),
    /// The relay.
    #[error(transparent)]
    Relay(#[from] SendError),
    /// The relay did not take a test mail.
    #[error("the relay did not take the test mail: {0}")]
    Refused(String),
}

/// What the account says of a delivery that was in doubt and is taken as delivered.
pub const SETTLED: &str = "settled by an operator";

/// What an operator decides about deliveries that are in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The relay took them: nothing more is sent.
    Accepted,
    /// It may not have: they are sent, with the same Message-ID.
    Resend,
}

/// Why an issue in this state cannot change to the wanted one, and what the operator can do instead.
fn refusal(state: IssueState, wanted: IssueState) -> String {
    let done = match wanted {
        IssueState::Draft => "made a draft again",
        IssueState::Approved => "approved",
        IssueState::Sending | IssueState::Sent => "sent",
        IssueState::Paused => "paused",
        IssueState::Skipped => "skipped",
        IssueState::Cancelled => "cancelled",
    };
    match state {
        IssueState::Draft if wanted == IssueState::Draft => "is a draft already".to_owned(),
        IssueState::Draft | IssueState::Approved => {
            format!("is {state}, so it cannot be {done}; `daywire issue send` or `daywire issue cancel` it")
        }
        IssueState::Sending => {
            format!("is being sent, so it cannot be {done}; `daywire issue pause` or `daywire issue cancel` it")
        }
        IssueState::Paused => {
            format!("is paused, so it cannot be {done}; `daywire issue resume` or `daywire issue cancel` it")
        }
        IssueState::Sent if done == "sent" => "has already been sent".to_owned(),
        IssueState::Sent => format!("has already been sent, so it cannot be {done}"),
        IssueState::Skipped | IssueState::Cancelled => format!("was {state}, so it cannot be {done}"),
    }
}

/// The error that an issue cannot change to the wanted state.
pub(super) async fn refused(tx: &mut Tx, id: IssueId, state: IssueState, wanted: IssueState) -> ControlError {
    match tx.issue_name(id).await {
        Ok(name) => ControlError::State { name, state, wanted },
        Err(error) => error.into(),
    }
}

/// The issue, or [`ControlError::Unknown`].
///
/// # Errors
/// [`ControlError`].
pub async fn find(tx: &mut Tx, id: IssueId) -> Result<Issue, ControlError> {
    tx.issue(id).await?.ok_or(ControlError::Unknown(id))
}

/// The issue, which nobody else changes until the transaction ends, or [`ControlError::Unknown`].
async fn lock(tx: &mut Tx, id: IssueId) -> Result<Issue, ControlError> {
    tx.locked_issue(id).await?.ok_or(ControlError::Unknown(id))
}

/// Moves an issue to `wanted`, if its state allows. What is so already stays so.
pub(super) async fn step(
    tx: &mut Tx,
    id: IssueId,
    wanted: IssueState,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ControlError> {
    let state = find(tx, id).await?.state;
    if state == wanted {
        return Ok(false);
    }
    if !state.allows(wanted) || !tx.move_issue(id, state, wanted, reason, now).await? {
        return Err(refused(tx, id, state, wanted).await);
    }
    Ok(true)
}

/// Releases a draft.
///
/// # Errors
/// [`ControlError`].
pub async fn approve(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    lock(&mut tx, id).await?;
    step(&mut tx, id, IssueState::Approved, None, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Withdraws the approval of an issue: it is a draft again.
///
/// # Errors
/// [`ControlError`].
pub async fn withdraw(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let state = lock(&mut tx, id).await?.state;
    if !tx.withdraw_approval(id).await? {
        return Err(refused(&mut tx, id, state, IssueState::Draft).await);
    }
    Ok(tx.commit().await?)
}

/// Refuses an issue that is not begun and has no recipient: it would end as sent and use up its articles.
///
/// # Errors
/// [`ControlError::NoReaders`].
pub async fn has_readers(tx: &mut Tx, id: IssueId) -> Result<(), ControlError> {
    let issue = find(tx, id).await?;
    let open = matches!(issue.state, IssueState::Draft | IssueState::Approved);
    if open && !tx.has_confirmed_readers(issue.newsletter_id).await? {
        let newsletter = tx.newsletter(issue.newsletter_id).await?.slug;
        let name = issue_name(&newsletter, issue.number, issue.edition);
        return Err(ControlError::NoReaders { name, newsletter });
    }
    Ok(())
}

/// Freezes the recipients of a draft or approved issue and queues them, in one transaction. One that is being sent
/// already is left alone. Returns how many recipients were frozen now.
///
/// # Errors
/// [`ControlError`].
pub async fn send(app: &Arc<App>, id: IssueId) -> Result<u64, ControlError> {
    let frozen = begin(app, id, None, app.clock.now()).await?;
    Ok(frozen.unwrap_or_default())
}

/// The editions of an issue whose state allows a step: what is done to the issue is done to them.
async fn editions_that(tx: &mut Tx, id: IssueId, wanted: IssueState) -> Result<Vec<IssueId>, ControlError> {
    let editions = tx.editions_of(id).await?.into_iter();
    Ok(editions
        .filter(|edition| edition.state.allows(wanted))
        .map(|edition| edition.id)
        .collect())
}

/// Holds an issue: what is on the wire ends, nothing new begins.
///
/// # Errors
/// [`ControlError`].
pub async fn pause(app: &App, id: IssueId, reason: &str) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    let editions = editions_that(&mut tx, id, IssueState::Paused).await?;
    // One that has ended may have editions that go on.
    if editions.is_empty() || issue.state.allows(IssueState::Paused) {
        step(&mut tx, id, IssueState::Paused, Some(reason), app.clock.now()).await?;
    }
    for edition in editions {
        step(&mut tx, edition, IssueState::Paused, Some(reason), app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Goes on with a paused issue.
///
/// # Errors
/// [`ControlError`].
pub async fn resume(app: &App, id: IssueId) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    let state = lock(&mut tx, id).await?.state;
    let editions = tx.editions_of(id).await?.into_iter();
    let mut paused: Vec<_> = editions
        .filter(|edition| edition.state == IssueState::Paused)
        .map(|edition| edition.id)
        .collect();
    if matches!(state, IssueState::Paused | IssueState::Sending) {
        paused.push(id);
    } else if paused.is_empty() {
        return Err(refused(&mut tx, id, state, IssueState::Sending).await);
    }
    for id in paused {
        step(&mut tx, id, IssueState::Sending, None, app.clock.now()).await?;
    }
    tx.commit().await?;
    app.delivery_wakeup.notify_one();
    Ok(())
}

/// Ends an issue. Articles of one that was never begun wait for the next; of one that was, only what has not been sent
/// is cancelled.
///
/// # Errors
/// [`ControlError`].
pub async fn cancel(app: &App, id: IssueId) -> Result<(), ControlError> {
    // A sender may be writing the same deliveries.
    let is_conflict = |error: &ControlError| matches!(error, ControlError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || end(app, id)).await
}

async fn end(app: &App, id: IssueId) -> Result<(), ControlError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let issue = lock(&mut tx, id).await?;
    let why = Some("cancelled by an operator");
    let editions = editions_that(&mut tx, id, IssueState::Cancelled).await?;
    for edition in &editions {
        step(&mut tx, *edition, IssueState::Cancelled, why, now).await?;
        tx.cancel_deliveries(*edition, now).await?;
    }
    let ends = editions.is_empty() || issue.state.allows(IssueState::Cancelled);
    if ends && step(&mut tx, id, IssueState::Cancelled, why, now).await? {
        if issue.started_at.is_some() {
            tx.cancel_deliveries(id, now).await?;
        } else {
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, "skipped", why).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Decides all that is in doubt of an issue. To send it again takes an issue up again that was sent; what an operator
/// cancelled stays so. Returns how many deliveries that were.
///
/// # Errors
/// [`ControlError`].
pub async fn settle(app: &App, id: IssueId, as_: Settlement) -> Result<u64, ControlError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let state = find(&mut tx, id).await?.state;
    // Whoever finds that nothing is left to send, and ends the issue, waits for this or is seen here.
    if !tx.lock_issue(id, state).await? {
        return Err(refused(&mut tx, id, state, IssueState::Sending).await);
    }
    let settled = match as_ {
        Settlement::Accepted => tx.settle(id, DeliveryState::Accepted, SETTLED, now).await?,
        Settlement::Resend if state == IssueState::Cancelled => {
            return Err(refused(&mut tx, id, state, IssueState::Sending).await);
        }
        Settlement::Resend => {
            let settled = tx
                .settle(id, DeliveryState::Queued, "to be sent again, an operator says", now)
                .await?;
            if settled > 0 && state == IssueState::Sent {
                tx.reopen_issue(id, now).await?;
            }
            settled
        }
    };
    tx.commit().await?;
    app.delivery_wakeup.notify_one();
    Ok(settled)
}

/// Sends one copy to an address, outside the issue's account. Its unsubscribe link belongs to nobody.
///
/// # Errors
/// [`ControlError`].
pub async fn test(app: &Arc<App>, id: IssueId, to: &str) -> Result<String, ControlError> {
    let to = EmailAddress::parse(to)?;
    let mut tx = app.store.read().await?;
    let mut issue = find(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    drop(tx);
    let now = app.clock.now();
    issue.subject = format!("[test] {}", issue.subject);
    let parts = Arc::new(IssueParts::new(app, issue, newsletter)?);
    // A new id each time, so that no mailbox takes the second test for a copy of the first.
    let recipient = Recipient {
        subscription: SubscriptionId(Uuid::nil()),
        message_id_seed: app.rng.uuid(now),
        address: &to,
        name: None,
    };
    let outgoing = message(app, &parts, recipient, now).await?;
    let mut session = super::relays::connect(app).await?;
    let answer = session.send(&outgoing).await;
    session.quit().await;
    match answer {
        Outcome::Accepted(reply) => Ok(reply.to_string()),
        Outcome::Rejected(reply)
        | Outcome::Deferred(reply)
        | Outcome::Slow { reply, .. }
        | Outcome::Standing(reply) => Err(ControlError::Refused(reply.to_string())),
        Outcome::RelayTrouble { text: reason, .. } | Outcome::Lost(reason) | Outcome::InDoubt(reason) => {
            Err(ControlError::Refused(reason))
        }
    }
}
