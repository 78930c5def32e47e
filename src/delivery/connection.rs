//! One worker, one SMTP connection: takes a delivery, sends it, has its outcome recorded, goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::DefaultDirectRateLimiter;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::personalise::{IssueParts, Recipient, message};
use super::recorder::{DeliveryKey, Recorder};
use super::retry::{RetryPolicy, fate};
use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, IssueState};
use crate::mail::smtp::{Outcome, Session};
use crate::store::deliveries::{DeliveryOutcome, LeasedDelivery};

/// How long a connection with nothing to do is kept.
const IDLE: Duration = Duration::from_secs(5);
/// First and longest wait before a relay that did not let us in is tried again.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// So many refusals in a row about our standing pause the issue.
const STANDING_PAUSES: u32 = 3;

/// One delivery to make.
pub struct Job {
    /// What all messages of the issue share.
    pub parts: Arc<IssueParts>,
    /// Whose turn it is.
    pub delivery: LeasedDelivery,
}

impl Job {
    fn key(&self) -> DeliveryKey {
        (self.delivery.issue_id, self.delivery.subscription_id)
    }
}

/// What a worker works with.
#[derive(Clone)]
pub struct Worker {
    /// The program.
    pub app: Arc<App>,
    /// Where jobs come from.
    pub jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    /// Where outcomes go.
    pub recorder: Recorder,
    /// When to try again.
    pub policy: RetryPolicy,
    /// How many messages a second all connections may send, if there is a limit.
    pub rate: Option<Arc<DefaultDirectRateLimiter>>,
    /// How many recipients in a row, over all connections, were refused in words about our standing.
    pub standing: Arc<AtomicU32>,
    /// Ends the worker after the message that is on the wire.
    pub stop: CancellationToken,
}

impl Worker {
    /// Works until told to stop, or no more jobs can come.
    pub async fn run(self) {
        let mut session: Option<Session> = None;
        let mut sent: Option<(DeliveryKey, DeliveryOutcome)> = None;
        let most = self
            .app
            .config
            .relays
            .first()
            .map_or(usize::MAX, |relay| relay.messages_per_connection);
        let mut messages = 0;
        while let Some(job) = self.next_job(&mut session, &mut sent).await {
            if session.is_none() {
                // What was sent must not wait for a relay that may be away.
                self.flush(&mut sent).await;
                session = self.connect().await;
                messages = 0;
            }
            let Some(open) = &mut session else { break };
            if let Some(rate) = &self.rate
                && rate.check().is_err()
            {
                self.flush(&mut sent).await;
                rate.until_ready().await;
            }
            if !self.recorder.step(sent.take(), Some(job.key())).await {
                continue;
            }
            let (outcome, still_open) = self.send(open, &job, messages > 0).await;
            sent = Some((job.key(), outcome));
            messages += 1;
            if !still_open {
                session = None;
            } else if messages >= most
                && let Some(full) = session.take()
            {
                self.flush(&mut sent).await;
                full.quit().await;
            }
        }
        self.flush(&mut sent).await;
        if let Some(session) = session {
            session.quit().await;
        }
    }

    async fn flush(&self, sent: &mut Option<(DeliveryKey, DeliveryOutcome)>) {
        if sent.is_some() {
            self.recorder.step(sent.take(), None).await;
        }
    }

    /// The next job; while there is none, what was sent is recorded and an idle connection closed.
    async fn next_job(
        &self,
        session: &mut Option<Session>,
        sent: &mut Option<(DeliveryKey, DeliveryOutcome)>,
    ) -> Option<Job> {
        if self.stop.is_cancelled() {
            return None;
        }
        if let Ok(mut jobs) = self.jobs.try_lock()
            && let Ok(job) = jobs.try_recv()
        {
            return Some(job);
        }
        self.flush(sent).await;
        loop {
            let wait = async { self.jobs.lock().await.recv().await };
            tokio::select! {
                () = self.stop.cancelled() => return None,
                job = wait => return job,
                () = tokio::time::sleep(IDLE), if session.is_some() => {
                    if let Some(session) = session.take() {
                        session.quit().await;
                    }
                }
            }
        }
    }

    /// Connects, however long it takes; none when told to stop.
    async fn connect(&self) -> Option<Session> {
        let mut wait = RECONNECT.0;
        loop {
            if let Ok(session) = super::relays::connect(&self.app).await {
                return Some(session);
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(wait.mul_f64(0.5 + self.app.chance.fraction())) => {}
            }
            wait = (wait * 2).min(RECONNECT.1);
        }
    }

    /// Sends one message. Returns what to record, and whether the connection may be used again.
    async fn send(&self, session: &mut Session, job: &Job, reused: bool) -> (DeliveryOutcome, bool) {
        let now = self.app.clock.now();
        let to = Recipient {
            subscription: job.delivery.subscription_id,
            address: &job.delivery.address,
            name: job.delivery.name.as_deref(),
        };
        let outgoing = match message(&self.app, &job.parts, to, now).await {
            Ok(made) => made,
            Err(error) => {
                let reply = format!("not sent: {error}");
                let state = if error.is_about_recipient() {
                    DeliveryState::Rejected
                } else {
                    self.pause(job, &reply).await;
                    DeliveryState::Queued
                };
                return (untried(state, reply, now), true);
            }
        };
        let answer = session.send(&outgoing.envelope, &outgoing.message()).await;
        let now = self.app.clock.now();
        if let Outcome::Lost(reason) = &answer
            && reused
        {
            // The relay had closed a connection that served before: this mail was not even tried.
            let outcome = untried(DeliveryState::Queued, reason.clone(), now);
            return (outcome, session.is_open());
        }
        self.judge_standing(job, &answer).await;
        let since = job.delivery.started_at.unwrap_or(now);
        let fate = fate(
            answer,
            job.delivery.attempts,
            since,
            &self.policy.for_newsletter(&job.parts.newsletter),
            self.app.chance.fraction(),
            now,
        );
        if let Some(reason) = &fate.pause {
            self.pause(job, reason).await;
        }
        (fate.outcome, session.is_open())
    }

    /// One recipient whose server will have none of us says little; several in a row are about us.
    async fn judge_standing(&self, job: &Job, answer: &Outcome) {
        match answer {
            Outcome::Accepted(_) => self.standing.store(0, Ordering::Relaxed),
            Outcome::Standing(reply) if self.standing.fetch_add(1, Ordering::Relaxed) + 1 >= STANDING_PAUSES => {
                self.standing.store(0, Ordering::Relaxed);
                self.pause(job, &reply.to_string()).await;
            }
            _ => {}
        }
    }

    /// The fault is ours: no other recipient is asked, and none is blamed.
    async fn pause(&self, job: &Job, reason: &str) {
        let issue = job.delivery.issue_id;
        let paused = async {
            let mut tx = self.app.store.write().await?;
            let now = self.app.clock.now();
            let moved = tx
                .move_issue(issue, IssueState::Sending, IssueState::Paused, Some(reason), now)
                .await?;
            tx.commit().await?;
            Ok::<bool, crate::store::StoreError>(moved)
        };
        match paused.await {
            Ok(true) => {
                let reason = without_addresses(reason);
                tracing::error!(issue.id = %issue, reason, "the issue is paused: the relay refuses us");
            }
            Ok(false) => {}
            Err(error) => tracing::error!(issue.id = %issue, %error, "the issue could not be paused"),
        }
    }
}

/// What to record of a mail that the relay was not asked to take.
fn untried(state: DeliveryState, reply: String, now: DateTime<Utc>) -> DeliveryOutcome {
    DeliveryOutcome {
        state,
        next_attempt_at: now,
        attempted: false,
        reply,
    }
}
