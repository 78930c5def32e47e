//! The preview of a draft and of its editions, and who would get it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::super::console::Console;
use super::super::issue_path::IssuePath;
use crate::delivery::control::ControlError;
use crate::delivery::expected_audience::{ExpectedAudience, edition_of_issue};
use crate::digest::with_links_of;
use crate::domain::role::Permission;
use crate::domain::states::IssueState;
use crate::operators::SignedIn;
use crate::web::error::{WebError, page as render};
use crate::web::inbox::mail_policy;
use crate::web::state::Shared;

/// The placeholder for the token in a recipient's links.
const TOKEN: &str = "TOKEN";

/// The query of a preview.
#[derive(Debug, Deserialize)]
pub(super) struct PreviewQuery {
    /// The number of an edition.
    edition: Option<i64>,
}

/// GET `/admin/drafts/{newsletter}/{number}/mail`: the HTML of the mail, for a frame.
pub(super) async fn mail(
    State(web): Shared,
    Path(path): Path<IssuePath>,
    Query(query): Query<PreviewQuery>,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = match query.edition {
        None => tx.issue(named.id).await?.ok_or(WebError::NotFound)?,
        Some(number) => {
            drop(tx);
            edition_of_issue(&web.app, named.id, number).await.map_err(web_error)?
        }
    };
    let html = with_links_of(&web.app, &issue, &issue.html, TOKEN);
    Ok(([(header::CONTENT_SECURITY_POLICY, mail_policy(&web))], Html(html)).into_response())
}

#[derive(Debug, Template)]
#[template(path = "admin/readers_of_draft.html")]
struct ReadersPage {
    console: Console,
    path: String,
    newsletter: String,
    number: i64,
    mailed: u64,
    weekly: u64,
    not_mailed: String,
    editions: Vec<EditionRow>,
    may_test: bool,
}

/// An edition that the issue would have.
#[derive(Debug)]
struct EditionRow {
    number: i64,
    name: String,
    subject: String,
    mailed: u64,
    is_unapproved: bool,
    text: String,
}

pub(super) async fn readers(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    drop(tx);
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(WebError::NotFound);
    }
    let expected = ExpectedAudience::read_on_blocking_pool(&web.app, &newsletter, &issue).await;
    let (expected, editions) = expected.map_err(web_error)?;
    render(&ReadersPage {
        path: named.draft_path(),
        newsletter: newsletter.name,
        number: issue.number,
        mailed: count(expected.mailed),
        weekly: count(expected.mailed_weekly),
        not_mailed: expected.not_mailed(),
        editions: editions
            .into_iter()
            .map(|edition| EditionRow {
                number: edition.issue.edition,
                text: with_links_of(&web.app, &edition.issue, &edition.issue.text, TOKEN),
                name: edition.issue.edition_name,
                subject: edition.issue.subject,
                mailed: count(edition.mailed),
                is_unapproved: edition.is_approved == Some(false),
            })
            .collect(),
        may_test: signed_in.may(Permission::EditDrafts),
        console,
    })
}

/// A number of the database as messages count with it.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// An error that leaves a page without its content.
pub(crate) fn web_error(error: ControlError) -> WebError {
    match error {
        ControlError::Store(error) => error.into(),
        ControlError::Compile(error) => error.into(),
        _ => WebError::NotFound,
    }
}
