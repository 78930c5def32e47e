//! The console's page of webhooks: adding, changing and removing one, its secret, which is shown once, and its log.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::domain::webhook::MessageState;
use daywire::store::webhook_endpoints::WebhookEndpoint;
use reqwest::StatusCode;

use crate::support::operators::Browser;
use crate::support::webhook_receiver::{ReceivedEvent, WebhookReceiver, allow_loopback};
use crate::support::{Engine, TestApp, eventually};

const PATH: &str = "/admin/webhooks";

async fn endpoints(app: &TestApp) -> Vec<WebhookEndpoint> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.webhook_endpoints().await.expect("the webhooks are listed")
}

/// The secret that a page shows.
fn secret(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("whsec_")?;
    rest.split_once('<').map(|(secret, _)| secret)
}

#[apply(on_both_databases)]
async fn an_owner_adds_changes_and_removes_a_webhook(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    app.daily().await;
    let receiver = WebhookReceiver::start().await;
    app.operator_with_password("ada", Role::Owner).await;
    app.serve().await;
    let mut ada = Browser::signed_in(app.site(), "ada").await;
    let empty = ada.get(PATH).await;
    assert!(empty.body.contains("No program gets events yet."), "{}", empty.body);

    for (url, name, problem) in [
        ("https://10.0.0.1/events", "crm", "url-problem"),
        ("http://example.org/events", "crm", "url-problem"),
        (receiver.url(), "no name", "name-problem"),
    ] {
        let refused = ada.post(PATH, &[("url", url), ("name", name)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert!(
            refused.body.contains(problem) && refused.body.contains(url),
            "{}",
            refused.body
        );
    }
    let added = ada
        .post(
            PATH,
            &[("url", receiver.url()), ("name", "crm"), ("event", "issue.sent")],
        )
        .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let first = secret(&added.body).expect("the secret is shown").to_owned();
    let again = ada.post(PATH, &[("url", receiver.url()), ("name", "crm")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.body);
    let endpoint = endpoints(&app).await.remove(0);
    let page = format!("{PATH}/{}", endpoint.id);
    for shown in [ada.get(PATH).await, ada.get(&page).await] {
        assert!(
            shown.body.contains("issue.sent") && !shown.body.contains("whsec_"),
            "{}",
            shown.body
        );
    }

    let changed = [("url", receiver.url()), ("event", "subscription.requested")];
    let changed = ada.post_and_follow(&format!("{page}/change"), &changed).await;
    assert!(changed.body.contains("The webhook was changed."), "{}", changed.body);
    let tested = ada.post(&format!("{page}/test"), &[]).await;
    assert!(
        tested.body.contains("was accepted with the status 204"),
        "{}",
        tested.body
    );
    let rotated = ada.post(&format!("{page}/rotate"), &[]).await;
    let second = secret(&rotated.body).expect("the secret is shown").to_owned();
    assert_ne!(first, second);

    let disabled = ada.post_and_follow(&format!("{page}/disable"), &[]).await;
    assert!(
        disabled.body.contains("disabled since") && disabled.body.contains("disabled by ada"),
        "{}",
        disabled.body
    );
    let enabled = ada.post_and_follow(&format!("{page}/enable"), &[]).await;
    assert!(
        enabled.body.contains("gets events") && !enabled.body.contains("disabled since"),
        "{}",
        enabled.body
    );

    let removed = ada.post_and_follow(&format!("{page}/remove"), &[]).await;
    assert!(removed.body.contains("The webhook was removed."), "{}", removed.body);
    assert_eq!(endpoints(&app).await.len(), 0);
    assert_eq!(ada.get(&page).await.status, StatusCode::NOT_FOUND);

    let log = app.audit_log().await;
    for action in [
        AuditAction::WebhookAdded,
        AuditAction::WebhookChanged,
        AuditAction::WebhookSecretRotated,
        AuditAction::WebhookDisabled,
        AuditAction::WebhookEnabled,
        AuditAction::WebhookRemoved,
    ] {
        let entries: Vec<_> = log.iter().filter(|entry| entry.action == action).collect();
        assert_eq!(entries.len(), 1, "{action}");
        assert_eq!(
            (entries[0].actor.as_str(), entries[0].object_name.as_str()),
            ("ada", "crm")
        );
    }
    let log = format!("{log:?}");
    assert!(
        !log.contains("whsec_") && !log.contains(&first) && !log.contains("/events"),
        "{log}"
    );
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_log_of_a_webhook_shows_what_failed_and_sends_it_again(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        allow_loopback(config);
        // Each message fails with its first attempt.
        config.webhooks.retry_for = std::time::Duration::ZERO;
    })
    .await;
    let teardown = app.teardown();
    app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 410);
    app.operator_with_password("ada", Role::Owner).await;
    app.serve().await;
    let mut ada = Browser::signed_in(app.site(), "ada").await;
    ada.post(PATH, &[("url", receiver.url()), ("event", "subscription.requested")])
        .await;
    let endpoint = endpoints(&app).await.remove(0);
    let page = format!("{PATH}/{}", endpoint.id);
    app.site().sign_up_for("ben@reader.example", "203.0.113.7").await;
    eventually("the message failed and the webhook is disabled", async || {
        endpoints(&app).await[0].disabled_at.is_some()
    })
    .await;
    let shown = ada.get(&page).await;
    assert!(
        shown.body.contains("subscription.requested") && shown.body.contains("410"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("ben@reader.example"), "{}", shown.body);

    receiver.answer(|_| 204);
    ada.post(&format!("{page}/enable"), &[]).await;
    ada.post(&format!("{page}/replay"), &[]).await;
    let messages = async || {
        let mut tx = app.app.store.read().await.expect("the database answers");
        tx.webhook_log(endpoint.id, None, None, 10)
            .await
            .expect("the log is read")
    };
    eventually("the message is delivered", async || {
        messages()
            .await
            .iter()
            .all(|message| message.state == MessageState::Delivered)
    })
    .await;
    let nothing = ada.post_and_follow(&format!("{page}/replay"), &[]).await;
    assert!(nothing.body.contains("Nothing was done"), "{}", nothing.body);
    let event = messages().await.remove(0).event_id;
    let one = ada
        .post_and_follow(&format!("{page}/replay"), &[("event", &event)])
        .await;
    assert!(one.body.contains("It is sent again within a moment."), "{}", one.body);
    eventually("it came twice", || async { receiver.accepted().len() == 2 }).await;
    let ids: Vec<_> = receiver.accepted().iter().map(ReceivedEvent::id).collect();
    assert_eq!(ids, [event.clone(), event]);
    drop(app);
    teardown.finish().await;
}
