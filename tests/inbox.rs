//! The built-in inbox: without a relay, mail goes by real SMTP to a page of the site.

use daywire::config::InboxAccess;
use daywire::worker::Role;
use reqwest::{Method, StatusCode, Version};

use crate::support::{TestApp, eventually};

/// Opens the program without a relay, and signs an address up. Returns the page of the mail in the inbox.
async fn captured(app: &mut TestApp) -> String {
    app.restart(|config| config.relays[0].url = None).await;
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    eventually("the mail is in the inbox", || async {
        site.get("/inbox").await.body.contains("href=\"/inbox/")
    })
    .await;
    let list = site.get("/inbox").await.body;
    let mut places = list.split('"').filter(|part| part.starts_with("/inbox/"));
    places.next().expect("the inbox lists a mail").to_owned()
}

#[apply(on_both_databases)]
async fn captured_mail_is_listed_and_shown(mut app: TestApp) {
    let page = captured(&mut app).await;
    let site = app.site();
    let list = site.get("/inbox").await;
    assert!(
        list.body.contains("Confirm your subscription to Daily Broadcast"),
        "{}",
        list.body
    );
    assert!(list.body.contains("ada@reader.example"));
    let shown = site.get(&page).await.body;
    assert!(shown.contains("<iframe") && shown.contains("sandbox"), "{shown}");
    assert!(
        shown.contains("https://news.example/confirm/"),
        "the page has the confirmation link"
    );
    let text = site.get(&format!("{page}?show=text")).await.body;
    assert!(text.contains("Someone, probably you"), "{text}");
    let source = site.get(&format!("{page}?show=source")).await.body;
    assert!(source.contains("Auto-Submitted: auto-generated"), "{source}");
    assert!(app.relay.received().is_empty(), "no mail went to the relay");
}

#[apply(on_both_databases)]
async fn a_captured_mail_runs_no_script(mut app: TestApp) {
    let page = captured(&mut app).await;
    let html = app.site().get(&format!("{page}/html")).await;
    assert_eq!(html.status, StatusCode::OK);
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    let policies: Vec<_> = html.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 1, "the response has one policy");
    let policy = html
        .header("content-security-policy")
        .expect("the response has a policy");
    assert!(
        policy.starts_with("sandbox; default-src 'none'") && !policy.contains("script"),
        "{policy}"
    );
}

#[apply(on_both_databases)]
async fn the_inbox_is_not_cached_and_sends_no_referrer(mut app: TestApp) {
    let page = captured(&mut app).await;
    for path in ["/inbox".to_owned(), page.clone(), format!("{page}/html")] {
        let answer = app.site().get(&path).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

#[apply(on_both_databases)]
async fn only_local_clients_and_owners_can_read_the_inbox(mut app: TestApp) {
    app.restart(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")])
        .await;
    let page = captured(&mut app).await;
    app.operator("ada", daywire::domain::role::Role::Owner).await;
    let token = app.token("ada").await;
    app.publisher("desk").await;
    let of_publisher = format!("Bearer {}", app.token("desk").await);
    let site = app.site().clone();
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        let request = headers
            .iter()
            .fold(site.request(Method::GET, path), |request, (name, value)| {
                request.header(*name, *value)
            });
        site.send(request).await
    };
    for path in ["/inbox".to_owned(), page.clone(), format!("{page}/html")] {
        for headers in [
            &[("x-forwarded-for", "203.0.113.9")][..],
            &[("x-forwarded-for", "127.0.0.1, 203.0.113.9")],
            &[("x-forwarded-for", "unknown")],
            &[("forwarded", "for=203.0.113.9")],
            &[("via", "1.1 proxy")],
            &[("x-forwarded-proto", "https")],
            &[("x-forwarded-host", "127.0.0.1")],
            &[("x-real-ip", "203.0.113.9")],
            &[("cf-connecting-ip", "203.0.113.9")],
            &[("true-client-ip", "203.0.113.9")],
            &[("x-forwarded-for", "127.0.0.1"), ("cf-connecting-ip", "203.0.113.9")],
            &[("host", "rebound.example")],
            // A proxy may pass on the Host field with the name of the site.
            &[("host", "news.example")],
            &[
                ("x-forwarded-for", "203.0.113.9"),
                ("authorization", "Bearer daywire_wrong"),
            ],
            // The inbox has the links by which owners choose a password.
            &[("x-forwarded-for", "203.0.113.9"), ("authorization", &of_publisher)],
        ] {
            let refused = ask(&path, headers).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(refused.body.contains("The inbox is not public"), "{}", refused.body);
            assert!(!refused.body.contains("ada@"), "{}", refused.body);
        }
        for headers in [
            &[("x-forwarded-for", "127.0.0.1")][..],
            &[("host", "localhost:8080")],
            &[("host", "[::1]:8080")],
            &[
                ("x-forwarded-for", "203.0.113.9"),
                ("authorization", &format!("Bearer {token}")),
            ],
        ] {
            assert_eq!(ask(&path, headers).await.status, StatusCode::OK, "{path} {headers:?}");
        }
    }
}

#[apply(on_both_databases)]
async fn an_untrusted_proxy_is_not_a_local_client(mut app: TestApp) {
    captured(&mut app).await;
    let request = app
        .site()
        .request(Method::GET, "/inbox")
        .header("x-forwarded-for", "127.0.0.1");
    assert_eq!(app.site().send(request).await.status, StatusCode::FORBIDDEN);
}

#[apply(on_both_databases)]
async fn a_client_of_http_1_0_is_not_a_local_client(mut app: TestApp) {
    captured(&mut app).await;
    for (version, status) in [
        (Version::HTTP_10, StatusCode::FORBIDDEN),
        (Version::HTTP_11, StatusCode::OK),
    ] {
        let request = app.site().request(Method::GET, "/inbox").version(version);
        assert_eq!(app.site().send(request).await.status, status, "{version:?}");
    }
}

#[apply(on_both_databases)]
async fn a_setting_opens_the_inbox_to_everybody(mut app: TestApp) {
    app.restart(|config| config.inbox.access = InboxAccess::Public).await;
    captured(&mut app).await;
    let request = app
        .site()
        .request(Method::GET, "/inbox")
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(app.site().send(request).await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn pages_show_that_mail_is_captured(mut app: TestApp) {
    captured(&mut app).await;
    for path in ["/", "/subscribe/sent"] {
        assert!(app.site().get(path).await.body.contains("href=\"/inbox\""), "{path}");
    }
}

#[apply(on_both_databases)]
async fn with_a_relay_there_is_no_inbox(mut app: TestApp) {
    let page = captured(&mut app).await;
    let relay = app.relay.as_relay();
    app.restart(|config| config.relays[0].url = Some(relay)).await;
    app.serve_roles(&[Role::Web]).await;
    for path in [
        "/inbox".to_owned(),
        page.clone(),
        format!("{page}/html"),
        format!("{page}?show=source"),
    ] {
        assert_eq!(app.site().get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!app.site().get("/").await.body.contains("/inbox"));
}

#[apply(on_both_databases)]
async fn an_unknown_mail_is_not_found(mut app: TestApp) {
    let page = captured(&mut app).await;
    for path in [
        "/inbox/x",
        "/inbox/00000000-0000-0000-0000-000000000000",
        &format!("{page}/pdf"),
    ] {
        assert_eq!(app.site().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let odd = app.site().get(&format!("{page}?show=html&show=text")).await;
    assert!(odd.status.is_client_error(), "a duplicate parameter is a client error");
}

#[apply(on_both_databases)]
async fn the_inbox_keeps_exactly_the_latest_mails(mut app: TestApp) {
    app.restart(|config| {
        config.relays[0].url = None;
        config.inbox.keep = 2;
    })
    .await;
    app.daily().await;
    let site = app.serve().await.clone();
    for name in ["ada", "ben", "cai", "dora"] {
        let address = format!("{name}@reader.example");
        site.post("/subscribe", &[("email", &address)]).await;
    }
    eventually("all mails are captured", || async {
        let mails = app.rows("transactional_mails").await;
        mails.iter().filter(|mail| mail.contains("accepted")).count() == 4
    })
    .await;
    assert_eq!(app.rows("captured_mails").await.len(), 2);
}
