//! Conditional requests for pages: 304 while nothing changed, and a new page after any change.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::ingest::retraction::retract;
use daywire::store::newsletters::Newsletter;
use reqwest::{Method, StatusCode};

use crate::support::routes;
use crate::support::site::{Answer, Site};
use crate::support::{TestApp, entry};

async fn conditional(site: &Site, path: &str, tag: &str) -> Answer {
    let request = site.request(Method::GET, path).header("if-none-match", tag);
    site.send(request).await
}

async fn tag(site: &Site, path: &str) -> String {
    let answer = site.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    let tag = answer.header("etag").expect("the page has a tag");
    assert!(
        tag.starts_with("W/\"") && answer.header("cache-control") == Some("no-cache"),
        "{tag}"
    );
    tag.to_owned()
}

/// A site whose newsletter has sent an issue with one article, and the path of the article.
async fn site_with_an_issue(app: &mut TestApp, newsletter: &Newsletter) -> (Site, String) {
    app.arrive(newsletter, "Wire", &[entry("one")]).await;
    let issue = app.build(newsletter).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let article = app.only_article().await;
    let path = format!("/articles/{}/transmission-one", article.public_id);
    (app.serve_site().await, path)
}

#[apply(on_both_databases)]
async fn a_page_that_the_browser_has_is_not_sent_again(mut app: TestApp) {
    let daily = app.daily().await;
    let (site, own) = site_with_an_issue(&mut app, &daily).await;
    let paths = ["/search?q=one", "/search?q=transmission"];
    let mut tags = Vec::new();
    for path in paths {
        let tag = tag(&site, path).await;
        for sent in [tag.clone(), format!("\"x\", {tag}"), "*".into()] {
            let answer = conditional(&site, path, &sent).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (StatusCode::NOT_MODIFIED, ""),
                "{path}"
            );
            assert_eq!(answer.header("etag"), Some(tag.as_str()), "{path}");
            assert!(
                answer
                    .header("vary")
                    .is_some_and(|vary| vary.contains("Accept-Language")),
                "{path}"
            );
        }
        assert_eq!(
            conditional(&site, path, "W/\"other\"").await.status,
            StatusCode::OK,
            "{path}"
        );
        tags.push(tag);
    }
    let distinct: std::collections::BTreeSet<_> = tags.iter().collect();
    assert_eq!(distinct.len(), paths.len());
    // Another language is another page.
    let german = site
        .request(Method::GET, paths[0])
        .header("accept-language", "de")
        .header("if-none-match", &tags[0]);
    assert_eq!(site.send(german).await.status, StatusCode::OK);
    // A retraction changes every page that may show the article.
    let article = app.only_article().await;
    retract(&app.app, article.id, "")
        .await
        .expect("the article is retracted");
    for (path, tag) in paths.iter().zip(&tags) {
        let answer = conditional(&site, path, tag).await;
        assert_ne!(answer.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    let gone = site.get(&own).await;
    assert_eq!((gone.status, gone.header("etag")), (StatusCode::GONE, None));
}

/// The token of the form of a page.
fn form_token(page: &Answer) -> &str {
    let token = page.body.split_once("name=\"form\" value=\"");
    let token = token.and_then(|(_, rest)| rest.split_once('"'));
    token.expect("the page has a form").0
}

/// Signs up with the form of a page, as a browser does.
async fn sign_up(site: &Site, page: &Answer, email: &str) {
    let token = form_token(page);
    site.post("/subscribe", &[("email", email), ("form", token)]).await;
}

#[apply(on_both_databases)]
async fn only_a_page_that_exists_answers_not_modified(mut app: TestApp) {
    let daily = app.daily().await;
    app.arrive(&daily, "Wire", &[entry("one")]).await;
    let site = app.serve_site().await;
    let mut not_modified = 0;
    let existing = ["daily", "security", "x"];
    let paths: BTreeSet<String> = routes::all()
        .iter()
        .flat_map(|route| existing.map(|value| routes::with_parameters(route, value)))
        .chain(["/nowhere", "/pages/nope", "/?after=x", "/?page=99", "/search?q=%FF"].map(str::to_owned))
        .collect();
    for path in &paths {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
            let plain = site.send(site.request(method.clone(), path)).await.status;
            for known in ["*", "W/\"x\", *", "\"x\""] {
                let request = site.request(method.clone(), path).header("if-none-match", known);
                let answer = site.send(request).await.status;
                let may_be =
                    plain == StatusCode::OK && known.contains('*') && matches!(method, Method::GET | Method::HEAD);
                if answer == StatusCode::NOT_MODIFIED {
                    assert!(may_be, "{method} {path} with {known}: {answer} instead of {plain}");
                    not_modified += 1;
                } else {
                    assert_eq!(answer, plain, "{method} {path} with {known}");
                }
            }
        }
    }
    assert!(not_modified > 20, "{not_modified}");
}

#[apply(on_both_databases)]
async fn every_page_with_a_form_is_sent_once_and_its_form_is_named_by_the_tag(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntopics = [\"Test\"]")
        .await;
    let (site, own) = site_with_an_issue(&mut app, &daily).await;
    let mut tags = Vec::new();
    for path in [
        "/",
        own.as_str(),
        "/topics/test",
        "/archive",
        "/archive/daily",
        "/archive/daily/1",
        "/archive?before=00000000-0000-7000-8000-000000000000",
    ] {
        let first = site.get(path).await;
        let tag = first.header("etag").expect("the page has a tag").to_owned();
        assert!(tag.ends_with(&format!(".{}\"", form_token(&first))), "{path}: {tag}");
        let second = site.get(path).await;
        assert_ne!(form_token(&first), form_token(&second), "{path}");
        assert_eq!(
            first.body.replace(form_token(&first), ""),
            second.body.replace(form_token(&second), ""),
            "{path}"
        );
        let known = conditional(&site, path, &tag).await;
        assert_eq!(
            (known.status, known.body.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{path}"
        );
        assert_eq!(known.header("etag"), Some(tag.as_str()), "{path}");
        assert_eq!(known.header("cache-control"), Some("no-cache"), "{path}");
        let forged = tag.replace(&form_token(&first)[..6], "AAAAAA");
        assert_eq!(conditional(&site, path, &forged).await.status, StatusCode::OK, "{path}");
        let request = site.request(Method::HEAD, path);
        let head = site.send(request).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""), "{path}");
        let length = head.header("content-length").map(str::to_owned);
        assert_eq!(length, Some(first.body.len().to_string()), "{path}");
        assert!(head.header("etag").is_some(), "{path}");
        tags.push((path, tag));
    }
    let article = app.only_article().await;
    retract(&app.app, article.id, "")
        .await
        .expect("the article is retracted");
    for (path, tag) in tags {
        let answer = conditional(&site, path, &tag).await;
        assert_ne!(answer.status, StatusCode::NOT_MODIFIED, "{path}");
    }
}

#[apply(on_both_databases)]
async fn a_form_that_was_used_is_not_shown_again(mut app: TestApp) {
    app.restart(|config| config.signup.form_min_age = std::time::Duration::from_secs(2))
        .await;
    app.daily().await;
    let site = app.serve_site().await;
    let page = site.get("/").await;
    let tag = page.header("etag").expect("the page has a tag").to_owned();
    sign_up(&site, &page, "bot@reader.example").await;
    assert_eq!(app.rows("subscribers").await.len(), 0, "no person is as fast");
    app.advance(TimeDelta::seconds(2));
    assert_eq!(conditional(&site, "/", &tag).await.status, StatusCode::NOT_MODIFIED);
    sign_up(&site, &page, "ada@reader.example").await;
    sign_up(&site, &page, "bot@reader.example").await;
    assert_eq!(app.rows("subscribers").await.len(), 1, "a form can be sent once");

    // A second reader of the household opens the page that the browser has kept. All nodes know.
    let mut other = app.another().await;
    let elsewhere = other.serve_site().await;
    for node in [&site, &elsewhere] {
        let fresh = conditional(node, "/", &tag).await;
        assert_eq!(fresh.status, StatusCode::OK);
        assert_ne!(form_token(&fresh), form_token(&page));
    }
    let fresh = conditional(&site, "/", &tag).await;
    app.advance(TimeDelta::seconds(2));
    sign_up(&site, &fresh, "ben@reader.example").await;
    assert_eq!(app.rows("subscribers").await.len(), 2);
}

#[apply(on_both_databases)]
async fn a_page_whose_form_is_old_is_sent_again(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let page = site.get("/").await;
    let tag = page.header("etag").expect("the page has a tag").to_owned();
    app.advance(TimeDelta::hours(83));
    assert_eq!(conditional(&site, "/", &tag).await.status, StatusCode::NOT_MODIFIED);
    app.advance(TimeDelta::hours(1));
    let fresh = conditional(&site, "/", &tag).await;
    assert_eq!(fresh.status, StatusCode::OK, "half of the seven days have passed");
    sign_up(&site, &fresh, "ada@reader.example").await;
    assert_eq!(app.rows("subscribers").await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_page_in_a_chosen_language_is_for_one_reader(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let chosen = site.get("/?lang=de").await;
    assert_eq!(chosen.header("cache-control"), Some("no-store"));
    assert_eq!(chosen.header("etag"), None);
    sign_up(&site, &chosen, "ada@reader.example").await;
    assert_eq!(app.rows("subscribers").await.len(), 1);
    // An answer without a rule of its own is asked for again.
    for path in ["/nothing", "/robots.txt", "/subscribe/sent"] {
        assert_eq!(site.get(path).await.header("cache-control"), Some("no-cache"), "{path}");
    }
    for path in ["/subscribe", "/preferences/x"] {
        assert_eq!(site.get(path).await.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[apply(on_both_databases)]
async fn a_feed_keeps_its_tag_while_it_is_the_same(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntopics = [\"Test\"]")
        .await;
    app.arrive(&daily, "Wire", &[entry("one")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let site = app.serve_site().await;
    for path in ["/feed.xml", "/topics/test/feed.xml", "/archive/daily/feed.xml"] {
        let first = site.get(path).await;
        let tag = first.header("etag").expect("the feed has a tag").to_owned();
        let known = conditional(&site, path, &tag).await;
        assert_eq!(
            (known.status, known.body.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{path}"
        );
        assert_eq!(known.header("last-modified"), first.header("last-modified"), "{path}");
        assert_eq!(known.header("vary"), None, "{path}");
    }
    // An article that is in no issue changes the first feed and not the last.
    let tags = [
        site.get("/feed.xml").await.header("etag").map(str::to_owned),
        site.get("/archive/daily/feed.xml")
            .await
            .header("etag")
            .map(str::to_owned),
    ];
    app.arrive(&daily, "Wire", &[entry("two")]).await;
    assert_ne!(site.get("/feed.xml").await.header("etag").map(str::to_owned), tags[0]);
    assert_eq!(
        site.get("/archive/daily/feed.xml")
            .await
            .header("etag")
            .map(str::to_owned),
        tags[1]
    );
}

#[apply(on_both_databases)]
async fn the_front_page_has_the_latest_issue_and_the_time_of_the_next(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntimezone = \"Europe/Berlin\"\nskip = [\"sun\"]")
        .await;
    app.arrive(&daily, "Wire", &[entry("one")]).await;
    let site = app.serve_site().await;
    assert!(
        !site.get("/").await.body.contains("Latest issue"),
        "no issue was sent yet"
    );
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let page = site.get("/").await;
    assert!(
        page.body.contains("href=\"/archive/daily/1\"") && page.body.contains("Next issue: "),
        "{}",
        page.body
    );
    assert!(page.body.contains("07:00 CET"), "{}", page.body);
}
