//! Compiles a draft now.

use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::super::forms::field;
use super::super::issue_path::draft_path;
use super::list;
use crate::digest::Compiled;
use crate::digest::build::build_by;
use crate::operators::SignedIn;
use crate::web::error::WebError;
use crate::web::state::Shared;

pub(super) async fn build(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let slug = field(&body, "newsletter");
    let found = web.app.store.read().await?.newsletter_by_slug(&slug).await?;
    let newsletter = found.ok_or(WebError::NotFound)?;
    let refused = web.app.config.require_identity(newsletter.sender.is_some()).err();
    let reason = match refused {
        Some(error) => error.to_string(),
        None => match build_by(
            &web.app,
            Some(&signed_in.actor()),
            newsletter.id,
            web.app.clock.now(),
            None,
        )
        .await?
        {
            Compiled::Nothing(nothing) => nothing.reason,
            Compiled::Issue(draft) => {
                let path = draft_path(&newsletter.slug, draft.issue.number);
                return Ok(done(&path, Notice::DraftBuilt).into_response());
            }
        },
    };
    let shown = list::show(&web, console, &signed_in, Some((newsletter.name, reason))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}
