//! A request with statements of its own, which runs in a part of a batch's transaction.

use std::fmt;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::app::App;
use crate::domain::ids::NewsletterId;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// The result of a request: its answer, or why the transaction failed.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// The error of a request whose batch panicked. The panic itself is in the log.
pub(super) fn ended() -> StoreError {
    StoreError::Unavailable("the transaction of this request ended without a result".to_owned())
}

/// A request that runs in a part of a batch's transaction. If the batch conflicts with another transaction, it runs again.
pub(crate) trait Step: Send + Sync + 'static {
    type Output: Send + 'static;

    /// What the step locks. A batch locks everything in the order of [`crate::store`] before its first step.
    fn locks(&self) -> Locks;

    fn run(&self, app: &App, tx: &mut Tx)
    -> impl Future<Output = Result<StepOutcome<Self::Output>, StoreError>> + Send;
}

/// What a step locks before it begins.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    pub(crate) newsletters: Vec<NewsletterId>,
    pub(crate) mailboxes: Vec<MailboxKey>,
}

/// The result of a step.
#[derive(Debug)]
pub(crate) enum StepOutcome<T> {
    /// The changes of the step are committed.
    Commit(T),
    /// The changes of the step are rolled back.
    RollBack(T),
}

/// Runs a step in a transaction of its own, for a caller without a queue.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub(crate) async fn run_alone<S: Step>(app: &App, step: &S) -> Result<S::Output, StoreError> {
    retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        step.locks().take(&mut tx).await?;
        match step.run(app, &mut tx).await? {
            StepOutcome::Commit(output) => tx.commit().await.map(|()| output),
            StepOutcome::RollBack(output) => Ok(output),
        }
    })
    .await
}

impl Locks {
    /// Takes the locks in the order of [`crate::store`].
    pub(super) async fn take(self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.lock_newsletters(self.newsletters).await?;
        tx.lock_mailboxes(self.mailboxes).await
    }
}

/// A step in the queue, of any type.
pub(super) trait QueuedStep: fmt::Debug + Send {
    fn locks(&self) -> Locks;

    /// Runs the step in its part of the transaction. An error that is returned makes the whole batch fail.
    fn run<'a>(
        &'a mut self,
        app: &'a App,
        tx: &'a mut Tx,
        is_last_attempt: bool,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Sends the result. `committed` is the error of the transaction, if it failed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A step, and where its result is sent.
pub(super) struct Pending<S: Step> {
    step: S,
    result: Option<Result<S::Output, StoreError>>,
    reply: Reply<S::Output>,
}

impl<S: Step> Pending<S> {
    pub(super) fn new(step: S) -> (Self, oneshot::Receiver<Result<S::Output, StoreError>>) {
        let (reply, receiver) = oneshot::channel();
        let pending = Self {
            step,
            result: None,
            reply,
        };
        (pending, receiver)
    }
}

impl<S: Step> fmt::Debug for Pending<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl<S: Step> QueuedStep for Pending<S> {
    fn locks(&self) -> Locks {
        self.step.locks()
    }

    fn run<'a>(
        &'a mut self,
        app: &'a App,
        tx: &'a mut Tx,
        is_last_attempt: bool,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            tx.begin_part().await?;
            let made = self.step.run(app, tx).await;
            let (result, is_kept) = match made {
                Ok(StepOutcome::Commit(output)) => (Ok(output), true),
                Ok(StepOutcome::RollBack(output)) => (Ok(output), false),
                // The batch is repeated. After a broken connection nothing can be undone.
                Err(error) if error.is_unavailable() || (error.is_conflict() && !is_last_attempt) => return Err(error),
                Err(error) => (Err(error), false),
            };
            self.result = Some(result);
            if is_kept {
                tx.keep_part().await
            } else {
                tx.undo_part().await
            }
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, reply, .. } = *self;
        let result = committed.and_then(|()| result.unwrap_or_else(|| Err(ended())));
        // The client may have disconnected.
        let _ = reply.send(result);
    }
}
