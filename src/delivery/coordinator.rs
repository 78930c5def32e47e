//! The coordinator of a sender process: leases deliveries of every issue that is being sent, hands them to the connections, and ends
//! issues whose deliveries are all final.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::daily_caps;
use super::dispatch::Dispatcher;
use super::job::Job;
use super::personalise::{IssueTemplate, on_signing_thread};
use super::queue::Availability;
use super::recipient_refusals::RecipientRefusals;
use super::relays::RelayHandle;
use super::retry::RetryPolicy;
use super::sender_rejections::SenderRejections;
use super::status;
use super::stop_condition::StopCondition;
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};
use crate::process;
use crate::store::StoreError;
use crate::store::delivery_transitions::DeliveryTransition;
use crate::store::leases::{LeaseBatch, LeasedDelivery};
use crate::text::plain::in_days;

/// With [`StopCondition::NothingDue`], the sender waits at most this long for a domain that asked us to slow down.
const MAX_WAIT_FOR_THROTTLE: Duration = Duration::from_mins(1);
/// With [`StopCondition::NothingDue`], the sender waits at most this long for surplus deliveries that were released.
const MAX_WAIT_FOR_SURPLUS: TimeDelta = TimeDelta::minutes(5);
/// How many messages are signed before connections get them: few, so that the first ones do not wait for a whole batch.
const SIGNING_BATCH: usize = 32;

/// What a round of the coordinator found.
pub(super) enum Round {
    /// Deliveries were leased, and more may be due.
    Busy,
    /// Nothing is due, or the connections have enough.
    Idle,
    /// The stop condition is fulfilled.
    Done,
}

/// How far this process is in the first pass over an issue's deliveries.
///
/// The freeze leaves `next_attempt_at` empty. Deliveries without it are the first pass: they are leased in the order of their
/// subscriptions, without sorting by time. An attempt or a release sets `next_attempt_at`, and ends the first pass of that delivery. From
/// then on it is leased when it is due. So a process that has passed a delivery need not look back at it.
struct FirstPass {
    /// The subscription from which to look for the next delivery; `None` once no delivery of the first pass is left in any process.
    position: Option<SubscriptionId>,
    /// The earliest time for the next check whether any is left. The check is slow in a large issue.
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
    stop_condition: StopCondition,
    pub(super) dispatcher: Arc<Dispatcher>,
    sender_rejections: Arc<SenderRejections>,
    recipient_refusals: Arc<RecipientRefusals>,
    /// For each issue, when the last of its surplus deliveries that were released becomes due.
    pub(super) last_surplus_due: HashMap<IssueId, DateTime<Utc>>,
    relays: Vec<Arc<RelayHandle>>,
    process: Option<String>,
    templates: HashMap<IssueId, Arc<IssueTemplate>>,
    first_passes: HashMap<IssueId, FirstPass>,
}

impl Coordinator {
    pub(super) fn new(
        app: Arc<App>,
        stop_condition: StopCondition,
        dispatcher: Arc<Dispatcher>,
        sender_rejections: Arc<SenderRejections>,
        recipient_refusals: Arc<RecipientRefusals>,
        relays: Vec<Arc<RelayHandle>>,
    ) -> Self {
        Self {
            app,
            stop_condition,
            dispatcher,
            sender_rejections,
            recipient_refusals,
            last_surplus_due: HashMap::new(),
            relays,
            process: process::current(),
            templates: HashMap::new(),
            first_passes: HashMap::new(),
        }
    }

    /// Releases what must not be sent here, and leases a batch of each issue while the connections want more.
    pub(super) async fn round(&mut self) -> Result<Round, StoreError> {
        if self.dispatcher.take_reconciliation_request() {
            self.reconcile().await?;
        }
        daily_caps::refill(&self.app, &self.relays, &self.dispatcher).await?;
        let sending = self.app.store.read().await?.issues_sending().await?;
        // The age of a reopened issue counts from its reopening. So a template that was read before is dropped, and read again.
        self.templates
            .retain(|id, template| sending.contains(&(*id, template.issue.reopened_at)));
        let sending: Vec<_> = sending.into_iter().map(|(id, _)| id).collect();
        self.first_passes.retain(|id, _| sending.contains(id));
        self.last_surplus_due.retain(|id, _| sending.contains(id));
        self.sender_rejections.retain(&sending);
        self.recipient_refusals.retain(&sending);
        self.release_stopped(&sending).await?;
        self.release_surplus().await?;
        let sent_here = match self.stop_condition.issue() {
            Some(issue) if sending.contains(&issue) => vec![issue],
            Some(_) => return Ok(Round::Done),
            None => sending,
        };
        status::update(&self.app, &self.relays, &self.dispatcher);
        let mut round = Round::Idle;
        for issue in sent_here {
            if self.has_enough(issue) {
                continue;
            }
            if self.lease_and_hand_out(issue).await? {
                round = Round::Busy;
            } else if !self.dispatcher.issues().contains(&issue) {
                self.finish(issue).await?;
            }
        }
        if matches!(round, Round::Idle)
            && let StopCondition::NothingDue(issue) = self.stop_condition
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
            // A delivery leased by this process waits for a connection, for the next day's cap or the send window, or for a throttled domain.
            let Some(route) = self.templates.get(&issue).map(|template| template.route) else {
                return Ok(false);
            };
            let mut relays = self.relays.iter();
            let wait_all = relays.all(|relay| relay.waits_long() || !self.dispatcher.is_member(route, relay.index));
            let opens_late = |at: tokio::time::Instant| at > tokio::time::Instant::now() + MAX_WAIT_FOR_THROTTLE;
            let waits_long = matches!(self.dispatcher.availability_on(route), Availability::At(at) if opens_late(at));
            return Ok(wait_all || waits_long);
        }
        let surplus = self.last_surplus_due.get(&issue);
        if surplus.is_some_and(|due| *due > now && *due < now + MAX_WAIT_FOR_SURPLUS) {
            return Ok(false);
        }
        if !self.is_first_pass_done(issue) {
            return Ok(false);
        }
        // Without a next attempt, the issue is ending: the next round changes its state, and then the stop condition is fulfilled.
        let mut tx = self.app.store.read().await?;
        let next = tx.next_attempt(issue).await?;
        Ok(next.is_none_or(|next| next > now) && tx.issues_sending().await?.iter().any(|(id, _)| *id == issue))
    }

    fn is_first_pass_done(&self, issue: IssueId) -> bool {
        self.first_passes
            .get(&issue)
            .is_some_and(|pass| pass.position.is_none())
    }

    /// Whether the connections have enough deliveries of the issue's route.
    fn has_enough(&self, issue: IssueId) -> bool {
        // An issue without a template has not been leased here yet.
        let template = self.templates.get(&issue);
        template.is_some_and(|template| !self.dispatcher.is_low(template.route))
    }

    /// Leases a batch of an issue and hands it to the connections. Returns whether it leased any delivery, also one that it
    /// ended because its subscriber must not be mailed. If not, no delivery of the issue is due now.
    async fn lease_and_hand_out(&mut self, issue: IssueId) -> Result<bool, StoreError> {
        let Some(template) = self.template(issue).await? else {
            return Ok(false);
        };
        let lease = self.lease(issue).await?;
        if self.is_too_old(&template) {
            self.expire(lease.deliveries, &template).await;
        } else {
            self.hand_out(lease.deliveries, &template).await;
        }
        Ok(lease.leased_count > 0)
    }

    /// Leases a batch of an issue, and moves its first pass on.
    async fn lease(&mut self, issue: IssueId) -> Result<LeaseBatch, StoreError> {
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
            // This process found nothing, but other processes may still have leased deliveries of the first pass.
            let started = Instant::now();
            pass.position = self.app.store.read().await?.first_in_first_pass(issue).await?;
            // The check takes at most a tenth of the time, however large the issue is.
            pass.check_at = Instant::now() + started.elapsed() * 10;
        }
        Ok(lease)
    }

    /// Hands leased deliveries to the connections. Their messages are signed in advance on another thread if that is fast. A slow
    /// signature (RSA) is made when a connection takes the delivery, so that several threads share the work. Without signatures, nothing
    /// is prepared.
    async fn hand_out(&self, deliveries: Vec<LeasedDelivery>, template: &Arc<IssueTemplate>) {
        if deliveries.is_empty() {
            return;
        }
        let span = Arc::new(template.batch_span(deliveries.len()));
        if self.app.signers.is_empty() || self.app.signers.are_slow() {
            let jobs = deliveries
                .into_iter()
                .map(|delivery| Job::new(Arc::clone(template), delivery, Arc::clone(&span)));
            return self.dispatcher.add_jobs(jobs.collect());
        }
        let mut deliveries = deliveries.into_iter();
        loop {
            let batch: Vec<_> = deliveries.by_ref().take(SIGNING_BATCH).collect();
            if batch.is_empty() {
                return;
            }
            let (template, span) = (Arc::clone(template), Arc::clone(&span));
            let signed = on_signing_thread(&self.app, move |app| {
                let now = app.clock.now();
                let signed_job = |delivery| {
                    let mut job = Job::new(Arc::clone(&template), delivery, Arc::clone(&span));
                    job.sign(app, now);
                    job
                };
                Ok(batch.into_iter().map(signed_job).collect())
            });
            match signed.await {
                Ok(jobs) => self.dispatcher.add_jobs(jobs),
                Err(error) => {
                    tracing::error!(%error, "messages not signed; releasing their leases");
                    self.dispatcher.request_reconciliation();
                }
            }
        }
    }

    /// Whether the issue is older than its expiry: none of its deliveries may be tried any more.
    fn is_too_old(&self, template: &IssueTemplate) -> bool {
        let policy = RetryPolicy::of(&self.app).for_newsletter(&template.newsletter);
        let age = template.issue.waits_since().map(|since| self.app.clock.now() - since);
        age.is_some_and(|age| age > policy.expire_after)
    }

    async fn expire(&self, deliveries: Vec<LeasedDelivery>, template: &IssueTemplate) {
        let now = self.app.clock.now();
        let policy = RetryPolicy::of(&self.app).for_newsletter(&template.newsletter);
        let limit = in_days(policy.expire_after.to_std().unwrap_or_default());
        let transitions: Vec<_> = deliveries
            .into_iter()
            .map(|delivery| DeliveryTransition {
                key: (delivery.issue_id, delivery.subscription_id),
                state: DeliveryState::Expired,
                next_attempt_at: None,
                attempts: delivery.attempts,
                // After an attempt, the relay's last reply explains more, and stays.
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

    /// What all messages of an issue share. `None` if the issue was deleted. `None` also if no message of it can be built; then this
    /// pauses the issue.
    async fn template(&mut self, id: IssueId) -> Result<Option<Arc<IssueTemplate>>, StoreError> {
        if let Some(template) = self.templates.get(&id) {
            return Ok(Some(Arc::clone(template)));
        }
        let mut tx = self.app.store.read().await?;
        let Some(issue) = tx.issue(id).await? else {
            return Ok(None);
        };
        let newsletter = tx.newsletter(issue.newsletter_id).await?;
        drop(tx);
        let app = Arc::clone(&self.app);
        match on_blocking_pool(move || IssueTemplate::new(&app, issue, newsletter)).await {
            Ok(template) => {
                let template = Arc::new(template);
                self.templates.insert(id, Arc::clone(&template));
                Ok(Some(template))
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
        // `move_issue` locks the issue's row. Before that, an operator may have queued deliveries in doubt again, so the check is
        // repeated under the lock. If it finds one, this transaction is not committed.
        let has_ended = tx
            .move_issue(issue, IssueState::Sending, IssueState::Sent, None, now)
            .await?
            && !tx.has_open_deliveries(issue).await?;
        if has_ended {
            let name = tx.issue_name(issue).await?;
            tx.commit().await?;
            tracing::info!(issue.id = %issue, issue.name = name, "issue sent");
            if let Some(template) = self.templates.get(&issue) {
                template.end_life();
            }
        }
        Ok(())
    }
}
