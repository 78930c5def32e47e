//! `/api/v1/webhooks`: the programs that get events, as in the console and `daywire webhook`. Only owners manage them, and only with a token
//! that has the scope `admin`, because events contain addresses of readers.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::bearer::{Bearer, ManageWebhooks};
use super::body::Document;
use super::entity::{IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::Query;
use super::named::Named;
use super::paging::{Page, PageQuery};
use super::webhook_documents::{
    NewWebhook, TestDocument, WebhookDocument, WebhookPatch, WebhookWithSecret, all, events, existing, finish,
};
use crate::domain::ids::WebhookEndpointId;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::web::problem::ProblemAnswer;
use crate::web::state::Shared;
use crate::webhooks::{self, EndpointChange, NewEndpoint};

#[utoipa::path(
    get, path = "/api/v1/webhooks", operation_id = "listWebhooks",
    summary = "The webhooks, in the order in which they were added, and whether each works",
    params(PageQuery::<WebhookEndpointId>),
    responses((status = 200, description = "A page of webhooks", body = Page<WebhookDocument>)),
    security(("token" = ["admin"])),
)]
pub(super) async fn list(
    _: Bearer<ManageWebhooks>,
    State(web): Shared,
    query: Query<PageQuery<WebhookEndpointId>>,
) -> Result<Json<Page<WebhookDocument>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    // A site has few webhooks, so all are read.
    let mut webhooks = all(&web).await?;
    webhooks.retain(|(endpoint, _)| after.is_none_or(|after| endpoint.id > after));
    let position = |(last, _): &(WebhookEndpoint, WebhookDocument)| last.id.to_string();
    Ok(Json(Page::new(webhooks, limit, position, |(_, document)| document)))
}

#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", operation_id = "showWebhook", summary = "One webhook, and whether it works",
    params(("id" = Uuid, Path, description = "The webhook's id"), KnownTag),
    responses((status = 200, description = "The webhook", body = WebhookDocument)),
    security(("token" = ["admin"])),
)]
pub(super) async fn show(
    _: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let (_, document) = existing(&web, id).await?;
    Ok(document.entity()?.unless(&known))
}

#[utoipa::path(
    post, path = "/api/v1/webhooks", operation_id = "addWebhook", summary = "Adds a webhook, and shows its secret once",
    description = "Events contain addresses of readers, so the address must begin with `https://`.",
    params(IdempotencyKey),
    request_body = NewWebhook,
    responses(
        (
            status = 201, description = "The webhook with its secret", body = WebhookWithSecret,
            headers(("Location" = String, description = "The path of the webhook in the API")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["admin"])),
)]
pub(super) async fn add(
    Bearer { operator, .. }: Bearer<ManageWebhooks>,
    State(web): Shared,
    Document { value, mut errors }: Document<NewWebhook>,
) -> Result<Response, Failure> {
    let url = errors.require("url", value.url);
    let events = events(&mut errors, &value.events.unwrap_or_default());
    finish(&web, errors, url.as_deref(), value.name.as_deref()).await?;
    let (Some(url), Some(events)) = (url, events) else {
        unreachable!("a missing address and wrong events are errors")
    };
    let new = NewEndpoint {
        url: &url,
        name: value.name.as_deref().unwrap_or_default(),
        events,
    };
    let (endpoint, secret) = webhooks::add(&web.app, &operator.actor(), &new).await?;
    let location = [(header::LOCATION, format!("/api/v1/webhooks/{}", endpoint.id))];
    let document = WebhookDocument::new(endpoint, &[], web.app.clock.now());
    let answer = WebhookWithSecret::entity(document, secret)?.answer(StatusCode::CREATED);
    Ok((location, answer).into_response())
}

#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", operation_id = "changeWebhook",
    summary = "Changes the address of a webhook, its events, and whether it gets any",
    params(("id" = Uuid, Path, description = "The webhook's id"), SeenTag),
    request_body(content((WebhookPatch = "application/json"), (WebhookPatch = "application/merge-patch+json"))),
    responses((
        status = 200, description = "The webhook with the change", body = WebhookDocument,
        headers(("ETag" = String, description = "The tag of the changed webhook")),
    )),
    security(("token" = ["admin"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
    condition: IfMatch,
    Document { value, mut errors }: Document<WebhookPatch>,
) -> Result<Response, Failure> {
    let events = value.events.and_then(|names| events(&mut errors, &names));
    finish(&web, errors, value.url.as_deref(), None).await?;
    let (endpoint, document) = existing(&web, id).await?;
    let change = EndpointChange {
        url: value.url.as_deref(),
        events,
        enabled: value.enabled,
        seen: condition.seen(&document.entity()?, endpoint.version())?,
    };
    webhooks::change(&web.app, &operator.actor(), &endpoint.name, &change).await?;
    let (_, document) = existing(&web, id).await?;
    Ok(document.entity()?.answer(StatusCode::OK))
}

#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", operation_id = "removeWebhook",
    summary = "Removes a webhook with its log and the messages that wait for it",
    params(("id" = Uuid, Path, description = "The webhook's id"), SeenTag),
    responses((status = 204, description = "The webhook is removed")),
    security(("token" = ["admin"])),
)]
pub(super) async fn remove(
    Bearer { operator, .. }: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let (endpoint, document) = existing(&web, id).await?;
    let seen = condition.seen(&document.entity()?, endpoint.version())?;
    webhooks::remove(&web.app, &operator.actor(), &endpoint.name, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/secret", operation_id = "rotateWebhookSecret",
    summary = "Makes a new secret, and shows it once. For 24 hours, messages are also signed with the previous one",
    params(("id" = Uuid, Path, description = "The webhook's id"), IdempotencyKey),
    responses((status = 200, description = "The webhook with its new secret", body = WebhookWithSecret)),
    security(("token" = ["admin"])),
)]
pub(super) async fn rotate(
    Bearer { operator, .. }: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
) -> Result<Response, Failure> {
    let (endpoint, _) = existing(&web, id).await?;
    let secret = webhooks::rotate(&web.app, &operator.actor(), &endpoint.name).await?;
    let (_, document) = existing(&web, id).await?;
    Ok(WebhookWithSecret::entity(document, secret)?.answer(StatusCode::OK))
}

#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/test", operation_id = "testWebhook",
    summary = "Sends the event `webhook.test` at once. It is not in the log",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses(
        (status = 200, description = "What the program answered", body = TestDocument),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["admin"])),
)]
pub(super) async fn test(
    _: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
) -> Result<Json<TestDocument>, Failure> {
    let (endpoint, _) = existing(&web, id).await?;
    Ok(Json(webhooks::test(&web.app, &endpoint.name).await?.into()))
}
