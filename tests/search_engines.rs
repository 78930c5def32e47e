//! What search engines read: robots.txt, the sitemap, and the operator's own pages in it.

use std::fs;

use chrono::TimeDelta;
use daywire::config;
use daywire::delivery::control;
use reqwest::StatusCode;

use crate::support::articles::origin;
use crate::support::routes;
use crate::support::site::Site;
use crate::support::{Engine, TestApp, entry};

/// The addresses in a sitemap.
async fn addresses(site: &Site, link: &str) -> Vec<String> {
    let answer = site.get(link).await;
    assert_eq!(answer.status, StatusCode::OK, "{link}");
    assert_eq!(answer.header("content-type"), Some("application/xml; charset=utf-8"));
    let addresses = answer
        .body
        .split("<loc>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</loc>"));
    addresses.map(|(address, _)| address.to_owned()).collect()
}

#[apply(on_both_databases)]
async fn no_search_engine_requests_a_path_with_a_token(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let robots = site.get("/robots.txt").await.body;
    let disallowed: Vec<&str> = robots
        .lines()
        .filter_map(|line| line.strip_prefix("Disallow: "))
        .collect();
    let with_token: Vec<String> = routes::all()
        .into_iter()
        .filter(|route| route.contains("token}"))
        .collect();
    assert!(with_token.len() > 10, "{with_token:?}");
    for route in with_token {
        let path = routes::with_parameters(&route, "x");
        let is_disallowed = |path: &str| disallowed.iter().any(|beginning| path.starts_with(beginning));
        assert!(is_disallowed(&path), "{path}: {robots}");
        if path.starts_with("/admin") {
            continue;
        }
        let answer = site.get(&path).await;
        assert_eq!(
            ["x-robots-tag", "cache-control", "referrer-policy"].map(|name| answer.header(name)),
            [Some("noindex"), Some("no-store"), Some("no-referrer")],
            "{path}"
        );
    }
    for listed in addresses(&site, "/sitemap/pages.xml").await {
        let path = listed.trim_start_matches("https://news.example");
        assert!(
            !disallowed.iter().any(|beginning| path.starts_with(beginning)),
            "{path}"
        );
    }
}

#[apply(on_both_databases)]
async fn the_sitemap_lists_own_articles_and_past_issues_by_month(mut app: TestApp) {
    let daily = app.daily().await;
    let hidden = app.apply("slug = \"hidden\"\nname = \"Hidden\"\npublic = false").await;
    let own = |title: &str| daywire::feeds::parse::Entry {
        title: title.into(),
        url: None,
        ..entry(title)
    };
    app.arrive(&daily, "Desk", &[own("November"), entry("elsewhere")]).await;
    app.store(&origin("Desk 2", &[&hidden]), &[own("Secret")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::days(31));
    app.arrive(&daily, "Desk", &[own("December & more")]).await;
    let site = app.serve_site().await;
    let index = addresses(&site, "/sitemap.xml").await;
    let expected = ["pages", "2026-11", "2026-12"].map(|part| format!("https://news.example/sitemap/{part}.xml"));
    assert_eq!(index, expected);
    let november = addresses(&site, &index[1]).await;
    let article = app.article_titled("November").await;
    let expected = [
        format!("https://news.example/articles/{}/november", article.public_id),
        "https://news.example/archive/daily/1".into(),
    ];
    assert_eq!(november, expected);
    assert_eq!(addresses(&site, &index[2]).await.len(), 1);
    for listed in november {
        assert_eq!(site.get(&listed).await.status, StatusCode::OK, "{listed}");
    }
    for listed in addresses(&site, &index[0]).await {
        assert_eq!(site.get(&listed).await.status, StatusCode::OK, "{listed}");
    }
    for odd in [
        "2026-13.xml",
        "2026-10.xml",
        "2027-01.xml",
        "pages",
        "x.xml",
        "+2026-11.xml",
    ] {
        assert_eq!(
            site.get(&format!("/sitemap/{odd}")).await.status,
            StatusCode::NOT_FOUND,
            "{odd}"
        );
    }
    // A retraction removes the address.
    let retracted = daywire::ingest::retraction::retract(&app.app, article.id, "").await;
    retracted.expect("the article is retracted");
    assert_eq!(
        addresses(&site, &index[1]).await,
        ["https://news.example/archive/daily/1"]
    );
}

#[apply(on_both_databases)]
async fn a_site_can_ask_not_to_be_listed(engine: Engine) {
    for listed in [true, false] {
        let mut app = TestApp::with(engine, |config| config.site.search_engines = listed).await;
        let teardown = app.teardown();
        let site = app.serve_site().await;
        let robots = site.get("/robots.txt").await;
        assert_eq!(robots.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(robots.body.contains("Disallow: /\n"), !listed, "{}", robots.body);
        assert_eq!(
            robots.body.contains("Sitemap: https://news.example/sitemap.xml"),
            listed
        );
        assert_eq!(robots.body.contains("Disallow: /preferences/"), listed);
        let front = site.get("/").await.body;
        assert_eq!(front.contains("<meta name=\"robots\" content=\"noindex\">"), !listed);
        drop(app);
        teardown.finish().await;
    }
}

#[apply(on_both_databases)]
async fn the_archive_and_the_search_describe_themselves_and_results_are_not_listed(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.site.name = "Example Wire".into()).await;
    let teardown = app.teardown();
    let site = app.serve_site().await;
    let noindex = "<meta name=\"robots\" content=\"noindex\">";
    for (path, description, is_listed) in [
        ("/archive", "Past issues of the newsletters of Example Wire", true),
        ("/search", "Search the articles and past issues of Example Wire", true),
        (
            "/search?q=cable",
            "Search the articles and past issues of Example Wire",
            false,
        ),
    ] {
        let page = site.get(path).await.body;
        let described = format!("<meta name=\"description\" content=\"{description}\">");
        assert!(page.contains(&described), "{path}: {page}");
        assert_eq!(page.contains(noindex), !is_listed, "{path}: {page}");
    }
    let robots = site.get("/robots.txt").await.body;
    assert!(
        !robots.contains("/search"),
        "the refusal on the page must be readable: {robots}"
    );
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn own_pages_are_linked_from_every_page(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(folder.path().join("texts")).expect("the folder is made");
    for (name, text) in [
        ("2-privacy.md", "# Privacy & you\n\nWe keep **nothing**."),
        ("1-about.md", "# About us\n\n## Who\n\n<img src=x onerror=alert(1)>Ada."),
    ] {
        fs::write(folder.path().join("texts").join(name), text).expect("the file is written");
    }
    let file = folder.path().join("daywire.toml");
    let settings = "[site]\nurl = \"https://news.example\"\npages = \"texts\"\n";
    fs::write(&file, settings).expect("the file is written");
    let no_files: [&str; 0] = [];
    let pages = config::load(Some(&file), [], no_files)
        .expect("the settings are valid")
        .site
        .own_pages;
    let mut app = TestApp::with(engine, |config| config.site.own_pages = pages).await;
    let teardown = app.teardown();
    let site = app.serve_site().await;
    let front = site.get("/").await.body;
    let about = front
        .find("<a href=\"/pages/about\">About us</a>")
        .expect("the page is linked");
    let privacy = front.find("<a href=\"/pages/privacy\">Privacy &#38; you</a>");
    assert!(privacy.is_some_and(|privacy| privacy > about), "{front}");
    let page = site.get("/pages/about").await.body;
    assert!(
        page.contains("<h1>About us</h1>") && page.contains("<h2>Who</h2>"),
        "{page}"
    );
    assert!(
        page.contains("rel=\"canonical\" href=\"https://news.example/pages/about\""),
        "{page}"
    );
    assert!(!page.contains("onerror"), "{page}");
    assert!(
        site.get("/sitemap/pages.xml")
            .await
            .body
            .contains("https://news.example/pages/privacy")
    );
    assert_eq!(site.get("/pages/contact").await.status, StatusCode::NOT_FOUND);
    fs::write(folder.path().join("texts/3-contact.md"), "Contact").expect("the file is written");
    let error = config::load(Some(&file), [], no_files)
        .expect_err("the page has no title")
        .to_string();
    assert!(
        error.starts_with("site.pages in ") && error.contains("3-contact.md"),
        "{error}"
    );
    drop(app);
    teardown.finish().await;
}
