//! Releases leases of the coordinator: of issues that are no longer sent, of throttled domains, and of commits whose reply was
//! lost.

use super::sender::Coordinator;
use crate::domain::ids::IssueId;
use crate::domain::states::DeliveryState;
use crate::domain::time::time_delta;
use crate::store::StoreError;
use crate::store::deliveries::DeliveryStep;

impl Coordinator {
    /// Releases the leases of issues that are no longer being sent.
    pub(super) async fn withdraw(&self, sending: &[IssueId]) -> Result<(), StoreError> {
        let withdrawn = self.dispatch.withdraw(sending);
        if withdrawn.is_empty() {
            return Ok(());
        }
        let given = async {
            let mut tx = self.app.store.write().await?;
            for key in withdrawn {
                tx.release_lease(key, self.app.node, self.app.clock.now()).await?;
            }
            tx.commit().await
        };
        given.await.inspect_err(|_| self.dispatch.doubt())
    }

    /// Releases deliveries beyond their domain's limit, and makes them due again later.
    pub(super) async fn put_surplus_back(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let surplus = self.dispatch.surplus();
        let steps: Vec<_> = surplus
            .into_iter()
            .map(|(job, wait)| {
                let next = now + time_delta(wait.mul_f64(1.0 + self.app.rng.fraction()));
                let until = self.throttled_until.entry(job.delivery.issue_id).or_insert(next);
                *until = next.max(*until);
                DeliveryStep {
                    key: job.key(),
                    state: if job.delivery.attempts == 0 {
                        DeliveryState::Queued
                    } else {
                        DeliveryState::Deferred
                    },
                    next_attempt_at: Some(next),
                    attempts: job.delivery.attempts,
                    reply: None,
                }
            })
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        let taken = self.app.store.take_steps(self.app.node, &steps, now).await;
        for step in &steps {
            self.dispatch.forget(&step.key);
        }
        taken.map(drop).inspect_err(|_| self.dispatch.doubt())
    }

    /// Releases leases that were taken by a commit whose reply was lost: no connection has these deliveries.
    pub(super) async fn reconcile(&self) -> Result<(), StoreError> {
        let given = async {
            let mut tx = self.app.store.write().await?;
            for key in tx.leases_of(self.app.node).await? {
                if !self.dispatch.holds(&key) {
                    tx.release_lease(key, self.app.node, self.app.clock.now()).await?;
                }
            }
            tx.commit().await
        };
        given.await.inspect_err(|_| self.dispatch.doubt())
    }
}
