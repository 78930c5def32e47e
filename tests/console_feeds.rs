//! The console's pages of feeds: their health, adding them by address and from a list, and changing them.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use reqwest::StatusCode;

use crate::support::TestApp;
use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::operators::Browser;
use crate::support::site::Answer;

/// A browser in which an operator has signed in.
async fn desk(app: &mut TestApp, name: &str, role: Role) -> Browser {
    app.operator_with_password(name, role).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, name).await
}

/// The path of the address to which an answer redirects.
fn location(answer: &Answer) -> String {
    let location = answer
        .header("location")
        .unwrap_or_else(|| panic!("no redirect: {}", answer.body));
    location.split('?').next().expect("a path").to_owned()
}

/// A server with a feed, a page that links two feeds, and nothing else.
async fn server() -> FeedServer {
    FeedServer::start(|headers, _| match path(headers) {
        "/feed" | "/other" => (200, vec![], rss(&["one", "two"])),
        "/page" => (
            200,
            vec![],
            "<!doctype html><html><head><link rel=alternate type='application/rss+xml' href='/feed' title='&lt;b>Feed&lt;/b>'>\
             <link rel=alternate type='application/rss+xml' href='/other'></head></html>"
                .to_owned(),
        ),
        _ => (404, vec![], String::new()),
    })
    .await
}

#[apply(on_both_databases)]
async fn a_feed_is_added_by_its_address_read_and_removed(mut app: TestApp) {
    let daily = app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let server = server().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let empty = ada.get("/admin/feeds").await;
    assert!(empty.body.contains("No newsletter reads a feed yet"), "{}", empty.body);

    let form = [("url", server.feed("feed")), ("newsletter", "daily".into())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let added = ada.post("/admin/feeds/add", &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = location(&added);
    let again = ada.post("/admin/feeds/add", &form).await;
    assert!(
        again
            .header("location")
            .is_some_and(|to| to.ends_with("done=feed-known")),
        "{again:?}"
    );
    app.fetch().await;
    let shown = ada.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains("2 articles in 7 days"), "{}", shown.body);
    assert_eq!(shown.body.matches("<h1").count(), 1);
    let list = ada.get("/admin/feeds").await;
    assert!(
        list.body.contains(&page) && list.body.contains("2 articles in 7 days"),
        "{}",
        list.body
    );

    for (what, fields) in [
        ("text", vec![("full_text", "true")]),
        ("read", vec![("newsletter", "weekly")]),
        ("fetch", vec![]),
        ("remove", vec![("newsletter", "daily")]),
    ] {
        let answer = ada.post(&format!("{page}/{what}"), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{what}: {}", answer.body);
    }
    assert_eq!(app.waiting(&daily).await.len(), 2, "articles that have arrived stay");
    let shown = ada.get(&page).await;
    assert!(
        shown.body.contains("shows the articles of this feed whole"),
        "{}",
        shown.body
    );
    // Entries of one instant have no order.
    let log = app.audit_log().await;
    let count = |action| log.iter().filter(|entry| entry.action == action).count();
    assert_eq!(count(AuditAction::FeedAdded), 2, "for two newsletters");
    for action in [
        AuditAction::FeedRemoved,
        AuditAction::FeedResumed,
        AuditAction::FeedChanged,
    ] {
        assert_eq!(count(action), 1, "{action}");
    }
}

#[apply(on_both_databases)]
async fn an_address_that_is_no_feed_is_explained_and_what_was_typed_stays(mut app: TestApp) {
    app.daily().await;
    let server = server().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let missing = server.feed("missing");
    for (url, message) in [
        (missing.as_str(), "no feed can be read there now"),
        ("javascript:alert(1)", "https:// or http://"),
        ("", "https:// or http://"),
        ("https://ada:secret@wire.example/", "This address cannot be read"),
    ] {
        let answer = ada
            .post("/admin/feeds/add", &[("url", url), ("newsletter", "daily")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        assert!(answer.body.contains(message), "{url}: {}", answer.body);
        assert!(answer.body.contains("aria-invalid"), "{url}");
    }
    assert_eq!(app.count_rows("feeds").await, 0);
    let page = server.feed("page");
    let found = ada
        .post("/admin/feeds/add", &[("url", page.as_str()), ("newsletter", "daily")])
        .await;
    assert!(found.body.contains("This page links several feeds"), "{}", found.body);
    assert!(!found.body.contains("<b>Feed</b>"), "{}", found.body);
    assert_eq!(app.count_rows("feeds").await, 0, "the operator chooses one");

    let fields = [("url", missing.as_str()), ("newsletter", "daily"), ("do", "anyway")];
    let added = ada.post("/admin/feeds/add", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    app.fetch().await;
    let shown = ada.get(&location(&added)).await;
    assert!(
        shown.body.contains("There is nothing at this address (404)"),
        "{}",
        shown.body
    );
    let list = ada.get("/admin/feeds?state=failing").await;
    assert!(list.body.contains("Open the publisher’s site"), "{}", list.body);
    let none = ada.get("/admin/feeds?state=unused&q=%25_!").await;
    assert!(none.body.contains("No feed matches"), "{}", none.body);
}

#[apply(on_both_databases)]
async fn a_list_is_imported_with_a_report_and_failing_feeds_come_first(mut app: TestApp) {
    app.daily().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let outlines: Vec<_> = (0..60)
        .map(|n| format!("<outline text=\"Wire {n}\" xmlUrl=\"https://wire{n:02}.example/feed\"/>"))
        .collect();
    let mut outlines = outlines.concat();
    outlines.push_str("<outline text=\"Only &lt;site&gt;\" htmlUrl=\"https://site.example/\"/><outline text=\"Bad\" xmlUrl=\"http://10.0.0.1/feed\"/>");
    let opml = format!("<opml version=\"2.0\"><body>{outlines}</body></opml>");
    let fields = [("newsletter", "daily"), ("opml", opml.as_str())];
    let report = ada.post("/admin/feeds/import", &fields).await;
    assert!(report.body.contains("Added: 60. Read before: 0."), "{}", report.body);
    assert!(report.body.contains("has only the page"), "{}", report.body);
    let again = ada.post("/admin/feeds/import", &fields).await;
    assert!(again.body.contains("Added: 0. Read before: 60."), "{}", again.body);
    let broken = ada
        .post(
            "/admin/feeds/import",
            &[("newsletter", "daily"), ("opml", "<opml><body>")],
        )
        .await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        broken.body.contains("This is not OPML") && broken.body.contains("&#60;opml&#62;"),
        "{}",
        broken.body
    );

    app.execute("UPDATE feeds SET last_error = 'the server answered 503 Service Unavailable' WHERE url = 'https://wire59.example/feed'")
        .await;
    let first = ada.get("/admin/feeds").await;
    let failing = first.body.find("wire59.example").expect("the failing feed is listed");
    assert!(failing < first.body.find("wire00.example").expect("the others follow"));
    assert!(first.body.contains("The server has a problem"), "{}", first.body);
    let (before, _) = first.body.split_once("\">More feeds").expect("a second page");
    let (_, next) = before.rsplit_once("href=\"").expect("a link");
    let second = ada.get(&next.replace("&#38;", "&").replace("&amp;", "&")).await;
    assert!(
        second.body.contains("wire58.example") && !second.body.contains("wire10.example"),
        "{}",
        second.body
    );
}
