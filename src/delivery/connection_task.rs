//! The task of one SMTP connection: it connects, takes deliveries, sends them, and hands every outcome to the recorder.
//!
//! For each delivery the task first sends the envelope. Once the relay has accepted it, the start of the attempt is committed, and
//! only then is the message text sent, with the next envelope behind it. The outcome is committed together with the start of the
//! next delivery. So at most one message of this connection has no recorded outcome, and the database shows it as `sending`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connection::{AcceptedEnvelope, ConnectionState, EnvelopeReply, IdleConnection, PreparedMessage};
use super::dispatch::{Dispatcher, NextJob};
use super::job::Job;
use super::recorder::RecorderHandle;
use super::refusals::Refusals;
use super::relays::RelayHandle;
use super::retry::RetryPolicy;
use crate::app::App;
use crate::domain::states::DeliveryState;
use crate::mail::smtp::SendError;
use crate::store::delivery_transitions::DeliveryTransition;

/// A connection without work is closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// The first and the longest wait before the next attempt to connect to a relay.
const RECONNECT_BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// After this many refused connections or logins in a row, which only an operator can fix, the issues pause.
const MAX_CONNECT_REFUSALS: u32 = 3;

/// What a connection's task works with. All but `number` and `unrecorded` is shared with other connections.
pub(super) struct ConnectionTask {
    pub(super) app: Arc<App>,
    /// The index among the connections of this relay. Connections numbered above the relay's current limit stay closed.
    pub(super) number: usize,
    pub(super) relay: Arc<RelayHandle>,
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) recorder: RecorderHandle,
    pub(super) policy: RetryPolicy,
    pub(super) refusals: Arc<Refusals>,
    /// Ends the task after the message in flight.
    pub(super) stop: CancellationToken,
    /// Ends the task once no delivery is left to take.
    pub(super) drained: CancellationToken,
    /// Outcomes that are not handed to the recorder yet.
    pub(super) unrecorded: Vec<DeliveryTransition>,
}

/// Why an idle connection waits no longer.
enum IdleEnd {
    Job(Box<Job>),
    /// It had no work for too long, or the relay wants fewer connections.
    Close,
    /// No further delivery will come.
    Finished,
}

impl ConnectionTask {
    /// Sends deliveries until `stop` is cancelled, or until `drained` is and no delivery is left.
    pub(super) async fn run(mut self) {
        let mut state = ConnectionState::Closed;
        let last_state = loop {
            if self.stop.is_cancelled() {
                break state;
            }
            state = match state {
                ConnectionState::Closed => match self.wait_to_connect().await {
                    Some(connection) => ConnectionState::Idle(connection),
                    None => break ConnectionState::Closed,
                },
                ConnectionState::Idle(connection) => match self.wait_for_job().await {
                    IdleEnd::Job(job) => self.send_envelope(connection, *job).await,
                    IdleEnd::Close => {
                        self.close(connection).await;
                        ConnectionState::Closed
                    }
                    IdleEnd::Finished => break ConnectionState::Idle(connection),
                },
                ConnectionState::EnvelopeAccepted(accepted) => self.send_message(accepted).await,
            };
        };
        self.shut_down(last_state).await;
    }

    async fn shut_down(&mut self, state: ConnectionState) {
        match state {
            ConnectionState::Closed => self.record_outcomes().await,
            ConnectionState::Idle(connection) => self.close(connection).await,
            ConnectionState::EnvelopeAccepted(accepted) => {
                // The attempt was not started, so another connection or process may take the delivery.
                self.requeue(accepted.abandon());
                self.record_outcomes().await;
            }
        }
    }

    /// Waits until there is work and the relay's limits permit this connection, and connects. `None` once no delivery will come.
    async fn wait_to_connect(&mut self) -> Option<IdleConnection> {
        while !self.stop.is_cancelled() {
            // Created before looking, so that a delivery added after the look ends the wait.
            let dispatcher = Arc::clone(&self.dispatcher);
            let work = dispatcher.work_available();
            tokio::pin!(work);
            work.as_mut().enable();
            let mut wait = IDLE_TIMEOUT;
            if let Err(pause) = self.relay.admits(self.number) {
                wait = pause;
            } else if self.relay.allowance() > 0 {
                match self.dispatcher.has_work_now() {
                    Ok(()) => {
                        // Connecting may take minutes. Outcomes must not wait for that.
                        self.record_outcomes().await;
                        if let Some(connection) = self.connect().await {
                            return Some(connection);
                        }
                        if self.drained.is_cancelled() {
                            return None;
                        }
                        continue;
                    }
                    Err(Some(opening)) => wait = wait.min(opening - Instant::now()),
                    Err(None) => {}
                }
            }
            if self.drained.is_cancelled() {
                return None;
            }
            self.record_outcomes().await;
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.drained.cancelled() => {}
                () = &mut work => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        None
    }

    /// Waits for a delivery that an open connection may send now.
    async fn wait_for_job(&mut self) -> IdleEnd {
        let idle_since = Instant::now();
        while !self.stop.is_cancelled() {
            let dispatcher = Arc::clone(&self.dispatcher);
            let work = dispatcher.work_available();
            tokio::pin!(work);
            work.as_mut().enable();
            if self.relay.admits(self.number).is_err() {
                return IdleEnd::Close;
            }
            let mut wait = (idle_since + IDLE_TIMEOUT) - Instant::now();
            match self.dispatcher.take(self.relay.index) {
                NextJob::Job(job) if self.relay.take_allowance() => {
                    self.wait_for_rate().await;
                    return IdleEnd::Job(Box::new(job));
                }
                NextJob::Job(job) => {
                    // The part of the daily cap that this process has taken is used up. The coordinator takes another one.
                    self.dispatcher.requeue(job);
                    self.dispatcher.set_available(self.relay.index, false);
                    self.dispatcher.coordinator_wakeup.notify_one();
                }
                NextJob::Wait(Some(at)) => wait = wait.min(at - Instant::now()),
                NextJob::Wait(None) => {}
            }
            if self.drained.is_cancelled() {
                return IdleEnd::Finished;
            }
            self.record_outcomes().await;
            if idle_since.elapsed() >= IDLE_TIMEOUT {
                return IdleEnd::Close;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.drained.cancelled() => {}
                () = &mut work => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        IdleEnd::Finished
    }

    /// Waits until the relay's rate limit permits one more message.
    async fn wait_for_rate(&mut self) {
        let relay = Arc::clone(&self.relay);
        if let Some(rate) = &relay.rate
            && rate.check().is_err()
        {
            self.record_outcomes().await;
            rate.until_ready().await;
        }
    }

    async fn send_envelope(&mut self, connection: IdleConnection, job: Job) -> ConnectionState {
        let Some(message) = self.prepare(job).await else {
            return ConnectionState::Idle(connection);
        };
        let (state, reply) = connection.send_envelope(message, &self.stop).await;
        self.apply_envelope_reply(reply).await;
        state
    }

    /// Starts the attempt and sends the message, and behind it the next envelope if a delivery can be taken without waiting.
    async fn send_message(&mut self, accepted: AcceptedEnvelope) -> ConnectionState {
        let outcomes = std::mem::take(&mut self.unrecorded);
        if !self.recorder.record(outcomes, Some(start_of(accepted.job()))).await {
            // The delivery has ended, or its issue is no longer being sent. The recorder has released the lease.
            let job = accepted.abandon();
            self.dispatcher.start_failed(job.delivery.issue_id);
            self.end_attempt(&job);
            self.relay.return_allowance();
            return ConnectionState::Closed;
        }
        let is_last = accepted.messages_with_this() >= self.relay.messages_per_connection;
        let next = if is_last {
            None
        } else {
            self.take_without_waiting().await
        };
        let (state, reply) = accepted.send_message(next).await;
        let transition = self.apply_outcome(&reply.job, reply.outcome).await;
        self.unrecorded.push(transition);
        if let Some(reply) = reply.next_envelope {
            self.apply_envelope_reply(reply).await;
        }
        match state {
            ConnectionState::Idle(connection) if is_last => {
                self.close(connection).await;
                ConnectionState::Closed
            }
            state => state,
        }
    }

    async fn apply_envelope_reply(&mut self, reply: EnvelopeReply) {
        match reply {
            EnvelopeReply::Accepted => {}
            EnvelopeReply::NotAttempted(job) => self.requeue(job),
            EnvelopeReply::Refused(job, outcome) => {
                let transition = self.apply_outcome(&job, outcome).await;
                self.unrecorded.push(transition);
            }
        }
    }

    /// The next message, if a delivery is ready and every limit permits it now.
    async fn take_without_waiting(&mut self) -> Option<Box<PreparedMessage>> {
        if self.stop.is_cancelled() || self.relay.admits(self.number).is_err() {
            return None;
        }
        let NextJob::Job(job) = self.dispatcher.take(self.relay.index) else {
            return None;
        };
        if !self.relay.take_allowance() {
            self.dispatcher.requeue(job);
            return None;
        }
        if let Some(rate) = &self.relay.rate
            && rate.check().is_err()
        {
            self.requeue(job);
            return None;
        }
        self.prepare(job).await
    }

    /// Builds the message. If that fails, the delivery is rejected, or its issue pauses because every other message would fail too.
    async fn prepare(&mut self, job: Job) -> Option<Box<PreparedMessage>> {
        let error = match job.message(&self.app).await {
            Ok(mail) => return Some(Box::new(PreparedMessage { job, mail })),
            Err(error) => error,
        };
        let reply = format!("not sent: {error}");
        let state = if error.is_about_recipient() {
            let (issue, subscription) = job.key();
            tracing::error!(issue.id = %issue, subscription.id = %subscription, %error, "message not built");
            DeliveryState::Rejected
        } else {
            self.pause(job.delivery.issue_id, &reply).await;
            DeliveryState::Queued
        };
        self.unrecorded.push(DeliveryTransition {
            state,
            next_attempt_at: state.is_open().then(|| self.app.clock.now()),
            reply: Some(reply),
            ..start_of(&job)
        });
        self.end_attempt(&job);
        self.relay.return_allowance();
        None
    }

    /// Puts back a delivery that was taken and not attempted.
    fn requeue(&self, job: Job) {
        self.relay.return_allowance();
        self.dispatcher.requeue(job);
    }

    async fn record_outcomes(&mut self) {
        if !self.unrecorded.is_empty() {
            self.recorder.record(std::mem::take(&mut self.unrecorded), None).await;
        }
    }

    /// Records what happened first, because the reply to QUIT may take a while.
    async fn close(&mut self, connection: IdleConnection) {
        self.record_outcomes().await;
        connection.quit().await;
    }

    /// Connects, waiting longer after each failure. `None` once there is nothing to send any more.
    async fn connect(&self) -> Option<IdleConnection> {
        let mut backoff = RECONNECT_BACKOFF.0;
        loop {
            let connected = tokio::select! {
                biased;
                connected = self.relay.connect(&self.app) => connected,
                () = self.stop.cancelled() => return None,
                () = self.drained.cancelled() => return None,
            };
            match connected {
                Ok(session) => {
                    self.relay.broken_in_a_row.succeeded();
                    self.app.health.up();
                    self.dispatcher.set_available(self.relay.index, true);
                    return Some(IdleConnection::new(session));
                }
                // Only this connection failed. Others to the same relay go on.
                Err(error) if !self.relay.broken_in_a_row.failed(&error) => {}
                Err(error) => self.relay_failed(&error).await,
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = self.drained.cancelled() => return None,
                () = tokio::time::sleep(backoff.mul_f64(0.5 + self.app.rng.fraction())) => {}
            }
            if !self.dispatcher.has_work() {
                return None;
            }
            backoff = (backoff * 2).min(RECONNECT_BACKOFF.1);
        }
    }

    /// The other relays take this one's share. If none is available, sending has stopped: health reports it, and repeated failures
    /// that only an operator can fix pause the issues.
    async fn relay_failed(&self, error: &SendError) {
        self.dispatcher.set_available(self.relay.index, false);
        if self.dispatcher.is_another_relay_available(self.relay.index) {
            return;
        }
        let reason = error.to_string();
        self.app.health.down(&reason, self.app.clock.now());
        if error.is_for_an_operator() && self.relay.refusals.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_CONNECT_REFUSALS
        {
            self.relay.refusals.store(0, Ordering::Relaxed);
            for issue in self.dispatcher.issues() {
                self.pause(issue, &reason).await;
            }
        }
    }
}

/// The transition that starts an attempt.
pub(super) fn start_of(job: &Job) -> DeliveryTransition {
    DeliveryTransition {
        key: job.key(),
        state: DeliveryState::Sending,
        next_attempt_at: job.delivery.next_attempt_at,
        attempts: job.delivery.attempts,
        reply: None,
    }
}
