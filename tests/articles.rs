//! Each article of a feed is stored once, although feeds change guids, addresses, dates and texts.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daywire::domain::ids::FeedId;
use daywire::domain::scope::Scope;
use daywire::feeds::image::Image;
use daywire::feeds::parse::Entry;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::{Origin, Tally};
use daywire::store::newsletters::Newsletter;
use daywire::text::html::sanitise;

use crate::support::articles::origin;
use crate::support::feed_server::{FeedServer, rss};
use crate::support::{TestApp, entry};

const NONE: Tally = Tally {
    new: 0,
    known: 0,
    left_out: 0,
};
const NEW: Tally = Tally {
    new: 1,
    known: 0,
    left_out: 0,
};
const KNOWN: Tally = Tally {
    new: 0,
    known: 1,
    left_out: 0,
};

#[apply(on_both_databases)]
async fn an_article_is_recognised_after_its_feed_changes_any_part(app: TestApp) {
    let daily = app.daily().await;
    let first = Entry {
        url: Some("http://www.wire.example/story".into()),
        ..entry("story")
    };
    assert_eq!(store_one(&app, &daily, "feed", &first).await, NEW);
    let later = Some(app.now() + TimeDelta::days(1));
    let changed = [
        Entry {
            published: later,
            ..first.clone()
        },
        Entry {
            title: "Corrected".into(),
            summary: "Rewritten.".into(),
            ..first.clone()
        },
        Entry {
            url: Some("http://www.wire.example/story?utm_source=rss&fbclid=x".into()),
            ..first.clone()
        },
        Entry {
            url: Some("https://www.wire.example/story".into()),
            ..first.clone()
        },
        Entry {
            id: Some("another guid".into()),
            ..first.clone()
        },
        Entry {
            id: None,
            ..first.clone()
        },
        Entry {
            url: Some("https://wire.example/moved".into()),
            ..first.clone()
        },
        // By the guid and by the address that later versions had.
        Entry {
            title: "Corrected again".into(),
            id: Some("another guid".into()),
            ..first.clone()
        },
        Entry {
            id: None,
            url: Some("https://wire.example/moved".into()),
            ..first.clone()
        },
    ];
    for entry in changed {
        assert_eq!(store_one(&app, &daily, "feed", &entry).await, KNOWN, "{entry:?}");
    }
    assert_eq!(app.waiting(&daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_reused_guid_with_other_content_is_a_new_article(app: TestApp) {
    let daily = app.daily().await;
    let one = Entry {
        id: Some("1".into()),
        ..entry("one")
    };
    let two = Entry {
        id: Some("1".into()),
        ..entry("two")
    };
    assert_eq!(store_one(&app, &daily, "feed", &one).await, NEW);
    assert_eq!(store_one(&app, &daily, "feed", &two).await, NEW);
    assert_eq!(store_one(&app, &daily, "feed", &two).await, KNOWN);
    assert_eq!(store_one(&app, &daily, "feed", &one).await, KNOWN);
    assert_eq!(app.waiting(&daily).await.len(), 2);
}

#[apply(on_both_databases)]
async fn a_site_that_moves_to_another_host_brings_no_article_twice(app: TestApp) {
    let daily = app.daily().await;
    let guid_and_url = |address: &str| Entry {
        id: Some(address.into()),
        url: Some(address.into()),
        published: Some(app.now()),
        ..entry("story")
    };
    assert_eq!(
        store_one(&app, &daily, "feed", &guid_and_url("http://old.example/2026/story")).await,
        NEW
    );
    assert_eq!(
        store_one(&app, &daily, "feed", &guid_and_url("https://new.example/p/story")).await,
        KNOWN
    );
    let another = Entry {
        content_html: sanitise("<p>Else.</p>"),
        ..guid_and_url("https://new.example/p/else")
    };
    assert_eq!(store_one(&app, &daily, "feed", &another).await, NEW);
}

#[apply(on_both_databases)]
async fn an_article_with_a_nul_is_stored_without_it(app: TestApp) {
    let daily = app.daily().await;
    let odd = Entry {
        summary: "Be\0low".into(),
        content_html: sanitise("<p>ze\0ro</p>"),
        ..entry("odd")
    };
    assert_eq!(store_one(&app, &daily, "feed", &odd).await, NEW);
    assert_eq!(app.waiting(&daily).await[0].summary, "Below");
}

#[apply(on_both_databases)]
async fn an_edited_article_is_recognised_by_its_text(app: TestApp) {
    let daily = app.daily().await;
    let words: Vec<String> = (0..60).map(|n| format!("word{n}")).collect();
    let text = |changed: &str| format!("{} {changed}", words.join(" "));
    let first = Entry {
        summary: text("old"),
        ..entry("first")
    };
    let retitled = Entry {
        id: first.id.clone(),
        summary: text("new words here"),
        content_html: sanitise("<p>Else.</p>"),
        ..entry("second")
    };
    assert_eq!(store_one(&app, &daily, "feed", &first).await, NEW);
    assert_eq!(store_one(&app, &daily, "feed", &retitled).await, KNOWN);
}

#[apply(on_both_databases)]
async fn a_guid_that_all_entries_share_hides_no_article(app: TestApp) {
    let daily = app.daily().await;
    let all: Vec<_> = ["one", "two", "three"]
        .map(|mark| Entry {
            id: Some("0".into()),
            url: None,
            ..entry(mark)
        })
        .into();
    for tally in [
        Tally { new: 3, ..NONE },
        Tally { known: 3, ..NONE },
        Tally { known: 3, ..NONE },
    ] {
        assert_eq!(store(&app, &daily, "feed", &all).await, tally);
    }
    assert_eq!(app.waiting(&daily).await.len(), 3);
}

#[apply(on_both_databases)]
async fn an_address_that_all_entries_share_hides_no_article(app: TestApp) {
    let daily = app.daily().await;
    let page = Some("https://status.example/#now".to_owned());
    let all: Vec<_> = ["one", "two", "three"]
        .map(|mark| Entry {
            url: page.clone(),
            ..entry(mark)
        })
        .into();
    let bare: Vec<_> = ["four", "five"]
        .map(|mark| Entry {
            id: None,
            url: page.clone(),
            ..entry(mark)
        })
        .into();
    for (entries, count) in [(&all, 3), (&bare, 2)] {
        assert_eq!(store(&app, &daily, "feed", entries).await, Tally { new: count, ..NONE });
        assert_eq!(
            store(&app, &daily, "feed", entries).await,
            Tally { known: count, ..NONE }
        );
    }
}

#[apply(on_both_databases)]
async fn equal_guids_of_two_feeds_are_two_articles(app: TestApp) {
    let daily = app.daily().await;
    let one = Entry {
        id: Some("1".into()),
        ..entry("one")
    };
    let two = Entry {
        id: Some("1".into()),
        ..entry("two")
    };
    assert_eq!(store_one(&app, &daily, "feed", &one).await, NEW);
    assert_eq!(store_one(&app, &daily, "other feed", &two).await, NEW);
}

#[apply(on_both_databases)]
async fn an_article_in_two_feeds_arrives_once(app: TestApp) {
    let daily = app.daily().await;
    let theirs = Entry {
        id: Some("their own guid".into()),
        ..entry("story")
    };
    assert_eq!(store_one(&app, &daily, "feed", &entry("story")).await, NEW);
    assert_eq!(store_one(&app, &daily, "other feed", &theirs).await, KNOWN);
    assert_eq!(app.waiting(&daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn an_article_without_guid_and_address_is_recognised_by_its_content(app: TestApp) {
    let daily = app.daily().await;
    let bare = |title: &str| Entry {
        id: None,
        url: None,
        title: title.into(),
        ..entry("bare")
    };
    assert_eq!(store_one(&app, &daily, "feed", &bare("One")).await, NEW);
    assert_eq!(store_one(&app, &daily, "feed", &bare("One")).await, KNOWN);
    assert_eq!(store_one(&app, &daily, "feed", &bare("Two")).await, NEW);
}

#[apply(on_both_databases)]
async fn undated_and_future_articles_are_in_the_next_issue(app: TestApp) {
    let daily = app.daily().await;
    let undated = Entry {
        published: None,
        ..entry("undated")
    };
    let future = Entry {
        published: Some(app.now() + TimeDelta::days(3650)),
        ..entry("future")
    };
    let ancient = Entry {
        published: Some(app.now() - TimeDelta::days(3650)),
        ..entry("ancient")
    };
    for entry in [undated, future, ancient] {
        store_one(&app, &daily, "feed", &entry).await;
    }
    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&daily).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    let placed = tx.articles_of_issue(issue).await.expect("the articles are listed");
    assert_eq!(placed.iter().filter(|article| article.position.is_some()).count(), 3);
}

#[apply(on_both_databases)]
async fn public_ids_have_six_hexadecimal_digits_and_are_unique(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 300).await;
    let ids: BTreeSet<_> = app
        .waiting(&daily)
        .await
        .into_iter()
        .map(|article| article.public_id)
        .collect();
    assert_eq!(ids.len(), 300);
    for id in ids {
        let digits = id.strip_prefix("TX_").expect("the id has the prefix");
        let hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
        assert!(digits.len() == 6 && digits.chars().all(hex), "{id}");
    }
}

#[apply(on_both_databases)]
async fn a_second_fetch_of_a_feed_is_conditional(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|headers, _| match headers.get("if-none-match") {
        Some(tag) if tag == "\"v1\"" => (304, vec![], String::new()),
        _ => (200, vec![("etag", "\"v1\"".into())], rss(&["a", "b"])),
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    assert_eq!(app.waiting(&daily).await.len(), 2);
    assert_eq!(app.fetch().await, 0);
    app.advance(TimeDelta::minutes(20));
    assert_eq!(app.fetch().await, 1);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(server.requests()[1]["if-none-match"], "\"v1\"");
    let feed = app.feed(feed).await;
    assert_eq!((feed.last_error, feed.failures, feed.title.as_str()), (None, 0, "Wire"));
    assert_eq!(feed.last_fetched_at, Some(app.now()));
    assert_eq!(app.waiting(&daily).await.len(), 2);
}

#[apply(on_both_databases)]
async fn a_feed_that_answers_410_is_not_fetched_again(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (410, vec![], String::new())).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    assert!(app.feed(feed).await.gone);
    app.advance(TimeDelta::days(365));
    assert_eq!(app.fetch().await, 0);
    assert_eq!(server.requests().len(), 1);
}

#[apply(on_both_databases)]
async fn a_feed_is_not_fetched_before_the_retry_time_of_its_server(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (503, vec![("retry-after", "36000".into())], String::new())).await;
    for n in 0..10 {
        app.add_feed(&daily, &server.feed(&n.to_string())).await;
    }
    for _ in 0..10 {
        assert_eq!(app.fetch().await, 1);
        app.advance(TimeDelta::seconds(1));
    }
    app.advance(TimeDelta::seconds(35_989));
    assert_eq!(app.fetch().await, 0, "the server asked for a longer pause");
    app.advance(TimeDelta::hours(2));
    for _ in 0..10 {
        assert_eq!(app.fetch().await, 1);
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(server.requests().len(), 20);
}

#[apply(on_both_databases)]
async fn a_failing_feed_is_fetched_less_often_and_keeps_the_time_of_the_first_failure(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, n| {
        if n < 4 {
            (500, vec![], String::new())
        } else {
            (200, vec![], rss(&["a"]))
        }
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    let since = app.now();
    let mut waits = Vec::new();
    for failures in 1..=4 {
        assert_eq!(app.fetch().await, 1);
        let feed = app.feed(feed).await;
        assert_eq!((feed.failures, feed.failing_since), (failures, Some(since)));
        assert!(feed.last_error.expect("the feed has an error").contains("500"));
        waits.push(feed.next_fetch_at - app.now());
        app.advance(feed.next_fetch_at - app.now());
    }
    assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
    assert_eq!(app.fetch().await, 1);
    let feed = app.feed(feed).await;
    assert_eq!((feed.failures, feed.failing_since, feed.last_error), (0, None, None));
    assert_eq!(app.waiting(&daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn changes_of_a_feed_are_stored_until_the_article_is_in_an_issue(app: TestApp) {
    let daily = app.daily().await;
    let feed = app.add_feed(&daily, "https://wire.example/feed").await;
    let first = entry("story");
    let version = |title: &str| Entry {
        title: title.into(),
        summary: format!("{title}."),
        ..first.clone()
    };
    store_from_feed(&app, &daily, feed, &first).await;
    let id = app.waiting(&daily).await[0].public_id.clone();
    store_from_feed(&app, &daily, feed, &version("Second version")).await;
    let now = app.article(&id).await;
    assert_eq!(
        (now.title.as_str(), now.summary.as_str()),
        ("Second version", "Second version.")
    );
    assert_eq!(now.edited_at, None);
    // Neither another feed changes it, nor an entry with the same address and another guid.
    let other = app.add_feed(&daily, "https://other.example/feed").await;
    store_from_feed(&app, &daily, other, &version("Another feed")).await;
    store_from_feed(
        &app,
        &daily,
        feed,
        &Entry {
            id: Some("another".into()),
            ..version("Another guid")
        },
    )
    .await;
    assert_eq!(app.article(&id).await.title, "Second version");
    app.advance(TimeDelta::seconds(1));
    app.build(&daily).await;
    store_from_feed(&app, &daily, feed, &version("Too late")).await;
    assert_eq!(app.article(&id).await.title, "Second version");
    assert_eq!(app.waiting(&daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn an_article_that_an_editor_changed_is_not_changed_by_its_feed(app: TestApp) {
    let daily = app.daily().await;
    let feed = app.add_feed(&daily, "https://wire.example/feed").await;
    store_from_feed(&app, &daily, feed, &entry("story")).await;
    let article = app.only_article().await;
    let ours = ArticleEdit {
        title: Some("Our own headline".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, article.id, &ours, "")
        .await
        .expect("the article is edited");
    store_from_feed(
        &app,
        &daily,
        feed,
        &Entry {
            summary: "Rewritten.".into(),
            ..entry("story")
        },
    )
    .await;
    let now = app.article(&article.public_id).await;
    assert_eq!((now.title.as_str(), now.summary), ("Our own headline", article.summary));
}

#[apply(on_both_databases)]
async fn an_article_has_its_declared_language_or_else_that_of_its_text(app: TestApp) {
    let daily = app.daily().await;
    let german =
        "Das Unternehmen teilte am Montag mit, dass es das Werkzeug in keinem seiner Büros mehr einsetzen werde.";
    for (mark, declared, summary, expected) in [
        ("declared", Some("PT_br"), german, Some("pt-BR")),
        ("shown", None, german, Some("de")),
        ("wrong", Some("German!"), german, Some("de")),
        ("short", None, "Kurz.", None),
    ] {
        let entry = Entry {
            language: declared.map(Into::into),
            summary: summary.into(),
            ..entry(mark)
        };
        store_one(&app, &daily, "feed", &entry).await;
        let title = format!("Transmission {mark}");
        let stored = app
            .waiting(&daily)
            .await
            .into_iter()
            .find(|article| article.title == title);
        assert_eq!(
            stored.expect("the article waits").language.as_deref(),
            expected,
            "{mark}"
        );
    }
}

#[apply(on_both_databases)]
async fn the_page_of_an_article_shows_its_picture_only_if_the_settings_allow_it(mut app: TestApp) {
    let daily = app.daily().await;
    let image = Image {
        alt: "A mast".into(),
        ..Image::new("https://img.example/a.jpg", None).expect("the address is valid")
    };
    store_one(
        &app,
        &daily,
        "feed",
        &Entry {
            image: Some(image),
            ..entry("one")
        },
    )
    .await;
    let article = app.waiting(&daily).await.remove(0);
    assert_eq!(
        (article.image_url.as_deref(), article.image_alt.as_str()),
        (Some("https://img.example/a.jpg"), "A mast")
    );
    let path = format!("/articles/{}/transmission-one", article.public_id);
    let site = app.serve_site().await;
    assert!(!site.get(&path).await.body.contains("img.example"));
    app.restart(|config| config.digest.images = true).await;
    let site = app.serve_site().await;
    assert!(
        site.get(&path)
            .await
            .body
            .contains("<img src=\"https://img.example/a.jpg\" alt=\"A mast\"")
    );
}

#[apply(on_both_databases)]
async fn pages_load_pictures_of_other_sites_only_if_the_settings_allow_it(mut app: TestApp) {
    let daily = app.daily().await;
    let text = sanitise(
        "<p>It is on air.<img src=\"https://img.example/mast.jpg\" alt=\"A mast\">\
         <img src=\"https://count.example/o.gif\" width=\"1\" height=\"1\"></p>",
    );
    store_one(
        &app,
        &daily,
        "feed",
        &Entry {
            content_html: text,
            ..entry("one")
        },
    )
    .await;
    let article = app.waiting(&daily).await.remove(0);
    let path = format!("/articles/{}/transmission-one", article.public_id);
    let site = app.serve_site().await;
    for page in ["/", &path, "/archive", "/feed.xml"] {
        let page = site.get(page).await;
        assert!(
            !page.body.contains("<img") && !page.body.contains("img.example"),
            "{}",
            page.body
        );
        let policy = page.header("content-security-policy").expect("the page has a policy");
        assert!(
            policy.contains("img-src 'self' data:;") && !policy.contains("https:"),
            "{policy}"
        );
    }
    assert!(site.get(&path).await.body.contains("<p>It is on air.A mast</p>"));
    app.restart(|config| config.digest.images = true).await;
    let page = app.serve_site().await.get(&path).await;
    assert!(
        page.body
            .contains("<img src=\"https://img.example/mast.jpg\" alt=\"A mast\">"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("count.example"), "a counting pixel is never shown");
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.contains("img-src 'self' data: https:;"))
    );
}

#[apply(on_both_databases)]
async fn two_processes_fetch_a_feed_once(app: TestApp) {
    let other = app.another().await;
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    app.add_feed(&daily, &server.feed("feed")).await;
    for asked in 1..=3 {
        let (one, two) = tokio::join!(app.fetch(), other.fetch());
        assert_eq!(one + two, 1);
        assert_eq!(server.requests().len(), asked);
        app.advance(TimeDelta::minutes(25));
    }
}

#[apply(on_both_databases)]
async fn feeds_with_the_same_articles_fetched_at_once_bring_each_once(app: TestApp) {
    let daily = app.daily().await;
    let mut servers = Vec::new();
    for _ in 0..8 {
        let server = FeedServer::start(|_, _| (200, vec![], rss(&["a", "b", "c", "d", "e"]))).await;
        app.add_feed(&daily, &server.feed("feed")).await;
        servers.push(server);
    }
    assert_eq!(app.fetch().await, 8);
    assert!(servers.iter().all(|server| server.requests().len() == 1));
    assert_eq!(
        app.waiting_titles(&daily).await,
        ["Item a", "Item b", "Item c", "Item d", "Item e"]
    );
}

async fn store_one(app: &TestApp, newsletter: &Newsletter, scope: &str, entry: &Entry) -> Tally {
    store(app, newsletter, scope, std::slice::from_ref(entry)).await
}

async fn store(app: &TestApp, newsletter: &Newsletter, scope: &str, entries: &[Entry]) -> Tally {
    let origin = Origin {
        full_text: true,
        ..origin(scope, &[newsletter])
    };
    app.store(&origin, entries).await
}

async fn store_from_feed(app: &TestApp, newsletter: &Newsletter, feed: FeedId, entry: &Entry) {
    let origin = Origin {
        scope: Scope::Feed(feed),
        ..origin("Wire", &[newsletter])
    };
    app.store(&origin, std::slice::from_ref(entry)).await;
}
