//! The site as browsers and programs see it: headers, failures, the front page and the articles.

use daywire::feeds::parse::{Entry, parse};
use daywire::ingest::Origin;
use daywire::ingest::retraction::retract;
use daywire::store::articles::Article;
use daywire::store::newsletters::Newsletter;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::articles::origin;
use crate::support::{TestApp, entry};

const HOSTILE: &str = "\"><script>alert('1')</script>";

/// Stores an article whose full text the site may show.
async fn arrive(app: &TestApp, newsletter: &Newsletter, entry: Entry) -> Article {
    let origin = Origin {
        full_text: true,
        ..origin("Test Wire", &[newsletter])
    };
    app.store(&origin, &[entry]).await;
    app.newest_article().await
}

/// The path of an article's page, with its slug.
async fn path(app: &TestApp, article: &Article) -> String {
    let short = app.site().get(&format!("/articles/{}", article.public_id)).await;
    short.header("location").expect("the response redirects").to_owned()
}

#[apply(on_both_databases)]
async fn every_page_forbids_scripts_and_frames_of_others(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for path in [
        "/",
        "/subscribe",
        "/subscribe/sent",
        "/confirm/x",
        "/nowhere",
        "/assets/site.css",
        "/healthz",
    ] {
        let answer = site.get(path).await;
        let policy = answer
            .header("content-security-policy")
            .expect("the response has a policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains("script-src"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            Some("max-age=31536000"),
            "{path}"
        );
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin"),
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{path}"
        );
        assert!(
            answer
                .header("permissions-policy")
                .is_some_and(|policy| policy.contains("camera=()")),
            "{path}"
        );
        assert_eq!(answer.header("date"), Some("Mon, 23 Nov 2026 06:00:00 GMT"), "{path}");
        assert!(
            !answer.body.contains("<script") && !answer.body.contains(" style="),
            "{path}"
        );
    }
}

#[apply(on_both_databases)]
async fn a_request_names_its_host_once(mut app: TestApp) {
    let site = app.serve_site().await;
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\nHost: news.example\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nHost:\r\n", 200),
        ("GET /healthz HTTP/1.0\r\n", 200),
        ("GET /healthz HTTP/1.1\r\n", 400),
        (
            "GET /healthz HTTP/1.1\r\nHost: news.example\r\nHost: news.example\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: news.example\r\nHost: evil.example\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: two words\r\n", 400),
    ] {
        let answer = site.raw(&format!("{head}Connection: close\r\n\r\n")).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.{} {status} ", u8::from(!head.contains("1.0")))),
            "{head}: {answer}"
        );
    }
}

#[apply(on_both_databases)]
async fn made_up_confirmation_links_write_nothing(mut app: TestApp) {
    let site = app.serve_site().await;
    let writer = app.app.store.write().await.expect("the database answers");
    let answer = site.post("/confirm/made-up", &[]).await;
    assert_eq!(
        answer.status,
        StatusCode::NOT_FOUND,
        "the response does not wait for the writing transaction"
    );
    drop(writer);
}

#[apply(on_both_databases)]
async fn a_page_with_a_token_in_its_address_is_not_cached_and_sends_no_referrer(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    let confirm = app.relay.link_for("ada@reader.example", "/confirm/").await;
    let id = app.subscriptions("reader0@reader.example").await[0].id;
    let leave = format!("/unsubscribe/{}", app.app.keys.unsubscribe_token(id));
    for link in [&confirm, &leave, "/confirm/x", "/unsubscribe/x"] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
            let answer = site.send(site.request(method.clone(), link)).await;
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{method} {link}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{method} {link}");
            assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{method} {link}");
        }
    }
    assert_eq!(
        site.get("/").await.header("referrer-policy"),
        Some("strict-origin-when-cross-origin")
    );
}

#[apply(on_both_databases)]
async fn an_unknown_address_gets_a_404_page_of_the_site(mut app: TestApp) {
    let site = app.serve_site().await;
    for path in [
        "/nowhere",
        "/articles/TX_FFFFFF/x",
        "/articles/rubbish",
        "/assets/x",
        "/inbox/x",
        "/subscribe/x",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        assert!(
            answer.body.contains("No such page") && answer.body.contains(">Daywire<"),
            "{path}"
        );
        assert!(answer.body.contains("href=\"/\""), "{path} says where to go");
    }
}

#[apply(on_both_databases)]
async fn a_method_that_is_not_allowed_gets_405_with_the_allowed_ones(mut app: TestApp) {
    let site = app.serve_site().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/subscribe", "GET,HEAD,POST"),
        (Method::PUT, "/confirm/x", "GET,HEAD,POST"),
        (Method::POST, "/", "GET,HEAD"),
    ] {
        let answer = site.send(site.request(method, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{path}");
        assert!(answer.body.contains("That doesn’t work here"), "{path}");
    }
}

#[apply(on_both_databases)]
async fn api_errors_are_problem_details(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let large = "x".repeat(70_000);
    let api = "/api/v1/subscriptions";
    for (method, path, body, status) in [
        (Method::GET, "/api/v1/nothing", "", 404),
        (Method::GET, api, "", 405),
        (Method::POST, api, large.as_str(), 413),
    ] {
        let answer = site.send(site.request(method, path).body(body.to_owned())).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        let problem: serde_json::Value = serde_json::from_str(&answer.body).expect("the body is JSON");
        assert_eq!(problem["status"], status);
        assert!(
            problem["title"].is_string() && problem["detail"].is_string(),
            "{problem}"
        );
    }
    assert_eq!(site.get(api).await.header("allow"), Some("POST"));
}

#[apply(on_both_databases)]
async fn an_unreadable_request_gets_an_error_page(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump_without_counts().await;
    let post = |kind: &'static str, body: Vec<u8>| {
        site.request(Method::POST, "/subscribe")
            .header("content-type", kind)
            .body(body)
    };
    let form = "application/x-www-form-urlencoded";
    for (request, status) in [
        (post(form, b"email=%FF%FE%40reader.example".to_vec()), 422),
        (post(form, b"email=\xff\xfe@reader.example".to_vec()), 422),
        (post(form, b"email=a%00b%40reader.example".to_vec()), 422),
        (post(form, b"email".to_vec()), 422),
        (post(form, vec![b'&'; 1_000]), 422),
        (post(form, vec![b'a'; 70_000]), 413),
        (post("multipart/form-data; boundary=b", b"--b--".to_vec()), 415),
        (post("application/json", b"{}".to_vec()), 415),
        (site.request(Method::GET, "/confirm/%FF"), 400),
        (site.request(Method::GET, "/articles/%FF/x"), 400),
    ] {
        let answer = site.send(request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.body.contains(">Daywire<"), "{}", answer.body);
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn a_trailing_slash_redirects_within_the_site(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let answer = site.get("/subscribe/?newsletter=daily").await;
    assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.header("location"), Some("/subscribe?newsletter=daily"));
    for path in ["//evil.example/", "///evil.example/", "/%5Cevil.example/", "//"] {
        let answer = site.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::NOT_FOUND, None),
            "{path}"
        );
    }
}

#[apply(on_both_databases)]
async fn head_responds_like_get_without_a_body(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for path in ["/", "/subscribe", "/nowhere", "/assets/site.css", "/healthz"] {
        let (get, head) = (site.get(path).await, site.send(site.request(Method::HEAD, path)).await);
        assert_eq!(get.status, head.status, "{path}");
        assert_eq!(get.header("content-type"), head.header("content-type"), "{path}");
        assert_eq!(
            head.header("content-length"),
            Some(get.body.len().to_string().as_str()),
            "{path}"
        );
        assert!(head.body.is_empty(), "{path}");
    }
}

#[apply(on_both_databases)]
async fn the_front_page_shows_the_latest_articles_escaped(mut app: TestApp) {
    let daily = app.daily().await;
    let hostile = Entry {
        title: HOSTILE.into(),
        summary: HOSTILE.into(),
        category: Some(HOSTILE.into()),
        ..entry("1")
    };
    arrive(&app, &daily, hostile).await;
    app.advance(chrono::TimeDelta::seconds(1));
    arrive(&app, &daily, entry("2")).await;
    let page = app.serve_site().await.get("/").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(!page.body.contains("<script"), "{}", page.body);
    let (newest, oldest) = (page.body.find("Transmission 2"), page.body.find("alert("));
    assert!(newest.is_some() && newest < oldest, "the newest comes first");
}

#[apply(on_both_databases)]
async fn an_article_is_shown_sanitised_with_its_source(mut app: TestApp) {
    let daily = app.daily().await;
    let content = format!(
        "<p onclick=\"x()\">What <b>happened</b>.</p>{HOSTILE}<img src=x onerror=alert(1)>\
         <iframe src=\"//evil\"></iframe><a href=\"javascript:alert(1)\">there</a><style>*{{}}</style>"
    );
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Test Wire",
        "items": [{ "id": "1", "url": "https://wire.example/1", "title": HOSTILE, "content_html": content }],
    });
    let feed = parse(feed.to_string().as_bytes(), None).expect("the feed exists");
    let article = arrive(&app, &daily, feed.entries[0].clone()).await;
    let site = app.serve_site().await;
    let page = site.get(&path(&app, &article).await).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("What <b>happened</b>"), "{}", page.body);
    assert!(
        page.body.contains("href=\"https://wire.example/1\""),
        "the source is linked"
    );
    assert!(page.body.contains(&article.public_id), "its id is shown");
    let body = page.body.replace("<script type=\"application/ld+json\">", "");
    for bad in ["<script", "onclick", "onerror", "javascript:", "<iframe", "<style"] {
        assert!(!body.contains(bad), "{bad}: {body}");
    }
}

#[apply(on_both_databases)]
async fn an_article_is_found_by_its_id_with_any_slug(mut app: TestApp) {
    let daily = app.daily().await;
    let article = arrive(&app, &daily, entry("1")).await;
    let site = app.serve_site().await;
    let full = path(&app, &article).await;
    assert_eq!(full, format!("/articles/{}/transmission-1", article.public_id));
    let old = site.get(&format!("/articles/{}/an-old-title", article.public_id)).await;
    assert_eq!(old.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(old.header("location"), Some(full.as_str()));
    assert_eq!(site.get(&full).await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_gone_and_its_page_says_when_and_why(mut app: TestApp) {
    let daily = app.daily().await;
    let article = arrive(&app, &daily, entry("1")).await;
    let site = app.serve_site().await;
    let full = path(&app, &article).await;
    let made = retract(&app.app, article.id, "It was <never> so.")
        .await
        .expect("the article is retracted");
    assert!(made.retracted);
    for address in [full, format!("/articles/{}", article.public_id)] {
        let page = site.get(&address).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(
            page.body
                .contains(&format!("{} was retracted on 23 Nov 2026", article.public_id)),
            "{}",
            page.body
        );
        assert!(page.body.contains("It was &#60;never&#62; so."), "{}", page.body);
        assert!(!page.body.contains("Transmission 1"));
    }
    assert!(!site.get("/").await.body.contains("Transmission 1"));
}
