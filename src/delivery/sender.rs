//! The coordinator: leases deliveries of every issue that is being sent, and keeps the connections supplied.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::connection::Worker;
use super::dispatch::{Dispatch, Job};
use super::personalise::{IssueParts, Recipient, Signed, elsewhere};
use super::recorder::Recorder;
use super::refusals::Refusals;
use super::relays::Lane;
use super::retry::RetryPolicy;
use super::warmup;
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};
use crate::process;
use crate::store::StoreError;
use crate::store::deliveries::DeliveryStep;
use crate::store::leases::LeasedDelivery;

/// How often to look for work that nobody announced: another process queued it, or its time has come.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A sender with `Until::NothingDue` waits at most this long for a domain that asked us to slow down,
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// and for a domain whose limit is reached.
const MAX_THROTTLED: TimeDelta = TimeDelta::minutes(5);
/// How many messages are signed before the connections get them.
const SIGNED_AT_ONCE: usize = 32;

/// When a sender ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Never; it sends every issue.
    Stopped,
    /// Once this issue is sent, paused or cancelled; it sends no other.
    Ended(IssueId),
    /// The same, or once no delivery of this issue can be tried now: the rest is deferred, waits for its local time or for the
    /// next day's cap, or is leased by another process.
    NothingDue(IssueId),
}

impl Until {
    const fn issue(self) -> Option<IssueId> {
        match self {
            Self::Stopped => None,
            Self::Ended(issue) | Self::NothingDue(issue) => Some(issue),
        }
    }
}

/// Sends what is due until `stop` is cancelled or `until` is reached. Then waits for the messages on the wire.
/// [`super::nodes::keep`] runs around this, and releases everything else.
///
/// # Panics
/// When a connection or the recorder panicked; what is on the wire at the others ends first.
pub async fn run(app: Arc<App>, until: Until, stop: CancellationToken) {
    let stop = stop.child_token();
    let lanes = Lane::all(&app);
    let weights: Vec<_> = lanes.iter().map(|lane| lane.weight).collect();
    let batch = app.config.delivery.batch;
    let dispatch = Arc::new(Dispatch::new(
        &weights,
        &app.config.delivery.limits,
        usize::try_from(batch).unwrap_or(usize::MAX).div_ceil(2),
    ));
    let (recorder, recording) = Recorder::start(Arc::clone(&app), Arc::clone(&dispatch));
    let refusals = Arc::new(Refusals::default());
    let drained = CancellationToken::new();
    let mut workers = JoinSet::new();
    for lane in &lanes {
        for number in 0..lane.connections {
            let worker = Worker {
                app: Arc::clone(&app),
                number,
                lane: Arc::clone(lane),
                dispatch: Arc::clone(&dispatch),
                recorder: recorder.clone(),
                policy: RetryPolicy::of(&app),
                refusals: Arc::clone(&refusals),
                stop: stop.clone(),
                drained: drained.clone(),
            };
            workers.spawn(worker.run());
        }
    }
    drop(recorder);

    let mut coordinator = Coordinator {
        app: Arc::clone(&app),
        until,
        dispatch: Arc::clone(&dispatch),
        refusals,
        throttled_until: HashMap::new(),
        lanes,
        process: process::current(),
        parts: HashMap::new(),
        places: HashMap::new(),
    };
    let mut failed = None;
    while !stop.is_cancelled() {
        // Neither ends before it is told to but by a panic, and what it held nobody else here would send.
        failed = workers.try_join_next().and_then(Result::err);
        let is_lost = recording.is_finished() && !workers.is_empty() && !stop.is_cancelled();
        if failed.is_some() || is_lost {
            tracing::error!("a part of the sender panicked; this is a fault in daywire: ending");
            stop.cancel();
            break;
        }
        match coordinator.round().await {
            Ok(Round::Busy) => {}
            Ok(Round::Done) => break,
            Ok(Round::Idle) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = app.delivery_wakeup.notified() => {}
                    () = dispatch.low.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "could not look for deliveries; trying again");
                dispatch.doubt();
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
    drained.cancel();
    while let Some(ended) = workers.join_next().await {
        failed = failed.or(ended.err());
    }
    failed = failed.or(recording.await.err());
    warmup::give_back(&app, &coordinator.lanes).await;
    if let Some(Ok(panic)) = failed.map(JoinError::try_into_panic) {
        resume_unwind(panic);
    }
}

enum Round {
    /// Something was leased.
    Busy,
    /// Nothing is due now, or enough is leased.
    Idle,
    /// Nothing is left to do of the one issue.
    Done,
}

/// How far an issue is.
struct Place {
    /// From which delivery on those are to be looked for that have not had their turn; none when all have.
    from: Option<SubscriptionId>,
    /// When to look again whether all have: that takes long in a large issue.
    look_at: Instant,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            from: Some(SubscriptionId(Uuid::nil())),
            look_at: Instant::now(),
        }
    }
}

pub(super) struct Coordinator {
    pub(super) app: Arc<App>,
    until: Until,
    pub(super) dispatch: Arc<Dispatch>,
    refusals: Arc<Refusals>,
    /// Until when deliveries of throttled domains were released to the database. They can be tried after that.
    pub(super) throttled_until: HashMap<IssueId, DateTime<Utc>>,
    lanes: Vec<Arc<Lane>>,
    process: Option<String>,
    parts: HashMap<IssueId, Arc<IssueParts>>,
    places: HashMap<IssueId, Place>,
}

impl Coordinator {
    /// One look at every issue that is being sent: a batch of each, if more is wanted.
    async fn round(&mut self) -> Result<Round, StoreError> {
        if self.dispatch.take_doubt() {
            self.reconcile().await?;
        }
        warmup::refill(&self.app, &self.lanes, &self.dispatch).await?;
        let sending = self.app.store.read().await?.issues_sending().await?;
        // One that was taken up again is of another age than it was.
        self.parts
            .retain(|id, parts| sending.contains(&(*id, parts.issue.reopened_at)));
        let sending: Vec<_> = sending.into_iter().map(|(id, _)| id).collect();
        self.places.retain(|id, _| sending.contains(id));
        self.throttled_until.retain(|id, _| sending.contains(id));
        self.refusals.retain(&sending);
        self.withdraw(&sending).await?;
        self.put_surplus_back().await?;
        let only = self.until.issue();
        if only.is_some_and(|only| !sending.contains(&only)) {
            return Ok(Round::Done);
        }
        let mut round = Round::Idle;
        for issue in sending
            .into_iter()
            .filter(|issue| only.is_none_or(|only| only == *issue))
        {
            if !self.dispatch.wants() {
                break;
            }
            if self.lease(issue).await? {
                round = Round::Busy;
            } else if !self.dispatch.issues().contains(&issue) {
                self.finish(issue).await?;
            }
        }
        if matches!(round, Round::Idle)
            && let Until::NothingDue(issue) = self.until
            && self.is_nothing_due(issue).await?
        {
            return Ok(Round::Done);
        }
        Ok(round)
    }

    /// Whether this process cannot try any delivery of the issue now.
    async fn is_nothing_due(&self, issue: IssueId) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        if self.dispatch.in_flight() > 0 {
            return Ok(false);
        }
        if self.dispatch.issues().contains(&issue) {
            // A delivery leased by this process waits for a connection, for the next day's cap, or for a throttled domain.
            let is_day_over = self.lanes.iter().all(|lane| lane.has_used_up_its_day());
            let opens_late = |at| at > tokio::time::Instant::now() + MAX_PAUSE;
            return Ok(is_day_over || self.dispatch.has_work_now().is_err_and(|at| at.is_some_and(opens_late)));
        }
        let throttled = self.throttled_until.get(&issue);
        if throttled.is_some_and(|until| *until > now && *until < now + MAX_THROTTLED) {
            return Ok(false);
        }
        if self.places.get(&issue).is_none_or(|place| place.from.is_some()) {
            return Ok(false);
        }
        // A delivery that was just sent is counted in the next round.
        let mut tx = self.app.store.read().await?;
        let next = tx.next_attempt(issue).await?;
        Ok(next.is_none_or(|next| next > now) && tx.issues_sending().await?.iter().any(|(id, _)| *id == issue))
    }

    /// Leases a batch and hands it to the connections; false when nothing is due.
    async fn lease(&mut self, issue: IssueId) -> Result<bool, StoreError> {
        let Some(parts) = self.parts(issue).await? else {
            return Ok(false);
        };
        let limit = i64::from(self.app.config.delivery.batch);
        let now = self.app.clock.now();
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let place = self.places.entry(issue).or_default();
        let lease = tx
            .lease_deliveries(issue, self.app.node, place.from, limit, now)
            .await?;
        tx.commit().await?;
        if lease.last.is_some() {
            place.from = lease.last;
        } else if lease.looked_at == 0 && place.from.is_some() && Instant::now() >= place.look_at {
            let looked = Instant::now();
            place.from = self.app.store.read().await?.first_unattempted(issue).await?;
            place.look_at = Instant::now() + looked.elapsed() * 10;
        }
        let (fresh, stale) = self.by_age(lease.deliveries, &parts);
        self.expire(stale, &parts).await;
        self.hand_out(fresh, &parts).await;
        Ok(lease.looked_at > 0)
    }

    /// Gives deliveries to the connections, with their messages signed where that is done in no time: on another thread, so
    /// that the connections need not. Slow signatures the connections wait for, each for its own.
    async fn hand_out(&self, deliveries: Vec<LeasedDelivery>, parts: &Arc<IssueParts>) {
        if self.app.signers.are_slow() {
            let job = |delivery| Job::new(Arc::clone(parts), delivery, None);
            return self.dispatch.add(deliveries.into_iter().map(job).collect());
        }
        let mut deliveries = deliveries.into_iter();
        loop {
            let (some, parts): (Vec<_>, _) = (deliveries.by_ref().take(SIGNED_AT_ONCE).collect(), Arc::clone(parts));
            if some.is_empty() {
                return;
            }
            let signed = elsewhere(&self.app, move |app| {
                let now = app.clock.now();
                let job = |delivery| {
                    // What cannot be made, the connection tries again, and says why.
                    let signed = Signed::new(app, &parts, Recipient::of(&delivery), now).ok();
                    Job::new(Arc::clone(&parts), delivery, signed.map(Box::new))
                };
                Ok(some.into_iter().map(job).collect())
            });
            match signed.await {
                Ok(jobs) => self.dispatch.add(jobs),
                Err(error) => {
                    tracing::error!(%error, "messages could not be made; their leases go back");
                    self.dispatch.doubt();
                }
            }
        }
    }

    /// Those that are still worth sending, and those that are too old to be tried even once.
    fn by_age(&self, batch: Vec<LeasedDelivery>, parts: &IssueParts) -> (Vec<LeasedDelivery>, Vec<LeasedDelivery>) {
        let policy = RetryPolicy::of(&self.app).for_newsletter(&parts.newsletter);
        let age = parts.issue.waits_since().map(|since| self.app.clock.now() - since);
        if age.is_some_and(|age| age > policy.expire_after) {
            (Vec::new(), batch)
        } else {
            (batch, Vec::new())
        }
    }

    async fn expire(&self, stale: Vec<LeasedDelivery>, parts: &IssueParts) {
        let now = self.app.clock.now();
        let policy = RetryPolicy::of(&self.app).for_newsletter(&parts.newsletter);
        let waits = humantime::format_duration(policy.expire_after.to_std().unwrap_or_default());
        let steps: Vec<_> = stale
            .into_iter()
            .map(|delivery| DeliveryStep {
                key: (delivery.issue_id, delivery.subscription_id),
                state: DeliveryState::Expired,
                next_attempt_at: None,
                attempts: delivery.attempts,
                // What the relay said last tells more.
                reply: (delivery.attempts == 0).then(|| format!("not sent within {waits}")),
            })
            .collect();
        if !steps.is_empty() && self.app.store.take_steps(self.app.node, &steps, now).await.is_err() {
            self.dispatch.doubt();
        }
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
        let app = Arc::clone(&self.app);
        match on_blocking_pool(move || IssueParts::new(&app, issue, newsletter)).await {
            Ok(parts) => {
                let parts = Arc::new(parts);
                self.parts.insert(id, Arc::clone(&parts));
                Ok(Some(parts))
            }
            Err(error) => {
                let mut tx = self.app.store.write().await?;
                let (now, reason) = (self.app.clock.now(), error.to_string());
                let name = tx.issue_name(id).await?;
                tx.move_issue(id, IssueState::Sending, IssueState::Paused, Some(&reason), now)
                    .await?;
                tx.commit().await?;
                tracing::error!(issue.id = %id, issue.name = name, reason, "issue paused");
                Ok(None)
            }
        }
    }

    /// Ends an issue when every recipient is in a final state.
    async fn finish(&self, issue: IssueId) -> Result<(), StoreError> {
        if self.places.get(&issue).is_none_or(|place| place.from.is_some())
            || self.app.store.read().await?.has_open_deliveries(issue).await?
        {
            return Ok(());
        }
        let mut tx = self.app.store.write().await?;
        let now = self.app.clock.now();
        // Moved first, which locks it, and asked then: an operator may just have queued what was in doubt.
        let ended = tx
            .move_issue(issue, IssueState::Sending, IssueState::Sent, None, now)
            .await?
            && !tx.has_open_deliveries(issue).await?;
        if ended {
            let name = tx.issue_name(issue).await?;
            tx.commit().await?;
            tracing::info!(issue.id = %issue, issue.name = name, "issue sent");
        }
        Ok(())
    }
}
