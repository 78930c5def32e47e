//! Retracts an article, restores it, and pins it to the top of the next issue.

use axum::extract::{Path, RawForm, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::console::{Notice, done};
use super::super::forms::field;
use super::lookup::{article_path, find};
use super::write::failed;
use crate::domain::article_action::ArticleAction;
use crate::ingest::rating::{Rating, rate_by};
use crate::ingest::retraction;
use crate::operators::SignedIn;
use crate::web::error::WebError;
use crate::web::state::Shared;

pub(super) async fn retract(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let article = find(&mut web.app.store.read().await?, &id).await?;
    let action = ArticleAction::by(signed_in.actor(), article.id);
    let retracted = retraction::retract(&web.app, action, &field(&body, "note")).await;
    let retracted = retracted.map_err(failed)?;
    let notice = if !retracted.sending.is_empty() {
        Notice::ArticleRetractedSending
    } else if retracted.retracted || retracted.noted {
        Notice::ArticleRetracted
    } else {
        Notice::ArticleUnchanged
    };
    Ok(done(&article_path(&article.public_id), notice).into_response())
}

pub(super) async fn restore(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let article = find(&mut web.app.store.read().await?, &id).await?;
    let action = ArticleAction::by(signed_in.actor(), article.id);
    let restored = retraction::restore(&web.app, action, &field(&body, "note")).await;
    let notice = if restored.map_err(failed)?.restored {
        Notice::ArticleRestored
    } else {
        Notice::ArticleUnchanged
    };
    Ok(done(&article_path(&article.public_id), notice).into_response())
}

pub(super) async fn pin(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Redirect, WebError> {
    let mut tx = web.app.store.write().await?;
    let article = find(&mut tx, &id).await?;
    let found = tx.newsletter_by_slug(&field(&body, "newsletter")).await?;
    let newsletter = found.ok_or(WebError::NotFound)?;
    let rating = Rating {
        pinned: Some(field(&body, "do") == "pin"),
        weight_percent: None,
    };
    let rated = rate_by(&mut tx, &web.app, &signed_in.actor(), &newsletter, &article, rating).await?;
    tx.commit().await?;
    let notice = match rated {
        Some((true, _)) => Notice::ArticlePinned,
        Some((false, _)) => Notice::ArticleUnpinned,
        None => Notice::ArticleNotWaiting,
    };
    Ok(done(&article_path(&article.public_id), notice))
}
