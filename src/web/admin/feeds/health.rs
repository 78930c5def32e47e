//! The health of a feed in plain words, and what to do.

use super::super::console::Console;
use crate::domain::redact::without_secrets;
use crate::ingest::feed_trouble::FeedTrouble;
use crate::store::feeds::Feed;
use crate::web::pages::Stamp;

/// The health of a feed.
#[derive(Debug)]
pub(super) struct Health {
    /// Its title, or its address.
    pub(super) name: String,
    /// The address without a password.
    pub(super) url: String,
    pub(super) trouble: Option<Trouble>,
    /// When it was last read; `None` if never.
    pub(super) read: Option<Stamp>,
    /// When it is fetched next; `None` if it is gone.
    pub(super) next: Option<Stamp>,
}

/// Why a feed cannot be read.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) what: String,
    pub(super) advice: String,
    /// What the program recorded, in English.
    pub(super) detail: String,
    pub(super) since: Option<Stamp>,
}

impl Health {
    pub(super) fn of(console: &Console, feed: &Feed) -> Self {
        let url = without_secrets(&feed.url);
        Self {
            name: if feed.title.is_empty() {
                url.clone()
            } else {
                feed.title.clone()
            },
            url,
            trouble: FeedTrouble::of(feed).map(|kind| {
                let (what, advice) = texts(console, kind);
                Trouble {
                    what,
                    advice,
                    detail: feed.last_error.clone().unwrap_or_default(),
                    since: feed.failing_since.map(Stamp::utc),
                }
            }),
            read: feed.last_read_at.map(Stamp::utc),
            next: (!feed.gone).then(|| Stamp::utc(feed.next_fetch_at)),
        }
    }
}

/// What is wrong, and what to do.
fn texts(console: &Console, trouble: FeedTrouble) -> (String, String) {
    let words = &console.words;
    match trouble {
        FeedTrouble::Gone => (words.feed_gone(), words.feed_gone_advice()),
        FeedTrouble::Missing => (words.feed_missing(), words.feed_missing_advice()),
        FeedTrouble::Refused => (words.feed_refused(), words.feed_refused_advice()),
        FeedTrouble::Busy => (words.feed_busy(), words.feed_busy_advice()),
        FeedTrouble::Unreachable => (words.feed_unreachable(), words.feed_unreachable_advice()),
        FeedTrouble::NotAFeed => (words.feed_not_a_feed(), words.feed_not_a_feed_advice()),
        FeedTrouble::NotAllowed => (words.feed_not_allowed(), words.feed_not_allowed_advice()),
        FeedTrouble::Proxy => (words.feed_proxy(), words.feed_proxy_advice()),
        FeedTrouble::Other => (words.feed_failed(), words.feed_failed_advice()),
    }
}
