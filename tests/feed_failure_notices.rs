//! Mails to the operators about feeds that have failed for days and about feeds that are gone.

use chrono::TimeDelta;
use daywire::ingest::failure_notices::notify_operators;
use daywire::worker::Role;

use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::{Engine, TestApp, eventually, notify_desk};

/// Sends the notices that are due. Returns the number of feeds in them.
async fn send_notices(app: &TestApp) -> usize {
    notify_operators(&app.app).await.expect("the database answers")
}

#[apply(on_both_databases)]
async fn operators_get_one_mail_about_a_feed_that_fails_for_days_and_one_about_a_feed_that_is_gone(engine: Engine) {
    let mut app = TestApp::with(engine, notify_desk).await;
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
    let (one, two) = tokio::join!(send_notices(&app), send_notices(&other));
    assert_eq!(one + two, 1, "a feed that is gone causes one notice, without delay");
    app.advance(TimeDelta::days(3));
    assert_eq!(send_notices(&app).await, 1);
    assert_eq!(send_notices(&app).await, 0);
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
async fn a_feed_that_recovers_and_fails_again_causes_another_notice(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, n| match n {
        1 => (200, vec![], rss(&["a"])),
        _ => (500, vec![], String::new()),
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for (notices, is_failing) in [(1, true), (0, false), (1, true)] {
        let stored = app.fetch_when_due(feed).await;
        assert_eq!(stored.failing_since.is_some(), is_failing);
        assert_eq!(stored.notified_at, None);
        assert_eq!(send_notices(&app).await, 0, "the feed has not failed for long");
        // The feed is not fetched in these days.
        app.advance(TimeDelta::days(3));
        assert_eq!(send_notices(&app).await, notices);
    }
    assert!(
        app.rows("transactional_mails").await.is_empty(),
        "without an address of the operators the notice is only logged"
    );
}
