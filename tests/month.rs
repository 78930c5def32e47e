//! A simulated month of feeds and newsletters in which publishers change their feeds and processes die.
//!
//! - `publishers` keeps the feeds. It gives each article a word of its own, by which the test recognises it in feeds, rows and mails.
//! - `processes` reads the feeds, follows the schedules and sends the issues. It kills processes at random moments.
//! - `model` predicts what each newsletter must do. It knows only the schedules and what the feed server served.
//! - `check` compares the database and the received mails with the model.
//!
//! # How the model predicts an issue
//!
//! 1. Due times follow from a newsletter's schedule and time zone. If a clock change skips a due time, it moves to the first valid
//!    instant. If a clock change repeats it, its first occurrence counts.
//! 2. If several due times have passed, all but the last are skipped. The last one is skipped if it is later than the grace period
//!    permits, or on a skip day.
//! 3. An article arrives when a feed that the newsletter reads serves it for the first time. If the response is cut off, the articles
//!    before the cut arrive, and the response counts as failed.
//! 4. Articles without a date or older than 24 hours are back catalogue if they come with the first complete response of a feed or
//!    before it. If three responses in a row fail, the next one counts as complete. No issue contains back catalogue, unless another
//!    feed brings the article later as news.
//! 5. The run of a due time considers every article that has arrived before it and that no earlier issue considered. If `lead_time`
//!    lets the run start early, articles that arrive after the start wait for the next run.
//! 6. If the newsletter's rules leave out every considered article, the run makes no issue and the articles wait.
//! 7. Every reader gets every issue once. A mail may come twice only if a process was killed while it sent.
//!
//! The seed of the random numbers is printed. The same seed gives the same issues to the byte, on both databases. The suite runs a
//! few days around a clock change; `just month` runs a whole month.

mod check;
mod model;
mod processes;
mod publishers;

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
use model::{ExpectedRun, Model};
use processes::Processes;
use publishers::{Publishers, Response};

const READERS: usize = 5;

/// The size of the simulation.
#[derive(Clone, Copy, Debug)]
struct Plan {
    seed: u64,
    feeds: usize,
    days: usize,
}

impl Plan {
    /// Reads the environment variables that `just month` sets.
    fn from_environment() -> Self {
        let number = |name: &str, default: u64| match std::env::var(name).as_deref() {
            Err(_) => default,
            Ok("random") => u64::from_be_bytes(Rng::System.bytes()) % 1_000_000,
            Ok(number) => number
                .parse()
                .unwrap_or_else(|_| panic!("{name} must be a number or `random`, not {number:?}")),
        };
        let size = |name, default| usize::try_from(number(name, default)).expect("the size fits into a usize");
        Self {
            seed: number("DAYWIRE_TEST_MONTH_SEED", 7),
            feeds: size("DAYWIRE_TEST_MONTH_FEEDS", 8),
            days: size("DAYWIRE_TEST_MONTH_DAYS", 5),
        }
    }

    /// The random numbers for one purpose.
    fn rng(self, purpose: u64) -> Rng {
        Rng::seeded(self.seed.wrapping_mul(1_000_003).wrapping_add(purpose << 48))
    }

    /// Starts in spring for even seeds and in autumn for odd ones, so that Europe's clock change is within the simulation.
    fn start(self) -> DateTime<Utc> {
        let days = i64::try_from(self.days).expect("the number of days is small");
        let (month, day, before) = if self.seed.is_multiple_of(2) {
            (3, 28, days * 5 / 6)
        } else {
            (10, 31, days / 2)
        };
        let change = NaiveDate::from_ymd_opt(2027, month, day).and_then(|day| day.and_hms_opt(0, 10, 0));
        change.expect("the date exists").and_utc() - TimeDelta::days(before)
    }
}

/// The publishers and the model. The feed server changes both with every request.
struct Scenario {
    publishers: Publishers,
    model: Model,
    /// The server leaves the request after this many further ones without a response, because the fetching process is killed while
    /// it waits.
    hang_after: Option<usize>,
}

#[apply(on_postgres)]
async fn a_month_has_every_article_once_and_its_seed_replays() {
    let plan = Plan::from_environment();
    println!(
        "DAYWIRE_TEST_MONTH_SEED={} DAYWIRE_TEST_MONTH_FEEDS={} DAYWIRE_TEST_MONTH_DAYS={}",
        plan.seed, plan.feeds, plan.days
    );
    let mut first: Option<String> = None;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let start = tokio::time::Instant::now();
        let summary = Box::pin(run_month(engine, plan)).await;
        println!("{engine:?}, {:.0} s: {summary}", start.elapsed().as_secs_f64());
        assert_eq!(
            first.get_or_insert(summary.clone()),
            &summary,
            "seed {} gives the same issues on both databases",
            plan.seed
        );
    }
}

fn settings(config: &mut Config) {
    config.feeds.interval = Duration::from_hours(2);
    config.feeds.longest_interval = Duration::from_hours(8);
    config.feeds.back_catalogue = BackCatalogue::Youngest(Duration::from_hours(24));
    // One server holds all feeds. Without the pause, one round of fetches reads them all, in a fixed order.
    config.feeds.host_pause = Duration::ZERO;
    config.feeds.timeout = Duration::from_secs(5);
    config.relays[0].connections = 3;
    config.delivery.lease = Duration::from_millis(600);
}

/// Runs the simulation and checks it. Returns a summary that is equal for equal seeds.
async fn run_month(engine: Engine, plan: Plan) -> String {
    let app = TestApp::with(engine, settings).await;
    let teardown = app.teardown();
    app.advance(plan.start() - app.now());
    let scenario = Arc::new(Mutex::new(Scenario {
        publishers: Publishers::new(plan.rng(1), plan.feeds, app.now()),
        model: Model::new(app.now()),
        hang_after: None,
    }));
    let hangs = Arc::new(Notify::new());
    let server = serve_feeds(Arc::clone(&scenario), Arc::clone(&hangs), app.app.clock.clone()).await;
    let mut processes = Processes::start(&app, plan.rng(2), plan.rng(3)).await;
    let newsletters = set_up(&processes, &scenario, &server, plan).await;
    let end = app.now() + TimeDelta::days(i64::try_from(plan.days).expect("the number of days is small"));
    while app.now() < end {
        let since = app.now();
        app.advance(processes.next_interval());
        lock(&scenario).publishers.advance(since, app.now());
        processes.restart_sometimes(&app).await;
        Box::pin(processes.fetch(&scenario, &hangs)).await;
        Box::pin(follow_schedule(&mut processes, &scenario, &newsletters, false)).await;
    }
    // The operator approves the remaining drafts, and issues that become due meanwhile are sent.
    for _ in 0..2 {
        app.advance(TimeDelta::hours(1));
        Box::pin(follow_schedule(&mut processes, &scenario, &newsletters, true)).await;
    }
    processes.send(&app, false).await;
    println!("{:?}\n{:?}", lock(&scenario).publishers.counts, processes.counts);
    let recorded = check::read(&app, &newsletters).await;
    let summary = check::check(&app, &lock(&scenario), &recorded, processes.max_duplicates);
    teardown.finish().await;
    summary
}

/// Creates the newsletters, their readers and their feeds.
async fn set_up(processes: &Processes, scenario: &Mutex<Scenario>, server: &FeedServer, plan: Plan) -> Vec<Newsletter> {
    let files: Vec<_> = lock(scenario)
        .model
        .newsletters
        .iter()
        .map(|newsletter| (newsletter.slug, newsletter.toml))
        .collect();
    let app = processes.fetcher();
    let mut newsletters = Vec::new();
    for (slug, toml) in files {
        let newsletter = app.apply(toml).await;
        app.readers_at(&newsletter, &format!("{slug}.example"), READERS).await;
        newsletters.push(newsletter);
    }
    for feed in 0..plan.feeds {
        for index in Model::newsletters_of_feed(feed) {
            app.add_feed(&newsletters[index], &server.feed(&Publishers::path(feed)))
                .await;
        }
    }
    newsletters
}

fn lock(scenario: &Mutex<Scenario>) -> std::sync::MutexGuard<'_, Scenario> {
    scenario.lock().expect("no test panicked while it held the lock")
}

/// Starts the server of all feeds. Every response is reported to the model.
async fn serve_feeds(scenario: Arc<Mutex<Scenario>>, hangs: Arc<Notify>, clock: Clock) -> FeedServer {
    // The address of the server is known only after its start, and redirects need it.
    let address = Arc::new(Mutex::new(String::new()));
    let base = Arc::clone(&address);
    let server = FeedServer::start_with(move |headers, _| {
        let mut scenario = lock(&scenario);
        if let Some(left) = scenario.hang_after {
            scenario.hang_after = left.checked_sub(1);
            if left == 0 {
                hangs.notify_one();
                return (0, vec![], String::new()).into();
            }
        }
        let validator = headers.get("if-none-match").and_then(|tag| tag.to_str().ok());
        let now = clock.now();
        let (response, fetched) = scenario.publishers.respond(path(headers), validator, now);
        if let Some((feed, fetched)) = fetched {
            scenario.model.record_fetch(feed, &fetched, now);
        }
        let etag = |tag: Option<String>| tag.into_iter().map(|tag| ("etag", tag)).collect();
        let (status, headers, body) = match response {
            Response::Document(body, tag) => (200, etag(tag), body),
            Response::Truncated(truncated, tag) => {
                return Reply {
                    status: 200,
                    headers: [etag(tag), truncated.headers].concat(),
                    body: truncated.body,
                    breaks_off: truncated.breaks_off,
                };
            }
            Response::Status(status) => (status, vec![], String::new()),
            Response::Moved(to) => {
                let base = base.lock().expect("no test panicked while it held the lock");
                (301, vec![("location", format!("{base}{to}"))], String::new())
            }
            Response::NoReply => (0, vec![], String::new()),
        };
        (status, headers, body).into()
    })
    .await;
    *address.lock().expect("no test panicked while it held the lock") = server.feed("");
    server
}

/// Makes the due runs, compares them with the model, lets the operator approve drafts, and sends. With `last`, it does all of this
/// even if no process runs, and leaves no draft.
async fn follow_schedule(
    processes: &mut Processes,
    scenario: &Mutex<Scenario>,
    newsletters: &[Newsletter],
    last: bool,
) {
    if processes.are_down() && !last {
        return;
    }
    let now = processes.scheduler().now();
    let due: Vec<Vec<_>> = lock(scenario)
        .model
        .newsletters
        .iter_mut()
        .map(|newsletter| newsletter.take_due(now))
        .collect();
    Box::pin(processes.make_due(!due.iter().all(Vec::is_empty))).await;
    for (index, due) in due.into_iter().enumerate() {
        for due in due {
            check_run(processes.scheduler(), scenario, &newsletters[index], index, due).await;
        }
    }
    if act_as_operator(processes, &newsletters[2], last).await {
        Box::pin(processes.make_due(false)).await;
    }
    processes.send_or_wait(last).await;
}

/// Compares the outcome of a due time with the model, and records in the model which articles its issue considered.
async fn check_run(
    app: &TestApp,
    scenario: &Mutex<Scenario>,
    newsletter: &Newsletter,
    index: usize,
    due: DateTime<Utc>,
) {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let runs = tx.runs(newsletter.id, 100).await.expect("the runs are listed");
    drop(tx);
    let run = runs.iter().find(|run| run.due_at == due);
    let run = run.unwrap_or_else(|| panic!("{} {due}: no run is on record", newsletter.slug));
    let reason = run.reason.as_deref().unwrap_or_default();
    let mut scenario = lock(scenario);
    let model = &mut scenario.model.newsletters[index];
    let case = format!("{} {due}: {} {reason}", newsletter.slug, run.state);
    match &model.runs[&due] {
        ExpectedRun::Skipped(why) => assert!(run.state.as_str() == "skipped" && reason.contains(why), "{case}"),
        ExpectedRun::Considered(articles) if run.issue_id.is_some() => {
            assert!(matches!(run.state.as_str(), "made" | "drafted"), "{case}");
            model.considered.extend(articles.iter().map(|article| (*article, due)));
        }
        ExpectedRun::Considered(articles) => {
            let start = match articles.len() {
                0 => "no new article has arrived since ".to_owned(),
                1 => "the only article that waits is left out".to_owned(),
                count => format!("all {count} articles that wait are left out"),
            };
            assert!(run.state.as_str() == "empty" && reason.starts_with(&start), "{case}");
        }
    }
}

/// Edits and approves some drafts, or with `last` approves all. Returns whether it approved one.
async fn act_as_operator(processes: &mut Processes, newsletter: &Newsletter, last: bool) -> bool {
    let app = processes.scheduler();
    let mut tx = app.app.store.read().await.expect("the database answers");
    let drafts = tx
        .drafts_with_articles(newsletter.id)
        .await
        .expect("the drafts are listed");
    drop(tx);
    let mut approved = false;
    for (id, _) in drafts {
        if processes.scheduler().state(id).await != IssueState::Draft {
            continue;
        }
        if processes.below(5) == 0 {
            edit_draft(processes, id).await;
        }
        if last || processes.below(6) == 0 {
            control::approve(&processes.scheduler().app, id)
                .await
                .expect("a draft can be approved");
            approved = true;
        }
    }
    approved
}

/// Drops an article from a draft, or pins one to its top.
async fn edit_draft(processes: &mut Processes, id: IssueId) {
    let mut tx = processes
        .scheduler()
        .app
        .store
        .read()
        .await
        .expect("the database answers");
    let articles = tx.articles_of_issue(id).await.expect("the articles are listed");
    drop(tx);
    let inside: Vec<_> = articles
        .into_iter()
        .filter(|article| article.position.is_some())
        .collect();
    let article = inside[processes.below(inside.len())].public_id.clone();
    let drop = processes.below(2) == 0;
    let edited = drafts::edit(&processes.scheduler().app, id, |edits| {
        if drop {
            edits.dropped.insert(article.clone(), "not for our readers".into());
        } else {
            edits.pinned.push(article.clone());
        }
    })
    .await;
    match edited {
        Ok(_) => processes.count("draft edited"),
        Err(drafts::EditError::Empty) => {}
        Err(error) => panic!("{error}"),
    }
}
