//! The consent record of a subscription, and the deletion of requests that nobody confirmed.

use chrono::TimeDelta;
use daywire::domain::consent::ConsentSource;
use daywire::domain::states::SubscriptionState;
use daywire::signup::TOKEN_PLACEHOLDER;
use daywire::worker::Role;
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, eventually, mock_relay};

/// Starts the service behind a trusted proxy.
async fn serve_behind_proxy(app: &mut TestApp) {
    app.restart(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")])
        .await;
    app.daily().await;
    app.serve().await;
}

#[apply(on_both_databases)]
async fn the_record_has_both_times_and_both_network_addresses(mut app: TestApp) {
    serve_behind_proxy(&mut app).await;
    let site = app.site().clone();
    let asked_at = app.now();
    site.sign_up_for("ada@reader.example", "192.0.2.1").await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    app.advance(TimeDelta::minutes(5));
    site.send(
        site.request(Method::POST, &link)
            .header("x-forwarded-for", "2001:db8::7"),
    )
    .await;

    let record = app.consent("ada@reader.example").await;
    let entries: Vec<_> = record
        .iter()
        .map(|entry| {
            (
                entry.event.as_str(),
                entry.at,
                entry.network_address.as_deref(),
                entry.source.clone(),
            )
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("requested", asked_at, Some("192.0.2.1"), ConsentSource::Form),
            (
                "confirmed",
                asked_at + TimeDelta::minutes(5),
                Some("2001:db8::7"),
                ConsentSource::Mail
            ),
        ]
    );
}

#[apply(on_both_databases)]
async fn the_record_has_the_words_that_the_form_showed(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    let words = app.consent("ada@reader.example").await[0]
        .words
        .clone()
        .expect("the words are on record");
    assert!(words.lines().count() >= 4, "{words}");
    for path in ["/", "/subscribe"] {
        let page = site.get(path).await.body.replace("&#39;", "'");
        for line in words.lines() {
            assert!(page.contains(line), "{path} does not show “{line}”");
        }
    }
}

#[apply(on_both_databases)]
async fn the_record_has_the_text_of_the_mail_without_its_token(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    let token = link.rsplit('/').next().expect("the link ends with a token");
    let mail = mock_relay::text(&app.relay.received_for("ada@reader.example")[0].bytes);
    let kept = app.consent("ada@reader.example").await[0]
        .mail_text
        .clone()
        .expect("the text is on record");
    assert!(!kept.contains(token));
    let lines = |text: &str| {
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned()
    };
    assert_eq!(lines(&kept.replace(TOKEN_PLACEHOLDER, token)), lines(&mail));
}

#[apply(on_both_databases)]
async fn a_request_by_the_api_is_recorded_with_that_source(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    site.post_json("/api/v1/subscriptions", &json!({ "email": "ada@reader.example" }))
        .await;
    let record = app.consent("ada@reader.example").await;
    assert_eq!(
        (record[0].event.as_str(), record[0].source.to_string().as_str()),
        ("requested", "api")
    );
    assert_eq!(
        record[0].words, None,
        "the site does not know the words of another program's form"
    );
}

#[apply(on_both_databases)]
async fn unsubscribing_adds_to_the_record_and_removes_nothing(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    site.post(&app.relay.link_for("ada@reader.example", "/confirm/").await, &[])
        .await;
    app.advance(TimeDelta::minutes(1));
    let before = app.consent("ada@reader.example").await.len();
    let link = app.unsubscribe_path("ada@reader.example").await;
    site.post(&link, &[("List-Unsubscribe", "One-Click")]).await;
    let record = app.consent("ada@reader.example").await;
    assert_eq!(record.len(), before + 1);
    let last = record.last().expect("the record has entries");
    assert_eq!(
        (last.event.as_str(), last.source.to_string().as_str()),
        ("unsubscribed", "one-click")
    );
    assert_eq!(last.network_address.as_deref(), Some("127.0.0.1"));
}

#[apply(on_both_databases)]
async fn a_request_that_is_not_confirmed_is_deleted(mut app: TestApp) {
    let daily = app.daily().await;
    app.serve().await;
    app.readers(&daily, 1).await;
    app.site().post("/subscribe", &[("email", "old@reader.example")]).await;
    app.relay.link_for("old@reader.example", "/confirm/").await;
    app.advance(TimeDelta::days(29));
    app.site()
        .post("/subscribe", &[("email", "young@reader.example")])
        .await;
    app.relay.link_for("young@reader.example", "/confirm/").await;
    app.stop_serving().await;

    app.advance(TimeDelta::days(1) + TimeDelta::seconds(1));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the old request is deleted", || async {
        app.subscription_state("old@reader.example").await.is_none()
    })
    .await;
    let everything = format!("{:?}", app.dump().await);
    assert!(
        !everything.contains("old@reader.example"),
        "the address is deleted everywhere"
    );
    assert_eq!(
        app.subscription_state("young@reader.example").await,
        Some(SubscriptionState::Pending)
    );
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
}
