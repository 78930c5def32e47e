//! Webhooks by the API: the programs that get events, the log of what was sent to them, and sending it again.

use daywire::domain::audit::{AuditAction, Way};
use daywire::domain::role::{Role, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, document, fields};
use crate::support::webhook_receiver::{ReceivedEvent, WebhookReceiver, allow_loopback};
use crate::support::{Engine, TestApp, eventually};

const WEBHOOKS: &str = "/api/v1/webhooks";
const UNKNOWN: &str = "/api/v1/webhooks/00000000-0000-7000-8000-000000000000";

/// A client with the token of an owner.
async fn owner(app: &mut TestApp) -> Api {
    let site = app.serve_site().await;
    app.operator("ada", Role::Owner).await;
    let token = app.token("ada").await;
    Api { site, token }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn without(document: &Value, field: &str) -> serde_json::Map<String, Value> {
    let mut fields: serde_json::Map<String, Value> = document.as_object().expect("an object").clone();
    fields.remove(field);
    fields
}

#[apply(on_both_databases)]
async fn an_owner_adds_changes_tests_and_removes_a_webhook(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let receiver = WebhookReceiver::start().await;
    let api = owner(&mut app).await;
    let new = json!({ "url": receiver.url(), "name": "crm", "events": ["subscription", "issue.sent"] });
    let key = [("idempotency-key", "crm")];
    let added = api.json(Method::POST, WEBHOOKS, &key, &new, 201).await;
    let repeated = api.json(Method::POST, WEBHOOKS, &key, &new, 201).await;
    assert_eq!(
        (&repeated.body, repeated.header("location"), repeated.header("etag")),
        (&added.body, added.header("location"), added.header("etag"))
    );
    api.ask(Method::POST, WEBHOOKS, &new, 409).await;
    let path = added.header("location").expect("a webhook has a path").to_owned();
    let tag = added.header("etag").expect("a webhook has a tag").to_owned();
    let created = document(&added);
    let secret = text(&created["secret"]);
    assert!(
        secret.starts_with("whsec_") && created["events"].to_string().contains("subscription.confirmed"),
        "{created}"
    );
    let shown = api.get(&path).await;
    assert_eq!(shown, Value::Object(without(&created, "secret")));
    assert_eq!(api.get(WEBHOOKS).await["items"], json!([shown]));
    let rows = format!("{:?}", app.dump().await);
    assert!(!rows.contains(&secret), "the secret is stored encrypted only");
    let unchanged = api.send(Method::GET, &path, &[("if-none-match", &tag)], "").await;
    assert_eq!(unchanged.status, 304);

    let change = json!({ "events": [], "enabled": false });
    let disabled = api
        .json(Method::PATCH, &path, &[("if-match", &tag)], &change, 200)
        .await;
    let now = document(&disabled);
    assert_eq!(
        (&now["events"], &now["disabled_reason"]),
        (&json!([]), &json!("disabled by ada"))
    );
    assert_ne!(now["disabled_at"], Value::Null);
    api.json(Method::PATCH, &path, &[("if-match", &tag)], &change, 412)
        .await;
    api.json(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null, 412)
        .await;
    let enabled = api.ask(Method::PATCH, &path, &json!({ "enabled": true }), 200).await;
    assert_eq!(
        (&enabled["disabled_at"], &enabled["disabled_reason"]),
        (&Value::Null, &Value::Null)
    );

    let test = format!("{path}/test");
    assert_eq!(
        api.ask(Method::POST, &test, &Value::Null, 200).await,
        json!({ "status": 204, "error": null })
    );
    assert!(receiver.requests()[0].is_signed_with(&secret));
    receiver.answer(|_| 500);
    let failed = api.ask(Method::POST, &test, &Value::Null, 200).await;
    assert_eq!(failed, json!({ "status": 500, "error": "it answered 500" }));
    let rotated = api
        .ask(Method::POST, &format!("{path}/secret"), &Value::Null, 200)
        .await;
    assert_ne!(rotated["secret"], json!(secret));
    assert_ne!(rotated["previous_secret_until"], Value::Null);

    let removed = api.send(Method::DELETE, &path, &[("if-match", "*")], "").await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(api.get(WEBHOOKS).await["items"], json!([]));
    let log = app.audit_log().await;
    for action in [
        AuditAction::WebhookAdded,
        AuditAction::WebhookChanged,
        AuditAction::WebhookDisabled,
        AuditAction::WebhookEnabled,
        AuditAction::WebhookSecretRotated,
        AuditAction::WebhookRemoved,
    ] {
        let entries: Vec<_> = log.iter().filter(|entry| entry.action == action).collect();
        assert_eq!(entries.len(), 1, "{action}");
        assert_eq!(
            (entries[0].way, &*entries[0].actor, &*entries[0].object_name),
            (Way::Api, "ada", "crm")
        );
    }
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn what_cannot_be_a_webhook_is_refused(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let api = owner(&mut app).await;
    let valid = "http://127.0.0.1:9/events";
    let wrong = json!({ "url": "no address", "name": "no blanks", "events": ["issue.opened"], "secret": "chosen" });
    let problem = api.ask(Method::POST, WEBHOOKS, &wrong, 422).await;
    let mut named = fields(&problem);
    named.sort_unstable();
    assert_eq!(named, ["events", "name", "secret", "url"], "{problem}");
    for (body, wrong) in [
        (json!({}), "url"),
        (json!({ "url": "https://10.0.0.1/events" }), "url"),
        (json!({ "url": "http://93.184.215.14/events" }), "url"),
        (json!({ "url": "no address" }), "url"),
        (json!({ "url": valid, "name": "no blanks" }), "name"),
        (json!({ "url": valid, "events": ["issue.opened"] }), "events"),
        (json!({ "url": valid, "secret": "chosen" }), "secret"),
    ] {
        let problem = api.ask(Method::POST, WEBHOOKS, &body, 422).await;
        assert_eq!(fields(&problem), [wrong], "{body}: {problem}");
    }
    let added = api.ask(Method::POST, WEBHOOKS, &json!({ "url": valid }), 201).await;
    assert_eq!(added["name"], "127.0.0.1");
    let path = format!("{WEBHOOKS}/{}", text(&added["id"]));
    for (body, wrong) in [
        (json!({ "url": "https://10.0.0.1/events" }), "url"),
        (json!({ "events": ["none"] }), "events"),
        (json!({ "enabled": "yes" }), "enabled"),
        (json!({ "name": "other" }), "name"),
    ] {
        let problem = api.ask(Method::PATCH, &path, &body, 422).await;
        assert_eq!(fields(&problem), [wrong], "{body}: {problem}");
    }
    for (body, wrong) in [
        (json!({}), ""),
        (json!({ "failed": false }), ""),
        (json!({ "since": "yesterday" }), "since"),
    ] {
        let problem = api.ask(Method::POST, &format!("{path}/replay"), &body, 422).await;
        assert_eq!(fields(&problem), [wrong], "{body}: {problem}");
    }
    let problem = api
        .ask(
            Method::GET,
            &format!("{path}/messages?state=lost&after=1"),
            &Value::Null,
            422,
        )
        .await;
    let mut wrong = fields(&problem);
    wrong.sort_unstable();
    assert_eq!(wrong, ["after", "state"]);

    api.ask(Method::GET, UNKNOWN, &Value::Null, 404).await;
    api.ask(Method::PATCH, UNKNOWN, &json!({ "enabled": false }), 404).await;
    api.ask(Method::DELETE, UNKNOWN, &Value::Null, 404).await;
    for action in ["secret", "test"] {
        api.ask(Method::POST, &format!("{UNKNOWN}/{action}"), &Value::Null, 404)
            .await;
    }
    api.ask(Method::GET, &format!("{UNKNOWN}/messages"), &Value::Null, 404)
        .await;
    api.ask(
        Method::POST,
        &format!("{UNKNOWN}/replay"),
        &json!({ "failed": true }),
        404,
    )
    .await;

    app.publisher("cms").await;
    for (name, scopes) in [("ada", Scopes::usual()), ("cms", Scopes::all())] {
        let other = Api {
            site: api.site.clone(),
            token: app.token_with(name, scopes).await,
        };
        for path in [WEBHOOKS.to_owned(), path.clone(), format!("{path}/messages")] {
            let answer = other.send(Method::GET, &path, &[], "").await;
            assert_eq!(answer.status, 403, "{name} {path}: {}", answer.body);
        }
        let change = json!({ "enabled": false });
        other.ask(Method::PATCH, &path, &change, 403).await;
    }
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_log_of_a_webhook_is_read_in_pages_and_replayed(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        allow_loopback(config);
        // Each message fails with its first attempt.
        config.webhooks.retry_for = std::time::Duration::ZERO;
    })
    .await;
    let teardown = app.teardown();
    app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 500);
    app.operator("ada", Role::Owner).await;
    app.serve().await;
    let api = Api {
        site: app.site().clone(),
        token: app.token("ada").await,
    };
    let new = json!({ "url": receiver.url(), "name": "crm", "events": ["subscription.requested"] });
    let webhook = api.ask(Method::POST, WEBHOOKS, &new, 201).await;
    let path = format!("{WEBHOOKS}/{}", text(&webhook["id"]));
    for (reader, network) in [
        ("ben@reader.example", "203.0.113.7"),
        ("cid@reader.example", "198.51.100.7"),
    ] {
        app.site().sign_up_for(reader, network).await;
    }
    let counts = async || api.get(&path).await["messages"].clone();
    eventually("both messages failed", async || {
        counts().await == json!({ "waiting": 0, "delivered": 0, "failed": 2 })
    })
    .await;
    let messages = format!("{path}/messages");
    let first = api.get(&format!("{messages}?state=failed&limit=1")).await;
    let message = &first["items"][0];
    assert_eq!(
        (
            &message["event"],
            &message["state"],
            &message["status"],
            &message["next_attempt"]
        ),
        (
            &json!("subscription.requested"),
            &json!("failed"),
            &json!(500),
            &Value::Null
        )
    );
    let rest = api
        .get(&format!("{messages}?limit=1&after={}", text(&first["next"])))
        .await;
    assert_eq!(rest["next"], Value::Null);
    assert_ne!(rest["items"][0]["id"], message["id"]);
    assert_eq!(api.get(&format!("{messages}?state=waiting")).await["items"], json!([]));
    assert!(!first.to_string().contains("reader.example"), "{first}");

    receiver.answer(|_| 204);
    let replay = format!("{path}/replay");
    let nothing = json!({ "failed": true, "until": "2001-01-01T00:00:00Z" });
    let nothing = api.ask(Method::POST, &replay, &nothing, 202).await;
    assert_eq!(nothing, json!({ "messages": 0 }));
    let failed = json!({ "failed": true });
    let key = [("idempotency-key", "after-the-repair")];
    for _ in 0..2 {
        let replayed = api.json(Method::POST, &replay, &key, &failed, 202).await;
        assert_eq!(document(&replayed), json!({ "messages": 2 }));
    }
    // The endpoint may be in a pause after its failures, which this ends.
    api.ask(Method::PATCH, &path, &json!({ "enabled": true }), 200).await;
    eventually("both are delivered", async || counts().await["delivered"] == 2).await;
    let one = json!({ "id": message["id"] });
    let one = api.ask(Method::POST, &replay, &one, 202).await;
    assert_eq!(one, json!({ "messages": 1 }));
    eventually("one comes again", || async { receiver.accepted().len() == 3 }).await;
    let again = receiver.accepted().iter().map(ReceivedEvent::id).collect::<Vec<_>>();
    assert_eq!(again.iter().filter(|id| message["id"] == **id).count(), 2, "{again:?}");
    let audited = app.audit_log().await.into_iter();
    assert_eq!(
        audited
            .filter(|entry| entry.action == AuditAction::WebhookReplayed)
            .count(),
        2
    );
    drop(app);
    teardown.finish().await;
}
