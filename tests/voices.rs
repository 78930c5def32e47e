//! The texts of pages and mails use the site's own name and the voice that its settings choose.

use chrono::TimeDelta;
use daywire::config;
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::feeds::parse::Entry;
use daywire::ingest::Origin;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::retraction::retract;
use daywire::store::article_lists::ArticleFilter;
use daywire::store::newsletters::Newsletter;
use daywire::words::Voice;

use crate::support::articles::origin;
use crate::support::mock_relay::parse;
use crate::support::{Engine, TestApp, entry};

/// Words that only the first customer uses.
const FIRST_CUSTOMER: [&str; 11] = [
    "oblaidish",
    "transmission",
    "broadcast",
    "operator_channel",
    "comments_offline",
    "on the log",
    "on the air",
    "off the air",
    "signal",
    "no fluff",
    "tx_voice",
];

fn assert_neutral(place: &str, text: &str) {
    let text = text.to_lowercase();
    for words in FIRST_CUSTOMER {
        assert!(!text.contains(words), "“{words}” is in {place}: {text}");
    }
}

async fn arrive(app: &TestApp, newsletter: &Newsletter, marks: &[&str]) {
    let entries: Vec<Entry> = marks
        .iter()
        .map(|mark| Entry {
            title: format!("The {mark} opens"),
            own_title: format!("The {mark} opens"),
            ..entry(mark)
        })
        .collect();
    let origin = Origin {
        full_text: true,
        ..origin("Parish News", &[newsletter])
    };
    app.store(&origin, &entries).await;
    app.advance(TimeDelta::seconds(1));
}

async fn send(app: &TestApp, newsletter: &Newsletter, marks: &[&str]) -> IssueId {
    arrive(app, newsletter, marks).await;
    let issue = app.build(newsletter).await;
    daywire::delivery::control::send(&app.app, issue)
        .await
        .expect("the issue can be sent");
    app.until(issue, IssueState::Sent).await;
    issue
}

/// Two issues, the second with corrections, sent to an imported reader and to one who signed up. Returns every page, feed and
/// mail, each with its place.
#[allow(clippy::too_many_lines, reason = "it visits every page once")]
async fn all_that_readers_see(app: &mut TestApp) -> Vec<(String, String)> {
    let morning = app
        .apply("slug = \"morning\"\nname = \"Morning Parish\"\ntop_stories = 1\n")
        .await;
    let site = app.serve().await.clone();
    let mut seen = Vec::new();
    seen.push(("the empty front page".to_owned(), site.get("/").await.comparable()));
    app.readers(&morning, 1).await;
    let fields = [("email", "ada@list.example"), ("newsletter", "morning")];
    seen.push((
        "the answer to a sign-up".to_owned(),
        site.post("/subscribe", &fields).await.comparable(),
    ));
    let confirm = app.relay.link_for("ada@list.example", "/confirm/").await;
    seen.push((
        "the confirmation page".to_owned(),
        site.get(&confirm).await.comparable(),
    ));
    seen.push((
        "the confirmed page".to_owned(),
        site.post(&confirm, &[]).await.comparable(),
    ));
    send(app, &morning, &["bridge", "library"]).await;
    let articles = {
        let mut tx = app.app.store.read().await.expect("the database answers");
        tx.articles_after(None, None, ArticleFilter::All, 10)
            .await
            .expect("the articles are listed")
    };
    let change = ArticleEdit {
        title: Some("The bridge opens in May".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, articles[0].id, &change, "It was not in April.")
        .await
        .expect("the edit is stored");
    retract(&app.app, articles[1].id, "It does not open.")
        .await
        .expect("the article is retracted");
    send(app, &morning, &["tram"]).await;
    let leave = app.relay.link_for("ada@list.example", "/unsubscribe/").await;
    let mut paths: Vec<String> = [
        "/",
        "/subscribe",
        "/subscribe/sent",
        "/archive",
        "/archive/morning",
        "/archive/morning/1",
        "/archive/morning/2",
        "/archive/morning/9",
        "/feed.xml",
        "/archive/morning/feed.xml",
        "/nowhere",
        "/confirm/x",
        "/unsubscribe/x",
        "/inbox",
        "/assets/site.css",
        "/healthz",
        "/readyz",
        "/api/v1/nothing",
        "/api/v1/openapi.json",
        "/subscribe?newsletter=none",
    ]
    .map(str::to_owned)
    .into();
    paths.extend([leave.clone(), leave.replace("/unsubscribe/", "/preferences/"), confirm]);
    paths.extend(
        articles
            .iter()
            .map(|article| format!("/articles/{}", article.public_id)),
    );
    // The edit has changed the slug.
    let edited = {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let all = tx
            .articles_after(None, None, ArticleFilter::All, 10)
            .await
            .expect("the articles are listed");
        all.into_iter().find(|article| article.id == articles[0].id)
    };
    paths.push(daywire::digest::article_path(
        &edited.expect("the edited article exists"),
    ));
    for path in paths {
        seen.push((path.clone(), site.get(&path).await.comparable()));
    }
    seen.push((
        "the form with a mistake".to_owned(),
        site.post("/subscribe", &[("email", "ada@")]).await.comparable(),
    ));
    seen.push(("an invalid preference".to_owned(), {
        let preferences = leave.replace("/unsubscribe/", "/preferences/");
        site.post(&preferences, &[("pause_until", "soon")]).await.comparable()
    }));
    seen.push((
        "the unsubscribed page".to_owned(),
        site.post(&leave, &[]).await.comparable(),
    ));
    for mail in app.relay.received() {
        let parsed = parse(&mail.bytes);
        let place = format!("the mail “{}”", parsed.subject().unwrap_or_default());
        let headers: Vec<String> = parsed
            .headers_raw()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let headers = headers.concat();
        seen.push((format!("the headers of {place}"), headers));
        for part in [parsed.body_text(0), parsed.body_html(0)].into_iter().flatten() {
            seen.push((place.clone(), part.into_owned()));
        }
    }
    seen
}

#[apply(on_both_databases)]
async fn no_page_and_no_mail_has_the_first_customers_words_unless_its_file_is_used(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    let seen = all_that_readers_see(&mut app).await;
    assert!(seen.len() > 35, "only {} places were looked at", seen.len());
    for (place, text) in &seen {
        assert_neutral(place, text);
    }
    let digests = seen.iter().filter(|(_, text)| text.contains("That’s all for today."));
    assert_eq!(digests.count(), 8, "two issues to two readers, in HTML and in text");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn with_its_file_the_first_customer_keeps_its_words(engine: Engine) {
    let radio = |config: &mut config::Config| {
        let theirs = config::demo().expect("the file is valid");
        let url = config.site.url.clone();
        config.site = theirs.site;
        config.site.url = url;
        config.mail = theirs.mail;
    };
    let mut app = TestApp::with(engine, radio).await;
    let teardown = app.teardown();
    let seen = all_that_readers_see(&mut app).await;
    let all: String = seen.into_iter().map(|(_, text)| text).collect();
    for words in [
        "OBLAIDISH NEWS",
        "transmission_log",
        "Subscribe to the broadcast.",
        "No fluff. Engineering signal only.",
        "operator_channel",
        "comments_offline · provider_not_configured",
        "on the log.",
        "SIGNAL CORRECTIONS",
        "End of transmission.",
        "broadcast@oblaidish.example",
    ] {
        assert!(all.contains(words), "“{words}” is nowhere");
    }
    teardown.finish().await;
}

#[test]
fn the_default_settings_name_no_customer() {
    assert_neutral("config/default.toml", include_str!("../config/default.toml"));
}

#[apply(on_both_databases)]
async fn the_reason_that_a_mail_gives_is_true_for_imported_readers(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.site.voice = Voice::Radio).await;
    let teardown = app.teardown();
    for (place, text) in all_that_readers_see(&mut app).await {
        assert!(
            !text.contains("and confirmed it"),
            "{place} claims that an imported reader confirmed"
        );
    }
    teardown.finish().await;
}
