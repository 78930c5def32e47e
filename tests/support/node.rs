//! Another sending process that the test plays: it leases, begins and records deliveries step by step.

use daywire::domain::ids::{IssueId, NodeId, SubscriptionId};
use daywire::domain::states::DeliveryState;
use daywire::process;
use daywire::store::deliveries::DeliveryKey;
use daywire::store::delivery_transitions::DeliveryTransition;
use daywire::store::leases::LeasedDelivery;
use uuid::Uuid;

use super::{DateTime, TestApp, TimeDelta, Utc};

pub struct OtherNode<'a> {
    pub app: &'a TestApp,
    pub id: NodeId,
    process: Option<String>,
}

impl<'a> OtherNode<'a> {
    /// A node whose process cannot be checked, so that only its heartbeat shows whether it runs.
    pub fn alive(app: &'a TestApp, number: u128) -> Self {
        Self {
            app,
            id: NodeId(Uuid::from_u128(number)),
            process: None,
        }
    }

    /// A node whose process ended on this machine.
    pub fn dead(app: &'a TestApp) -> Self {
        let current = process::current().expect("tests run on Linux");
        let (machine, start) = current.rsplit_once('/').expect("it names the machine and the start");
        let earlier = start.parse::<u64>().expect("the start is in ticks") - 1;
        Self {
            process: Some(format!("{machine}/{earlier}")),
            ..Self::alive(app, 0xdead)
        }
    }

    pub async fn heartbeat(&self) {
        let mut tx = self.app.app.store.write().await.expect("the database answers");
        tx.heartbeat(self.id, self.process.as_deref())
            .await
            .expect("the heartbeat is stored");
        tx.commit().await.expect("the transaction commits");
    }

    pub async fn lease(&self, issue: IssueId, limit: i64) -> Vec<LeasedDelivery> {
        let mut tx = self.app.app.store.write().await.expect("the database answers");
        tx.heartbeat(self.id, self.process.as_deref())
            .await
            .expect("the heartbeat is stored");
        let front = Some(SubscriptionId(Uuid::nil()));
        let lease = tx.lease_deliveries(issue, self.id, front, limit, self.app.now()).await;
        tx.commit().await.expect("the transaction commits");
        lease.expect("the lease is granted").deliveries
    }

    pub async fn begin(&self, delivery: &LeasedDelivery) -> bool {
        let start = transition(delivery, DeliveryState::Sending, delivery.next_attempt_at);
        self.record_transition(start).await
    }

    pub async fn record(&self, delivery: &LeasedDelivery, state: DeliveryState) -> bool {
        let again = state.is_open().then(|| self.app.now() + TimeDelta::minutes(5));
        let mut outcome = transition(delivery, state, again);
        outcome.attempts += 1;
        outcome.reply = Some("said the relay".into());
        self.record_transition(outcome).await
    }

    async fn record_transition(&self, transition: DeliveryTransition) -> bool {
        let store = &self.app.app.store;
        let recorded = store
            .record_transitions(self.id, std::slice::from_ref(&transition), self.app.now())
            .await;
        recorded.expect("the database answers").contains(&transition.key)
    }

    /// Reclaims its deliveries, as another process does when the heartbeat stops.
    pub async fn reclaim(&self, resend: bool) {
        let mut tx = self.app.app.store.write().await.expect("the database answers");
        let nodes = tx.nodes().await.expect("the nodes are listed");
        if let Some(node) = nodes.iter().find(|node| node.id == self.id) {
            let _ = tx
                .reclaim_node(node, resend, self.app.now())
                .await
                .expect("the node is reclaimed");
        }
        tx.commit().await.expect("the transaction commits");
    }
}

/// The recipient's address as typed.
pub fn address(delivery: &LeasedDelivery) -> &str {
    delivery.address.as_ref().expect("the row holds an address").as_typed()
}

pub fn key(delivery: &LeasedDelivery) -> DeliveryKey {
    (delivery.issue_id, delivery.subscription_id)
}

fn transition(
    delivery: &LeasedDelivery,
    state: DeliveryState,
    next_attempt_at: Option<DateTime<Utc>>,
) -> DeliveryTransition {
    DeliveryTransition {
        key: key(delivery),
        state,
        next_attempt_at,
        attempts: delivery.attempts,
        reply: None,
    }
}
