//! The queue of requests that write: sign-ups, confirmations and changes of preferences.
//!
//! A commit takes longer than the statements of one request. So requests that arrive while a transaction runs form the next batch, and
//! one transaction stores the batch. Each request gets its answer after the commit.
//!
//! There are two kinds of requests:
//!
//! - Requests of a [`Group`] are stored together, with a few statements for all of them. Sign-ups are such a group.
//! - A [`Step`] runs its own statements, in a part of the transaction that is undone by itself if it fails.
//!
//! If the statements of a group fail, the batch is split into halves, so that one request does not make the others fail (`batch.rs`).
//! Requests are stored in the order in which they arrive. The queue is bounded. If it is full, a request is refused at once
//! ([`StoreError::Overloaded`]).
//!
//! No task waits for requests: the first request starts a task, which ends when the queue is empty.

mod batch;
mod step;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

pub(crate) use batch::{Group, GroupError};
pub(crate) use step::{Locks, Step, StepOutcome, run_alone};

use self::batch::{Batch, Grouped};
use self::step::{Pending, QueuedStep, ended};
use crate::app::App;
use crate::store::{Store, StoreError};

/// A queue refuses further requests when this many wait.
const MAX_WAITING: usize = 4_096;
/// The most requests of a group in one batch.
const MAX_GROUPED: usize = 256;
/// The most steps in one batch. PostgreSQL is slow with more than 64 parts in a transaction.
const MAX_STEPS: usize = 48;

/// The queue of one process.
#[derive(Debug)]
pub(crate) struct WriteQueue<G: Group> {
    app: Arc<App>,
    group: G,
    /// Requests of the group, and steps that wait for nothing else than these do.
    main: BatchQueue<G>,
    /// Steps that lock newsletters. On PostgreSQL they may wait until the start of an issue is committed.
    newsletters: BatchQueue<G>,
}

/// A queue whose requests are stored batch by batch.
#[derive(Debug)]
struct BatchQueue<G: Group>(Mutex<Waiting<G>>);

#[derive(Debug)]
struct Waiting<G: Group> {
    requests: VecDeque<Request<G>>,
    /// Whether a task stores the batches of this queue.
    is_running: bool,
    /// Whether requests were refused since the queue was last empty.
    is_full: bool,
}

#[derive(Debug)]
enum Request<G: Group> {
    Grouped(Grouped<G>),
    Step(Box<dyn QueuedStep>),
}

impl<G: Group> WriteQueue<G> {
    pub(crate) fn new(app: &Arc<App>, group: G) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            group,
            main: BatchQueue::default(),
            newsletters: BatchQueue::default(),
        })
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    pub(crate) fn group(&self) -> &G {
        &self.group
    }

    /// Stores a request of the group with the next batch, and returns its answer after the commit.
    ///
    /// # Errors
    /// If the queue is full or the transaction fails; then nothing is changed.
    pub(crate) async fn store(self: &Arc<Self>, request: G::Request) -> Result<G::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.push(&self.main, Request::Grouped(Grouped { request, reply }))?;
        answer.await.map_err(|_| ended())?
    }

    /// Runs a step with the next batch, and returns its result after the commit.
    ///
    /// # Errors
    /// If the queue is full, the step fails, or the transaction does; then nothing is changed.
    pub(crate) async fn run<S: Step>(self: &Arc<Self>, step: S) -> Result<S::Output, StoreError> {
        // SQLite has one writer at a time, so several lanes would only wait for each other.
        let waits_long = matches!(self.app.store, Store::Postgres(_)) && !step.locks().newsletters.is_empty();
        let queue = if waits_long { &self.newsletters } else { &self.main };
        let (pending, result) = Pending::new(step);
        self.push(queue, Request::Step(Box::new(pending)))?;
        result.await.map_err(|_| ended())?
    }

    /// Adds a request to a queue. Starts the task of the queue unless it runs.
    fn push(self: &Arc<Self>, queue: &BatchQueue<G>, request: Request<G>) -> Result<(), StoreError> {
        let mut waiting = queue.lock();
        if waiting.requests.len() >= MAX_WAITING {
            if !waiting.is_full {
                waiting.is_full = true;
                tracing::warn!(
                    request.count = MAX_WAITING,
                    "write queue full; refusing further requests"
                );
            }
            return Err(StoreError::Overloaded);
        }
        waiting.requests.push_back(request);
        if !waiting.is_running {
            waiting.is_running = true;
            drop(waiting);
            let queues = Arc::clone(self);
            let is_main = std::ptr::eq(queue, &raw const self.main);
            // A task of its own: a client that disconnects ends the task of its request, and must not end the batch of others.
            tokio::spawn(async move {
                let queue = if is_main { &queues.main } else { &queues.newsletters };
                queues.empty(queue).await;
            });
        }
        Ok(())
    }

    /// Stores batches until the queue is empty.
    async fn empty(&self, queue: &BatchQueue<G>) {
        let running = BatchTask(queue);
        while let Some(batch) = running.next_batch() {
            batch.store(&self.app, &self.group).await;
        }
    }
}

impl<G: Group> Default for BatchQueue<G> {
    fn default() -> Self {
        Self(Mutex::new(Waiting {
            requests: VecDeque::new(),
            is_running: false,
            is_full: false,
        }))
    }
}

impl<G: Group> BatchQueue<G> {
    fn lock(&self) -> MutexGuard<'_, Waiting<G>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that stores the batches of a queue.
struct BatchTask<'a, G: Group>(&'a BatchQueue<G>);

impl<G: Group> BatchTask<'_, G> {
    /// The next batch. `None` if no request waits; then another task may start.
    fn next_batch(&self) -> Option<Batch<G>> {
        let mut waiting = self.0.lock();
        let mut batch = Batch::default();
        let grouped_waiting = waiting
            .requests
            .iter()
            .filter(|request| matches!(request, Request::Grouped(_)));
        let max_grouped = even_length(grouped_waiting.count().min(MAX_GROUPED));
        while let Some(request) = waiting.requests.pop_front() {
            match request {
                Request::Grouped(grouped) if batch.grouped.len() < max_grouped => batch.grouped.push(grouped),
                Request::Step(step) if batch.steps.len() < MAX_STEPS => batch.steps.push(step),
                next => {
                    waiting.requests.push_front(next);
                    break;
                }
            }
        }
        if batch.is_empty() {
            waiting.is_running = false;
            waiting.is_full = false;
            return None;
        }
        Some(batch)
    }
}

/// The largest length of at most `waiting` that is a sum of two powers of two. The rows of such a batch need two statements for each
/// table, and less than a quarter of the requests waits for the next batch.
fn even_length(waiting: usize) -> usize {
    let Some(first) = waiting.checked_ilog2() else {
        return 0;
    };
    let first = 1 << first;
    let second = (waiting - first).checked_ilog2().map_or(0, |second| 1 << second);
    first + second
}

impl<G: Group> Drop for BatchTask<'_, G> {
    /// After a panic the waiting requests fail, and the next request starts another task.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut waiting = self.0.lock();
            waiting.requests.clear();
            waiting.is_running = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::even_length;

    #[test]
    fn a_batch_has_most_of_the_waiting_requests() {
        let lengths = [0, 1, 2, 3, 7, 8, 13, 100, 127, 256].map(even_length);
        assert_eq!(lengths, [0, 1, 2, 3, 6, 8, 12, 96, 96, 256]);
    }
}
