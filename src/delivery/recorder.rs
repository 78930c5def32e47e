//! The one task that writes outcomes: it commits whatever has gathered while the last commit ran.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::store::StoreError;
use crate::store::deliveries::DeliveryOutcome;

/// Steps in one commit at most.
const LARGEST_BATCH: usize = 1_000;
/// How long to wait before a database that went away is tried again.
const DATABASE_RETRY: Duration = Duration::from_millis(500);

/// The key of a delivery.
pub type DeliveryKey = (IssueId, SubscriptionId);

/// The deliveries that this process works at: handed out and not yet done with. Only their leases are renewed, so that a
/// lease that was taken by a commit whose answer got lost runs out by itself.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<Mutex<HashSet<DeliveryKey>>>);

impl Held {
    /// Notes that a delivery is handed out.
    pub fn add(&self, key: DeliveryKey) {
        self.lock().insert(key);
    }

    /// All of them.
    #[must_use]
    pub fn keys(&self) -> Vec<DeliveryKey> {
        self.lock().iter().copied().collect()
    }

    fn remove(&self, key: &DeliveryKey) {
        self.lock().remove(key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<DeliveryKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One step of a connection: the outcome of what it sent, and what it wants to send next, in one commit.
#[derive(Debug)]
struct Step {
    record: Option<(DeliveryKey, DeliveryOutcome)>,
    begin: Option<DeliveryKey>,
    done: oneshot::Sender<bool>,
}

/// Hands steps to the recorder.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Step>);

impl Recorder {
    /// Starts the task. It ends when every handle is dropped and what they gave is committed.
    pub fn start(app: Arc<App>, held: Held) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(LARGEST_BATCH);
        (Self(sender), tokio::spawn(run(app, held, receiver)))
    }

    /// Records an outcome, and begins the next delivery. Returns when both are committed: whether the next may be sent.
    pub async fn step(&self, record: Option<(DeliveryKey, DeliveryOutcome)>, begin: Option<DeliveryKey>) -> bool {
        let (done, answer) = oneshot::channel();
        // The task ends only after every handle; a failure here means it panicked, and then nothing may be sent.
        if self.0.send(Step { record, begin, done }).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}

async fn run(app: Arc<App>, held: Held, mut steps: mpsc::Receiver<Step>) {
    let mut batch = Vec::new();
    // Begun here and not yet recorded. A row may say `sending` because a commit went through whose answer got lost;
    // only this tells such a row from one that another connection has on the wire.
    let mut on_wire = HashSet::new();
    while steps.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        let answers = loop {
            match commit(&app, &batch, &on_wire).await {
                Ok(answers) => break answers,
                // The mails were sent; until that is on record nothing else matters.
                Err(error) => {
                    tracing::error!(%error, waiting = batch.len(), "outcomes could not be recorded; trying again");
                    tokio::time::sleep(DATABASE_RETRY).await;
                }
            }
        };
        for (step, begun) in batch.drain(..).zip(answers) {
            if let Some((recorded, _)) = &step.record {
                on_wire.remove(recorded);
                held.remove(recorded);
            }
            if let Some(key) = step.begin {
                if begun {
                    on_wire.insert(key);
                } else if !on_wire.contains(&key) {
                    held.remove(&key);
                }
            }
            // A connection that is gone needs no answer: what it began is recorded as such.
            let _ = step.done.send(begun);
        }
    }
}

async fn commit(app: &App, steps: &[Step], on_wire: &HashSet<DeliveryKey>) -> Result<Vec<bool>, StoreError> {
    let now = app.clock.now();
    let mut begun = HashSet::new();
    let mut tx = app.store.write().await?;
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        if let Some(((issue, subscription), outcome)) = &step.record {
            let (issue, subscription, node) = (*issue, *subscription, app.node);
            let recorded = tx.record_delivery(issue, subscription, node, outcome, now).await?;
            if !recorded && tx.reclaim_delivery(issue, subscription, node, now).await? {
                tx.record_delivery(issue, subscription, node, outcome, now).await?;
            }
        }
        answers.push(match step.begin {
            Some(key) if !on_wire.contains(&key) && begun.insert(key) => {
                tx.begin_delivery(key.0, key.1, app.node, now).await?
            }
            _ => false,
        });
    }
    tx.commit().await?;
    Ok(answers)
}
