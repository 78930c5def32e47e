//! Drafts and issues by the API: what an editor changes, approving, sending, and what becomes of an issue.

use daywire::domain::audit::{AuditAction, Way};
use daywire::domain::states::IssueState;
use daywire::worker::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{ARTICLES, Api, document};
use crate::support::program::Program;

const DRAFTS: &str = "/api/v1/drafts";

/// The headlines of a list of stories.
fn titles(stories: &Value) -> Vec<String> {
    let stories = stories.as_array().expect("a list of stories");
    stories
        .iter()
        .map(|story| story["title"].as_str().expect("a headline").to_owned())
        .collect()
}

/// The id of the first article of the story at a place of a draft.
fn story(draft: &Value, index: usize) -> String {
    draft["stories"][index]["articles"][0]["id"]
        .as_str()
        .expect("a story has an article")
        .to_owned()
}

#[apply(on_both_databases)]
async fn a_draft_is_built_changed_approved_and_sent(app: TestApp) {
    let newsletter = app
        .apply("slug = \"daily\"\nname = \"Daily\"\napproval = \"required\"")
        .await;
    app.readers(&newsletter, 3).await;
    app.publisher("cms").await;
    // The real program, because only its settings name a site and a sender.
    let serving = Program::of(&app).serve_role("web");
    let api = Api {
        site: serving.site().await,
        token: app.token("cms").await,
    };
    let request = json!({ "newsletter": "daily" });
    let nothing = api.json(Method::POST, DRAFTS, &[], &request, 409).await;
    assert!(nothing.body.contains("article"), "{}", nothing.body);
    api.json(Method::POST, DRAFTS, &[], &json!({ "newsletter": "none" }), 404)
        .await;
    for title in [
        "Kernel 7.1 released with a new scheduler",
        "City council postpones vote on bicycle lanes",
        "Observatory spots comet beyond Neptune",
        "Ferry strike ends with a wage deal",
    ] {
        api.add(&json!({ "title": title, "text": format!("{title}."), "language": "en" }))
            .await;
    }
    let built = api.json(Method::POST, DRAFTS, &[], &request, 201).await;
    let path = built.header("location").expect("a draft has a path").to_owned();
    let draft = document(&built);
    assert_eq!(
        (&draft["newsletter"], &draft["number"], &draft["state"]),
        (&json!("daily"), &json!(1), &json!("draft"))
    );
    assert_eq!(draft["stories"].as_array().map(Vec::len), Some(4), "{draft}");
    assert!(
        draft["stories"][0]["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{draft}"
    );
    let list = api.get(DRAFTS).await;
    assert_eq!((&list["items"][0]["id"], &list["next"]), (&draft["id"], &Value::Null));

    let tag = built.header("etag").expect("a draft has a tag").to_owned();
    let change = json!({
        "pin": [story(&draft, 3)], "drop": [story(&draft, 0)], "because": "old news",
        "titles": [{ "story": story(&draft, 1), "title": "Another headline" }],
        "intro": "Good morning.", "subject": "Today",
    });
    let changed = api
        .json(Method::PATCH, &path, &[("if-match", &tag)], &change, 200)
        .await;
    let shown = document(&changed);
    assert_eq!(titles(&shown["stories"])[0], titles(&draft["stories"])[3]);
    assert!(
        titles(&shown["stories"]).contains(&"Another headline".to_owned()),
        "{shown}"
    );
    assert_eq!(titles(&shown["left_out"]), titles(&draft["stories"])[..1]);
    assert!(
        shown["left_out"][0]["reason"].to_string().contains("old news"),
        "{shown}"
    );
    assert_eq!(
        (&shown["intro"], &shown["subject"]),
        (&json!("Good morning."), &json!("Today"))
    );
    // The text of an article is part of what was seen.
    let article = format!("{ARTICLES}/{}", story(&shown, 0));
    let any = [("if-match", "*")];
    api.json(Method::PATCH, &article, &any, &json!({ "text": "At noon." }), 200)
        .await;
    for action in ["approve", "send"] {
        let path = format!("{path}/{action}");
        let seen = changed.header("etag").expect("a draft has a tag");
        api.json(Method::POST, &path, &[("if-match", seen)], &Value::Null, 412)
            .await;
    }
    let changed = api.send(Method::GET, &path, &[], "").await;
    // Another program saw the earlier version.
    api.json(
        Method::PATCH,
        &path,
        &[("if-match", &tag)],
        &json!({ "intro": "Lost." }),
        412,
    )
    .await;
    api.json(
        Method::POST,
        &format!("{path}/approve"),
        &[("if-match", &tag)],
        &Value::Null,
        412,
    )
    .await;
    let tag = changed.header("etag").expect("a draft has a tag").to_owned();
    assert_eq!(api.send(Method::GET, &path, &[], "").await.header("etag"), Some(&*tag));
    for (wrong, status) in [
        (json!({}), 422),
        (json!({ "pin": ["TX_FFFFFF"] }), 409),
        (json!({ "move": [{ "story": story(&shown, 0), "place": 0 }] }), 422),
        (json!({ "subject": "{{ unknown }}" }), 422),
    ] {
        api.json(Method::PATCH, &path, &[("if-match", &tag)], &wrong, status)
            .await;
    }

    let preview = api.get(&format!("{path}/preview")).await;
    assert_eq!(preview["subject"], "Today");
    assert!(
        preview["text"]
            .as_str()
            .is_some_and(|text| text.contains("Good morning.")),
        "{preview}"
    );
    let findings = api.get(&format!("{path}/findings")).await;
    assert_eq!(findings["blocks"], false, "{findings}");

    let send_path = format!("{path}/send");
    let unapproved = api
        .json(Method::POST, &send_path, &[("if-match", &tag)], &Value::Null, 409)
        .await;
    assert!(unapproved.body.contains("approval"), "{}", unapproved.body);
    api.json(
        Method::POST,
        &format!("{path}/approve"),
        &[("if-match", &tag)],
        &Value::Null,
        204,
    )
    .await;
    api.json(Method::POST, &send_path, &[("if-match", &tag)], &Value::Null, 412)
        .await;
    let outdated = [("if-match", tag.as_str()), ("idempotency-key", "send")];
    api.json(Method::POST, &send_path, &outdated, &Value::Null, 412).await;
    let any = [("if-match", "*"), ("idempotency-key", "send")];
    let sent = api.json(Method::POST, &send_path, &any, &Value::Null, 202).await;
    let issue = sent.header("location").expect("an issue has a path").to_owned();
    let repeated = api.json(Method::POST, &send_path, &any, &Value::Null, 202).await;
    assert_eq!(repeated.header("location"), Some(&*issue));
    api.json(Method::POST, &send_path, &outdated, &Value::Null, 422).await;
    api.json(Method::GET, &path, &[], &Value::Null, 404).await;
    let report = api.get(&issue).await;
    assert_eq!(
        (&report["state"], &report["deliveries"]["queued"]),
        (&json!("sending"), &json!(3)),
        "{report}"
    );

    let log = app.audit_log().await;
    let actions: Vec<_> = log
        .iter()
        .filter(|entry| entry.way == Way::Api)
        .map(|entry| entry.action)
        .collect();
    let expected = [
        AuditAction::IssueSent,
        AuditAction::IssueApproved,
        AuditAction::IssueEdited,
        AuditAction::IssueBuilt,
    ];
    // Nothing sends in this test.
    let cancel = format!("{issue}/cancel");
    api.json(Method::POST, &cancel, &[("if-match", "*")], &Value::Null, 204)
        .await;
    serving.terminate();
    let of_issues = actions.into_iter().filter(|action| action.object_kind() == "issue");
    assert_eq!(of_issues.collect::<Vec<_>>(), expected);
    assert!(log.iter().all(|entry| entry.way != Way::Api || entry.actor == "cms"));
}

#[apply(on_both_databases)]
async fn an_issue_is_paused_resumed_and_proved(mut app: TestApp) {
    let newsletter = app.daily().await;
    app.readers(&newsletter, 3).await;
    app.articles(&newsletter, 2).await;
    let issue = app.send(&newsletter).await;
    let api = Api::of(&mut app).await;
    let path = format!("/api/v1/issues/{issue}");
    let shown = api.send(Method::GET, &path, &[], "").await;
    let tag = shown.header("etag").expect("an issue has a tag").to_owned();
    let act = async |action: &str, tag: &str, body: Value, status: u16| {
        api.json(
            Method::POST,
            &format!("{path}/{action}"),
            &[("if-match", tag)],
            &body,
            status,
        )
        .await
    };
    act("pause", &tag, json!({ "reason": "wrong headline" }), 204).await;
    act("resume", &tag, Value::Null, 412).await;
    let paused = api.send(Method::GET, &path, &[], "").await;
    assert_eq!(document(&paused)["reason"], "wrong headline");
    // It is paused already, which is what the request asks for.
    act("pause", "*", json!({}), 204).await;
    let paused = api.send(Method::GET, &path, &[], "").await;
    let tag = paused.header("etag").expect("an issue has a tag").to_owned();
    act("resume", &tag, Value::Null, 204).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let proof = api.get(&format!("{path}/proof")).await;
    assert_eq!(
        (&proof["balanced"], &proof["deliveries"]["accepted"]),
        (&json!(true), &json!(3)),
        "{proof}"
    );
    act("cancel", "*", Value::Null, 409).await;
    let settled = document(&act("settle", "*", json!({ "as": "accepted" }), 200).await);
    assert_eq!(settled["deliveries"], 0);
    let refused = act("settle", "*", json!({ "as": "lost" }), 422).await;
    assert_eq!(
        document(&refused)["errors"][0]["detail"],
        "`as` “lost” is none of accepted, resend"
    );

    let first = api.get(&format!("{path}/deliveries?limit=2")).await;
    let after = first["next"].as_str().expect("there is another page");
    let second = api.get(&format!("{path}/deliveries?limit=2&after={after}")).await;
    let mut addresses: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["items"].as_array().expect("a list"))
        .map(|delivery| delivery["email"].as_str().expect("an address"))
        .collect();
    addresses.sort_unstable();
    assert_eq!(
        addresses,
        [
            "reader0@reader.example",
            "reader1@reader.example",
            "reader2@reader.example"
        ]
    );
    let list = api.get("/api/v1/issues").await;
    assert_eq!(
        (&list["items"][0]["id"], &list["items"][0]["recipients"]),
        (&json!(issue), &json!(3)),
        "{list}"
    );
    api.json(Method::GET, &format!("{DRAFTS}/{issue}"), &[], &Value::Null, 404)
        .await;
}
