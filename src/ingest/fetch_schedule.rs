//! Records the result of a fetch in the feed's row, and when to fetch it next.
//!
//! A feed with new entries is fetched more often, and one without less often. After failures the wait doubles. Every wait has a
//! random jitter, so that feeds that were added together are not always fetched together.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::time::time_delta;
use crate::feeds::fetch::FetchError;
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};

/// The longest wait after failures.
const MAX_BACKOFF: TimeDelta = TimeDelta::hours(24);
/// The longest wait that a server can ask for after a failure.
const MAX_RETRY_AFTER: TimeDelta = TimeDelta::days(7);
/// The shortest wait after a failure.
const MIN_RETRY_DELAY: TimeDelta = TimeDelta::minutes(1);
/// How long no feed of a server is fetched after 429 Too Many Requests without `Retry-After`.
const DEFAULT_THROTTLE: Duration = Duration::from_mins(1);
/// The longest that all feeds of a server wait because of one 429.
const MAX_THROTTLE: Duration = Duration::from_hours(1);
/// The wait no longer doubles after this many failures.
const MAX_DOUBLINGS: i64 = 10;

/// Sets the fields of a feed that was read. `asked` is the shortest interval that the server or the document asks for.
pub(super) fn note_success(app: &App, feed: &mut Feed, has_news: bool, asked: Option<Duration>, now: DateTime<Utc>) {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX).max(1);
    let shortest = seconds(app.config.feeds.interval);
    let longest = seconds(app.config.feeds.longest_interval).max(shortest);
    // The interval shrinks fast and grows slowly: a feed that becomes active should soon bring its news in time.
    let adapted = if has_news {
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

/// Sets the fields of a feed that failed. The wait doubles with each failure in a row, up to `longest`.
pub(super) fn note_failure(app: &App, feed: &mut Feed, reason: &str, longest: TimeDelta, now: DateTime<Utc>) {
    let factor = 1_i32 << feed.failures.clamp(0, MAX_DOUBLINGS);
    feed.failures += 1;
    feed.last_fetched_at = Some(now);
    feed.failing_since = feed.failing_since.or(Some(now));
    feed.last_error = Some(reason.to_owned());
    let backoff = (time_delta(app.config.feeds.interval) * factor).min(longest);
    feed.next_fetch_at = now + with_jitter(app, backoff.max(MIN_RETRY_DELAY));
}

/// Stores a failed fetch. `retry_after` is how long the server asks us to wait.
pub(super) async fn record_failure(
    app: &App,
    mut feed: Feed,
    reason: &str,
    retry_after: Option<Duration>,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    note_failure(app, &mut feed, reason, MAX_BACKOFF, now);
    if let Some(asked) = retry_after {
        let asked = time_delta(asked).clamp(MIN_RETRY_DELAY, MAX_RETRY_AFTER);
        // The jitter only lengthens this wait: a request before that time may be refused again.
        feed.next_fetch_at = now + asked + (with_jitter(app, asked) - asked).abs();
    }
    let mut tx = app.store.write().await?;
    tx.record_fetch(&feed).await?;
    tx.commit().await
}

/// Stores a successful fetch. If a newsletter began to read the feed during the fetch, the feed is fetched again at once and whole,
/// because that newsletter must get its entries.
pub(super) async fn record_success(tx: &mut Tx, feed: &mut Feed, now: DateTime<Utc>) -> Result<(), StoreError> {
    let readers = tx.newsletters_of_feed(feed.id).await?;
    if readers.iter().any(|(_, first_read)| first_read.is_none()) {
        (feed.etag, feed.last_modified, feed.body_hash) = (None, None, None);
        feed.next_fetch_at = now;
    }
    tx.record_fetch(feed).await
}

/// How long to ask the whole server for no feed. A 429 counts all requests of a client
/// ([RFC 6585 §4](https://www.rfc-editor.org/rfc/rfc6585#section-4)).
pub(super) fn server_throttle(error: &FetchError) -> Option<Duration> {
    error
        .is_too_many_requests()
        .then(|| error.retry_after().unwrap_or(DEFAULT_THROTTLE).min(MAX_THROTTLE))
}

/// Lengthens or shortens a wait at random, by up to a tenth.
fn with_jitter(app: &App, wait: TimeDelta) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a tenth of a day in milliseconds fits")]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of days are far below 2^52")]
    let offset = (wait.num_milliseconds() as f64 * 0.1 * (2.0 * app.rng.fraction() - 1.0)) as i64;
    wait + TimeDelta::milliseconds(offset)
}
