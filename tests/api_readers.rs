//! Readers, subscriptions, suppressions and comments by the API, with the same effects and entries in the audit log as in the console.

use chrono::TimeDelta;
use daywire::config::{CommentProvider, Config};
use daywire::domain::audit::{AuditAction, Way};
use daywire::domain::comment::CommentState;
use daywire::domain::role::Role;
use daywire::domain::states::{SubscriptionState, SuppressionReason};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, document, fields};
use crate::support::{Engine, TestApp};

const READERS: &str = "/api/v1/readers";
const SUPPRESSIONS: &str = "/api/v1/suppressions";
const COMMENTS: &str = "/api/v1/comments";
const ADA: &str = "reader0@reader.example";

fn builtin(config: &mut Config) {
    config.comments.provider = CommentProvider::Builtin;
}

/// The actions in the audit log that came by the API.
async fn logged(app: &TestApp) -> Vec<AuditAction> {
    let entries = app.audit_log().await.into_iter();
    let by_api = entries.filter(|entry| entry.way == Way::Api);
    by_api.map(|entry| entry.action).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The only reader whom these words find.
async fn find(api: &Api, words: &str) -> Value {
    let body = json!({ "words": words });
    let found = api.ask(Method::POST, &format!("{READERS}/search"), &body, 200).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    found["items"][0].clone()
}

#[apply(on_both_databases)]
async fn readers_are_listed_filtered_and_searched_in_pages(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers(&daily, 5).await;
    app.advance(TimeDelta::seconds(1));
    app.readers_at(&weekly, "other.example", 3).await;
    app.leave("reader1@reader.example").await;
    app.suppress("reader2@reader.example", "asked by telephone").await;
    let api = Api::of(&mut app).await;
    let mut seen = Vec::new();
    let mut path = format!("{READERS}?limit=3");
    loop {
        let page = api.get(&path).await;
        for reader in page["items"].as_array().expect("a list of readers") {
            seen.push(text(&reader["email"]));
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{READERS}?limit=3&after={next}");
    }
    assert_eq!(seen.len(), 8);
    assert!(
        seen[..3].iter().all(|email| email.ends_with("@other.example")),
        "{seen:?}"
    );
    for (query, expected) in [
        ("newsletter=weekly", 3),
        ("newsletter=weekly&state=confirmed", 3),
        ("state=unsubscribed", 1),
        ("newsletter=weekly&state=unsubscribed", 0),
    ] {
        let page = api.get(&format!("{READERS}?{query}")).await;
        assert_eq!(
            page["items"].as_array().map(Vec::len),
            Some(expected),
            "{query}: {page}"
        );
    }
    let search = format!("{READERS}/search");
    let body = json!({ "words": "example" });
    let first = api.ask(Method::POST, &format!("{search}?limit=5"), &body, 200).await;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(5), "{first}");
    let after = text(&first["next"]);
    let rest = api
        .ask(Method::POST, &format!("{search}?limit=5&after={after}"), &body, 200)
        .await;
    assert_eq!(
        (rest["items"].as_array().map(Vec::len), &rest["next"]),
        (Some(3), &Value::Null)
    );
    let filtered = json!({ "words": "example", "newsletter": "daily", "state": "unsubscribed" });
    let found = api.ask(Method::POST, &search, &filtered, 200).await;
    assert_eq!(found["items"][0]["email"], "reader1@reader.example", "{found}");
    // “reader” begins a word of reader2@other.example, too.
    let filtered = json!({ "words": "reader2@reader.example", "newsletter": "daily" });
    let found = api.ask(Method::POST, &search, &filtered, 200).await;
    let suppressed = &found["items"][0];
    assert_eq!(
        (&suppressed["suppressed"], &suppressed["subscriptions"]),
        (&json!(true), &json!([{ "newsletter": "daily", "state": "confirmed" }]))
    );
    for (method, path, body, wrong) in [
        (
            Method::GET,
            format!("{READERS}?newsletter=none&state=gone"),
            json!({}),
            vec!["newsletter", "state"],
        ),
        (
            Method::GET,
            format!("{READERS}?limit=201&after=x"),
            json!({}),
            vec!["after", "limit"],
        ),
        (Method::POST, search.clone(), json!({}), vec!["words"]),
        (
            Method::POST,
            search.clone(),
            json!({ "words": " @ ", "newsletter": "none" }),
            vec!["newsletter", "words"],
        ),
        (Method::POST, format!("{search}?after=x"), body, vec!["after"]),
    ] {
        let problem = api.ask(method, &path, &body, 422).await;
        let mut found = fields(&problem);
        found.sort_unstable();
        assert_eq!(found, wrong, "{path}: {problem}");
    }
}

#[apply(on_both_databases)]
async fn a_reader_is_explained_changed_exported_and_erased(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let api = Api::of(&mut app).await;
    let id = text(&find(&api, ADA).await["id"]);
    let path = format!("{READERS}/{id}");
    let read = api.send(Method::GET, &path, &[], "").await;
    let tag = read.header("etag").expect("a reader has a tag").to_owned();
    let reader = document(&read);
    assert_eq!(
        (&reader["email"], &reader["suppression"], &reader["returned"]),
        (&json!(ADA), &Value::Null, &json!([]))
    );
    let shown = &reader["subscriptions"][0];
    assert_eq!(
        (&shown["newsletter"], &shown["state"], &shown["consent"][0]["event"]),
        (&json!("daily"), &json!("confirmed"), &json!("imported"))
    );
    assert!(
        text(&shown["consent"][0]["source"]).contains("the test says so"),
        "{shown}"
    );
    let known = api.send(Method::GET, &path, &[("if-none-match", &tag)], "").await;
    assert_eq!(known.status, 304);

    let subscription = format!("/api/v1/subscriptions/{}", text(&shown["id"]));
    let read = api.send(Method::GET, &subscription, &[], "").await;
    let seen = read.header("etag").expect("a subscription has a tag").to_owned();
    assert_eq!(document(&read), *shown);
    let change = json!({
        "cadence": "weekly", "language": "de", "timezone": "Europe/Berlin", "pause_until": "2026-12-24",
    });
    let changed = api
        .json(Method::PATCH, &subscription, &[("if-match", &seen)], &change, 200)
        .await;
    let paused = document(&changed);
    assert_eq!(
        (
            &paused["state"],
            &paused["cadence"],
            &paused["language"],
            &paused["timezone"]
        ),
        (
            &json!("paused"),
            &json!("weekly"),
            &json!("de"),
            &json!("Europe/Berlin")
        )
    );
    assert_eq!(paused["paused_until"], "2026-12-23T23:00:00Z");
    api.json(Method::PATCH, &subscription, &[("if-match", &seen)], &change, 412)
        .await;
    api.json(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null, 412)
        .await;
    let resumed = api
        .ask(Method::PATCH, &subscription, &json!({ "resume": true }), 200)
        .await;
    assert_eq!(resumed["state"], "confirmed");
    api.ask(Method::PATCH, &subscription, &json!({ "resume": true }), 409)
        .await;
    for (body, wrong) in [
        (json!({}), vec![""]),
        (
            json!({ "cadence": "daily", "language": "xx", "timezone": "Mars" }),
            vec!["cadence", "language", "timezone"],
        ),
        (json!({ "pause_until": "2026-11-23" }), vec!["pause_until"]),
        (json!({ "pause_until": "2027-01-01", "resume": true }), vec!["resume"]),
        (json!({ "topics": ["astrology"] }), vec!["topics"]),
    ] {
        let problem = api.ask(Method::PATCH, &subscription, &body, 422).await;
        assert_eq!(fields(&problem), wrong, "{body}: {problem}");
    }

    let exported = api
        .ask(Method::POST, &format!("{path}/export"), &Value::Null, 200)
        .await;
    assert!(exported.to_string().contains(ADA), "{exported}");
    for _ in 0..2 {
        let ended = api
            .send(Method::POST, &format!("{subscription}/unsubscribe"), &[], "")
            .await;
        assert_eq!(ended.status, 204, "{}", ended.body);
    }
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Unsubscribed));
    api.ask(Method::PATCH, &subscription, &json!({ "cadence": "every" }), 409)
        .await;

    let tag = api.send(Method::GET, &path, &[], "").await;
    let tag = tag.header("etag").expect("a reader has a tag").to_owned();
    let erased = api.send(Method::DELETE, &path, &[("if-match", &tag)], "").await;
    assert_eq!(erased.status, 204, "{}", erased.body);
    for path in [path.clone(), subscription] {
        api.json(Method::GET, &path, &[], &Value::Null, 404).await;
    }
    api.json(Method::DELETE, &path, &[("if-match", "*")], &Value::Null, 404)
        .await;
    let logged = logged(&app).await;
    for action in [
        AuditAction::ReaderPreferencesChanged,
        AuditAction::ReaderExported,
        AuditAction::ReaderUnsubscribed,
        AuditAction::ReaderErased,
    ] {
        assert!(logged.contains(&action), "{action}: {logged:?}");
    }
    let log = format!("{:?}", app.audit_log().await);
    assert!(!log.contains(ADA), "{log}");
}

#[apply(on_both_databases)]
async fn a_reader_who_asked_is_mailed_a_confirmation(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.serve().await;
    app.publisher("cms").await;
    let api = Api {
        site: app.site().clone(),
        token: app.token("cms").await,
    };
    let body = json!({ "email": "ada@reader.example", "newsletter": "daily", "how_asked": "by telephone" });
    let asked = api
        .json(Method::POST, READERS, &[("idempotency-key", "one")], &body, 202)
        .await;
    let again = api
        .json(Method::POST, READERS, &[("idempotency-key", "one")], &body, 202)
        .await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    app.relay.link_for("ada@reader.example", "/confirm/").await;
    let reader = text(&document(&asked)["reader"]);
    let shown = api.get(&format!("{READERS}/{reader}")).await;
    let subscription = &shown["subscriptions"][0];
    assert_eq!(
        (&subscription["state"], &subscription["consent"][0]["source"]),
        (&json!("pending"), &json!("operator"))
    );
    assert!(
        text(&subscription["consent"][0]["words"]).contains("by telephone"),
        "{shown}"
    );
    assert_eq!(shown["mails"][0]["kind"], "confirmation");

    let once_more = format!("{READERS}/{reader}/subscribe");
    app.advance(TimeDelta::hours(1));
    api.ask(Method::POST, &once_more, &json!({ "newsletter": "daily" }), 202)
        .await;
    let unknown = api
        .ask(Method::POST, &once_more, &json!({ "newsletter": "none" }), 422)
        .await;
    assert_eq!(fields(&unknown), ["newsletter"]);
    let wrong = api
        .ask(Method::POST, READERS, &json!({ "email": "ada", "subject": "" }), 422)
        .await;
    let mut wrong = fields(&wrong);
    wrong.sort_unstable();
    assert_eq!(wrong, ["email", "newsletter", "subject"]);
    let subscribed = json!({ "email": ADA, "newsletter": "daily" });
    api.ask(Method::POST, READERS, &subscribed, 409).await;
    app.suppress(ADA, "asked by letter").await;
    let suppressed = json!({ "email": ADA, "newsletter": "daily" });
    let refused = api.ask(Method::POST, READERS, &suppressed, 409).await;
    assert!(text(&refused["detail"]).contains("suppressed"), "{refused}");
}

#[apply(on_both_databases)]
async fn suppressions_are_listed_found_added_and_lifted(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let api = Api::of(&mut app).await;
    let body = json!({ "email": ADA, "reason": "asked by letter" });
    let added = api.json(Method::POST, SUPPRESSIONS, &[], &body, 201).await;
    let path = added.header("location").expect("a suppression has a path").to_owned();
    assert!(!path.contains("reader0"), "{path}");
    assert_eq!(document(&added)["evidence"], "by cms: asked by letter");
    let again = json!({ "email": "READER0@reader.example", "reason": "asked again" });
    let same = api.ask(Method::POST, SUPPRESSIONS, &again, 200).await;
    assert_eq!(same["evidence"], "by cms: asked by letter");
    for address in ["reader1@reader.example", "stranger@other.example"] {
        app.advance(TimeDelta::seconds(1));
        api.ask(Method::POST, SUPPRESSIONS, &json!({ "email": address }), 201)
            .await;
    }
    let first = api.get(&format!("{SUPPRESSIONS}?limit=2&reason=operator")).await;
    assert_eq!(
        (&first["items"][0]["email"], &first["items"][1]["email"]),
        (&Value::Null, &json!("reader1@reader.example")),
        "a stranger's address is not on record: {first}"
    );
    let next = text(&first["next"]);
    let second = api
        .get(&format!("{SUPPRESSIONS}?limit=2&reason=operator&after={next}"))
        .await;
    assert_eq!(
        (&second["items"][0]["email"], &second["next"]),
        (&json!(ADA), &Value::Null)
    );
    assert_eq!(
        api.get(&format!("{SUPPRESSIONS}?reason=complaint")).await["items"],
        json!([])
    );
    let search = format!("{SUPPRESSIONS}/search");
    let found = api.ask(Method::POST, &search, &json!({ "email": ADA }), 200).await;
    assert_eq!(found["suppression"]["id"], json!(path.rsplit('/').next()));
    let missing = json!({ "email": "reader2@reader.example" });
    let none = api.ask(Method::POST, &search, &missing, 200).await;
    assert_eq!(none["suppression"], Value::Null);
    let csv = api.send(Method::POST, &format!("{SUPPRESSIONS}/export"), &[], "").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.body.lines().count(), 4, "{}", csv.body);

    let read = api.send(Method::GET, &path, &[], "").await;
    let tag = read.header("etag").expect("a suppression has a tag").to_owned();
    let lift = format!("{path}/lift");
    let hash = app.app.keys.address_hash(ADA);
    let mut tx = app.app.store.write().await.expect("the database answers");
    let complained = tx
        .suppress(&hash, SuppressionReason::Complaint, "marked as spam", app.now())
        .await;
    assert!(complained.expect("the complaint is stored"));
    tx.commit().await.expect("the transaction commits");
    let reason = json!({ "reason": "wrote again" });
    api.json(Method::POST, &lift, &[("if-match", &tag)], &reason, 412).await;
    api.json(Method::POST, &lift, &[], &reason, 428).await;
    let remains = api.json(Method::POST, &lift, &[("if-match", "*")], &reason, 200).await;
    assert_eq!(
        (&document(&remains)["reason"], &document(&remains)["can_be_lifted"]),
        (&json!("complaint"), &json!(false))
    );
    api.json(Method::POST, &lift, &[("if-match", "*")], &reason, 409).await;
    let other = format!("{SUPPRESSIONS}/{}", text(&first["items"][0]["id"]));
    let lifted = api
        .json(
            Method::POST,
            &format!("{other}/lift"),
            &[("if-match", "*")],
            &json!({}),
            204,
        )
        .await;
    assert_eq!(lifted.body, "");
    api.json(Method::GET, &other, &[], &Value::Null, 404).await;
    for body in [json!({}), json!({ "email": "ada" }), json!({ "email": 1 })] {
        for path in [SUPPRESSIONS, &search] {
            assert_eq!(fields(&api.ask(Method::POST, path, &body, 422).await), ["email"]);
        }
    }
    let logged = logged(&app).await;
    let count = |wanted: AuditAction| logged.iter().filter(|action| **action == wanted).count();
    assert_eq!(
        (
            count(AuditAction::SuppressionAdded),
            count(AuditAction::SuppressionLifted)
        ),
        (3, 2)
    );
}

#[apply(on_both_databases)]
async fn an_editor_moderates_comments_and_sees_no_address(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let site = app.serve().await.clone();
    let article = app.only_article().await.public_id;
    site.post("/comments/link", &[("email", ADA), ("article", &article)])
        .await;
    let link = app.relay.link_for(ADA, "/comment/").await;
    for text in ["One", "Two"] {
        site.post(&link, &[("name", "Ada"), ("text", text)]).await;
        app.advance(TimeDelta::seconds(1));
    }
    app.operator("desk", Role::Editor).await;
    let api = Api {
        site,
        token: app.token("desk").await,
    };
    let waiting = api.get(&format!("{COMMENTS}?limit=1")).await;
    assert!(!waiting.to_string().contains('@'), "{waiting}");
    let first = &waiting["items"][0];
    assert_eq!(
        (&first["text"], &first["state"], &first["article"], &first["decided"]),
        (&json!("One"), &json!("held"), &json!(article), &Value::Null)
    );
    let next = text(&waiting["next"]);
    let second = api.get(&format!("{COMMENTS}?list=held&limit=1&after={next}")).await;
    assert_eq!(
        (&second["items"][0]["text"], &second["next"]),
        (&json!("Two"), &Value::Null)
    );

    let path = format!("{COMMENTS}/{}", text(&first["id"]));
    let read = api.send(Method::GET, &path, &[], "").await;
    let tag = read.header("etag").expect("a comment has a tag").to_owned();
    assert_eq!(document(&read), *first);
    let decide = async |decision: &str, tag: &str| {
        let headers = [("if-match", tag)];
        api.send(Method::POST, &format!("{path}/{decision}"), &headers, "")
            .await
            .status
    };
    assert_eq!(decide("approve", &tag).await, 204);
    assert_eq!(decide("reject", &tag).await, 412, "it was decided since");
    let shown = api.get(&format!("{COMMENTS}?list=approved")).await;
    assert_eq!(
        (&shown["items"][0]["id"], &shown["items"][0]["state"]),
        (&first["id"], &json!("approved"))
    );
    assert_eq!(api.get(&format!("{COMMENTS}?list=reported")).await["items"], json!([]));
    assert_eq!(decide("block", "*").await, 403, "an editor manages no readers");

    app.publisher("cms").await;
    let publisher = Api {
        site: api.site.clone(),
        token: app.token("cms").await,
    };
    let blocked = publisher
        .send(Method::POST, &format!("{path}/block"), &[("if-match", "*")], "")
        .await;
    assert_eq!(blocked.status, 204, "{}", blocked.body);
    let hidden = api.get(&format!("{COMMENTS}?list=rejected")).await;
    assert_eq!(hidden["items"][0]["state"], CommentState::Rejected.as_str());
    let found = publisher.get(&format!("{SUPPRESSIONS}?reason=operator")).await;
    assert_eq!(found["items"][0]["email"], ADA);
    let deleted = api.send(Method::DELETE, &path, &[("if-match", "*")], "").await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    assert_eq!(
        api.send(Method::DELETE, &path, &[("if-match", "*")], "").await.status,
        404
    );
    assert_eq!(decide("approve", "*").await, 404);
    assert_eq!(
        fields(
            &api.ask(Method::GET, &format!("{COMMENTS}?list=all"), &Value::Null, 422)
                .await
        ),
        ["list"]
    );
    let logged = logged(&app).await;
    for action in [
        AuditAction::CommentApproved,
        AuditAction::CommentRejected,
        AuditAction::CommentDeleted,
        AuditAction::SuppressionAdded,
    ] {
        assert!(logged.contains(&action), "{action}: {logged:?}");
    }
    teardown.finish().await;
}
