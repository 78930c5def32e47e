//! A sender that runs without the rest of the service, so that a test can wait for its end.

use std::sync::Arc;

use daywire::delivery::{nodes, sender};
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use daywire::delivery::sender::StopCondition;

use super::{TestApp, eventually};

/// The tasks of a process that sends: the sender and the heartbeat that keeps its leases.
pub struct SenderProcess {
    stop_sender: CancellationToken,
    stop_heartbeat: CancellationToken,
    sender: JoinHandle<()>,
    heartbeat: JoinHandle<()>,
}

impl SenderProcess {
    /// Starts sending as the process of `app`.
    pub fn start(app: &TestApp, until: StopCondition) -> Self {
        let (stop_sender, stop_heartbeat) = (CancellationToken::new(), CancellationToken::new());
        let app = &app.app;
        Self {
            heartbeat: tokio::spawn(nodes::run_heartbeat(Arc::clone(app), stop_heartbeat.clone())),
            sender: tokio::spawn(sender::run(Arc::clone(app), until, stop_sender.clone())),
            stop_sender,
            stop_heartbeat,
        }
    }

    /// Waits until the stop condition is met and every lease is released.
    pub async fn finish(self) {
        self.sender.await.expect("the sender does not panic");
        self.stop_heartbeat.cancel();
        self.heartbeat.await.expect("the heartbeat does not panic");
    }

    /// Stops in order, as on SIGTERM: finishes the messages in flight and releases every lease.
    pub async fn stop(self) {
        self.stop_sender.cancel();
        self.finish().await;
    }

    /// Ends both tasks at once, as SIGKILL does.
    pub async fn kill(self) {
        for task in [self.sender, self.heartbeat] {
            task.abort();
            let ended = task.await;
            assert!(
                ended.is_err_and(|error| error.is_cancelled()),
                "the task was running when it was killed"
            );
        }
    }
}

impl TestApp {
    /// Sends until this process cannot try any further delivery of the issue now, as `daywire issue send --wait` does.
    pub async fn send_all_due(&self, issue: IssueId) {
        SenderProcess::start(self, StopCondition::NothingDue(issue))
            .finish()
            .await;
    }

    /// Fails unless each of `readers` readers received exactly one mail.
    pub fn assert_one_copy_each(&self, readers: usize) {
        let copies = self.relay.copies();
        let repeated: Vec<_> = copies.iter().filter(|(_, copies)| **copies != 1).collect();
        assert!(repeated.is_empty(), "more than one copy: {repeated:?}");
        assert_eq!(copies.len(), readers, "every reader has a copy");
    }

    /// Waits until an issue is sent. Whenever all of its open deliveries wait for a later time, the clock moves to that time.
    pub async fn until_sent_with_retries(&self, issue: IssueId) {
        eventually("the issue is sent after its retries", || async {
            if self.state(issue).await == IssueState::Sent {
                return true;
            }
            let mut tx = self.app.store.read().await.expect("the database answers");
            let next = tx.idle_until(issue).await.expect("the database answers");
            if let Some(next) = next.filter(|next| *next > self.now()) {
                self.advance(next - self.now());
            }
            false
        })
        .await;
    }
}
