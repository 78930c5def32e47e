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

/// Something that happens to an issue; numbers choose among nodes, leases and readers.
#[derive(Clone, Debug)]
enum Step {
    Lease(u128, i64),
    Begin(usize),
    Record(usize, DeliveryState),
    GiveBack(u128),
    PutBack(usize),
    Die(u128, bool),
    SetBack(i64),
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
        2 => (1..3_u128).prop_map(Step::GiveBack),
        3 => any::<usize>().prop_map(Step::PutBack),
        4 => (1..3_u128, any::<bool>()).prop_map(|(node, resend)| Step::Die(node, resend)),
        8 => (1..600_i64).prop_map(Step::Advance),
        1 => (1..200_000_i64).prop_map(Step::SetBack),
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
    let cases = cases.map_or(24, |cases| cases.parse().expect("a number"));
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
        all_taken(&seen);
    }
    teardown.finish().await;
}

/// Many walks that get somewhere take each of these.
fn all_taken(seen: &BTreeMap<(DeliveryState, DeliveryState), usize>) {
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
                "no walk takes the step {before} -> {after}"
            );
        }
    }
}

/// One issue and what is known of it.
struct Walk<'a> {
    app: &'a TestApp,
    issue: IssueId,
    readers: Vec<String>,
    leases: Vec<(u128, LeasedDelivery)>,
    issue_state: IssueState,
    states: BTreeMap<SubscriptionId, DeliveryState>,
    /// Which node has what on the wire, by the nodes' own account.
    on_wire: BTreeMap<SubscriptionId, u128>,
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
            .expect("imported");
        let issue = app.send(&newsletter).await;
        let mut walk = Self {
            app,
            issue,
            readers,
            leases: vec![],
            issue_state: IssueState::Sending,
            states: BTreeMap::new(),
            on_wire: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        walk.states = walk.read().await;
        walk
    }

    async fn walk(mut self, steps: Vec<Step>) -> BTreeMap<(DeliveryState, DeliveryState), usize> {
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
        self.seen
    }

    /// What every process that sends does each second.
    async fn tidy_up(&self) {
        let mut tx = self.app.app.store.write().await.expect("it answers");
        let now = self.app.now();
        tx.cancel_open_of_cancelled_issues(now).await.expect("an answer");
        // Longer than any wait here.
        let horizon = now + TimeDelta::hours(1);
        tx.clamp_next_attempts(horizon, horizon, now).await.expect("an answer");
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
            if before != *state {
                *self.seen.entry((before, *state)).or_default() += 1;
            }
        }
        self.states = now;
        let issue = self.app.state(self.issue).await;
        assert!(issue == self.issue_state || self.issue_state.allows(issue), "{step:?}");
        self.issue_state = issue;
        let proof = delivery_report(&self.app.app, self.issue).await.expect("an account");
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
            Step::Settle(settlement) => drop(settlement::settle(app, self.issue, *settlement).await),
            Step::Advance(seconds) => self.app.advance(TimeDelta::seconds(*seconds)),
            Step::SetBack(seconds) => self.app.advance(TimeDelta::seconds(-*seconds)),
            Step::Suppress(reader) => self.app.suppress(&self.readers[*reader], "complained").await,
            Step::Leave(reader) => {
                let id = self.app.subscription(&self.readers[*reader]).await;
                let _ = daywire::unsubscribe::unsubscribe(app, id, &ConsentSource::Other("test".to_owned()), None)
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
                    let other = self.on_wire.insert(delivery.subscription_id, node);
                    assert!(other.is_none_or(|other| other == node), "two have it on the wire");
                }
            }
            Step::Record(lease, state) => {
                let Some((node, delivery)) = self.pick_on_wire(*lease) else {
                    return;
                };
                let before = self.states[&delivery.subscription_id];
                if OtherNode::alive(self.app, node).record(&delivery, *state).await {
                    let known_better = before == DeliveryState::InDoubt && *state == DeliveryState::Accepted;
                    assert!(before.is_open() || known_better, "recorded though it was {before}");
                    let other = self.on_wire.remove(&delivery.subscription_id);
                    assert!(
                        other.is_none_or(|other| other == node),
                        "recorded what another has on the wire"
                    );
                }
            }
            Step::GiveBack(node) => {
                let mut tx = app.store.write().await.expect("it answers");
                tx.release_leases(NodeId(Uuid::from_u128(*node)), self.app.now())
                    .await
                    .expect("an answer");
                tx.commit().await.expect("it is stored");
            }
            Step::PutBack(lease) => {
                let Some((node, delivery)) = self.pick(*lease) else {
                    return;
                };
                let mut tx = app.store.write().await.expect("it answers");
                let now = self.app.now();
                tx.end_if_unwanted(key(&delivery), now).await.expect("an answer");
                let node = NodeId(Uuid::from_u128(node));
                tx.release_lease(key(&delivery), node, now).await.expect("an answer");
                tx.commit().await.expect("it is stored");
            }
            Step::Die(node, resend) => {
                OtherNode::alive(self.app, *node).reclaim(*resend).await;
                self.on_wire.retain(|_, holder| holder != node);
            }
        }
    }

    async fn is_wanted(&self, delivery: &LeasedDelivery) -> bool {
        let mut tx = self.app.app.store.read().await.expect("it answers");
        let reader = tx.subscription(delivery.subscription_id).await;
        let reader = reader.expect("an answer").expect("a row");
        let address = &reader.address;
        let hash = self.app.app.keys.address_hash(address.key());
        reader.state == SubscriptionState::Confirmed && tx.suppression(&hash).await.expect("an answer").is_none()
    }

    /// Mostly what is on the wire; now and then anything, such as what was recorded before.
    fn pick_on_wire(&self, index: usize) -> Option<(u128, LeasedDelivery)> {
        let begun = self.leases.iter();
        let begun = begun.filter(|(node, delivery)| self.on_wire.get(&delivery.subscription_id) == Some(node));
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
