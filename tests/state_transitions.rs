//! Random orders of actions on an issue change its deliveries by permitted transitions only, and never change a final state.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::delivery::report::delivery_report;
use daywire::delivery::settlement::{self, Settlement};
use daywire::domain::consent::ConsentSource;
use daywire::domain::ids::{IssueId, NodeId, SubscriptionId};
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::store::leases::LeasedDelivery;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::support::node::{OtherNode, key};
use crate::support::{Engine, TestApp};

const READERS: usize = 6;

/// An action on an issue. Numbers choose among nodes, leases and readers.
#[derive(Clone, Debug)]
enum Step {
    Lease(u128, i64),
    Begin(usize),
    Record(usize, DeliveryState),
    ReleaseAll(u128),
    ReleaseOne(usize),
    Reclaim(u128, bool),
    SetClockBack(i64),
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
        20 => (1..3_u128, 1..4_i64).prop_map(|(node, limit)| Step::Lease(node, limit)),
        24 => any::<usize>().prop_map(Step::Begin),
        20 => (any::<usize>(), outcome).prop_map(|(lease, state)| Step::Record(lease, state)),
        2 => (1..3_u128).prop_map(Step::ReleaseAll),
        3 => any::<usize>().prop_map(Step::ReleaseOne),
        4 => (1..3_u128, any::<bool>()).prop_map(|(node, resend)| Step::Reclaim(node, resend)),
        8 => (1..600_i64).prop_map(Step::Advance),
        1 => (1..200_000_i64).prop_map(Step::SetClockBack),
        1 => (0..READERS).prop_map(Step::Leave),
        1 => (0..READERS).prop_map(Step::Suppress),
        1 => Just(Step::Pause),
        6 => Just(Step::Resume),
        1 => Just(Step::Cancel),
        1 => prop::sample::select(vec![Settlement::Accepted, Settlement::Resend]).prop_map(Step::Settle),
    ]
}

#[apply(on_both_databases)]
async fn any_order_of_actions_makes_only_permitted_transitions(engine: Engine) {
    let app = TestApp::new(engine).await;
    let teardown = app.teardown();
    let cases = std::env::var("DAYWIRE_TEST_CASES").ok();
    let cases = cases.map_or(24, |cases| cases.parse().expect("the value is a number"));
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let round = std::cell::Cell::new(0);
    let seen = std::cell::RefCell::new(BTreeMap::new());
    let runtime = tokio::runtime::Handle::current();
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 0..60), |steps| {
            round.set(round.get() + 1);
            let walk = async { Walk::new(&app, round.get()).await.walk(steps).await };
            for (step, times) in tokio::task::block_in_place(|| runtime.block_on(walk)) {
                *seen.borrow_mut().entry(step).or_insert(0) += times;
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let seen = seen.into_inner();
    for ((before, after), times) in &seen {
        println!("{before} -> {after}: {times}");
    }
    if cases >= 200 {
        assert_every_transition_was_taken(&seen);
    }
    teardown.finish().await;
}

/// Enough walks take each of these transitions.
fn assert_every_transition_was_taken(seen: &BTreeMap<(DeliveryState, DeliveryState), usize>) {
    use DeliveryState::{Accepted, Cancelled, Deferred, Expired, InDoubt, Queued, Rejected, Sending, Suppressed};
    for (before, states) in [
        (Queued, vec![Sending, Suppressed, Expired, Cancelled]),
        (Sending, vec![Queued, Accepted, Deferred, Rejected, Expired, InDoubt]),
        (Deferred, vec![Sending, Cancelled]),
        (InDoubt, vec![Accepted, Queued]),
    ] {
        for after in states {
            assert!(
                seen.contains_key(&(before, after)),
                "no walk makes the transition {before} -> {after}"
            );
        }
    }
}

/// One issue, and its state after the last action.
struct Walk<'a> {
    app: &'a TestApp,
    issue: IssueId,
    readers: Vec<String>,
    leases: Vec<(u128, LeasedDelivery)>,
    issue_state: IssueState,
    states: BTreeMap<SubscriptionId, DeliveryState>,
    /// For each delivery in flight, the node that started it.
    in_flight: BTreeMap<SubscriptionId, u128>,
    /// How often each step was taken.
    seen: BTreeMap<(DeliveryState, DeliveryState), usize>,
}

impl<'a> Walk<'a> {
    async fn new(app: &'a TestApp, round: usize) -> Self {
        let newsletter = app.apply(&format!("slug = \"walk{round}\"\nname = \"Walk\"")).await;
        let readers: Vec<_> = (0..READERS).map(|n| format!("reader{n}@walk{round}.example")).collect();
        let csv = format!("email\n{}", readers.join("\n"));
        let agreed = daywire::import::Options {
            confirmed: true,
            provenance: Some("test".into()),
            ..Default::default()
        };
        daywire::import::import(&app.app, &newsletter, std::io::Cursor::new(csv), &agreed)
            .await
            .expect("the readers are imported");
        let issue = app.send(&newsletter).await;
        let mut walk = Self {
            app,
            issue,
            readers,
            leases: vec![],
            issue_state: IssueState::Sending,
            states: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        walk.states = walk.read().await;
        walk
    }

    async fn walk(mut self, steps: Vec<Step>) -> BTreeMap<(DeliveryState, DeliveryState), usize> {
        for step in steps {
            self.act(&step).await;
            self.repair().await;
            self.check(&step).await;
        }
        let _ = control::cancel(&self.app.app, self.issue).await;
        self.check(&Step::Cancel).await;
        // Reclaiming the nodes ends the deliveries that they had in flight.
        for node in 1..3 {
            self.act(&Step::Reclaim(node, true)).await;
            self.repair().await;
            self.check(&Step::Reclaim(node, true)).await;
        }
        assert_eq!(
            self.states.values().filter(|state| state.is_open()).count(),
            0,
            "{:?}",
            self.states
        );
        self.seen
    }

    /// Makes the repairs that every sending process makes each second.
    async fn repair(&self) {
        let mut tx = self.app.app.store.write().await.expect("the database answers");
        let now = self.app.now();
        tx.cancel_open_of_cancelled_issues(now)
            .await
            .expect("the database answers");
        // No wait in this test is longer.
        let horizon = now + TimeDelta::hours(1);
        tx.clamp_next_attempts(horizon, horizon, now)
            .await
            .expect("the database answers");
        tx.commit().await.expect("the transaction commits");
    }

    async fn read(&self) -> BTreeMap<SubscriptionId, DeliveryState> {
        let lines = self.app.deliveries(self.issue).await;
        lines
            .into_iter()
            .map(|line| (line.subscription_id, line.state))
            .collect()
    }

    /// Checks that each delivery kept its state or made permitted transitions since the last call.
    async fn check(&mut self, step: &Step) {
        let now = self.read().await;
        assert_eq!(now.len(), READERS, "{step:?} lost a row");
        for (id, state) in &now {
            let before = self.states[id];
            // One commit may contain two transitions: a deferral ends at once if the reader has left, and a refusal before the text
            // was sent starts and ends an attempt.
            let through = |middle: DeliveryState| before.allows(middle) && middle.allows(*state);
            let allowed = before == *state
                || before.allows(*state)
                || through(DeliveryState::Queued)
                || through(DeliveryState::Sending);
            assert!(allowed, "{step:?}: {before} -> {state}");
            if before != *state {
                *self.seen.entry((before, *state)).or_default() += 1;
            }
        }
        self.states = now;
        let issue = self.app.state(self.issue).await;
        assert!(issue == self.issue_state || self.issue_state.allows(issue), "{step:?}");
        self.issue_state = issue;
        let proof = delivery_report(&self.app.app, self.issue)
            .await
            .expect("the report is made");
        let in_flight = proof.deliveries[&DeliveryState::Sending] > 0;
        assert!(
            proof.balanced || (issue == IssueState::Cancelled && in_flight),
            "{step:?}: {proof:?}"
        );
    }

    async fn act(&mut self, step: &Step) {
        let app = &self.app.app;
        match step {
            Step::Pause => drop(control::pause(app, self.issue, "lunch").await),
            Step::Resume => drop(control::resume(app, self.issue).await),
            Step::Cancel => drop(control::cancel(app, self.issue).await),
            Step::Settle(settlement) => drop(settlement::settle(app, self.issue, *settlement).await),
            Step::Advance(seconds) => self.app.advance(TimeDelta::seconds(*seconds)),
            Step::SetClockBack(seconds) => self.app.advance(TimeDelta::seconds(-*seconds)),
            Step::Suppress(reader) => self.app.suppress(&self.readers[*reader], "complained").await,
            Step::Leave(reader) => {
                let id = self.app.subscription(&self.readers[*reader]).await;
                let _ = daywire::unsubscribe::unsubscribe(app, id, &ConsentSource::Other("test".to_owned()), None)
                    .await
                    .expect("the database answers");
            }
            Step::Lease(node, limit) => {
                let taken = OtherNode::alive(self.app, *node).lease(self.issue, *limit).await;
                assert!(i64::try_from(taken.len()).expect("the number is small") <= *limit);
                for delivery in &taken {
                    assert!(
                        self.is_wanted(delivery).await,
                        "leased for a reader who left or is suppressed"
                    );
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
                    // A delivery in flight is started again only after a commit whose reply was lost.
                    assert!(
                        wanted || before == DeliveryState::Sending,
                        "started for a reader who left or is suppressed"
                    );
                    assert_eq!(self.issue_state, IssueState::Sending);
                    assert!(before.is_open(), "started from the state {before}");
                    let other = self.in_flight.insert(delivery.subscription_id, node);
                    assert!(other.is_none_or(|other| other == node), "two nodes have it in flight");
                }
            }
            Step::Record(lease, state) => {
                let Some((node, delivery)) = self.pick_in_flight(*lease) else {
                    return;
                };
                let before = self.states[&delivery.subscription_id];
                if OtherNode::alive(self.app, node).record(&delivery, *state).await {
                    let settles_doubt = before == DeliveryState::InDoubt && *state == DeliveryState::Accepted;
                    assert!(before.is_open() || settles_doubt, "recorded from the state {before}");
                    let other = self.in_flight.remove(&delivery.subscription_id);
                    assert!(
                        other.is_none_or(|other| other == node),
                        "recorded a delivery that another node has in flight"
                    );
                }
            }
            Step::ReleaseAll(node) => {
                let mut tx = app.store.write().await.expect("the database answers");
                tx.release_leases(NodeId(Uuid::from_u128(*node)), self.app.now())
                    .await
                    .expect("the database answers");
                tx.commit().await.expect("the transaction commits");
            }
            Step::ReleaseOne(lease) => {
                let Some((node, delivery)) = self.pick(*lease) else {
                    return;
                };
                let mut tx = app.store.write().await.expect("the database answers");
                let now = self.app.now();
                tx.end_if_unwanted(key(&delivery), now)
                    .await
                    .expect("the database answers");
                let node = NodeId(Uuid::from_u128(node));
                tx.release_lease(key(&delivery), node, now)
                    .await
                    .expect("the database answers");
                tx.commit().await.expect("the transaction commits");
            }
            Step::Reclaim(node, resend) => {
                OtherNode::alive(self.app, *node).reclaim(*resend).await;
                self.in_flight.retain(|_, holder| holder != node);
            }
        }
    }

    async fn is_wanted(&self, delivery: &LeasedDelivery) -> bool {
        let mut tx = self.app.app.store.read().await.expect("the database answers");
        let reader = tx.subscription(delivery.subscription_id).await;
        let reader = reader.expect("the database answers").expect("the row exists");
        let address = &reader.address;
        let hash = self.app.app.keys.address_hash(address.key());
        reader.state == SubscriptionState::Confirmed
            && tx.suppression(&hash).await.expect("the database answers").is_none()
    }

    /// A lease whose delivery is in flight. For every fifth index any lease, also one whose outcome was recorded.
    fn pick_in_flight(&self, index: usize) -> Option<(u128, LeasedDelivery)> {
        let begun = self.leases.iter();
        let begun = begun.filter(|(node, delivery)| self.in_flight.get(&delivery.subscription_id) == Some(node));
        let begun: Vec<_> = begun.collect();
        if begun.is_empty() || index.is_multiple_of(5) {
            return self.pick(index);
        }
        Some(begun[index % begun.len()].clone())
    }

    fn pick(&self, index: usize) -> Option<(u128, LeasedDelivery)> {
        let count = self.leases.len().max(1);
        self.leases.get(index % count).cloned()
    }
}
