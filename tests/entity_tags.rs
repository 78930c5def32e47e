//! Conditional requests for pages: 304 while nothing changed, and a new page after any change.

use daywire::delivery::control;
use daywire::ingest::retraction::retract;
use reqwest::{Method, StatusCode};

use crate::support::entry;
use crate::support::site::{Answer, Site};

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

#[apply(on_both_databases)]
async fn a_page_that_the_browser_has_is_not_sent_again(mut app: TestApp) {
    let daily = app.daily().await;
    app.arrive(&daily, "Wire", &[entry("one")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let article = app.only_article().await;
    let site = app.serve_site().await;
    let own = format!("/articles/{}/transmission-one", article.public_id);
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
    assert_eq!(page.header("etag"), None, "the form in it works once");
    assert!(
        page.body.contains("href=\"/archive/daily/1\"") && page.body.contains("Next issue: "),
        "{}",
        page.body
    );
    assert!(page.body.contains("07:00 CET"), "{}", page.body);
}
