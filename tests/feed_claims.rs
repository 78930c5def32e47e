//! A feed that claims the address of another feed's article cannot replace, edit or hide that article.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use daywire::config::BackCatalogue;
use daywire::domain::article_input::{ArticleInput, Body};
use daywire::domain::ids::{ArticleId, FeedId};
use daywire::ingest::editorial::{Submission, Submitted, submit};
use daywire::ingest::feed_fetch::{FetchOutcome, fetch};
use daywire::store::newsletters::Newsletter;

use crate::support::feed_server::FeedServer;
use crate::support::{Engine, TestApp};

const PAGE: &str = "https://tribune.example/2026/minister-4";
const TRUE_TEXT: &str = "A fourth minister has resigned over the bridge, the government said.";
const FALSE_TEXT: &str = "This was written by somebody else.";

/// A feed with one item, which the test can replace.
struct Publisher {
    server: FeedServer,
    items: Arc<Mutex<String>>,
    feed: FeedId,
}

impl Publisher {
    async fn start(app: &TestApp, newsletters: &[&Newsletter]) -> Self {
        let items: Arc<Mutex<String>> = Arc::default();
        let shown = Arc::clone(&items);
        let server = FeedServer::start(move |_, _| {
            let items = shown.lock().expect("no thread panicked with the lock");
            let document = format!("<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>");
            (200, vec![], document)
        })
        .await;
        let mut feed = None;
        for newsletter in newsletters {
            feed = Some(app.add_feed(newsletter, &server.feed("feed")).await);
        }
        Self {
            server,
            items,
            feed: feed.expect("at least one newsletter reads the feed"),
        }
    }

    /// Replaces the item, and fetches the feed.
    async fn publish(&self, app: &TestApp, title: &str, url: &str, text: &str) {
        self.publish_dated(app, title, url, text, "").await;
    }

    async fn publish_dated(&self, app: &TestApp, title: &str, url: &str, text: &str, date: &str) {
        let date = if date.is_empty() {
            String::new()
        } else {
            format!("<pubDate>{date}</pubDate>")
        };
        *self.items.lock().expect("no thread panicked with the lock") = format!(
            "<item><title>{title}</title><link>{url}</link><description>{text}</description>{date}\
             <guid isPermaLink='false'>{}{title}</guid></item>",
            self.feed
        );
        app.advance(TimeDelta::seconds(2));
        self.fetch(app).await;
    }

    async fn fetch(&self, app: &TestApp) {
        let fetched = fetch(&app.app, app.feed(self.feed).await)
            .await
            .expect("the database answers");
        assert!(matches!(fetched, FetchOutcome::Read(_)), "{fetched:?}");
    }
}

/// Headline and text of the waiting articles, sorted.
async fn waiting(app: &TestApp, newsletter: &Newsletter) -> Vec<(String, String)> {
    let mut waiting: Vec<_> = app
        .waiting(newsletter)
        .await
        .into_iter()
        .map(|article| (article.title, article.summary))
        .collect();
    waiting.sort();
    waiting
}

fn story(title: &str, text: &str) -> (String, String) {
    (title.to_owned(), text.to_owned())
}

async fn evening(app: &TestApp) -> Newsletter {
    app.apply("slug = \"evening\"\nname = \"Evening\"").await
}

async fn submitted(app: &TestApp, newsletter: &Newsletter, id: Option<&str>, title: &str, url: &str) -> Submitted {
    let submission = Submission {
        input: ArticleInput {
            id: id.map(str::to_owned),
            title: title.into(),
            url: Some(url.into()),
            body: Body::Markdown(TRUE_TEXT.into()),
            ..ArticleInput::default()
        },
        newsletters: vec![newsletter.id],
        ..Submission::default()
    };
    submit(&app.app, &submission).await.expect("the article is stored")
}

async fn arrivals(app: &TestApp, article: ArticleId) -> Vec<(String, Option<String>)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let arrivals = tx.arrivals_of_article(article).await.expect("the arrivals are listed");
    arrivals
        .into_iter()
        .map(|arrival| (arrival.slug, arrival.reason))
        .collect()
}

#[apply(on_both_databases)]
async fn a_feed_that_claims_an_address_first_hides_no_article(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let elsewhere = Publisher::start(&app, &[&evening]).await;
    let here = Publisher::start(&app, &[&morning]).await;
    let both = Publisher::start(&app, &[&morning, &evening]).await;
    elsewhere
        .publish(&app, "Vote for me, says everyone", PAGE, FALSE_TEXT)
        .await;
    here.publish(&app, "Harbour boss wins medal", PAGE, FALSE_TEXT).await;
    both.publish(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [
            story("Fourth minister resigns", TRUE_TEXT),
            story("Harbour boss wins medal", FALSE_TEXT)
        ]
    );
    assert_eq!(
        waiting(&app, &evening).await,
        [
            story("Fourth minister resigns", TRUE_TEXT),
            story("Vote for me, says everyone", FALSE_TEXT)
        ]
    );
    // An edit or a later claim hides no article either.
    here.publish(&app, "Harbour boss wins medal", PAGE, "Edited.").await;
    elsewhere.publish(&app, "Nothing happened", PAGE, FALSE_TEXT).await;
    assert!(
        waiting(&app, &morning)
            .await
            .contains(&story("Fourth minister resigns", TRUE_TEXT))
    );
    assert!(
        waiting(&app, &evening)
            .await
            .contains(&story("Fourth minister resigns", TRUE_TEXT))
    );
}

#[apply(on_both_databases)]
async fn a_newsletter_has_only_text_of_its_own_feeds(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let evil = Publisher::start(&app, &[&evening]).await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    // The address and the headline of a public feed are easy to copy.
    evil.publish(&app, "Fourth minister resigns", PAGE, FALSE_TEXT).await;
    tribune.publish(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [story("Fourth minister resigns", TRUE_TEXT)]
    );
    assert_eq!(
        waiting(&app, &evening).await,
        [story("Fourth minister resigns", FALSE_TEXT)]
    );
    // A newsletter that adds the feed later gets the text of that feed, not that of another.
    let late = app.apply("slug = \"late\"\nname = \"Late\"").await;
    app.add_feed(&late, &tribune.server.feed("feed")).await;
    tribune.fetch(&app).await;
    assert_eq!(
        waiting(&app, &late).await,
        [story("Fourth minister resigns", TRUE_TEXT)]
    );
}

#[apply(on_both_databases)]
async fn an_article_of_two_feeds_is_in_a_newsletter_once_and_the_copy_has_a_reason(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let first = Publisher::start(&app, &[&morning]).await;
    let second = Publisher::start(&app, &[&morning, &evening]).await;
    first.publish(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    let original = app.waiting(&morning).await.remove(0);
    second
        .publish(
            &app,
            "Fourth minister resigns today",
            &format!("{PAGE}?utm_source=x"),
            "Another teaser.",
        )
        .await;
    assert_eq!(
        waiting(&app, &morning).await,
        [story("Fourth minister resigns", TRUE_TEXT)]
    );
    let copy = app.waiting(&evening).await.remove(0);
    let because = format!(
        "the same article as {} from “Wire”, which the newsletter has already",
        original.public_id
    );
    assert_eq!(
        arrivals(&app, copy.id).await,
        [("daily".to_owned(), Some(because)), ("evening".to_owned(), None)]
    );
    // The same holds after the first article was sent.
    app.advance(TimeDelta::seconds(1));
    app.build(&morning).await;
    let third = Publisher::start(&app, &[&morning]).await;
    third.publish(&app, "A resignation", PAGE, TRUE_TEXT).await;
    assert_eq!(waiting(&app, &morning).await, []);
}

#[apply(on_both_databases)]
async fn the_feed_on_the_articles_host_wins_over_one_that_links_there(app: TestApp) {
    let morning = app.daily().await;
    let aggregator = Publisher::start(&app, &[&morning]).await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    let page = tribune.server.feed("2026/minister-4");
    aggregator
        .publish(&app, "Fourth minister resigns", &page, FALSE_TEXT)
        .await;
    let claimed = app.waiting(&morning).await.remove(0);
    let mut tx = app.app.store.write().await.expect("the database answers");
    assert!(
        tx.rate_article(morning.id, claimed.id, true, 300)
            .await
            .expect("the query succeeds")
    );
    tx.commit().await.expect("the transaction commits");
    tribune.publish(&app, "Fourth minister resigns", &page, TRUE_TEXT).await;
    let won = app.waiting(&morning).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [story("Fourth minister resigns", TRUE_TEXT)]
    );
    let reasons = arrivals(&app, claimed.id).await;
    assert!(
        reasons[0]
            .1
            .as_deref()
            .is_some_and(|reason| reason.contains(&won[0].public_id)),
        "{reasons:?}"
    );
    // The editor's rating moves to the article that replaces it.
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.rated_articles(morning.id)
            .await
            .expect("the ratings are listed")
            .get(&won[0].id),
        Some(&(true, 300))
    );
    drop(tx);
    // An article that is in an issue stays there, and is sent once.
    let other = tribune.server.feed("2026/minister-5");
    aggregator
        .publish(&app, "Fifth minister resigns", &other, FALSE_TEXT)
        .await;
    app.advance(TimeDelta::seconds(1));
    app.build(&morning).await;
    tribune.publish(&app, "Fifth minister resigns", &other, TRUE_TEXT).await;
    assert_eq!(waiting(&app, &morning).await, []);
}

#[apply(on_both_databases)]
async fn an_editorial_article_is_never_replaced_by_a_feed(app: TestApp) {
    let morning = app.daily().await;
    let claims = Publisher::start(&app, &[&morning]).await;
    for (id, title, page) in [
        (Some("special"), "Our special", PAGE),
        (None, "Our other one", "https://tribune.example/other"),
    ] {
        claims.publish(&app, "Claimed", page, FALSE_TEXT).await;
        let added = submitted(&app, &morning, id, title, page).await;
        assert!(added.is_new, "{id:?}");
        assert_eq!((added.article.title.as_str(), added.article.feed_id), (title, None));
        assert!(
            waiting(&app, &morning).await.contains(&story(title, TRUE_TEXT)),
            "{id:?}"
        );
        // A feed that brings the newsroom's article again brings nothing new.
        claims.publish(&app, title, page, FALSE_TEXT).await;
        assert!(
            !waiting(&app, &morning).await.contains(&story(title, FALSE_TEXT)),
            "{id:?}"
        );
    }
    // An article that arrived first yields if it is the same article.
    let page = "https://tribune.example/third";
    claims.publish(&app, "Our third one", page, FALSE_TEXT).await;
    submitted(&app, &morning, None, "Our third one", page).await;
    let waiting = waiting(&app, &morning).await;
    assert!(waiting.contains(&story("Our third one", TRUE_TEXT)), "{waiting:?}");
    assert!(!waiting.contains(&story("Our third one", FALSE_TEXT)), "{waiting:?}");
}

#[apply(on_both_databases)]
async fn an_article_that_is_news_in_another_feed_is_no_longer_back_catalogue(engine: Engine) {
    let day = BackCatalogue::Youngest(Duration::from_hours(24));
    let app = TestApp::with(engine, |config| config.feeds.back_catalogue = day).await;
    let teardown = app.teardown();
    let morning = app.daily().await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    tribune
        .publish(&app, "Before", "https://tribune.example/before", "Long ago.")
        .await;
    let claims = Publisher::start(&app, &[&morning]).await;
    let long_ago = "Mon, 1 Jan 2001 00:00:00 GMT";
    claims
        .publish_dated(&app, "Fourth minister resigns", PAGE, TRUE_TEXT, long_ago)
        .await;
    assert_eq!(waiting(&app, &morning).await, []);
    tribune.publish(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [story("Fourth minister resigns", TRUE_TEXT)]
    );
    teardown.finish().await;
}
