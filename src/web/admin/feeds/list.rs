//! The list of feeds.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use chrono::TimeDelta;

use super::super::console::Console;
use super::super::forms::field;
use super::health::Health;
use super::lookup::feed_path;
use crate::domain::ids::FeedId;
use crate::domain::role::Permission;
use crate::operators::SignedIn;
use crate::store::Tx;
use crate::store::feed_lists::{FeedSearch, rank_of};
use crate::store::feeds::Feed;
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;

/// How many feeds one page lists.
const PAGE: usize = 50;
/// The days whose articles are counted.
pub(super) const COUNTED_DAYS: i64 = 7;
/// The most characters of a search that are used.
const MAX_TEXT_CHARS: usize = 200;

#[derive(Debug, Template)]
#[template(path = "admin/feeds.html")]
struct FeedsPage {
    console: Console,
    text: String,
    newsletter: String,
    state: String,
    /// Slug and name of each newsletter.
    newsletters: Vec<(String, String)>,
    feeds: Vec<FeedLine>,
    is_filtered: bool,
    older: Option<String>,
    may_change: bool,
}

#[derive(Debug)]
struct FeedLine {
    path: String,
    health: Health,
    newsletters: String,
    /// How many articles arrived in the last days.
    articles: u64,
}

/// The slugs of the newsletters that read each feed.
pub(super) async fn readers(tx: &mut Tx) -> Result<BTreeMap<FeedId, Vec<String>>, WebError> {
    let mut readers: BTreeMap<FeedId, Vec<String>> = BTreeMap::new();
    for (feed, slug) in tx.newsletters_by_feed().await? {
        readers.entry(feed).or_default().push(slug);
    }
    Ok(readers)
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let [text, newsletter, state, after, rank] =
        ["q", "newsletter", "state", "after", "rank"].map(|name| field(query.as_bytes(), name));
    let text: String = text.trim().chars().take(MAX_TEXT_CHARS).collect();
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletters = tx.newsletters().await?;
    let search = FeedSearch {
        newsletter: newsletters
            .iter()
            .find(|known| known.slug == newsletter)
            .map(|known| known.id),
        state: state.parse().ok(),
        after: rank.parse().ok().map(|rank| (rank, after)),
        text: text.clone(),
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut feeds = tx.find_feeds(&search, limit).await?;
    let has_more = feeds.len() > PAGE;
    feeds.truncate(PAGE);
    let older = feeds.last().filter(|_| has_more).map(|last| {
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", text.as_str()),
            ("newsletter", &newsletter),
            ("state", &state),
            ("rank", &rank_of(last).to_string()),
            ("after", &last.url),
        ] {
            next.append_pair(name, value);
        }
        format!("/admin/feeds?{}", next.finish())
    });
    let mut readers = readers(&mut tx).await?;
    let since = web.app.clock.now() - TimeDelta::days(COUNTED_DAYS);
    let mut lines = Vec::new();
    for feed in &feeds {
        let arrived = tx.count_articles_of_feed(feed.id, since).await?;
        lines.push(line(
            &console,
            feed,
            &readers.remove(&feed.id).unwrap_or_default(),
            arrived.within_limits + arrived.over_limit,
        ));
    }
    drop(tx);
    render(&FeedsPage {
        is_filtered: [&text, &newsletter, &state].iter().any(|text| !text.is_empty()),
        text,
        newsletter,
        state,
        newsletters: newsletters.into_iter().map(|known| (known.slug, known.name)).collect(),
        feeds: lines,
        older,
        may_change: signed_in.may(Permission::ManageFeeds),
        console,
    })
}

fn line(console: &Console, feed: &Feed, readers: &[String], articles: usize) -> FeedLine {
    FeedLine {
        path: feed_path(feed.id),
        health: Health::of(console, feed),
        newsletters: readers.join(", "),
        articles: u64::try_from(articles).unwrap_or(u64::MAX),
    }
}
