//! What an operator does with an issue that has started. A page asks once before each.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::super::console::{Console, Notice, done};
use super::super::drafts::web_error;
use super::super::issue_path::IssuePath;
use crate::delivery::control::{self, ControlError};
use crate::delivery::settlement::{Settlement, settle};
use crate::domain::issue_action::IssueAction;
use crate::domain::states::IssueState;
use crate::operators::SignedIn;
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;
use crate::words::Words;

/// Something that an operator does with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IssueButton {
    Pause,
    Resume,
    Cancel,
    /// The messages in doubt were delivered.
    SettleAsAccepted,
    /// The messages in doubt are sent again.
    SettleByResending,
}

impl IssueButton {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "cancel" => Self::Cancel,
            "accepted" => Self::SettleAsAccepted,
            "resend" => Self::SettleByResending,
            _ => return None,
        })
    }

    /// The word in addresses.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::SettleAsAccepted => "accepted",
            Self::SettleByResending => "resend",
        }
    }

    /// What can be done with an issue in a state, apart from messages in doubt.
    pub(super) fn of_state(state: IssueState) -> Vec<Self> {
        match state {
            IssueState::Sending => vec![Self::Pause, Self::Cancel],
            IssueState::Paused => vec![Self::Resume, Self::Cancel],
            _ => Vec::new(),
        }
    }

    pub(super) fn label(self, words: &Words) -> String {
        match self {
            Self::Pause => words.issue_pause(),
            Self::Resume => words.issue_resume(),
            Self::Cancel => words.draft_cancel(),
            Self::SettleAsAccepted => words.issue_settle_accepted(),
            Self::SettleByResending => words.issue_settle_resend(),
        }
    }

    fn explanation(self, words: &Words) -> String {
        match self {
            Self::Pause => words.issue_pause_text(),
            Self::Resume => words.issue_resume_text(),
            Self::Cancel => words.issue_cancel_text(),
            Self::SettleAsAccepted => words.issue_settle_accepted_text(),
            Self::SettleByResending => words.issue_settle_resend_text(),
        }
    }

    const fn notice(self) -> Notice {
        match self {
            Self::Pause => Notice::IssuePaused,
            Self::Resume => Notice::IssueResumed,
            Self::Cancel => Notice::IssueCancelled,
            Self::SettleAsAccepted | Self::SettleByResending => Notice::IssueSettled,
        }
    }
}

/// The last parameter of the routes.
#[derive(Debug, Deserialize)]
pub(super) struct ActionPath {
    action: String,
}

#[derive(Debug, Template)]
#[template(path = "admin/issue_question.html")]
struct QuestionPage {
    console: Console,
    path: String,
    newsletter: String,
    number: i64,
    button: IssueButton,
}

pub(super) async fn ask(
    State(web): Shared,
    console: Console,
    Path(path): Path<IssuePath>,
    Path(ActionPath { action }): Path<ActionPath>,
) -> Result<Html<String>, WebError> {
    let button = IssueButton::parse(&action).ok_or(WebError::NotFound)?;
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?.name;
    drop(tx);
    render(&QuestionPage {
        console,
        path: named.report_path(),
        newsletter,
        number: issue.number,
        button,
    })
}

pub(super) async fn act(
    State(web): Shared,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    Path(ActionPath { action }): Path<ActionPath>,
) -> Result<Response, WebError> {
    let button = IssueButton::parse(&action).ok_or(WebError::NotFound)?;
    let named = path.find(&mut web.app.store.read().await?).await?;
    let app = &web.app;
    let action = IssueAction::by(signed_in.actor(), named.id);
    let acted = match button {
        IssueButton::Pause => control::pause(app, action, "paused by an operator").await,
        IssueButton::Resume => control::resume(app, action).await,
        IssueButton::Cancel => control::cancel(app, action).await,
        IssueButton::SettleAsAccepted => settle(app, action, Settlement::Accepted).await.map(drop),
        IssueButton::SettleByResending => settle(app, action, Settlement::Resend).await.map(drop),
    };
    match acted {
        Ok(()) => Ok(done(&named.report_path(), button.notice()).into_response()),
        // The state has changed meanwhile. The page shows the present one.
        Err(ControlError::State { .. }) => Ok(done(&named.report_path(), Notice::IssueStateChanged).into_response()),
        Err(error) => Err(web_error(error)),
    }
}
