//! One feed is fetched, parsed and stored; one that fails is tried again later, and says why.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::intake::{self, Intake};
use super::{Origin, Part, Tally, store_part};
use crate::app::App;
use crate::domain::time::time_delta;
use crate::feeds::fetch::{FetchError, Fetched};
use crate::feeds::parse::{Entry, parse_served};
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};
use crate::text::plain::counted;
use crate::text::plain::without_nul;

/// The longest that a failing feed is left alone.
const MAX_BACKOFF: TimeDelta = TimeDelta::hours(24);
/// How long a server is left alone that has had enough of us, if it does not say, and at most.
const OVERRUN: Duration = Duration::from_mins(1);
const MAX_THROTTLE: Duration = Duration::from_hours(1);
/// Entries that are stored in one transaction. SQLite has one writer, and sign-ups wait for it.
const ENTRIES_AT_ONCE: usize = 50;
/// After this many incomplete fetches in a row a feed counts as always incomplete.
const ALWAYS_INCOMPLETE: i64 = 3;
/// The longest address of a feed, in octets: an index must hold it.
pub const MAX_URL_BYTES: usize = 2000;

/// What a fetch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// It was read.
    Read(Tally),
    /// Only its beginning was read and stored, for this reason. It is recorded as a failure.
    Incomplete(Tally, String),
    /// It is as it was.
    Unchanged,
    /// It could not be read, for this reason. It is on record.
    Failed(String),
}

/// A fetch, or that it was given up.
pub(super) enum Reading {
    /// It came to this, and its server asks to be left alone for so long.
    Done(Fetch, Option<Duration>),
    /// There was no time for it.
    Stopped,
}

/// The server of an address, as leases name it: host and port, where `http` and `https` are one.
#[must_use]
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Fetches one feed, stores its entries and what the fetch taught about it.
///
/// # Errors
/// When the database fails.
pub async fn fetch(app: &App, feed: Feed) -> Result<Fetch, StoreError> {
    match read(app, feed, &CancellationToken::new()).await? {
        Reading::Done(fetch, _) => Ok(fetch),
        Reading::Stopped => Ok(Fetch::Unchanged),
    }
}

/// [`fetch`], unless `stop` comes before the server's answer.
pub(super) async fn read(app: &App, mut feed: Feed, stop: &CancellationToken) -> Result<Reading, StoreError> {
    let done = |fetch| Reading::Done(fetch, None);
    let url = match Url::parse(&feed.url) {
        Ok(url) => url,
        Err(e) => {
            return failed(app, feed, format!("its address cannot be read: {e}"), None)
                .await
                .map(done);
        }
    };
    let fetched = tokio::select! {
        fetched = app.fetcher.get(&url, feed.etag.as_deref(), feed.last_modified.as_deref()) => fetched,
        () = stop.cancelled() => return Ok(Reading::Stopped),
    };
    match fetched {
        Err(error) => {
            let overrun = overrun(&error);
            let failed = failed(app, feed, error.to_string(), error.retry_after()).await?;
            Ok(Reading::Done(failed, overrun))
        }
        Ok(Fetched::Gone) => {
            feed.gone = true;
            failed(app, feed, "the server says that it is gone for good (410)".into(), None)
                .await
                .map(done)
        }
        Ok(Fetched::NotModified) => unchanged(app, feed).await.map(done),
        Ok(Fetched::Document {
            bytes,
            incomplete,
            etag,
            last_modified,
            content_type,
            max_age,
            final_url,
            moved_permanently_to,
        }) => {
            let before = feed.clone();
            let moved = moved_permanently_to.filter(|moved| moved.as_str().len() <= MAX_URL_BYTES);
            // Many servers give no validator. The same bytes bring nothing new, and need not be parsed.
            let body_hash = Some(Sha256::digest(&bytes).to_vec());
            if incomplete.is_none() && moved.is_none() && feed.body_hash == body_hash {
                (feed.etag, feed.last_modified) = (etag, last_modified);
                return unchanged(app, feed).await.map(done);
            }
            // Parsing is bounded but not instant, and must not hold the others up.
            let parsed =
                tokio::task::spawn_blocking(move || parse_served(&bytes, Some(&final_url), content_type.as_deref()));
            let parsed = match parsed.await {
                Ok(Ok(parsed)) => parsed,
                Ok(Err(error)) => {
                    let reason = match incomplete {
                        Some(cut) => format!("{cut}; what came cannot be read: {error}"),
                        None => error.to_string(),
                    };
                    return failed(app, before, reason, None).await.map(done);
                }
                Err(_) => {
                    return failed(app, before, "the parser gave up on it".into(), None)
                        .await
                        .map(done);
                }
            };
            if !parsed.title.is_empty() {
                feed.title = without_nul(&parsed.title);
            }
            let missing = incomplete.or_else(|| {
                parsed
                    .ends_early
                    .then(|| "the document breaks off before its end".into())
            });
            let missing = missing.map(|why: String| {
                let whole = parsed.entries.len();
                format!("{why}; what came whole is kept: {}", counted(whole, "entry", "entries"))
            });
            // The next request must not be conditional on a version that was received only in part.
            (feed.etag, feed.last_modified, feed.body_hash) = match missing {
                None => (etag, last_modified, body_hash),
                Some(_) => (None, None, None),
            };
            let asked = parsed.ttl.max(max_age);
            match store(app, feed, parsed.entries, moved.as_ref(), asked, missing.as_deref()).await {
                Err(error) if error.is_unavailable() => Err(error),
                // What the database will never take must not be tried every minute, and is said in `feed list`.
                Err(StoreError::Refused(error)) => {
                    failed(app, before, format!("its entries could not be stored: {error}"), None)
                        .await
                        .map(done)
                }
                stored => stored.map(|tally| {
                    done(match missing {
                        None => Fetch::Read(tally),
                        Some(reason) => Fetch::Incomplete(tally, reason),
                    })
                }),
            }
        }
    }
}

/// Stores the entries and the result of the fetch; `missing` is why the document is incomplete, if it is.
async fn store(
    app: &App,
    mut feed: Feed,
    entries: Vec<Entry>,
    moved: Option<&Url>,
    asked: Option<Duration>,
    missing: Option<&str>,
) -> Result<Tally, StoreError> {
    let now = app.clock.now();
    // Comparing the entries of a large document takes time, so it must not block the async threads.
    let max_entries = app.config.feeds.max_entries;
    let intake = tokio::task::spawn_blocking(move || Intake::of(entries, max_entries, now)).await;
    let mut intake = intake.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()));
    let readers = app.store.read().await?.newsletters_of_feed(feed.id).await?;
    let first_time: Vec<_> = readers
        .iter()
        .filter(|(_, first_read)| first_read.is_none())
        .map(|(newsletter, _)| *newsletter)
        .collect();
    let origin = Origin {
        feed: Some(feed.id),
        scope: feed.id.to_string(),
        source_name: source_name(&feed),
        newsletters: readers.into_iter().map(|(newsletter, _)| newsletter).collect(),
        full_text: false,
    };
    intake.limit(app, &feed, &origin, &first_time, now).await?;
    let mut tally = Tally {
        left_out: intake.dropped,
        ..Tally::default()
    };
    let mut from = 0;
    loop {
        let to = intake.entries.len().min(from + ENTRIES_AT_ONCE);
        let over_limit = intake.over_limit.range(from..to);
        let part = Part {
            origin: &origin,
            entries: &intake.entries[from..to],
            document: &intake.document,
            first_time: &first_time,
            over_limit: &over_limit
                .map(|(place, reason)| (place - from, reason.as_str()))
                .collect(),
        };
        let mut tx = app.store.write().await?;
        tally += store_part(&mut tx, app, &part, now).await?;
        // Only this ends the reading: what was stored before a failure is known the next time.
        if to == intake.entries.len() {
            // The next complete document brings the rest of the back catalogue, which must not count as news. If a feed is always
            // incomplete, its later entries must count as news eventually.
            if missing.is_none() || feed.failures >= ALWAYS_INCOMPLETE {
                for newsletter in &first_time {
                    tx.record_first_read(*newsletter, feed.id, now).await?;
                }
            }
            if let Some(reason) = missing {
                // Such a feed still works: it is read as often as a feed with few entries.
                let longest = time_delta(app.config.feeds.longest_interval);
                note_failure(app, &mut feed, reason, longest, now);
                intake::note(&mut tx, app, &mut feed, intake.left_out(), now).await?;
                feed.last_read_at = Some(now);
                tx.record_fetch(&feed).await?;
                tx.commit().await?;
                return Ok(tally);
            }
            succeeded(app, &mut feed, tally.new > 0, asked, now);
            intake::note(&mut tx, app, &mut feed, intake.left_out(), now).await?;
            record(&mut tx, &mut feed, now).await?;
            if let Some(moved) = moved
                && !tx.move_feed(feed.id, moved.as_str(), &host_of(moved)).await?
            {
                tx.replace_feed(feed.id, moved.as_str()).await?;
            }
            tx.commit().await?;
            return Ok(tally);
        }
        tx.commit().await?;
        from = to;
    }
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

async fn unchanged(app: &App, mut feed: Feed) -> Result<Fetch, StoreError> {
    let now = app.clock.now();
    succeeded(app, &mut feed, false, None, now);
    let mut tx = app.store.write().await?;
    record(&mut tx, &mut feed, now).await?;
    tx.commit().await?;
    Ok(Fetch::Unchanged)
}

/// Records a reading that went well. A newsletter that began to read the feed meanwhile must see all that it holds.
async fn record(tx: &mut Tx, feed: &mut Feed, now: DateTime<Utc>) -> Result<(), StoreError> {
    let readers = tx.newsletters_of_feed(feed.id).await?;
    if readers.iter().any(|(_, first_read)| first_read.is_none()) {
        (feed.etag, feed.last_modified, feed.body_hash) = (None, None, None);
        feed.next_fetch_at = now;
    }
    tx.record_fetch(feed).await
}

fn succeeded(app: &App, feed: &mut Feed, brought_news: bool, asked: Option<Duration>, now: DateTime<Utc>) {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX).max(1);
    let shortest = seconds(app.config.feeds.interval);
    let longest = seconds(app.config.feeds.longest_interval).max(shortest);
    // Down fast and up slowly: what begins to bring news soon brings it in time.
    let adapted = if brought_news {
        feed.interval_seconds / 2
    } else {
        feed.interval_seconds.saturating_add(feed.interval_seconds / 4 + 1)
    };
    let asked = asked.map_or(0, seconds);
    feed.interval_seconds = adapted.max(asked).clamp(shortest, longest);
    feed.last_fetched_at = Some(now);
    feed.last_read_at = Some(now);
    feed.next_fetch_at = now + with_jitter(app, TimeDelta::seconds(feed.interval_seconds));
    feed.last_error = None;
    feed.failing_since = None;
    feed.notified_at = None;
    feed.failures = 0;
}

async fn failed(app: &App, mut feed: Feed, reason: String, retry_after: Option<Duration>) -> Result<Fetch, StoreError> {
    let now = app.clock.now();
    note_failure(app, &mut feed, &reason, MAX_BACKOFF, now);
    // Never before the server asked us back.
    if let Some(asked) = retry_after {
        let asked = time_delta(asked).clamp(TimeDelta::minutes(1), TimeDelta::days(7));
        feed.next_fetch_at = now + asked + (with_jitter(app, asked) - asked).abs();
    }
    let mut tx = app.store.write().await?;
    tx.record_fetch(&feed).await?;
    tx.commit().await?;
    Ok(Fetch::Failed(reason))
}

/// Records a failure and when to try again. The wait grows with each failure in a row, up to `longest`.
fn note_failure(app: &App, feed: &mut Feed, reason: &str, longest: TimeDelta, now: DateTime<Utc>) {
    feed.failures += 1;
    feed.last_fetched_at = Some(now);
    feed.failing_since = feed.failing_since.or(Some(now));
    feed.last_error = Some(reason.to_owned());
    let doublings = u32::try_from(feed.failures - 1).unwrap_or(0).min(10);
    let backoff = (time_delta(app.config.feeds.interval) * 2_i32.pow(doublings)).min(longest);
    feed.next_fetch_at = now + with_jitter(app, backoff.max(TimeDelta::minutes(1)));
}

/// How long the whole server is to be left alone: RFC 6585 (section 4) has 429 for too many requests, whichever they were.
fn overrun(error: &FetchError) -> Option<Duration> {
    error
        .is_too_many_requests()
        .then(|| error.retry_after().unwrap_or(OVERRUN).min(MAX_THROTTLE))
}

/// Lengthens or shortens a wait by up to a tenth, so that feeds added together are not always fetched together.
fn with_jitter(app: &App, time: TimeDelta) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a tenth of a day in milliseconds fits")]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of days are far below 2^52")]
    let offset = (time.num_milliseconds() as f64 * 0.1 * (2.0 * app.rng.fraction() - 1.0)) as i64;
    time + TimeDelta::milliseconds(offset)
}
