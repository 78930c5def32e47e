//! The list of webhooks, and adding one.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::super::console::Console;
use super::form::EndpointForm;
use super::lookup::{health, webhook_path};
use crate::domain::webhook::{EventSelection, MessageState};
use crate::operators::SignedIn;
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};
use crate::webhooks::{self, NewEndpoint};

#[derive(Debug, Template)]
#[template(path = "admin/webhooks.html")]
struct WebhooksPage {
    console: Console,
    webhooks: Vec<WebhookLine>,
    /// The name and the secret of a new webhook, which are shown only now.
    new: Option<(String, String)>,
    form: EndpointForm,
}

#[derive(Debug)]
struct WebhookLine {
    path: String,
    name: String,
    url: String,
    /// The names of its events; `None` if it gets all.
    events: Option<String>,
    health: String,
    is_well: bool,
    counts: String,
}

impl WebhooksPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        self.form.problems.at(field)
    }
}

pub(super) async fn page(State(web): Shared, console: Console) -> Result<Html<String>, WebError> {
    show(&web, console, None, EndpointForm::default()).await
}

async fn show(
    web: &Web,
    console: Console,
    new: Option<(String, String)>,
    form: EndpointForm,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let endpoints = tx.webhook_endpoints().await?;
    let counts = tx.webhook_counts().await?;
    drop(tx);
    let words = &console.words;
    let lines = endpoints.into_iter().map(|endpoint| {
        let count = |state| {
            let mut found = counts.iter().filter(|(id, of, _)| *id == endpoint.id && *of == state);
            words.number(found.next().map_or(0, |(_, _, count)| count.unsigned_abs()))
        };
        let [waiting, delivered, failed] =
            [MessageState::Waiting, MessageState::Delivered, MessageState::Failed].map(count);
        WebhookLine {
            path: webhook_path(endpoint.id),
            health: health(words, &endpoint),
            is_well: endpoint.disabled_at.is_none() && endpoint.failing_since.is_none(),
            counts: words.webhook_counts(waiting, delivered, failed),
            events: match &endpoint.events {
                EventSelection::All => None,
                only @ EventSelection::Only(_) => Some(only.to_string()),
            },
            name: endpoint.name,
            url: endpoint.url,
        }
    });
    render(&WebhooksPage {
        webhooks: lines.collect(),
        new,
        form,
        console,
    })
}

/// POST `/admin/webhooks`. The answer is the page with the secret and not a redirect, because the secret is shown only once.
pub(super) async fn add(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = EndpointForm::read(&body);
    let new = NewEndpoint {
        url: &form.url,
        name: form.name.trim(),
        events: form.events()?,
    };
    match webhooks::add(&web.app, &signed_in.actor(), &new).await {
        Ok((endpoint, secret)) => {
            let new = Some((endpoint.name, secret));
            Ok(show(&web, console, new, EndpointForm::default()).await?.into_response())
        }
        Err(error) => {
            let form = form.refused(&console.words, error)?;
            let shown = show(&web, console, None, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}
