//! Feeds that are due are fetched, parsed and stored; one that fails is tried again later, and says why.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use url::Url;

use super::{Origin, Tally, store_in};
use crate::app::App;
use crate::domain::time::time_delta;
use crate::feeds::fetch::Fetched;
use crate::feeds::parse::{Entry, parse};
use crate::store::StoreError;
use crate::store::feeds::Feed;

/// The longest that a failing feed is left alone.
const LONGEST_BACKOFF: TimeDelta = TimeDelta::hours(24);

/// Fetches every feed that is due, a few at a time. Returns how many there were.
///
/// # Errors
/// When the database fails.
pub async fn fetch_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    // Long enough for a fetch at its slowest, so that no other node fetches the same feed meanwhile.
    let until = now + time_delta(app.config.feeds.timeout) * 2 + TimeDelta::minutes(1);
    let at_once = app.config.feeds.concurrency.max(1);
    if !app.store.read().await?.feeds_due(now).await? {
        return Ok(0);
    }
    let mut tx = app.store.write().await?;
    let due = tx
        .claim_feeds(app.node, now, until, i64::try_from(at_once).unwrap_or(8))
        .await?;
    tx.commit().await?;
    let count = due.len();
    futures_util::stream::iter(due)
        .for_each_concurrent(at_once, |feed| async move {
            let id = feed.id;
            match fetch(app, feed).await {
                Ok(Fetch::Read(tally)) => {
                    tracing::info!(feed.id = %id, new = tally.new, known = tally.known, "feed read");
                }
                Ok(Fetch::Unchanged) => tracing::debug!(feed.id = %id, "feed has not changed"),
                Ok(Fetch::Failed(reason)) => tracing::warn!(feed.id = %id, reason, "feed failed"),
                Err(error) => tracing::error!(feed.id = %id, %error, "a feed was read but not stored"),
            }
        })
        .await;
    Ok(count)
}

/// The longest address of a feed, in octets: an index must hold it.
pub const LONGEST_URL: usize = 2000;

/// What a fetch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// It was read.
    Read(Tally),
    /// The server says that it is as it was.
    Unchanged,
    /// It could not be read, for this reason. It is on record.
    Failed(String),
}

/// Fetches one feed, stores its entries and what the fetch taught about it.
///
/// # Errors
/// When the database fails.
pub async fn fetch(app: &App, mut feed: Feed) -> Result<Fetch, StoreError> {
    let url = match Url::parse(&feed.url) {
        Ok(url) => url,
        Err(e) => return failed(app, feed, format!("its address cannot be read: {e}"), None).await,
    };
    let fetched = app
        .fetcher
        .get(&url, feed.etag.as_deref(), feed.last_modified.as_deref())
        .await;
    let now = app.clock.now();
    match fetched {
        Err(error) => failed(app, feed, error.to_string(), error.retry_after()).await,
        Ok(Fetched::Gone) => {
            feed.gone = true;
            failed(app, feed, "the server says that it is gone for good (410)".into(), None).await
        }
        Ok(Fetched::NotModified) => {
            succeeded(app, &mut feed, now);
            let mut tx = app.store.write().await?;
            tx.record_fetch(&feed).await?;
            tx.commit().await?;
            Ok(Fetch::Unchanged)
        }
        Ok(Fetched::Document {
            bytes,
            etag,
            last_modified,
            final_url,
            moved_permanently_to,
            ..
        }) => {
            // Parsing is bounded but not instant, and must not hold the others up.
            let parsed = tokio::task::spawn_blocking(move || parse(&bytes, Some(&final_url))).await;
            let parsed = match parsed {
                Ok(Ok(parsed)) => parsed,
                Ok(Err(error)) => return failed(app, feed, error.to_string(), None).await,
                Err(_) => return failed(app, feed, "the parser gave up on it".into(), None).await,
            };
            let before = feed.clone();
            if !parsed.title.is_empty() {
                feed.title = parsed.title.replace('\0', "");
            }
            (feed.etag, feed.last_modified) = (etag, last_modified);
            succeeded(app, &mut feed, now);
            let moved = moved_permanently_to.filter(|moved| moved.as_str().len() <= LONGEST_URL);
            match store(app, &feed, &parsed.entries, moved.as_ref(), now).await {
                Err(error) if error.is_away() => Err(error),
                // What the database will never take must not be tried every minute, and is said in `feed list`.
                Err(StoreError::Refused(error)) => {
                    failed(app, before, format!("its entries could not be stored: {error}"), None).await
                }
                stored => stored.map(Fetch::Read),
            }
        }
    }
}

async fn store(
    app: &App,
    feed: &Feed,
    entries: &[Entry],
    moved: Option<&Url>,
    now: DateTime<Utc>,
) -> Result<Tally, StoreError> {
    let mut tx = app.store.write().await?;
    let origin = Origin {
        feed: Some(feed.id),
        scope: feed.id.to_string(),
        source_name: source_name(feed),
        newsletters: tx.newsletters_of_feed(feed.id).await?,
    };
    let tally = store_in(&mut tx, app, &origin, entries, now).await?;
    tx.record_fetch(feed).await?;
    if let Some(moved) = moved {
        tx.move_feed(feed.id, moved.as_str()).await?;
    }
    tx.commit().await?;
    Ok(tally)
}

/// What readers know the feed by: its title, else its host.
fn source_name(feed: &Feed) -> String {
    if feed.title.is_empty() {
        Url::parse(&feed.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    } else {
        feed.title.clone()
    }
}

fn succeeded(app: &App, feed: &mut Feed, now: DateTime<Utc>) {
    feed.last_fetched_at = Some(now);
    feed.next_fetch_at = now + spread(app, time_delta(app.config.feeds.interval));
    feed.last_error = None;
    feed.failing_since = None;
    feed.failures = 0;
}

async fn failed(app: &App, mut feed: Feed, reason: String, retry_after: Option<Duration>) -> Result<Fetch, StoreError> {
    let now = app.clock.now();
    feed.failures += 1;
    feed.last_fetched_at = Some(now);
    feed.failing_since = feed.failing_since.or(Some(now));
    feed.last_error = Some(reason.clone());
    let doublings = u32::try_from(feed.failures - 1).unwrap_or(0).min(10);
    let backoff = (time_delta(app.config.feeds.interval) * 2_i32.pow(doublings)).min(LONGEST_BACKOFF);
    let wait = spread(app, backoff.max(TimeDelta::minutes(1)));
    // Never before the server asked us back.
    let wait = retry_after.map_or(wait, |asked| {
        let asked = time_delta(asked).clamp(TimeDelta::minutes(1), TimeDelta::days(7));
        asked + (spread(app, asked) - asked).abs()
    });
    feed.next_fetch_at = now + wait;
    let mut tx = app.store.write().await?;
    tx.record_fetch(&feed).await?;
    tx.commit().await?;
    Ok(Fetch::Failed(reason))
}

/// The same time give or take a tenth, so that feeds added together are not fetched together for ever.
fn spread(app: &App, time: TimeDelta) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a tenth of a day in milliseconds fits")]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of days are far below 2^52")]
    let offset = (time.num_milliseconds() as f64 * 0.1 * (2.0 * app.chance.fraction() - 1.0)) as i64;
    time + TimeDelta::milliseconds(offset)
}
