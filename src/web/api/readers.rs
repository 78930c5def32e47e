//! `/api/v1/readers`: the list and the search, everything on record about one reader, and what operators do for a reader. No path and no
//! query has an address, because both are in logs.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::article_requests::find_newsletters;
use super::bearer::{Bearer, ManageReaders, ReadReaders};
use super::body::Document;
use super::entity::{IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::{FieldErrors, Query, text};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use super::reader_documents::{ReaderBrief, ReaderDocument};
use super::suppressions::address;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::states::SubscriptionState;
use crate::operators::Authenticated;
use crate::readers::{self, ReaderFilter, ReaderPage, ReaderPosition};
use crate::store::subscriber_search::{SearchPosition, SubscriberQuery};
use crate::store::subscribers::Subscriber;
use crate::store::{StoreError, Tx};
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReaderQuery {
    /// Only readers with a subscription to the newsletter with this slug
    #[serde(deserialize_with = "text")]
    newsletter: Option<String>,
    /// Only readers with a subscription in this state; with `newsletter`, the subscription to it
    state: Option<SubscriptionState>,
    /// The number of readers on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<Uuid>)]
    after: Option<SubscriberId>,
}

/// The newsletter and the state by which readers are listed.
async fn filter(
    tx: &mut Tx,
    errors: &mut FieldErrors,
    newsletter: Option<String>,
    state: Option<SubscriptionState>,
) -> Result<ReaderFilter, StoreError> {
    let newsletter = match newsletter {
        Some(slug) => find_newsletters(tx, errors, "newsletter", &[slug]).await?.pop(),
        None => None,
    };
    Ok(ReaderFilter { newsletter, state })
}

fn page_of(page: ReaderPage) -> Page<ReaderBrief> {
    let next = page.next.map(|next| match next {
        ReaderPosition::Before(last) => last.to_string(),
        ReaderPosition::InSearch(position) => position.to_string(),
    });
    Page::before(page.readers.into_iter().map(ReaderBrief::from).collect(), next)
}

#[utoipa::path(
    get, path = "/api/v1/readers", operation_id = "listReaders", summary = "The readers, the newest first",
    params(ReaderQuery),
    responses((status = 200, description = "A page of readers", body = Page<ReaderBrief>)),
    security(("token" = ["readers"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    query: Query<ReaderQuery>,
) -> Result<Json<Page<ReaderBrief>>, Failure> {
    let Query {
        parameters: query,
        mut errors,
    } = query;
    let mut tx = web.app.store.read_snapshot().await?;
    let filter = filter(&mut tx, &mut errors, query.newsletter, query.state).await?;
    errors.finish()?;
    let position = query.after.map(ReaderPosition::Before);
    let limit = query.limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let page = readers::readers(&mut tx, None, filter, position, limit).await?;
    Ok(Json(page_of(page)))
}

/// The parameters of a search. The words are in the document.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// The most readers on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<String>, pattern = "^[wb][0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    after: Option<SearchPosition>,
}

/// What to search for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReaderSearch {
    /// Words of addresses and names, or their beginnings. A reader who is found has all of them
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    words: Option<String>,
    /// Only readers with a subscription to the newsletter with this slug
    #[serde(deserialize_with = "text")]
    newsletter: Option<String>,
    /// Only readers with a subscription in this state; with `newsletter`, the subscription to it
    state: Option<SubscriptionState>,
}

#[utoipa::path(
    post, path = "/api/v1/readers/search", operation_id = "searchReaders",
    summary = "Readers by words of their addresses and names. A page may be short, or empty, and have a next one",
    params(SearchQuery),
    request_body = ReaderSearch,
    responses((status = 200, description = "A page of readers", body = Page<ReaderBrief>)),
    security(("token" = ["readers"])),
)]
pub(super) async fn search(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    query: Query<SearchQuery>,
    Document { value, mut errors }: Document<ReaderSearch>,
) -> Result<Json<Page<ReaderBrief>>, Failure> {
    query.errors.finish()?;
    let words = errors.require("words", value.words);
    let searched = words.as_deref().and_then(SubscriberQuery::parse);
    if words.is_some() && searched.is_none() {
        errors.add("words", "`words` has no letter and no digit");
    }
    let mut tx = web.app.store.read_snapshot().await?;
    let filter = filter(&mut tx, &mut errors, value.newsletter, value.state).await?;
    errors.finish()?;
    let position = query.parameters.after.map(ReaderPosition::InSearch);
    let limit = query.parameters.limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let page = readers::readers(&mut tx, searched.as_ref(), filter, position, limit).await?;
    Ok(Json(page_of(page)))
}

pub(super) fn no_reader() -> Failure {
    Failure::NotFound("There is no such reader; GET /api/v1/readers lists the readers.".to_owned())
}

async fn existing(tx: &mut Tx, id: SubscriberId) -> Result<Subscriber, Failure> {
    tx.subscriber(id).await?.ok_or_else(no_reader)
}

/// A reader with the document about them.
async fn seen(web: &Web, id: SubscriberId) -> Result<(Subscriber, ReaderDocument), Failure> {
    let mut tx = web.app.store.read_snapshot().await?;
    let subscriber = existing(&mut tx, id).await?;
    let record = readers::read(&web.app, &mut tx, subscriber.address.clone()).await?;
    let suppression = tx.listed_suppression(&subscriber.address_hash).await?;
    let document = ReaderDocument::new(&subscriber, record, suppression);
    Ok((subscriber, document))
}

#[utoipa::path(
    get, path = "/api/v1/readers/{id}", operation_id = "showReader",
    summary = "One reader: subscriptions with preferences and consent record, suppression, deliveries, mails, and what came back",
    params(("id" = Uuid, Path, description = "The reader's id"), KnownTag),
    responses((status = 200, description = "The reader", body = ReaderDocument)),
    security(("token" = ["readers"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<SubscriberId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let (_, document) = seen(&web, id).await?;
    Ok(document.entity()?.unless(&known))
}

/// A subscription for an address that asked for it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AddressSubscription {
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false, format = Email)]
    email: Option<String>,
    /// The newsletter's slug
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    newsletter: Option<String>,
    /// How the reader asked for it, for the record of consent
    #[serde(deserialize_with = "text")]
    how_asked: Option<String>,
}

/// A subscription that a reader asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewSubscription {
    /// The newsletter's slug
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    newsletter: Option<String>,
    /// How the reader asked for it, for the record of consent
    #[serde(deserialize_with = "text")]
    how_asked: Option<String>,
}

/// The answer to a request for a confirmation mail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Asked {
    /// The reader; null: no mail was queued, because the mailbox has reached its limit of mails for the day
    #[schema(required)]
    reader: Option<SubscriberId>,
}

/// Queues a mail that asks the address to confirm.
async fn ask(
    web: &Web,
    operator: &Authenticated,
    address: &EmailAddress,
    newsletter: &str,
    how_asked: Option<String>,
) -> Result<(StatusCode, Json<Asked>), Failure> {
    let to = (address, newsletter);
    let how_asked = how_asked.unwrap_or_default();
    readers::subscribe(&web.app, &web.signups, &operator.actor(), to, &how_asked).await?;
    let subscriber = web
        .app
        .store
        .read()
        .await?
        .subscriber_by_address(&web.app.keys, address)
        .await?;
    let reader = subscriber.map(|subscriber| subscriber.id);
    Ok((StatusCode::ACCEPTED, Json(Asked { reader })))
}

#[utoipa::path(
    post, path = "/api/v1/readers", operation_id = "subscribeAddress",
    summary = "Asks an address by mail to confirm a subscription. Nothing else is mailed before its link is used",
    params(IdempotencyKey),
    request_body = AddressSubscription,
    responses(
        (status = 202, description = "The confirmation mail is queued", body = Asked),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["readers"])),
)]
pub(super) async fn subscribe_address(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Document { value, mut errors }: Document<AddressSubscription>,
) -> Result<(StatusCode, Json<Asked>), Failure> {
    let address = address(&mut errors, value.email);
    let newsletter = errors.require("newsletter", value.newsletter);
    if let Some(slug) = &newsletter {
        let mut tx = web.app.store.read().await?;
        find_newsletters(&mut tx, &mut errors, "newsletter", std::slice::from_ref(slug)).await?;
    }
    let (Some(address), Some(newsletter)) = (address, newsletter) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    ask(&web, &operator, &address, &newsletter, value.how_asked).await
}

#[utoipa::path(
    post, path = "/api/v1/readers/{id}/subscribe", operation_id = "subscribeReader",
    summary = "Mails a reader the confirmation of a subscription, also once more if the first mail was not used",
    params(("id" = Uuid, Path, description = "The reader's id"), IdempotencyKey),
    request_body = NewSubscription,
    responses(
        (status = 202, description = "The confirmation mail is queued", body = Asked),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["readers"])),
)]
pub(super) async fn subscribe(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<SubscriberId>,
    Document { value, mut errors }: Document<NewSubscription>,
) -> Result<(StatusCode, Json<Asked>), Failure> {
    let Some(newsletter) = errors.require("newsletter", value.newsletter) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let address = existing(&mut web.app.store.read().await?, id).await?.address;
    ask(&web, &operator, &address, &newsletter, value.how_asked).await
}

#[utoipa::path(
    post, path = "/api/v1/readers/{id}/export", operation_id = "exportReader",
    summary = "Everything on record about a reader, to hand it over. The audit log has who took it",
    params(("id" = Uuid, Path, description = "The reader's id")),
    responses((status = 200, description = "The record", body = Object)),
    security(("token" = ["readers"])),
)]
pub(super) async fn export(
    Bearer { operator, .. }: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<SubscriberId>,
) -> Result<Response, Failure> {
    let address = existing(&mut web.app.store.read().await?, id).await?.address;
    let document = readers::export(&web.app, &operator.actor(), &address).await?;
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind)], format!("{document:#}")).into_response())
}

#[utoipa::path(
    delete, path = "/api/v1/readers/{id}", operation_id = "eraseReader",
    summary = "Erases everything on record about a reader, except that the address is suppressed",
    params(("id" = Uuid, Path, description = "The reader's id"), SeenTag),
    responses((status = 204, description = "The reader is erased")),
    security(("token" = ["readers"])),
)]
pub(super) async fn erase(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<SubscriberId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let (subscriber, document) = seen(&web, id).await?;
    condition.require(&document.entity()?)?;
    readers::erase(&web.app, &operator.actor(), &subscriber.address).await?;
    Ok(StatusCode::NO_CONTENT)
}
