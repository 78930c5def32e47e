//! Notifies the operators of each feed that has failed for days or is gone for good, once.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::time::time_delta;
use crate::notices::{NoticeError, notify};
use crate::store::feeds::Feed;

/// Feeds that one notice names.
const MAX_NAMED: usize = 50;

/// Tells the operators of feeds that they have not been told of. Returns how many there were.
///
/// # Errors
/// [`NoticeError`]; nothing is noted then.
pub async fn tell(app: &App) -> Result<usize, NoticeError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let since = now - time_delta(app.config.feeds.notice_after);
    let mut feeds = tx.mark_failing_feeds_notified(since, now).await?;
    if feeds.is_empty() {
        return Ok(0);
    }
    feeds.sort_by(|one, other| (one.failing_since, &one.url).cmp(&(other.failing_since, &other.url)));
    let subject = match feeds.as_slice() {
        [feed] if feed.gone => format!("A feed is gone: {}", name(feed)),
        [feed] => format!("A feed cannot be read: {}", name(feed)),
        feeds => format!("{} feeds cannot be read", feeds.len()),
    };
    notify(&mut tx, app, &subject, &text(&feeds, now)).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(feeds.len())
}

fn name(feed: &Feed) -> &str {
    if feed.title.is_empty() { &feed.url } else { &feed.title }
}

fn text(feeds: &[Feed], now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for feed in feeds.iter().take(MAX_NAMED) {
        let since = feed.failing_since.unwrap_or(now).format("%Y-%m-%d %H:%M UTC");
        let reason = feed.last_error.as_deref().unwrap_or("unknown");
        let next = if feed.gone {
            "It is not asked again."
        } else {
            "It is still tried, at most once a day."
        };
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{}\n{}\nSince {since}: {reason}\n{next}\nid {}\n\n",
            name(feed),
            feed.url,
            feed.id
        );
    }
    if feeds.len() > MAX_NAMED {
        let _ = write!(
            text,
            "And {} more; `daywire feed list` shows all.\n\n",
            feeds.len() - MAX_NAMED
        );
    }
    text.push_str(
        "`daywire feed remove ID --newsletter SLUG` ends it, `daywire feed resume ID` tries it again at once, and \
         `daywire feed add URL --newsletter SLUG` takes its new address.",
    );
    text
}
