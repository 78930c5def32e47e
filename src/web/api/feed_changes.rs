//! Adds, changes and fetches feeds, as the console and `daywire feed` do.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::bearer::{Bearer, ManageFeeds};
use super::body::Document;
use super::entity::{Entity, IfMatch, SeenTag};
use super::failure::Failure;
use super::feeds::{FeedDocument, no_feed};
use super::idempotency::IdempotencyKey;
use super::input::{FieldErrors, boolean, text, texts, texts_schema};
use super::named::Named;
use crate::domain::article_input::FieldError;
use crate::domain::ids::{FeedId, NewsletterId};
use crate::domain::seen::Seen;
use crate::domain::states::TextFrom;
use crate::feeds::request_settings::{RequestChange, RequestSettings};
use crate::ingest::adding_feeds::{Discovery, discover};
use crate::ingest::feed_url::parse_feed_url;
use crate::ingest::managing_feeds::{self, AddedFeed, FeedChange, FeedVersion};
use crate::ingest::requesting_feeds::{self, RequestChangeError};
use crate::operators::Authenticated;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::text::html::FeedLink;
use crate::web::state::{Shared, Web};

/// A feed to add.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewFeed {
    /// The address of the feed, or of a page that links it. It is fetched first
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    url: Option<String>,
    /// The slug of the newsletter that reads it
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    newsletter: Option<String>,
    /// Whether the site shows its articles whole
    #[serde(deserialize_with = "boolean")]
    full_text: Option<bool>,
    /// `page`: if an entry has only a few lines, the text of its article is taken from the article's page. `feed`, the default: never
    text_from: Option<TextFrom>,
    /// Whether it is added although it cannot be read now
    #[serde(deserialize_with = "boolean")]
    anyway: Option<bool>,
    /// The `User-Agent` of its requests, of visible ASCII; empty: `feeds.user_agent`
    #[serde(deserialize_with = "unchanged_text")]
    #[schema(max_length = 300)]
    user_agent: Option<String>,
    /// The name of a login at its server (HTTP Basic), without colons and control characters. The login is sent to no other server
    #[serde(deserialize_with = "unchanged_text")]
    #[schema(max_length = 200)]
    login_name: Option<String>,
    /// The password of the login, without control characters. No answer shows it
    #[serde(deserialize_with = "unchanged_text")]
    #[schema(max_length = 200)]
    login_password: Option<String>,
    /// Further header fields, each as `Name: value` in visible ASCII. They are sent to no other server, and no answer shows a value
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    headers: Option<Vec<String>>,
}

/// What is changed of a feed. A field that is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FeedPatch {
    /// The slugs of the newsletters that read it, and no others
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    newsletters: Option<Vec<String>>,
    /// Whether the site shows its articles whole
    #[serde(deserialize_with = "boolean")]
    full_text: Option<bool>,
    /// `page`: if a new entry has only a few lines, the text of its article is taken from the article's page. `feed`: never
    text_from: Option<TextFrom>,
    /// The `User-Agent` of its requests, of visible ASCII; null or empty: `feeds.user_agent`
    #[serde(deserialize_with = "nullable_unchanged_text")]
    #[schema(value_type = Option<String>, max_length = 300)]
    #[expect(
        clippy::option_option,
        reason = "null removes the value, an absent field leaves it unchanged"
    )]
    user_agent: Option<Option<String>>,
    /// The name of the login at its server (HTTP Basic), without colons and control characters; null or empty: no login. The login is sent
    /// to no other server
    #[serde(deserialize_with = "nullable_unchanged_text")]
    #[schema(value_type = Option<String>, max_length = 200)]
    #[expect(
        clippy::option_option,
        reason = "null removes the value, an absent field leaves it unchanged"
    )]
    login_name: Option<Option<String>>,
    /// The password of the login, without control characters; null or empty: it stays. No answer shows it
    #[serde(deserialize_with = "unchanged_text")]
    #[schema(max_length = 200)]
    login_password: Option<String>,
    /// The further header fields, and no others, each as `Name: value` in visible ASCII; `Name:` keeps the value that is set. They are sent
    /// to no other server, and no answer shows a value
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    headers: Option<Vec<String>>,
}

/// Reads text as it is: control characters are refused later, not removed.
fn unchanged_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(D::Error::custom("must be text")),
    }
}

/// Reads text as it is, and keeps null apart from an absent field.
#[expect(
    clippy::option_option,
    reason = "null removes the value, an absent field leaves it unchanged"
)]
fn nullable_unchanged_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    unchanged_text(deserializer).map(Some)
}

fn secrets(lines: Vec<String>) -> Vec<SecretString> {
    lines.into_iter().map(SecretString::from).collect()
}

impl NewFeed {
    fn request(&mut self) -> RequestChange {
        RequestChange {
            user_agent: self.user_agent.take(),
            login_name: self.login_name.take(),
            login_password: self.login_password.take().map(SecretString::from),
            fields: self.headers.take().map(secrets),
        }
    }
}

impl FeedPatch {
    fn request(&mut self) -> RequestChange {
        RequestChange {
            user_agent: self.user_agent.take().map(Option::unwrap_or_default),
            login_name: self.login_name.take().map(Option::unwrap_or_default),
            login_password: self.login_password.take().map(SecretString::from),
            fields: self.headers.take().map(secrets),
        }
    }
}

async fn entity(web: &Web, id: FeedId) -> Result<Entity, Failure> {
    FeedDocument::read(&mut web.app.store.read().await?, id).await?.entity()
}

/// The feed, and the version that the sender of the request saw.
async fn seen(web: &Web, id: FeedId, condition: &IfMatch) -> Result<(Feed, Seen<FeedVersion>), Failure> {
    let mut tx = web.app.store.read_snapshot().await?;
    let feed = tx.feed(id).await?.ok_or_else(no_feed)?;
    let version = FeedVersion::read(&mut tx, id).await?.ok_or_else(no_feed)?;
    let seen = condition.seen(&FeedDocument::read(&mut tx, id).await?.entity()?, version)?;
    Ok((feed, seen))
}

async fn make(web: &Web, operator: &Authenticated, feed: &Feed, change: &FeedChange) -> Result<(), Failure> {
    if managing_feeds::change(&web.app, &operator.actor(), feed, change).await? {
        return Ok(());
    }
    Err(Failure::Changed)
}

/// The newsletters with these slugs. Unknown ones are errors of the field.
async fn newsletters(
    tx: &mut Tx,
    errors: &mut FieldErrors,
    field: &str,
    slugs: &[String],
) -> Result<Vec<NewsletterId>, Failure> {
    let known = tx.newsletters().await?;
    let mut found = Vec::new();
    for slug in slugs {
        match known.iter().find(|newsletter| newsletter.slug == *slug) {
            Some(newsletter) => found.push(newsletter.id),
            None => errors.add(field, format!("there is no newsletter {slug:?}")),
        }
    }
    Ok(found)
}

#[utoipa::path(
    post, path = "/api/v1/feeds", operation_id = "addFeed", summary = "Lets a newsletter read a feed",
    description = "The address is fetched first, so that a mistyped one is noticed at once. If it is a page that links one feed, that is added.",
    params(IdempotencyKey),
    request_body = NewFeed,
    responses(
        (status = 200, description = "The newsletter reads the feed already", body = FeedDocument),
        (
            status = 201, description = "The newsletter reads the feed now", body = FeedDocument,
            headers(("Location" = String, description = "The path of the feed in the API")),
        ),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn add(
    Bearer { operator, .. }: Bearer<ManageFeeds>,
    State(web): Shared,
    Document { mut value, mut errors }: Document<NewFeed>,
) -> Result<Response, Failure> {
    let request = value.request();
    let settings = RequestSettings::default()
        .changed(&request)
        .map_err(RequestChangeError::from);
    let settings = settings
        .map_err(|error| errors.add(error.field(), error.to_string()))
        .ok();
    let given = errors.require("url", value.url);
    let slug = errors.require("newsletter", value.newsletter);
    let given = given.and_then(|url| {
        let parsed = parse_feed_url(&url, web.app.fetcher.guard());
        parsed.map_err(|error| errors.add("url", error.to_string())).ok()
    });
    let mut tx = web.app.store.read().await?;
    let found = newsletters(&mut tx, &mut errors, "newsletter", slug.as_slice()).await?;
    let (Some(given), [newsletter], Some(settings), true) = (given, found.as_slice(), settings, errors.is_empty())
    else {
        return Err(errors.into_failure());
    };
    let newsletter = tx.newsletter(*newsletter).await?;
    let known = tx.feed_of_newsletter(newsletter.id, given.as_str()).await?;
    drop(tx);
    if let Some(known) = known {
        return Ok(entity(&web, known.id).await?.answer(StatusCode::OK));
    }
    let (url, title) = match discover(&web.app, &settings, &given).await {
        Discovery::Feed(url, title) => (url, title),
        Discovery::Page(link, others) if others.is_empty() => (link.url, link.title),
        Discovery::Page(link, others) => return Err(several(std::iter::once(link).chain(others))),
        Discovery::Nothing(_) | Discovery::Unreadable(_) if value.anyway == Some(true) => (given, String::new()),
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) => {
            let detail = format!("{reason}; with `anyway` it is added all the same");
            return Err(Failure::Invalid(vec![FieldError::new("url", detail)]));
        }
    };
    let added = AddedFeed {
        url: &url,
        title: &title,
        full_text: value.full_text == Some(true),
        text_from: value.text_from,
        request: Some(&settings).filter(|_| !request.is_empty()),
    };
    let (feed, is_new) = managing_feeds::add(&web.app, &operator.actor(), &newsletter, added).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = entity(&web, feed.id).await?.answer(status);
    if !is_new {
        return Ok(answer);
    }
    let location = [(header::LOCATION, format!("/api/v1/feeds/{}", feed.id))];
    Ok((location, answer).into_response())
}

fn several(links: impl Iterator<Item = FeedLink>) -> Failure {
    let addresses: Vec<_> = links.map(|link| String::from(link.url)).collect();
    let detail = format!(
        "the page links several feeds; send the address of one: {}",
        addresses.join(", ")
    );
    Failure::Invalid(vec![FieldError::new("url", detail)])
}

#[utoipa::path(
    patch, path = "/api/v1/feeds/{id}", operation_id = "changeFeed",
    summary = "Changes which newsletters read a feed, how it is requested, and how the site shows its articles",
    params(("id" = Uuid, Path, description = "The feed's id"), SeenTag),
    request_body(content((FeedPatch = "application/json"), (FeedPatch = "application/merge-patch+json"))),
    responses((
        status = 200, description = "The feed with the change", body = FeedDocument,
        headers(("ETag" = String, description = "The tag of the changed feed")),
    )),
    security(("token" = ["write"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<ManageFeeds>,
    State(web): Shared,
    Named(id): Named<FeedId>,
    condition: IfMatch,
    Document { mut value, mut errors }: Document<FeedPatch>,
) -> Result<Response, Failure> {
    let (feed, seen) = seen(&web, id, &condition).await?;
    let request = requesting_feeds::changed(&web.app, &feed, &value.request());
    let request = request.map_err(|error| errors.add(error.field(), error.to_string()));
    let wanted = match &value.newsletters {
        Some(slugs) => {
            let mut tx = web.app.store.read().await?;
            Some(newsletters(&mut tx, &mut errors, "newsletters", slugs).await?)
        }
        None => None,
    };
    errors.finish()?;
    let change = FeedChange {
        newsletters: wanted,
        full_text: value.full_text,
        text_from: value.text_from,
        request: request.ok().flatten(),
        seen,
    };
    make(&web, &operator, &feed, &change).await?;
    Ok(entity(&web, id).await?.answer(StatusCode::OK))
}

#[utoipa::path(
    delete, path = "/api/v1/feeds/{id}", operation_id = "removeFeed",
    summary = "Stops all newsletters from reading a feed; its articles stay",
    params(("id" = Uuid, Path, description = "The feed's id"), SeenTag),
    responses((status = 204, description = "No newsletter reads it, so it is not fetched")),
    security(("token" = ["write"])),
)]
pub(super) async fn remove(
    Bearer { operator, .. }: Bearer<ManageFeeds>,
    State(web): Shared,
    Named(id): Named<FeedId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let (feed, seen) = seen(&web, id, &condition).await?;
    let change = FeedChange {
        newsletters: Some(Vec::new()),
        seen,
        ..FeedChange::default()
    };
    make(&web, &operator, &feed, &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/feeds/{id}/fetch", operation_id = "fetchFeed",
    summary = "Makes a feed due now, also one that fails or was gone",
    params(("id" = Uuid, Path, description = "The feed's id")),
    responses((status = 202, description = "The service fetches it within a moment")),
    security(("token" = ["write"])),
)]
pub(super) async fn fetch(
    Bearer { operator, .. }: Bearer<ManageFeeds>,
    State(web): Shared,
    Named(id): Named<FeedId>,
) -> Result<StatusCode, Failure> {
    let feed = web.app.store.read().await?.feed(id).await?.ok_or_else(no_feed)?;
    managing_feeds::resume(&web.app, &operator.actor(), &feed).await?;
    Ok(StatusCode::ACCEPTED)
}
