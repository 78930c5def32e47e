//! Fetches the feeds that are due: several at once, and only one of each server at a time.
//!
//! A process leases the servers of the feeds that it fetches. So two processes never send requests to one server at the same time.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::feed_fetch::{FetchEnd, FetchOutcome, fetch_until};
use crate::app::App;
use crate::domain::redact::without_secrets;
use crate::domain::time::time_delta;
use crate::store::StoreError;
use crate::store::feeds::Feed;

/// How often to look for feeds that are due.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Fetches feeds until `stop` is cancelled. A request without an answer is then given up, and another process can make it at once. A
/// received document is stored first.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut poller = FeedPoller::new(Arc::clone(&app), stop.clone());
    while !stop.is_cancelled() {
        match poller.start_fetches().await {
            Ok(_) => app.metrics.work.succeeded("feeds", app.clock.now()),
            Err(error) => tracing::error!(%error, "due feeds not looked up; trying again"),
        }
        poller.wait().await;
    }
    while poller.fetches.join_next().await.is_some() {}
}

/// Fetches feeds until no more are due. Returns how many it fetched.
///
/// # Errors
/// When the database fails.
pub async fn fetch_due(app: &Arc<App>) -> Result<usize, StoreError> {
    let mut poller = FeedPoller::new(Arc::clone(app), CancellationToken::new());
    let mut count = poller.start_fetches().await?;
    while poller.fetches.join_next().await.is_some() {
        count += poller.start_fetches().await?;
    }
    Ok(count)
}

struct FeedPoller {
    app: Arc<App>,
    stop: CancellationToken,
    fetches: JoinSet<()>,
}

impl FeedPoller {
    fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        Self {
            app,
            stop,
            fetches: JoinSet::new(),
        }
    }

    fn max_fetches(&self) -> usize {
        self.app.config.feeds.concurrency.max(1)
    }

    /// Returns when it is time to start more fetches: after [`POLL_INTERVAL`], or as soon as half of the possible fetches have ended.
    /// A database query after each fetch would cost more than it gains.
    async fn wait(&mut self) {
        let max = self.max_fetches();
        let interval = tokio::time::sleep(POLL_INTERVAL);
        tokio::pin!(interval);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = &mut interval => return,
                Some(_) = self.fetches.join_next(), if !self.fetches.is_empty() => {
                    if self.fetches.len() * 2 <= max {
                        return;
                    }
                }
            }
        }
    }

    /// Leases servers with due feeds and starts to fetch those feeds, up to the limit. Returns how many it started.
    async fn start_fetches(&mut self) -> Result<usize, StoreError> {
        let now = self.app.clock.now();
        let free = self.max_fetches().saturating_sub(self.fetches.len());
        if free == 0 {
            return Ok(0);
        }
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        let mut hosts = self.app.store.read().await?.feed_hosts_due(now, limit).await?;
        if hosts.is_empty() {
            return Ok(0);
        }
        // Every process leases in this order, so two processes cannot deadlock.
        hosts.sort();
        // Longer than the slowest fetch, so that no other process sends requests to the same server meanwhile.
        let until = now + time_delta(self.app.config.feeds.timeout) * 2 + TimeDelta::minutes(1);
        let mut leased = Vec::new();
        let mut tx = self.app.store.write().await?;
        for host in &hosts {
            leased.extend(tx.lease_feed_host(host, self.app.node, now, until).await?);
        }
        tx.commit().await?;
        let count = leased.len();
        for feed in leased {
            let fetch = fetch_and_release(Arc::clone(&self.app), feed, self.stop.clone());
            self.fetches.spawn(fetch);
        }
        Ok(count)
    }
}

/// Fetches one feed, logs the outcome, and releases the lease on its server.
async fn fetch_and_release(app: Arc<App>, feed: Feed, stop: CancellationToken) {
    let (id, host, url) = (feed.id, feed.host.clone(), without_secrets(&feed.url));
    let pause = time_delta(app.config.feeds.host_pause);
    let pause = match fetch_until(&app, feed, &stop).await {
        Ok(FetchEnd::Done { outcome, throttle }) => {
            app.metrics.work.fetched(outcome.label());
            match outcome {
                FetchOutcome::Read(tally) => tracing::info!(
                    feed.id = %id, feed.url = url, entry.new = tally.new, entry.known = tally.known, entry.left_out = tally.left_out, "feed read"
                ),
                FetchOutcome::Incomplete(tally, reason) => tracing::warn!(
                    feed.id = %id, feed.url = url, entry.new = tally.new, entry.known = tally.known, reason, "feed read in part"
                ),
                FetchOutcome::Unchanged => tracing::debug!(feed.id = %id, feed.url = url, "feed unchanged"),
                FetchOutcome::Failed(reason) => {
                    tracing::warn!(feed.id = %id, feed.url = url, reason, "feed fetch failed");
                }
            }
            throttle.map_or(pause, |throttle| pause.max(time_delta(throttle)))
        }
        // No request was answered, so another process may send one at once.
        Ok(FetchEnd::Stopped) => TimeDelta::zero(),
        Err(error) => {
            app.metrics.work.fetched("not_stored");
            tracing::error!(feed.id = %id, feed.url = url, %error, "feed read but not stored");
            pause
        }
    };
    if let Err(error) = release_host(&app, &host, app.clock.now() + pause).await {
        tracing::error!(feed.id = %id, feed.url = url, %error, "lease on the feed's server not released; it expires by itself");
    }
}

async fn release_host(app: &App, host: &str, available_at: DateTime<Utc>) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    tx.release_feed_host(host, app.node, available_at).await?;
    tx.commit().await
}
