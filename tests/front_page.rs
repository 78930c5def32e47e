//! Articles on the site: the order of the front page, full texts and excerpts, and the site's Atom feed.

use std::time::Duration;

use chrono::TimeDelta;
use daywire::config::BackCatalogue;
use daywire::domain::ids::FeedId;
use daywire::feeds::parse::Entry;
use daywire::ingest::retraction::retract;
use daywire::store::newsletters::Newsletter;
use daywire::text::html::sanitise;
use serde_json::json;

use crate::support::articles::origin;
use crate::support::feed_server::FeedServer;
use crate::support::program::Program;
use crate::support::{TestApp, entry};

/// Headlines without a common word.
const HEADLINES: [&str; 6] = [
    "City council postpones vote on bicycle lanes",
    "Brewery recalls lager after glass was found",
    "Observatory spots comet beyond Neptune",
    "Ferry strike ends with a wage deal",
    "Museum returns bronze statue to Benin",
    "Chess champion resigns in forty moves",
];

fn titled(title: &str) -> Entry {
    let number: u64 = title.bytes().map(u64::from).sum();
    Entry {
        title: title.into(),
        summary: String::new(),
        url: Some(format!("https://wire.example/{number}")),
        ..entry(title)
    }
}

/// Stores an article of another site, without a change of the clock.
async fn arrive(app: &TestApp, newsletter: &Newsletter, source: &str, entry: Entry) {
    app.store(&origin(source, &[newsletter]), &[entry]).await;
}

/// Which of `headlines` a page shows, in the page's order.
fn order<'a>(page: &str, headlines: &[&'a str]) -> Vec<&'a str> {
    let mut found: Vec<_> = headlines
        .iter()
        .filter_map(|title| Some((page.find(title)?, *title)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, title)| title).collect()
}

/// The part of a page without its head, which repeats the beginning of the text for other sites.
fn main_of(page: &str) -> &str {
    page.split_once("<main").expect("the page has a main part").1
}

/// Adds a feed and fetches it.
async fn add_feed(app: &TestApp, newsletter: &Newsletter, server: &FeedServer) -> FeedId {
    let feed = app.add_feed(newsletter, &server.feed("feed")).await;
    assert_eq!(app.fetch().await, 1, "only this feed was due");
    feed
}

/// A feed with one article of two paragraphs, without an author.
fn circuit() -> String {
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>The Circuit</title>\
         <item><title>{}</title><link>https://circuit.example/lanes</link><guid>1</guid><pubDate>Mon, 23 Nov 2026 06:00:00 GMT</pubDate>\
         <description>The vote is off.</description>\
         <content:encoded><![CDATA[<p>The vote is off.</p><p>Cyclists are angry.</p>]]></content:encoded></item></channel></rss>",
        HEADLINES[0]
    )
}

#[apply(on_both_databases)]
async fn the_front_page_is_sorted_by_publication_time(mut app: TestApp) {
    let daily = app.daily().await;
    let now = app.now();
    let dated = |title: &str, hours: i64| Entry {
        published: Some(now - TimeDelta::hours(hours)),
        ..titled(title)
    };
    // Feeds are read one after the other, so the order of arrival differs from that of publication.
    arrive(&app, &daily, "A", dated(HEADLINES[1], 5)).await;
    arrive(&app, &daily, "A", dated(HEADLINES[3], 2)).await;
    arrive(&app, &daily, "B", dated(HEADLINES[0], 8)).await;
    arrive(&app, &daily, "B", dated(HEADLINES[2], 3)).await;
    // Articles dated tomorrow or without a date count as published now; later arrivals are newer than both.
    arrive(&app, &daily, "B", dated(HEADLINES[4], -24)).await;
    app.advance(TimeDelta::minutes(1));
    arrive(
        &app,
        &daily,
        "B",
        Entry {
            published: None,
            ..titled(HEADLINES[5])
        },
    )
    .await;
    let site = app.serve_site().await;
    let page = site.get("/").await.body;
    let expected = [5, 4, 3, 2, 1, 0].map(|at: usize| HEADLINES[at]);
    assert_eq!(order(&page, &HEADLINES), expected);
    assert_eq!(order(&site.get("/feed.xml").await.body, &HEADLINES), expected);
}

#[apply(on_both_databases)]
async fn articles_that_every_newsletter_excludes_are_not_on_the_front_page(mut app: TestApp) {
    let strict = app
        .apply("slug = \"strict\"\nname = \"Strict\"\n[exclude]\nwords = [\"brewery\"]\nsources = [\"Ads\"]")
        .await;
    arrive(&app, &strict, "A", titled(HEADLINES[0])).await;
    arrive(&app, &strict, "A", titled(HEADLINES[1])).await;
    arrive(&app, &strict, "Ads", titled(HEADLINES[2])).await;
    let site = app.serve_site().await;
    assert_eq!(order(&site.get("/").await.body, &HEADLINES), [HEADLINES[0]]);
    assert_eq!(order(&site.get("/feed.xml").await.body, &HEADLINES), [HEADLINES[0]]);
    // Another newsletter admits it.
    let daily = app.daily().await;
    arrive(&app, &daily, "A", titled(HEADLINES[1])).await;
    assert_eq!(order(&site.get("/").await.body, &HEADLINES).len(), 2);
    // A rule holds as soon as it is applied.
    app.apply("slug = \"strict\"\nname = \"Strict\"").await;
    assert_eq!(order(&site.get("/").await.body, &HEADLINES).len(), 3);
}

#[apply(on_both_databases)]
async fn the_back_catalogue_of_a_feed_is_not_on_the_front_page(mut app: TestApp) {
    let day = BackCatalogue::Youngest(Duration::from_hours(24));
    app.restart(|config| config.feeds.back_catalogue = day).await;
    let daily = app.daily().await;
    let old = circuit().replace("23 Nov 2026", "1 Nov 2026");
    let server = FeedServer::start(move |_, _| (200, vec![], old.clone())).await;
    add_feed(&app, &daily, &server).await;
    let page = app.serve_site().await.get("/").await.body;
    assert!(!page.contains(HEADLINES[0]), "{page}");
}

#[apply(on_both_databases)]
async fn reports_of_one_event_are_one_story_led_by_the_newsletters_language(mut app: TestApp) {
    let daily = app.daily().await;
    let german = Entry {
        language: Some("de".into()),
        ..titled("Northbeam-Ausfall: Zertifikat legt Frankfurt und Dublin lahm")
    };
    let english = Entry {
        language: Some("en".into()),
        ..titled("Northbeam outage: certificate takes Frankfurt and Dublin down")
    };
    let too = Entry {
        language: Some("en".into()),
        ..titled("Northbeam outage in Frankfurt and Dublin blamed on certificate")
    };
    arrive(&app, &daily, "Kernel & Metal", too).await;
    app.advance(TimeDelta::minutes(1));
    arrive(&app, &daily, "The Circuit", english.clone()).await;
    app.advance(TimeDelta::minutes(1));
    arrive(&app, &daily, "Netzblatt", german.clone()).await;
    let page = app.serve_site().await.get("/").await.body;
    assert_eq!(page.matches("<article").count(), 1, "{page}");
    assert!(page.contains(&english.title) && !page.contains(&german.title), "{page}");
    let (_, also) = page
        .split_once("Also reported by ")
        .expect("the story names its other reports");
    assert!(
        also.contains(">Netzblatt</a>") && also.contains(">Kernel &#38; Metal</a>"),
        "{also}"
    );
}

#[apply(on_both_databases)]
async fn the_front_page_shows_changes_of_another_process(mut app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &daily, "A", titled(HEADLINES[0])).await;
    let site = app.serve_site().await;
    assert_eq!(order(&site.get("/").await.body, &HEADLINES), [HEADLINES[0]]);
    let other = app.another().await;
    arrive(&other, &daily, "A", titled(HEADLINES[1])).await;
    assert_eq!(order(&site.get("/").await.body, &HEADLINES).len(), 2);
    let taken = other.article_titled(HEADLINES[0]).await;
    retract(&other.app, taken.id, "")
        .await
        .expect("the article is retracted");
    assert_eq!(order(&site.get("/").await.body, &HEADLINES), [HEADLINES[1]]);
    assert_eq!(order(&site.get("/feed.xml").await.body, &HEADLINES), [HEADLINES[1]]);
}

#[apply(on_both_databases)]
async fn an_article_of_another_publisher_is_an_excerpt_unless_its_feed_allows_full_text(mut app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], circuit())).await;
    let feed = add_feed(&app, &daily, &server).await;
    let program = Program::of(&app);
    let id = feed.to_string();
    assert_eq!(program.json(&["feed", "list"])[0]["full_text"], json!(false));
    let site = app.serve_site().await;
    let article = app.article_titled(HEADLINES[0]).await;
    let short = site.get(&format!("/articles/{}", article.public_id)).await;
    let path = short
        .header("location")
        .expect("the short address redirects")
        .to_owned();
    let page = site.get(&path).await.body;
    assert!(
        page.contains("The vote is off.") && !page.contains("Cyclists are angry."),
        "{page}"
    );
    assert!(
        page.contains("<link rel=\"canonical\" href=\"https://circuit.example/lanes\">"),
        "{page}"
    );
    assert!(
        page.contains("<a href=\"https://circuit.example/lanes\">Read at The Circuit</a>"),
        "{page}"
    );
    program.ok(&["feed", "edit", &id, "--full-text", "true"]);
    assert_eq!(program.json(&["feed", "list"])[0]["full_text"], json!(true));
    assert!(program.ok(&["feed", "export"]).contains("daywire:fullText=\"true\""));
    let page = site.get(&path).await.body;
    assert_eq!(
        main_of(&page).matches("The vote is off.").count(),
        1,
        "a paragraph is shown twice: {page}"
    );
    assert!(
        page.contains("Cyclists are angry.") && !page.contains("Read at"),
        "{page}"
    );
    // The canonical address of a full text is still the publisher's.
    assert!(
        page.contains("<link rel=\"canonical\" href=\"https://circuit.example/lanes\">"),
        "{page}"
    );
    let own = "---\ntitle: Our own lanes\nurl: https://circuit.example/ours\n---\nWe counted them.\n";
    let own = program.json(&["article", "add", &program.file("own.md", own), "--newsletter", "daily"]);
    let (own_id, own) = (
        own["id"].as_str().expect("the document has an id").to_owned(),
        own["url"].as_str().expect("the document has the address").to_owned(),
    );
    let ours = site.get(&format!("/articles/{own_id}/our-own-lanes")).await.body;
    assert!(
        ours.contains(&format!("<link rel=\"canonical\" href=\"{own}\">")),
        "{ours}"
    );
    program.ok(&["feed", "edit", &id, "--full-text", "false"]);
    assert!(!site.get(&path).await.body.contains("Cyclists are angry."));
    let unknown = program.run(&[
        "feed",
        "edit",
        "01a21492-0000-7000-8000-000000000000",
        "--full-text",
        "true",
    ]);
    assert!(unknown.reason().contains("there is no feed"), "{}", unknown.reason());
}

#[apply(on_both_databases)]
async fn an_article_without_a_summary_shows_the_beginning_of_its_text(mut app: TestApp) {
    let daily = app.daily().await;
    let text = format!(
        "<p>It began.</p>{}<p>It ended.</p>",
        "<p>It went on for hours and hours.</p>".repeat(50)
    );
    arrive(
        &app,
        &daily,
        "The Circuit",
        Entry {
            content_html: sanitise(&text),
            ..titled(HEADLINES[0])
        },
    )
    .await;
    let site = app.serve_site().await;
    let article = app.article_titled(HEADLINES[0]).await;
    let short = site.get(&format!("/articles/{}", article.public_id)).await;
    let page = site
        .get(short.header("location").expect("the short address redirects"))
        .await
        .body;
    assert!(page.contains("It began.") && !page.contains("It ended."), "{page}");
}

#[apply(on_both_databases)]
async fn a_list_of_feeds_keeps_the_full_text_flag(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let list = "<opml version=\"2.0\" xmlns:daywire=\"https://daywire.example/opml\"><body>\
                <outline text=\"Own\" xmlUrl=\"https://own.example/feed\" daywire:fullText=\"true\"/>\
                <outline text=\"Other\" xmlUrl=\"https://other.example/feed\"/></body></opml>";
    program.ok(&[
        "feed",
        "import",
        &program.file("list.opml", list),
        "--newsletter",
        "daily",
    ]);
    let listed = program.json(&["feed", "list"]);
    let flags: Vec<_> = listed
        .as_array()
        .expect("the value is a list")
        .iter()
        .map(|feed| (&feed["url"], &feed["full_text"]))
        .collect();
    assert_eq!(
        flags,
        [
            (&json!("https://other.example/feed"), &json!(false)),
            (&json!("https://own.example/feed"), &json!(true)),
        ]
    );
    let table = program.ok(&["feed", "list"]);
    assert!(table.contains("full text") && table.contains("excerpt"), "{table}");
}

#[apply(on_both_databases)]
async fn an_entry_of_the_sites_feed_names_its_author_or_its_publisher(mut app: TestApp) {
    let daily = app.daily().await;
    arrive(
        &app,
        &daily,
        "The Circuit",
        Entry {
            authors: Vec::new(),
            ..titled(HEADLINES[0])
        },
    )
    .await;
    arrive(
        &app,
        &daily,
        "The Circuit",
        Entry {
            authors: vec!["Ada".into()],
            ..titled(HEADLINES[1])
        },
    )
    .await;
    let nameless = Entry {
        authors: Vec::new(),
        url: Some("https://www.wire.example/x".into()),
        ..titled(HEADLINES[2])
    };
    arrive(&app, &daily, "", nameless).await;
    let feed = app.serve_site().await.get("/feed.xml").await.body;
    let entries: Vec<_> = feed.split("<entry").skip(1).collect();
    let author = |title: &str| {
        let entry = entries
            .iter()
            .find(|entry| entry.contains(title))
            .expect("the feed has the entry");
        let (_, name) = entry.split_once("<author><name>").expect("the entry has an author");
        name.split('<').next().unwrap_or_default().to_owned()
    };
    assert_eq!(author(HEADLINES[0]), "The Circuit");
    assert_eq!(author(HEADLINES[1]), "Ada");
    assert_eq!(author(HEADLINES[2]), "wire.example");
    assert!(
        feed.contains("<link rel=\"via\" type=\"text/html\" href=\"https://www.wire.example/x\"/>"),
        "{feed}"
    );
}

#[apply(on_both_databases)]
async fn an_editorial_article_is_shown_in_full_with_each_paragraph_once(mut app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    for (name, text, once, language) in [
        (
            "two.md",
            "---\ntitle: Two paragraphs\n---\nShort.\n\nSecond one.\n",
            "Short.",
            "en",
        ),
        ("one.md", "---\ntitle: One paragraph\n---\nAlone.\n", "Alone.", "en"),
        (
            "same.md",
            "---\ntitle: Summary given\nsummary: The beginning.\n---\nThe beginning.\n\nThe end.\n",
            "The beginning.",
            "en",
        ),
        ("list.md", "---\ntitle: A list\n---\n- zebra\n- gnu\n", "zebra", "en"),
    ] {
        let added = program.json(&["article", "add", &program.file(name, text), "--newsletter", "daily"]);
        let site = app.serve_site().await;
        let id = added["id"].as_str().expect("the document has an id").to_owned();
        let path = site
            .get(&format!("/articles/{id}"))
            .await
            .header("location")
            .expect("the document has the address")
            .to_owned();
        let page = site.get(&path).await.body;
        assert_eq!(main_of(&page).matches(once).count(), 1, "{name}: {page}");
        assert!(
            page.contains(&format!("<h1 lang=\"{language}\"")) && !page.contains("lang=\"\""),
            "{name}: {page}"
        );
        assert!(page.contains("<link rel=\"canonical\" href=\"http"), "{name}");
    }
}

#[apply(on_both_databases)]
async fn an_issue_that_groups_articles_changes_the_front_pages_revision(app: TestApp) {
    let daily = app.daily().await;
    for title in HEADLINES {
        arrive(&app, &daily, "wire", titled(title)).await;
    }
    // An issue considers the articles that arrived before it.
    app.advance(TimeDelta::seconds(1));
    let before = app.rows("site_revision").await;
    app.build(&daily).await;
    assert_ne!(app.rows("site_revision").await, before);
}
