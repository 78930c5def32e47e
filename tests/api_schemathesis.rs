//! schemathesis, an independent program, tries every operation of the running program with data that it makes from the API's
//! description: valid and invalid documents and parameters, wrong methods, missing tokens, and sequences of requests.
//!
//! The description does not say which objects exist. So the test adds an example of each request to it, with the id of a real object, and
//! fails if an operation never succeeded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use daywire::config::{CommentProvider, Config};
use daywire::delivery::control;
use daywire::domain::ids::IssueId;
use daywire::domain::role::Role as OperatorRole;
use daywire::domain::states::IssueState;
use daywire::ingest::retraction::retract;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, document};
use crate::support::program::{Program, finish};
use crate::support::reports::{RETURN_PATH, ingest, report};
use crate::support::{Engine, TestApp};

/// The most examples for one operation in one phase.
const MAX_EXAMPLES: &str = "5";
/// Ten times as long as the run takes for each database on a quiet machine.
const TIMEOUT: Duration = Duration::from_mins(20);
/// The methods of operations in a path's description.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
const ADA: &str = "reader0@reader.example";
/// Nothing listens here, so a test event gets no answer.
const WEBHOOK: &str = "http://127.0.0.1:9/events";

/// schemathesis beside the Python of the tests.
fn schemathesis() -> PathBuf {
    let python = std::env::var("DAYWIRE_TEST_PYTHON").expect("./test sets the Python that has schemathesis");
    Path::new(&python).with_file_name("schemathesis")
}

/// Requests that succeed once.
#[derive(Default)]
struct Examples(BTreeMap<&'static str, Example>);

#[derive(Default)]
struct Example {
    /// The parameter of the path.
    name: Option<String>,
    document: Option<Value>,
}

impl Examples {
    /// Requests for one object.
    fn on<N: ToString + ?Sized>(&mut self, name: &N, operations: &[&'static str]) {
        for operation in operations {
            self.0.entry(operation).or_default().name = Some(name.to_string());
        }
    }

    fn with(&mut self, operation: &'static str, document: Value) {
        self.0.entry(operation).or_default().document = Some(document);
    }

    /// Adds the examples to a description. A change is made in any version.
    fn add_to(&self, description: &mut Value) {
        let mut unknown: BTreeSet<&str> = self.0.keys().copied().collect();
        let paths = description["paths"].as_object_mut().expect("the description has paths");
        let items = paths.values_mut().filter_map(Value::as_object_mut);
        let members = items.flat_map(serde_json::Map::iter_mut);
        for (_, operation) in members.filter(|(name, _)| METHODS.contains(&name.as_str())) {
            let id = operation["operationId"]
                .as_str()
                .expect("an operation has an id")
                .to_owned();
            unknown.remove(id.as_str());
            let example = self.0.get(id.as_str());
            let (name, document) = example.map_or((&None, &None), |example| (&example.name, &example.document));
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                if parameter["name"] == "If-Match" {
                    parameter["example"] = json!("*");
                } else if parameter["in"] == "query" && parameter["name"] == "newsletter" {
                    parameter["example"] = json!("daily");
                } else if let Some(name) = name
                    && parameter["in"] == "path"
                {
                    parameter["example"] = json!(name);
                }
            }
            let contents = operation.pointer_mut("/requestBody/content");
            let content = contents.and_then(Value::as_object_mut).and_then(|contents| {
                // A change may be sent as a merge patch as well, and an article as a JSON line.
                let kind = if contents.contains_key("application/json") {
                    "application/json"
                } else {
                    "text/x-opml"
                };
                contents.get_mut(kind)
            });
            if let (Some(content), Some(document)) = (content, document) {
                content["example"] = document.clone();
            }
        }
        assert!(unknown.is_empty(), "the description has no {unknown:?}");
    }
}

/// The operations of which no request succeeded, with the answer to the first request that was made for each, by the record of all
/// requests in a HAR file.
fn never_succeeded(description: &Value, record: &Value) -> BTreeMap<String, String> {
    let mut paths: Vec<_> = description["paths"]
        .as_object()
        .expect("the description has paths")
        .iter()
        .collect();
    // `/readers/search` fits `/readers/{id}` too, so paths with fewer parameters come first.
    paths.sort_by_key(|(path, _)| path.matches('{').count());
    let fits = |described: &str, path: &str| {
        let (one, other): (Vec<_>, Vec<_>) = (described.split('/').collect(), path.split('/').collect());
        let mut parts = one.iter().zip(&other);
        one.len() == other.len() && parts.all(|(part, other)| part == other || part.starts_with('{'))
    };
    let operations = paths
        .iter()
        .flat_map(|(_, item)| METHODS.iter().filter_map(move |method| item.get(method)));
    let mut missing: BTreeMap<String, String> = operations
        .map(|operation| {
            let id = operation["operationId"].as_str().expect("an operation has an id");
            (id.to_owned(), String::new())
        })
        .collect();
    for entry in record["log"]["entries"].as_array().expect("the record has entries") {
        let status = entry["response"]["status"].as_u64().expect("an answer has a status");
        let (request, method) = (
            &entry["request"],
            entry["request"]["method"].as_str().expect("a method"),
        );
        let url: url::Url = request["url"]
            .as_str()
            .and_then(|url| url.parse().ok())
            .expect("an address");
        let mut described = paths.iter().filter(|(path, _)| fits(path, url.path()));
        let operation = described.find_map(|(_, item)| item.get(method.to_ascii_lowercase()));
        let Some(id) = operation.and_then(|operation| operation["operationId"].as_str()) else {
            continue;
        };
        if (200..300).contains(&status) {
            missing.remove(id);
        } else if let Some(first) = missing.get_mut(id).filter(|first| first.is_empty()) {
            *first = format!("{method} {url}: {status} {}", entry["response"]["content"]);
        }
    }
    missing
}

/// A newsletter with a reader who gets no mail.
async fn silent(app: &TestApp, slug: &str, approval: &str) -> Newsletter {
    let toml = format!("slug = \"{slug}\"\nname = \"{slug}\"\napproval = \"{approval}\"");
    let newsletter = app.apply(&toml).await;
    app.silent_reader(&newsletter).await;
    app.articles(&newsletter, 2).await;
    newsletter
}

/// The id of a new article that waits for a newsletter.
async fn waiting_article(app: &TestApp, newsletter: &Newsletter) -> String {
    app.articles(newsletter, 1).await;
    app.newest_article().await.public_id
}

async fn draft(app: &TestApp, slug: &str, approval: &str) -> IssueId {
    let newsletter = silent(app, slug, approval).await;
    app.build(&newsletter).await
}

/// An issue that is being sent. No sender runs.
async fn started(app: &TestApp, slug: &str) -> IssueId {
    let newsletter = silent(app, slug, "auto").await;
    app.send(&newsletter).await
}

/// Four comments that wait for a decision.
async fn comments(app: &TestApp) {
    let site = app.site().clone();
    let article = app.newest_article().await.public_id;
    site.post("/comments/link", &[("email", ADA), ("article", &article)])
        .await;
    let link = app.relay.link_for(ADA, "/comment/").await;
    for text in ["One", "Two", "Three", "Four"] {
        site.post(&link, &[("name", "Ada"), ("text", text)]).await;
    }
}

/// Objects in every state that an operation needs, and requests for them.
async fn newsroom(app: &mut TestApp) -> Examples {
    let daily = app.daily().await;
    app.apply("slug = \"evening\"\nname = \"Evening\"\nschedule = \"0 18 * * *\"\napproval = \"required\"")
        .await;
    app.readers(&daily, 6).await;
    app.suppress("reader2@reader.example", "asked by letter").await;
    app.suppress("reader5@reader.example", "asked by letter").await;
    app.articles(&daily, 3).await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    comments(app).await;
    let sent = app.send(&daily).await;
    app.until(sent, IssueState::Sent).await;
    app.stop_serving().await;
    app.articles(&daily, 3).await;
    ingest(app, &report(RETURN_PATH, ADA, "5.1.1", "550 no such user"));

    let mut examples = Examples::default();
    let changed = waiting_article(app, &daily).await;
    examples.on(&changed, &["showArticle", "changeArticle", "rateArticle"]);
    examples.with("changeArticle", json!({ "title": "Another headline" }));
    examples.with("rateArticle", json!({ "newsletter": "daily", "pinned": true }));
    examples.on(&waiting_article(app, &daily).await, &["retractArticle"]);
    let restored = waiting_article(app, &daily).await;
    let id = app.newest_article().await.id;
    retract(&app.app, id, "").await.expect("the article is retracted");
    examples.on(&restored, &["restoreArticle"]);
    examples.with("restoreArticle", json!({ "note": "It was the same mast." }));
    examples.with(
        "addArticles",
        json!({ "title": "Mast struck by lightning", "text": "At dawn." }),
    );
    examples.on("daily", &["showNewsletter", "listRuns"]);
    for (slug, operation) in [("changed", "changeNewsletter"), ("removed", "removeNewsletter")] {
        app.apply(&format!("slug = \"{slug}\"\nname = \"{slug}\"")).await;
        examples.on(slug, &[operation]);
    }
    examples.with("changeNewsletter", json!({ "max_stories": 12 }));
    examples.with("createNewsletter", json!({ "slug": "noon", "name": "Noon" }));
    let feed = app.add_feed(&daily, "https://feed.example/rss").await;
    examples.on(&feed, &["showFeed", "changeFeed", "fetchFeed"]);
    examples.with("changeFeed", json!({ "full_text": true }));
    // The newsletter reads the feed already, so nothing is fetched.
    examples.with(
        "addFeed",
        json!({ "url": "https://feed.example/rss", "newsletter": "daily" }),
    );
    examples.with(
        "importFeeds",
        json!("<opml version=\"2.0\"><body><outline xmlUrl=\"https://feed.example/rss\"/></body></opml>"),
    );
    examples.on(
        &app.add_feed(&daily, "https://feed.example/removed").await,
        &["removeFeed"],
    );

    add_drafts(app, &mut examples).await;
    add_issues(app, sent, &mut examples).await;
    add_readers(app, &mut examples).await;
    examples
}

/// Adds requests for drafts.
async fn add_drafts(app: &TestApp, examples: &mut Examples) {
    silent(app, "built", "auto").await;
    examples.with("buildDraft", json!({ "newsletter": "built" }));
    let shown = draft(app, "shown", "auto").await;
    examples.on(
        &shown,
        &["showDraft", "previewDraft", "checkDraft", "changeDraft", "testDraft"],
    );
    examples.with("changeDraft", json!({ "intro": "Good morning." }));
    examples.with("testDraft", json!({ "to": "desk@news.example" }));
    examples.on(&draft(app, "approved", "required").await, &["approveDraft"]);
    let withdrawn = draft(app, "withdrawn", "required").await;
    control::approve(&app.app, withdrawn)
        .await
        .expect("the draft is approved");
    examples.on(&withdrawn, &["withdrawApproval"]);
    let sendable = silent(app, "sendable", "auto").await;
    app.readers_at(&sendable, "sendable.example", 1).await;
    examples.on(&app.build(&sendable).await, &["sendDraft"]);
    examples.on(&draft(app, "cancelled", "auto").await, &["cancelDraft"]);
}

/// Adds requests for issues, of which one was sent.
async fn add_issues(app: &TestApp, sent: IssueId, examples: &mut Examples) {
    examples.on(&sent, &["showIssue", "proveIssue", "listDeliveries", "settleIssue"]);
    examples.with("settleIssue", json!({ "as": "accepted" }));
    examples.on(&started(app, "pausing").await, &["pauseIssue"]);
    examples.with("pauseIssue", json!({ "reason": "a wrong headline" }));
    let paused = started(app, "resuming").await;
    control::pause(&app.app, paused, "a wrong headline")
        .await
        .expect("the issue is paused");
    examples.on(&paused, &["resumeIssue"]);
    examples.on(&started(app, "stopping").await, &["cancelIssue"]);
}

/// Adds requests for readers, suppressions, operators and webhooks.
async fn add_readers(app: &TestApp, examples: &mut Examples) {
    examples.with(
        "subscribe",
        json!({ "email": "new@other.example", "newsletters": ["daily"] }),
    );
    let reader = async |number: usize| {
        let subscriptions = app.subscriptions(&format!("reader{number}@reader.example")).await;
        (subscriptions[0].subscriber_id, subscriptions[0].id)
    };
    let ((shown, subscription), (ended, end), (erased, _)) = (reader(1).await, reader(3).await, reader(4).await);
    examples.on(&shown, &["showReader", "exportReader"]);
    examples.on(&subscription, &["showSubscription", "changeSubscription"]);
    examples.with("changeSubscription", json!({ "cadence": "weekly" }));
    examples.on(&ended, &["subscribeReader"]);
    examples.with("subscribeReader", json!({ "newsletter": "evening" }));
    examples.on(&end, &["unsubscribe"]);
    examples.on(&erased, &["eraseReader"]);
    examples.with("searchReaders", json!({ "words": "reader.example" }));
    examples.with(
        "subscribeAddress",
        json!({ "email": "asked@other.example", "newsletter": "daily" }),
    );
    examples.with("findSuppression", json!({ "email": "reader2@reader.example" }));
    examples.with("addSuppression", json!({ "email": "stranger@other.example" }));
    examples.with("liftSuppression", json!({ "reason": "wrote again" }));
    examples.with("addOperator", json!({ "name": "new", "role": "editor" }));
    examples.with("changeOperator", json!({ "role": "publisher" }));
    examples.with("addWebhook", json!({ "url": WEBHOOK, "name": "added" }));
    examples.with("changeWebhook", json!({ "events": ["issue"] }));
    examples.with("replayWebhookMessages", json!({ "failed": true }));
}

/// Adds requests for objects whose ids only the API shows.
async fn add_named_by_api(app: &TestApp, api: &Api, examples: &mut Examples) {
    let id = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned();
    let comments = api.get("/api/v1/comments").await;
    let comment = |number: usize| id(&comments["items"][number]["id"]);
    examples.on(&comment(0), &["showComment", "approveComment"]);
    examples.on(&comment(1), &["rejectComment"]);
    examples.on(&comment(2), &["blockAuthor"]);
    examples.on(&comment(3), &["deleteComment"]);
    let returned = api.get("/api/v1/returned-mail").await;
    examples.on(&id(&returned["items"][0]["id"]), &["showReturnedMail"]);
    for (address, operation) in [
        ("reader2@reader.example", "showSuppression"),
        ("reader5@reader.example", "liftSuppression"),
    ] {
        let body = json!({ "email": address });
        let found = api.ask(Method::POST, "/api/v1/suppressions/search", &body, 200).await;
        examples.on(&id(&found["suppression"]["id"]), &[operation]);
    }
    for (name, operations) in [
        ("shown", &["showOperator", "inviteOperator"][..]),
        ("changed", &["changeOperator"][..]),
        ("removed", &["removeOperator"][..]),
    ] {
        let body = json!({ "name": name, "role": "analyst", "email": format!("{name}@news.example") });
        let added = api.ask(Method::POST, "/api/v1/operators", &body, 201).await;
        examples.on(&id(&added["id"]), operations);
    }
    for (name, operations) in [
        (
            "shown",
            &[
                "showWebhook",
                "changeWebhook",
                "rotateWebhookSecret",
                "testWebhook",
                "listWebhookMessages",
                "replayWebhookMessages",
            ][..],
        ),
        ("removed", &["removeWebhook"][..]),
    ] {
        let body = json!({ "url": WEBHOOK, "name": name });
        let added = api.ask(Method::POST, "/api/v1/webhooks", &body, 201).await;
        examples.on(&id(&added["id"]), operations);
    }
    app.token("shown").await;
    let tokens = api.get("/api/v1/tokens").await;
    let tokens = tokens["items"].as_array().expect("a list of tokens");
    let spare = tokens.iter().find(|token| token["operator"] == "shown");
    examples.on(&id(&spare.expect("the token is listed")["id"]), &["revokeToken"]);
}

/// Ends every issue that is being sent, because no sender does it.
async fn end_issues(app: &TestApp) {
    let issues = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .issues(None, 1000)
        .await;
    for issue in issues.expect("the issues are listed") {
        if matches!(issue.state, IssueState::Sending | IssueState::Paused) {
            control::cancel(&app.app, issue.id)
                .await
                .expect("the issue is cancelled");
        }
    }
}

#[apply(with_schemathesis)]
async fn the_description_holds_for_all_requests(engine: Engine) {
    let builtin = |config: &mut Config| config.comments.provider = CommentProvider::Builtin;
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let mut examples = newsroom(&mut app).await;
    app.operator("cms", OperatorRole::Owner).await;
    let token = app.token("cms").await;

    let program = Program::of(&app)
        .with("DAYWIRE_OPERATORS__API_REQUESTS_PER_MINUTE", "1000000")
        .with("DAYWIRE_COMMENTS__PROVIDER", "builtin")
        .with("DAYWIRE_WEBHOOKS__ALLOW", "127.0.0.1:9");
    // No sender changes the states of issues.
    let serving = program.serve_role("web");
    let api = Api {
        site: serving.site().await,
        token: token.clone(),
    };
    add_named_by_api(&app, &api, &mut examples).await;
    let mut description = document(&api.site.get("/api/v1/openapi.json").await);
    examples.add_to(&mut description);

    let site = format!("http://{}", serving.socket().await);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis.toml");
    let record = program.folder().join("requests.har");
    let mut command = program.command(&schemathesis());
    command
        .arg("--config-file")
        .arg(&config)
        .args([
            "run",
            &program.file("openapi.json", description.to_string()),
            "--url",
            &site,
        ])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args([
            "--checks",
            "all",
            "--max-examples",
            MAX_EXAMPLES,
            "--generation-deterministic",
        ])
        // With two workers, Python 3.11 may fail with "AST constructor recursion depth mismatch": its parser counts for all threads at once.
        .args(["--continue-on-failure", "--request-timeout", "30", "--workers", "1"])
        .arg("--report-har-path")
        .arg(&record)
        .arg("--no-color")
        .env("HYPOTHESIS_STORAGE_DIRECTORY", program.folder())
        .stdin(Stdio::null());
    let child = command.spawn().expect("schemathesis starts");
    let output = tokio::task::block_in_place(|| finish(child, TIMEOUT));
    assert_eq!(output.status, Some(0), "{}\n{}", output.out, output.err);
    let record = std::fs::read_to_string(&record).expect("schemathesis writes the record");
    let record: Value = serde_json::from_str(&record).expect("the record is JSON");
    let missing = never_succeeded(&description, &record);
    assert!(
        missing.is_empty(),
        "these operations never succeeded, so their answers were not compared with the description; give them examples: {missing:#?}"
    );
    let log = serving.log().join("\n");
    serving.terminate();
    assert!(
        !log.contains("panicked") && !log.contains("API request failed"),
        "{log}"
    );
    assert!(!log.contains(&token), "the log has no token");
    end_issues(&app).await;
    teardown.finish().await;
}
