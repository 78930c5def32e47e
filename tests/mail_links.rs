//! The links in mails: opening one changes nothing, and a confirmation link is a secret that works once.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::domain::states::{IssueState, SubscriptionState};
use daywire::feeds::parse::Entry;
use mail_parser::HeaderValue;
use reqwest::{Method, StatusCode};

use crate::support::articles::origin;
use crate::support::dump::{assert_nothing_changed, difference};
use crate::support::mock_relay::{links, parse};
use crate::support::site::Site;
use crate::support::{TestApp, entry, eventually};

/// The last part of a link.
fn token(link: &str) -> &str {
    link.rsplit('/').next().expect("the link ends with a token")
}

/// The links to the site in the header, the text and the HTML of a mail.
fn own_links(message: &[u8]) -> Vec<String> {
    let mail = parse(message);
    let mut found = links(&mail.body_text(0).expect("the mail has a text part"));
    found.extend(links(&mail.body_html(0).expect("the mail has an HTML part")));
    if let Some(HeaderValue::Address(leave)) = mail.header("List-Unsubscribe") {
        found.extend(leave.iter().filter_map(|place| place.address()).map(str::to_owned));
    }
    found.retain(|link| link.starts_with("https://news.example"));
    found.sort();
    found.dedup();
    found
}

/// Octets in the notation of the dump.
fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut out, octet| {
        let _ = write!(out, "{octet:02x}");
        out
    })
}

/// Opens a link ten times by each safe method, as link scanners do.
async fn open(site: &Site, link: &str) {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for _ in 0..10 {
            let answer = site.send(site.request(method.clone(), link)).await;
            let expected = if method == Method::OPTIONS { 405 } else { 200 };
            assert_eq!(answer.status, expected, "{method} {link}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {link}");
        }
    }
}

#[apply(on_both_databases)]
async fn opening_every_link_of_every_mail_changes_no_row(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let own = Entry {
        url: None,
        ..entry("own")
    };
    app.store(&origin("Our Desk", &[&daily]), &[own]).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    app.serve().await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.until(issue, IssueState::Sent).await;
    app.sign_up("ada@reader.example").await;
    app.stop_serving().await;

    let mails = app.relay.received();
    assert_eq!(mails.len(), 2, "an issue and a confirmation");
    let mut opened: Vec<String> = mails.iter().flat_map(|mail| own_links(&mail.bytes)).collect();
    opened.dedup();
    for kind in ["/confirm/", "/unsubscribe/", "/articles/"] {
        assert!(
            opened.iter().any(|link| link.contains(kind)),
            "a link to {kind} in {opened:?}"
        );
    }
    let site = app.serve_site().await;
    let before = app.dump().await;
    for link in &opened {
        open(&site, link).await;
    }
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn a_confirmation_token_is_nowhere_in_the_database(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    app.site().get(&link).await;
    app.site().post(&link, &[]).await;
    app.stop_serving().await;

    let secret = token(&link).as_bytes().to_vec();
    let octets = URL_SAFE_NO_PAD.decode(&secret).expect("the link ends with a token");
    assert!(octets.len() >= 16, "128 bits or more");
    let everything = format!("{:?}", app.dump().await);
    assert!(
        everything.contains("ada@reader.example"),
        "the search finds stored values"
    );
    assert!(!everything.contains(token(&link)));
    for needle in [&secret, &octets] {
        assert!(!everything.contains(&hexadecimal(needle)));
    }
    for file in std::fs::read_dir(app.folder())
        .expect("the folder can be listed")
        .flatten()
    {
        let bytes = std::fs::read(file.path()).expect("the file is readable");
        for needle in [&secret, &octets] {
            assert!(
                !bytes.windows(needle.len()).any(|part| part == needle),
                "{}",
                file.path().display()
            );
        }
    }
}

#[apply(on_both_databases)]
async fn the_nonce_of_a_token_is_deleted_after_the_mail_was_sent(mut app: TestApp) {
    app.daily().await;
    app.serve_site().await;
    app.site().post("/subscribe", &[("email", "ada@reader.example")]).await;
    let (nonce, key) = nonce(&app).await;
    let nonce = nonce.expect("the mail waits");
    assert_eq!(nonce.len(), 32);
    let made = app
        .app
        .keys
        .confirmation_token(key, &nonce)
        .expect("the link ends with a token");
    app.stop_serving().await;
    app.serve().await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert_eq!(token(&link), made);
    eventually("the nonce is deleted", || async { self::nonce(&app).await.0.is_none() }).await;
}

#[apply(on_both_databases)]
async fn a_confirmation_link_works_once_and_then_shows_the_same_page(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    let first = app.site().post(&link, &[]).await;
    let after = app.dump().await;
    let second = app.site().post(&link, &[]).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(second.body, first.body);
    assert!(second.body.contains("You’re subscribed."));
    assert!(
        app.site().get(&link).await.body.contains("You’re subscribed."),
        "the page has no button"
    );
    assert_nothing_changed(&app, &after).await;
}

#[apply(on_both_databases)]
async fn a_confirmation_link_does_not_bring_back_an_unsubscribed_reader(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    app.site().post(&link, &[]).await;
    let leave = app.unsubscribe_path("ada@reader.example").await;
    app.site().post(&leave, &[]).await;
    let again = app.site().post(&link, &[]).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(
        again.body.contains("already been used") && again.body.contains("has ended since"),
        "{}",
        again.body
    );
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn a_confirmation_link_expires(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    app.advance(TimeDelta::hours(48));
    for answer in [app.site().get(&link).await, app.site().post(&link, &[]).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(answer.body.contains("has expired"), "{}", answer.body);
        assert!(
            answer.body.contains("href=\"/subscribe\""),
            "the page links to the sign-up form"
        );
    }
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Pending)
    );
}

#[apply(on_both_databases)]
async fn a_confirmation_link_is_bound_to_its_address_and_newsletter(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    app.sign_up("eve@reader.example").await;
    app.site()
        .post(
            "/subscribe",
            &[("email", "ada@reader.example"), ("newsletter", "weekly")],
        )
        .await;
    let page = app
        .site()
        .post(&link, &[("email", "eve@reader.example"), ("newsletter", "weekly")])
        .await;
    assert!(page.body.contains("Daily Broadcast") && !page.body.contains("Weekly Log"));
    let states: Vec<_> = app
        .subscriptions("ada@reader.example")
        .await
        .into_iter()
        .map(|s| s.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Confirmed, SubscriptionState::Pending]);
    assert_eq!(
        app.subscription_state("eve@reader.example").await,
        Some(SubscriptionState::Pending)
    );
}

#[apply(on_both_databases)]
async fn a_confirmation_page_names_only_the_newsletters_that_its_link_confirms(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    app.serve().await;
    let both = [
        ("email", "ada@reader.example"),
        ("newsletter", "daily"),
        ("newsletter", "weekly"),
    ];
    app.site().post("/subscribe", &both).await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    let leave_daily = app.unsubscribe_path("ada@reader.example").await;
    app.site().post(&leave_daily, &[]).await;
    for page in [app.site().get(&link).await, app.site().post(&link, &[]).await] {
        assert!(
            page.body.contains("Weekly Log") && !page.body.contains("Daily Broadcast"),
            "{}",
            page.body
        );
    }
}

#[apply(on_both_databases)]
async fn a_forged_confirmation_link_is_not_found(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    let cut = &link[..link.len() - 1];
    for forged in [
        cut,
        &format!("{link}A"),
        "/confirm/x",
        "/confirm/%3Cscript%3E",
        "/confirm/a%2Fb",
    ] {
        for answer in [app.site().get(forged).await, app.site().post(forged, &[]).await] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{forged}");
            assert!(answer.body.contains("This link doesn’t work.") && !answer.body.contains("<script"));
        }
    }
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Pending)
    );
}

#[apply(on_both_databases)]
async fn links_use_the_address_in_the_settings_and_not_the_requests_host(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    let form = format!("email=ada%40reader.example&form={}", site.form_token().await);
    let request = site
        .request(Method::POST, "/subscribe")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = site.send(request).await;
    assert_eq!(answer.header("location"), Some("/subscribe/sent"));
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert!(link.starts_with("https://news.example/confirm/"), "{link}");
    let mail = String::from_utf8_lossy(&app.relay.received()[0].bytes).into_owned();
    assert!(!mail.contains("evil.example"));
    let page = site
        .send(site.request(Method::GET, &link).header("host", "evil.example"))
        .await;
    assert!(page.body.contains("action=\"/confirm/") && !page.body.contains("evil.example"));
}

/// The nonce of the only confirmation's token, and the number of its signing key.
async fn nonce(app: &TestApp) -> (Option<Vec<u8>>, i64) {
    const SQL: &str = "SELECT token_nonce, signing_key_id FROM transactional_mails";
    match &app.app.store {
        daywire::store::Store::Sqlite { read, .. } => sqlx::query_as(SQL).fetch_one(read).await,
        daywire::store::Store::Postgres(cluster) => sqlx::query_as(SQL).fetch_one(&cluster.pool()).await,
    }
    .expect("one confirmation is queued")
}
