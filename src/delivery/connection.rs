//! One worker, one SMTP connection: announces a delivery, has it begun on record, sends it and announces the next in the
//! same breath, has its outcome recorded, goes on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::dispatch::{Dispatch, Job, Take};
use super::personalise::{PersonaliseError, Recipient, message};
use super::recorder::Recorder;
use super::refusals::Refusals;
use super::relays::Lane;
use super::retry::RetryPolicy;
use crate::app::App;
use crate::domain::states::DeliveryState;
use crate::mail::smtp::{Delivered, Outcome, Outgoing, Session};
use crate::store::deliveries::DeliveryStep;

/// How long a connection with nothing to do is kept.
const IDLE: Duration = Duration::from_secs(5);
/// First and longest wait before a relay that did not let us in is tried again.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// After this many refused connections or logins in a row the issue is paused.
const MAX_CONNECT_REFUSALS: u32 = 3;

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
    /// Refusals of the sender without an accepted message between them, over all connections.
    pub refusals: Arc<Refusals>,
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
                    self.lane.broken_in_a_row.succeeded();
                    self.app.health.up();
                    self.dispatch.set_open(self.lane.index, true);
                    line.session = Some(session);
                    line.messages = 0;
                    return;
                }
                // Only this connection failed: other connections to the relay go on.
                Err(error) if !self.lane.broken_in_a_row.failed(&error) => {}
                Err(error) => {
                    self.dispatch.set_open(self.lane.index, false);
                    let reason = error.to_string();
                    if !self.dispatch.others_open(self.lane.index) {
                        self.app.health.down(&reason, self.app.clock.now());
                        if error.is_for_an_operator()
                            && self.lane.refusals.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_CONNECT_REFUSALS
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
                () = tokio::time::sleep(wait.mul_f64(0.5 + self.app.rng.fraction())) => {}
            }
            if !self.dispatch.has_work() {
                return;
            }
            wait = (wait * 2).min(RECONNECT.1);
        }
    }
}

/// The step that puts a delivery on the wire.
pub(super) fn begin(job: &Job) -> DeliveryStep {
    DeliveryStep {
        key: job.key(),
        state: DeliveryState::Sending,
        next_attempt_at: job.delivery.next_attempt_at,
        attempts: job.delivery.attempts,
        reply: None,
    }
}
