//! The loop that reads feeds: as many at once as it may, each server for one feed at a time, and none waits for another.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::reading::{Fetch, Reading, read};
use crate::app::App;
use crate::domain::redact::without_secrets;
use crate::domain::time::time_delta;
use crate::store::StoreError;
use crate::store::feeds::Feed;

/// How often to look for feeds that have become due.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Reads feeds until told to stop. What is being fetched then is given up, for another process to fetch at once; what has
/// been fetched is stored first.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut reader = Reader::new(app, stop.clone());
    while !stop.is_cancelled() {
        if let Err(error) = reader.fill().await {
            tracing::error!(%error, "feeds could not be looked up; trying again");
        }
        reader.wait().await;
    }
    while reader.under_way.join_next().await.is_some() {}
}

/// Reads feeds until none is due. Returns how many there were.
///
/// # Errors
/// When the database fails.
pub async fn fetch_due(app: &Arc<App>) -> Result<usize, StoreError> {
    let mut reader = Reader::new(Arc::clone(app), CancellationToken::new());
    let mut count = reader.fill().await?;
    while reader.under_way.join_next().await.is_some() {
        count += reader.fill().await?;
    }
    Ok(count)
}

struct Reader {
    app: Arc<App>,
    stop: CancellationToken,
    under_way: JoinSet<()>,
}

impl Reader {
    fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        Self {
            app,
            stop,
            under_way: JoinSet::new(),
        }
    }

    /// Waits for the time to look again: soon, or as soon as half of those under way have ended, for to look after each would
    /// cost more than it gains; or for the end.
    async fn wait(&mut self) {
        let at_once = self.app.config.feeds.concurrency.max(1);
        let look = tokio::time::sleep(LOOK_EVERY);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = &mut look => return,
                Some(_) = self.under_way.join_next(), if !self.under_way.is_empty() => {
                    if self.under_way.len() * 2 <= at_once {
                        return;
                    }
                }
            }
        }
    }

    /// Begins to read feeds that are due on servers that are free, up to the limit. Returns how many.
    async fn fill(&mut self) -> Result<usize, StoreError> {
        let at_once = self.app.config.feeds.concurrency.max(1);
        let now = self.app.clock.now();
        let room = i64::try_from(at_once.saturating_sub(self.under_way.len())).unwrap_or(1);
        if room == 0 {
            return Ok(0);
        }
        let mut hosts = self.app.store.read().await?.feed_hosts_due(now, room).await?;
        if hosts.is_empty() {
            return Ok(0);
        }
        // Always in the same order: two processes then never wait for each other's rows.
        hosts.sort();
        // Long enough for a fetch at its slowest, so that no other process asks the same server meanwhile.
        let until = now + time_delta(self.app.config.feeds.timeout) * 2 + TimeDelta::minutes(1);
        let mut leased = Vec::new();
        let mut tx = self.app.store.write().await?;
        for host in &hosts {
            leased.extend(tx.lease_feed_host(host, self.app.node, now, until).await?);
        }
        tx.commit().await?;
        let count = leased.len();
        for feed in leased {
            self.under_way
                .spawn(take(Arc::clone(&self.app), feed, self.stop.clone()));
        }
        Ok(count)
    }
}

/// Reads one feed, and gives its server back.
async fn take(app: Arc<App>, feed: Feed, stop: CancellationToken) {
    let (id, host, url) = (feed.id, feed.host.clone(), without_secrets(&feed.url));
    let mut rest = Some(time_delta(app.config.feeds.host_pause));
    match read(&app, feed, &stop).await {
        Ok(Reading::Done(fetch, asked)) => {
            match fetch {
                Fetch::Read(tally) => tracing::info!(
                    feed.id = %id, feed.url = url, new = tally.new, known = tally.known, left_out = tally.left_out, "feed read"
                ),
                Fetch::Incomplete(tally, reason) => tracing::warn!(
                    feed.id = %id, feed.url = url, new = tally.new, known = tally.known, reason, "feed read in part"
                ),
                Fetch::Unchanged => tracing::debug!(feed.id = %id, feed.url = url, "feed unchanged"),
                Fetch::Failed(reason) => tracing::warn!(feed.id = %id, feed.url = url, reason, "feed fetch failed"),
            }
            rest = rest.max(asked.map(time_delta));
        }
        Ok(Reading::Stopped) => rest = None,
        Err(error) => tracing::error!(feed.id = %id, feed.url = url, %error, "feed read but not stored"),
    }
    let available_at = app.clock.now() + rest.unwrap_or_default();
    if let Err(error) = free(&app, &host, available_at).await {
        tracing::error!(feed.id = %id, feed.url = url, %error, "lease on the feed's server not released; it expires by itself");
    }
}

async fn free(app: &App, host: &str, at: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    tx.release_feed_host(host, app.node, at).await?;
    tx.commit().await
}
