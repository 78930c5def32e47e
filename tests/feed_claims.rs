//! A feed cannot replace, edit or hide the article of another feed by claiming its address.

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

/// A feed that shows one item, which can be changed.
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
            let items = shown.lock().expect("no test panicked here");
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
            feed: feed.expect("somebody reads it"),
        }
    }

    /// Shows only this item, and is fetched.
    async fn shows(&self, app: &TestApp, title: &str, url: &str, text: &str) {
        self.shows_dated(app, title, url, text, "").await;
    }

    async fn shows_dated(&self, app: &TestApp, title: &str, url: &str, text: &str, date: &str) {
        let date = if date.is_empty() {
            String::new()
        } else {
            format!("<pubDate>{date}</pubDate>")
        };
        *self.items.lock().expect("no test panicked here") = format!(
            "<item><title>{title}</title><link>{url}</link><description>{text}</description>{date}\
             <guid isPermaLink='false'>{}{title}</guid></item>",
            self.feed
        );
        app.advance(TimeDelta::seconds(2));
        self.is_read(app).await;
    }

    async fn is_read(&self, app: &TestApp) {
        let read = fetch(&app.app, app.feed(self.feed).await)
            .await
            .expect("the database answers");
        assert!(matches!(read, FetchOutcome::Read(_)), "{read:?}");
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

fn says(title: &str, text: &str) -> (String, String) {
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
    submit(&app.app, &submission).await.expect("it is added")
}

async fn arrivals(app: &TestApp, article: ArticleId) -> Vec<(String, Option<String>)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let arrivals = tx.arrivals_of_article(article).await.expect("arrivals");
    arrivals
        .into_iter()
        .map(|arrival| (arrival.slug, arrival.reason))
        .collect()
}

#[apply(on_both_databases)]
async fn an_address_that_another_feed_claimed_first_hides_no_article(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let elsewhere = Publisher::start(&app, &[&evening]).await;
    let here = Publisher::start(&app, &[&morning]).await;
    let both = Publisher::start(&app, &[&morning, &evening]).await;
    elsewhere
        .shows(&app, "Vote for me, says everyone", PAGE, FALSE_TEXT)
        .await;
    here.shows(&app, "Harbour boss wins medal", PAGE, FALSE_TEXT).await;
    both.shows(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [
            says("Fourth minister resigns", TRUE_TEXT),
            says("Harbour boss wins medal", FALSE_TEXT)
        ]
    );
    assert_eq!(
        waiting(&app, &evening).await,
        [
            says("Fourth minister resigns", TRUE_TEXT),
            says("Vote for me, says everyone", FALSE_TEXT)
        ]
    );
    // Nor does an edit, or a claim that comes later.
    here.shows(&app, "Harbour boss wins medal", PAGE, "Edited.").await;
    elsewhere.shows(&app, "Nothing happened", PAGE, FALSE_TEXT).await;
    assert!(
        waiting(&app, &morning)
            .await
            .contains(&says("Fourth minister resigns", TRUE_TEXT))
    );
    assert!(
        waiting(&app, &evening)
            .await
            .contains(&says("Fourth minister resigns", TRUE_TEXT))
    );
}

#[apply(on_both_databases)]
async fn a_newsletter_has_only_text_of_feeds_that_it_reads(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let evil = Publisher::start(&app, &[&evening]).await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    // Address and headline of a public feed are easy to copy.
    evil.shows(&app, "Fourth minister resigns", PAGE, FALSE_TEXT).await;
    tribune.shows(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [says("Fourth minister resigns", TRUE_TEXT)]
    );
    assert_eq!(
        waiting(&app, &evening).await,
        [says("Fourth minister resigns", FALSE_TEXT)]
    );
    // A newsletter that begins to read the feed gets the feed's text, whatever others have.
    let late = app.apply("slug = \"late\"\nname = \"Late\"").await;
    app.add_feed(&late, &tribune.server.feed("feed")).await;
    tribune.is_read(&app).await;
    assert_eq!(waiting(&app, &late).await, [says("Fourth minister resigns", TRUE_TEXT)]);
}

#[apply(on_both_databases)]
async fn an_article_of_two_feeds_is_in_a_newsletter_once_and_the_copy_says_why(app: TestApp) {
    let (morning, evening) = (app.daily().await, evening(&app).await);
    let first = Publisher::start(&app, &[&morning]).await;
    let second = Publisher::start(&app, &[&morning, &evening]).await;
    first.shows(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    let original = app.waiting(&morning).await.remove(0);
    second
        .shows(
            &app,
            "Fourth minister resigns today",
            &format!("{PAGE}?utm_source=x"),
            "Another teaser.",
        )
        .await;
    assert_eq!(
        waiting(&app, &morning).await,
        [says("Fourth minister resigns", TRUE_TEXT)]
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
    // Also when the first one was sent.
    app.advance(TimeDelta::seconds(1));
    app.build(&morning).await;
    let third = Publisher::start(&app, &[&morning]).await;
    third.shows(&app, "A resignation", PAGE, TRUE_TEXT).await;
    assert_eq!(waiting(&app, &morning).await, []);
}

#[apply(on_both_databases)]
async fn the_feed_of_the_articles_own_host_wins_over_one_that_links_there(app: TestApp) {
    let morning = app.daily().await;
    let aggregator = Publisher::start(&app, &[&morning]).await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    let page = tribune.server.feed("2026/minister-4");
    aggregator
        .shows(&app, "Fourth minister resigns", &page, FALSE_TEXT)
        .await;
    let claimed = app.waiting(&morning).await.remove(0);
    let mut tx = app.app.store.write().await.expect("the database answers");
    assert!(
        tx.rate_article(morning.id, claimed.id, true, 300)
            .await
            .expect("an answer")
    );
    tx.commit().await.expect("it is stored");
    tribune.shows(&app, "Fourth minister resigns", &page, TRUE_TEXT).await;
    let won = app.waiting(&morning).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [says("Fourth minister resigns", TRUE_TEXT)]
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
        tx.rated_articles(morning.id).await.expect("ratings").get(&won[0].id),
        Some(&(true, 300))
    );
    drop(tx);
    // An article that an issue has stays in it, and is sent once.
    let other = tribune.server.feed("2026/minister-5");
    aggregator
        .shows(&app, "Fifth minister resigns", &other, FALSE_TEXT)
        .await;
    app.advance(TimeDelta::seconds(1));
    app.build(&morning).await;
    tribune.shows(&app, "Fifth minister resigns", &other, TRUE_TEXT).await;
    assert_eq!(waiting(&app, &morning).await, []);
}

#[apply(on_both_databases)]
async fn the_newsrooms_own_article_never_yields(app: TestApp) {
    let morning = app.daily().await;
    let claims = Publisher::start(&app, &[&morning]).await;
    for (id, title, page) in [
        (Some("special"), "Our special", PAGE),
        (None, "Our other one", "https://tribune.example/other"),
    ] {
        claims.shows(&app, "Claimed", page, FALSE_TEXT).await;
        let added = submitted(&app, &morning, id, title, page).await;
        assert!(added.is_new, "{id:?}");
        assert_eq!((added.article.title.as_str(), added.article.feed_id), (title, None));
        assert!(
            waiting(&app, &morning).await.contains(&says(title, TRUE_TEXT)),
            "{id:?}"
        );
        // A feed that brings the newsroom's article again brings nothing new.
        claims.shows(&app, title, page, FALSE_TEXT).await;
        assert!(
            !waiting(&app, &morning).await.contains(&says(title, FALSE_TEXT)),
            "{id:?}"
        );
    }
    // An article that arrived first yields if it is the same article.
    let page = "https://tribune.example/third";
    claims.shows(&app, "Our third one", page, FALSE_TEXT).await;
    submitted(&app, &morning, None, "Our third one", page).await;
    let waiting = waiting(&app, &morning).await;
    assert!(waiting.contains(&says("Our third one", TRUE_TEXT)), "{waiting:?}");
    assert!(!waiting.contains(&says("Our third one", FALSE_TEXT)), "{waiting:?}");
}

#[apply(on_both_databases)]
async fn a_back_catalogue_does_not_outlive_a_later_arrival(engine: Engine) {
    let day = BackCatalogue::Youngest(Duration::from_hours(24));
    let app = TestApp::with(engine, |config| config.feeds.back_catalogue = day).await;
    let teardown = app.teardown();
    let morning = app.daily().await;
    let tribune = Publisher::start(&app, &[&morning]).await;
    tribune
        .shows(&app, "Before", "https://tribune.example/before", "Long ago.")
        .await;
    let claims = Publisher::start(&app, &[&morning]).await;
    let long_ago = "Mon, 1 Jan 2001 00:00:00 GMT";
    claims
        .shows_dated(&app, "Fourth minister resigns", PAGE, TRUE_TEXT, long_ago)
        .await;
    assert_eq!(waiting(&app, &morning).await, []);
    tribune.shows(&app, "Fourth minister resigns", PAGE, TRUE_TEXT).await;
    assert_eq!(
        waiting(&app, &morning).await,
        [says("Fourth minister resigns", TRUE_TEXT)]
    );
    teardown.finish().await;
}
