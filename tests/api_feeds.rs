//! Programs add and change feeds, and exchange lists of them, by the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, document, fields};
use crate::support::feed_server::{FeedServer, path, rss};

const FEEDS: &str = "/api/v1/feeds";
const OPML: &str = "/api/v1/feeds/opml";

/// A server with two feeds, a page that links one, a page that links both, and nothing else.
async fn server() -> FeedServer {
    FeedServer::start(|headers, _| {
        let page = |links: &[&str]| {
            let links = links
                .iter()
                .map(|link| format!("<link rel=alternate type='application/rss+xml' href='{link}'>"));
            format!("<!doctype html><html><head>{}</head></html>", links.collect::<String>())
        };
        match path(headers) {
            "/feed" | "/other" => (200, vec![], rss(&["one", "two"])),
            "/page" => (200, vec![], page(&["/feed"])),
            "/pages" => (200, vec![], page(&["/feed", "/other"])),
            _ => (404, vec![], String::new()),
        }
    })
    .await
}

#[apply(on_both_databases)]
async fn a_feed_is_added_assigned_fetched_and_removed(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let server = server().await;
    let api = Api::of(&mut app).await;
    let new = json!({ "url": server.feed("page"), "newsletter": "daily" });
    let added = api.json(Method::POST, FEEDS, &[], &new, 201).await;
    let feed = document(&added);
    assert_eq!(
        (&feed["url"], &feed["newsletters"], &feed["full_text"]),
        (&json!(server.feed("feed")), &json!(["daily"]), &json!(false))
    );
    let one = added.header("location").expect("the feed has an address").to_owned();
    assert_eq!(api.get(&one).await, feed);
    let known = json!({ "url": server.feed("feed"), "newsletter": "daily" });
    assert_eq!(api.ask(Method::POST, FEEDS, &known, 200).await["id"], feed["id"]);

    let tag = added.header("etag").expect("the feed has a tag").to_owned();
    let patch = json!({ "newsletters": ["weekly"], "full_text": true });
    let changed = api.json(Method::PATCH, &one, &[("if-match", &tag)], &patch, 200).await;
    let changed = document(&changed);
    assert_eq!(
        (&changed["newsletters"], &changed["full_text"]),
        (&json!(["weekly"]), &json!(true))
    );
    api.json(Method::PATCH, &one, &[("if-match", &tag)], &patch, 412).await;
    let unknown = json!({ "newsletters": ["weekly", "none"] });
    let refused = api.json(Method::PATCH, &one, &[("if-match", "*")], &unknown, 422).await;
    assert_eq!(fields(&document(&refused)), ["newsletters"]);

    api.json(Method::POST, &format!("{one}/fetch"), &[], &Value::Null, 202)
        .await;
    app.fetch().await;
    assert_eq!(
        api.get("/api/v1/articles?newsletter=weekly").await["items"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    api.json(Method::DELETE, &one, &[("if-match", "*")], &Value::Null, 204)
        .await;
    assert_eq!(api.get(&one).await["newsletters"], json!([]));
    let none = format!("{FEEDS}/00000000-0000-7000-8000-000000000000");
    api.json(Method::DELETE, &none, &[("if-match", "*")], &Value::Null, 404)
        .await;
    let mut actions: Vec<_> = app
        .audit_log()
        .await
        .iter()
        .map(|entry| entry.action.to_string())
        .collect();
    actions.retain(|action| action.starts_with("feed."));
    actions.sort();
    assert_eq!(
        actions,
        [
            "feed.added",
            "feed.added",
            "feed.changed",
            "feed.removed",
            "feed.removed",
            "feed.resumed"
        ]
    );
}

#[apply(on_both_databases)]
async fn an_address_that_cannot_be_read_is_added_only_on_request(mut app: TestApp) {
    app.daily().await;
    let server = server().await;
    let api = Api::of(&mut app).await;
    for (new, field) in [
        (json!({ "url": server.feed("nothing"), "newsletter": "daily" }), "url"),
        (json!({ "url": server.feed("pages"), "newsletter": "daily" }), "url"),
        (json!({ "url": "ftp://example.org", "newsletter": "daily" }), "url"),
        (json!({ "url": "http://10.0.0.1/feed", "newsletter": "daily" }), "url"),
        (
            json!({ "url": server.feed("feed"), "newsletter": "none" }),
            "newsletter",
        ),
        (json!({ "url": server.feed("feed") }), "newsletter"),
    ] {
        let refused = api.json(Method::POST, FEEDS, &[], &new, 422).await;
        assert_eq!(fields(&document(&refused)), [field], "{}", refused.body);
    }
    assert_eq!(api.get(FEEDS).await["items"], json!([]));
    let anyway = json!({ "url": server.feed("nothing"), "newsletter": "daily", "anyway": true });
    api.json(Method::POST, FEEDS, &[], &anyway, 201).await;
}

#[apply(on_both_databases)]
async fn lists_of_feeds_are_imported_and_exported(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let api = Api::of(&mut app).await;
    let list = "<opml version=\"2.0\"><body><outline text=\"Wire\" xmlUrl=\"https://wire.example/rss\"/>\
                <outline text=\"Page\" htmlUrl=\"https://page.example/\"/></body></opml>";
    let path = format!("{OPML}?newsletter=daily");
    let import = async |path: &str, kind: &str, body: &str| api.raw(Method::POST, path, kind, body).await;
    let imported = import(&path, "text/x-opml; charset=utf-8", list).await;
    assert_eq!(imported.status, 200, "{}", imported.body);
    let imported = document(&imported);
    assert_eq!((&imported["added"], &imported["known"]), (&json!(1), &json!(0)));
    assert_eq!(imported["refused"][0]["title"], "Page");
    assert_eq!(document(&import(&path, "application/xml", list).await)["known"], 1);
    assert_eq!(import(&path, "text/xml", "<html>").await.status, 422);
    assert_eq!(import(&path, "text/plain", list).await.status, 415);
    assert_eq!(import(OPML, "text/x-opml", list).await.status, 422);
    assert_eq!(
        import(&format!("{OPML}?newsletter=none"), "text/x-opml", list)
            .await
            .status,
        404
    );

    let exported = api.send(Method::GET, OPML, &[], "").await;
    assert_eq!(exported.header("content-type"), Some("text/x-opml"));
    assert!(exported.body.contains("https://wire.example/rss"), "{}", exported.body);
    let again = import(&format!("{OPML}?newsletter=weekly"), "text/x-opml", &exported.body).await;
    assert_eq!(document(&again)["added"], 1);
    let empty = api.send(Method::GET, &format!("{OPML}?newsletter=none"), &[], "").await;
    assert_eq!(empty.status, 404);
}
