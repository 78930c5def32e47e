//! Polls a mailbox on an IMAP server for returned mail.
//!
//! Messages are examined in the order of their UIDs. One that is about a message of ours is stored, and then moved to another mailbox;
//! everything else stays unread where it is. The UID up to which messages were examined is recorded after the move. So a process that
//! dies in between examines some messages again, which changes nothing: a returned mail is recognised by its content, and a moved
//! message is not found any more.
//!
//! All processes with the role `intake` may poll the same mailbox. The one that holds its lease does (`lease.rs`).

mod examine;
mod lease;
mod poll_error;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::examine::Examiner;
use self::lease::{Lease, RENEWAL_INTERVAL};
use self::poll_error::PollError;
use self::queue::Queue;
use crate::app::App;
use crate::mail::imap::{ImapError, Session};
use crate::store::polled_mailboxes::ExaminedMessages;

/// How often a process asks for the lease that another one holds.
const LEASE_POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How long a step with the server may still take after the service was asked to stop.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(3);
/// IDLE is ended and begun again after this time. [RFC 2177](https://www.rfc-editor.org/rfc/rfc2177) asks for at most 29 minutes;
/// routers forget an idle connection earlier, and the next command is what notices that.
const IDLE_RENEWAL_INTERVAL: Duration = Duration::from_mins(10);

/// Whether this process goes on with the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Continue,
    /// The service stops, or another process polls the mailbox.
    End,
}

/// Polls the mailbox of the settings, if there is one, until `stop` is cancelled.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let Some(lease) = Lease::of_settings(&app) else { return };
    let mut poller = Poller {
        examiner: Examiner::new(Arc::clone(&app)),
        failures: 0,
        may_have_failure: true,
        lease,
        app,
    };
    while !stop.is_cancelled() {
        let result = tokio::select! {
            result = poller.poll(&stop) => result,
            // What was interrupted is done again by the next process that polls, which changes nothing.
            () = async { stop.cancelled().await; tokio::time::sleep(SHUTDOWN_GRACE_PERIOD).await } => break,
        };
        let pause = match result {
            Ok(()) => LEASE_POLL_INTERVAL,
            Err(error) => poller.pause_after(&error).await,
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    poller.lease.release().await;
}

struct Poller {
    app: Arc<App>,
    lease: Lease,
    examiner: Examiner,
    /// Failures since the mailbox was last read to its end.
    failures: u32,
    /// Whether the database may have a failure of the mailbox on record, from this process or an earlier one.
    may_have_failure: bool,
}

impl Poller {
    /// Polls until the service stops or another process holds the lease.
    async fn poll(&mut self, stop: &CancellationToken) -> Result<(), PollError> {
        if !self.lease.take().await? {
            // Only the process that polls the mailbox knows whether it can be read.
            self.app.mailbox_health.polled_by_another_process();
            return Ok(());
        }
        let imap = &self.app.config.intake.imap;
        let Some(server) = imap.server() else { return Ok(()) };
        let mut session = Session::open(server, &imap.credential()?).await?;
        let uid_validity = session.select(&imap.mailbox).await?;
        self.examiner.open(uid_validity);
        tracing::info!(mailbox.server = %server, mailbox.name = %imap.mailbox, "IMAP mailbox opened");
        let mut examined = self.lease.examined(uid_validity).await?;
        while self.read(&mut session, &mut examined, stop).await? == Flow::Continue {
            self.failures = 0;
            self.app.mailbox_health.up();
            if std::mem::take(&mut self.may_have_failure) {
                self.lease.clear_failure().await?;
            }
            if self.wait(&mut session, stop).await? == Flow::End {
                break;
            }
        }
        session.log_out().await;
        Ok(())
    }

    /// Examines all messages that were not examined before.
    async fn read(
        &mut self,
        session: &mut Session,
        examined: &mut ExaminedMessages,
        stop: &CancellationToken,
    ) -> Result<Flow, PollError> {
        let last = u32::try_from(examined.last_uid).unwrap_or(0);
        let uids = session.uids_above(last).await?;
        let mut queue = Queue::new(&uids, self.examiner.failed_fetches());
        while let Some(first) = queue.first() {
            if stop.is_cancelled() {
                return Ok(Flow::End);
            }
            let group = queue.take(self.examiner.group_size(first));
            self.examiner.examine(session, &group).await?;
            examined.last_uid = i64::from(queue.examined_up_to());
            if !self.lease.set_examined(*examined).await? {
                return Ok(Flow::End);
            }
        }
        Ok(Flow::Continue)
    }

    /// Waits for new messages, and keeps the lease meanwhile.
    async fn wait(&self, session: &mut Session, stop: &CancellationToken) -> Result<Flow, PollError> {
        if session.has_new_messages() {
            return Ok(Flow::Continue);
        }
        let limit = if session.can_idle() {
            session.start_idle().await?;
            IDLE_RENEWAL_INTERVAL
        } else {
            self.app.config.intake.imap.poll_interval
        };
        let end = Instant::now() + limit;
        let mut flow = Flow::Continue;
        while flow == Flow::Continue && Instant::now() < end {
            tokio::select! {
                () = stop.cancelled() => flow = Flow::End,
                arrived = session.wait_for_new_messages() => {
                    arrived?;
                    break;
                }
                () = tokio::time::sleep_until(end.min(Instant::now() + RENEWAL_INTERVAL)) => {
                    if !self.lease.take().await? {
                        flow = Flow::End;
                    }
                }
            }
        }
        session.stop_idle().await?;
        Ok(flow)
    }

    /// Records a failure, and returns how long to wait before the next attempt.
    async fn pause_after(&mut self, error: &PollError) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let (first, longest) = match error {
            // Servers end a connection from time to time, with a token when it expires. The next attempt shows whether this is a failure.
            PollError::Imap(ImapError::Lost { .. }) if self.failures == 1 => {
                tracing::info!(%error, "connection to the mailbox ended; opening it again");
                (Duration::from_secs(1), Duration::from_secs(1))
            }
            PollError::Imap(failure) => {
                let reason = failure.to_string();
                self.app.mailbox_health.down(&reason, self.app.clock.now());
                self.may_have_failure = true;
                if let Err(error) = self.lease.record_failure(&reason).await {
                    tracing::error!(%error, "failure of the mailbox not recorded; trying again");
                }
                if failure.needs_operator() {
                    // Many providers lock a user after some wrong passwords.
                    (Duration::from_secs(30), Duration::from_mins(15))
                } else {
                    (Duration::from_secs(1), Duration::from_mins(5))
                }
            }
            PollError::Store(_) | PollError::Notice(_) => {
                tracing::error!(%error, "IMAP mailbox not polled; trying again");
                (Duration::from_secs(1), Duration::from_secs(15))
            }
        };
        // Another process may have more luck.
        self.lease.release().await;
        let doubled = 2_u32.saturating_pow((self.failures - 1).min(16));
        let pause = first.saturating_mul(doubled).min(longest);
        pause.mul_f64(0.8 + 0.4 * self.app.rng.fraction())
    }
}
