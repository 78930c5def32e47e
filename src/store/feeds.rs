//! Feeds that articles are read from.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{FeedId, NewsletterId, NodeId};

row! {
    /// A feed as stored.
    #[derive(Clone, Debug)]
    pub struct Feed {
        /// Its id.
        pub id: FeedId,
        /// Where it is read.
        pub url: String,
        /// What it calls itself.
        pub title: String,
        /// The validator of the last answer (RFC 9110, section 8.8.3).
        pub etag: Option<String>,
        /// The other validator (RFC 9110, section 8.8.2).
        pub last_modified: Option<String>,
        /// When it will be read next.
        pub next_fetch_at: DateTime<Utc>,
        /// When it was last read.
        pub last_fetched_at: Option<DateTime<Utc>>,
        /// Why the last reading failed.
        pub last_error: Option<String>,
        /// Since when it fails.
        pub failing_since: Option<DateTime<Utc>>,
        /// How often it failed in a row.
        pub failures: i64,
        /// It answered 410: it is not read any more.
        pub gone: bool,
    }
}

/// Columns of [`Feed`].
macro_rules! feeds_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, url, title, etag, last_modified, next_fetch_at, last_fetched_at, last_error, failing_since, \
             failures, gone FROM feeds WHERE ",
            $condition
        )
    };
}

impl Tx {
    /// The feed at this address, made if it is new. Returns it and whether it is new.
    pub async fn ensure_feed(&mut self, id: FeedId, url: &str, now: DateTime<Utc>) -> Result<(Feed, bool)> {
        let added = on!(
            self,
            execute,
            "INSERT INTO feeds (id, url, title, next_fetch_at, failures, gone, created_at) \
             VALUES ($1, $2, '', $3, 0, FALSE, $3) ON CONFLICT (url) DO NOTHING",
            id,
            url,
            now
        )?;
        let feed = on!(self, one as Feed, feeds_where!("url = $1"), url)?;
        Ok((feed, added == 1))
    }

    /// Lets a newsletter read a feed, which is due at once unless its server is in trouble or asked us to stay away.
    pub async fn link_feed(&mut self, newsletter: NewsletterId, feed: FeedId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO newsletter_feeds (newsletter_id, feed_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            newsletter,
            feed
        )?;
        // The newsletter must see all that the feed holds now, even if the feed itself has not changed.
        on!(
            self,
            execute,
            "UPDATE feeds SET etag = NULL, last_modified = NULL, \
             next_fetch_at = CASE WHEN failures = 0 THEN $2 ELSE next_fetch_at END WHERE id = $1",
            feed,
            now
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

    /// Whether a feed is due: a look that takes no lock.
    pub async fn feeds_due(&mut self, now: DateTime<Utc>) -> Result<bool> {
        let (due,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM feeds WHERE NOT gone AND next_fetch_at <= $1 \
             AND (lease_until IS NULL OR lease_until < $1))",
            now
        )?;
        Ok(due)
    }

    /// Takes a lease on feeds that are due.
    pub async fn claim_feeds(
        &mut self,
        node: NodeId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Feed>> {
        Ok(on!(
            self,
            all as Feed,
            "UPDATE feeds SET lease_owner = $1, lease_until = $3 WHERE id IN (SELECT id FROM feeds \
             WHERE NOT gone AND next_fetch_at <= $2 AND (lease_until IS NULL OR lease_until < $2) \
             ORDER BY next_fetch_at LIMIT $4) AND NOT gone AND next_fetch_at <= $2 \
             AND (lease_until IS NULL OR lease_until < $2) RETURNING id, url, title, etag, last_modified, \
             next_fetch_at, last_fetched_at, last_error, failing_since, failures, gone",
            node,
            now,
            until,
            limit
        )?)
    }

    /// Stores what a reading of the feed taught, and ends the lease.
    pub async fn record_fetch(&mut self, feed: &Feed) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET title = $2, etag = $3, last_modified = $4, next_fetch_at = $5, last_fetched_at = $6, \
             last_error = $7, failing_since = $8, failures = $9, gone = $10, lease_owner = NULL, lease_until = NULL \
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
            feed.gone
        )?;
        Ok(())
    }

    /// Changes a feed's address after a permanent redirect, unless that address is another feed's.
    pub async fn move_feed(&mut self, id: FeedId, url: &str) -> Result<bool> {
        let moved = on!(
            self,
            execute,
            "UPDATE feeds SET url = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM feeds WHERE url = $2)",
            id,
            url
        )?;
        Ok(moved == 1)
    }

    /// The newsletters that read a feed.
    pub async fn newsletters_of_feed(&mut self, feed: FeedId) -> Result<Vec<NewsletterId>> {
        let rows = on!(
            self,
            all as (NewsletterId,),
            "SELECT newsletter_id FROM newsletter_feeds WHERE feed_id = $1 ORDER BY newsletter_id",
            feed
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}
