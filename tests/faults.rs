//! Anything may go wrong at any moment, by a seed: whatever it was, the account is right in the end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use daywire::app::App;
use daywire::config::Config;
use daywire::domain::ids::{IssueId, SubscriptionId};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::sink::{Stage, Verdict};
use daywire::store::Store;
use daywire::worker::{Role, Service};

use crate::support::issues::{number, reply};
use crate::support::mock_relay::parse;
use crate::support::{Engine, TestApp, eventually};

const READERS: usize = 300;
/// Fixed ones, so that a failure comes again; `DAYWIRE_TEST_SEED` asks for another.
const SEEDS: [u64; 3] = [1, 23, 1123];

/// A number from a seed and whatever it is about.
fn roll(seed: u64, about: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, about).hash(&mut hasher);
    hasher.finish()
}

fn seeds() -> Vec<u64> {
    let asked = std::env::var("DAYWIRE_TEST_SEED").ok();
    asked.map_or(SEEDS.to_vec(), |seed| vec![seed.parse().expect("a number")])
}

/// What the relay has done to whom, by its own account.
#[derive(Default)]
struct Done {
    refused: HashSet<String>,
    /// Took a message and hung up.
    in_doubt: HashMap<String, usize>,
}

/// One attempt in four goes wrong somehow, and the third attempt at the latest goes well.
fn verdict(seed: u64, stage: Stage, to: &str, attempt: usize, done: &Mutex<Done>) -> Verdict {
    let reader = number(to);
    let roll = roll(seed, (stage, reader, attempt)) % 1000;
    let mut done = done.lock().expect("no test panicked here");
    if stage == Stage::Rcpt && reader % 11 == 5 && attempt > usize::from(reader.is_multiple_of(2)) {
        done.refused.insert(to.to_owned());
        return reply(550, "5.1.1 no such mailbox");
    }
    match (stage, roll) {
        _ if attempt > 2 => Verdict::Continue,
        (Stage::Rcpt, 0..90) => reply(451, "4.3.0 later"),
        (Stage::Rcpt | Stage::Data | Stage::FinalDot, 90..110) => Verdict::HangUp,
        (Stage::Rcpt | Stage::Data | Stage::FinalDot, 110..113) => reply(421, "4.3.2 closing"),
        (Stage::Data | Stage::FinalDot, 120..140) => reply(452, "4.3.1 no space"),
        (Stage::Rcpt | Stage::Data | Stage::FinalDot | Stage::AfterAccept, 140..170) => {
            Verdict::Delay(Duration::from_millis(roll % 20))
        }
        (Stage::AfterAccept, 0..40) => {
            *done.in_doubt.entry(to.to_owned()).or_default() += 1;
            Verdict::HangUp
        }
        _ => Verdict::Continue,
    }
}

#[apply(on_both_databases)]
async fn whatever_goes_wrong_everyone_is_accounted_for(engine: Engine) {
    for seed in seeds() {
        println!("DAYWIRE_TEST_SEED={seed}");
        let app = TestApp::with(engine, settings).await;
        let teardown = app.teardown();
        tell(&app, seed).await;
        teardown.finish().await;
    }
}

fn settings(config: &mut Config) {
    // The clock is moved on in great steps; nothing may grow too old.
    config.delivery.expire_after = Duration::from_hours(24 * 365);
    config.delivery.retry_after = vec![Duration::from_mins(1)];
    config.delivery.batch = 40;
}

async fn tell(app: &TestApp, seed: u64) {
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    let done = Arc::new(Mutex::new(Done::default()));
    let kept = Arc::clone(&done);
    app.relay.answer(move |stage, transaction, attempt| {
        let to = transaction.recipients.last();
        to.map_or(Verdict::Continue, |to| verdict(seed, stage, to, attempt, &kept))
    });
    app.suppress("reader7@reader.example", "complained").await;
    let issue = app.send(&daily).await;
    let left = "reader8@reader.example";
    app.leave(left).await;

    // Two processes; one of them, now and then, ends in order and is started anew.
    let mut running = [start(app).await, start(app).await];
    let (mut turn, mut before) = (0, String::new());
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while app.state(issue).await != IssueState::Sent {
        assert!(
            tokio::time::Instant::now() < deadline,
            "seed {seed}: {:?}",
            counts(app, issue).await
        );
        turn += 1;
        tokio::time::sleep(Duration::from_millis(roll(seed, (turn, "wait")) % 60)).await;
        if roll(seed, (turn, "restart")).is_multiple_of(6) {
            let which = usize::try_from(roll(seed, (turn, "which")) % 2).expect("two");
            let anew = start(app).await;
            std::mem::replace(&mut running[which], anew).stop().await;
        }
        // The clock goes on when nothing else does.
        let now = format!("{:?}", counts(app, issue).await);
        if now == before && app.count(issue, DeliveryState::Sending).await == 0 {
            app.advance(TimeDelta::minutes(2));
        }
        before = now;
    }
    for service in running {
        service.stop().await;
    }
    check(app, issue, seed, &done).await;
}

async fn start(app: &TestApp) -> Service {
    let process: Arc<App> = app.another().await.app;
    Service::start(&process, &[Role::Sender].into())
        .await
        .expect("it starts")
}

async fn counts(app: &TestApp, issue: IssueId) -> Vec<(DeliveryState, i64)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.count_deliveries(issue).await.expect("a count")
}

async fn check(app: &TestApp, issue: IssueId, seed: u64, done: &Mutex<Done>) {
    let proof = app.delivery_report(issue).await;
    let copies = app.relay.copies();
    let ended = ended(app, issue).await;
    let done = done.lock().expect("no test panicked here");
    let mut doubled = 0;
    for n in 0..READERS {
        let to = format!("reader{n}@reader.example");
        let copies = copies.get(&to).copied().unwrap_or(0);
        let state = ended[&to];
        let case = format!("seed {seed}: {to} is {state} with {copies} copies");
        match state {
            DeliveryState::Accepted => {
                assert!(copies >= 1, "{case}");
                // Another copy only where the relay did not say that it had taken the one before.
                let in_doubt = done.in_doubt.get(&to).copied().unwrap_or(0);
                assert!(copies <= 1 + in_doubt, "{case}, {in_doubt} in doubt");
            }
            // It may have taken one before, without a word.
            DeliveryState::Rejected => {
                assert!(done.refused.contains(&to), "{case}");
                assert_eq!(copies, done.in_doubt.get(&to).copied().unwrap_or(0), "{case}");
            }
            DeliveryState::Suppressed => assert_eq!((n, copies), (7, 0), "{case}"),
            DeliveryState::Cancelled => assert_eq!((n, copies), (8, 0), "{case}"),
            _ => panic!("{case}"),
        }
        assert!(
            state == DeliveryState::Rejected || !done.refused.contains(&to),
            "{case}"
        );
        doubled += usize::from(copies > 1);
        let ids: HashSet<_> = app.relay.received_for(&to).iter().map(|mail| id(&mail.bytes)).collect();
        assert!(ids.len() <= 1, "{case}: {ids:?}");
    }
    assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
    println!("{:?}, {doubled} doubled", proof.deliveries);
    assert!(doubled > 0 && !done.refused.is_empty(), "seed {seed} does nothing");
}

/// Where each reader's delivery has ended.
async fn ended(app: &TestApp, issue: IssueId) -> BTreeMap<String, DeliveryState> {
    let lines: HashMap<SubscriptionId, DeliveryState> = app
        .deliveries(issue)
        .await
        .into_iter()
        .map(|line| (line.subscription_id, line.state))
        .collect();
    let mut ended = BTreeMap::new();
    for n in 0..READERS {
        let to = format!("reader{n}@reader.example");
        let state = lines[&app.subscription(&to).await];
        ended.insert(to, state);
    }
    ended
}

fn id(message: &[u8]) -> String {
    parse(message).message_id().expect("a Message-ID").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_disk_is_full_outcomes_wait_and_are_recorded_once_there_is_space() {
    let mut app = TestApp::new(Engine::Sqlite).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    // Long replies, so that the rows need more space than the queue's index gives up.
    let words = format!("2.0.0 taken, {}", "and thanks ".repeat(40));
    app.relay.answer(move |stage, _, _| {
        if stage == Stage::AfterAccept {
            reply(250, &words)
        } else {
            Verdict::Continue
        }
    });
    let issue = app.send(&daily).await;
    app.relay.hold_after(20);
    app.serve_roles(&[Role::Sender]).await;
    eventually("it is in the middle", || async {
        app.count(issue, DeliveryState::Accepted).await == 20
    })
    .await;
    let Store::Sqlite { write, .. } = &app.app.store else {
        unreachable!("it is SQLite")
    };
    let pragma = |sql: &'static str| async move {
        let (value,): (i64,) = sqlx::query_as(sql).fetch_one(write).await.expect("an answer");
        value
    };
    // It is raised to what is there already.
    pragma("PRAGMA max_page_count = 1").await;
    app.relay.release();
    let (mut still, mut last) = (0, 0);
    eventually("nothing goes on", || {
        let taken = app.relay.received().len();
        still = if taken == last { still + 1 } else { 0 };
        last = taken;
        async move { still > 60 }
    })
    .await;
    let accepted = app.count(issue, DeliveryState::Accepted).await;
    assert!(last < READERS, "there was space enough for all");
    assert!(
        accepted < i64::try_from(last).expect("few"),
        "{accepted} of {last} are on record"
    );
    println!("{last} were taken and {accepted} are on record when the disk is full");
    // Each connection waits with what it has sent, and sends nothing else.
    assert!(
        i64::try_from(last).expect("few") - accepted <= 4,
        "{accepted} of {last} are on record"
    );

    pragma("PRAGMA max_page_count = 1000000").await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        300
    );
    let copies = app.relay.copies();
    assert_eq!(copies.len(), READERS);
    assert!(copies.values().all(|copies| *copies == 1));
    teardown.finish().await;
}
