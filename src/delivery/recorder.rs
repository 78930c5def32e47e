//! The one task that writes what happens to deliveries: it commits whatever has gathered while the last commit ran, up to
//! half of what is on the wire, so that while one half waits for its commit the other half is at work.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::dispatch::Dispatch;
use crate::app::App;
use crate::store::StoreError;
use crate::store::deliveries::{DeliveryKey, DeliveryStep};

/// Requests in one commit at most.
const LARGEST_BATCH: usize = 1_000;
/// How often others are let go first, if not even half of what is on the wire has been heard of.
const GATHER: usize = 4;
/// How long to wait before a database that went away is tried again.
const DATABASE_RETRY: Duration = Duration::from_millis(500);

struct Request {
    outcomes: Vec<DeliveryStep>,
    begin: Option<DeliveryStep>,
    done: oneshot::Sender<bool>,
}

/// Hands steps to the recorder.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Request>);

impl Recorder {
    /// Starts the task. It ends when every handle is dropped and what they gave is committed.
    pub fn start(app: Arc<App>, dispatch: Arc<Dispatch>) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(LARGEST_BATCH);
        let book = Book {
            app,
            dispatch,
            on_wire: HashSet::new(),
        };
        (Self(sender), tokio::spawn(book.keep(receiver)))
    }

    /// Records outcomes, and begins the next delivery, in one commit. Returns when that is done: whether the next may be sent.
    pub async fn record(&self, outcomes: Vec<DeliveryStep>, begin: Option<DeliveryStep>) -> bool {
        if outcomes.is_empty() && begin.is_none() {
            return false;
        }
        let (done, answer) = oneshot::channel();
        let request = Request { outcomes, begin, done };
        // The task ends only after every handle; a failure here means it panicked, and then nothing may be sent.
        if self.0.send(request).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}

struct Book {
    app: Arc<App>,
    dispatch: Arc<Dispatch>,
    /// Begun here and not yet recorded. A row may say `sending` because a commit went through whose answer got lost;
    /// only this tells such a row from one that another connection has on the wire.
    on_wire: HashSet<DeliveryKey>,
}

impl Book {
    async fn keep(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::new();
        while requests.recv_many(&mut batch, self.half()).await > 0 {
            // The connections that are about to speak too: one commit for many costs little more than one for one.
            for _ in 0..GATHER {
                if batch.len() >= self.half() {
                    break;
                }
                tokio::task::yield_now().await;
                while batch.len() < self.half()
                    && let Ok(request) = requests.try_recv()
                {
                    batch.push(request);
                }
            }
            self.write(&mut batch).await;
        }
    }

    /// The most that goes into one commit. All at once would leave the connections idle during each commit, and the database
    /// between two.
    fn half(&self) -> usize {
        match self.on_wire.len() {
            0 => LARGEST_BATCH,
            on_wire => on_wire.div_ceil(2).min(LARGEST_BATCH),
        }
    }

    async fn write(&mut self, batch: &mut Vec<Request>) {
        let mut steps = Vec::with_capacity(batch.len() * 2);
        let mut begun = HashSet::new();
        for request in batch.iter() {
            steps.extend(request.outcomes.iter().cloned());
            if let Some(step) = &request.begin
                && !self.on_wire.contains(&step.key)
                && begun.insert(step.key)
            {
                steps.push(step.clone());
            }
        }
        let taken = loop {
            match self
                .app
                .store
                .take_steps(self.app.node, &steps, self.app.clock.now())
                .await
            {
                Ok(taken) => break taken,
                // The mails were sent; until that is on record nothing else matters.
                Err(error) => {
                    tracing::error!(%error, waiting = steps.len(), "outcomes could not be recorded; trying again");
                    tokio::time::sleep(DATABASE_RETRY).await;
                }
            }
        };
        let mut refused = Vec::new();
        for request in batch.drain(..) {
            for outcome in &request.outcomes {
                self.on_wire.remove(&outcome.key);
                self.dispatch.forget(&outcome.key);
            }
            let mut may_send = false;
            if let Some(step) = request.begin {
                may_send = begun.remove(&step.key) && taken.contains(&step.key);
                if may_send {
                    self.on_wire.insert(step.key);
                } else if !self.on_wire.contains(&step.key) {
                    refused.push(step.key);
                }
            }
            // A connection that is gone needs no answer: what it began is recorded as such.
            let _ = request.done.send(may_send);
        }
        if !refused.is_empty()
            && let Err(error) = self.give_back(&refused).await
        {
            tracing::warn!(%error, "leases could not be given back at once");
            self.dispatch.doubt();
        }
        for key in &refused {
            self.dispatch.forget(key);
        }
    }

    /// What may not be sent: its reader has left, or its issue is held or cancelled.
    async fn give_back(&self, refused: &[DeliveryKey]) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        for key in refused {
            tx.end_if_unwanted(*key, self.app.clock.now()).await?;
            tx.release_lease(*key, self.app.node, self.app.clock.now()).await?;
        }
        tx.commit().await
    }
}
