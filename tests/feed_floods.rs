//! Limits on the new articles of one feed: further ones are left out with a record, and the operators are mailed once.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use daywire::config::{BackCatalogue, Config};
use daywire::delivery::control;
use daywire::digest::Compiled;
use daywire::digest::build::{build, preview};
use daywire::ingest::feed_fetch::{FetchOutcome, fetch};
use daywire::store::article_lists::ArticleFilter;
use daywire::store::feeds::Feed;
use serde_json::json;

use crate::support::feed_server::FeedServer;
use crate::support::program::Program;
use crate::support::{Engine, TestApp, notify_desk};

fn small_limits(config: &mut Config) {
    config.feeds.max_new_per_fetch = 20;
    config.feeds.max_new_per_day = 50;
    notify_desk(config);
}

/// A feed of entries with these numbers, each a minute older than the one before. Each `edition` has its own guids and addresses.
fn flood(edition: usize, numbers: std::ops::Range<usize>, newest: chrono::DateTime<chrono::Utc>) -> String {
    let mut items = String::new();
    for (number, age) in numbers.zip(0..) {
        let date = (newest - TimeDelta::minutes(age)).to_rfc2822();
        let _ = write!(
            items,
            "<item><title>Entry {edition}-{number}</title><link>https://flood.example/{edition}/{number}</link>\
             <guid isPermaLink='false'>{edition}-{number}</guid><pubDate>{date}</pubDate></item>"
        );
    }
    format!("<rss version='2.0'><channel><title>Flood</title>{items}</channel></rss>")
}

/// A server of a document that the test can replace.
async fn server(document: &Arc<Mutex<String>>) -> FeedServer {
    let document = Arc::clone(document);
    FeedServer::start(move |_, _| {
        (
            200,
            vec![],
            document.lock().expect("no thread panicked with the lock").clone(),
        )
    })
    .await
}

/// Fetches a feed. Returns the counts of new, known and left-out entries.
async fn read(app: &TestApp, feed: Feed) -> (usize, usize, usize) {
    match fetch(&app.app, feed).await.expect("the database answers") {
        FetchOutcome::Read(tally) => (tally.new, tally.known, tally.left_out),
        other => panic!("{other:?}"),
    }
}

#[apply(on_both_databases)]
async fn a_feed_is_limited_by_fetch_and_by_day(engine: Engine) {
    let app = TestApp::with(engine, small_limits).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let document = Arc::new(Mutex::new(flood(0, 0..100, app.now())));
    let server = server(&document).await;
    let show = |text: String| *document.lock().expect("no thread panicked with the lock") = text;
    let id = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(read(&app, app.feed(id).await).await, (100, 0, 80));
    let mut newest: Vec<String> = (0..20).map(|number| format!("Entry 0-{number}")).collect();
    newest.sort();
    assert_eq!(app.waiting_titles(&daily).await, newest, "the newest go into the issue");
    let feed = app.feed(id).await;
    assert_eq!((feed.overflow_at, feed.overflow_entries), (Some(app.now()), 80));

    // Left-out entries are known, and the next fetch does not bring them into an issue.
    app.advance(TimeDelta::hours(1));
    show(flood(0, 0..101, app.now() - TimeDelta::hours(1)));
    assert_eq!(read(&app, app.feed(id).await).await, (1, 100, 0));
    assert_eq!(app.waiting(&daily).await.len(), 21);

    // The daily limit holds over all fetches, and is available again a day later.
    for edition in 1..4 {
        app.advance(TimeDelta::hours(1));
        show(flood(edition, 0..30, app.now()));
        read(&app, app.feed(id).await).await;
    }
    assert_eq!(app.waiting(&daily).await.len(), 50);
    let reason = "its feed brought more than 50 new entries within 24 hours (feeds.max_new_per_day)";
    let left_out = app.rows("newsletter_articles").await;
    assert!(left_out.iter().any(|row| row.contains(reason)));
    assert_eq!(left_out.len(), 101 + 90, "every entry is recorded");
    app.advance(TimeDelta::hours(25));
    show(flood(4, 0..30, app.now()));
    read(&app, app.feed(id).await).await;
    assert_eq!(app.waiting(&daily).await.len(), 70);

    // A newsletter that begins to read the feed does not get what was left out either.
    let late = app.apply("slug = \"late\"\nname = \"Late\"").await;
    app.add_feed(&late, &server.feed("feed")).await;
    read(&app, app.feed(id).await).await;
    assert_eq!(app.waiting(&late).await.len(), 20);
    let notices = app.rows("transactional_mails").await;
    assert_eq!(
        notices
            .iter()
            .filter(|row| row.contains("A feed brings too much: Flood"))
            .count(),
        1
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_back_catalogue_does_not_count_for_the_limits(engine: Engine) {
    let changed = |config: &mut Config| {
        small_limits(config);
        config.feeds.back_catalogue = BackCatalogue::Youngest(Duration::from_hours(24));
    };
    let app = TestApp::with(engine, changed).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let document = Arc::new(Mutex::new(flood(0, 0..300, app.now() - TimeDelta::hours(30))));
    let server = server(&document).await;
    let id = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(read(&app, app.feed(id).await).await, (300, 0, 300));
    assert_eq!(app.feed(id).await.overflow_at, None);
    app.advance(TimeDelta::hours(1));
    *document.lock().expect("no thread panicked with the lock") = flood(0, 0..300, app.now() - TimeDelta::hours(31))
        .replacen(
            "<item>",
            "<item><title>News</title><link>https://flood.example/news</link></item><item>",
            1,
        );
    assert_eq!(read(&app, app.feed(id).await).await, (1, 300, 0));
    assert_eq!(app.waiting_titles(&daily).await, ["News"]);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_issue_is_compiled_from_the_newest_articles_and_records_a_reason_for_the_others(engine: Engine) {
    let changed = |config: &mut Config| config.digest.max_candidates = 30;
    let app = TestApp::with(engine, changed).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let document = Arc::new(Mutex::new(flood(0, 0..100, app.now())));
    let server = server(&document).await;
    let id = app.add_feed(&daily, &server.feed("feed")).await;
    read(&app, app.feed(id).await).await;
    app.advance(TimeDelta::hours(1));
    *document.lock().expect("no thread panicked with the lock") = flood(1, 0..25, app.now());
    read(&app, app.feed(id).await).await;
    app.advance(TimeDelta::hours(1));
    let made = build(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles");
    let Compiled::Issue(draft) = made else {
        panic!("{made:?}")
    };
    assert_eq!((draft.decisions.len(), draft.non_candidates.len()), (30, 95));
    let newest = draft
        .decisions
        .iter()
        .filter(|decision| decision.title.starts_with("Entry 1-"));
    assert_eq!(newest.count(), 25);
    assert_eq!(app.waiting(&daily).await, []);
    let issue = draft.issue.id;
    let lines = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .articles_of_issue(issue)
        .await;
    let lines = lines.expect("articles");
    let reason = "beyond the 30 newest articles that an issue is compiled from (digest.max_candidates)";
    let beyond = lines
        .iter()
        .filter(|line| line.reason.as_deref() == Some(reason) && line.position.is_none());
    assert_eq!((lines.len(), beyond.count()), (125, 95));
    // A cancelled issue frees them too.
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    assert_eq!(app.waiting(&daily).await.len(), 125);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn excluded_articles_do_not_count_as_candidates(engine: Engine) {
    let changed = |config: &mut Config| config.digest.max_candidates = 10;
    let app = TestApp::with(engine, changed).await;
    let teardown = app.teardown();
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\n[exclude]\nsources = [\"Flood\"]")
        .await;
    let quiet = flood(0, 0..15, app.now()).replacen("Flood", "Quiet", 1);
    let documents = [quiet, flood(1, 100..160, app.now())].map(|document| Arc::new(Mutex::new(document)));
    for document in &documents {
        let server = server(document).await;
        let id = app.add_feed(&daily, &server.feed("feed")).await;
        read(&app, app.feed(id).await).await;
        // The articles of the flood are the newer ones.
        app.advance(TimeDelta::hours(1));
    }
    let made = build(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles");
    let Compiled::Issue(draft) = made else {
        panic!("{made:?}")
    };
    let inside = draft.decisions.iter().filter(|decision| decision.position.is_some());
    assert_eq!(inside.count(), 10, "the newest articles that the rules allow");
    assert_eq!(
        draft.decisions.len(),
        20,
        "the issue also records the newest excluded articles"
    );
    let store = &app.app.store;
    let mut tx = store.read().await.expect("the database answers");
    let lines = tx
        .articles_of_issue(draft.issue.id)
        .await
        .expect("the articles are listed");
    let because = |reason: &str| {
        lines
            .iter()
            .filter(|line| line.reason.as_deref() == Some(reason))
            .count()
    };
    assert_eq!(because("excluded by source “Flood” (exclude)"), 60);
    let reason = "beyond the 10 newest articles that an issue is compiled from (digest.max_candidates)";
    assert_eq!((lines.len(), because(reason)), (75, 5));
    drop(tx);
    assert_eq!(app.waiting(&daily).await, []);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_feed_with_many_articles_leaves_room_for_others(engine: Engine) {
    let app = TestApp::with(engine, |_| {}).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    // Both feeds have the same title. The articles of the large one are newer.
    let much = Arc::new(Mutex::new(flood(0, 0..150, app.now())));
    let few = Arc::new(Mutex::new(flood(1, 500..508, app.now() - TimeDelta::hours(5))));
    let servers = [server(&much).await, server(&few).await];
    for server in &servers {
        let id = app.add_feed(&daily, &server.feed("feed")).await;
        read(&app, app.feed(id).await).await;
    }
    app.advance(TimeDelta::hours(1));
    let made = preview(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles");
    let Compiled::Issue(draft) = made else {
        panic!("{made:?}")
    };
    let inside = draft.decisions.iter().filter(|decision| decision.position.is_some());
    let (of_few, of_much): (Vec<_>, Vec<_>) = inside.partition(|decision| decision.title.starts_with("Entry 1-"));
    assert_eq!((of_few.len(), of_much.len()), (8, 12));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_document_above_every_limit_is_stored_in_part_and_reported(engine: Engine) {
    let app = TestApp::with(engine, |config| config.feeds.max_entries = 500).await;
    let teardown = app.teardown();
    let program = Program::of(&app);
    let daily = app.daily().await;
    let document = Arc::new(Mutex::new(flood(0, 0..550, app.now())));
    let server = server(&document).await;
    let id = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(read(&app, app.feed(id).await).await, (500, 0, 350));
    assert_eq!(app.waiting(&daily).await.len(), 200);
    // 200 entries wait, and with the 300 recorded ones only 200 further ones are recorded within the day.
    *document.lock().expect("no thread panicked with the lock") = flood(1, 0..550, app.now());
    let (new, _, left_out) = read(&app, app.feed(id).await).await;
    assert_eq!((new, left_out), (400, 350));
    let list = program.json(&["feed", "list"]);
    assert_eq!(list[0]["entries_left_out"], json!(350));
    let shown = program.ok(&["feed", "list"]);
    assert!(shown.contains("350 new entries left out"), "{shown}");
    let shown = program.ok(&["article", "list", "--count", "1000"]);
    assert!(
        shown.contains("daily: its feed brought more than 200 new entries at once (feeds.max_new_per_fetch)"),
        "{shown}"
    );
    // Only the entries within the limits wait for an issue.
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.articles_after(None, None, ArticleFilter::Waiting, 10_000)
            .await
            .expect("articles")
            .len(),
        400
    );
    drop(tx);
    teardown.finish().await;
}
