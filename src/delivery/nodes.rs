//! Heartbeats: updates the heartbeat of this node while its process sends, and reclaims the leases of nodes whose process has died.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::domains::MAX_SURPLUS_WAIT;
use super::local_time::MAX_ZONE_DELAY;
use crate::app::App;
use crate::config::InDoubt;
use crate::domain::ids::NodeId;
use crate::domain::time::time_delta;
use crate::process;
use crate::store::StoreError;
use crate::store::nodes::Node;

const MAX_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// Updates the heartbeat until `stop` is cancelled, then removes this node from the list and releases its leases. What leases deliveries
/// or mails may run only while this runs.
pub async fn run_heartbeat(app: Arc<App>, stop: CancellationToken) {
    // Four heartbeats in the time after which others consider this process dead.
    let interval = (app.config.delivery.lease / 4).clamp(Duration::from_millis(20), MAX_HEARTBEAT_INTERVAL);
    let mut monitor = Monitor {
        process: process::current(),
        seen: HashMap::new(),
        reported: None,
        app,
    };
    while !stop.is_cancelled() {
        match monitor.round().await {
            Ok(()) => monitor.app.metrics.work.succeeded("heartbeat", monitor.app.clock.now()),
            Err(error) => tracing::error!(%error, "heartbeat failed; trying again"),
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
    /// The identity of this process, by which other processes of this machine notice its end; `None` where it is unknown.
    process: Option<String>,
    /// The last heartbeat of every other node, and when it was first seen, by this process's monotonic clock. Wall clocks of
    /// different machines are never compared.
    seen: HashMap<NodeId, (i64, Instant)>,
    /// The last status that was written.
    reported: Option<String>,
}

impl Monitor {
    /// How fast this process sends, as JSON; `None` if that was written already.
    fn new_status(&self) -> Option<String> {
        let sending = self.app.sending.lock().unwrap_or_else(PoisonError::into_inner);
        let status = serde_json::to_string(sending.as_ref()?).ok()?;
        (self.reported.as_ref() != Some(&status)).then_some(status)
    }

    async fn round(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let status = self.new_status();
        if let Some(status) = &status {
            tx.report_sending(self.app.node, status).await?;
        }
        let nodes = tx.nodes().await?;
        tx.commit().await?;
        self.reported = status.or(self.reported.take());
        for node in self.dead(nodes) {
            let resend = self.app.config.delivery.in_doubt == InDoubt::Resend;
            let mut tx = self.app.store.write().await?;
            let in_doubt = tx.reclaim_node(&node, resend, now).await?;
            tx.commit().await?;
            // If the process was only slow, it lists its node again, and the time since its last heartbeat starts again.
            self.seen.remove(&node.id);
            if let Some(in_doubt) = in_doubt {
                tracing::warn!(
                    node.id = %node.id.0,
                    delivery.in_doubt = in_doubt,
                    delivery.resend = resend,
                    "leases of a dead process reclaimed"
                );
                // The reclaimed deliveries and mails are due now.
                self.app.delivery_wakeup.notify_one();
                self.app.transactional_wakeup.notify_waiters();
            }
        }
        self.tidy_up().await
    }

    /// Nodes whose process on this machine has ended, and nodes whose heartbeat has not changed for `delivery.lease`.
    fn dead(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        let (now, timeout) = (Instant::now(), self.app.config.delivery.lease);
        let listed: Vec<_> = nodes.iter().map(|node| node.id).collect();
        self.seen.retain(|id, _| listed.contains(id));
        let mut dead = Vec::new();
        for node in nodes.into_iter().filter(|node| node.id != self.app.node) {
            let (heartbeat, since) = self.seen.entry(node.id).or_insert((node.heartbeat, now));
            if *heartbeat != node.heartbeat {
                (*heartbeat, *since) = (node.heartbeat, now);
            }
            if now.duration_since(*since) >= timeout || node.process.as_deref().is_some_and(process::has_ended) {
                dead.push(node);
            }
        }
        dead
    }

    /// Repairs two states that concurrent transactions or the clock can leave behind. A delivery may be requeued while its issue is being
    /// cancelled, because neither transaction sees the other. Deliveries wait too long if the clock was set back after their next
    /// attempt was set.
    async fn tidy_up(&self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let waits = self.app.config.delivery.retry_after.iter().copied();
        // No correct next attempt is later than this. Jitter adds at most a fifth to the wait of a retry, and doubles the wait of surplus
        // deliveries at most. The rest is a margin for differences between the clocks of the processes.
        let horizon = now + time_delta(waits.max().unwrap_or_default() * 3 / 2 + MAX_SURPLUS_WAIT * 4);
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
