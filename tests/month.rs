//! A month of feeds and newsletters in which processes die and publishers do what publishers do: every article ends in one
//! issue of each newsletter that reads it, or has a reason; every due time has one outcome; every reader gets every issue once.
//!
//! Rng has a seed, which is printed, and the same seed tells the same month: the same issues to the byte, on either
//! database. In the suite it is a few days around a change of the clock; `just month` tells the whole.

mod check;
mod ledger;
mod process;
mod world;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use daywire::clock::{Clock, Rng};
use daywire::config::{BackCatalogue, Config};
use daywire::delivery::control;
use daywire::digest::drafts;
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::store::newsletters::Newsletter;
use tokio::sync::Notify;

use crate::support::feed_server::{FeedServer, Reply, path};
use crate::support::{Engine, TestApp};
use ledger::{Expected, Ledger};
use process::Machine;
use world::{Answer, World};

/// Readers of each newsletter.
const READERS: usize = 5;

/// How much is told.
#[derive(Clone, Copy, Debug)]
struct Plan {
    seed: u64,
    feeds: usize,
    days: usize,
}

impl Plan {
    /// A few days, unless the environment asks for more.
    fn read() -> Self {
        let asked = |name: &str, usual: u64| match std::env::var(name).as_deref() {
            Err(_) => usual,
            Ok("random") => u64::from_be_bytes(Rng::System.bytes()) % 1_000_000,
            Ok(number) => number.parse().unwrap_or_else(|_| panic!("{name}: a number, or random")),
        };
        let size = |name, usual| usize::try_from(asked(name, usual)).expect("it is no larger than that");
        Self {
            seed: asked("DAYWIRE_TEST_MONTH_SEED", 7),
            feeds: size("DAYWIRE_TEST_MONTH_FEEDS", 8),
            days: size("DAYWIRE_TEST_MONTH_DAYS", 5),
        }
    }

    /// The random numbers for one purpose.
    fn rng(self, purpose: u64) -> Rng {
        Rng::seeded(self.seed.wrapping_mul(1_000_003).wrapping_add(purpose << 48))
    }

    /// In spring for even seeds, in autumn for odd ones, with Europe's change of the clock in it.
    fn start(self) -> DateTime<Utc> {
        let days = i64::try_from(self.days).expect("few");
        let (month, day, before) = if self.seed.is_multiple_of(2) {
            (3, 28, days * 5 / 6)
        } else {
            (10, 31, days / 2)
        };
        let change = NaiveDate::from_ymd_opt(2027, month, day).and_then(|day| day.and_hms_opt(0, 10, 0));
        change.expect("a day").and_utc() - TimeDelta::days(before)
    }
}

/// What the publishers do, and what must come of it.
struct Outside {
    world: World,
    ledger: Ledger,
    /// The number of the request that gets no response, because the asking process dies meanwhile.
    dies_at: Option<usize>,
}

#[apply(on_postgres)]
async fn a_month_has_every_article_once_and_its_seed_replays() {
    let plan = Plan::read();
    println!(
        "DAYWIRE_TEST_MONTH_SEED={} DAYWIRE_TEST_MONTH_FEEDS={} DAYWIRE_TEST_MONTH_DAYS={}",
        plan.seed, plan.feeds, plan.days
    );
    let mut told: Option<String> = None;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let began = tokio::time::Instant::now();
        let account = Box::pin(tell(engine, plan)).await;
        println!("{engine:?}, {:.0} s: {account}", began.elapsed().as_secs_f64());
        assert_eq!(
            told.get_or_insert(account.clone()),
            &account,
            "seed {} replays",
            plan.seed
        );
    }
}

fn settings(config: &mut Config) {
    config.feeds.interval = Duration::from_hours(2);
    config.feeds.longest_interval = Duration::from_hours(8);
    config.feeds.back_catalogue = BackCatalogue::Youngest(Duration::from_hours(24));
    // All feeds are on one server here, so that they are read in one order.
    config.feeds.host_pause = Duration::ZERO;
    config.feeds.timeout = Duration::from_secs(5);
    config.relays[0].connections = 3;
    config.delivery.lease = Duration::from_millis(600);
}

/// Tells it, checks it, and returns an account that is the same for the same seed.
async fn tell(engine: Engine, plan: Plan) -> String {
    let app = TestApp::with(engine, settings).await;
    let teardown = app.teardown();
    app.advance(plan.start() - app.now());
    let world = World::new(plan.rng(1), plan.feeds, app.now());
    let outside = Arc::new(Mutex::new(Outside {
        world,
        ledger: Ledger::new(app.now()),
        dies_at: None,
    }));
    let waits = Arc::new(Notify::new());
    let server = serve(Arc::clone(&outside), Arc::clone(&waits), app.app.clock.clone()).await;
    let mut machine = Machine::start(&app, plan.rng(2), plan.rng(3)).await;

    let tomls: Vec<_> = lock(&outside)
        .ledger
        .books
        .iter()
        .map(|book| (book.slug, book.toml))
        .collect();
    let mut newsletters = Vec::new();
    for (slug, toml) in tomls {
        let newsletter = machine.reader().apply(toml).await;
        machine
            .reader()
            .readers_at(&newsletter, &format!("{slug}.example"), READERS)
            .await;
        newsletters.push(newsletter);
    }
    for feed in 0..plan.feeds {
        for book in Ledger::readers(feed) {
            machine
                .reader()
                .add_feed(&newsletters[book], &server.feed(&World::path(feed)))
                .await;
        }
    }
    let end = app.now() + TimeDelta::days(i64::try_from(plan.days).expect("few"));
    while app.now() < end {
        let since = app.now();
        app.advance(machine.pause());
        lock(&outside).world.pass(since, app.now());
        machine.restart_sometimes(&app).await;
        Box::pin(machine.read(&outside, &waits)).await;
        Box::pin(follow_schedule(&mut machine, &outside, &newsletters, false)).await;
    }
    // What waits for an operator is approved; what is due meanwhile goes out.
    for _ in 0..2 {
        app.advance(TimeDelta::hours(1));
        Box::pin(follow_schedule(&mut machine, &outside, &newsletters, true)).await;
    }
    machine.send(&app, false).await;
    println!("{:?}\n{:?}", lock(&outside).world.deeds, machine.deeds);
    let found = check::find(&app, &newsletters).await;
    let account = check::check(&app, &lock(&outside), &found, machine.doubles);
    teardown.finish().await;
    account
}

fn lock(outside: &Mutex<Outside>) -> std::sync::MutexGuard<'_, Outside> {
    outside.lock().expect("no test panicked here")
}

/// The server of every feed.
async fn serve(outside: Arc<Mutex<Outside>>, waits: Arc<Notify>, clock: Clock) -> FeedServer {
    let moved_to = Arc::new(Mutex::new(String::new()));
    let base = Arc::clone(&moved_to);
    let server = FeedServer::start_with(move |headers, _| {
        let mut outside = lock(&outside);
        if let Some(left) = outside.dies_at {
            outside.dies_at = left.checked_sub(1);
            if left == 0 {
                waits.notify_one();
                return (0, vec![], String::new()).into();
            }
        }
        let validator = headers.get("if-none-match").and_then(|tag| tag.to_str().ok());
        let now = clock.now();
        let (answer, shown) = outside.world.answer(path(headers), validator, now);
        if let Some((feed, shown)) = shown {
            outside.ledger.shown(feed, &shown, now);
        }
        let etag = |tag: Option<String>| tag.into_iter().map(|tag| ("etag", tag)).collect();
        let (status, headers, body) = match answer {
            Answer::Document(body, tag) => (200, etag(tag), body),
            Answer::Truncated(truncated, tag) => {
                return Reply {
                    status: 200,
                    headers: [etag(tag), truncated.headers].concat(),
                    body: truncated.body,
                    breaks_off: truncated.breaks_off,
                };
            }
            Answer::Status(status) => (status, vec![], String::new()),
            Answer::Moved(to) => {
                let to = format!("{}{to}", base.lock().expect("no test panicked here"));
                (301, vec![("location", to)], String::new())
            }
            Answer::Nothing => (0, vec![], String::new()),
        };
        (status, headers, body).into()
    })
    .await;
    *moved_to.lock().expect("no test panicked here") = server.feed("");
    server
}

/// Makes what is due, sees that it is what must be made, lets the operator do his part, and sends.
async fn follow_schedule(machine: &mut Machine, outside: &Mutex<Outside>, newsletters: &[Newsletter], last: bool) {
    if machine.is_down() && !last {
        return;
    }
    let now = machine.desk().now();
    let due: Vec<Vec<_>> = lock(outside)
        .ledger
        .books
        .iter_mut()
        .map(|book| book.fall_due(now))
        .collect();
    Box::pin(machine.make_due(!due.iter().all(Vec::is_empty))).await;
    for (at, due) in due.into_iter().enumerate() {
        for due in due {
            settle(machine.desk(), outside, &newsletters[at], at, due).await;
        }
    }
    if operate(machine, &newsletters[2], last).await {
        Box::pin(machine.make_due(false)).await;
    }
    machine.send_sometimes(last).await;
}

/// Compares what became of a due time with what must have become of it, and notes which articles are in an issue now.
async fn settle(app: &TestApp, outside: &Mutex<Outside>, newsletter: &Newsletter, book: usize, due: DateTime<Utc>) {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let runs = tx.runs(newsletter.id, 100).await.expect("runs");
    drop(tx);
    let run = runs.iter().find(|run| run.due_at == due);
    let run = run.unwrap_or_else(|| panic!("{} {due}: there is no run", newsletter.slug));
    let reason = run.reason.as_deref().unwrap_or_default();
    let mut outside = lock(outside);
    let book = &mut outside.ledger.books[book];
    let case = format!("{} {due}: {} {reason}", newsletter.slug, run.outcome);
    match &book.runs[&due] {
        Expected::Skipped(why) => assert!(run.outcome.as_str() == "skipped" && reason.contains(why), "{case}"),
        Expected::Considered(pieces) if run.issue_id.is_some() => {
            assert!(matches!(run.outcome.as_str(), "made" | "drafted"), "{case}");
            book.taken.extend(pieces.iter().map(|piece| (*piece, due)));
        }
        Expected::Considered(pieces) => {
            let words = match pieces.len() {
                0 => "no new article has arrived since ".to_owned(),
                1 => "the rules leave out the only article that waits".to_owned(),
                out => format!("the rules leave out all {out} articles that wait"),
            };
            assert!(run.outcome.as_str() == "empty" && reason.starts_with(&words), "{case}");
        }
    }
}

/// The operator reads drafts, changes one now and then, and approves it sooner or later. True when one was approved.
async fn operate(machine: &mut Machine, newsletter: &Newsletter, last: bool) -> bool {
    let process = machine.desk();
    let mut tx = process.app.store.read().await.expect("the database answers");
    let drafts = tx.drafts(newsletter.id).await.expect("drafts");
    let mut approved = false;
    for (id, _) in drafts {
        if tx.issue(id).await.expect("an answer").expect("an issue").state != IssueState::Draft {
            continue;
        }
        if machine.roll(5) == 0 {
            edit(machine, id).await;
        }
        if last || machine.roll(6) == 0 {
            control::approve(&machine.desk().app, id).await.expect("it is a draft");
            approved = true;
        }
    }
    approved
}

/// Drops a story, or puts one first.
async fn edit(machine: &mut Machine, id: IssueId) {
    let mut tx = machine.desk().app.store.read().await.expect("the database answers");
    let articles = tx.articles_of_issue(id).await.expect("articles");
    drop(tx);
    let inside: Vec<_> = articles
        .into_iter()
        .filter(|article| article.position.is_some())
        .collect();
    let article = inside[machine.roll(inside.len())].public_id.clone();
    let drop = machine.roll(2) == 0;
    let edited = drafts::edit(&machine.desk().app, id, |edits| {
        if drop {
            edits.dropped.insert(article.clone(), "not for our readers".into());
        } else {
            edits.pinned.push(article.clone());
        }
    })
    .await;
    match edited {
        Ok(_) => *machine.deeds.entry("draft edited").or_default() += 1,
        Err(drafts::EditError::Empty) => {}
        Err(error) => panic!("{error}"),
    }
}
