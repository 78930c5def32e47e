//! Heartbeats: updates the heartbeat of this process while it sends, and reclaims the leases of processes that have died.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::InDoubt;
use crate::domain::ids::NodeId;
use crate::domain::time::time_delta;
use crate::process;
use crate::store::StoreError;
use crate::store::nodes::Node;

/// With `local_time`, an issue becomes due in the last time zone at most this long after the first: time zones span 26 hours, and
/// daylight saving time adds at most two.
const MAX_ZONE_DELAY: TimeDelta = TimeDelta::hours(28);
const MAX_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// Updates the heartbeat until `stop` is cancelled, then removes this node from the list and releases its leases. Everything that
/// leases deliveries or mails must run while this runs.
pub async fn run_heartbeat(app: Arc<App>, stop: CancellationToken) {
    // Four heartbeats in the time after which others consider this process dead.
    let interval = (app.config.delivery.lease / 4).clamp(Duration::from_millis(20), MAX_HEARTBEAT_INTERVAL);
    let mut monitor = Monitor {
        process: process::current(),
        seen: HashMap::new(),
        app,
    };
    while !stop.is_cancelled() {
        if let Err(error) = monitor.round().await {
            tracing::error!(%error, "heartbeat failed; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(interval) => {}
        }
    }
    if let Err(error) = monitor.unregister().await {
        tracing::warn!(%error, "node not removed; another process will reclaim its leases");
    }
}

struct Monitor {
    app: Arc<App>,
    process: Option<String>,
    /// The last heartbeat of every other node, and when it was first seen, by this process's monotonic clock. Wall clocks of
    /// different machines are never compared.
    seen: HashMap<NodeId, (i64, Instant)>,
}

impl Monitor {
    async fn round(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let nodes = tx.nodes().await?;
        tx.commit().await?;
        for node in self.dead(nodes) {
            let resend = self.app.config.delivery.in_doubt == InDoubt::Resend;
            let mut tx = self.app.store.write().await?;
            let in_doubt = tx.reclaim_node(&node, resend, now).await?;
            tx.commit().await?;
            // If the node lists itself again, its time starts again, too.
            self.seen.remove(&node.id);
            if let Some(in_doubt) = in_doubt {
                tracing::warn!(
                    node.id = %node.id.0,
                    delivery.in_doubt = in_doubt,
                    delivery.resend = resend,
                    "leases of a dead process reclaimed"
                );
                self.app.delivery_wakeup.notify_one();
                self.app.transactional_wakeup.notify_waiters();
            }
        }
        self.tidy_up().await
    }

    /// Nodes whose process on this machine has ended, and nodes whose heartbeat has not changed for the length of a lease.
    fn dead(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        let (now, lease) = (Instant::now(), self.app.config.delivery.lease);
        let listed: Vec<_> = nodes.iter().map(|node| node.id).collect();
        self.seen.retain(|id, _| listed.contains(id));
        let mut dead = Vec::new();
        for node in nodes.into_iter().filter(|node| node.id != self.app.node) {
            let (heartbeat, since) = self.seen.entry(node.id).or_insert((node.heartbeat, now));
            if *heartbeat != node.heartbeat {
                (*heartbeat, *since) = (node.heartbeat, now);
            }
            if now.duration_since(*since) >= lease || node.process.as_deref().is_some_and(process::has_ended) {
                dead.push(node);
            }
        }
        dead
    }

    /// Repairs what no single transaction can see: a delivery of a cancelled issue that was requeued while the issue was being
    /// cancelled, and deliveries that wait too long because the clock was set back.
    async fn tidy_up(&self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let waits = self.app.config.delivery.retry_after.iter().copied();
        // Jitter adds at most a fifth to a retry, and a rate limit delays at most half an hour: no policy leads beyond this.
        let horizon = now + time_delta(waits.max().unwrap_or_default() * 3 / 2) + TimeDelta::hours(1);
        let mut tx = self.app.store.write().await?;
        tx.cancel_open_of_cancelled_issues(now).await?;
        tx.clamp_next_attempts(horizon, now + MAX_ZONE_DELAY, now).await?;
        tx.commit().await
    }

    async fn unregister(&self) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        let released = tx.release_leases(self.app.node, self.app.clock.now()).await?;
        tx.unregister_node(self.app.node).await?;
        tx.commit().await?;
        if released > 0 {
            tracing::info!(delivery.count = released, "leases released");
        }
        Ok(())
    }
}
