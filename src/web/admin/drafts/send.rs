//! Approving, sending and cancelling a draft. A page asks once before an issue is sent or cancelled.

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::console::{Console, Notice, done};
use super::super::issue_path::{IssuePath, NamedIssue};
use super::super::times::DueTime;
use super::change::Form;
use super::preview::{count, web_error};
use crate::config::is_placeholder;
use crate::delivery::control::{self, ControlError};
use crate::delivery::expected_audience::ExpectedAudience;
use crate::domain::issue_action::{DraftVersion, IssueAction};
use crate::domain::states::{Approval, IssueState};
use crate::operators::SignedIn;
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};
use crate::words::Words;

pub(super) async fn approve(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    let form = Form {
        action: format!("{}/approve", issue.draft_path()),
        button: console.words.draft_approve(),
        body: &body,
    };
    let Some(seen) = form.seen() else {
        return form.conflict(&web, console, &signed_in, &issue).await;
    };
    match control::approve(&web.app, IssueAction::by(signed_in.actor(), issue.id).on(seen)).await {
        Ok(()) => Ok(done(&issue.draft_path(), Notice::DraftApproved).into_response()),
        Err(ControlError::Changed(_) | ControlError::State { .. }) => {
            form.conflict(&web, console, &signed_in, &issue).await
        }
        Err(error) => Err(web_error(error)),
    }
}

pub(super) async fn withdraw(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    match control::withdraw(&web.app, IssueAction::by(signed_in.actor(), issue.id)).await {
        Ok(()) => Ok(done(&issue.draft_path(), Notice::ApprovalWithdrawn).into_response()),
        Err(ControlError::State { .. }) => {
            let form = Form {
                action: format!("{}/withdraw", issue.draft_path()),
                button: console.words.draft_withdraw(),
                body: &body,
            };
            form.conflict(&web, console, &signed_in, &issue).await
        }
        Err(error) => Err(web_error(error)),
    }
}

/// What is asked about a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Send,
    Cancel,
}

#[derive(Debug, Template)]
#[template(path = "admin/draft_question.html")]
struct QuestionPage {
    console: Console,
    question: Question,
    path: String,
    newsletter: String,
    number: i64,
    subject: String,
    version: String,
    due: Option<DueTime>,
    mailed: u64,
    weekly: u64,
    not_mailed: String,
    /// Why it cannot be sent now; `None` if it can.
    problem: Option<String>,
}

pub(super) async fn ask(
    State(web): Shared,
    console: Console,
    Path(path): Path<IssuePath>,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    show(&web, console, &issue, Question::Send, None).await
}

pub(super) async fn ask_to_cancel(
    State(web): Shared,
    console: Console,
    Path(path): Path<IssuePath>,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    show(&web, console, &issue, Question::Cancel, None).await
}

async fn show(
    web: &std::sync::Arc<Web>,
    console: Console,
    named: &NamedIssue,
    question: Question,
    problem: Option<String>,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read().await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    drop(tx);
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Ok(Redirect::to(&named.report_path()).into_response());
    }
    let expected = match question {
        Question::Send => {
            let expected = ExpectedAudience::read_on_blocking_pool(&web.app, &newsletter, &issue).await;
            expected.map_err(web_error)?.0
        }
        Question::Cancel => ExpectedAudience::default(),
    };
    let waits = newsletter.approval == Approval::Required && issue.state == IssueState::Draft;
    let obstacle = match question {
        Question::Send if waits => Some(console.words.send_needs_approval()),
        Question::Send if expected.mailed == 0 => Some(console.words.send_no_reader()),
        Question::Send | Question::Cancel => None,
    };
    let has_problem = problem.is_some();
    let version = DraftVersion {
        revision: issue.revision,
        state: issue.state,
    };
    let shown = render(&QuestionPage {
        question,
        path: named.draft_path(),
        newsletter: newsletter.name,
        number: issue.number,
        subject: issue.subject,
        version: version.to_string(),
        due: issue
            .due_at
            .map(|at| DueTime::new(at, newsletter.timezone, web.app.clock.now())),
        mailed: count(expected.mailed),
        weekly: count(expected.mailed_weekly),
        not_mailed: expected.not_mailed(),
        problem: problem.or(obstacle),
        console,
    })?;
    let status = if has_problem {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, shown).into_response())
}

pub(super) async fn send(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    drop(tx);
    let form = Form {
        action: format!("{}/send", named.draft_path()),
        button: console.words.draft_send(),
        body: &body,
    };
    let current = DraftVersion {
        revision: issue.revision,
        state: issue.state,
    };
    // A conflict is reported before any other error, because the operator decided about another version of the draft.
    let Some(seen) = form.seen().filter(|seen| *seen == current) else {
        return form.conflict(&web, console, &signed_in, &named).await;
    };
    if let Err(error) = web.app.config.require_identity(!is_placeholder(&issue.sender)) {
        return show(&web, console, &named, Question::Send, Some(error.to_string())).await;
    }
    let has_readers = control::require_confirmed_subscribers(&mut web.app.store.read().await?, named.id).await;
    let sent = match has_readers {
        Ok(()) => control::send(&web.app, IssueAction::by(signed_in.actor(), named.id).on(seen)).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(_) => Ok(done(&named.report_path(), Notice::SendingStarted).into_response()),
        Err(ControlError::Changed(_)) => form.conflict(&web, console, &signed_in, &named).await,
        Err(ControlError::State { .. }) => Ok(Redirect::to(&named.report_path()).into_response()),
        Err(error) => {
            let problem = refusal(&console.words, error)?;
            show(&web, console, &named, Question::Send, Some(problem)).await
        }
    }
}

/// Why an issue was not sent.
fn refusal(words: &Words, error: ControlError) -> Result<String, WebError> {
    match error {
        ControlError::Unapproved(_) => Ok(words.send_needs_approval()),
        ControlError::NoConfirmedSubscribers { .. } => Ok(words.send_no_reader()),
        ControlError::Blocked { reason, .. } => Ok(words.send_blocked(reason)),
        other => Err(web_error(other)),
    }
}

pub(super) async fn cancel(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    let form = Form {
        action: format!("{}/cancel", issue.draft_path()),
        button: console.words.draft_cancel(),
        body: &body,
    };
    let Some(seen) = form.seen() else {
        return form.conflict(&web, console, &signed_in, &issue).await;
    };
    match control::cancel(&web.app, IssueAction::by(signed_in.actor(), issue.id).on(seen)).await {
        Ok(()) => Ok(done("/admin/drafts", Notice::DraftCancelled).into_response()),
        Err(ControlError::Changed(_) | ControlError::State { .. }) => {
            form.conflict(&web, console, &signed_in, &issue).await
        }
        Err(error) => Err(web_error(error)),
    }
}
