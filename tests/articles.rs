//! Articles arrive from feeds, each once, whatever a feed does to them.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daywire::domain::ids::FeedId;
use daywire::domain::scope::Scope;
use daywire::feeds::image::Image;
use daywire::feeds::parse::Entry;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::{Origin, Tally, store_entries};
use daywire::store::articles::Article;
use daywire::store::newsletters::Newsletter;
use daywire::text::html::sanitise;

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
async fn an_article_is_known_again_whatever_its_feed_changes(app: TestApp) {
    let daily = app.daily().await;
    let first = Entry {
        url: Some("http://www.wire.example/story".into()),
        ..entry("story")
    };
    assert_eq!(arrives(&app, &daily, "feed", &first).await, NEW);
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
        // By the guid and by the address that it was seen under meanwhile.
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
        assert_eq!(arrives(&app, &daily, "feed", &entry).await, KNOWN, "{entry:?}");
    }
    assert_eq!(app.waiting(&daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_guid_that_is_used_for_another_article_is_a_new_one(app: TestApp) {
    let daily = app.daily().await;
    let one = Entry {
        id: Some("1".into()),
        ..entry("one")
    };
    let two = Entry {
        id: Some("1".into()),
        ..entry("two")
    };
    assert_eq!(arrives(&app, &daily, "feed", &one).await, NEW);
    assert_eq!(arrives(&app, &daily, "feed", &two).await, NEW);
    assert_eq!(arrives(&app, &daily, "feed", &two).await, KNOWN);
    assert_eq!(arrives(&app, &daily, "feed", &one).await, KNOWN);
    assert_eq!(app.waiting(&daily).await.len(), 2);
}

#[apply(on_both_databases)]
async fn a_site_that_moves_brings_no_article_twice(app: TestApp) {
    let daily = app.daily().await;
    let guid_and_url = |address: &str| Entry {
        id: Some(address.into()),
        url: Some(address.into()),
        published: Some(app.now()),
        ..entry("story")
    };
    assert_eq!(
        arrives(&app, &daily, "feed", &guid_and_url("http://old.example/2026/story")).await,
        NEW
    );
    assert_eq!(
        arrives(&app, &daily, "feed", &guid_and_url("https://new.example/p/story")).await,
        KNOWN
    );
    let another = Entry {
        content_html: sanitise("<p>Else.</p>"),
        ..guid_and_url("https://new.example/p/else")
    };
    assert_eq!(arrives(&app, &daily, "feed", &another).await, NEW);
}

#[apply(on_both_databases)]
async fn a_nul_in_an_article_keeps_nothing_out(app: TestApp) {
    let daily = app.daily().await;
    let odd = Entry {
        summary: "Be\0low".into(),
        content_html: sanitise("<p>ze\0ro</p>"),
        ..entry("odd")
    };
    assert_eq!(arrives(&app, &daily, "feed", &odd).await, NEW);
    assert_eq!(app.waiting(&daily).await[0].summary, "Below");
}

#[apply(on_both_databases)]
async fn an_edited_article_is_known_though_title_and_address_change_at_once(app: TestApp) {
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
    assert_eq!(arrives(&app, &daily, "feed", &first).await, NEW);
    assert_eq!(arrives(&app, &daily, "feed", &retitled).await, KNOWN);
}

#[apply(on_both_databases)]
async fn a_guid_that_all_entries_have_hides_none_of_them(app: TestApp) {
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
        assert_eq!(arrive(&app, &daily, "feed", &all).await, tally);
    }
    assert_eq!(app.waiting(&daily).await.len(), 3);
}

#[apply(on_both_databases)]
async fn an_address_that_all_entries_have_hides_none_of_them(app: TestApp) {
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
        assert_eq!(
            arrive(&app, &daily, "feed", entries).await,
            Tally { new: count, ..NONE }
        );
        assert_eq!(
            arrive(&app, &daily, "feed", entries).await,
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
    assert_eq!(arrives(&app, &daily, "feed", &one).await, NEW);
    assert_eq!(arrives(&app, &daily, "other feed", &two).await, NEW);
}

#[apply(on_both_databases)]
async fn an_article_in_two_feeds_arrives_once(app: TestApp) {
    let daily = app.daily().await;
    let theirs = Entry {
        id: Some("their own guid".into()),
        ..entry("story")
    };
    assert_eq!(arrives(&app, &daily, "feed", &entry("story")).await, NEW);
    assert_eq!(arrives(&app, &daily, "other feed", &theirs).await, KNOWN);
    assert_eq!(app.waiting(&daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn an_article_without_guid_or_address_is_known_by_its_content(app: TestApp) {
    let daily = app.daily().await;
    let bare = |title: &str| Entry {
        id: None,
        url: None,
        title: title.into(),
        ..entry("bare")
    };
    assert_eq!(arrives(&app, &daily, "feed", &bare("One")).await, NEW);
    assert_eq!(arrives(&app, &daily, "feed", &bare("One")).await, KNOWN);
    assert_eq!(arrives(&app, &daily, "feed", &bare("Two")).await, NEW);
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
        arrives(&app, &daily, "feed", &entry).await;
    }
    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&daily).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    let placed = tx.articles_of_issue(issue).await.expect("articles");
    assert_eq!(placed.iter().filter(|article| article.position.is_some()).count(), 3);
}

#[apply(on_both_databases)]
async fn readers_see_ids_of_six_hex_digits_all_different(app: TestApp) {
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
        let digits = id.strip_prefix("TX_").expect("the prefix");
        let hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
        assert!(digits.len() == 6 && digits.chars().all(hex), "{id}");
    }
}

#[apply(on_both_databases)]
async fn a_feed_is_read_and_asked_only_for_what_is_new(app: TestApp) {
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
    assert_eq!(server.asked().len(), 2);
    assert_eq!(server.asked()[1]["if-none-match"], "\"v1\"");
    let feed = app.feed(feed).await;
    assert_eq!((feed.last_error, feed.failures, feed.title.as_str()), (None, 0, "Wire"));
    assert_eq!(feed.last_fetched_at, Some(app.now()));
    assert_eq!(app.waiting(&daily).await.len(), 2);
}

#[apply(on_both_databases)]
async fn a_feed_that_is_gone_is_not_asked_again(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (410, vec![], String::new())).await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    assert!(app.feed(feed).await.gone);
    app.advance(TimeDelta::days(365));
    assert_eq!(app.fetch().await, 0);
    assert_eq!(server.asked().len(), 1);
}

#[apply(on_both_databases)]
async fn a_feed_is_left_alone_for_as_long_as_its_server_asks(app: TestApp) {
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
    assert_eq!(app.fetch().await, 0, "asked before the time");
    app.advance(TimeDelta::hours(2));
    for _ in 0..10 {
        assert_eq!(app.fetch().await, 1);
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(server.asked().len(), 20);
}

#[apply(on_both_databases)]
async fn a_failing_feed_says_since_when_and_is_asked_less_often(app: TestApp) {
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
        assert!(feed.last_error.expect("a reason").contains("500"));
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
async fn what_a_feed_changes_is_taken_over_until_the_article_is_in_an_issue(app: TestApp) {
    let daily = app.daily().await;
    let feed = app.add_feed(&daily, "https://wire.example/feed").await;
    let first = entry("story");
    let told = |title: &str| Entry {
        title: title.into(),
        summary: format!("{title}."),
        ..first.clone()
    };
    from_feed(&app, &daily, feed, &first).await;
    let id = app.waiting(&daily).await[0].public_id.clone();
    from_feed(&app, &daily, feed, &told("Second version")).await;
    let now = stored_article(&app, &id).await;
    assert_eq!(
        (now.title.as_str(), now.summary.as_str()),
        ("Second version", "Second version.")
    );
    assert_eq!(now.edited_at, None);
    // Not by what another feed says, nor by an address that several entries may have.
    let other = app.add_feed(&daily, "https://other.example/feed").await;
    from_feed(&app, &daily, other, &told("Another feed")).await;
    from_feed(
        &app,
        &daily,
        feed,
        &Entry {
            id: Some("another".into()),
            ..told("Another guid")
        },
    )
    .await;
    assert_eq!(stored_article(&app, &id).await.title, "Second version");
    app.advance(TimeDelta::seconds(1));
    app.build(&daily).await;
    from_feed(&app, &daily, feed, &told("Too late")).await;
    assert_eq!(stored_article(&app, &id).await.title, "Second version");
    assert_eq!(app.waiting(&daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn an_article_that_was_changed_by_hand_is_left_alone_by_its_feed(app: TestApp) {
    let daily = app.daily().await;
    let feed = app.add_feed(&daily, "https://wire.example/feed").await;
    from_feed(&app, &daily, feed, &entry("story")).await;
    let article = stored_article(&app, &app.waiting(&daily).await[0].public_id).await;
    let ours = ArticleEdit {
        title: Some("Our own headline".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, &article, &ours, "").await.expect("it is changed");
    from_feed(
        &app,
        &daily,
        feed,
        &Entry {
            summary: "Rewritten.".into(),
            ..entry("story")
        },
    )
    .await;
    let now = stored_article(&app, &article.public_id).await;
    assert_eq!((now.title.as_str(), now.summary), ("Our own headline", article.summary));
}

#[apply(on_both_databases)]
async fn an_article_has_the_language_that_is_declared_or_else_the_one_of_its_text(app: TestApp) {
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
        arrives(&app, &daily, "feed", &entry).await;
        let title = format!("Transmission {mark}");
        let stored = app
            .waiting(&daily)
            .await
            .into_iter()
            .find(|article| article.title == title);
        assert_eq!(stored.expect("it").language.as_deref(), expected, "{mark}");
    }
}

#[apply(on_both_databases)]
async fn an_article_keeps_its_picture_and_its_page_shows_it_only_if_the_settings_say_so(mut app: TestApp) {
    let daily = app.daily().await;
    let image = Image {
        alt: "A mast".into(),
        ..Image::new("https://img.example/a.jpg", None).expect("a picture")
    };
    arrives(
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
async fn the_pages_load_no_picture_from_elsewhere_unless_the_settings_say_so(mut app: TestApp) {
    let daily = app.daily().await;
    let text = sanitise(
        "<p>It is on air.<img src=\"https://img.example/mast.jpg\" alt=\"A mast\">\
         <img src=\"https://count.example/o.gif\" width=\"1\" height=\"1\"></p>",
    );
    arrives(
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
        let policy = page.header("content-security-policy").expect("a policy");
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
    assert!(!page.body.contains("count.example"), "nobody could see that one");
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.contains("img-src 'self' https: data:;"))
    );
}

#[apply(on_both_databases)]
async fn two_processes_ask_a_feed_once(app: TestApp) {
    let other = app.another().await;
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    app.add_feed(&daily, &server.feed("feed")).await;
    for asked in 1..=3 {
        let (one, two) = tokio::join!(app.fetch(), other.fetch());
        assert_eq!(one + two, 1);
        assert_eq!(server.asked().len(), asked);
        app.advance(TimeDelta::minutes(25));
    }
}

#[apply(on_both_databases)]
async fn feeds_with_the_same_articles_read_at_once_bring_each_once(app: TestApp) {
    let daily = app.daily().await;
    let mut servers = Vec::new();
    for _ in 0..8 {
        let server = FeedServer::start(|_, _| (200, vec![], rss(&["a", "b", "c", "d", "e"]))).await;
        app.add_feed(&daily, &server.feed("feed")).await;
        servers.push(server);
    }
    assert_eq!(app.fetch().await, 8);
    assert!(servers.iter().all(|server| server.asked().len() == 1));
    assert_eq!(
        app.waiting_titles(&daily).await,
        ["Item a", "Item b", "Item c", "Item d", "Item e"]
    );
}

async fn arrives(app: &TestApp, newsletter: &Newsletter, scope: &str, entry: &Entry) -> Tally {
    arrive(app, newsletter, scope, std::slice::from_ref(entry)).await
}

async fn arrive(app: &TestApp, newsletter: &Newsletter, scope: &str, entries: &[Entry]) -> Tally {
    let origin = Origin {
        scope: Scope::file(scope),
        source_name: "Wire".into(),
        newsletters: vec![newsletter.id],
        full_text: true,
    };
    store_entries(&app.app, &origin, entries).await.expect("it is stored")
}

async fn from_feed(app: &TestApp, newsletter: &Newsletter, feed: FeedId, entry: &Entry) {
    let origin = Origin {
        scope: Scope::Feed(feed),
        source_name: "Wire".into(),
        newsletters: vec![newsletter.id],
        full_text: false,
    };
    let entries = std::slice::from_ref(entry);
    store_entries(&app.app, &origin, entries).await.expect("it is stored");
}

async fn stored_article(app: &TestApp, id: &str) -> Article {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.article_by_public_id(id).await.expect("an answer").expect("it")
}
