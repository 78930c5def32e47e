//! Methods of [`Coordinator`] that release leases: of issues that are no longer being sent, of surplus deliveries, and of commits whose
//! reply was lost.

use super::coordinator::Coordinator;
use crate::domain::ids::IssueId;
use crate::domain::states::DeliveryState;
use crate::domain::time::time_delta;
use crate::store::StoreError;

impl Coordinator {
    /// Releases the waiting deliveries of issues that are not in `sending`.
    pub(super) async fn release_stopped(&self, sending: &[IssueId]) -> Result<(), StoreError> {
        let removed = self.dispatcher.remove_stopped(sending);
        if removed.is_empty() {
            return Ok(());
        }
        let released = async {
            let mut tx = self.app.store.write().await?;
            for key in removed {
                tx.release_lease(key, self.app.node, self.app.clock.now()).await?;
            }
            tx.commit().await
        };
        released.await.inspect_err(|_| self.dispatcher.request_reconciliation())
    }

    /// Releases surplus deliveries, and makes them due later. Jitter keeps them from returning together.
    pub(super) async fn release_surplus(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let surplus = self.dispatcher.take_surplus();
        let transitions: Vec<_> = surplus
            .into_iter()
            .map(|(job, wait)| {
                let next = now + time_delta(wait.mul_f64(1.0 + self.app.rng.fraction()));
                let due = self.last_surplus_due.entry(job.delivery.issue_id).or_insert(next);
                *due = next.max(*due);
                let state = if job.delivery.attempts == 0 {
                    DeliveryState::Queued
                } else {
                    DeliveryState::Deferred
                };
                job.transition(state, Some(next), None)
            })
            .collect();
        if transitions.is_empty() {
            return Ok(());
        }
        let recorded = self
            .app
            .store
            .record_transitions(self.app.node, &transitions, now)
            .await;
        for transition in &transitions {
            self.dispatcher.remove_lease(&transition.key);
        }
        recorded
            .map(drop)
            .inspect_err(|_| self.dispatcher.request_reconciliation())
    }

    /// Releases the leases that the database holds for this process and that this process does not know. A commit took them whose reply
    /// was lost, so no connection will send these deliveries. A delivery in flight is not among them: it keeps its lease until its
    /// outcome is recorded.
    pub(super) async fn reconcile(&self) -> Result<(), StoreError> {
        let released = async {
            let mut tx = self.app.store.write().await?;
            for key in tx.leases_of(self.app.node).await? {
                if !self.dispatcher.has_lease(&key) {
                    tx.release_lease(key, self.app.node, self.app.clock.now()).await?;
                }
            }
            tx.commit().await
        };
        released.await.inspect_err(|_| self.dispatcher.request_reconciliation())
    }
}
