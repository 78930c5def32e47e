//! Feeds: their address, the state of fetching them, and which newsletters read them.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row, select_over};
use crate::domain::ids::{FeedId, NewsletterId};
use crate::domain::states::TextFrom;

row! {
    /// A feed and the state of fetching it.
    #[derive(Clone, Debug)]
    pub struct Feed {
        /// The internal id, which sorts by the time of creation.
        pub id: FeedId,
        /// The address from which it is fetched.
        pub url: String,
        /// The host of the address, which is leased for a fetch (`feed_hosts.rs`).
        pub host: String,
        /// The title in the feed, or the one given when it was added.
        pub title: String,
        /// The entity tag of the last response ([RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)).
        pub etag: Option<String>,
        /// The `Last-Modified` of the last response ([RFC 9110 §8.8.2](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2)).
        pub last_modified: Option<String>,
        /// SHA-256 of the last document, for servers that send no validator.
        pub body_hash: Option<Vec<u8>>,
        /// The current fetch interval in seconds, which adapts to how often the feed has new entries.
        pub interval_seconds: i64,
        /// When it is due.
        pub next_fetch_at: DateTime<Utc>,
        /// The time of the last request.
        pub last_fetched_at: Option<DateTime<Utc>>,
        /// The time of the last response that had a document or reported it unchanged.
        pub last_read_at: Option<DateTime<Utc>>,
        /// Why the last fetch failed.
        pub last_error: Option<String>,
        /// The time of the first of the failed fetches in a row; `None` if the last fetch succeeded.
        pub failing_since: Option<DateTime<Utc>>,
        /// When the operators were notified of the failure.
        pub notified_at: Option<DateTime<Utc>>,
        /// The number of failed fetches in a row.
        pub failures: i64,
        /// Whether the server replied 410 Gone: the feed is no longer fetched.
        pub gone: bool,
        /// Whether the site shows the whole text of its articles.
        pub full_text: bool,
        /// Where the text of its articles comes from.
        pub text_from: TextFrom,
        /// Why the last page of an article was not used.
        pub page_error: Option<String>,
        /// The time of that page.
        pub page_error_at: Option<DateTime<Utc>>,
        /// The `User-Agent` of its requests; `None` for that of the settings.
        pub user_agent: Option<String>,
        /// The name of the login at its server.
        pub login_name: Option<String>,
        /// The names of the further header fields of its requests, separated by blanks.
        pub header_names: String,
        /// The password of the login and these fields, encrypted.
        pub(crate) request_secrets: Option<Vec<u8>>,
        /// The time of the last fetch with more new entries than `feeds.max_new_per_fetch` allows.
        pub overflow_at: Option<DateTime<Utc>>,
        /// The number of entries that this fetch left out.
        pub overflow_entries: i64,
        /// When the operators were notified of that fetch.
        pub overflow_notified_at: Option<DateTime<Utc>>,
    }
}

/// The columns of a [`Feed`].
macro_rules! feed_columns {
    () => {
        "id, url, host, title, etag, last_modified, body_hash, interval_seconds, next_fetch_at, last_fetched_at, \
         last_read_at, last_error, failing_since, notified_at, failures, gone, full_text, text_from, page_error, page_error_at, \
         user_agent, login_name, header_names, request_secrets, overflow_at, overflow_entries, overflow_notified_at"
    };
}

/// Selects [`Feed`]s by a condition.
macro_rules! feeds_where {
    ($condition:literal) => {
        concat!("SELECT ", feed_columns!(), " FROM feeds WHERE ", $condition)
    };
}
pub(super) use {feed_columns, feeds_where};

/// A feed to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewFeed<'a> {
    /// The id, if the feed is new.
    pub id: FeedId,
    pub(crate) url: &'a str,
    /// The host of the address.
    pub host: &'a str,
    /// The title until the first fetch.
    pub title: &'a str,
    /// The fetch interval at first, in seconds.
    pub interval_seconds: i64,
}

impl Tx {
    /// Adds a feed unless one with this address exists. Returns the stored feed, and whether it is new.
    pub(crate) async fn ensure_feed(&mut self, feed: &NewFeed<'_>, now: DateTime<Utc>) -> Result<(Feed, bool)> {
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

    /// Adds a feed to a newsletter. The feed is due at once, unless its last fetch failed or asked for a delay. Returns false, and changes
    /// nothing, if the newsletter reads it already.
    pub(crate) async fn link_feed(
        &mut self,
        newsletter: NewsletterId,
        feed: FeedId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
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
        // Without validators the next response is the whole document, even if it is unchanged: this newsletter has none of its entries.
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

    /// Removes a feed from a newsletter; returns false if it did not read it. Articles that have arrived stay.
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

    /// The feed with this address, if the newsletter reads it.
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

    /// The number of feeds of a newsletter.
    pub(crate) async fn count_feeds_of(&mut self, newsletter: NewsletterId) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM newsletter_feeds WHERE newsletter_id = $1",
            newsletter
        )?;
        Ok(count)
    }

    /// Removes all feeds from a newsletter.
    pub(crate) async fn unlink_feeds(&mut self, newsletter: NewsletterId) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM newsletter_feeds WHERE newsletter_id = $1",
            newsletter
        )?;
        Ok(())
    }

    /// Makes a gone or failing feed due at once, and resets its count of failures. `last_error` stays until the next response. Returns
    /// false if there is no such feed.
    pub(crate) async fn resume_feed(&mut self, feed: FeedId, now: DateTime<Utc>) -> Result<bool> {
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

    pub(crate) async fn lock_feed(&mut self, id: FeedId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET full_text = full_text WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Sets whether the site shows the whole text of a feed's articles.
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

    /// All feeds, sorted by address.
    pub async fn feeds(&mut self) -> Result<Vec<Feed>> {
        Ok(on!(self, all as Feed, feeds_where!("TRUE ORDER BY url"))?)
    }

    /// Feeds in the order in which they were added: the first ones, or those after this one.
    pub(crate) async fn feeds_after(&mut self, after: Option<FeedId>, limit: i64) -> Result<Vec<Feed>> {
        Ok(on!(
            self,
            all as Feed,
            // Ids sort by the time of creation.
            feeds_where!("$1 IS NULL OR id > $1 ORDER BY id LIMIT $2"),
            after,
            limit
        )?)
    }

    /// The slugs of the newsletters that read some feeds, sorted.
    pub(crate) async fn slugs_of_feeds(&mut self, feeds: &[FeedId]) -> Result<Vec<(FeedId, String)>> {
        let mut slugs = select_over!(
            self,
            "SELECT nf.feed_id, n.slug FROM newsletter_feeds nf JOIN newsletters n ON n.id = nf.newsletter_id WHERE nf.feed_id IN (",
            ")",
            (FeedId, String),
            feeds,
            |feed| *feed
        );
        slugs.sort();
        Ok(slugs)
    }

    /// How many feeds that newsletters read are gone, or have failed since a time.
    pub(crate) async fn count_failing_feeds(&mut self, since: DateTime<Utc>) -> Result<i64> {
        let (failing,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM feeds f WHERE (f.gone OR f.failing_since <= $1) \
             AND EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id)",
            since
        )?;
        Ok(failing)
    }

    /// The feed with this id.
    pub async fn feed(&mut self, id: FeedId) -> Result<Option<Feed>> {
        Ok(on!(self, optional as Feed, feeds_where!("id = $1"), id)?)
    }

    /// Stores the state of a feed after a fetch.
    pub(crate) async fn record_fetch(&mut self, feed: &Feed) -> Result<()> {
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

    /// The newsletters that read a feed, and when it was first read for each.
    pub async fn newsletters_of_feed(&mut self, feed: FeedId) -> Result<Vec<(NewsletterId, Option<DateTime<Utc>>)>> {
        Ok(on!(
            self,
            all as (NewsletterId, Option<DateTime<Utc>>),
            "SELECT newsletter_id, first_read_at FROM newsletter_feeds WHERE feed_id = $1 ORDER BY newsletter_id",
            feed
        )?)
    }

    /// Records that a feed was read for a newsletter, if this was the first time.
    pub(crate) async fn record_first_read(
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

    /// Each feed with the slug of each newsletter that reads it.
    pub async fn newsletters_by_feed(&mut self) -> Result<Vec<(FeedId, String)>> {
        Ok(on!(
            self,
            all as (FeedId, String),
            "SELECT nf.feed_id, n.slug FROM newsletter_feeds nf JOIN newsletters n ON n.id = nf.newsletter_id \
             ORDER BY n.slug"
        )?)
    }

    /// Marks feeds that are gone, or have failed since `since` or longer, as notified. Returns those that were not marked before: the
    /// operators must be notified of them.
    pub(crate) async fn mark_failing_feeds_notified(
        &mut self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Feed>> {
        Ok(on!(
            self,
            all as Feed,
            concat!(
                "UPDATE feeds SET notified_at = $2 WHERE failing_since IS NOT NULL AND notified_at IS NULL \
                 AND (gone OR failing_since <= $1) \
                 AND EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = feeds.id) RETURNING ",
                feed_columns!()
            ),
            since,
            now
        )?)
    }
}
