//! The coordinator of a sender process: leases deliveries of every issue that is being sent, hands them to the connections, and ends
//! issues whose deliveries are all final.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::dispatch::Dispatcher;
use super::job::Job;
use super::personalise::{IssueParts, on_signing_thread};
use super::refusals::Refusals;
use super::relays::RelayHandle;
use super::retry::RetryPolicy;
use super::stop_condition::StopCondition;
use super::warmup;
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};
use crate::process;
use crate::store::StoreError;
use crate::store::delivery_transitions::DeliveryTransition;
use crate::store::leases::LeasedDelivery;

/// With [`StopCondition::NothingDue`], the longest wait for a domain that asked us to slow down.
const MAX_THROTTLE_WAIT: Duration = Duration::from_mins(1);
/// With [`StopCondition::NothingDue`], the longest wait for deliveries that were released because their domain is at its limit.
const MAX_SURPLUS_WAIT: TimeDelta = TimeDelta::minutes(5);
/// Messages signed in advance before connections get them: few, so that the first ones do not wait for a whole batch.
const SIGNING_BATCH: usize = 32;

/// What a round of the coordinator found.
pub(super) enum Round {
    /// Deliveries were leased; there may be more.
    Busy,
    /// Nothing is due, or the connections have enough.
    Idle,
    /// The stop condition is met.
    Done,
}

/// How far this process is in the first pass over an issue's deliveries. Deliveries that were never attempted nor released have no
/// `next_attempt_at` and are leased in the order of their subscriptions; all others are leased when they are due.
struct FirstPass {
    /// Where to look for the next one; `None` once there are none.
    position: Option<SubscriptionId>,
    /// When to check again whether there are none, because that is slow in a large issue.
    check_at: Instant,
}

impl FirstPass {
    fn new() -> Self {
        Self {
            position: Some(SubscriptionId(Uuid::nil())),
            check_at: Instant::now(),
        }
    }
}

pub(super) struct Coordinator {
    pub(super) app: Arc<App>,
    until: StopCondition,
    pub(super) dispatcher: Arc<Dispatcher>,
    refusals: Arc<Refusals>,
    /// For each issue, when the last of the deliveries becomes due that were released because their domain is at its limit.
    pub(super) surplus_until: HashMap<IssueId, DateTime<Utc>>,
    relays: Vec<Arc<RelayHandle>>,
    process: Option<String>,
    parts: HashMap<IssueId, Arc<IssueParts>>,
    first_passes: HashMap<IssueId, FirstPass>,
}

impl Coordinator {
    pub(super) fn new(
        app: Arc<App>,
        until: StopCondition,
        dispatcher: Arc<Dispatcher>,
        refusals: Arc<Refusals>,
        relays: Vec<Arc<RelayHandle>>,
    ) -> Self {
        Self {
            app,
            until,
            dispatcher,
            refusals,
            surplus_until: HashMap::new(),
            relays,
            process: process::current(),
            parts: HashMap::new(),
            first_passes: HashMap::new(),
        }
    }

    /// Releases what must not be sent here, and leases a batch of each issue while the connections want more.
    pub(super) async fn round(&mut self) -> Result<Round, StoreError> {
        if self.dispatcher.take_reconciliation_request() {
            self.reconcile().await?;
        }
        warmup::refill(&self.app, &self.relays, &self.dispatcher).await?;
        let sending = self.app.store.read().await?.issues_sending().await?;
        // The age of an issue that was reopened counts from then, so its parts are read again.
        self.parts
            .retain(|id, parts| sending.contains(&(*id, parts.issue.reopened_at)));
        let sending: Vec<_> = sending.into_iter().map(|(id, _)| id).collect();
        self.first_passes.retain(|id, _| sending.contains(id));
        self.surplus_until.retain(|id, _| sending.contains(id));
        self.refusals.retain(&sending);
        self.release_stopped(&sending).await?;
        self.release_surplus().await?;
        let only = self.until.issue();
        if only.is_some_and(|only| !sending.contains(&only)) {
            return Ok(Round::Done);
        }
        let mut round = Round::Idle;
        for issue in sending
            .into_iter()
            .filter(|issue| only.is_none_or(|only| only == *issue))
        {
            if !self.dispatcher.is_low() {
                break;
            }
            if self.lease(issue).await? {
                round = Round::Busy;
            } else if !self.dispatcher.issues().contains(&issue) {
                self.finish(issue).await?;
            }
        }
        if matches!(round, Round::Idle)
            && let StopCondition::NothingDue(issue) = self.until
            && self.is_nothing_due(issue).await?
        {
            return Ok(Round::Done);
        }
        Ok(round)
    }

    /// Whether this process cannot try any delivery of the issue now.
    async fn is_nothing_due(&self, issue: IssueId) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        if self.dispatcher.in_flight() > 0 {
            return Ok(false);
        }
        if self.dispatcher.issues().contains(&issue) {
            // A delivery leased by this process waits for a connection, for the next day's cap, or for a throttled domain.
            let are_caps_used_up = self.relays.iter().all(|relay| relay.is_cap_used_up());
            let opens_late = |at| at > tokio::time::Instant::now() + MAX_THROTTLE_WAIT;
            let waits_long = self
                .dispatcher
                .has_work_now()
                .is_err_and(|at| at.is_some_and(opens_late));
            return Ok(are_caps_used_up || waits_long);
        }
        let surplus = self.surplus_until.get(&issue);
        if surplus.is_some_and(|until| *until > now && *until < now + MAX_SURPLUS_WAIT) {
            return Ok(false);
        }
        if !self.is_first_pass_done(issue) {
            return Ok(false);
        }
        // If a delivery was sent just now, the next round finishes its issue.
        let mut tx = self.app.store.read().await?;
        let next = tx.next_attempt(issue).await?;
        Ok(next.is_none_or(|next| next > now) && tx.issues_sending().await?.iter().any(|(id, _)| *id == issue))
    }

    fn is_first_pass_done(&self, issue: IssueId) -> bool {
        self.first_passes
            .get(&issue)
            .is_some_and(|pass| pass.position.is_none())
    }

    /// Leases a batch of an issue and hands it to the connections. Returns false if nothing is due.
    async fn lease(&mut self, issue: IssueId) -> Result<bool, StoreError> {
        let Some(parts) = self.parts(issue).await? else {
            return Ok(false);
        };
        let limit = i64::from(self.app.config.delivery.batch);
        let now = self.app.clock.now();
        let pass = self.first_passes.entry(issue).or_insert_with(FirstPass::new);
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let lease = tx
            .lease_deliveries(issue, self.app.node, pass.position, limit, now)
            .await?;
        tx.commit().await?;
        if lease.first_pass_cursor.is_some() {
            pass.position = lease.first_pass_cursor;
        } else if lease.leased_count == 0 && pass.position.is_some() && Instant::now() >= pass.check_at {
            // Nothing was found, but another process may release a delivery of the first pass that it leased.
            let started = Instant::now();
            pass.position = self.app.store.read().await?.first_in_first_pass(issue).await?;
            // The check takes at most a tenth of the time, however large the issue is.
            pass.check_at = Instant::now() + started.elapsed() * 10;
        }
        if self.is_too_old(&parts) {
            self.expire(lease.deliveries, &parts).await;
        } else {
            self.hand_out(lease.deliveries, &parts).await;
        }
        Ok(lease.leased_count > 0)
    }

    /// Gives leased deliveries to the connections. Their messages are signed in advance on another thread if that is fast. Slow
    /// signatures (RSA) are made when each message's turn comes, so that several threads share them.
    async fn hand_out(&self, deliveries: Vec<LeasedDelivery>, parts: &Arc<IssueParts>) {
        if self.app.signers.are_slow() {
            let jobs = deliveries
                .into_iter()
                .map(|delivery| Job::new(Arc::clone(parts), delivery));
            return self.dispatcher.add(jobs.collect());
        }
        let mut deliveries = deliveries.into_iter();
        loop {
            let batch: Vec<_> = deliveries.by_ref().take(SIGNING_BATCH).collect();
            if batch.is_empty() {
                return;
            }
            let parts = Arc::clone(parts);
            let signed = on_signing_thread(&self.app, move |app| {
                let now = app.clock.now();
                let signed_job = |delivery| {
                    let mut job = Job::new(Arc::clone(&parts), delivery);
                    job.sign(app, now);
                    job
                };
                Ok(batch.into_iter().map(signed_job).collect())
            });
            match signed.await {
                Ok(jobs) => self.dispatcher.add(jobs),
                Err(error) => {
                    tracing::error!(%error, "messages not signed; releasing their leases");
                    self.dispatcher.request_reconciliation();
                }
            }
        }
    }

    /// Whether the issue is older than its expiry: none of its deliveries may be tried any more.
    fn is_too_old(&self, parts: &IssueParts) -> bool {
        let policy = RetryPolicy::of(&self.app).for_newsletter(&parts.newsletter);
        let age = parts.issue.waits_since().map(|since| self.app.clock.now() - since);
        age.is_some_and(|age| age > policy.expire_after)
    }

    async fn expire(&self, deliveries: Vec<LeasedDelivery>, parts: &IssueParts) {
        let now = self.app.clock.now();
        let policy = RetryPolicy::of(&self.app).for_newsletter(&parts.newsletter);
        let limit = humantime::format_duration(policy.expire_after.to_std().unwrap_or_default());
        let transitions: Vec<_> = deliveries
            .into_iter()
            .map(|delivery| DeliveryTransition {
                key: (delivery.issue_id, delivery.subscription_id),
                state: DeliveryState::Expired,
                next_attempt_at: None,
                attempts: delivery.attempts,
                // After an attempt, the relay's last reply says more.
                reply: (delivery.attempts == 0).then(|| format!("not sent within {limit}")),
            })
            .collect();
        if transitions.is_empty() {
            return;
        }
        let recorded = self
            .app
            .store
            .record_transitions(self.app.node, &transitions, now)
            .await;
        if let Err(error) = recorded {
            tracing::error!(%error, "expired deliveries not recorded; releasing their leases");
            self.dispatcher.request_reconciliation();
        }
    }

    /// What all messages of an issue share. `None` if the issue is gone, or if no message of it can be built; then it is paused.
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

    /// Ends an issue when every delivery is final.
    async fn finish(&self, issue: IssueId) -> Result<(), StoreError> {
        if !self.is_first_pass_done(issue) || self.app.store.read().await?.has_open_deliveries(issue).await? {
            return Ok(());
        }
        let mut tx = self.app.store.write().await?;
        let now = self.app.clock.now();
        // Moving the issue locks its row, and only then are its deliveries looked at again: meanwhile an operator may have queued
        // those in doubt. Without a commit nothing is changed.
        let has_ended = tx
            .move_issue(issue, IssueState::Sending, IssueState::Sent, None, now)
            .await?
            && !tx.has_open_deliveries(issue).await?;
        if has_ended {
            let name = tx.issue_name(issue).await?;
            tx.commit().await?;
            tracing::info!(issue.id = %issue, issue.name = name, "issue sent");
        }
        Ok(())
    }
}
