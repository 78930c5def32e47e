//! Methods of [`ConnectionTask`] that apply the outcome of an attempt: to the delivery, the limits of its domain and of the relay, and
//! the issue. The table in `feedback.rs` lists what each outcome changes.

use tracing::Instrument as _;

use super::connection_task::ConnectionTask;
use super::domains::DomainFeedback;
use super::feedback::{RelayFeedback, feedback};
use super::job::Job;
use super::retry::disposition;
use crate::bounce::relay_replies;
use crate::domain::ids::IssueId;
use crate::domain::redact::without_addresses;
use crate::domain::states::IssueState;
use crate::mail::smtp::Outcome;
use crate::notices::{NoticeError, issue_paused};
use crate::store::StoreError;
use crate::store::delivery_transitions::DeliveryTransition;

/// Why an issue is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PauseCause {
    /// Servers reject the sender or the message.
    Sender,
    /// The relay refuses most recipients. An issue is paused for this once.
    RecipientRefusals,
}

impl ConnectionTask {
    /// Applies an outcome to the limits and the issue, and returns the delivery's transition.
    pub(super) async fn apply_outcome(&self, job: &Job, outcome: Outcome) -> DeliveryTransition {
        let now = self.app.clock.now();
        let delivery = &job.delivery;
        self.relay.metrics.message("issue", outcome.label());
        let is_accepted = matches!(outcome, Outcome::Accepted(_));
        // An accepted message needs no wait, and random numbers cost time.
        let jitter = if is_accepted { 0.0 } else { self.app.rng.fraction() };
        let (domain, relay) = feedback(&outcome);
        self.dispatcher.attempt_ended(job, domain, jitter);
        match relay {
            RelayFeedback::Accepted => self.relay.message_accepted(),
            RelayFeedback::SlowDown => self.relay.slow_down(jitter),
            RelayFeedback::Unchanged => {}
        }
        if is_accepted {
            self.sender_rejections.message_accepted(delivery.issue_id);
            self.recipient_refusals.accepted(delivery.issue_id);
        } else {
            // Daily caps count accepted messages only.
            self.relay.return_allowance();
            self.apply_refusal(job, &outcome, jitter)
                .instrument(tracing::Span::clone(&job.batch))
                .await;
        }
        let since = job.template.issue.waits_since().unwrap_or(now);
        let policy = self.policy.for_newsletter(&job.template.newsletter);
        let disposition = disposition(outcome, delivery.attempts, since, &policy, jitter, now);
        if let Some(reason) = &disposition.pause {
            self.pause(delivery.issue_id, reason).await;
        }
        DeliveryTransition {
            attempts: delivery.attempts + i64::from(disposition.attempted),
            ..job.transition(disposition.state, disposition.next_attempt_at, Some(disposition.reply))
        }
    }

    /// Ends an attempt that sent nothing: the domain has one message in flight less, and no limit changes.
    pub(super) fn end_attempt(&self, job: &Job) {
        self.dispatcher.attempt_ended(job, DomainFeedback::Unchanged, 0.0);
    }

    /// A server refused the message. That may concern more recipients than this one.
    async fn apply_refusal(&self, job: &Job, outcome: &Outcome, jitter: f64) {
        self.apply_sender_rejection(job, outcome, jitter).await;
        self.apply_recipient_refusal(job, outcome).await;
    }

    /// A server rejected the sender or the message. If that concerns every recipient, a permanent rejection pauses the issue, and a
    /// temporary one lowers the relay's limit.
    async fn apply_sender_rejection(&self, job: &Job, outcome: &Outcome, jitter: f64) {
        let reply = match outcome {
            Outcome::SenderRefused(reply) => reply,
            Outcome::Slow { reply, .. } if reply.code >= 500 => reply,
            _ => return,
        };
        let issue = job.delivery.issue_id;
        match self.sender_rejections.concern_everybody(&self.app, job).await {
            Ok(true) if reply.code >= 500 => {
                let name = job.template.issue_name();
                let reason = format!(
                    "every recipient is refused: {reply}; fix the cause, then run `daywire issue resume {name}` or `daywire issue cancel \
                     {name}`"
                );
                self.pause(issue, &reason).await;
            }
            Ok(true) => self.relay.slow_down(jitter),
            Ok(false) => {}
            // The delivery is deferred anyway, and the next rejection repeats this query.
            Err(error) => {
                let name = job.template.issue_name();
                tracing::warn!(issue.id = %issue, issue.name = name, %error, "rejections of other recipients not read");
            }
        }
    }

    /// The relay refused a recipient for good. If it refuses most recipients of the issue, the issue is paused, once.
    async fn apply_recipient_refusal(&self, job: &Job, outcome: &Outcome) {
        let Outcome::Rejected(reply) = outcome else { return };
        let reply = reply.to_string();
        if !relay_replies::suppresses(&reply) {
            return;
        }
        let issue = job.delivery.issue_id;
        let name = job.template.issue_name();
        match self.are_refusals_to_stop(issue).await {
            Ok(true) => {
                let reason = format!(
                    "the relay refuses most recipients, now with {reply}; if that is an error of the relay, correct it and run \
                     `daywire suppression lift --refused-in {name}`; then run `daywire issue resume {name}`"
                );
                self.pause_for(PauseCause::RecipientRefusals, issue, &reason).await;
            }
            Ok(false) => {}
            // The next refusal repeats the query.
            Err(error) => {
                tracing::warn!(issue.id = %issue, issue.name = name, %error, "refusals of other recipients not read");
            }
        }
    }

    /// Whether the relay refuses most recipients, and the issue was not paused for that before. An operator who resumed the issue has
    /// decided that the addresses are dead.
    async fn are_refusals_to_stop(&self, issue: IssueId) -> Result<bool, StoreError> {
        if !self.recipient_refusals.refused(&self.app, issue).await? {
            return Ok(false);
        }
        let mut tx = self.app.store.read().await?;
        Ok(!tx.was_paused_for_refusals(issue).await?)
    }

    /// Pauses the issue because the fault is the sender's: no further recipient is tried, and none is suppressed. The stored and
    /// logged reason contains no address.
    pub(super) async fn pause(&self, issue: IssueId, reason: &str) {
        self.pause_for(PauseCause::Sender, issue, reason).await;
    }

    /// Pauses the issue. If another process paused it for refused recipients before, nothing happens.
    #[tracing::instrument(name = "pause", level = "error", skip_all, fields(issue.id = %issue))]
    async fn pause_for(&self, cause: PauseCause, issue: IssueId, reason: &str) {
        let reason = without_addresses(reason);
        // The other connections stop at once. Nothing restarts them before the pause is stored.
        self.dispatcher.pause_started(issue);
        let paused = async {
            let mut tx = self.app.store.write().await?;
            let now = self.app.clock.now();
            if cause == PauseCause::RecipientRefusals && !tx.note_pause_for_refusals(issue, now).await? {
                return Ok(None);
            }
            let moved = tx
                .move_issue(issue, IssueState::Sending, IssueState::Paused, Some(&reason), now)
                .await?;
            let name = tx.issue_name(issue).await?;
            // Of several processes, only the one that moved the issue notifies.
            if moved {
                issue_paused(&mut tx, &self.app, &name, &reason).await?;
            }
            tx.commit().await?;
            Ok::<Option<String>, NoticeError>(moved.then_some(name))
        };
        match paused.await {
            Ok(Some(name)) => {
                tracing::error!(issue.id = %issue, issue.name = name, reason, "issue paused");
                self.app.transactional_wakeup.notify_one();
            }
            Ok(None) => {}
            Err(error) => tracing::error!(issue.id = %issue, %error, "issue not paused"),
        }
        self.sender_rejections.reset(issue);
        self.recipient_refusals.reset(issue);
        self.dispatcher.pause_ended(issue);
    }
}
