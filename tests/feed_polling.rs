//! How often feeds are fetched, how their servers are spared, and which of their entries are new articles.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use daywire::config::BackCatalogue;
use daywire::ingest::feed_url::host_of;
use daywire::ingest::poll::run;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::{Engine, TestApp, eventually};

const QUARTER: i64 = 15 * 60;

/// An RSS document with an item for each mark and date.
fn dated(items: &[(&str, Option<chrono::DateTime<chrono::Utc>>)]) -> String {
    let mut list = String::new();
    for (mark, date) in items {
        let date = date.map(|date| format!("<pubDate>{}</pubDate>", date.to_rfc2822()));
        let link = format!("https://wire.example/{mark}");
        list.extend([
            "<item><title>Item ",
            mark,
            "</title><link>",
            &link,
            "</link>",
            &date.unwrap_or_default(),
            "</item>",
        ]);
    }
    format!("<rss version=\"2.0\"><channel><title>Wire</title>{list}</channel></rss>")
}

#[apply(on_both_databases)]
async fn a_server_gets_one_request_at_a_time_with_a_pause_between_two(app: TestApp) {
    let other = app.another().await;
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    let elsewhere = FeedServer::start(|_, _| (200, vec![], rss(&["b"]))).await;
    for n in 0..12 {
        app.add_feed(&daily, &server.feed(&n.to_string())).await;
    }
    app.advance(TimeDelta::minutes(1));
    app.add_feed(&daily, &elsewhere.feed("feed")).await;
    // The other feeds of the busy server are due first, and they do not delay this one.
    let (one, two) = tokio::join!(app.fetch(), other.fetch());
    assert_eq!((one + two, elsewhere.requests().len()), (2, 1));
    for asked in 1..=12 {
        assert_eq!(
            (app.fetch().await, server.requests().len()),
            (0, asked),
            "within the pause"
        );
        app.advance(TimeDelta::seconds(1));
        if asked < 12 {
            let (one, two) = tokio::join!(app.fetch(), other.fetch());
            assert_eq!(one + two, 1);
        }
    }
    let paths: BTreeSet<_> = server
        .requests()
        .iter()
        .map(|headers| path(headers).to_owned())
        .collect();
    assert_eq!(paths.len(), 12, "each feed was read");
}

#[apply(on_both_databases)]
async fn after_429_no_feed_of_the_server_is_fetched_until_retry_after(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, n| match n {
        0 => (429, vec![("retry-after", "600".into())], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    for n in 0..3 {
        app.add_feed(&daily, &server.feed(&n.to_string())).await;
    }
    assert_eq!(app.fetch().await, 1);
    app.advance(TimeDelta::seconds(599));
    assert_eq!(app.fetch().await, 0);
    app.advance(TimeDelta::seconds(2));
    assert_eq!(app.fetch().await, 1);
}

#[apply(on_both_databases)]
async fn a_silent_server_delays_no_other_and_stopping_releases_its_lease(app: TestApp) {
    let daily = app.daily().await;
    let other = app.another().await;
    // The kernel accepts connections and data for a bound socket, but no program replies.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let stuck = app
        .add_feed(
            &daily,
            &format!("http://{}/", silent.local_addr().expect("the socket has an address")),
        )
        .await;
    app.advance(TimeDelta::seconds(1));
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    for n in 0..10 {
        app.add_feed(&daily, &server.feed(&n.to_string())).await;
    }
    let stop = CancellationToken::new();
    let poller = tokio::spawn(run(Arc::clone(&app.app), stop.clone()));
    eventually("the others are read", || async {
        app.advance(TimeDelta::seconds(1));
        server.requests().len() >= 10
    })
    .await;
    stop.cancel();
    poller.await.expect("the poller does not panic");
    // The request did not run into its timeout, which would count as a failure. The poller released the lease, so another process
    // may ask this server before the lease would have run out.
    let mut tx = other.app.store.read().await.expect("the database answers");
    let feed = tx
        .feed(stuck)
        .await
        .expect("the database answers")
        .expect("the feed exists");
    assert_eq!((feed.failures, feed.last_fetched_at), (0, None));
    let due = tx.feed_hosts_due(app.now(), 100).await.expect("the database answers");
    assert!(due.contains(&feed.host), "{due:?}");
}

#[apply(on_both_databases)]
async fn the_lease_of_a_dead_process_on_a_server_expires(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let host = app.feed(feed).await.host;
    let until = app.now() + TimeDelta::minutes(2);
    let mut tx = app.app.store.write().await.expect("the database answers");
    let leased = tx
        .lease_feed_host(&host, app.app.node, app.now(), until)
        .await
        .expect("the database answers");
    assert_eq!(leased.map(|leased| leased.id), Some(feed));
    tx.commit().await.expect("the transaction commits");
    let other = app.another().await;
    assert_eq!(other.fetch().await, 0);
    app.advance(TimeDelta::minutes(2));
    assert_eq!(other.fetch().await, 1);
}

#[apply(on_both_databases)]
async fn a_feed_without_news_is_fetched_less_often_and_one_with_news_more_often(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, n| {
        let marks = if n < 20 { vec!["a"] } else { vec!["a", "b"] };
        (200, vec![("cache-control", format!("max-age={}", n % 2))], rss(&marks))
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let mut intervals = Vec::new();
    for _ in 0..20 {
        intervals.push(app.fetch_when_due(feed).await.interval_seconds);
    }
    assert_eq!(intervals[0], QUARTER);
    assert!(
        intervals
            .windows(2)
            .all(|pair| pair[0] < pair[1] || pair[1] == 4 * 3600),
        "{intervals:?}"
    );
    assert_eq!(
        intervals.last(),
        Some(&(4 * 3600)),
        "and not less often than the settings say"
    );
    let stored = app.fetch_when_due(feed).await;
    assert_eq!(stored.interval_seconds, 2 * 3600);
    let wait = (stored.next_fetch_at - app.now()).num_seconds();
    assert!((2 * 3600 * 9 / 10..=2 * 3600 * 11 / 10).contains(&wait), "{wait}");
}

#[apply(on_both_databases)]
async fn a_feed_sets_its_own_interval_within_limits(app: TestApp) {
    let daily = app.daily().await;
    let ttl = |minutes: u32| rss(&["a"]).replace("<title>Wire", &format!("<ttl>{minutes}</ttl><title>Wire"));
    let server = FeedServer::start(move |headers, _| match path(headers) {
        "/ttl" => (200, vec![], ttl(60)),
        "/ever" => (200, vec![], ttl(4_000_000_000)),
        "/age" => (200, vec![("cache-control", "public, max-age=7200".into())], ttl(1)),
        _ => (200, vec![("cache-control", "max-age=soon".into())], rss(&["a"])),
    })
    .await;
    for (path, seconds) in [
        ("ttl", 3600),
        ("ever", 4 * 3600),
        ("age", 7200),
        ("nonsense", QUARTER * 5 / 4 + 1),
    ] {
        app.advance(TimeDelta::seconds(2));
        let feed = app.add_feed(&daily, &server.feed(path)).await;
        assert_eq!(app.fetch().await, 1);
        assert_eq!(app.feed(feed).await.interval_seconds, seconds, "{path}");
    }
}

#[apply(on_both_databases)]
async fn a_permanent_redirect_changes_the_address_of_a_feed(app: TestApp) {
    let daily = app.daily().await;
    // A single server, because a redirect from one private server to another is refused.
    let server = FeedServer::start(|headers, _| match path(headers) {
        "/old" => (301, vec![("location", "/new".into())], String::new()),
        "/away" => (302, vec![("location", "/new".into())], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    let moved = app.add_feed(&daily, &server.feed("old")).await;
    let away = app.add_feed(&daily, &server.feed("away")).await;
    app.fetch_when_due(moved).await;
    app.fetch_when_due(away).await;
    let stored = app.feed(moved).await;
    let host = host_of(&Url::parse(&server.feed("new")).expect("the address is valid"));
    assert_eq!((stored.url, stored.host), (server.feed("new"), host));
    assert_eq!(app.feed(away).await.url, server.feed("away"));
}

#[apply(on_both_databases)]
async fn a_feed_that_moves_to_the_address_of_another_feed_is_merged_into_it(app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let server = FeedServer::start(|headers, _| match path(headers) {
        "/old" => (308, vec![("location", "/new".into())], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    let one = app.add_feed(&daily, &server.feed("new")).await;
    let two = app.add_feed(&daily, &server.feed("old")).await;
    app.add_feed(&weekly, &server.feed("old")).await;
    for _ in 0..2 {
        assert_eq!(app.fetch().await, 1);
        app.advance(TimeDelta::seconds(1));
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    let readers: Vec<_> = tx.newsletters_by_feed().await.expect("the database answers");
    drop(tx);
    assert_eq!(readers, [(one, "daily".to_owned()), (one, "weekly".to_owned())]);
    assert_eq!(app.feed(two).await.url, server.feed("old"));
    assert_eq!(
        (app.waiting(&daily).await.len(), app.waiting(&weekly).await.len()),
        (1, 1)
    );
    app.advance(TimeDelta::days(1));
    assert_eq!(app.fetch().await, 1);
}

#[apply(on_both_databases)]
async fn other_content_at_the_same_address_is_a_new_article_and_an_edit_is_not(app: TestApp) {
    let daily = app.daily().await;
    // Guid, title, text and hour of each version. All have the same address.
    let versions = [
        ("1", "All is well", "Every system works.", 1),
        ("2", "All is very well", "Every system works.", 2),
        ("3", "All is well", "Every system works, and so will the next.", 3),
        ("4", "Outage", "Nothing works since noon.", 4),
        (
            "4",
            "Outage in the north",
            "Nothing works since noon, says the desk.",
            5,
        ),
    ];
    let server = FeedServer::start(move |_, n| {
        let (guid, title, text, hour) = versions[n];
        let item = format!(
            "<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>https://status.example/</link>\
             <description>{text}</description><pubDate>Mon, 23 Nov 2026 0{hour}:00:00 GMT</pubDate></item>"
        );
        (
            200,
            vec![],
            format!("<rss version='2.0'><channel><title>Status</title>{item}</channel></rss>"),
        )
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let mut counts = Vec::new();
    for _ in versions {
        app.fetch_when_due(feed).await;
        counts.push(app.waiting(&daily).await.len());
    }
    assert_eq!(counts, [1, 1, 1, 2, 2]);
}

#[apply(on_both_databases)]
async fn a_daily_item_at_one_address_is_a_new_article_each_day(app: TestApp) {
    let daily = app.daily().await;
    let texts = [
        "The bridge closes until spring.",
        "Ferries stay in port.",
        "Milk costs less than last week.",
    ];
    let server = FeedServer::start(move |_, n| {
        let item = format!(
            "<item><guid isPermaLink='false'>b-{n}</guid><title>Morning briefing</title><link>https://a.example/briefing</link>\
             <description>{}</description><pubDate>{} Nov 2026 06:00:00 GMT</pubDate></item>",
            texts[n],
            23 + n
        );
        (200, vec![], format!("<rss version='2.0'><channel><title>Wire</title>{item}</channel></rss>"))
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for _ in texts {
        app.fetch_when_due(feed).await;
    }
    let mut found: Vec<_> = app
        .waiting(&daily)
        .await
        .into_iter()
        .map(|article| article.summary)
        .collect();
    found.sort();
    assert_eq!(found, [texts[1], texts[2], texts[0]]);
}

#[apply(on_both_databases)]
async fn undated_items_that_link_to_parts_of_one_page_are_different_articles(app: TestApp) {
    let daily = app.daily().await;
    let items = [
        ("g1", "#!/story/1", "Harbour opens"),
        ("g2", "#!/story/2", "Bridge closes"),
        ("", "live#3", "Storm"),
    ];
    let server = FeedServer::start(move |_, n| {
        let mut shown = String::new();
        for (guid, link, title) in &items[..=n] {
            let guid = if guid.is_empty() {
                String::new()
            } else {
                format!("<guid isPermaLink='false'>{guid}</guid>")
            };
            shown.extend([
                "<item>",
                &guid,
                "<title>",
                title,
                "</title><link>https://a.example/",
                link,
                "</link></item>",
            ]);
        }
        (
            200,
            vec![],
            format!("<rss version='2.0'><channel><title>Wire</title>{shown}</channel></rss>"),
        )
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for count in 1..=3 {
        app.fetch_when_due(feed).await;
        assert_eq!(app.waiting(&daily).await.len(), count);
    }
}

#[apply(on_both_databases)]
async fn an_article_that_moved_and_was_edited_later_is_the_same_article(app: TestApp) {
    let daily = app.daily().await;
    let versions = [
        ("1", "old", "Bridge opens", "The bridge opens at noon.", 1),
        ("2", "new", "Bridge opens", "The bridge opens at noon.", 1),
        ("2", "new", "Bridge opened at last", "Thousands came to see it.", 5),
    ];
    let server = FeedServer::start(move |_, n| {
        let (guid, path, title, text, hour) = versions[n];
        let item = format!(
            "<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>https://wire.example/{path}</link>\
             <description>{text}</description><pubDate>Mon, 23 Nov 2026 0{hour}:00:00 GMT</pubDate></item>"
        );
        (200, vec![], format!("<rss version='2.0'><channel><title>Wire</title>{item}</channel></rss>"))
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for _ in versions {
        app.fetch_when_due(feed).await;
    }
    assert_eq!(app.waiting_titles(&daily).await, ["Bridge opened at last"]);
}

#[apply(on_both_databases)]
async fn a_newsletter_added_later_gets_the_articles_of_an_unchanged_feed(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a", "b"]))).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    app.fetch_when_due(feed).await;
    app.fetch_when_due(feed).await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.add_feed(&weekly, &server.feed("feed")).await;
    app.fetch_when_due(feed).await;
    assert_eq!(
        (app.waiting(&daily).await.len(), app.waiting(&weekly).await.len()),
        (2, 2)
    );
}

#[apply(on_both_databases)]
async fn complete_entries_of_a_truncated_feed_are_stored_and_the_fetch_fails(app: TestApp) {
    let daily = app.daily().await;
    let whole = rss(&["a", "b"]);
    let cut = whole[..whole.find("Item b").expect("the second item")].to_owned();
    let server = FeedServer::start(move |headers, n| {
        assert!(
            n > 1 || !headers.contains_key("if-none-match"),
            "a version that was not received completely is not asked for"
        );
        let validator = vec![("etag", format!("\"{n}\""))];
        match n {
            0 => (200, validator, cut.clone()),
            1 => (200, validator, whole.clone()),
            _ => (304, vec![], String::new()),
        }
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let stored = app.fetch_when_due(feed).await;
    let error = stored.last_error.expect("a reason is recorded");
    assert!(error.contains("breaks off") && error.contains("1 entry"), "{error}");
    assert_eq!((stored.failures, stored.etag, stored.body_hash), (1, None, None));
    assert_eq!(
        (stored.failing_since, stored.last_read_at),
        (Some(app.now()), Some(app.now()))
    );
    assert_eq!(app.waiting_titles(&daily).await, ["Item a"]);
    let first_read = async || {
        let mut tx = app.app.store.read().await.expect("the database answers");
        tx.newsletters_of_feed(feed).await.expect("the database answers")[0].1
    };
    assert_eq!(
        first_read().await,
        None,
        "the rest of the back catalogue is still to come"
    );
    let stored = app.fetch_when_due(feed).await;
    assert_eq!(
        (stored.failures, stored.last_error, stored.etag.as_deref()),
        (0, None, Some("\"1\""))
    );
    assert_eq!(app.waiting_titles(&daily).await, ["Item a", "Item b"]);
    assert!(first_read().await.is_some());
    assert_eq!(
        app.fetch_when_due(feed).await.last_error,
        None,
        "a 304 to a conditional request is no failure"
    );
}

#[apply(on_both_databases)]
async fn a_feed_that_is_always_truncated_is_fetched_like_one_with_little_news(app: TestApp) {
    let daily = app.daily().await;
    let whole = rss(&["a", "b"]);
    let cut = whole[..whole.find("Item b").expect("the second item")].to_owned();
    let server = FeedServer::start(move |_, _| (200, vec![], cut.clone())).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    for _ in 0..8 {
        app.fetch_when_due(feed).await;
    }
    let stored = app.feed(feed).await;
    assert!(
        stored.next_fetch_at - app.now() < TimeDelta::hours(5),
        "{}",
        stored.next_fetch_at
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    let readers = tx.newsletters_of_feed(feed).await.expect("the database answers");
    assert!(readers[0].1.is_some(), "later entries are not back catalogue");
}

#[apply(on_both_databases)]
async fn a_304_to_an_unconditional_request_is_a_failure(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (304, vec![], String::new())).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let stored = app.fetch_when_due(feed).await;
    assert!(stored.last_error.is_some_and(|error| error.contains("304")));
    assert_eq!(stored.last_read_at, None);
}

#[apply(on_both_databases)]
async fn a_feed_that_no_newsletter_reads_is_not_fetched(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    assert!(tx.unlink_feed(daily.id, feed).await.expect("the database answers"));
    assert!(!tx.unlink_feed(daily.id, feed).await.expect("the database answers"));
    tx.commit().await.expect("the transaction commits");
    assert_eq!((app.fetch().await, server.requests().len()), (0, 0));
}

#[apply(on_both_databases)]
async fn a_feed_of_999_entries_is_stored_completely(engine: Engine) {
    let app = TestApp::with(engine, |config| config.feeds.max_new_per_fetch = 2000).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let marks: Vec<_> = (0..999).map(|n| n.to_string()).collect();
    let marks: Vec<_> = marks.iter().map(String::as_str).collect();
    let document = rss(&marks);
    let server = FeedServer::start(move |_, _| (200, vec![], document.clone())).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(app.fetch_when_due(feed).await.last_error, None);
    assert_eq!(app.waiting(&daily).await.len(), 999);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_back_catalogue_is_on_record_and_in_no_issue(engine: Engine) {
    let day = BackCatalogue::Youngest(Duration::from_hours(24));
    let app = TestApp::with(engine, |config| config.feeds.back_catalogue = day).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let ago = |hours| Some(app.now() - TimeDelta::hours(hours));
    let first = [
        ("old", ago(25)),
        ("undated", None),
        ("fresh", ago(23)),
        ("future", ago(-1000)),
    ];
    let then = [("late", ago(9000)), ("undated later", None)];
    let (before, after) = (dated(&first), dated(&[&first[..], &then].concat()));
    let server =
        FeedServer::start(move |_, n| (200, vec![], if n == 0 { before.clone() } else { after.clone() })).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    app.fetch_when_due(feed).await;
    assert_eq!(app.waiting_titles(&daily).await, ["Item fresh", "Item future"]);
    app.fetch_when_due(feed).await;
    let all = ["Item fresh", "Item future", "Item late", "Item undated later"];
    assert_eq!(
        app.waiting_titles(&daily).await,
        all,
        "later entries are new articles with any date"
    );

    // A newsletter that subscribes to the feed later has its own back catalogue.
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.add_feed(&weekly, &server.feed("feed")).await;
    app.fetch_when_due(feed).await;
    assert_eq!(app.waiting_titles(&weekly).await, ["Item fresh", "Item future"]);
    assert_eq!(app.waiting_titles(&daily).await, all);

    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&daily).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.articles_of_issue(issue)
            .await
            .expect("the articles are listed")
            .len(),
        4
    );
    drop(tx);
    let rows = app.rows("newsletter_articles").await;
    let left_out = rows.iter().filter(|row| row.contains("feeds.back_catalogue")).count();
    assert_eq!(
        (rows.len(), left_out),
        (12, 2 + 4),
        "every article that arrived is in an issue, waits, or has a reason"
    );
    teardown.finish().await;
}
