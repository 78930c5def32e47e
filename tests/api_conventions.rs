//! What all operations of the API have in common: entity tags, idempotency keys, rate limits, and errors as problem details.

use chrono::TimeDelta;
use daywire::domain::role::{Role, Scope};
use daywire::domain::seen::Seen;
use daywire::operators::{OperatorEdit, edit};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{ARTICLES, Api, document, fields};
use crate::support::operators::actor;
use crate::support::webhook_receiver::allow_loopback;
use crate::support::{Engine, TestApp};

fn article() -> Value {
    json!({ "id": "mast", "title": "Mast struck by lightning", "text": "At dawn." })
}

#[apply(on_both_databases)]
async fn an_outdated_change_overwrites_nothing(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api.json(Method::POST, ARTICLES, &[], &article(), 201).await;
    let path = added.header("location").expect("a new article has a path").to_owned();
    let seen = added.header("etag").expect("the answer has a tag").to_owned();
    let read = api.send(Method::GET, &path, &[], "").await;
    assert_eq!(
        read.header("etag"),
        Some(&*seen),
        "the answer to a change has the tag of what it made"
    );
    let unchanged = api.send(Method::GET, &path, &[("if-none-match", &seen)], "").await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.as_str()), (304, ""));
    assert_eq!(unchanged.header("etag"), Some(&*seen));

    let change = |title: &str| json!({ "title": title });
    api.json(Method::PATCH, &path, &[], &change("No condition"), 428).await;
    let changed = api
        .json(Method::PATCH, &path, &[("if-match", &seen)], &change("Mast hit"), 200)
        .await;
    let tag = changed.header("etag").expect("the answer has a tag").to_owned();
    assert_ne!(tag, seen);
    let refused = api
        .json(Method::PATCH, &path, &[("if-match", &seen)], &change("Lost"), 412)
        .await;
    let detail = document(&refused)["detail"].to_string();
    assert!(detail.contains("Read it again"), "{detail}");
    assert_eq!(api.get(&path).await["title"], "Mast hit");
    let weak = format!("\"other\", W/{tag}");
    api.json(
        Method::PATCH,
        &path,
        &[("if-match", &weak)],
        &change("Mast struck"),
        200,
    )
    .await;
    api.json(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null, 412)
        .await;
    api.json(Method::DELETE, &path, &[("if-match", "*")], &Value::Null, 200)
        .await;
}

#[apply(on_both_databases)]
async fn of_concurrent_changes_of_one_version_only_one_is_made(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api.json(Method::POST, ARTICLES, &[], &article(), 201).await;
    let path = added.header("location").expect("a new article has a path").to_owned();
    let seen = added.header("etag").expect("the answer has a tag").to_owned();
    let change = async |number: usize| {
        let title = json!({ "title": format!("Headline {number}") }).to_string();
        let headers = [("content-type", "application/json"), ("if-match", &*seen)];
        api.send(Method::PATCH, &path, &headers, &title).await
    };
    let answers = futures_util::future::join_all((0..8).map(change)).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[apply(on_both_databases)]
async fn a_version_of_any_object_is_changed_once(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.apply("slug = \"evening\"\nname = \"Evening\"").await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    app.operator("ada", Role::Owner).await;
    let ben = app.operator("ben", Role::Editor).await.id;
    let token = app.token("ada").await;
    let api = Api { site, token };
    let feed = app.add_feed(&daily, "https://feed.example/rss").await;
    let subscription = app.subscriptions("reader0@reader.example").await.remove(0).id;
    let webhook = json!({ "url": "http://127.0.0.1:9/events" });
    let webhook = api.ask(Method::POST, "/api/v1/webhooks", &webhook, 201).await;
    let webhook = webhook["id"].as_str().expect("a webhook has an id");
    for (method, path, change) in [
        (
            Method::PATCH,
            format!("/api/v1/operators/{ben}"),
            json!({ "role": "publisher" }),
        ),
        (
            Method::PATCH,
            format!("/api/v1/feeds/{feed}"),
            json!({ "full_text": true }),
        ),
        (
            Method::PATCH,
            format!("/api/v1/subscriptions/{subscription}"),
            json!({ "cadence": "weekly" }),
        ),
        (
            Method::PATCH,
            format!("/api/v1/webhooks/{webhook}"),
            json!({ "events": ["issue"] }),
        ),
        (
            Method::PATCH,
            "/api/v1/newsletters/evening".into(),
            json!({ "max_stories": 3 }),
        ),
        (Method::DELETE, format!("/api/v1/operators/{ben}"), Value::Null),
        (Method::DELETE, format!("/api/v1/webhooks/{webhook}"), Value::Null),
    ] {
        let seen = api.send(Method::GET, &path, &[], "").await;
        let seen = seen.header("etag").expect("an object has a tag").to_owned();
        let change = async |_| {
            let headers = [("content-type", "application/json"), ("if-match", &*seen)];
            api.send(method.clone(), &path, &headers, &change.to_string()).await
        };
        let answers = futures_util::future::join_all((0..4).map(change)).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        let made = statuses.iter().filter(|status| (200..300).contains(*status));
        assert_eq!(made.count(), 1, "{method} {path}: {answers:?}");
        let refused = statuses.iter().filter(|status| matches!(status, 404 | 412));
        assert_eq!(refused.count(), 3, "{method} {path}: {answers:?}");
    }
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_repeated_request_with_an_idempotency_key_is_carried_out_once(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let lines = "{\"title\": \"One\"}\n{\"title\": \"Two\"}";
    let import = async |key: &str, lines: &str| {
        let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", key)];
        api.send(Method::POST, ARTICLES, &headers, lines).await
    };
    let first = import("a", lines).await;
    assert_eq!(
        (first.status.as_u16(), &document(&first)["new"]),
        (200, &json!(2)),
        "{}",
        first.body
    );
    assert_eq!(first.header("idempotency-replayed"), None);
    let repeated = import("a", lines).await;
    assert_eq!(
        repeated.body, first.body,
        "the second request would find two known articles"
    );
    assert_eq!(repeated.header("content-type"), first.header("content-type"));
    assert_eq!(repeated.header("idempotency-replayed"), Some("true"));
    let other = import("a", "{\"title\": \"Three\"}").await;
    assert_eq!(other.status, 422, "{}", other.body);
    assert_eq!(fields(&document(&other)), ["Idempotency-Key"]);
    let again = import("b", lines).await;
    assert_eq!(document(&again)["known"], 2);
    assert_eq!(import("", lines).await.status, 422);
    assert_eq!(import("two words", lines).await.status, 422);

    // An error is repeated, too. The location of what was made is part of the answer.
    let added = api
        .json(Method::POST, ARTICLES, &[("idempotency-key", "c")], &article(), 201)
        .await;
    let repeated = api
        .json(Method::POST, ARTICLES, &[("idempotency-key", "c")], &article(), 201)
        .await;
    assert_eq!(repeated.header("location"), added.header("location"));
    assert_eq!(repeated.header("etag"), added.header("etag"));
    let wrong = json!({ "title": "" });
    let refused = api
        .json(Method::POST, ARTICLES, &[("idempotency-key", "d")], &wrong, 422)
        .await;
    let repeated = api
        .json(Method::POST, ARTICLES, &[("idempotency-key", "d")], &wrong, 422)
        .await;
    assert_eq!(repeated.body, refused.body);
    assert_eq!(repeated.header("idempotency-replayed"), Some("true"));

    // Keys belong to a token, and are forgotten after a day.
    let another = Api {
        site: api.site.clone(),
        token: app.token("cms").await,
    };
    let theirs = another
        .json(Method::POST, ARTICLES, &[("idempotency-key", "c")], &article(), 200)
        .await;
    assert_eq!(theirs.header("idempotency-replayed"), None);
    let reading = Api {
        site: api.site.clone(),
        token: app.token_with("cms", [Scope::Read].into_iter().collect()).await,
    };
    reading
        .json(Method::POST, ARTICLES, &[("idempotency-key", "e")], &article(), 403)
        .await;
    // What the operator may no longer see is not in an answer that is repeated.
    let demoted = edit(&app.app, &actor(), "cms", OperatorEdit::role(Role::Analyst), &Seen::Any).await;
    demoted.expect("the role is changed");
    api.json(Method::POST, ARTICLES, &[("idempotency-key", "c")], &article(), 403)
        .await;
}

#[apply(on_both_databases)]
async fn concurrent_requests_with_one_idempotency_key_are_carried_out_once(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let request = async || {
        let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", "a")];
        api.send(Method::POST, ARTICLES, &headers, "{\"title\": \"One\"}").await
    };
    let answers = futures_util::future::join_all((0..8).map(|_| request())).await;
    let carried_out = answers
        .iter()
        .filter(|answer| answer.status == 200 && answer.header("idempotency-replayed").is_none());
    assert_eq!(carried_out.count(), 1, "{answers:?}");
    for answer in &answers {
        assert!(matches!(answer.status.as_u16(), 200 | 409), "{answer:?}");
        if answer.status == 200 {
            assert_eq!(document(answer)["new"], 1);
        }
    }
}

#[apply(on_both_databases)]
async fn the_requests_of_a_token_are_limited(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.operators.api_requests_per_minute = 3).await;
    let teardown = app.teardown();
    let api = Api::of(&mut app).await;
    for remaining in ["r=2", "r=1", "r=0"] {
        let answer = api.send(Method::GET, ARTICLES, &[], "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"token\";q=3;w=60"));
        let left = answer.header("ratelimit").expect("the answer says what is left");
        assert!(left.contains(remaining), "{left}");
    }
    let refused = api.send(Method::GET, ARTICLES, &[], "").await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("ratelimit"), Some("\"token\";r=0;t=60"));
    let other = Api {
        site: api.site.clone(),
        token: app.token("cms").await,
    };
    assert_eq!(
        other.send(Method::GET, ARTICLES, &[], "").await.status,
        200,
        "another token has its own limit"
    );
    app.advance(TimeDelta::seconds(60));
    assert_eq!(api.send(Method::GET, ARTICLES, &[], "").await.status, 200);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn every_error_under_api_is_a_problem(mut app: TestApp) {
    let api = Api::of(&mut app).await;
    let json = [("content-type", "application/json")];
    let text = [("content-type", "text/plain")];
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1_100_000));
    for (method, path, headers, body, status) in [
        (Method::GET, "/api/v1/nothing", &[][..], "", 404),
        (Method::GET, "/api/v1/articles/", &[], "", 404),
        (Method::GET, "/api/v1/articles/TX_FFFFFF", &[], "", 404),
        (Method::GET, "/api/v1/articles/%FF", &[], "", 404),
        (Method::GET, "/api/v1/drafts/none", &[], "", 404),
        (Method::PUT, ARTICLES, &[], "", 405),
        (Method::POST, ARTICLES, &text, "x", 415),
        (Method::POST, ARTICLES, &json, "{", 400),
        (Method::POST, ARTICLES, &json, &large, 413),
        (Method::POST, ARTICLES, &json, "[]", 422),
    ] {
        let answer = api.send(method.clone(), path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{method} {path}"
        );
        assert_eq!(document(&answer)["status"], status);
    }
}

#[apply(on_both_databases)]
async fn a_token_is_told_what_it_permits(mut app: TestApp) {
    let site = app.serve_site().await;
    app.operator("desk", Role::Editor).await;
    let token = app
        .token_with("desk", [Scope::Write, Scope::Send].into_iter().collect())
        .await;
    let api = Api { site, token };
    let shown = api.get("/api/v1/token").await;
    assert_eq!((&shown["operator"], &shown["role"]), (&json!("desk"), &json!("editor")));
    assert_eq!(shown["scopes"], json!(["write", "send"]));
    let permissions = shown["permissions"].as_array().expect("a list");
    assert!(permissions.contains(&json!("edit_drafts")), "{shown}");
    assert!(
        !permissions.contains(&json!("send")),
        "the role of an editor does not permit it: {shown}"
    );
    assert!(
        api.token.starts_with(shown["prefix"].as_str().expect("text")),
        "{shown}"
    );
}
