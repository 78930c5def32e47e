//! The id of a request is in its answer, on error pages, in problem details and in each log line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::program::Program;
use crate::support::{Engine, TestApp, eventually};

const OF_PROXY: &str = "proxy-4711.a_B";

#[apply(on_both_databases)]
async fn every_answer_has_an_id_and_failures_show_it(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let mut seen = BTreeSet::new();
    for path in [
        "/",
        "/assets/none",
        "/healthz",
        "/no/such/page",
        "/api/v1/none",
        "/confirm/x",
    ] {
        let answer = site.get(path).await;
        let id = answer
            .header("x-request-id")
            .expect("every answer has an id")
            .to_owned();
        assert_eq!(id.len(), 36, "{path}: {id}");
        if answer.status.is_client_error() {
            assert!(answer.body.contains(&id), "{path}: {}", answer.body);
        } else {
            assert!(!answer.body.contains(&id), "{path}");
        }
        assert!(seen.insert(id), "{path} has the id of another request");
    }
    let refused = site.get("/api/v1/articles").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let problem: Value = serde_json::from_str(&refused.body).expect("the body is JSON");
    assert_eq!(problem["request_id"].as_str(), refused.header("x-request-id"));
}

#[apply(on_both_databases)]
async fn only_a_trusted_proxy_chooses_the_id(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    let site = app.serve_site().await;
    let sent = |id: &'static str| site.request(Method::GET, "/no/such/page").header("x-request-id", id);
    let answer = site.send(sent(OF_PROXY)).await;
    assert_ne!(answer.header("x-request-id"), Some(OF_PROXY));
    assert!(!answer.body.contains(OF_PROXY));

    app.restart(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")])
        .await;
    let site = app.serve_site().await;
    let sent = |id: &'static str| site.request(Method::GET, "/no/such/page").header("x-request-id", id);
    let answer = site.send(sent(OF_PROXY)).await;
    assert_eq!(answer.header("x-request-id"), Some(OF_PROXY));
    assert!(answer.body.contains(OF_PROXY));
    for unusable in ["<b>x</b>", "ada@reader.example", "a b"] {
        let answer = site.send(sent(unusable)).await;
        assert_ne!(answer.header("x-request-id"), Some(unusable));
        assert!(!answer.body.contains(unusable));
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn log_lines_have_the_documented_members_and_the_id_of_the_request(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let link = app.unsubscribe_path("reader0@reader.example").await;
    let serving = Program::of(&app).with("DAYWIRE_LOG__LEVEL", "debug").serve();
    let site = serving.site().await;
    let answer = site.post(&link, &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let id = answer.header("x-request-id").expect("the answer has an id").to_owned();
    let found = || {
        let lines = serving.log().into_iter();
        let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line).expect("a line is JSON"));
        lines.find(|line| line["fields"]["message"] == "subscription ended")
    };
    eventually("the end of the subscription is logged", || async { found().is_some() }).await;
    let ended = found().expect("the loop ends when the line is found");
    assert_eq!(ended["span"]["name"], "request", "{ended}");
    assert_eq!(ended["span"]["request.id"], id, "{ended}");
    assert_eq!(ended["span"]["request.route"], "/unsubscribe/{token}", "{ended}");

    let documented = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/logging.md"));
    let documented = documented.expect("docs/reference/logging.md exists");
    for text in serving.log() {
        let entry: Value = serde_json::from_str(&text).expect("a line is JSON");
        for member in entry.as_object().expect("a line is an object").keys() {
            assert!(documented.contains(&format!("| `{member}` |")), "{member} of {text}");
        }
        for field in entry["fields"].as_object().expect("a line has fields").keys() {
            let is_message = field == "message" || text.contains("sqlx");
            assert!(
                is_message || documented.contains(&format!("| `{field}` |")),
                "{field} of {text}"
            );
        }
        assert!(
            !text.contains('@') && !text.contains(link.rsplit('/').next().expect("a token")),
            "{text}"
        );
    }
    assert!(serving.terminate().0.success());
}
