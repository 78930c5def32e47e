//! Hosts of feeds. A process leases a host before it fetches one of its feeds, so all processes together send a host one request at a
//! time, with a pause after each. `available_at` is the end of the lease while `lease_owner` is set, and otherwise the end of the pause.
//!
//! A lease of a host ends at that time, whether its node is listed or not. So callers need no heartbeat, unlike those that lease
//! deliveries: a node that only fetches feeds is not listed (`nodes.rs`).

use chrono::{DateTime, Utc};

use super::feeds::{Feed, feed_columns, feeds_where};
use super::{Result, Tx, on};
use crate::domain::ids::{NewsletterId, NodeId};

impl Tx {
    /// The available hosts with a due feed, longest due first. Takes no lock, so another process may lease one of them meanwhile.
    pub async fn feed_hosts_due(&mut self, now: DateTime<Utc>, limit: i64) -> Result<Vec<String>> {
        let rows = on!(
            self,
            all as (String,),
            "SELECT f.host FROM feeds f WHERE NOT f.gone AND f.next_fetch_at <= $1 \
             AND NOT EXISTS (SELECT 1 FROM feed_hosts h WHERE h.host = f.host AND h.available_at > $1) \
             AND EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id) \
             GROUP BY f.host ORDER BY MIN(f.next_fetch_at), f.host LIMIT $2",
            now,
            limit
        )?;
        Ok(rows.into_iter().map(|(host,)| host).collect())
    }

    /// Whether a feed of this newsletter was due at `due_by` and has not been fetched since.
    pub(crate) async fn has_overdue_feeds(&mut self, newsletter: NewsletterId, due_by: DateTime<Utc>) -> Result<bool> {
        let (overdue,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM newsletter_feeds nf JOIN feeds f ON f.id = nf.feed_id \
             WHERE nf.newsletter_id = $1 AND NOT f.gone AND f.next_fetch_at <= $2)",
            newsletter,
            due_by
        )?;
        Ok(overdue)
    }

    /// Leases a host and returns its feed that is due longest; `None` if another process was faster.
    pub async fn lease_feed_host(
        &mut self,
        host: &str,
        node: NodeId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Feed>> {
        if !self.lease_host(host, node, now, until).await? {
            return Ok(None);
        }
        let due = on!(
            self,
            optional as Feed,
            feeds_where!(
                "host = $1 AND NOT gone AND next_fetch_at <= $2 \
                 AND EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = feeds.id) \
                 ORDER BY next_fetch_at, id LIMIT 1"
            ),
            host,
            now
        )?;
        if due.is_none() {
            self.release_feed_host(host, node, now).await?;
        }
        Ok(due)
    }

    /// Leases a host. Returns false if it has a lease, or if its pause is not over.
    pub(crate) async fn lease_host(
        &mut self,
        host: &str,
        node: NodeId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        // The condition is checked under the lock of the row, so of two processes one changes it.
        let leased = on!(
            self,
            execute,
            "INSERT INTO feed_hosts (host, lease_owner, available_at) VALUES ($1, $2, $4) ON CONFLICT (host) \
             DO UPDATE SET lease_owner = $2, available_at = $4 WHERE feed_hosts.available_at <= $3",
            host,
            node,
            now,
            until
        )?;
        Ok(leased == 1)
    }

    /// Extends the lease of a host that this node has leased.
    pub(crate) async fn extend_host_lease(&mut self, host: &str, node: NodeId, until: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feed_hosts SET available_at = $3 WHERE host = $1 AND lease_owner = $2",
            host,
            node,
            until
        )?;
        Ok(())
    }

    /// Releases a host that this node has leased. It is available again from `at` on.
    pub(crate) async fn release_feed_host(&mut self, host: &str, node: NodeId, at: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feed_hosts SET lease_owner = NULL, available_at = $3 WHERE host = $1 AND lease_owner = $2",
            host,
            node,
            at
        )?;
        Ok(())
    }
}
