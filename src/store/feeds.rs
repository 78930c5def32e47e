//! Feeds that articles are read from.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{FeedId, NewsletterId};

row! {
    /// A feed as stored.
    #[derive(Clone, Debug)]
    pub struct Feed {
        /// Its id.
        pub id: FeedId,
        /// Where it is read.
        pub url: String,
        /// The server that serves it.
        pub host: String,
        /// What it calls itself.
        pub title: String,
        /// The validator of the last answer (RFC 9110, section 8.8.3).
        pub etag: Option<String>,
        /// The other validator (RFC 9110, section 8.8.2).
        pub last_modified: Option<String>,
        /// SHA-256 of the last document.
        pub body_hash: Option<Vec<u8>>,
        /// How long it is left alone when it works, in seconds.
        pub interval_seconds: i64,
        /// When it will be read next.
        pub next_fetch_at: DateTime<Utc>,
        /// When it was last requested.
        pub last_fetched_at: Option<DateTime<Utc>>,
        /// When an answer last had a document or said that it is unchanged; `None` if none ever did.
        pub last_read_at: Option<DateTime<Utc>>,
        /// Why the last reading failed.
        pub last_error: Option<String>,
        /// Since when it fails.
        pub failing_since: Option<DateTime<Utc>>,
        /// When the operators were told.
        pub notified_at: Option<DateTime<Utc>>,
        /// How often it failed in a row.
        pub failures: i64,
        /// It answered 410: it is not read any more.
        pub gone: bool,
        /// Whether the site shows its articles whole.
        pub full_text: bool,
        /// When a fetch last brought more new entries than the settings allow.
        pub overflow_at: Option<DateTime<Utc>>,
        /// How many entries that fetch left out.
        pub overflow_entries: i64,
        /// When the operators were mailed about that.
        pub overflow_notified_at: Option<DateTime<Utc>>,
    }
}

/// Columns of [`Feed`].
macro_rules! feeds_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, url, host, title, etag, last_modified, body_hash, interval_seconds, next_fetch_at, \
             last_fetched_at, last_read_at, last_error, failing_since, notified_at, failures, gone, full_text, overflow_at, \
             overflow_entries, overflow_notified_at FROM feeds WHERE ",
            $condition
        )
    };
}
pub(super) use feeds_where;

/// A feed to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewFeed<'a> {
    /// Its id, if it is new.
    pub id: FeedId,
    /// Where it is read.
    pub url: &'a str,
    /// The server that serves it.
    pub host: &'a str,
    /// What to call it until it is read.
    pub title: &'a str,
    /// How long it is left alone at first, in seconds.
    pub interval_seconds: i64,
}

impl Tx {
    /// The feed at this address, made if it is new. Returns it and whether it is new.
    pub async fn ensure_feed(&mut self, feed: &NewFeed<'_>, now: DateTime<Utc>) -> Result<(Feed, bool)> {
        let added = on!(
            self,
            execute,
            "INSERT INTO feeds (id, url, host, title, interval_seconds, next_fetch_at, failures, gone, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, FALSE, $6) ON CONFLICT (url) DO NOTHING",
            feed.id,
            feed.url,
            feed.host,
            feed.title,
            feed.interval_seconds,
            now
        )?;
        let stored = on!(self, one as Feed, feeds_where!("url = $1"), feed.url)?;
        Ok((stored, added == 1))
    }

    /// Lets a newsletter read a feed, which is due at once unless its server is in trouble or asked us to stay away.
    /// Returns false, and changes nothing, if it reads it already.
    pub async fn link_feed(&mut self, newsletter: NewsletterId, feed: FeedId, now: DateTime<Utc>) -> Result<bool> {
        let linked = on!(
            self,
            execute,
            "INSERT INTO newsletter_feeds (newsletter_id, feed_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            newsletter,
            feed
        )?;
        if linked == 0 {
            return Ok(false);
        }
        // The newsletter must see all that the feed holds now, even if the feed itself has not changed.
        on!(
            self,
            execute,
            "UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL, \
             next_fetch_at = CASE WHEN failures = 0 THEN $2 ELSE next_fetch_at END WHERE id = $1",
            feed,
            now
        )?;
        Ok(true)
    }

    /// Lets a newsletter read a feed no longer; false if it did not. What has arrived stays.
    pub async fn unlink_feed(&mut self, newsletter: NewsletterId, feed: FeedId) -> Result<bool> {
        let unlinked = on!(
            self,
            execute,
            "DELETE FROM newsletter_feeds WHERE newsletter_id = $1 AND feed_id = $2",
            newsletter,
            feed
        )?;
        Ok(unlinked == 1)
    }

    /// The feed at an address, if a newsletter reads it.
    pub(crate) async fn feed_of_newsletter(&mut self, newsletter: NewsletterId, url: &str) -> Result<Option<Feed>> {
        Ok(on!(
            self,
            optional as Feed,
            feeds_where!(
                "url = $1 AND EXISTS (SELECT 1 FROM newsletter_feeds nf \
                 WHERE nf.feed_id = feeds.id AND nf.newsletter_id = $2)"
            ),
            url,
            newsletter
        )?)
    }

    /// How many feeds a newsletter reads.
    pub async fn count_feeds_of(&mut self, newsletter: NewsletterId) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM newsletter_feeds WHERE newsletter_id = $1",
            newsletter
        )?;
        Ok(count)
    }

    /// Removes all feeds from a newsletter.
    pub async fn unlink_feeds(&mut self, newsletter: NewsletterId) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM newsletter_feeds WHERE newsletter_id = $1",
            newsletter
        )?;
        Ok(())
    }

    /// Makes a gone or failing feed due at once, and resets its count of failures. `last_error` stays until the next answer.
    /// Returns false if there is no such feed.
    pub async fn resume_feed(&mut self, feed: FeedId, now: DateTime<Utc>) -> Result<bool> {
        let resumed = on!(
            self,
            execute,
            "UPDATE feeds SET gone = FALSE, failures = 0, failing_since = NULL, notified_at = NULL, \
             etag = NULL, last_modified = NULL, body_hash = NULL, next_fetch_at = $2 WHERE id = $1",
            feed,
            now
        )?;
        Ok(resumed == 1)
    }

    /// Sets whether the site shows a feed's articles whole.
    pub(crate) async fn set_feed_full_text(&mut self, feed: FeedId, full_text: bool) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET full_text = $2 WHERE id = $1",
            feed,
            full_text
        )?;
        Ok(())
    }

    /// Every feed.
    pub async fn feeds(&mut self) -> Result<Vec<Feed>> {
        Ok(on!(self, all as Feed, feeds_where!("TRUE ORDER BY url"))?)
    }

    /// One feed.
    pub async fn feed(&mut self, id: FeedId) -> Result<Option<Feed>> {
        Ok(on!(self, optional as Feed, feeds_where!("id = $1"), id)?)
    }

    /// Stores what a reading of the feed taught.
    pub async fn record_fetch(&mut self, feed: &Feed) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET title = $2, etag = $3, last_modified = $4, next_fetch_at = $5, last_fetched_at = $6, \
             last_error = $7, failing_since = $8, failures = $9, gone = $10, body_hash = $11, interval_seconds = $12, \
             notified_at = $13, overflow_at = $14, overflow_entries = $15, overflow_notified_at = $16, last_read_at = $17 \
             WHERE id = $1",
            feed.id,
            &feed.title,
            &feed.etag,
            &feed.last_modified,
            feed.next_fetch_at,
            feed.last_fetched_at,
            &feed.last_error,
            feed.failing_since,
            feed.failures,
            feed.gone,
            &feed.body_hash,
            feed.interval_seconds,
            feed.notified_at,
            feed.overflow_at,
            feed.overflow_entries,
            feed.overflow_notified_at,
            feed.last_read_at
        )?;
        Ok(())
    }

    /// Changes a feed's address after a permanent redirect, unless that address is another feed's.
    pub async fn move_feed(&mut self, id: FeedId, url: &str, host: &str) -> Result<bool> {
        let moved = on!(
            self,
            execute,
            "UPDATE feeds SET url = $2, host = $3 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM feeds WHERE url = $2)",
            id,
            url,
            host
        )?;
        Ok(moved == 1)
    }

    /// The newsletters that read a feed, and when each was first given what it holds.
    pub async fn newsletters_of_feed(&mut self, feed: FeedId) -> Result<Vec<(NewsletterId, Option<DateTime<Utc>>)>> {
        Ok(on!(
            self,
            all as (NewsletterId, Option<DateTime<Utc>>),
            "SELECT newsletter_id, first_read_at FROM newsletter_feeds WHERE feed_id = $1 ORDER BY newsletter_id",
            feed
        )?)
    }

    /// Notes that a newsletter that reads a feed was given what it holds.
    pub async fn record_first_read(
        &mut self,
        newsletter: NewsletterId,
        feed: FeedId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletter_feeds SET first_read_at = $3 WHERE newsletter_id = $1 AND feed_id = $2 \
             AND first_read_at IS NULL",
            newsletter,
            feed,
            now
        )?;
        Ok(())
    }

    /// Lets the newsletters that read a feed read the one at `url` instead, which it has turned out to be.
    pub async fn replace_feed(&mut self, feed: FeedId, url: &str) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO newsletter_feeds (newsletter_id, feed_id, first_read_at) \
             SELECT nf.newsletter_id, f.id, nf.first_read_at FROM newsletter_feeds nf, feeds f \
             WHERE nf.feed_id = $1 AND f.url = $2 AND f.id <> $1 ON CONFLICT (newsletter_id, feed_id) DO NOTHING",
            feed,
            url
        )?;
        on!(
            self,
            execute,
            "DELETE FROM newsletter_feeds WHERE feed_id = $1 AND EXISTS (SELECT 1 FROM feeds WHERE url = $2 AND id <> $1)",
            feed,
            url
        )?;
        Ok(())
    }

    /// Which newsletters read which feeds: the feed, and the newsletter's slug.
    pub async fn newsletters_by_feed(&mut self) -> Result<Vec<(FeedId, String)>> {
        Ok(on!(
            self,
            all as (FeedId, String),
            "SELECT nf.feed_id, n.slug FROM newsletter_feeds nf JOIN newsletters n ON n.id = nf.newsletter_id \
             ORDER BY n.slug"
        )?)
    }

    /// Records that the operators were notified of feeds that have failed since before `since`, or are gone. Returns the feeds of
    /// which they had not been notified before.
    pub async fn mark_failing_feeds_notified(&mut self, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Feed>> {
        Ok(on!(
            self,
            all as Feed,
            "UPDATE feeds SET notified_at = $2 WHERE failing_since IS NOT NULL AND notified_at IS NULL \
             AND (gone OR failing_since <= $1) \
             AND EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = feeds.id) \
             RETURNING id, url, host, title, etag, last_modified, body_hash, interval_seconds, next_fetch_at, \
             last_fetched_at, last_read_at, last_error, failing_since, notified_at, failures, gone, full_text, overflow_at, \
             overflow_entries, overflow_notified_at",
            since,
            now
        )?)
    }
}
