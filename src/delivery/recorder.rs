//! The recorder: the one task that commits starts and outcomes of deliveries. It commits everything that arrived during its last
//! commit, up to half of what is in flight, so that one half of the connections sends while the other half waits for its commit.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::dispatch::Dispatcher;
use crate::app::App;
use crate::bounce::relay_replies::{self, FinalReply};
use crate::domain::states::DeliveryState;
use crate::store::StoreError;
use crate::store::deliveries::DeliveryKey;
use crate::store::delivery_transitions::DeliveryTransition;

/// Requests in one commit at most.
const MAX_BATCH: usize = 1_000;
/// How often the recorder lets other tasks run before it commits less than half of what is in flight.
const MAX_YIELDS: usize = 4;
/// The wait before the next attempt to commit while the database is unavailable.
const DATABASE_RETRY_INTERVAL: Duration = Duration::from_millis(500);

struct Request {
    outcomes: Vec<DeliveryTransition>,
    start: Option<DeliveryTransition>,
    may_send: oneshot::Sender<bool>,
}

/// Sends requests to the recorder, each with a oneshot channel on which the recorder answers whether the message may be sent.
#[derive(Clone, Debug)]
pub(super) struct RecorderHandle(mpsc::Sender<Request>);

impl RecorderHandle {
    /// Starts the recorder. It ends when every handle is dropped and every request is committed.
    pub(super) fn start(app: Arc<App>, dispatcher: Arc<Dispatcher>) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(MAX_BATCH);
        let recorder = Recorder {
            app,
            dispatcher,
            in_flight: HashSet::new(),
        };
        (Self(sender), tokio::spawn(recorder.run(receiver)))
    }

    /// Records outcomes and the start of the next delivery in one commit, and waits for it. Returns whether the next message may be
    /// sent. False if there is no `start`, if the database rejected it (the delivery has ended, or its issue is not being sent), if the
    /// delivery is already in flight on another connection, or if the recorder panicked.
    pub(super) async fn record(&self, outcomes: Vec<DeliveryTransition>, start: Option<DeliveryTransition>) -> bool {
        if outcomes.is_empty() && start.is_none() {
            return false;
        }
        let (may_send, receiver) = oneshot::channel();
        let request = Request {
            outcomes,
            start,
            may_send,
        };
        // The recorder ends only after all handles are dropped. If this fails, it panicked, and nothing may be sent without a record.
        if self.0.send(request).await.is_err() {
            return false;
        }
        receiver.await.unwrap_or(false)
    }
}

struct Recorder {
    app: Arc<App>,
    dispatcher: Arc<Dispatcher>,
    /// Deliveries that this process has started and whose outcome is not recorded. A row may also be `sending` because a commit
    /// succeeded whose reply was lost. Only this set distinguishes such a row from a delivery that another connection is sending.
    in_flight: HashSet<DeliveryKey>,
}

impl Recorder {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::new();
        while requests.recv_many(&mut batch, self.batch_limit()).await > 0 {
            // Connections that got their replies at about the same time are about to send requests. Yielding lets their tasks run, so
            // that one commit serves them all: a large commit costs little more than a small one.
            for _ in 0..MAX_YIELDS {
                if batch.len() >= self.batch_limit() {
                    break;
                }
                tokio::task::yield_now().await;
                while batch.len() < self.batch_limit()
                    && let Ok(request) = requests.try_recv()
                {
                    batch.push(request);
                }
            }
            self.commit(&mut batch).await;
        }
    }

    /// Requests in one commit: at most half of what is in flight. With all of them, the connections would be idle during the commit,
    /// and the database after it.
    fn batch_limit(&self) -> usize {
        match self.in_flight.len() {
            0 => MAX_BATCH,
            in_flight => in_flight.div_ceil(2).min(MAX_BATCH),
        }
    }

    async fn commit(&mut self, batch: &mut Vec<Request>) {
        let mut transitions = Vec::with_capacity(batch.len() * 2);
        let mut starting = HashSet::new();
        for request in batch.iter() {
            transitions.extend(request.outcomes.iter().cloned());
            // A delivery that is in flight, or twice in this batch, must not be started again.
            if let Some(start) = &request.start
                && !self.in_flight.contains(&start.key)
                && starting.insert(start.key)
            {
                transitions.push(start.clone());
            }
        }
        let recorded = self.record_with_retry(&transitions).await;
        self.record_refusals_with_retry(transitions).await;
        let mut rejected_starts = Vec::new();
        for request in batch.drain(..) {
            for outcome in &request.outcomes {
                self.in_flight.remove(&outcome.key);
                self.dispatcher.remove_lease(&outcome.key);
            }
            let mut may_send = false;
            if let Some(start) = request.start {
                may_send = starting.remove(&start.key) && recorded.contains(&start.key);
                if may_send {
                    self.in_flight.insert(start.key);
                } else if !self.in_flight.contains(&start.key) {
                    rejected_starts.push(start.key);
                }
            }
            // If the connection's task has ended, nobody sends the message. The delivery stays `sending` in the database, and is in doubt
            // once the node is reclaimed.
            let _ = request.may_send.send(may_send);
        }
        self.release_rejected_starts(&rejected_starts).await;
    }

    /// Records transitions and retries until the database answers. The messages of the outcomes were sent, so their outcomes must not be
    /// lost, and nothing new may be sent before they are recorded. A transition contains the number of attempts and no increment, so
    /// recording it twice counts once.
    async fn record_with_retry(&self, transitions: &[DeliveryTransition]) -> HashSet<DeliveryKey> {
        loop {
            let now = self.app.clock.now();
            match self.app.store.record_transitions(self.app.node, transitions, now).await {
                Ok(recorded) => return recorded,
                Err(error) => {
                    tracing::error!(%error, delivery.count = transitions.len(), "outcomes not recorded; trying again");
                    tokio::time::sleep(DATABASE_RETRY_INTERVAL).await;
                }
            }
        }
    }

    /// Puts the relay's final refusals on record, and retries until the database answers. It is a transaction of its own, because few
    /// batches have a refusal. If this process dies before it, the next refusal of the same address has the same effect.
    async fn record_refusals_with_retry(&self, transitions: Vec<DeliveryTransition>) {
        let is_refusal = |state| matches!(state, DeliveryState::Rejected | DeliveryState::Expired);
        let refusals = transitions
            .into_iter()
            .filter(|transition| is_refusal(transition.state));
        let replies: Vec<FinalReply> = refusals
            .filter_map(|refusal| {
                Some(FinalReply {
                    key: refusal.key,
                    state: refusal.state,
                    reply: refusal.reply?,
                })
            })
            .collect();
        while let Err(error) = relay_replies::record(&self.app, &replies).await {
            tracing::error!(%error, delivery.count = replies.len(), "refusals not recorded; trying again");
            tokio::time::sleep(DATABASE_RETRY_INTERVAL).await;
        }
    }

    /// Releases deliveries that must not be started: the subscriber has left, or the issue is paused or cancelled.
    async fn release_rejected_starts(&self, rejected: &[DeliveryKey]) {
        if rejected.is_empty() {
            return;
        }
        let released: Result<(), StoreError> = async {
            let mut tx = self.app.store.write().await?;
            for key in rejected {
                tx.end_if_unwanted(*key, self.app.clock.now()).await?;
                tx.release_lease(*key, self.app.node, self.app.clock.now()).await?;
            }
            tx.commit().await
        }
        .await;
        if let Err(error) = released {
            tracing::warn!(%error, "leases not released; trying again");
            self.dispatcher.request_reconciliation();
        }
        for key in rejected {
            self.dispatcher.remove_lease(key);
        }
    }
}
