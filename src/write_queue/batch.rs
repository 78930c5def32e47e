//! One batch of requests, and its transaction.

use std::fmt;
use std::sync::Arc;

use super::step::{Locks, QueuedStep, Reply, ended};
use crate::app::App;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::{StoreError, Tx};

/// A batch is tried this often if its transaction conflicts with another one, or if its group has to prepare something.
const MAX_ATTEMPTS: usize = 8;

/// Requests of one kind that are stored together.
pub(crate) trait Group: fmt::Debug + Send + Sync + 'static {
    type Request: fmt::Debug + Send + Sync + 'static;
    type Answer: fmt::Debug + Send + 'static;
    /// What has to be computed or read before a transaction can store the requests.
    type Missing: Send + 'static;
    /// What is done after the commit.
    type Stored: Send + 'static;

    /// The mailboxes that a request locks.
    fn mailbox(&self, request: &Self::Request) -> Option<MailboxKey>;

    /// Stores the requests in a transaction that has locked their mailboxes. Returns an answer for each.
    ///
    /// `is_prepared` is set if [`prepare`](Self::prepare) was called immediately before the transaction.
    fn store(
        &self,
        app: &App,
        tx: &mut Tx,
        requests: &[&Self::Request],
        is_prepared: bool,
    ) -> impl Future<Output = GroupResult<Self>> + Send;

    /// Prepares what was missing, without a transaction.
    fn prepare(&self, app: &App, missing: Self::Missing) -> impl Future<Output = Result<(), StoreError>> + Send;

    fn committed(&self, app: &App, stored: Self::Stored);
}

/// The answers to the requests of a group, and what follows the commit.
pub(crate) type GroupResult<G> =
    Result<(Vec<<G as Group>::Answer>, <G as Group>::Stored), GroupError<<G as Group>::Missing>>;

/// Why the requests of a group were not stored.
#[derive(Debug)]
pub(crate) enum GroupError<M> {
    /// Something has to be prepared. The transaction must not wait for it.
    Missing(M),
    Store(StoreError),
}

impl<M> From<StoreError> for GroupError<M> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A request of a group, and where its answer is sent.
pub(super) struct Grouped<G: Group> {
    pub(super) request: G::Request,
    pub(super) reply: Reply<G::Answer>,
}

impl<G: Group> fmt::Debug for Grouped<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

/// Requests that one transaction stores.
pub(super) struct Batch<G: Group> {
    pub(super) steps: Vec<Box<dyn QueuedStep>>,
    pub(super) grouped: Vec<Grouped<G>>,
}

/// Why a transaction stored nothing.
enum Failure<M> {
    Missing(M),
    /// The statements of the group failed.
    Group(StoreError),
    /// A step conflicted with another transaction, or the transaction as a whole failed.
    Batch(StoreError),
}

impl<G: Group> Default for Batch<G> {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            grouped: Vec::new(),
        }
    }
}

impl<G: Group> Batch<G> {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.grouped.is_empty()
    }

    /// Stores the batch and sends the answers. If it cannot be stored as a whole, the requests are stored in smaller batches.
    pub(super) async fn store(mut self, app: &App, group: &G) {
        // Steps that write the same rows do so in the same order in every batch.
        self.steps.sort_by_cached_key(|step| {
            let locks = step.locks();
            (locks.newsletters, locks.mailboxes)
        });
        let mut is_prepared = false;
        for attempt in 1.. {
            let is_last = attempt == MAX_ATTEMPTS;
            let failure = match self.attempt(app, group, is_prepared, is_last).await {
                Ok((answers, stored)) => return self.answer(app, group, answers, stored),
                Err(failure) => failure,
            };
            is_prepared = false;
            match failure {
                Failure::Missing(missing) if !is_last => match group.prepare(app, missing).await {
                    Ok(()) => is_prepared = true,
                    Err(error) => return self.fail(error),
                },
                Failure::Missing(_) => return self.fail(ended()),
                Failure::Group(error) | Failure::Batch(error) if error.is_race() && !is_last => {}
                Failure::Group(error) if !error.is_unavailable() => return self.split(app, group, error).await,
                Failure::Group(error) | Failure::Batch(error) => return self.fail(error),
            }
        }
    }

    async fn attempt(
        &mut self,
        app: &App,
        group: &G,
        is_prepared: bool,
        is_last: bool,
    ) -> Result<(Vec<G::Answer>, Option<G::Stored>), Failure<G::Missing>> {
        let mut tx = app.store.write_many().await.map_err(Failure::Batch)?;
        self.locks(group).take(&mut tx).await.map_err(Failure::Batch)?;
        for step in &mut self.steps {
            step.run(app, &mut tx, is_last).await.map_err(Failure::Batch)?;
        }
        let (mut answers, mut stored) = (Vec::new(), None);
        if !self.grouped.is_empty() {
            let requests: Vec<_> = self.grouped.iter().map(|grouped| &grouped.request).collect();
            let done = group.store(app, &mut tx, &requests, is_prepared).await;
            let done = done.map_err(|error| match error {
                GroupError::Missing(missing) => Failure::Missing(missing),
                GroupError::Store(error) => Failure::Group(error),
            })?;
            answers = done.0;
            stored = Some(done.1);
        }
        tx.commit().await.map_err(Failure::Batch)?;
        Ok((answers, stored))
    }

    /// All locks of the batch.
    fn locks(&self, group: &G) -> Locks {
        let grouped = self.grouped.iter();
        let mailboxes = grouped.filter_map(|grouped| group.mailbox(&grouped.request));
        let mut locks = Locks {
            newsletters: Vec::new(),
            mailboxes: mailboxes.collect(),
        };
        for step in &self.steps {
            let of_step = step.locks();
            locks.newsletters.extend(of_step.newsletters);
            locks.mailboxes.extend(of_step.mailboxes);
        }
        locks
    }

    fn answer(self, app: &App, group: &G, answers: Vec<G::Answer>, stored: Option<G::Stored>) {
        if let Some(stored) = stored {
            group.committed(app, stored);
        }
        for step in self.steps {
            step.answer(Ok(()));
        }
        for (grouped, answer) in self.grouped.into_iter().zip(answers) {
            // The client may have disconnected.
            let _ = grouped.reply.send(Ok(answer));
        }
    }

    /// Stores the halves of the group by themselves. If the group has one request only, that one fails.
    async fn split(mut self, app: &App, group: &G, error: StoreError) {
        if self.grouped.len() == 1
            && let Some(grouped) = self.grouped.pop()
        {
            let _ = grouped.reply.send(Err(error));
        }
        let rest = self.grouped.split_off(self.grouped.len() / 2);
        let rest = Self {
            steps: Vec::new(),
            grouped: rest,
        };
        for half in [self, rest] {
            if !half.is_empty() {
                Box::pin(half.store(app, group)).await;
            }
        }
    }

    /// Sends the error of the transaction to all.
    fn fail(self, error: StoreError) {
        let error = Arc::new(error);
        for step in self.steps {
            step.answer(Err(StoreError::Shared(Arc::clone(&error))));
        }
        for grouped in self.grouped {
            let _ = grouped.reply.send(Err(StoreError::Shared(Arc::clone(&error))));
        }
    }
}
