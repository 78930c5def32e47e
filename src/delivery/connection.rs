//! One worker, one SMTP connection: announces a delivery, has it begun on record, sends it and announces the next in the
//! same breath, has its outcome recorded, goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::dispatch::{Dispatch, Job, Take};
use super::personalise::{PersonaliseError, Recipient, message};
use super::recorder::Recorder;
use super::relays::Lane;
use super::retry::{RetryPolicy, fate};
use super::verdict;
use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, IssueState};
use crate::mail::smtp::{Delivered, Outcome, Outgoing, Session};
use crate::store::StoreError;
use crate::store::deliveries::DeliveryStep;

/// How long a connection with nothing to do is kept.
const IDLE: Duration = Duration::from_secs(5);
/// First and longest wait before a relay that did not let us in is tried again.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// So many refusals in a row about our standing pause the issue.
const STANDING_PAUSES: u32 = 3;

/// A delivery whose message is made.
struct Prepared {
    job: Job,
    mail: Outgoing,
}

/// What a worker works with.
#[derive(Clone)]
pub struct Worker {
    /// The program.
    pub app: Arc<App>,
    /// Which connection of its relay, from 0: those with high numbers rest while the relay is gone at slowly.
    pub number: usize,
    /// The relay.
    pub lane: Arc<Lane>,
    /// Where deliveries come from.
    pub dispatch: Arc<Dispatch>,
    /// Where outcomes go.
    pub recorder: Recorder,
    /// When to try again.
    pub policy: RetryPolicy,
    /// How many recipients in a row, over all connections, were refused in words about our standing.
    pub standing: Arc<AtomicU32>,
    /// Ends the worker after the message that is on the wire.
    pub stop: CancellationToken,
    /// Ends it once nothing is left to take.
    pub drained: CancellationToken,
}

/// Where a connection stands between two turns.
#[derive(Default)]
struct Line {
    session: Option<Session>,
    /// How many messages this session has carried.
    messages: usize,
    /// Announced, and awaited by the relay.
    announced: Option<Prepared>,
    /// What happened and is not on record.
    outcomes: Vec<DeliveryStep>,
}

impl Worker {
    /// Works until told to stop, or no more deliveries can come.
    pub async fn run(self) {
        let mut line = Line::default();
        while self.turn(&mut line).await {}
        if let Some(announced) = line.announced.take() {
            self.give_back(announced.job);
        }
        self.flush(&mut line).await;
        // A relay that awaits a message would not understand a farewell.
        if let Some(session) = line.session.filter(|session| !session.awaits_message()) {
            session.quit().await;
        }
    }

    /// One message; false at the end.
    async fn turn(&self, line: &mut Line) -> bool {
        let Some(Prepared { job, mail }) = self.announced(line).await else {
            return false;
        };
        if !self
            .recorder
            .record(std::mem::take(&mut line.outcomes), Some(begin(&job)))
            .await
        {
            // It has ended, or its issue is held. The relay awaits its text, and there is no way back but to hang up.
            line.session = None;
            self.dispatch.suspect(job.delivery.issue_id);
            self.release(&job);
            self.lane.unspend();
            return true;
        }
        let last = line.messages + 1 >= self.lane.messages_per_connection;
        let next = if last { None } else { self.next_at_hand(line).await };
        let Some(session) = &mut line.session else { return true };
        let Delivered { outcome, next: answer } = session.deliver(&mail, next.as_ref().map(|next| &next.mail)).await;
        line.messages += 1;
        let step = self.judge(&job, outcome).await;
        line.outcomes.push(step);
        match (next, answer) {
            (Some(next), Some(Ok(()))) => line.announced = Some(next),
            (Some(next), Some(Err(outcome))) => {
                let step = self.judge(&next.job, outcome).await;
                line.outcomes.push(step);
            }
            (Some(next), None) => self.give_back(next.job),
            (None, _) => {}
        }
        if !session.is_open() {
            line.session = None;
        } else if last && let Some(full) = line.session.take() {
            self.flush(line).await;
            full.quit().await;
        }
        true
    }

    /// The next delivery that the relay awaits; none at the end.
    async fn announced(&self, line: &mut Line) -> Option<Prepared> {
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            if let Some(announced) = line.announced.take() {
                return Some(announced);
            }
            let job = self.next_job(line).await?;
            let Some(prepared) = self.prepare(line, job).await else {
                continue;
            };
            let Some(session) = &mut line.session else {
                self.give_back(prepared.job);
                continue;
            };
            // Nothing is begun yet: a relay that does not answer need not be waited for.
            let answer = tokio::select! {
                biased;
                answer = session.announce(&prepared.mail) => answer,
                () = self.stop.cancelled() => {
                    line.session = None;
                    self.give_back(prepared.job);
                    return None;
                }
            };
            match answer {
                Ok(()) => return Some(prepared),
                // The relay had closed a connection that served before: this mail was not even tried.
                Err(Outcome::Lost(_)) if line.messages > 0 => self.give_back(prepared.job),
                Err(outcome) => {
                    let step = self.judge(&prepared.job, outcome).await;
                    line.outcomes.push(step);
                }
            }
            if !session.is_open() {
                line.session = None;
            }
        }
    }

    /// The next delivery, if one is at hand and may go out now.
    async fn next_at_hand(&self, line: &mut Line) -> Option<Prepared> {
        if self.stop.is_cancelled() || self.lane.admits(self.number).is_err() {
            return None;
        }
        let job = self.take()?;
        if let Some(rate) = &self.lane.rate
            && rate.check().is_err()
        {
            self.give_back(job);
            return None;
        }
        self.prepare(line, job).await
    }

    /// The next delivery, with a session to send it over, however long it takes. While there is none, what happened is
    /// recorded and an idle connection closed.
    async fn next_job(&self, line: &mut Line) -> Option<Job> {
        let mut since = tokio::time::Instant::now();
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            let work = self.dispatch.work();
            tokio::pin!(work);
            work.as_mut().enable();
            let mut wait = IDLE;
            if let Err(pause) = self.lane.admits(self.number) {
                // Told to slow down: this connection is one too many.
                self.close(line).await;
                wait = pause;
            } else if line.session.is_none() && self.lane.allowance() > 0 {
                match self.dispatch.has_work_now() {
                    Ok(()) => {
                        // What was sent must not wait for a relay that may be away.
                        self.flush(line).await;
                        self.connect(line).await;
                        if line.session.is_none() {
                            if self.drained.is_cancelled() {
                                return None;
                            }
                            continue;
                        }
                        since = tokio::time::Instant::now();
                    }
                    Err(Some(at)) => wait = wait.min(at - tokio::time::Instant::now()),
                    Err(None) => {}
                }
            }
            if line.session.is_some() {
                wait = wait.min((since + IDLE) - tokio::time::Instant::now());
                match self.dispatch.take(self.lane.index) {
                    Take::Job(job) if self.lane.spend() => {
                        self.flush_and_wait(line).await;
                        return Some(job);
                    }
                    Take::Job(job) => {
                        self.dispatch.put_back(job);
                        self.dispatch.set_open(self.lane.index, false);
                        self.dispatch.low.notify_one();
                    }
                    Take::Nothing(Some(at)) => wait = wait.min(at - tokio::time::Instant::now()),
                    Take::Nothing(None) => {}
                }
            }
            if self.drained.is_cancelled() {
                return None;
            }
            self.flush(line).await;
            if since.elapsed() >= IDLE {
                self.close(line).await;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.drained.cancelled() => {}
                () = &mut work => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Waits for the relay's rate, if it has one; what happened is recorded before.
    async fn flush_and_wait(&self, line: &mut Line) {
        if let Some(rate) = &self.lane.rate
            && rate.check().is_err()
        {
            self.flush(line).await;
            rate.until_ready().await;
        }
    }

    fn take(&self) -> Option<Job> {
        match self.dispatch.take(self.lane.index) {
            Take::Job(job) if self.lane.spend() => Some(job),
            Take::Job(job) => {
                self.dispatch.put_back(job);
                None
            }
            Take::Nothing(_) => None,
        }
    }

    /// Puts a delivery back that was taken and that the relay knows nothing of.
    fn give_back(&self, job: Job) {
        self.lane.unspend();
        self.dispatch.put_back(job);
    }

    /// Makes the message; if that fails, the delivery ends, or its issue is paused.
    async fn prepare(&self, line: &mut Line, job: Job) -> Option<Prepared> {
        match self.message(&job).await {
            Ok(mail) => Some(Prepared { job, mail }),
            Err(error) => {
                let reply = format!("not sent: {error}");
                let state = if error.is_about_recipient() {
                    DeliveryState::Rejected
                } else {
                    self.pause(job.delivery.issue_id, &reply).await;
                    DeliveryState::Queued
                };
                line.outcomes.push(DeliveryStep {
                    state,
                    next_attempt_at: state.is_open().then(|| self.app.clock.now()),
                    reply: Some(reply),
                    ..begin(&job)
                });
                self.release(&job);
                self.lane.unspend();
                None
            }
        }
    }

    async fn message(&self, job: &Job) -> Result<Outgoing, PersonaliseError> {
        match &job.signed {
            Some(signed) => signed.outgoing(&job.parts),
            None => {
                message(
                    &self.app,
                    &job.parts,
                    Recipient::of(&job.delivery),
                    self.app.clock.now(),
                )
                .await
            }
        }
    }

    async fn flush(&self, line: &mut Line) {
        if !line.outcomes.is_empty() {
            self.recorder.record(std::mem::take(&mut line.outcomes), None).await;
        }
    }

    async fn close(&self, line: &mut Line) {
        if let Some(session) = line.session.take() {
            self.flush(line).await;
            session.quit().await;
        }
    }

    /// Connects; after a failure it waits a while first, and comes back without a session when there is nothing to do any
    /// more.
    async fn connect(&self, line: &mut Line) {
        let mut wait = RECONNECT.0;
        loop {
            let connected = tokio::select! {
                biased;
                connected = self.lane.connect(&self.app) => connected,
                () = self.stop.cancelled() => return,
                () = self.drained.cancelled() => return,
            };
            match connected {
                Ok(session) => {
                    self.app.health.up();
                    self.dispatch.set_open(self.lane.index, true);
                    line.session = Some(session);
                    line.messages = 0;
                    return;
                }
                Err(error) => {
                    self.dispatch.set_open(self.lane.index, false);
                    let reason = error.to_string();
                    if !self.dispatch.others_open(self.lane.index) {
                        self.app.health.down(&reason, self.app.clock.now());
                        if error.is_for_an_operator()
                            && self.lane.refusals.fetch_add(1, Ordering::Relaxed) + 1 >= STANDING_PAUSES
                        {
                            self.lane.refusals.store(0, Ordering::Relaxed);
                            for issue in self.dispatch.issues() {
                                self.pause(issue, &reason).await;
                            }
                        }
                    }
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.drained.cancelled() => return,
                () = tokio::time::sleep(wait.mul_f64(0.5 + self.app.chance.fraction())) => {}
            }
            if !self.dispatch.has_work() {
                return;
            }
            wait = (wait * 2).min(RECONNECT.1);
        }
    }

    /// What follows from an answer: for the row, for the domain's and the relay's pace, and for the issue.
    async fn judge(&self, job: &Job, answer: Outcome) -> DeliveryStep {
        let now = self.app.clock.now();
        let delivery = &job.delivery;
        self.judge_standing(job, &answer).await;
        let verdict = verdict::of(&answer);
        let accepted = matches!(answer, Outcome::Accepted(_));
        let spread = if accepted { 0.0 } else { self.app.chance.fraction() };
        self.dispatch.heard(job, verdict.domain, spread);
        match verdict.relay {
            verdict::Relay::Well => self.lane.went_well(),
            verdict::Relay::SlowDown => self.lane.slow_down(spread),
            verdict::Relay::Nothing => {}
        }
        if !accepted {
            self.lane.unspend();
        }
        let since = job.parts.issue.waits_since().unwrap_or(now);
        let policy = self.policy.for_newsletter(&job.parts.newsletter);
        let fate = fate(answer, delivery.attempts, since, &policy, spread, now);
        if let Some(reason) = &fate.pause {
            self.pause(delivery.issue_id, reason).await;
        }
        DeliveryStep {
            key: job.key(),
            state: fate.state,
            next_attempt_at: fate.next_attempt_at,
            attempts: delivery.attempts + i64::from(fate.attempted),
            reply: Some(fate.reply),
        }
    }

    /// A delivery that was taken is done with as far as its domain's pace goes.
    fn release(&self, job: &Job) {
        self.dispatch.heard(job, super::domains::Heard::Nothing, 0.0);
    }

    /// One recipient whose server will have none of us says little; several in a row are about us.
    async fn judge_standing(&self, job: &Job, answer: &Outcome) {
        match answer {
            Outcome::Accepted(_) => self.standing.store(0, Ordering::Relaxed),
            Outcome::Standing(reply) if self.standing.fetch_add(1, Ordering::Relaxed) + 1 >= STANDING_PAUSES => {
                self.standing.store(0, Ordering::Relaxed);
                self.pause(job.delivery.issue_id, &reply.to_string()).await;
            }
            _ => {}
        }
    }

    /// The fault is ours: no other recipient is asked, and none is blamed.
    async fn pause(&self, issue: crate::domain::ids::IssueId, reason: &str) {
        // The other connections stop asking at once, and nobody who looks before it is on record sets them going again.
        self.dispatch.pausing(issue);
        let paused = async {
            let mut tx = self.app.store.write().await?;
            let now = self.app.clock.now();
            let moved = tx
                .move_issue(issue, IssueState::Sending, IssueState::Paused, Some(reason), now)
                .await?;
            let name = tx.issue_name(issue).await?;
            tx.commit().await?;
            Ok::<Option<String>, StoreError>(moved.then_some(name))
        };
        match paused.await {
            Ok(Some(name)) => {
                let reason = without_addresses(reason);
                tracing::error!(issue.id = %issue, issue.name = name, reason, "issue paused: the relay refuses us");
            }
            Ok(None) => {}
            Err(error) => tracing::error!(issue.id = %issue, %error, "issue not paused"),
        }
        self.dispatch.paused(issue);
    }
}

/// The step that puts a delivery on the wire.
fn begin(job: &Job) -> DeliveryStep {
    DeliveryStep {
        key: job.key(),
        state: DeliveryState::Sending,
        next_attempt_at: job.delivery.next_attempt_at,
        attempts: job.delivery.attempts,
        reply: None,
    }
}
