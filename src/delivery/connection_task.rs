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
use super::queue::Availability;
use super::recipient_refusals::RecipientRefusals;
use super::recorder::RecorderHandle;
use super::relays::{Admission, RelayHandle};
use super::retry::RetryPolicy;
use super::sender_rejections::SenderRejections;
use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::states::DeliveryState;
use crate::mail::smtp::SendError;
use crate::store::delivery_transitions::DeliveryTransition;

/// A connection without work is closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// The first wait before the next attempt to connect to a relay. It doubles after each failure.
const FIRST_RECONNECT_BACKOFF: Duration = Duration::from_millis(500);
/// The longest wait, before jitter.
const MAX_RECONNECT_BACKOFF: Duration = Duration::from_secs(15);
/// After this many failures to connect in a row that only an operator can fix, the issues pause.
const MAX_PERMANENT_FAILURES: u32 = 3;

/// What a connection's task works with. All but `number` and `unrecorded` is shared with other connections.
pub(super) struct ConnectionTask {
    pub(super) app: Arc<App>,
    /// The index among the connections of this relay. Connections numbered above the relay's current limit stay closed.
    pub(super) number: usize,
    pub(super) relay: Arc<RelayHandle>,
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) recorder: RecorderHandle,
    pub(super) policy: RetryPolicy,
    pub(super) sender_rejections: Arc<SenderRejections>,
    pub(super) recipient_refusals: Arc<RecipientRefusals>,
    /// Ends the task after the message in flight.
    pub(super) stop: CancellationToken,
    /// Ends the task once no delivery is left to take.
    pub(super) drained: CancellationToken,
    /// Outcomes that are not handed to the recorder yet.
    pub(super) unrecorded: Vec<DeliveryTransition>,
}

/// What an idle connection does after its wait.
enum AfterIdle {
    Send(Box<Job>),
    /// It had no work for [`IDLE_TIMEOUT`], or the relay permits fewer connections now.
    Close,
    /// The task ends, because no further delivery will come.
    Finish,
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
                    AfterIdle::Send(job) => self.send_envelope(connection, *job).await,
                    AfterIdle::Close => {
                        self.close(connection).await;
                        ConnectionState::Closed
                    }
                    AfterIdle::Finish => break ConnectionState::Idle(connection),
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
            // Registered before the check, so that a delivery that is added after the check ends the wait.
            let dispatcher = Arc::clone(&self.dispatcher);
            let mut work = Box::pin(dispatcher.work_available());
            work.as_mut().enable();
            let mut wait = IDLE_TIMEOUT;
            if let Admission::AskAfter(pause) = self.relay.admission(self.number) {
                wait = pause;
            } else if self.relay.may_send() {
                match self.dispatcher.availability(self.relay.index) {
                    Availability::Now => {
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
                    Availability::At(opening) => wait = wait.min(opening - Instant::now()),
                    Availability::Unknown => {}
                }
            }
            if self.drained.is_cancelled() {
                return None;
            }
            self.record_outcomes().await;
            self.wait_for(work, wait).await;
        }
        None
    }

    /// Waits for a delivery that an open connection may send now.
    async fn wait_for_job(&mut self) -> AfterIdle {
        let idle_since = Instant::now();
        while !self.stop.is_cancelled() {
            // Registered before the check, as in `wait_to_connect`.
            let dispatcher = Arc::clone(&self.dispatcher);
            let mut work = Box::pin(dispatcher.work_available());
            work.as_mut().enable();
            if let Admission::AskAfter(_) = self.relay.admission(self.number) {
                return AfterIdle::Close;
            }
            let mut wait = (idle_since + IDLE_TIMEOUT) - Instant::now();
            match self.dispatcher.take_job(self.relay.index) {
                NextJob::Job(job) if self.relay.take_allowance() => {
                    self.wait_for_rate().await;
                    return AfterIdle::Send(Box::new(job));
                }
                NextJob::Job(job) => {
                    // The allowance is used up. The coordinator takes another portion of the day's cap.
                    self.dispatcher.requeue(job);
                    self.dispatcher.set_allowance_left(self.relay.index, false);
                    self.dispatcher.coordinator_wakeup.notify_one();
                }
                NextJob::Wait(Some(at)) => wait = wait.min(at - Instant::now()),
                NextJob::Wait(None) => {}
            }
            if self.drained.is_cancelled() {
                return AfterIdle::Finish;
            }
            self.record_outcomes().await;
            if idle_since.elapsed() >= IDLE_TIMEOUT {
                return AfterIdle::Close;
            }
            self.wait_for(work, wait).await;
        }
        AfterIdle::Finish
    }

    /// Waits until there is work, for at most `timeout`, or until the task must end.
    async fn wait_for(&self, work: impl Future<Output = ()>, timeout: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.drained.cancelled() => {}
            () = work => {}
            () = tokio::time::sleep(timeout) => {}
        }
    }

    /// Waits until the relay's rate limit permits one more message.
    async fn wait_for_rate(&mut self) {
        let relay = Arc::clone(&self.relay);
        if let Some(rate) = &relay.rate
            && rate.check().is_err()
        {
            // The wait may be long, and outcomes must not wait for it. `until_ready` takes the message from the limit, as `check` does.
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
        if !self.recorder.record(outcomes, Some(accepted.job().start())).await {
            // The usual causes: the delivery has ended, or its issue is no longer being sent. Then the recorder has released the lease.
            // If another connection has the delivery in flight, that one keeps the lease. If the recorder panicked, this process ends.
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
            EnvelopeReply::Failed(job, outcome) => {
                let transition = self.apply_outcome(&job, outcome).await;
                self.unrecorded.push(transition);
            }
        }
    }

    /// The next message, if a delivery is ready and every limit permits it now.
    async fn take_without_waiting(&mut self) -> Option<Box<PreparedMessage>> {
        if self.stop.is_cancelled() || matches!(self.relay.admission(self.number), Admission::AskAfter(_)) {
            return None;
        }
        let NextJob::Job(job) = self.dispatcher.take_job(self.relay.index) else {
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
        let next_attempt_at = state.is_open().then(|| self.app.clock.now());
        self.unrecorded
            .push(job.transition(state, next_attempt_at, Some(reply)));
        self.end_attempt(&job);
        self.relay.return_allowance();
        None
    }

    /// Puts back a delivery that was taken with an allowance and not attempted.
    fn requeue(&self, job: Job) {
        self.relay.return_allowance();
        self.dispatcher.requeue(job);
    }

    async fn record_outcomes(&mut self) {
        if !self.unrecorded.is_empty() {
            self.recorder.record(std::mem::take(&mut self.unrecorded), None).await;
        }
    }

    /// Records the outcomes and then sends QUIT, because the reply to QUIT may take a while.
    async fn close(&mut self, connection: IdleConnection) {
        self.record_outcomes().await;
        connection.quit().await;
    }

    /// Connects, waiting longer after each failure. `None` once there is nothing to send any more.
    async fn connect(&self) -> Option<IdleConnection> {
        let mut backoff = FIRST_RECONNECT_BACKOFF;
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
                    self.relay.set_trouble(None);
                    if self
                        .dispatcher
                        .is_member(self.dispatcher.transactional_route(), self.relay.index)
                    {
                        self.app.health.up();
                    }
                    self.dispatcher.set_accepts_connections(self.relay.index, true);
                    return Some(IdleConnection::new(session));
                }
                // `failed` counts a connection that broke. It returns false while that may concern this connection only, and true
                // once the relay itself counts as unavailable.
                Err(error) if !self.relay.broken_in_a_row.failed(&error) => {}
                Err(error) => self.relay_failed(&error).await,
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = self.drained.cancelled() => return None,
                () = tokio::time::sleep(backoff.mul_f64(0.5 + self.app.rng.fraction())) => {}
            }
            if !self.dispatcher.has_work(self.relay.index) {
                return None;
            }
            backoff = (backoff * 2).min(MAX_RECONNECT_BACKOFF);
        }
    }

    /// The other relays take this one's share. If none is available for some mail, that mail waits: health reports it if transactional mails
    /// go by this relay, and repeated failures that only an operator can fix pause the issues.
    async fn relay_failed(&self, error: &SendError) {
        self.dispatcher.set_accepts_connections(self.relay.index, false);
        let waiting = self.dispatcher.routes_of_relay_alone(self.relay.index);
        if waiting.is_empty() {
            return;
        }
        let reason = error.to_string();
        let is_new = self.relay.set_trouble(Some(&reason));
        if waiting.contains(&self.dispatcher.transactional_route()) {
            self.app.health.down(&reason, self.app.clock.now());
        } else if is_new {
            let reason = without_addresses(&reason);
            tracing::error!(
                relay.address = self.relay.name(),
                reason,
                "relay accepts no mail; its mail waits"
            );
        }
        if error.needs_operator()
            && self.relay.permanent_failures.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_PERMANENT_FAILURES
        {
            self.relay.permanent_failures.store(0, Ordering::Relaxed);
            for issue in self.dispatcher.issues_on(&waiting) {
                self.pause(issue, &reason).await;
            }
        }
    }
}
