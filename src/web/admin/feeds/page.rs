//! The page of one feed, with the form that says how it is requested.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::TimeDelta;

use super::super::articles::{ArticleLine, lines};
use super::super::console::{Console, Notice, done};
use super::super::field_texts::Problem;
use super::health::Health;
use super::list::COUNTED_DAYS;
use super::lookup::{feed_path, find};
use super::request_form::{self, RequestForm};
use crate::domain::ids::FeedId;
use crate::domain::role::Permission;
use crate::domain::states::TextFrom;
use crate::ingest::managing_feeds::{self, FeedChange};
use crate::ingest::requesting_feeds;
use crate::operators::SignedIn;
use crate::store::Tx;
use crate::store::article_search::ArticleSearch;
use crate::store::feeds::Feed;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};

/// How many of its latest articles are shown.
const ARTICLES: i64 = 10;

#[derive(Debug, Template)]
#[template(path = "admin/feed.html")]
struct FeedPage {
    console: Console,
    id: FeedId,
    path: String,
    health: Health,
    full_text: bool,
    is_text_from_page: bool,
    /// When a page was last not used, the article, and why.
    page_failure: Option<(Stamp, String)>,
    /// Minutes between two fetches.
    interval: u64,
    fetched: Option<Stamp>,
    /// How many articles arrived in the last days.
    arrived: u64,
    /// When its last large fetch left entries out, and how many.
    overflow: Option<(Stamp, u64)>,
    /// Slug and name of the newsletters that read it, and the time of the first fetch for each.
    readers: Vec<(String, String, Option<Stamp>)>,
    /// The newsletters that could read it.
    others: Vec<(String, String)>,
    articles: Vec<ArticleLine>,
    may_change: bool,
    request: RequestForm,
    problem: Option<Problem>,
}

impl FeedPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let feed = find(&mut tx, &id).await?;
    render(&read(&web, &mut tx, console, &signed_in, feed).await?)
}

/// POST `/admin/feeds/{id}/request`: changes how the feed is requested.
pub(super) async fn set_request(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let feed = find(&mut tx, &id).await?;
    match requesting_feeds::changed(&web.app, &feed, &request_form::change(&body)) {
        Ok(request) => {
            drop(tx);
            let change = FeedChange {
                request,
                ..FeedChange::default()
            };
            managing_feeds::change(&web.app, &signed_in.actor(), &feed, &change).await?;
            Ok(done(&feed_path(feed.id), Notice::FeedChanged).into_response())
        }
        Err(error) => {
            let mut page = read(&web, &mut tx, console, &signed_in, feed).await?;
            page.request = page.request.typed(&body);
            page.problem = Some(request_form::problem(&page.console.words, &error));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
    }
}

async fn read(
    web: &Web,
    tx: &mut Tx,
    console: Console,
    signed_in: &SignedIn,
    feed: Feed,
) -> Result<FeedPage, WebError> {
    let first_read: HashMap<_, _> = tx.newsletters_of_feed(feed.id).await?.into_iter().collect();
    let (readers, others): (Vec<_>, Vec<_>) = tx
        .newsletters()
        .await?
        .into_iter()
        .partition(|newsletter| first_read.contains_key(&newsletter.id));
    let since = web.app.clock.now() - TimeDelta::days(COUNTED_DAYS);
    let arrived = tx.count_articles_of_feed(feed.id, since).await?;
    let search = ArticleSearch {
        feed: Some(feed.id),
        ..ArticleSearch::default()
    };
    let articles = tx.find_articles(&search, ARTICLES).await?;
    let slugs = tx.newsletter_slugs().await?.into_iter().collect();
    let articles = lines(tx, &console, articles, &slugs).await?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(FeedPage {
        id: feed.id,
        request: RequestForm::of(&feed),
        problem: None,
        path: feed_path(feed.id),
        health: Health::of(&console, &feed),
        full_text: feed.full_text,
        is_text_from_page: feed.text_from == TextFrom::Page,
        page_failure: feed.page_error_at.map(Stamp::utc).zip(feed.page_error),
        interval: feed.interval_seconds.unsigned_abs().div_ceil(60),
        fetched: feed.last_fetched_at.map(Stamp::utc),
        arrived: count(arrived.within_limits + arrived.over_limit),
        overflow: feed
            .overflow_at
            .map(|at| (Stamp::utc(at), feed.overflow_entries.unsigned_abs())),
        readers: readers
            .into_iter()
            .map(|newsletter| {
                let first = first_read.get(&newsletter.id).copied().flatten();
                (newsletter.slug, newsletter.name, first.map(Stamp::utc))
            })
            .collect(),
        others: others
            .into_iter()
            .map(|newsletter| (newsletter.slug, newsletter.name))
            .collect(),
        articles,
        may_change: signed_in.may(Permission::ManageFeeds),
        console,
    })
}
