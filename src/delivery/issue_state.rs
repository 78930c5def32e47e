//! Changes of an issue's state, and why they fail.

use chrono::{DateTime, Utc};

use super::personalise::PersonaliseError;
use crate::digest::CompileError;
use crate::domain::address::AddressError;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::IssueState;
use crate::mail::smtp::SendError;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx};

/// Why an action on an issue failed. The issue is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The issue does not exist.
    #[error("there is no issue {0}; `daywire issue list` shows them")]
    Unknown(IssueId),
    /// The issue's state does not permit the action.
    #[error("issue {name} {}", why_not(*state, *wanted))]
    State {
        /// The issue's name, such as `daily/12`.
        name: String,
        /// The state of the issue as a whole.
        state: IssueState,
        /// The state that it was to change to.
        wanted: IssueState,
    },
    /// The draft was changed since the operator saw it.
    #[error("issue {0} was changed meanwhile, and nothing was done; read it again")]
    Changed(String),
    /// The issue has no edition with this number.
    #[error("issue {name} has no edition {number}; `daywire issue show {name}` lists those that it has")]
    UnknownEdition {
        /// The issue's name, such as `daily/12`.
        name: String,
        /// The number that was asked for.
        number: i64,
    },
    /// An edition could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The newsletter requires approval of its issues, and this one is a draft.
    #[error("issue {0} waits for approval; read it, then run `daywire issue approve {0}`")]
    Unapproved(String),
    /// Preflight found a problem that blocks the issue.
    #[error("issue {name} was not sent: {reason}")]
    Blocked {
        /// The issue's name, such as `daily/12`.
        name: String,
        /// What preflight found, and how to fix it.
        reason: String,
    },
    /// The newsletter has no confirmed subscription.
    #[error(
        "issue {name} was not sent: nobody has a confirmed subscription to {newsletter}; the issue is unchanged and keeps its articles"
    )]
    NoConfirmedSubscribers {
        /// The issue's name, such as `daily/12`.
        name: String,
        /// The slug of the issue's newsletter.
        newsletter: String,
    },
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A test mail could not be built.
    #[error(transparent)]
    Personalise(#[from] PersonaliseError),
    /// The address of a test mail cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No relay accepted a connection for a test mail.
    #[error(transparent)]
    Relay(#[from] SendError),
    /// The address of a test mail is suppressed.
    #[error(
        "the address is suppressed, so nothing is mailed to it; lift its suppression, or send the test to another address"
    )]
    TestAddressSuppressed,
    /// The recipient or the operator has had the test mails of an hour.
    #[error("too many test mails were asked for within an hour; wait, or send the test to another address")]
    TooManyTestMails,
    /// The relay did not accept a test mail.
    #[error("the relay did not accept the test mail: {0}")]
    TestMailNotAccepted(String),
}

/// Why an issue in `state` cannot change to `wanted`, and which commands are possible instead.
fn why_not(state: IssueState, wanted: IssueState) -> String {
    let participle = match wanted {
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
            format!("is {state}, so it cannot be {participle}; run `daywire issue send` or `daywire issue cancel`")
        }
        IssueState::Sending => {
            format!("is being sent, so it cannot be {participle}; run `daywire issue pause` or `daywire issue cancel`")
        }
        IssueState::Paused => {
            format!("is paused, so it cannot be {participle}; run `daywire issue resume` or `daywire issue cancel`")
        }
        IssueState::Sent if matches!(wanted, IssueState::Sending | IssueState::Sent) => {
            "has already been sent".to_owned()
        }
        IssueState::Sent => format!("has already been sent, so it cannot be {participle}"),
        IssueState::Skipped | IssueState::Cancelled => format!("was {state}, so it cannot be {participle}"),
    }
}

/// The error that an issue cannot change to the wanted state.
pub(super) async fn transition_error(tx: &mut Tx, id: IssueId, state: IssueState, wanted: IssueState) -> ControlError {
    match tx.issue_name(id).await {
        Ok(name) => ControlError::State { name, state, wanted },
        Err(error) => error.into(),
    }
}

/// Reads an issue.
///
/// # Errors
/// [`ControlError::Unknown`] if it does not exist.
pub async fn require_issue(tx: &mut Tx, id: IssueId) -> Result<Issue, ControlError> {
    tx.issue(id).await?.ok_or(ControlError::Unknown(id))
}

/// Fails if the operator saw another version of the issue.
///
/// # Errors
/// [`ControlError::Changed`].
pub(super) async fn require_seen(tx: &mut Tx, issue: &Issue, action: &IssueAction) -> Result<(), ControlError> {
    if action.is_outdated(issue.revision, issue.state) {
        return Err(ControlError::Changed(tx.issue_name(issue.id).await?));
    }
    Ok(())
}

/// Reads an issue and locks its row until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: IssueId) -> Result<Issue, ControlError> {
    tx.lock_newsletter_and_issue(id).await?.ok_or(ControlError::Unknown(id))
}

/// Changes an issue's state. Returns false if it is in the wanted state already.
pub(super) async fn change_state(
    tx: &mut Tx,
    id: IssueId,
    wanted: IssueState,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, ControlError> {
    let state = require_issue(tx, id).await?.state;
    if state == wanted {
        return Ok(false);
    }
    if !state.allows(wanted) || !tx.move_issue(id, state, wanted, reason, now).await? {
        return Err(transition_error(tx, id, state, wanted).await);
    }
    Ok(true)
}
