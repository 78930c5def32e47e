//! How and where feeds are requested: the settings of their requests, and a new address after a permanent redirect.

use super::feeds::Feed;
use super::{Result, Tx, on};
use crate::domain::ids::FeedId;

impl Tx {
    /// Stores how a feed is requested.
    pub(crate) async fn set_feed_request(&mut self, feed: &Feed) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET user_agent = $2, login_name = $3, header_names = $4, request_secrets = $5 WHERE id = $1",
            feed.id,
            &feed.user_agent,
            &feed.login_name,
            &feed.header_names,
            &feed.request_secrets
        )?;
        Ok(())
    }

    /// Changes the address of a feed after a permanent redirect; returns false if another feed has that address.
    pub(crate) async fn move_feed(&mut self, id: FeedId, url: &str, host: &str) -> Result<bool> {
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

    /// After a permanent redirect of a feed to `url`: if another feed has that address, the newsletters that read this feed read the other
    /// one instead. Otherwise this does nothing.
    pub(crate) async fn replace_feed(&mut self, feed: FeedId, url: &str) -> Result<()> {
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
}
