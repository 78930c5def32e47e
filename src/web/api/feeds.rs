//! `/api/v1/feeds`: the feeds that newsletters read, and whether they can be read.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::bearer::{Bearer, ReadReports};
use super::entity::{Entity, IfNoneMatch, KnownTag};
use super::failure::Failure;
use super::input::Query;
use super::named::Named;
use super::paging::{Page, PageQuery};
use crate::domain::ids::FeedId;
use crate::domain::states::TextFrom;
use crate::ingest::requesting_feeds::header_lines;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::web::state::Shared;

/// A feed, and whether it can be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feed)]
pub(super) struct FeedDocument {
    #[serde(flatten)]
    control: FeedControl,
    /// Why the last fetch failed; null: it did not
    #[schema(required)]
    last_error: Option<String>,
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    #[schema(required)]
    last_fetched: Option<DateTime<Utc>>,
    /// When its document was last read
    #[schema(required)]
    last_read: Option<DateTime<Utc>>,
    next_fetch: DateTime<Utc>,
    /// How many new entries of the last limited fetch were left out
    entries_left_out: i64,
    /// The last article whose page was not used, and why; null: all pages were used that were asked for after the last fetch
    #[schema(required)]
    page_error: Option<String>,
    #[schema(required)]
    page_failed: Option<DateTime<Utc>>,
}

/// What operators decide about a feed. Its tag is that of the feed, because the rest changes with each fetch.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FeedControl {
    id: FeedId,
    url: String,
    title: String,
    /// The slugs of the newsletters that read it
    newsletters: Vec<String>,
    /// Whether the site shows its articles whole
    full_text: bool,
    /// `page`: if an entry has only a few lines, the text of its article is taken from the article's page
    text_from: TextFrom,
    /// The `User-Agent` of its requests; null: `feeds.user_agent`
    #[schema(required)]
    user_agent: Option<String>,
    /// The name of the login at its server, of which a password is set; null: it has no login
    #[schema(required)]
    login_name: Option<String>,
    /// The further header fields of its requests, such as `X-Api-Key:`, without their values
    headers: Vec<String>,
    /// Whether its server replied 410 Gone, so that it is not fetched any more
    gone: bool,
}

impl FeedDocument {
    fn new(feed: Feed, newsletters: Vec<String>) -> Self {
        Self {
            control: FeedControl {
                id: feed.id,
                headers: header_lines(&feed),
                url: feed.url,
                title: feed.title,
                newsletters,
                full_text: feed.full_text,
                text_from: feed.text_from,
                user_agent: feed.user_agent,
                login_name: feed.login_name,
                gone: feed.gone,
            },
            last_error: feed.last_error,
            failing_since: feed.failing_since,
            last_fetched: feed.last_fetched_at,
            last_read: feed.last_read_at,
            next_fetch: feed.next_fetch_at,
            entries_left_out: feed.overflow_entries,
            page_error: feed.page_error,
            page_failed: feed.page_error_at,
        }
    }

    /// The document of one feed, which exists.
    pub(super) async fn read(tx: &mut Tx, id: FeedId) -> Result<Self, Failure> {
        let feed = tx.feed(id).await?.ok_or_else(no_feed)?;
        let slugs = tx.slugs_of_feeds(&[id]).await?;
        Ok(Self::new(feed, slugs.into_iter().map(|(_, slug)| slug).collect()))
    }

    pub(super) fn entity(&self) -> Result<Entity, Failure> {
        Entity::with_tag_of(self, &self.control)
    }
}

pub(super) fn no_feed() -> Failure {
    Failure::NotFound("There is no such feed; GET /api/v1/feeds lists them.".to_owned())
}

#[utoipa::path(
    get, path = "/api/v1/feeds", operation_id = "listFeeds", summary = "The feeds, those that were added last at the end",
    params(PageQuery::<FeedId>),
    responses((status = 200, description = "A page of feeds", body = Page<FeedDocument>)),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<PageQuery<FeedId>>,
) -> Result<Json<Page<FeedDocument>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    let mut tx = web.app.store.read().await?;
    let feeds = tx.feeds_after(after, limit + 1).await?;
    let ids: Vec<FeedId> = feeds.iter().map(|feed| feed.id).collect();
    let mut slugs: BTreeMap<FeedId, Vec<String>> = BTreeMap::new();
    for (feed, slug) in tx.slugs_of_feeds(&ids).await? {
        slugs.entry(feed).or_default().push(slug);
    }
    let document = |feed: Feed| {
        let newsletters = slugs.get(&feed.id).cloned().unwrap_or_default();
        FeedDocument::new(feed, newsletters)
    };
    Ok(Json(Page::new(feeds, limit, |feed| feed.id.to_string(), document)))
}

#[utoipa::path(
    get, path = "/api/v1/feeds/{id}", operation_id = "showFeed", summary = "One feed, and whether it can be read",
    params(("id" = Uuid, Path, description = "The feed's id"), KnownTag),
    responses((status = 200, description = "The feed", body = FeedDocument)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<FeedId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let feed = FeedDocument::read(&mut web.app.store.read().await?, id).await?;
    Ok(feed.entity()?.unless(&known))
}
