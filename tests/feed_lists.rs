//! Feeds are added by the address of a page or from OPML lists, and removed.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::program::Program;

const OPML: &str = "<?xml version=\"1.0\"?><opml version=\"1.1\"><head><title>Mine</title></head><body>\
    <outline text=\"News &amp; views\"><outline text=\"Caf&amp;eacute;\" type=\"rss\" xmlUrl=\"https://cafe.example/feed?a=1&amp;b=2\"/>\
    <outline text=\"Again\" xmlUrl=\"https://cafe.example/feed?a=1&amp;b=2\"/></outline>\
    <outline text=\"Site only\" htmlUrl=\"https://site.example/\"/>\
    <outline title=\"R & D\" xmlUrl=\"https://rd.example/feed\"/></body></opml>";

fn newsroom(app: &TestApp) -> Program {
    let program = Program::of(app).with("DAYWIRE_FEEDS__ALLOW", "127.0.0.1");
    let daily = program.file("daily.toml", "slug = \"daily\"\nname = \"Daily Broadcast\"");
    program.ok(&["newsletter", "apply", &daily]);
    program
}

/// A site with pages, feeds and redirects.
async fn site() -> FeedServer {
    FeedServer::start(|headers, _| {
        let link = |kind: &str, href: &str| format!("<link rel=alternate type='application/{kind}+xml' href='{href}'>");
        let page =
            |links: &str| format!("<!doctype html><html><head><title>Site</title>{links}</head><body>Hi</body></html>");
        match path(headers) {
            "/" => (
                200,
                vec![],
                page(&[link("rss", "/feed"), link("atom", "atom?x=1"), link("rss", "/feed")].concat()),
            ),
            "/hidden" => (200, vec![], page(&link("rss", "http://10.0.0.1/feed"))),
            "/second" => (
                200,
                vec![],
                page(&[link("rss", "/missing"), link("rss", "/feed")].concat()),
            ),
            "/long" => (
                200,
                vec![],
                page(&["<meta name=a>".repeat(200), link("rss", "/feed")].concat()),
            ),
            "/bare" => (200, vec![], page("")),
            "/moved" => (301, vec![("location", "/feed".into())], String::new()),
            "/feed" | "/atom" => (200, vec![], rss(&["a"])),
            _ => (404, vec![], String::new()),
        }
    })
    .await
}

#[apply(on_both_databases)]
async fn adding_a_page_adds_the_feed_that_it_links(app: TestApp) {
    let program = newsroom(&app);
    let site = site().await;
    let add = |path: &str| program.run(&["feed", "add", &site.feed(path), "--newsletter", "daily", "--json"]);
    let added = add("");
    assert_eq!(added.status, Some(0));
    let document = added.json();
    assert_eq!(
        (&document["url"], &document["title"]),
        (&json!(site.feed("feed")), &json!("Wire"))
    );
    assert_eq!(document["found_on"], json!(site.feed("")));
    assert_eq!(document["others"], json!([site.feed("atom?x=1")]));
    assert!(
        added.err.contains("web page") && added.err.contains("atom?x=1"),
        "{}",
        added.err
    );
    // The first linked feed that can be read, and the address to which a feed has moved.
    for path in ["second", "long", "moved", "feed"] {
        assert_eq!(add(path).json()["url"], json!(site.feed("feed")), "{path}");
    }
    assert_eq!(program.json(&["feed", "list"]).as_array().map(Vec::len), Some(1));
}

#[apply(on_both_databases)]
async fn an_address_without_a_readable_feed_is_added_only_with_anyway(app: TestApp) {
    let program = newsroom(&app);
    let site = site().await;
    let add = |path: &str| program.run(&["feed", "add", &site.feed(path), "--newsletter", "daily"]);
    assert!(add("bare").reason().contains("links no feed"));
    assert!(
        add("hidden").reason().contains("10.0.0.1"),
        "the address rules apply to links of a page"
    );
    assert_eq!(program.json(&["feed", "list"]), json!([]));
    // A port on which no program listens.
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        format!("http://{}/feed", listener.local_addr().expect("an address"))
    };
    let unknown = "https://nowhere.invalid/feed";
    for (url, reason) in [
        (site.feed("missing"), "404"),
        (closed, "refused"),
        (unknown.into(), "cannot be found"),
        (site.feed("bare"), "links no feed"),
    ] {
        let add = ["feed", "add", url.as_str(), "--newsletter", "daily"];
        let refused = program.run(&add);
        assert_eq!(refused.status, Some(1));
        assert!(
            refused.reason().contains(reason) && refused.reason().contains("--anyway"),
            "{}",
            refused.err
        );
        assert_eq!(program.json(&["feed", "list"]), json!([]));
        let id = program.json(&[&add[..], &["--anyway"]].concat())["id"].clone();
        let listed = program.ok(&["feed", "list"]);
        assert!(listed.contains("never read"), "{listed}");
        let id = id.as_str().expect("the document has an id");
        assert_eq!(program.run(&["feed", "fetch"]).status, Some(1));
        let listed = program.ok(&["feed", "list"]);
        assert!(
            listed.contains("failing since") && listed.contains("never read"),
            "{listed}"
        );
        program.ok(&["feed", "resume", id]);
        let listed = program.ok(&["feed", "list"]);
        assert!(
            listed.contains("to be tried again") && listed.contains("never read"),
            "{listed}"
        );
        program.ok(&["feed", "remove", id, "--newsletter", "daily"]);
        assert_eq!(program.json(&["feed", "list"]), json!([]));
    }
}

#[apply(on_both_databases)]
async fn an_imported_list_is_exported_unchanged(app: TestApp) {
    let program = newsroom(&app);
    let file = program.file("mine.opml", OPML);
    let imported = program.json(&["feed", "import", &file, "--newsletter", "daily", "--partial"]);
    assert_eq!((&imported["added"], &imported["known"]), (&json!(2), &json!(1)));
    assert_eq!(imported["refused"][0]["title"], "Site only");
    assert!(
        imported["refused"][0]["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("https://site.example/"))
    );
    let again = program.run(&["feed", "import", &file]);
    assert!(again.out.contains("0 added, 3 known, 1 refused") && again.err.contains("Site only"));
    assert_eq!(again.status, Some(1));
    assert!(
        again.err.contains("1 of 4 feeds was refused and the others were added") && again.err.contains("--partial"),
        "{}",
        again.err
    );
    let listed = program.json(&["feed", "list"]);
    assert_eq!(
        (&listed[0]["title"], &listed[0]["newsletters"]),
        (&json!("Café"), &json!(["daily"]))
    );

    let exported = program.ok(&["feed", "export"]);
    let second = program.file("weekly.toml", "slug = \"weekly\"\nname = \"Weekly\"");
    program.ok(&["newsletter", "apply", &second]);
    let file = program.file("ours.opml", &exported);
    assert!(
        program
            .run(&["feed", "import", &file])
            .reason()
            .contains("--newsletter")
    );
    let taken = program.json(&["feed", "import", &file, "--newsletter", "weekly"]);
    assert_eq!((&taken["added"], &taken["refused"]), (&json!(2), &json!([])));
    let weekly = program.ok(&["feed", "export", "--newsletter", "weekly"]);
    assert_eq!(weekly, exported.replace("Daily Broadcast", "Weekly"));
    let documents = program.json(&["feed", "export"]);
    assert_eq!(documents.as_array().map(Vec::len), Some(4));
    assert!(
        exported.contains("xmlUrl=\"https://cafe.example/feed?a=1&amp;b=2\""),
        "{exported}"
    );
}

#[apply(on_both_databases)]
async fn two_lists_with_the_same_feeds_are_imported_at_once(app: TestApp) {
    let program = newsroom(&app);
    let outline = |n: usize| format!("<outline text=\"{n}\" xmlUrl=\"https://wire{n}.example/feed\"/>");
    let list = |feeds: &[String]| format!("<opml version=\"2.0\"><body>{}</body></opml>", feeds.concat());
    let mut feeds: Vec<_> = (0..600).map(outline).collect();
    let forward = program.file("forward.opml", list(&feeds));
    feeds.reverse();
    let backward = program.file("backward.opml", list(&feeds));
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(|| program.json(&["feed", "import", &forward]));
        let two = program.json(&["feed", "import", &backward]);
        (one.join().expect("the import succeeds"), two)
    });
    let sum = |key: &str| one[key].as_u64().unwrap_or_default() + two[key].as_u64().unwrap_or_default();
    assert_eq!((sum("added"), sum("known")), (600, 600));
}

#[apply(on_both_databases)]
async fn an_invalid_list_is_refused_and_adds_no_feed(app: TestApp) {
    let program = newsroom(&app);
    let bomb = format!("<opml><body>{}", "<outline text='x'>".repeat(60_000));
    let files = [
        program.file("a.opml", "<rss/>"),
        program.file("b.opml", &OPML[..300]),
        program.file("c.opml", bomb),
    ];
    for file in &files {
        let ran = program.run(&["feed", "import", file, "--newsletter", "daily"]);
        assert!(ran.reason().contains(file.as_str()), "{}", ran.err);
    }
    assert_eq!(program.json(&["feed", "list"]), json!([]));
}

#[apply(on_both_databases)]
async fn a_gone_feed_can_be_resumed_and_a_feed_removed_from_one_newsletter(app: TestApp) {
    let program = newsroom(&app);
    let server = FeedServer::start(|_, n| match n {
        1 => (410, vec![], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    let feed = server.feed("feed");
    let id = program.json(&["feed", "add", &feed, "--newsletter", "daily"])["id"].clone();
    let id = id.as_str().expect("the document has an id");
    assert_eq!(program.run(&["feed", "fetch"]).status, Some(1));
    assert!(program.ok(&["feed", "list"]).contains("gone since"));
    assert_eq!(
        program.json(&["feed", "fetch"]),
        json!([]),
        "a feed that is gone is not fetched"
    );
    program.ok(&["feed", "resume", id]);
    let listed = program.json(&["feed", "list"]);
    assert_eq!(
        (&listed[0]["gone"], &listed[0]["failing_since"]),
        (&json!(false), &Value::Null)
    );
    assert!(program.ok(&["feed", "list"]).contains("never read"));
    assert_eq!(program.json(&["feed", "fetch"])[0]["new"], 1);
    assert_eq!(program.json(&["feed", "list"])[0]["last_error"], Value::Null);
    program.ok(&["feed", "remove", id, "--newsletter", "daily"]);
    assert_eq!(program.json(&["feed", "list"]), json!([]));
    assert!(program.ok(&["feed", "list", "--all"]).contains("read by no newsletter"));
    assert!(
        program
            .run(&["feed", "remove", id, "--newsletter", "daily"])
            .reason()
            .contains("does not read")
    );
    assert_eq!(program.json(&["feed", "fetch"]), json!([]));
    assert_eq!(
        program.json(&["article", "list"]).as_array().map(Vec::len),
        Some(1),
        "stored articles stay"
    );
}
