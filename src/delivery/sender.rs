//! The coordinator: leases deliveries of every issue that is being sent and hands them to the connections.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use chrono::TimeDelta;
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection::{Job, Worker};
use super::personalise::IssueParts;
use super::recorder::{Held, Recorder};
use super::retry::RetryPolicy;
use crate::app::App;
use crate::config::InDoubt;
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::domain::time::time_delta;
use crate::store::StoreError;

/// How often to look for work that nobody announced: another process queued it, or its time has come.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Sends whatever is due until told to stop, or, given one issue, until nothing of that is left to do. Then lets what is
/// on the wire end and gives everything else back.
pub async fn run(app: Arc<App>, only: Option<IssueId>, stop: CancellationToken) {
    // Several relays stand in for one another, so the limits of the first are those of all.
    let relay = app.config.relays.first();
    let connections = relay.map_or(1, |relay| relay.connections);
    let rate = relay.and_then(|relay| relay.rate_per_second).map(|rate| {
        let even = Quota::per_second(rate).allow_burst(NonZeroU32::MIN);
        Arc::new(RateLimiter::direct(even))
    });
    let (jobs, receiver) = mpsc::channel(connections * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    let held = Held::default();
    let (recorder, recording) = Recorder::start(Arc::clone(&app), held.clone());
    let standing = Arc::new(AtomicU32::new(0));
    // Workers end when told to stop, or when the coordinator has and no job is left.
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let worker = Worker {
            app: Arc::clone(&app),
            jobs: Arc::clone(&receiver),
            recorder: recorder.clone(),
            policy: RetryPolicy::of(&app),
            rate: rate.clone(),
            standing: Arc::clone(&standing),
            stop: stop.clone(),
        };
        workers.spawn(worker.run());
    }
    drop(recorder);
    // Outlives the order to stop: what is still on the wire then must not be taken over by another node.
    let keeper = tokio::spawn(keep_leases(Arc::clone(&app), held.clone()));

    let mut coordinator = Coordinator {
        app: Arc::clone(&app),
        only,
        jobs,
        held,
        parts: HashMap::new(),
    };
    while !stop.is_cancelled() {
        match coordinator.round(&stop).await {
            Ok(Round::Busy) => {}
            Ok(Round::Done) => break,
            Ok(Round::Idle) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = app.delivery_bell.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "could not look for deliveries; trying again");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
    drop(coordinator);
    while let Some(ended) = workers.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a connection's worker failed");
        }
    }
    if let Err(error) = recording.await {
        tracing::error!(%error, "the recorder failed");
    }
    keeper.abort();
    give_back(&app).await;
}

/// Lengthens our leases while we live, and takes those of nodes that stopped doing so.
async fn keep_leases(app: Arc<App>, held: Held) {
    let lease = time_delta(app.config.delivery.lease);
    let every = (app.config.delivery.lease / 4).max(Duration::from_millis(50));
    let resend = app.config.delivery.in_doubt == InDoubt::Resend;
    loop {
        let now = app.clock.now();
        let kept = async {
            let mut tx = app.store.write().await?;
            for (issue, subscription) in held.keys() {
                tx.renew_lease(issue, subscription, app.node, now + lease).await?;
            }
            let in_doubt = tx.expire_leases(now, resend).await?;
            tx.cancel_leftovers(now).await?;
            tx.commit().await?;
            Ok::<u64, StoreError>(in_doubt)
        };
        match kept.await {
            Ok(0) => {}
            Ok(in_doubt) => tracing::warn!(in_doubt, resend, "took over deliveries of a process that ended"),
            Err(error) => tracing::error!(%error, "leases could not be renewed; trying again"),
        }
        tokio::time::sleep(every).await;
    }
}

async fn give_back(app: &App) {
    let given = async {
        let mut tx = app.store.write().await?;
        let given = tx.give_leases_back(app.node).await?;
        tx.commit().await?;
        Ok::<u64, StoreError>(given)
    };
    match given.await {
        Ok(0) => {}
        Ok(given) => tracing::info!(given, "what was not sent is back in the queue"),
        Err(error) => tracing::warn!(%error, "leases could not be given back; they will run out by themselves"),
    }
}

enum Round {
    /// Something was handed out.
    Busy,
    /// Nothing is due now.
    Idle,
    /// Nothing is left to do of the one issue.
    Done,
}

struct Coordinator {
    app: Arc<App>,
    only: Option<IssueId>,
    jobs: mpsc::Sender<Job>,
    held: Held,
    parts: HashMap<IssueId, Arc<IssueParts>>,
}

impl Coordinator {
    /// One look at every issue that is being sent: a batch of each.
    async fn round(&mut self, stop: &CancellationToken) -> Result<Round, StoreError> {
        let sending = self.app.store.read().await?.issues_sending().await?;
        self.parts.retain(|id, _| sending.contains(id));
        if self.only.is_some_and(|only| !sending.contains(&only)) {
            return Ok(Round::Done);
        }
        let mut round = Round::Idle;
        let only = self.only;
        for issue in sending
            .into_iter()
            .filter(|issue| only.is_none_or(|only| only == *issue))
        {
            if self.hand_out(issue, stop).await? {
                round = Round::Busy;
            } else {
                self.finish(issue).await?;
            }
        }
        Ok(round)
    }

    /// Leases a batch and hands it to the connections; false when nothing is due.
    async fn hand_out(&mut self, issue: IssueId, stop: &CancellationToken) -> Result<bool, StoreError> {
        let Some(parts) = self.parts(issue).await? else {
            return Ok(false);
        };
        let now = self.app.clock.now();
        let until = now + time_delta(self.app.config.delivery.lease).max(TimeDelta::milliseconds(200));
        let limit = i64::from(self.app.config.delivery.batch);
        let mut tx = self.app.store.write().await?;
        let batch = tx.lease_deliveries(issue, self.app.node, now, until, limit).await?;
        tx.commit().await?;
        let any = !batch.is_empty();
        for delivery in &batch {
            self.held.add((delivery.issue_id, delivery.subscription_id));
        }
        for delivery in batch {
            let job = Job {
                parts: Arc::clone(&parts),
                delivery,
            };
            tokio::select! {
                () = stop.cancelled() => break,
                sent = self.jobs.send(job) => if sent.is_err() { break },
            }
        }
        Ok(any)
    }

    async fn parts(&mut self, id: IssueId) -> Result<Option<Arc<IssueParts>>, StoreError> {
        if let Some(parts) = self.parts.get(&id) {
            return Ok(Some(Arc::clone(parts)));
        }
        let mut tx = self.app.store.read().await?;
        let Some(issue) = tx.issue(id).await? else {
            return Ok(None);
        };
        let newsletter = tx.newsletter(issue.newsletter_id).await?;
        drop(tx);
        match IssueParts::new(&self.app, issue, newsletter) {
            Ok(parts) => {
                let parts = Arc::new(parts);
                self.parts.insert(id, Arc::clone(&parts));
                Ok(Some(parts))
            }
            Err(error) => {
                let mut tx = self.app.store.write().await?;
                let (now, reason) = (self.app.clock.now(), error.to_string());
                tx.move_issue(id, IssueState::Sending, IssueState::Paused, Some(&reason), now)
                    .await?;
                tx.commit().await?;
                tracing::error!(issue.id = %id, reason, "the issue is paused");
                Ok(None)
            }
        }
    }

    /// Ends an issue when every recipient is in a final state.
    async fn finish(&self, issue: IssueId) -> Result<(), StoreError> {
        if self.app.store.read().await?.has_open_deliveries(issue).await? {
            return Ok(());
        }
        let mut tx = self.app.store.write().await?;
        let now = self.app.clock.now();
        let ended = !tx.has_open_deliveries(issue).await?
            && tx
                .move_issue(issue, IssueState::Sending, IssueState::Sent, None, now)
                .await?;
        tx.commit().await?;
        if ended {
            tracing::info!(issue.id = %issue, "the issue is sent");
        }
        Ok(())
    }
}
