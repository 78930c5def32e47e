//! The operators are mailed about feeds that have failed for days, and about feeds that are gone.

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::domain::address::EmailAddress;
use daywire::ingest::failure_notices::notify_operators;
use daywire::worker::Role;

use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::{Engine, TestApp, eventually};

async fn told(app: &TestApp) -> usize {
    notify_operators(&app.app).await.expect("the database answers")
}

fn with_a_desk(config: &mut Config) {
    config.operators.notify = vec![EmailAddress::parse("desk@news.example").expect("an address")];
}

#[apply(on_both_databases)]
async fn operators_are_mailed_once_of_feeds_that_fail_for_days_and_of_those_that_are_gone(engine: Engine) {
    let mut app = TestApp::with(engine, with_a_desk).await;
    let teardown = app.teardown();
    let other = app.another().await;
    let daily = app.daily().await;
    let server = FeedServer::start(|headers, n| match path(headers) {
        "/broken" if n < 100 => (500, vec![], String::new()),
        "/gone" => (410, vec![], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    for name in ["broken", "gone", "fine"] {
        app.add_feed(&daily, &server.feed(name)).await;
        app.advance(TimeDelta::seconds(2));
        assert_eq!(app.fetch().await, 1);
    }
    let (one, two) = tokio::join!(told(&app), told(&other));
    assert_eq!(one + two, 1, "a feed that is gone causes one notice, at once");
    app.advance(TimeDelta::days(3));
    assert_eq!(told(&app).await, 1);
    assert_eq!(told(&app).await, 0);
    assert_eq!(app.rows("transactional_mails").await.len(), 2);

    app.serve_roles(&[Role::Sender]).await;
    eventually("both notices are mailed", || async {
        app.relay.received_for("desk@news.example").len() == 2
    })
    .await;
    let mails = app.relay.received_for("desk@news.example");
    let mut text: Vec<String> = mails
        .iter()
        .map(|mail| String::from_utf8_lossy(&mail.bytes).replace("=\r\n", ""))
        .collect();
    // Two senders send at the same time, so either mail may be the first.
    text.sort_by_key(|text| !text.contains("Subject: A feed is gone: "));
    assert!(text[0].contains("Subject: A feed is gone: "), "{}", text[0]);
    assert!(text[0].contains("Auto-Submitted: auto-generated") && text[0].contains("410"));
    assert!(text[1].contains("Subject: A feed cannot be read: ") && text[1].contains("500 Internal Server Error"));
    assert!(text[1].contains("Since 2026-11-23 06:00 UTC") && text[1].contains("feed remove ID"));
    assert!(
        text.iter()
            .all(|text| text.contains("text/html") && !text.contains("List-Unsubscribe"))
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_feed_that_works_again_and_fails_again_is_told_again(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, n| match n {
        1 => (200, vec![], rss(&["a"])),
        _ => (500, vec![], String::new()),
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for (tellings, still) in [(1, true), (0, false), (1, true)] {
        let stored = app.fetch_when_due(feed).await;
        assert_eq!(stored.failing_since.is_some(), still);
        assert_eq!(stored.notified_at, None);
        assert_eq!(told(&app).await, 0, "not yet");
        // Nobody reads it meanwhile.
        app.advance(TimeDelta::days(3));
        assert_eq!(told(&app).await, tellings);
    }
    assert!(
        app.rows("transactional_mails").await.is_empty(),
        "without an address it is only logged"
    );
}
