//! Random faults of the relay and of processes, by a seed: in the end the delivery report is right for every reader.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use daywire::app::App;
use daywire::config::Config;
use daywire::domain::ids::{IssueId, SubscriptionId};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::Store;
use daywire::worker::{Role, Service};

use crate::support::issues::{number, reply};
use crate::support::mock_relay::parse;
use crate::support::{Engine, TestApp, eventually};

const READERS: usize = 300;
/// Fixed seeds, so that a failure can be repeated. `DAYWIRE_TEST_SEED` replaces them.
const SEEDS: [u64; 3] = [1, 23, 1123];

/// A number that depends only on the seed and on `about`.
fn roll(seed: u64, about: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, about).hash(&mut hasher);
    hasher.finish()
}

fn seeds() -> Vec<u64> {
    let asked = std::env::var("DAYWIRE_TEST_SEED").ok();
    asked.map_or(SEEDS.to_vec(), |seed| {
        vec![seed.parse().expect("DAYWIRE_TEST_SEED is a number")]
    })
}

/// What the relay did to which recipient.
#[derive(Default)]
struct RelayLog {
    refused: HashSet<String>,
    /// How often the relay accepted a message and hung up without a reply.
    in_doubt: HashMap<String, usize>,
}

/// About one attempt in four fails. The third attempt succeeds at the latest.
fn verdict(seed: u64, stage: Stage, to: &str, attempt: usize, log: &Mutex<RelayLog>) -> Verdict {
    let reader = number(to);
    let roll = roll(seed, (stage, reader, attempt)) % 1000;
    let mut log = log.lock().expect("no thread panicked with the lock");
    if stage == Stage::Rcpt && reader % 11 == 5 && attempt > usize::from(reader.is_multiple_of(2)) {
        log.refused.insert(to.to_owned());
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
            *log.in_doubt.entry(to.to_owned()).or_default() += 1;
            Verdict::HangUp
        }
        _ => Verdict::Continue,
    }
}

#[apply(on_both_databases)]
async fn with_random_faults_every_reader_is_in_the_right_final_state(engine: Engine) {
    for seed in seeds() {
        println!("DAYWIRE_TEST_SEED={seed}");
        let app = TestApp::with(engine, settings).await;
        let teardown = app.teardown();
        deliver_with_faults(&app, seed).await;
        teardown.finish().await;
    }
}

fn settings(config: &mut Config) {
    // The test advances the clock in large steps, and no delivery may expire.
    config.delivery.expire_after = Duration::from_hours(24 * 365);
    config.delivery.retry_after = vec![Duration::from_mins(1)];
    config.delivery.batch = 40;
}

async fn deliver_with_faults(app: &TestApp, seed: u64) {
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    let log = Arc::new(Mutex::new(RelayLog::default()));
    let relay_log = Arc::clone(&log);
    app.relay.answer(move |stage, transaction, attempt| {
        let to = transaction.recipients.last();
        to.map_or(Verdict::Continue, |to| verdict(seed, stage, to, attempt, &relay_log))
    });
    app.suppress("reader7@reader.example", "complained").await;
    let issue = app.send(&daily).await;
    let left = "reader8@reader.example";
    app.leave(left).await;

    // Two processes send. Now and then one of them is stopped and replaced by a new one.
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
            let which = usize::try_from(roll(seed, (turn, "which")) % 2).expect("the index is 0 or 1");
            let started = start(app).await;
            std::mem::replace(&mut running[which], started).stop().await;
        }
        // The clock advances when no delivery does.
        let now = format!("{:?}", counts(app, issue).await);
        if now == before && app.count(issue, DeliveryState::Sending).await == 0 {
            app.advance(TimeDelta::minutes(2));
        }
        before = now;
    }
    for service in running {
        service.stop().await;
    }
    check(app, issue, seed, &log).await;
}

async fn start(app: &TestApp) -> Service {
    let process: Arc<App> = app.another().await.app;
    Service::start(&process, &[Role::Sender].into())
        .await
        .expect("the service starts")
}

async fn counts(app: &TestApp, issue: IssueId) -> Vec<(DeliveryState, i64)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.count_deliveries(issue).await.expect("the deliveries are counted")
}

async fn check(app: &TestApp, issue: IssueId, seed: u64, log: &Mutex<RelayLog>) {
    let report = app.delivery_report(issue).await;
    let copies = app.relay.copies();
    let ended = ended(app, issue).await;
    let log = log.lock().expect("no thread panicked with the lock");
    let mut doubled = 0;
    for n in 0..READERS {
        let to = format!("reader{n}@reader.example");
        let copies = copies.get(&to).copied().unwrap_or(0);
        let state = ended[&to];
        let case = format!("seed {seed}: {to} is {state} with {copies} copies");
        match state {
            DeliveryState::Accepted => {
                assert!(copies >= 1, "{case}");
                // A second copy is allowed only if the relay accepted the first one without a reply.
                let in_doubt = log.in_doubt.get(&to).copied().unwrap_or(0);
                assert!(copies <= 1 + in_doubt, "{case}, {in_doubt} in doubt");
            }
            // The relay may have accepted an earlier attempt without a reply.
            DeliveryState::Rejected => {
                assert!(log.refused.contains(&to), "{case}");
                assert_eq!(copies, log.in_doubt.get(&to).copied().unwrap_or(0), "{case}");
            }
            DeliveryState::Suppressed => assert_eq!((n, copies), (7, 0), "{case}"),
            DeliveryState::Cancelled => assert_eq!((n, copies), (8, 0), "{case}"),
            _ => panic!("{case}"),
        }
        assert!(state == DeliveryState::Rejected || !log.refused.contains(&to), "{case}");
        doubled += usize::from(copies > 1);
        let ids: HashSet<_> = app.relay.received_for(&to).iter().map(|mail| id(&mail.bytes)).collect();
        assert!(ids.len() <= 1, "{case}: {ids:?}");
    }
    assert_eq!(report.deliveries[&DeliveryState::Suppressed], 1);
    assert_eq!(report.deliveries[&DeliveryState::Cancelled], 1);
    println!("{:?}, {doubled} doubled", report.deliveries);
    assert!(doubled > 0 && !log.refused.is_empty(), "seed {seed} causes no faults");
}

/// The final state of each reader's delivery.
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
    parse(message)
        .message_id()
        .expect("the message has a Message-ID")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_wait_while_the_disk_is_full_and_are_recorded_later() {
    let mut app = TestApp::new(Engine::Sqlite).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    // The replies are long, so that the rows need more space than the index of the queue frees.
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
    eventually("20 deliveries are accepted", || async {
        app.count(issue, DeliveryState::Accepted).await == 20
    })
    .await;
    let Store::Sqlite { write, .. } = &app.app.store else {
        unreachable!("the test runs on SQLite")
    };
    let pragma = |sql: &'static str| async move {
        let (value,): (i64,) = sqlx::query_as(sql).fetch_one(write).await.expect("the query succeeds");
        value
    };
    // SQLite raises the limit to the current number of pages.
    pragma("PRAGMA max_page_count = 1").await;
    app.relay.release();
    let (mut still, mut last) = (0, 0);
    eventually("sending has stopped", || {
        let taken = app.relay.received().len();
        still = if taken == last { still + 1 } else { 0 };
        last = taken;
        async move { still > 60 }
    })
    .await;
    let accepted = app.count(issue, DeliveryState::Accepted).await;
    assert!(last < READERS, "the disk had space for all outcomes");
    assert!(
        accepted < i64::try_from(last).expect("the count fits"),
        "{accepted} of {last} are recorded"
    );
    println!("{last} were accepted and {accepted} are recorded when the disk is full");
    // Each connection holds one outcome, and sends nothing else.
    assert!(
        i64::try_from(last).expect("the count fits") - accepted <= 4,
        "{accepted} of {last} are recorded"
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
