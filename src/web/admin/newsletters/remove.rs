//! Removes a newsletter, after a question that says what ends.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::super::drafts::count;
use super::lookup::{find, newsletter_path};
use crate::domain::seen::Seen;
use crate::newsletter::removal::{self, RemovalError};
use crate::operators::SignedIn;
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};

#[derive(Debug, Template)]
#[template(path = "admin/newsletter_remove.html")]
struct RemovePage {
    console: Console,
    path: String,
    name: String,
    /// How many subscriptions end.
    readers: u64,
    /// The names of the drafts that are cancelled.
    drafts: Vec<String>,
    feeds: u64,
    /// Why it cannot be removed now, in English.
    refused: Option<String>,
}

pub(super) async fn ask(State(web): Shared, console: Console, Path(slug): Path<String>) -> Result<Response, WebError> {
    let newsletter = find(&mut web.app.store.read().await?, &slug).await?;
    question(&web, console, newsletter).await
}

async fn question(web: &Web, console: Console, newsletter: Newsletter) -> Result<Response, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let plan = removal::plan(&mut tx, &newsletter).await;
    drop(tx);
    let (plan, refused) = match plan {
        Ok(plan) => (Some(plan), None),
        Err(RemovalError::Store(error)) => return Err(error.into()),
        Err(error) => (None, Some(error.to_string())),
    };
    let status = if refused.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let page = RemovePage {
        path: newsletter_path(&newsletter.slug),
        name: newsletter.name,
        readers: plan.as_ref().map_or(0, |plan| count(plan.ending())),
        drafts: plan
            .as_ref()
            .map_or_else(Vec::new, |plan| plan.drafts.iter().map(IssueSummary::name).collect()),
        feeds: plan.as_ref().map_or(0, |plan| count(plan.feeds)),
        refused,
        console,
    };
    Ok((status, render(&page)?).into_response())
}

pub(super) async fn remove(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let newsletter = find(&mut web.app.store.read().await?, &slug).await?;
    match removal::remove(&web.app, &signed_in.actor(), newsletter.id, &Seen::Any).await {
        Ok(_) => Ok(done("/admin/newsletters", Notice::NewsletterRemoved).into_response()),
        Err(RemovalError::Store(error)) => Err(error.into()),
        Err(RemovalError::AtWork { .. } | RemovalError::Outdated(_)) => question(&web, console, newsletter).await,
    }
}
