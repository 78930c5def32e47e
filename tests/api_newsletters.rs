//! Programs create, change and remove newsletters by the API.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::domain::states::IssueState;
use daywire::worker::Role as WorkerRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, document, fields};

const NEWSLETTERS: &str = "/api/v1/newsletters";
const EVENING: &str = "/api/v1/newsletters/evening";

fn evening() -> Value {
    json!({
        "slug": "evening", "name": "Evening", "schedule": "0 18 * * *", "timezone": "Europe/Berlin", "max_stories": 12,
        "caps": { "per_topic": 2 }, "topics": ["Security", { "name": "Science", "categories": ["physics"] }], "intro": null
    })
}

#[apply(on_both_databases)]
async fn a_newsletter_is_created_changed_and_removed(mut app: TestApp) {
    let api = Api::of(&mut app).await;
    let created = api.json(Method::POST, NEWSLETTERS, &[], &evening(), 201).await;
    assert_eq!(created.header("location"), Some(EVENING));
    let settings = &document(&created)["settings"];
    assert_eq!(
        (&settings["max_stories"], &settings["caps"]["per_topic"]),
        (&json!(12), &json!(2)),
        "{settings}"
    );
    let again = api.json(Method::POST, NEWSLETTERS, &[], &evening(), 409).await;
    assert!(
        again.body.contains("PATCH /api/v1/newsletters/evening"),
        "{}",
        again.body
    );

    let tag = created.header("etag").expect("the newsletter has a tag").to_owned();
    let patch = json!({ "schedule": null, "name": "Evening News", "caps": { "per_source": 3 } });
    let changed = api
        .json(Method::PATCH, EVENING, &[("if-match", &tag)], &patch, 200)
        .await;
    let settings = document(&changed)["settings"].clone();
    assert_eq!(settings["schedule"], Value::Null);
    assert_eq!(settings["name"], "Evening News");
    assert_eq!(
        (&settings["caps"]["per_topic"], &settings["caps"]["per_source"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        settings["topics"],
        json!(["Security", { "name": "Science", "categories": ["physics"] }])
    );
    assert_eq!(api.get(EVENING).await["settings"], settings);
    // The tag of the change is that of a read, and the one before it is outdated.
    let tag_now = changed.header("etag").expect("the newsletter has a tag").to_owned();
    assert_eq!(
        api.send(Method::GET, EVENING, &[("if-none-match", &tag_now)], "")
            .await
            .status,
        304
    );
    api.json(Method::PATCH, EVENING, &[("if-match", &tag)], &patch, 412)
        .await;
    api.json(Method::PATCH, EVENING, &[], &patch, 428).await;
    api.json(Method::DELETE, EVENING, &[("if-match", &tag)], &Value::Null, 412)
        .await;

    let removed = api.ask(Method::DELETE, EVENING, &Value::Null, 200).await;
    assert_eq!(removed, json!({ "subscriptions": 0, "drafts": [], "feeds": 0 }));
    api.json(Method::GET, EVENING, &[], &Value::Null, 404).await;
    api.json(Method::POST, NEWSLETTERS, &[], &evening(), 201).await;
    let mut actions: Vec<_> = app.audit_log().await.into_iter().map(|entry| entry.action).collect();
    actions.retain(|action| action.object_kind() == "newsletter");
    actions.sort_by_key(|action| action.as_str());
    assert_eq!(
        actions,
        [
            AuditAction::NewsletterChanged,
            AuditAction::NewsletterCreated,
            AuditAction::NewsletterRemoved,
            AuditAction::NewsletterRestored,
        ]
    );
}

#[apply(on_both_databases)]
async fn wrong_settings_are_all_named_and_change_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let api = Api::of(&mut app).await;
    let wrong = json!({ "name": 5, "grace": "soon", "colour": "red", "skip": [null], "topics": "Security" });
    let answer = api.json(Method::POST, NEWSLETTERS, &[], &wrong, 422).await;
    let mut named = fields(&document(&answer))
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    named.sort();
    assert_eq!(
        named,
        ["colour", "grace", "name", "skip", "slug", "topics"],
        "{}",
        answer.body
    );
    for (patch, named) in [
        (json!({ "schedule": "61 * * * *" }), &["schedule"][..]),
        (json!({ "slug": "other" }), &["slug"]),
        (json!({ "name": null }), &["name"]),
        (json!({ "timezone": "Mars/Olympus" }), &["timezone"]),
        (json!({ "from": "nobody" }), &["from"]),
        (
            json!({ "slug": "other", "timezone": "Mars/Olympus", "from": "nobody" }),
            &["from", "slug", "timezone"],
        ),
    ] {
        let path = "/api/v1/newsletters/daily";
        let answer = api.json(Method::PATCH, path, &[("if-match", "*")], &patch, 422).await;
        let problem = document(&answer);
        let mut found = fields(&problem);
        found.sort_unstable();
        assert_eq!(found, named, "{}", answer.body);
    }
    assert_eq!(
        api.get("/api/v1/newsletters").await["items"].as_array().map(Vec::len),
        Some(1)
    );

    // An issue that is being sent keeps its newsletter.
    let issue = app.send(&daily).await;
    let path = "/api/v1/newsletters/daily";
    let kept = api
        .json(Method::DELETE, path, &[("if-match", "*")], &Value::Null, 409)
        .await;
    assert!(kept.body.contains("daily/1 is sending"), "{}", kept.body);
    app.serve_roles(&[WorkerRole::Sender]).await;
    app.until(issue, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn an_editor_s_token_changes_no_newsletter(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    app.operator("eve", Role::Editor).await;
    let token = app.token("eve").await;
    let api = Api { site, token };
    api.json(Method::POST, NEWSLETTERS, &[], &evening(), 403).await;
    api.json(
        Method::DELETE,
        "/api/v1/newsletters/daily",
        &[("if-match", "*")],
        &Value::Null,
        403,
    )
    .await;
}
