//! Feeds that give only a few lines of each article: the texts are taken from the articles' pages, within the limits of every fetch.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::TimeDelta;
use daywire::domain::ids::FeedId;
use daywire::domain::role::Role;
use daywire::domain::states::{PageState, TextFrom};
use daywire::feeds::proxy::Proxy;
use daywire::store::feeds::Feed;
use daywire::store::newsletters::Newsletter;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::support::api::{Api, document, fields};
use crate::support::feed_proxy::{FeedProxy, Way};
use crate::support::feed_server::{FeedServer, Reply, path};
use crate::support::operators::Browser;
use crate::support::program::Program;
use crate::support::{Engine, TestApp};

const TEASER: &str = "The council voted for the new bridge. Read more …";
const SENTENCE: &str =
    "The council met in the harbour hall, and it voted, after three hours of debate, for the new bridge. ";

/// An RSS document with a teaser for each mark, whose page is at `/MARK` of the same server.
fn teasers(marks: &[&str]) -> String {
    linked(&marks.iter().map(|mark| (*mark, format!("/{mark}"))).collect::<Vec<_>>())
}

/// An RSS document with a teaser for each mark and address.
fn linked(items: &[(&str, String)]) -> String {
    let item = |(mark, link): &(&str, String)| {
        format!(
            "<item><title>Item {mark}</title><guid>{mark}</guid><link>{link}</link><description>{TEASER}</description></item>"
        )
    };
    format!(
        "<rss version=\"2.0\"><channel><title>Wire</title>{}</channel></rss>",
        items.iter().map(item).collect::<String>()
    )
}

/// The page of an article, with a word that is nowhere else.
fn page_with(word: &str) -> String {
    format!(
        "<!doctype html><html><head><title>Item - Wire</title><script>var track = 'tracker';</script></head><body>\
         <nav><ul>{}</ul></nav><article><h1>Item</h1>{}<p>It is called <a href='/plan'>{word}</a>.</p></article>\
         <section id='comments' class='comments'><p>First comment!</p></section><footer>All rights reserved</footer></body></html>",
        "<li><a href='/section'>Section</a></li>".repeat(20),
        format!("<p>{}</p>", SENTENCE.repeat(4)).repeat(3),
    )
}

fn html(body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status: 200,
        headers: vec![("content-type", "text/html".to_owned())],
        body: body.into(),
        breaks_off: false,
    }
}

fn plain(body: String) -> Reply {
    (200, vec![], body).into()
}

/// A program that waits little between two pages, and not long for an answer.
async fn quick(engine: Engine) -> TestApp {
    TestApp::with(engine, |config| {
        config.feeds.host_pause = Duration::from_millis(1);
        config.feeds.timeout = Duration::from_secs(3);
    })
    .await
}

/// Adds a feed whose texts come from pages.
async fn add_feed(app: &TestApp, newsletter: &Newsletter, url: &str) -> FeedId {
    let feed = app.add_feed(newsletter, url).await;
    app.execute("UPDATE feeds SET text_from = 'page'").await;
    feed
}

/// Fetches the feed when it is due, and the pages that follow.
async fn fetch(app: &TestApp, feed: FeedId) -> Feed {
    app.fetch_when_due(feed).await
}

fn count(server: &FeedServer, of: &str) -> usize {
    server.requests().iter().filter(|headers| path(headers) == of).count()
}

#[apply(on_both_databases)]
async fn a_teaser_gets_the_text_of_its_page_once_and_other_entries_keep_theirs(engine: Engine) {
    let mut app = quick(engine).await;
    let daily = app.daily().await;
    let server = FeedServer::start_with(|headers, before| match path(headers) {
        "/feed" => {
            let long = format!(
                "<item><title>Item long</title><guid>long</guid><link>/long</link><description>{}</description></item></channel>",
                SENTENCE.repeat(10)
            );
            let feed = teasers(&["one", "two"]).replace("</channel>", &long);
            // Later an entry has another headline.
            let feed = if before > 0 { feed.replace("Item one", "Item one, corrected") } else { feed };
            plain(feed)
        }
        "/one" => html(page_with("Millbrook")),
        "/two" => html(page_with("Eastgate")),
        _ => (404, vec![], String::new()).into(),
    })
    .await;
    let feed = add_feed(&app, &daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    for (title, word) in [("Item one", "Millbrook"), ("Item two", "Eastgate")] {
        let article = app.article_titled(title).await;
        assert_eq!(article.page_state, PageState::Used);
        assert_eq!(article.summary, TEASER, "mails have what the feed says");
        let text = &article.content_html;
        assert!(text.contains("harbour hall") && text.contains(word), "{text}");
        assert!(text.contains(&server.feed("plan")), "{text}");
        for part in ["Section", "First comment", "rights", "tracker", "<script"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
    }
    let long = app.article_titled("Item long").await;
    assert_eq!(long.page_state, PageState::Unused);
    assert_eq!((count(&server, "/long"), count(&server, "/one")), (0, 1));
    let asked = server.requests().into_iter().find(|headers| path(headers) == "/one");
    let accept = asked.expect("the page was asked for")["accept"].clone();
    assert!(
        accept.to_str().is_ok_and(|accept| accept.starts_with("text/html")),
        "{accept:?}"
    );

    let read = fetch(&app, feed).await;
    assert_eq!((read.page_error, read.last_error), (None, None));
    let corrected = app.article_titled("Item one, corrected").await;
    assert!(
        corrected.content_html.contains("Millbrook"),
        "{}",
        corrected.content_html
    );
    assert_eq!(corrected.page_state, PageState::Used);
    assert_eq!(
        (count(&server, "/one"), count(&server, "/two")),
        (1, 1),
        "pages are fetched once"
    );

    // The site finds the words, and shows an excerpt and the link until an operator allows more.
    let site = app.serve_site().await;
    let found = site.get("/search?q=Millbrook").await.body;
    assert!(found.contains("Item one, corrected"), "{found}");
    let short = site.get(&format!("/articles/{}", corrected.public_id)).await;
    let link = short
        .header("location")
        .expect("the short address redirects")
        .to_owned();
    let shown = site.get(&link).await.body;
    assert!(
        shown.contains("Read at Wire") && !shown.contains("Millbrook"),
        "{shown}"
    );
    Program::of(&app).ok(&["feed", "edit", &feed.to_string(), "--full-text", "true"]);
    let shown = site.get(&link).await.body;
    assert!(
        shown.contains("Millbrook") && shown.contains(&server.feed("one")),
        "{shown}"
    );
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn an_entry_without_text_gets_a_summary_and_a_longer_entry_replaces_the_page(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    let server = FeedServer::start_with(|headers, before| match path(headers) {
        "/feed" if before < 2 => plain(teasers(&["one"]).replace(TEASER, "")),
        "/feed" => plain(teasers(&["one"]).replace(TEASER, &"The feed has it all, and more than before. ".repeat(40))),
        _ => html(page_with("Millbrook")),
    })
    .await;
    let feed = add_feed(&app, &daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    let article = app.only_article().await;
    assert!(article.summary.starts_with("The council met"), "{}", article.summary);
    assert_eq!(article.language.as_deref(), Some("en"));
    fetch(&app, feed).await;
    let article = app.only_article().await;
    assert!(
        article.content_html.starts_with("The feed has it all"),
        "{}",
        article.content_html
    );
    assert_eq!(article.page_state, PageState::Unused);
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn pages_that_cannot_be_used_leave_the_text_of_the_feed_and_are_reported(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    for (mark, reason, is_tried_again) in [
        ("missing", "404 Not Found", false),
        ("gone", "gone for good", false),
        ("pdf", "not a web page", false),
        ("large", "more than 5242880 bytes", false),
        ("wide", "KiB of text and markup", false),
        ("deep", "nests elements too deeply", false),
        ("private", "10.0.0.1 is", false),
        ("elsewhere", "a server elsewhere led there", false),
        ("bare", "no text of an article", false),
        ("short", "no more text than the feed", false),
        ("silent", "no complete answer within", true),
        ("cut", "broke off", true),
        ("busy", "503", true),
    ] {
        let server = FeedServer::start_with(move |headers, _| match path(headers) {
            "/feed" => plain(teasers(&[mark, "fine"])),
            "/fine" => html(page_with("Millbrook")),
            "/missing" => (404, vec![], String::new()).into(),
            "/gone" => (410, vec![], String::new()).into(),
            "/pdf" => (200, vec![("content-type", "application/pdf".into())], "%PDF-1.7".into()).into(),
            "/large" => html("<p>words ".repeat(30 * 1024 * 1024 / 9)),
            "/wide" => html(format!("<p>{SENTENCE}").repeat(20_000)),
            "/deep" => html(format!("{}{}", "<div>".repeat(100_000), page_with("Millbrook"))),
            "/private" => (302, vec![("location", "http://10.0.0.1/".into())], String::new()).into(),
            "/elsewhere" => (302, vec![("location", "http://127.0.0.1:9/".into())], String::new()).into(),
            "/bare" => html("<title>Item</title><script>var a;</script>"),
            "/short" => html("<p>The council voted.</p>"),
            "/silent" => (0, vec![], String::new()).into(),
            "/cut" => Reply {
                breaks_off: true,
                ..html(page_with("Millbrook"))
            },
            _ => (503, vec![], String::new()).into(),
        })
        .await;
        let feed = add_feed(&app, &daily, &server.feed("feed")).await;
        assert_eq!(app.fetch().await, 1);
        let title = format!("Item {mark}");
        let article = app.article_titled(&title).await;
        assert_eq!(*article.content_html, *TEASER, "{mark}");
        let read = app.feed(feed).await;
        assert_eq!(read.last_error, None, "{mark}: the feed itself is in order");
        let error = read.page_error.unwrap_or_default();
        assert!(
            error.contains(reason) && error.contains(&article.public_id),
            "{mark}: {error}"
        );
        let expected = if is_tried_again {
            PageState::Due
        } else {
            PageState::Failed
        };
        assert_eq!(article.page_state, expected, "{mark}");
        // After a failure that concerns the whole server, it gets no further request until the next fetch.
        let fine = app
            .waiting(&daily)
            .await
            .into_iter()
            .filter(|other| other.title == "Item fine")
            .count();
        assert!(fine > 0, "{mark}: the other entry arrived");
        if !is_tried_again {
            assert_eq!(count(&server, "/fine"), 1, "{mark}");
            fetch(&app, feed).await;
            assert_eq!(count(&server, &format!("/{mark}")), 1, "{mark}");
        }
        app.execute("DELETE FROM newsletter_feeds").await;
        // The next server has entries of these guids and other addresses.
        app.execute("UPDATE articles SET title = 'Old'").await;
    }
    let program = Program::of(&app);
    let listed = program.json(&["feed", "list", "--all"]);
    assert!(
        listed[0]["page_error"].is_string() && listed[0]["page_failed_at"].is_string(),
        "{listed}"
    );
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn a_page_that_fails_for_now_is_tried_again_a_few_times(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    let server = FeedServer::start_with(|headers, before| match path(headers) {
        "/feed" => plain(teasers(&["one", "two"])),
        "/one" if before > 3 => html(page_with("Millbrook")),
        _ => (503, vec![], String::new()).into(),
    })
    .await;
    let feed = add_feed(&app, &daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    for _ in 0..8 {
        fetch(&app, feed).await;
    }
    let states = async |title: &'static str| app.article_titled(title).await.page_state;
    assert_eq!(
        (states("Item one").await, states("Item two").await),
        (PageState::Used, PageState::Failed)
    );
    assert_eq!(count(&server, "/two"), 5);
    let before = server.requests().len();
    fetch(&app, feed).await;
    assert_eq!(server.requests().len(), before + 1, "only the feed is fetched");
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn a_page_without_an_end_delays_no_other_entry(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("the socket is bound");
    let server = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // The fetcher closes the connection.
            tokio::spawn(async move { drip(socket).await.ok() });
        }
    });
    let feed = add_feed(&app, &daily, &format!("http://{address}/feed")).await;
    let fetched = tokio::join!(app.fetch(), async {
        crate::support::eventually("the entries are stored before their pages", async || {
            app.waiting(&daily).await.len() == 2
        })
        .await;
    });
    assert_eq!(fetched.0, 1);
    let read = app.feed(feed).await;
    assert!(
        read.page_error
            .is_some_and(|error| error.contains("no complete answer")),
        "the time limit ends it"
    );
    server.abort();
    app.teardown().finish().await;
}

/// Sends a feed, or a page of which a byte comes now and then.
async fn drip(mut socket: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    if head.starts_with(b"GET /feed ") {
        let feed = teasers(&["one", "two"]);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{feed}", feed.len());
        return socket.write_all(answer.as_bytes()).await;
    }
    socket
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        .await?;
    loop {
        socket.write_all(b"<p>more").await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[apply(on_both_databases)]
async fn a_page_in_another_charset_is_decoded(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    let sentence = "Совет города принял бюджет, отложил ремонт моста, и выбрал нового председателя. ";
    // Each letter of Windows-1251 is the letter of Unicode less 0x350, and "ё" is not among them.
    let bytes: Vec<u8> = sentence
        .repeat(12)
        .chars()
        .map(|c| {
            u8::try_from(if c.is_ascii() {
                u32::from(c)
            } else {
                u32::from(c) - 0x350
            })
            .expect("a letter")
        })
        .collect();
    let server = FeedServer::start_with(move |headers, _| match path(headers) {
        "/feed" => plain(teasers(&["one"])),
        _ => html(
            [
                &b"<html><head><meta charset=\"windows-1251\"></head><body><article><p>"[..],
                &bytes,
                b"</p></article></body></html>",
            ]
            .concat(),
        ),
    })
    .await;
    add_feed(&app, &daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    let text = app.only_article().await.content_html;
    assert!(text.contains(sentence.trim()), "{text}");
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn a_fetch_is_followed_by_a_limited_number_of_pages(engine: Engine) {
    let app = TestApp::with(engine, |config| {
        config.feeds.host_pause = Duration::from_millis(1);
        config.feeds.max_pages_per_fetch = 2;
    })
    .await;
    let daily = app.daily().await;
    let server = FeedServer::start_with(|headers, _| match path(headers) {
        "/feed" => plain(teasers(&["a", "b", "c", "d", "e"])),
        _ => html(page_with("Millbrook")),
    })
    .await;
    let feed = add_feed(&app, &daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    assert_eq!(app.waiting(&daily).await.len(), 5, "all entries arrived");
    for pages in [2, 4, 5, 5] {
        let asked = server
            .requests()
            .iter()
            .filter(|headers| path(headers) != "/feed")
            .count();
        assert_eq!(asked, pages);
        fetch(&app, feed).await;
    }
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn what_was_changed_by_hand_or_came_before_gets_no_page(engine: Engine) {
    let app = quick(engine).await;
    let daily = app.daily().await;
    let server = FeedServer::start_with(|headers, before| match path(headers) {
        "/feed" if before == 0 => plain(teasers(&["old"])),
        "/feed" => plain(teasers(&["old", "new", "edited"])),
        "/new" | "/edited" if before < 5 => (503, vec![], String::new()).into(),
        _ => html(page_with("Millbrook")),
    })
    .await;
    let feed = app.add_feed(&daily, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1);
    app.execute("UPDATE feeds SET text_from = 'page'").await;
    // The server has a problem, so both pages stay due.
    fetch(&app, feed).await;
    app.execute("UPDATE articles SET edited_at = arrived_at WHERE title = 'Item edited'")
        .await;
    let asked = count(&server, "/edited");
    fetch(&app, feed).await;
    fetch(&app, feed).await;
    assert_eq!(app.article_titled("Item new").await.page_state, PageState::Used);
    assert_eq!((count(&server, "/old"), count(&server, "/edited")), (0, asked));
    assert_eq!(*app.article_titled("Item old").await.content_html, *TEASER);
    // Without the setting, pages that are due stay so.
    app.execute("UPDATE feeds SET text_from = 'feed'").await;
    app.execute("UPDATE articles SET page_state = 'due' WHERE title = 'Item old'")
        .await;
    fetch(&app, feed).await;
    assert_eq!(count(&server, "/old"), 0);
    app.teardown().finish().await;
}

fn socket(server: &FeedServer) -> SocketAddr {
    let address = Url::parse(&server.feed("")).expect("an address");
    address.socket_addrs(|| None).expect("an address")[0]
}

#[apply(on_both_databases)]
async fn pages_are_fetched_through_the_proxy_and_the_login_stays_with_the_feeds_server(engine: Engine) {
    let own = FeedServer::start_with(|headers, _| match path(headers) {
        "/feed" => plain(linked(&[
            ("one", "http://8.8.8.8/one".to_owned()),
            ("two", "http://8.8.4.4/two".to_owned()),
            ("three", "http://10.0.0.1/three".to_owned()),
        ])),
        _ => html(page_with("Millbrook")),
    })
    .await;
    let other = FeedServer::start_with(|_, _| html(page_with("Eastgate"))).await;
    let (to_own, to_other) = (socket(&own), socket(&other));
    let proxy = FeedProxy::start(move |target| {
        Way::To(if target.starts_with("8.8.8.8:") {
            to_own
        } else {
            to_other
        })
    })
    .await;
    let app = TestApp::with(engine, |config| {
        config.feeds.host_pause = Duration::from_millis(1);
        config.feeds.proxy = Proxy::parse(&format!("http://{}", proxy.address));
    })
    .await;
    let daily = app.daily().await;
    let feed = add_feed(&app, &daily, "http://8.8.8.8/feed").await;
    let program = Program::of(&app);
    let password = program.file("password.txt", "open sesame\n");
    program.ok(&[
        "feed",
        "edit",
        &feed.to_string(),
        "--login",
        "ada",
        "--password-file",
        &password,
    ]);
    // The clock of the command is ahead of this one.
    app.execute("UPDATE feeds SET next_fetch_at = created_at").await;
    assert_eq!(app.fetch().await, 1);
    let states = async |title: &'static str| app.article_titled(title).await.page_state;
    assert_eq!(
        [
            states("Item one").await,
            states("Item two").await,
            states("Item three").await
        ],
        [PageState::Used, PageState::Used, PageState::Failed]
    );
    assert!(
        own.requests()
            .iter()
            .all(|headers| headers.contains_key("authorization"))
    );
    assert_eq!(other.requests().len(), 1);
    assert!(!other.requests()[0].contains_key("authorization"));
    assert!(
        !proxy.asked().iter().any(|asked| asked.contains("10.0.0.1")),
        "{:?}",
        proxy.asked()
    );
    // Both servers are free for other fetches after their pause.
    app.advance(TimeDelta::seconds(1));
    app.execute("UPDATE feeds SET next_fetch_at = created_at").await;
    assert_eq!(app.fetch().await, 1);
    assert_eq!(count(&other, "/two"), 1);
    app.teardown().finish().await;
}

#[apply(on_both_databases)]
async fn an_operator_sets_where_the_texts_come_from(mut app: TestApp) {
    app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], teasers(&["one"]))).await;
    let program = Program::of(&app).with("DAYWIRE_FEEDS__ALLOW", "127.0.0.1");
    let url = server.feed("feed");
    let added = program.json(&["feed", "add", &url, "--newsletter", "daily", "--text-from", "page"]);
    assert_eq!(added["text_from"], json!("page"));
    let id = added["id"].as_str().expect("the feed has an id").to_owned();
    let text_from = async || {
        let mut tx = app.app.store.read().await.expect("the database answers");
        tx.feeds().await.expect("the feeds are listed")[0].text_from
    };
    assert_eq!(text_from().await, TextFrom::Page);
    let again = program.json(&["feed", "add", &url, "--newsletter", "daily"]);
    assert_eq!(again["text_from"], json!("page"), "it stays as it is");
    let edited = program.ok(&["feed", "edit", &id, "--text-from", "feed"]);
    assert!(edited.contains("texts of new articles are those of"), "{edited}");
    assert_eq!(text_from().await, TextFrom::Feed);
    let refused = program.run(&["feed", "edit", &id, "--text-from", "web"]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.err.contains("“web” is none of feed, page"), "{refused:?}");
    let edited = program.ok(&["feed", "edit", &id, "--text-from", "page"]);
    assert!(edited.contains("taken from the article's page"), "{edited}");
    let list = program.ok(&["feed", "export"]);
    assert!(
        list.contains("daywire:textFrom=\"page\"") && list.contains("xmlns:daywire"),
        "{list}"
    );
    app.execute("UPDATE feeds SET text_from = 'feed'").await;
    program.ok(&[
        "feed",
        "import",
        &program.file("list.opml", list),
        "--newsletter",
        "daily",
    ]);
    assert_eq!(text_from().await, TextFrom::Page);

    let api = Api::of(&mut app).await;
    let one = format!("/api/v1/feeds/{id}");
    let shown = api.get(&one).await;
    assert_eq!(
        (&shown["text_from"], &shown["page_error"]),
        (&json!("page"), &json!(null))
    );
    let changed = api.ask(Method::PATCH, &one, &json!({ "text_from": "feed" }), 200).await;
    assert_eq!(changed["text_from"], json!("feed"));
    let wrong = api
        .json(
            Method::PATCH,
            &one,
            &[("if-match", "*")],
            &json!({ "text_from": "web" }),
            422,
        )
        .await;
    assert_eq!(fields(&document(&wrong)), ["text_from"]);
    app.execute("DELETE FROM newsletter_feeds").await;
    let new = json!({ "url": server.feed("other"), "newsletter": "daily", "text_from": "page" });
    let added = document(&api.json(Method::POST, "/api/v1/feeds", &[], &new, 201).await);
    assert_eq!(added["text_from"], json!("page"));
    let entries = app
        .audit_log()
        .await
        .iter()
        .filter(|entry| entry.action.to_string() == "feed.changed")
        .count();
    assert_eq!(entries, 3, "two commands and one request");
}

#[apply(on_both_databases)]
async fn the_console_sets_where_the_texts_come_from_and_shows_what_failed(mut app: TestApp) {
    app.daily().await;
    let server = FeedServer::start(|headers, _| match path(headers) {
        "/feed" => (200, vec![], teasers(&["one"])),
        _ => (404, vec![], String::new()),
    })
    .await;
    app.operator_with_password("ada", Role::Editor).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let url = server.feed("feed");
    let form = [("url", url.as_str()), ("newsletter", "daily"), ("text_from", "page")];
    let added = ada.post("/admin/feeds/add", &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = added
        .header("location")
        .expect("an address")
        .split('?')
        .next()
        .expect("a path")
        .to_owned();
    app.fetch().await;
    let shown = ada.get(&page).await.body;
    assert!(shown.contains("the text is taken from the article’s page"), "{shown}");
    assert!(
        shown.contains("A page was not used") && shown.contains("404 Not Found"),
        "{shown}"
    );
    let done = ada.post(&format!("{page}/text"), &[("text_from", "feed")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let shown = ada.get(&page).await.body;
    assert!(
        shown.contains("The text of an article is what the feed has of it"),
        "{shown}"
    );
    assert!(
        shown.contains("shows an excerpt of each article"),
        "the other choice stays: {shown}"
    );
}
