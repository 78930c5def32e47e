//! Decides what a relay's reply changes: the delivery, the rate limits of its domain and of the relay, and the issue.

use super::connection::{Worker, begin};
use super::dispatch::Job;
use super::domains::Heard;
use super::retry::fate;
use super::verdict;
use crate::domain::ids::IssueId;
use crate::domain::redact::without_addresses;
use crate::domain::states::IssueState;
use crate::mail::smtp::Outcome;
use crate::store::StoreError;
use crate::store::deliveries::DeliveryStep;

impl Worker {
    /// Applies a reply to the delivery, the rate limits and the issue.
    pub(super) async fn judge(&self, job: &Job, answer: Outcome) -> DeliveryStep {
        let now = self.app.clock.now();
        let delivery = &job.delivery;
        let accepted = matches!(answer, Outcome::Accepted(_));
        let jitter = if accepted { 0.0 } else { self.app.rng.fraction() };
        let verdict = verdict::of(&answer);
        self.dispatch.heard(job, verdict.domain, jitter);
        match verdict.relay {
            verdict::Relay::Well => self.lane.went_well(),
            verdict::Relay::SlowDown => self.lane.slow_down(jitter),
            verdict::Relay::Nothing => {}
        }
        if accepted {
            self.refusals.accepted(delivery.issue_id);
        } else {
            self.lane.unspend();
            self.weigh_refusal(job, &answer, jitter).await;
        }
        let since = job.parts.issue.waits_since().unwrap_or(now);
        let policy = self.policy.for_newsletter(&job.parts.newsletter);
        let fate = fate(answer, delivery.attempts, since, &policy, jitter, now);
        if let Some(reason) = &fate.pause {
            self.pause(delivery.issue_id, reason).await;
        }
        DeliveryStep {
            state: fate.state,
            next_attempt_at: fate.next_attempt_at,
            attempts: delivery.attempts + i64::from(fate.attempted),
            reply: Some(fate.reply),
            ..begin(job)
        }
    }

    /// Releases the delivery's slot in the rate limit of its domain.
    pub(super) fn release(&self, job: &Job) {
        self.dispatch.heard(job, Heard::Nothing, 0.0);
    }

    /// A refusal of the sender that concerns every recipient pauses the issue if it is permanent. A temporary one lowers the
    /// relay's rate.
    async fn weigh_refusal(&self, job: &Job, answer: &Outcome, jitter: f64) {
        let reply = match answer {
            Outcome::Standing(reply) => reply,
            Outcome::Slow { reply, .. } if reply.code >= 500 => reply,
            _ => return,
        };
        let issue = job.delivery.issue_id;
        match self.refusals.concern_everybody(&self.app, job).await {
            Ok(true) if reply.code >= 500 => {
                let reason =
                    format!("every recipient is refused: {reply}; fix the cause, then run `daywire issue resume`");
                self.pause(issue, &reason).await;
            }
            Ok(true) => self.lane.slow_down(jitter),
            Ok(false) => {}
            // The delivery is deferred anyway, and the next refusal repeats this query.
            Err(error) => tracing::warn!(issue.id = %issue, %error, "refusals of other recipients not read"),
        }
    }

    /// Pauses the issue because the fault is the sender's: no further recipient is tried, and none is suppressed. The stored and
    /// logged reason contains no address.
    pub(super) async fn pause(&self, issue: IssueId, reason: &str) {
        let reason = without_addresses(reason);
        // The other connections stop at once. Nothing restarts them before the pause is stored.
        self.dispatch.pausing(issue);
        let paused = async {
            let mut tx = self.app.store.write().await?;
            let now = self.app.clock.now();
            let moved = tx
                .move_issue(issue, IssueState::Sending, IssueState::Paused, Some(&reason), now)
                .await?;
            let name = tx.issue_name(issue).await?;
            tx.commit().await?;
            Ok::<Option<String>, StoreError>(moved.then_some(name))
        };
        match paused.await {
            Ok(Some(name)) => {
                tracing::error!(issue.id = %issue, issue.name = name, reason, "issue paused: the relay refuses it");
            }
            Ok(None) => {}
            Err(error) => tracing::error!(issue.id = %issue, %error, "issue not paused"),
        }
        self.refusals.start_again(issue);
        self.dispatch.paused(issue);
    }
}
