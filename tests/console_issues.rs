//! The console's pages of issues and of today: how far an issue is, live and by loading again, what operators do with it, and what needs
//! them.

use daywire::config::InDoubt;
use daywire::delivery::control;
use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role as WorkerRole;
use reqwest::{Method, StatusCode};

use crate::support::operators::Browser;
use crate::support::{Engine, TestApp, eventually};

const PATH: &str = "/admin/issues/daily/1";
const SESSION: &str = "__Host-daywire-session";

async fn signed_in(app: &mut TestApp, name: &str, role: Role) -> Browser {
    app.operator_with_password(name, role).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, name).await
}

#[apply(on_both_databases)]
async fn an_issue_is_paused_resumed_and_cancelled_after_a_question(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue is sent");
    let mut ben = signed_in(&mut app, "ben", Role::Publisher).await;
    let page = ben.get(PATH).await;
    assert!(page.body.contains("0 of 3 done"), "{}", page.body);
    assert!(page.body.contains("every recipient is counted once"), "{}", page.body);
    assert!(
        page.body.contains(&format!("data-live=\"{PATH}/events\"")),
        "{}",
        page.body
    );
    for (action, notice, state) in [
        ("pause", "The issue is paused.", IssueState::Paused),
        ("resume", "The issue is being sent again.", IssueState::Sending),
        ("cancel", "The issue was cancelled.", IssueState::Cancelled),
    ] {
        let question = ben.get(&format!("{PATH}/ask/{action}")).await;
        assert!(
            question.body.contains(&format!("action=\"{PATH}/do/{action}\"")),
            "{}",
            question.body
        );
        let answer = ben.post_and_follow(&format!("{PATH}/do/{action}"), &[]).await;
        assert!(answer.body.contains(notice), "{action}: {}", answer.body);
        // The page after the action shows the state that the action made, and follows the issue only while it is sent.
        let is_live = answer.body.contains("data-live");
        assert_eq!(is_live, state == IssueState::Sending, "{action}: {}", answer.body);
        assert_eq!(app.state(issue).await, state);
    }
    // A second operator was slower.
    let late = ben.post_and_follow(&format!("{PATH}/do/pause"), &[]).await;
    assert!(late.body.contains("Nothing was done"), "{}", late.body);
    let actions: Vec<_> = app.audit_log().await.into_iter().map(|entry| entry.action).collect();
    for action in [
        AuditAction::IssuePaused,
        AuditAction::IssueResumed,
        AuditAction::IssueCancelled,
    ] {
        assert!(actions.contains(&action), "{action}");
    }
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    let page = nora.get(PATH).await;
    assert!(
        page.status == StatusCode::OK && !page.body.contains("/ask/"),
        "{}",
        page.body
    );
    assert_eq!(
        nora.post(&format!("{PATH}/do/pause"), &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[apply(on_both_databases)]
async fn a_report_adds_up_and_its_proof_names_every_reason(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    app.suppress("reader0@reader.example", "wished so").await;
    app.articles(&daily, 2).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[WorkerRole::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    let page = nora.get(PATH).await;
    assert!(page.body.contains("4 of 4 done"), "{}", page.body);
    assert!(
        !page.body.contains("data-live"),
        "an issue that has ended does not change"
    );
    let proof = nora.get(&format!("{PATH}/proof")).await;
    assert!(
        proof.body.contains("The report adds up: 4 recipients"),
        "{}",
        proof.body
    );
    assert!(proof.body.contains("operator"), "{}", proof.body);
    assert!(!proof.body.contains("@reader.example"), "a report names no reader");
    let list = nora.get("/admin/issues").await;
    assert!(list.body.contains(&format!("href=\"{PATH}\"")), "{}", list.body);
    assert!(list.body.contains("4 recipients"), "{}", list.body);
    let today = nora.get("/admin").await;
    assert!(today.body.contains("3 accepted"), "{}", today.body);
}

#[apply(on_both_databases)]
async fn a_page_follows_an_issue_until_it_ends_and_no_longer_than_the_session(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue is sent");
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    let following = {
        let mut nora = nora.clone();
        tokio::spawn(async move { nora.send(Method::GET, &format!("{PATH}/events"), None, &[]).await })
    };
    app.serve_roles(&[WorkerRole::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let followed = following.await.expect("the stream ends with the issue");
    assert_eq!(followed.header("content-type"), Some("text/event-stream"));
    assert!(followed.body.contains("event: progress"), "{}", followed.body);
    assert!(followed.body.contains("event: state"), "{}", followed.body);
    assert!(followed.body.contains("<progress"), "{}", followed.body);

    app.articles(&daily, 2).await;
    let next = app.build(&daily).await;
    app.stop_serving().await;
    control::send(&app.app, next).await.expect("the issue is sent");
    let site = app.serve_site().await;
    nora = Browser::signed_in(&site, "nora").await;
    let cookie = format!("{SESSION}={}", nora.cookie(SESSION).expect("nora is signed in"));
    let request = site
        .request(Method::GET, "/admin/issues/daily/2/events")
        .header("cookie", cookie);
    let mut stream = request.send().await.expect("the stream begins");
    let first = stream.chunk().await.expect("the stream is read").expect("an event");
    assert!(first.starts_with(b"event: progress"), "{first:?}");
    nora.post("/admin/logout", &[]).await;
    let rest = stream.text().await.expect("the stream ends with the session");
    assert!(rest.contains("event: signed-out"), "{rest}");
    control::cancel(&app.app, next).await.expect("the issue is cancelled");
}

#[apply(on_both_databases)]
async fn messages_in_doubt_are_settled_and_today_names_them(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.delivery.in_doubt = InDoubt::Hold).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::AfterAccept => Verdict::HangUp,
        _ => Verdict::Continue,
    });
    control::send(&app.app, issue).await.expect("the issue is sent");
    app.serve_roles(&[WorkerRole::Sender]).await;
    eventually("the messages are in doubt", || async {
        app.count(issue, DeliveryState::InDoubt).await == 2
    })
    .await;
    app.until(issue, IssueState::Sent).await;
    let mut ben = signed_in(&mut app, "ben", Role::Publisher).await;
    let today = ben.get("/admin").await;
    assert!(
        today
            .body
            .contains("2 messages of Daily Broadcast, issue 1 are in doubt"),
        "{}",
        today.body
    );
    let settled = ben.post_and_follow(&format!("{PATH}/do/accepted"), &[]).await;
    assert!(
        settled.body.contains("It was decided about the messages in doubt."),
        "{}",
        settled.body
    );
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 2);
    let log = app.audit_log().await;
    assert!(log.iter().any(|entry| entry.action == AuditAction::IssueSettled));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn today_says_what_comes_next_and_what_waits(mut app: TestApp) {
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    let empty = nora.get("/admin").await;
    assert!(empty.body.contains("There is no newsletter yet."), "{}", empty.body);
    let toml = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntimezone = \"Europe/Berlin\"\napproval = \"required\"\n";
    let daily = app.apply(toml).await;
    app.articles(&daily, 2).await;
    app.build(&daily).await;
    let page = nora.get("/admin").await;
    assert!(
        page.body.contains("07:00") && page.body.contains("UTC"),
        "{}",
        page.body
    );
    assert!(page.body.contains("waits for approval"), "{}", page.body);
    assert!(page.body.contains("href=\"/admin/drafts/daily/1\""), "{}", page.body);
    for path in [
        "/admin/drafts/daily/2",
        "/admin/issues/daily/x",
        "/admin/issues/other/1",
        "/admin/issues?before=x",
    ] {
        let answer = nora.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}
