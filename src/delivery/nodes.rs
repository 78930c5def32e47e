//! Signs of life: this process gives them as long as it sends, and takes over from processes that have stopped.

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

/// The last reader's own hour is so much later than the first one's, where clocks are changed as well.
const LATEST_HOUR: TimeDelta = TimeDelta::hours(28);

/// The longest time between two signs of life.
const BEAT: Duration = Duration::from_secs(1);

/// Gives signs of life until told to stop, then takes this process off the list. Whatever leases runs inside of this.
pub async fn keep(app: Arc<App>, stop: CancellationToken) {
    let every = (app.config.delivery.lease / 4).clamp(Duration::from_millis(20), BEAT);
    let mut watch = Watch {
        process: process::current(),
        seen: HashMap::new(),
        app,
    };
    while !stop.is_cancelled() {
        if let Err(error) = watch.round().await {
            tracing::error!(%error, "no sign of life could be given; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
    if let Err(error) = watch.sign_off().await {
        tracing::warn!(%error, "this process could not be taken off the list; its leases will run out");
    }
}

struct Watch {
    app: Arc<App>,
    process: Option<String>,
    /// The beat of every other node, and since when it has not moved, by our own steady clock.
    seen: HashMap<NodeId, (i64, Instant)>,
}

impl Watch {
    async fn round(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let mut tx = self.app.store.write().await?;
        tx.beat(self.app.node, self.process.as_deref()).await?;
        let nodes = tx.nodes().await?;
        tx.commit().await?;
        for node in self.dead(nodes) {
            let resend = self.app.config.delivery.in_doubt == InDoubt::Resend;
            let mut tx = self.app.store.write().await?;
            let in_doubt = tx.bury(&node, resend, now).await?;
            tx.commit().await?;
            // If it lists itself again it is new here.
            self.seen.remove(&node.id);
            if let Some(in_doubt) = in_doubt {
                tracing::warn!(node.id = %node.id.0, in_doubt, resend, "took over from a process that ended");
                self.app.delivery_bell.notify_one();
                self.app.transactional_bell.notify_waiters();
            }
        }
        self.tidy_up().await
    }

    /// Those that ended on this machine, and those whose beat has not moved for as long as a lease.
    fn dead(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        let (now, lease) = (Instant::now(), self.app.config.delivery.lease);
        let listed: Vec<_> = nodes.iter().map(|node| node.id).collect();
        self.seen.retain(|id, _| listed.contains(id));
        let mut dead = Vec::new();
        for node in nodes.into_iter().filter(|node| node.id != self.app.node) {
            let (beat, since) = self.seen.entry(node.id).or_insert((node.beat, now));
            if *beat != node.beat {
                (*beat, *since) = (node.beat, now);
            }
            if now.duration_since(*since) >= lease || node.process.as_deref().is_some_and(process::has_ended) {
                dead.push(node);
            }
        }
        dead
    }

    /// What no single transaction sees: an issue that was cancelled while a delivery came back from the wire, and a clock
    /// that was set back.
    async fn tidy_up(&self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let waits = self.app.config.delivery.retry_after.iter().copied();
        // Half as much again is more than any spread adds.
        let horizon = now + time_delta(waits.max().unwrap_or_default() * 3 / 2) + TimeDelta::hours(1);
        let mut tx = self.app.store.write().await?;
        tx.cancel_leftovers(now).await?;
        tx.pull_forward(horizon, now + LATEST_HOUR, now).await?;
        tx.commit().await
    }

    async fn sign_off(&self) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        let given = tx.give_leases_back(self.app.node, self.app.clock.now()).await?;
        tx.sign_off(self.app.node).await?;
        tx.commit().await?;
        if given > 0 {
            tracing::info!(given, "what was not sent is back in the queue");
        }
        Ok(())
    }
}
