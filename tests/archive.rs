//! The archive: issues as they were sent, marks for later corrections, and the Atom feeds of the site.

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::digest::drafts;
use daywire::digest::render::UNSUBSCRIBE_PLACEHOLDER;
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::feeds::image::Image;
use daywire::feeds::parse::{Entry, parse};
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::retraction::retract;
use daywire::mail::server::{Stage, Verdict};
use daywire::store::articles::Article;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::{Method, StatusCode};

use crate::support::TestApp;
use crate::support::dump::difference;
use crate::support::issues::reply;
use crate::support::mock_relay::{links, parse as parse_mail};
use crate::support::site::{Answer, Site};

/// The part of a page from `start` to before `end`.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let from = page.find(start).expect("the page has the part");
    let length = page[from..].find(end).expect("the part ends");
    &page[from..from + length]
}

#[apply(on_both_databases)]
async fn an_issue_is_archived_as_soon_as_sending_begins(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft_of(&app, &daily, &["one"]).await;
    let site = app.serve_site().await;
    let missing = site.get("/archive/daily/1").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.contains("No such issue") && missing.body.contains("href=\"/archive/daily\""));
    assert!(site.get("/archive").await.body.contains("No issue has been sent yet"));
    control::send(&app.app, issue).await.expect("the issue can be sent");
    for list in ["/archive", "/archive/daily"] {
        let page = get_page(&site, list).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(between(&page, "<ol class=\"issues\">", "</ol>"), @r#"
            <ol class="issues">
            <li><p class="meta"><time datetime="2026-11-23T06:00:01Z">23 Nov 2026 · 06:00 UTC</time></p>
            <div><h3><a href="/archive/daily/1">Daily Broadcast: one reported</a></h3>
            <p class="meta">issue 1</p></div></li>
            "#);
        }
    }
    let page = get_page(&site, "/archive/daily/1").await;
    assert!(page.contains("<title>Daily Broadcast: one reported · Daily Broadcast, issue 1"));
    let article = app.only_article().await.public_id;
    let shown = between(&page, "<div class=\"issue content\">", "<nav class=\"pager\"").replace(&article, "ARTICLE");
    insta::allow_duplicates! {
        insta::assert_snapshot!(shown, @r#"
        <div class="issue content">
        <header>
        <p class="label"><a href="/archive/daily">past issues</a></p>
        <h1>Daily Broadcast, issue 1</h1>
        <p class="meta"><time datetime="2026-11-23T06:00:01Z">Monday 23 November 2026</time></p>
        </header>

        <article class="story">
        <p class="kicker"><span>Test</span></p>
        <h2 lang=""><a href="/articles/ARTICLE/one-reported">one reported</a></h2>
        <p class="lede" lang="">All of one.</p>
        <p class="meta"><span><a href="https://wire.example/one">Test Wire</a></span> </p>
        </article>
        "#);
    }
    for odd in [
        "/archive/daily/2",
        "/archive/daily/01",
        "/archive/daily/+1",
        "/archive/daily/x",
        "/archive/other",
    ] {
        assert_eq!(site.get(odd).await.status, StatusCode::NOT_FOUND, "{odd}");
    }
    assert_eq!(site.get("/archive?before=x").await.status, StatusCode::BAD_REQUEST);
}

#[apply(on_both_databases)]
async fn an_issue_that_reached_nobody_is_not_archived(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let never = draft_of(&app, &daily, &["one"]).await;
    control::send(&app.app, never).await.expect("the issue can be sent");
    control::cancel(&app.app, never).await.expect("the issue is cancelled");
    let halfway = draft_of(&app, &daily, &["two"]).await;
    control::send(&app.app, halfway).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(halfway, IssueState::Sent).await;
    app.stop_serving().await;
    let site = app.serve_site().await;
    assert_eq!(site.get("/archive/daily/1").await.status, StatusCode::NOT_FOUND);
    let page = get_page(&site, "/archive/daily/2").await;
    assert!(!page.contains("rel=\"prev\"") && page.contains("two reported"));
    assert!(!get_page(&site, "/archive").await.contains("/archive/daily/1"));
}

#[apply(on_both_databases)]
async fn an_issue_that_was_cancelled_after_it_reached_readers_is_archived(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.relay.answer(|stage, to, _| match stage {
        Stage::Rcpt if to.recipients.iter().any(|to| to.starts_with("reader1")) => reply(451, "4.2.0 later"),
        _ => Verdict::Continue,
    });
    let issue = draft_of(&app, &daily, &["one"]).await;
    let begun = app.now();
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.tried(issue, begun).await;
    app.stop_serving().await;
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    let site = app.serve_site().await;
    assert!(get_page(&site, "/archive/daily/1").await.contains("one reported"));
}

#[apply(on_both_databases)]
async fn an_archived_issue_keeps_its_text_and_marks_corrections(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily, &["one", "two"]).await;
    let article = app.article_titled("one reported").await;
    let change = ArticleEdit {
        title: Some("Corrected headline".into()),
        summary: Some("New words.".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, article.id, &change, "The <name> was wrong.")
        .await
        .expect("the article is edited");
    let site = app.serve_site().await;
    let page = get_page(&site, "/archive/daily/1").await;
    assert!(
        page.contains("one reported</a>") && page.contains("All of one."),
        "{page}"
    );
    assert!(!page.contains("New words.") && !page.contains("Corrected headline"));
    let since = "<strong>Corrected</strong> <time datetime=\"2026-11-23T06:00:02Z\">23 Nov 2026 · 06:00 UTC</time>\
                 : The &#60;name&#62; was wrong.</li>";
    assert!(page.contains(since), "{page}");
    assert_eq!(
        page.matches("<strong class=\"mark\">corrected</strong>").count(),
        1,
        "only the changed story is marked"
    );
    // The link from the mail leads to the current version of the article.
    let link = format!("/articles/{}/one-reported", article.public_id);
    assert!(page.contains(&format!("href=\"{link}\"")));
    assert_eq!(site.get(&link).await.status, StatusCode::PERMANENT_REDIRECT);
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_struck_out_and_its_text_removed(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily, &["one", "two"]).await;
    let article = app.article_titled("one reported").await;
    let change = ArticleEdit {
        title: Some("A second try".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, article.id, &change, "A first correction.")
        .await
        .expect("the article is edited");
    retract_article(&app, &article, "It never happened.").await;
    let site = app.serve_site().await;
    let page = get_page(&site, "/archive/daily/1").await;
    let line = format!(
        "<s><a href=\"/articles/{}/one-reported\">one reported</a></s>",
        article.public_id
    );
    assert!(
        page.contains(&line) && page.contains("<strong class=\"mark\">retracted</strong>"),
        "{page}"
    );
    assert!(page.contains("</time>: It never happened.</li>"));
    assert!(!page.contains("All of one.") && !page.contains("A first correction."));
    assert!(page.contains("Test Wire (retracted)"), "a retracted report has no link");
    assert!(page.contains("All of two."), "other stories stay");
}

#[apply(on_both_databases)]
async fn a_story_of_several_reports_names_them_all_and_which_was_corrected(mut app: TestApp) {
    let daily = app.daily().await;
    let story = |mark: &str| Entry {
        title: "Harbour bridge closes after storm damage in Lisbon".into(),
        summary: "The harbour bridge in Lisbon is closed after the storm damaged two of its cables.".into(),
        ..entry(mark)
    };
    for name in ["First Wire", "Second Wire"] {
        app.arrive(&daily, name, &[story(name)]).await;
    }
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::seconds(1));
    let second = app.newest_article().await;
    retract_article(&app, &second, "").await;
    let site = app.serve_site().await;
    let page = get_page(&site, "/archive/daily/1").await;
    assert_eq!(page.matches("class=\"story").count(), 1, "one story");
    assert!(
        page.contains("First Wire</a>") && page.contains("Second Wire (retracted)"),
        "{page}"
    );
    assert!(page.contains(&format!("</time> <span class=\"id\">{}</span></li>", second.public_id)));
    assert!(
        page.contains("storm damaged two of its cables") && !page.contains("<s>"),
        "the leading report stays"
    );
}

#[apply(on_both_databases)]
async fn the_picture_of_a_retracted_report_is_removed(mut app: TestApp) {
    app.restart(|config| config.digest.images = true).await;
    let daily = app.daily().await;
    let story = |mark: &str| Entry {
        title: "Harbour bridge closes after storm damage in Lisbon".into(),
        summary: "The harbour bridge in Lisbon is closed after the storm damaged two of its cables.".into(),
        ..entry(mark)
    };
    let picture = Image::new("https://wire.example/bridge.jpg", None).map(|image| Image {
        width: Some(640),
        height: Some(360),
        ..image
    });
    app.arrive(&daily, "First Wire", &[story("first")]).await;
    app.arrive(
        &daily,
        "Second Wire",
        &[Entry {
            image: picture,
            ..story("second")
        }],
    )
    .await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::seconds(1));
    let site = app.serve_site().await;
    assert!(
        get_page(&site, "/archive/daily/1")
            .await
            .contains("https://wire.example/bridge.jpg")
    );
    let second = app.newest_article().await;
    retract_article(&app, &second, "").await;
    for path in ["/archive/daily/1", "/archive/daily/feed.xml"] {
        let page = get_page(&site, path).await;
        assert!(
            page.contains("storm damaged two of its cables"),
            "the leading report stays: {page}"
        );
        assert!(!page.contains("bridge.jpg"), "{path}: {page}");
    }
}

#[apply(on_both_databases)]
async fn malformed_archive_addresses_are_not_found(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily, &["one"]).await;
    let site = app.serve_site().await;
    for path in [
        "%00",
        "%00/1",
        "daily%00/1",
        "%00/feed.xml",
        "daily/%00",
        "daily/-1",
        "daily/0",
        "daily/1e9",
        "daily/01",
        "daily/99999999999999999999",
        "daily/%D9%A1",
        "DAILY/1",
        "%2e%2e/1",
    ] {
        let answer = site.get(&format!("/archive/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[apply(on_both_databases)]
async fn headings_are_in_the_order_of_the_mail(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily Broadcast\"\ntop_stories = 1\nintro = \"Good morning.\"")
        .await;
    let of = |mark: &str, topic: Option<&str>| Entry {
        category: topic.map(str::to_owned),
        ..entry(mark)
    };
    let entries = [
        of("falcon", Some("Science")),
        of("budget", Some("Politics")),
        of("comet", Some("science")),
        of("meadow", None),
    ];
    app.arrive(&daily, "Test Wire", &entries).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let html = app.issue(issue).await.html;
    let site = app.serve_site().await;
    let page = get_page(&site, "/archive/daily/1").await;
    assert!(page.contains("Good morning."));
    let marks = [
        "falcon reported",
        "budget reported",
        "comet reported",
        "meadow reported",
        ">Politics</h2>",
        ">Science</h2>",
        ">Other news</h2>",
        ">science</h2>",
    ];
    let order = |text: &str| {
        let mut found: Vec<_> = marks
            .iter()
            .filter_map(|mark| text.find(mark).map(|at| (at, *mark)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, mark)| mark).collect::<Vec<_>>()
    };
    let mail = html.split_once("</h1>").expect("the page has a heading").1;
    let page = page.split_once("</h1>").expect("the page has a heading").1;
    assert!(order(mail).len() >= 6, "{mail}");
    assert_eq!(order(page), order(mail));
    assert_eq!(page.matches("<h3").count(), 3);
}

#[apply(on_both_databases)]
async fn a_newsletter_can_close_its_archive(mut app: TestApp) {
    app.daily().await;
    let closed = app
        .apply("slug = \"closed\"\nname = \"Members Only\"\narchive = false")
        .await;
    app.readers(&closed, 1).await;
    let issue = sent(&app, &closed, &["one"]).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    let mail = String::from_utf8_lossy(&app.relay.received()[0].bytes).into_owned();
    assert!(!mail.contains("/archive") && !mail.contains("List-Archive"), "{mail}");
    let site = app.serve_site().await;
    for path in ["/archive/closed", "/archive/closed/1", "/archive/closed/feed.xml"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.body.replace("closed", "unheard"),
            site.get(&path.replace("closed", "unheard")).await.body
        );
    }
    assert!(!get_page(&site, "/archive").await.contains("Members Only</a>"));
}

#[apply(on_both_databases)]
async fn the_pages_of_a_list_show_every_issue_once(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    for n in 0..33 {
        sent(
            &app,
            if n % 11 == 3 { &weekly } else { &daily },
            &[&format!("number {n}")],
        )
        .await;
    }
    let site = app.serve_site().await;
    for (first, expected) in [("/archive", 33), ("/archive/daily", 30), ("/archive/weekly", 3)] {
        let (mut next, mut seen) = (Some(first.to_owned()), Vec::new());
        while let Some(at) = next {
            let page = get_page(&site, &at).await;
            let part = page.split("<h3><a href=\"").skip(1);
            seen.extend(part.map(|rest| rest.split('"').next().expect("the attribute ends").to_owned()));
            next = page
                .split_once("rel=\"next\" href=\"")
                .map(|(_, rest)| rest.split('"').next().expect("the attribute ends").to_owned());
        }
        assert_eq!(seen.len(), expected, "{first}");
        let mut each = seen.clone();
        each.sort();
        each.dedup();
        assert_eq!(each.len(), expected, "no issue is listed twice");
        let number = |path: &String| path.rsplit('/').next().and_then(|n| n.parse::<i64>().ok());
        let daily: Vec<_> = seen
            .iter()
            .filter(|path| path.contains("daily"))
            .filter_map(number)
            .collect();
        assert!(daily.is_sorted_by(|one, two| one > two), "the latest first: {daily:?}");
    }
    let page = get_page(&site, "/archive/daily/2").await;
    assert!(
        page.contains("rel=\"prev\" href=\"/archive/daily/1\"")
            && page.contains("rel=\"next\" href=\"/archive/daily/3\"")
    );
    assert!(
        get_page(&site, "/archive")
            .await
            .contains("<a href=\"/archive/weekly\">Weekly Log</a>")
    );
}

#[apply(on_both_databases)]
async fn editions_are_not_listed(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.prefer("reader0@reader.example", &["science"], None).await;
    let science = Entry {
        category: Some("Science".into()),
        ..entry("falcon")
    };
    app.arrive(&daily, "Test Wire", &[science, entry("budget")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    crate::support::eventually("the edition is sent", || async { app.relay.received().len() == 1 }).await;
    app.stop_serving().await;
    let site = app.serve_site().await;
    assert_eq!(
        get_page(&site, "/archive")
            .await
            .matches("<h3><a href=\"/archive/")
            .count(),
        1
    );
    let page = get_page(&site, "/archive/daily/1").await;
    assert!(
        page.contains("falcon reported") && page.contains("budget reported"),
        "the page shows the whole issue"
    );
}

#[apply(on_both_databases)]
async fn a_mail_links_to_its_archived_issue_which_compiles_to_the_same_text(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = sent(&app, &daily, &["one"]).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    let mails = app.relay.received();
    let mail = parse_mail(&mails[0].bytes);
    let page = "https://news.example/archive/daily/1";
    for part in [mail.body_text(0), mail.body_html(0)] {
        assert!(
            links(&part.expect("the mail has this part"))
                .iter()
                .any(|link| link == page)
        );
    }
    let headers = String::from_utf8_lossy(&mails[0].bytes).into_owned();
    assert!(
        headers.contains("List-Archive: <https://news.example/archive/daily>"),
        "{headers}"
    );
    let site = app.serve_site().await;
    assert!(get_page(&site, page).await.contains("one reported"));
    // A later change of the newsletter does not change the issue.
    app.apply("slug = \"daily\"\nname = \"Another Name\"\narchive = false")
        .await;
    assert_eq!(
        drafts::differences_from_stored(&app.app, issue)
            .await
            .expect("it compiles"),
        Vec::<String>::new()
    );
}

#[apply(on_both_databases)]
async fn pages_contain_no_reader_data_and_no_hostile_markup(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let hostile = "\"><script>alert('1')</script>";
    let odd = Entry {
        title: format!("{hostile} {UNSUBSCRIBE_PLACEHOLDER}"),
        summary: format!("{hostile} {UNSUBSCRIBE_PLACEHOLDER}"),
        category: Some(hostile.into()),
        url: Some("javascript:alert(1)".into()),
        ..entry("odd")
    };
    app.arrive(&daily, hostile, &[odd]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    let site = app.serve_site().await;
    for path in [
        "/archive",
        "/archive/daily",
        "/archive/daily/1",
        "/archive/daily/feed.xml",
        "/feed.xml",
    ] {
        let page = get_page(&site, path).await;
        for forbidden in ["<script", "/unsubscribe/", "reader0", "href=\"javascript"] {
            assert!(!page.contains(forbidden), "{forbidden} in {path}: {page}");
        }
    }
    let page = get_page(&site, "/archive/daily/1").await;
    let body = page.split_once("<body ").expect("the page has a body").1;
    assert!(!body.contains(UNSUBSCRIBE_PLACEHOLDER), "{body}");
}

#[apply(on_both_databases)]
async fn requests_for_archive_pages_change_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily, &["one"]).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    for path in [
        "/",
        "/archive",
        "/archive/daily",
        "/archive/daily/1",
        "/archive/daily/9",
        "/archive/daily/feed.xml",
        "/feed.xml",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
            let answer = site.send(site.request(method.clone(), path)).await;
            let expected = match method {
                Method::GET | Method::HEAD if path.ends_with("/9") => StatusCode::NOT_FOUND,
                Method::GET | Method::HEAD => StatusCode::OK,
                _ => StatusCode::METHOD_NOT_ALLOWED,
            };
            assert_eq!(answer.status, expected, "{method} {path}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
        }
    }
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn a_newsletters_feed_has_its_issues_and_their_corrections(mut app: TestApp) {
    let daily = app.daily().await;
    let first = sent(&app, &daily, &["one"]).await;
    sent(&app, &daily, &["two"]).await;
    let site = app.serve_site().await;
    let answer = site.get("/archive/daily/feed.xml").await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/atom+xml; charset=utf-8")
    );
    let feed = parse(answer.body.as_bytes(), None).expect("the feed is valid");
    assert_eq!(feed.format.as_str(), "atom");
    assert_eq!(feed.title, "Daily Broadcast");
    let titles: Vec<_> = feed.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Daily Broadcast: two reported", "Daily Broadcast: one reported"]
    );
    assert_eq!(feed.entries[1].id, Some(format!("urn:uuid:{first}")));
    assert_eq!(
        feed.entries[1].url.as_deref(),
        Some("https://news.example/archive/daily/1")
    );
    assert!(feed.entries[1].content_html.contains("All of one."));
    assert!(answer.body.contains(
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://news.example/archive/daily/feed.xml\"/>"
    ));
    assert_eq!(
        updated(&answer),
        ["2026-11-23T06:00:03Z", "2026-11-23T06:00:03Z", "2026-11-23T06:00:01Z"]
    );

    app.advance(TimeDelta::hours(1));
    retract_article(&app, &app.article_titled("one reported").await, "It never happened.").await;
    let after = site.get("/archive/daily/feed.xml").await;
    assert_eq!(
        updated(&after),
        ["2026-11-23T07:00:04Z", "2026-11-23T06:00:03Z", "2026-11-23T07:00:04Z"]
    );
    assert_eq!(ids(&after), ids(&answer), "the entries keep their ids");
    assert!(after.body.contains("It never happened.") && !after.body.contains("All of one."));
    let page = get_page(&site, "/archive/daily/2").await;
    assert!(page.contains("type=\"application/atom+xml\" title=\"Daily Broadcast\" href=\"/archive/daily/feed.xml\""));
}

#[apply(on_both_databases)]
async fn the_sites_feed_has_its_latest_articles(mut app: TestApp) {
    let daily = app.daily().await;
    let site = app.serve_site().await;
    let empty = site.get("/feed.xml").await;
    assert_eq!(
        parse(empty.body.as_bytes(), None)
            .expect("the feed is valid")
            .entries
            .len(),
        0
    );
    app.arrive(
        &daily,
        "Test Wire",
        &[
            Entry {
                title: "Bells & \u{7}whistles".into(),
                ..entry("one")
            },
            entry("two"),
        ],
    )
    .await;
    let answer = site.get("/feed.xml").await;
    let feed = parse(answer.body.as_bytes(), None).expect("the feed is valid");
    assert_eq!(feed.entries.len(), 2);
    assert_eq!(ids(&answer)[0], ids(&empty)[0], "the feed keeps its id");
    let bells = feed
        .entries
        .iter()
        .find(|entry| entry.title.contains("Bells"))
        .expect("the entry is listed");
    assert!(bells.title.contains("Bells &") && !answer.body.contains('\u{7}'));
    assert!(
        bells
            .url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://news.example/articles/TX_"))
    );
    assert_eq!(
        (bells.summary.as_str(), bells.authors.as_slice()),
        ("All of one.", ["Ada".to_owned()].as_slice())
    );
    app.advance(TimeDelta::hours(1));
    let gone = app.article_titled("two reported").await;
    retract_article(&app, &gone, "").await;
    let after = site.get("/feed.xml").await;
    assert_eq!(
        parse(after.body.as_bytes(), None)
            .expect("the feed is valid")
            .entries
            .len(),
        1
    );
    assert_eq!(
        updated(&after)[0],
        "2026-11-23T07:00:01Z",
        "a retraction updates the feed"
    );
    assert!(
        get_page(&site, "/")
            .await
            .contains("<link rel=\"alternate\" type=\"application/atom+xml\"")
    );
    assert!(get_page(&site, "/").await.contains("href=\"/archive\""));
}

#[apply(on_both_databases)]
async fn a_conditional_request_gets_the_feed_only_if_it_changed(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily, &["one"]).await;
    let site = app.serve_site().await;
    for path in ["/feed.xml", "/archive/daily/feed.xml"] {
        let first = site.get(path).await;
        let (tag, date) = (
            first.header("etag").expect("the response has an ETag").to_owned(),
            first
                .header("last-modified")
                .expect("the response has a date")
                .to_owned(),
        );
        let (weak, list) = (format!("W/{tag}"), format!("\"x\", {tag}"));
        for (name, value) in [
            ("if-none-match", &tag),
            ("if-none-match", &weak),
            ("if-none-match", &list),
            ("if-modified-since", &date),
        ] {
            let again = get_with(&site, path, &[(name, value)]).await;
            assert_eq!(
                (again.status, again.body.as_str()),
                (StatusCode::NOT_MODIFIED, ""),
                "{path} {name}: {value}"
            );
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        let other = get_with(&site, path, &[("if-none-match", "\"x\""), ("if-modified-since", &date)]).await;
        assert_eq!(
            other.status,
            StatusCode::OK,
            "If-None-Match takes precedence over If-Modified-Since"
        );
        let old = get_with(&site, path, &[("if-modified-since", "Mon, 23 Nov 2026 05:00:00 GMT")]).await;
        assert_eq!(old.status, StatusCode::OK);
    }
    let before = site.get("/archive/daily/feed.xml").await;
    app.advance(TimeDelta::seconds(5));
    retract_article(&app, &app.article_titled("one reported").await, "").await;
    let date = before
        .header("last-modified")
        .expect("the response has a date")
        .to_owned();
    let tag = before.header("etag").expect("the response has an ETag").to_owned();
    for (name, value) in [("if-none-match", tag.as_str()), ("if-modified-since", date.as_str())] {
        assert_eq!(
            get_with(&site, "/archive/daily/feed.xml", &[(name, value)])
                .await
                .status,
            StatusCode::OK,
            "{name}"
        );
        assert_eq!(
            get_with(&site, "/feed.xml", &[("if-modified-since", date.as_str())])
                .await
                .status,
            StatusCode::OK
        );
    }
}

/// An entry whose text differs from those with another mark.
fn entry(mark: &str) -> Entry {
    Entry {
        title: format!("{mark} reported"),
        summary: format!("All of {mark}."),
        ..crate::support::entry(mark)
    }
}

/// Stores new articles with these marks, and builds a draft of them.
async fn draft_of(app: &TestApp, newsletter: &Newsletter, marks: &[&str]) -> IssueId {
    let entries: Vec<Entry> = marks.iter().map(|mark| entry(mark)).collect();
    app.arrive(newsletter, "Test Wire", &entries).await;
    app.build(newsletter).await
}

/// [`draft_of`], queued for sending.
async fn sent(app: &TestApp, newsletter: &Newsletter, marks: &[&str]) -> IssueId {
    let issue = draft_of(app, newsletter, marks).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::seconds(1));
    issue
}

async fn retract_article(app: &TestApp, article: &Article, note: &str) {
    let made = retract(&app.app, article.id, note)
        .await
        .expect("the article is retracted");
    assert!(made.retracted, "the article was retracted before");
}

/// Gets a page, which must exist.
async fn get_page(site: &Site, path: &str) -> String {
    let answer = site.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

async fn get_with(site: &Site, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = site.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.send(request).await
}

/// The text of each element `name`.
fn each<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}>");
    let parts = answer.body.split(open.as_str()).skip(1);
    parts.filter_map(|rest| rest.split('<').next()).collect()
}

fn updated(answer: &Answer) -> Vec<&str> {
    each(answer, "updated")
}

fn ids(answer: &Answer) -> Vec<&str> {
    each(answer, "id")
}
