//! Whatever is done to an issue in whatever order, its rows take only steps that are allowed, and no final one is left.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use daywire::delivery::control::{self, Settlement};
use daywire::delivery::proof::prove;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::{IssueId, NodeId, SubscriptionId};
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::store::deliveries::LeasedDelivery;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::support::node::OtherNode;
use crate::support::{Engine, TestApp};

const READERS: usize = 4;

/// Something that happens to an issue; numbers choose among nodes, leases and readers.
#[derive(Clone, Debug)]
enum Step {
    Lease(u128, i64),
    Begin(usize),
    Record(usize, DeliveryState),
    GiveBack(u128),
    Die(u128, bool),
    Advance(i64),
    Leave(usize),
    Suppress(usize),
    Pause,
    Resume,
    Cancel,
    Settle(Settlement),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop::sample::select(vec![
        DeliveryState::Accepted,
        DeliveryState::Deferred,
        DeliveryState::Rejected,
        DeliveryState::Queued,
        DeliveryState::InDoubt,
        DeliveryState::Expired,
    ]);
    prop_oneof![
        6 => (1..3_u128, 1..4_i64).prop_map(|(node, limit)| Step::Lease(node, limit)),
        8 => any::<usize>().prop_map(Step::Begin),
        8 => (any::<usize>(), outcome).prop_map(|(lease, state)| Step::Record(lease, state)),
        1 => (1..3_u128).prop_map(Step::GiveBack),
        2 => (1..3_u128, any::<bool>()).prop_map(|(node, resend)| Step::Die(node, resend)),
        3 => (1..120_i64).prop_map(Step::Advance),
        1 => (0..READERS).prop_map(Step::Leave),
        1 => (0..READERS).prop_map(Step::Suppress),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::Cancel),
        1 => prop::sample::select(vec![Settlement::Accepted, Settlement::Resend]).prop_map(Step::Settle),
    ]
}

async fn story(engine: Engine) {
    let Some(app) = TestApp::new(engine).await else { return };
    let kept = app.keep();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let round = std::cell::Cell::new(0);
    let runtime = tokio::runtime::Handle::current();
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 0..40), |steps| {
            round.set(round.get() + 1);
            let walk = async { Walk::new(&app, round.get()).await.walk(steps).await };
            tokio::task::block_in_place(|| runtime.block_on(walk));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    kept.finish().await;
}

mod any_order_of_events_keeps_to_the_allowed_steps {
    both!(super::story);
}

/// One issue and what is known of it.
struct Walk<'a> {
    app: &'a TestApp,
    issue: IssueId,
    readers: Vec<String>,
    leases: Vec<(u128, LeasedDelivery)>,
    issue_state: IssueState,
    states: BTreeMap<SubscriptionId, DeliveryState>,
}

impl<'a> Walk<'a> {
    async fn new(app: &'a TestApp, round: usize) -> Self {
        let newsletter = app.apply(&format!("slug = \"walk{round}\"\nname = \"Walk\"")).await;
        let readers: Vec<_> = (0..READERS).map(|n| format!("reader{n}@walk{round}.example")).collect();
        let csv = format!("email\n{}", readers.join("\n"));
        let agreed = daywire::import::Options {
            confirmed: true,
            provenance: Some("test".into()),
        };
        daywire::import::import(&app.app, &newsletter, csv.as_bytes(), &agreed)
            .await
            .expect("imported");
        let issue = app.send(&newsletter).await;
        let mut walk = Self {
            app,
            issue,
            readers,
            leases: vec![],
            issue_state: IssueState::Sending,
            states: BTreeMap::new(),
        };
        walk.states = walk.read().await;
        walk
    }

    async fn walk(mut self, steps: Vec<Step>) {
        for step in steps {
            self.act(&step).await;
            self.tidy_up().await;
            self.check(&step).await;
        }
        let _ = control::cancel(&self.app.app, self.issue).await;
        self.check(&Step::Cancel).await;
        // What a process had on the wire when it died is given up by its lease.
        for node in 1..3 {
            self.act(&Step::Die(node, true)).await;
            self.tidy_up().await;
            self.check(&Step::Die(node, true)).await;
        }
        assert_eq!(
            self.states.values().filter(|state| state.is_open()).count(),
            0,
            "{:?}",
            self.states
        );
    }

    /// What every process that sends does each second.
    async fn tidy_up(&self) {
        let mut tx = self.app.app.store.write().await.expect("it answers");
        tx.cancel_leftovers(self.app.now()).await.expect("an answer");
        tx.commit().await.expect("it is stored");
    }

    async fn read(&self) -> BTreeMap<SubscriptionId, DeliveryState> {
        let lines = self.app.deliveries(self.issue).await;
        lines
            .into_iter()
            .map(|line| (line.subscription_id, line.state))
            .collect()
    }

    /// Compares with what was before: each row stayed, or took steps that are allowed.
    async fn check(&mut self, step: &Step) {
        let now = self.read().await;
        assert_eq!(now.len(), READERS, "{step:?} lost a row");
        for (id, state) in &now {
            let before = self.states[id];
            // A deferral may end at once because the reader has left, and a refusal before the text is on the wire and off
            // it: two steps in one commit.
            let through = |middle: DeliveryState| before.allows(middle) && middle.allows(*state);
            let allowed = before == *state
                || before.allows(*state)
                || through(DeliveryState::Queued)
                || through(DeliveryState::Sending);
            assert!(allowed, "{step:?}: {before} -> {state}");
        }
        self.states = now;
        let issue = self.app.state(self.issue).await;
        assert!(issue == self.issue_state || self.issue_state.allows(issue), "{step:?}");
        self.issue_state = issue;
        let proof = prove(&self.app.app, self.issue).await.expect("an account");
        let on_wire = proof.deliveries[&DeliveryState::Sending] > 0;
        assert!(
            proof.balanced || (issue == IssueState::Cancelled && on_wire),
            "{step:?}: {proof:?}"
        );
    }

    async fn act(&mut self, step: &Step) {
        let app = &self.app.app;
        match step {
            Step::Pause => drop(control::pause(app, self.issue, "lunch").await),
            Step::Resume => drop(control::resume(app, self.issue).await),
            Step::Cancel => drop(control::cancel(app, self.issue).await),
            Step::Settle(settlement) => drop(control::settle(app, self.issue, *settlement).await),
            Step::Advance(seconds) => self.app.advance(TimeDelta::seconds(*seconds)),
            Step::Suppress(reader) => self.app.suppress(&self.readers[*reader], "complained").await,
            Step::Leave(reader) => {
                let id = self.app.subscription(&self.readers[*reader]).await;
                let _ = daywire::unsubscribe::unsubscribe(app, id, "test", None)
                    .await
                    .expect("an answer");
            }
            Step::Lease(node, limit) => {
                let taken = OtherNode::alive(self.app, *node).lease(self.issue, *limit).await;
                assert!(i64::try_from(taken.len()).expect("few") <= *limit);
                for delivery in &taken {
                    assert!(self.is_wanted(delivery).await, "leased for somebody who wants no mail");
                }
                self.leases.extend(taken.into_iter().map(|delivery| (*node, delivery)));
            }
            Step::Begin(lease) => {
                let Some((node, delivery)) = self.pick(*lease) else {
                    return;
                };
                let before = self.states[&delivery.subscription_id];
                let wanted = self.is_wanted(&delivery).await;
                if OtherNode::alive(self.app, node).begin(&delivery).await {
                    // One that is on the wire already is begun again only after a commit whose answer was lost.
                    assert!(
                        wanted || before == DeliveryState::Sending,
                        "begun for somebody who wants no mail"
                    );
                    assert_eq!(self.issue_state, IssueState::Sending);
                    assert!(before.is_open(), "begun though it was {before}");
                }
            }
            Step::Record(lease, state) => {
                let Some((node, delivery)) = self.pick(*lease) else {
                    return;
                };
                let before = self.states[&delivery.subscription_id];
                if OtherNode::alive(self.app, node).record(&delivery, *state).await {
                    let known_better = before == DeliveryState::InDoubt && *state == DeliveryState::Accepted;
                    assert!(before.is_open() || known_better, "recorded though it was {before}");
                }
            }
            Step::GiveBack(node) => {
                let mut tx = app.store.write().await.expect("it answers");
                tx.give_leases_back(NodeId(Uuid::from_u128(*node)))
                    .await
                    .expect("an answer");
                tx.commit().await.expect("it is stored");
            }
            Step::Die(node, resend) => OtherNode::alive(self.app, *node).bury(*resend).await,
        }
    }

    async fn is_wanted(&self, delivery: &LeasedDelivery) -> bool {
        let mut tx = self.app.app.store.read().await.expect("it answers");
        let reader = tx.subscription(delivery.subscription_id).await;
        let reader = reader.expect("an answer").expect("a row");
        let address = EmailAddress::parse(&reader.address).expect("an address");
        let hash = self.app.app.keys.address_hash(address.key());
        reader.state == SubscriptionState::Confirmed && tx.suppression(&hash).await.expect("an answer").is_none()
    }

    fn pick(&self, index: usize) -> Option<(u128, LeasedDelivery)> {
        let count = self.leases.len().max(1);
        self.leases.get(index % count).cloned()
    }
}
