//! Mails the operators once about each feed that has failed for `feeds.notice_after` or is gone for good.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::time::time_delta;
use crate::notices::{NoticeError, notify};
use crate::store::feeds::Feed;

/// One notice names at most this many feeds.
const MAX_NAMED_FEEDS: usize = 50;

/// Sends one notice about all failing feeds of which the operators were not notified yet. Returns how many feeds there were.
///
/// # Errors
/// [`NoticeError`]; then the feeds stay unnoticed, and the next call tries again.
pub async fn notify_operators(app: &App) -> Result<usize, NoticeError> {
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
    notify(&mut tx, app, &subject, &text(app, &feeds, now)).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(feeds.len())
}

fn name(feed: &Feed) -> &str {
    if feed.title.is_empty() { &feed.url } else { &feed.title }
}

fn text(app: &App, feeds: &[Feed], now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for feed in feeds.iter().take(MAX_NAMED_FEEDS) {
        let since = feed.failing_since.unwrap_or(now).format("%Y-%m-%d %H:%M UTC");
        let reason = feed.last_error.as_deref().unwrap_or("unknown");
        let next = if feed.gone {
            "It is not fetched again."
        } else {
            "It is still tried, at most once a day."
        };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{}\n{}\nSince {since}: {reason}\n{next}\nid {}\n\n",
            name(feed),
            feed.url,
            feed.id
        );
    }
    if feeds.len() > MAX_NAMED_FEEDS {
        let _ = write!(
            text,
            "And {} more; `daywire feed list` shows all.\n\n",
            feeds.len() - MAX_NAMED_FEEDS
        );
    }
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "The console says what to do about each:\n{}\n\nBy command, `daywire feed remove ID --newsletter SLUG` ends it, `daywire feed \
         resume ID` tries it again at once, and `daywire feed add URL --newsletter SLUG` takes its new address.",
        app.link("/admin/feeds")
    );
    text
}
