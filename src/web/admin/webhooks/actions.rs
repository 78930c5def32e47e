//! What the buttons of a webhook's page do.

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::super::console::{Console, Notice, done};
use super::super::forms::field;
use super::form::EndpointForm;
use super::lookup::{PATH, find, web_error, webhook_path};
use super::page::{Shown, show};
use crate::domain::seen::Seen;
use crate::operators::SignedIn;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_messages::ReplaySelection;
use crate::web::error::WebError;
use crate::web::state::{Shared, Web};
use crate::webhooks::{self, EndpointChange, TestAnswer, WebhookError};

async fn webhook(web: &Web, id: &str) -> Result<WebhookEndpoint, WebError> {
    find(&mut web.app.store.read().await?, id).await
}

pub(super) async fn change(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let endpoint = webhook(&web, &id).await?;
    let form = EndpointForm::read(&body);
    let change = EndpointChange {
        url: Some(&form.url),
        events: Some(form.events()?),
        ..EndpointChange::default()
    };
    match webhooks::change(&web.app, &signed_in.actor(), &endpoint.name, &change).await {
        Ok(endpoint) => Ok(done(&webhook_path(endpoint.id), Notice::WebhookChanged).into_response()),
        Err(error) => {
            let shown = Shown {
                form: Some(form.refused(&console.words, error)?),
                ..Shown::default()
            };
            let shown = show(&web, console, endpoint, shown, b"").await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}

pub(super) async fn enable(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    set_enabled(&web, &signed_in, &id, true).await
}

pub(super) async fn disable(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    set_enabled(&web, &signed_in, &id, false).await
}

async fn set_enabled(web: &Web, signed_in: &SignedIn, id: &str, enabled: bool) -> Result<Redirect, WebError> {
    let endpoint = webhook(web, id).await?;
    let change = EndpointChange {
        enabled: Some(enabled),
        ..EndpointChange::default()
    };
    let changed = webhooks::change(&web.app, &signed_in.actor(), &endpoint.name, &change).await;
    changed.map_err(web_error)?;
    let notice = if enabled {
        Notice::WebhookEnabled
    } else {
        Notice::WebhookDisabled
    };
    Ok(done(&webhook_path(endpoint.id), notice))
}

/// POST `/admin/webhooks/{webhook}/rotate`. The answer is the page with the secret, because the secret is shown only once.
pub(super) async fn rotate(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let endpoint = webhook(&web, &id).await?;
    let secret = webhooks::rotate(&web.app, &signed_in.actor(), &endpoint.name).await;
    let shown = Shown {
        secret: Some(secret.map_err(web_error)?),
        ..Shown::default()
    };
    let endpoint = webhook(&web, &id).await?;
    show(&web, console, endpoint, shown, b"").await
}

/// POST `/admin/webhooks/{webhook}/test`. The answer is the page with what the program answered, which is stored nowhere.
pub(super) async fn test(
    State(web): Shared,
    console: Console,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let endpoint = webhook(&web, &id).await?;
    let answer = match webhooks::test(&web.app, &endpoint.name).await {
        Ok(answer) => answer,
        // Nothing could be signed. The text says what to do.
        Err(error @ WebhookError::Secret(_)) => TestAnswer {
            status: None,
            error: Some(error.to_string()),
        },
        Err(error) => return Err(web_error(error)),
    };
    let shown = Shown {
        test: Some(answer),
        ..Shown::default()
    };
    show(&web, console, endpoint, shown, b"").await
}

/// Sends one message again, or all that failed.
pub(super) async fn replay(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Redirect, WebError> {
    let endpoint = webhook(&web, &id).await?;
    let event_id = Some(field(&body, "event")).filter(|id| !id.is_empty());
    let selection = ReplaySelection {
        failed: event_id.is_none(),
        event_id,
        ..ReplaySelection::default()
    };
    let notice = match webhooks::replay(&web.app, &signed_in.actor(), &endpoint.name, &selection).await {
        Ok(_) => Notice::WebhookReplayed,
        Err(WebhookError::NothingToReplay(_)) => Notice::NothingDone,
        Err(error) => return Err(web_error(error)),
    };
    Ok(done(&webhook_path(endpoint.id), notice))
}

pub(super) async fn remove(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    let endpoint = webhook(&web, &id).await?;
    match webhooks::remove(&web.app, &signed_in.actor(), &endpoint.name, &Seen::Any).await {
        // If another operator removed it first, the request is fulfilled, so that is not an error.
        Ok(()) | Err(WebhookError::Unknown(_)) => Ok(done(PATH, Notice::WebhookRemoved)),
        Err(error) => Err(web_error(error)),
    }
}
