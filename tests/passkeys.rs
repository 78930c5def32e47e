//! Passkeys of operators: adding, signing in and removing, and answers that must not be accepted. `console_scenarios.rs` does the same in a real
//! browser.

use chrono::TimeDelta;
use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::operators::{Browser, PASSWORD};
use crate::support::program::Program;
use crate::support::site::{Answer, Site};

const ADD: &str = "/admin/account/passkeys";
const SIGN_IN: &str = "/admin/login/passkey";

/// What is wrong with a device.
type Change = fn(&mut Authenticator);

/// Asks for what a browser needs to answer.
async fn ask(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Value {
    let asked = browser.post(&format!("{path}/challenge"), fields).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    serde_json::from_str(&asked.body).expect("the question is JSON")
}

fn token(asked: &Value) -> &str {
    asked["challenge"].as_str().expect("the question has a token")
}

async fn ask_for_new(browser: &mut Browser) -> Value {
    ask(browser, ADD, &[("passkey", "phone"), ("current-password", PASSWORD)]).await
}

async fn add(browser: &mut Browser, asked: &Value, answer: &str) -> Answer {
    let fields = [
        ("passkey", "phone"),
        ("challenge", token(asked)),
        ("credential", answer),
    ];
    browser.post(ADD, &fields).await
}

/// Adds a passkey in a browser that is signed in.
async fn device(browser: &mut Browser) -> Authenticator {
    let mut device = Authenticator::new();
    let asked = ask_for_new(browser).await;
    let answer = device.make(&asked);
    let added = add(browser, &asked, &answer).await;
    assert_eq!(
        added.header("location"),
        Some("/admin/account?done=passkey"),
        "{}",
        added.body
    );
    device
}

async fn sign_in(browser: &mut Browser, asked: &Value, answer: &str) -> Answer {
    let fields = [
        ("challenge", token(asked)),
        ("credential", answer),
        ("next", "/admin/account"),
    ];
    browser.post(SIGN_IN, &fields).await
}

/// Signs in with a device in a new browser.
async fn sign_in_with(site: &Site, device: &mut Authenticator) -> (Browser, Answer) {
    let mut browser = Browser::of(site);
    let asked = ask(&mut browser, SIGN_IN, &[]).await;
    let answer = device.sign(&asked);
    let answer = sign_in(&mut browser, &asked, &answer).await;
    (browser, answer)
}

#[track_caller]
fn assert_signed_in(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), Some("/admin/account"));
}

#[track_caller]
fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}: {}", answer.body);
    assert!(answer.body.contains("The passkey was not accepted."), "{what}");
    assert!(answer.header("set-cookie").is_none(), "{what}");
}

#[apply(on_both_databases)]
async fn a_passkey_signs_in_without_password_and_code_until_it_is_removed(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    assert!(ada.get("/admin/account").await.body.contains("You have no passkey."));
    let mut phone = device(&mut ada).await;
    assert!(ada.get("/admin/account").await.body.contains("never used"));
    let asked = ask_for_new(&mut ada).await;
    let known = asked["options"]["publicKey"]["excludeCredentials"].as_array();
    assert_eq!(known.map(Vec::len), Some(1), "the device need not make a second one");

    for _ in 0..2 {
        app.advance(TimeDelta::minutes(2));
        let (mut browser, answer) = sign_in_with(&site, &mut phone).await;
        assert_signed_in(&answer);
        let page = browser.get("/admin/account").await.body;
        assert!(page.contains("last used 23 Nov 2026"), "{page}");
    }
    let page = ada.get("/admin/account").await.body;
    let id = page.split("name=\"passkey\" value=\"").nth(1).expect("a passkey");
    let id = id.split('"').next().expect("an id").to_owned();
    // Another operator cannot remove it.
    app.operator_with_password("eve", Role::Editor).await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    eve.post(&format!("{ADD}/remove"), &[("passkey", &id)]).await;
    assert_signed_in(&sign_in_with(&site, &mut phone).await.1);
    ada.post(&format!("{ADD}/remove"), &[("passkey", &id)]).await;
    assert_refused(&sign_in_with(&site, &mut phone).await.1, "a removed passkey");

    let log = app.audit_log().await;
    let actions: Vec<_> = log.iter().map(|entry| entry.action).collect();
    for action in [AuditAction::OperatorPasskeyAdded, AuditAction::OperatorPasskeyRemoved] {
        assert_eq!(actions.iter().filter(|found| **found == action).count(), 1, "{action}");
    }
}

#[apply(on_both_databases)]
async fn a_passkey_needs_the_password_and_a_name(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let before = app.dump().await;
    let long = "x".repeat(61);
    for (name, password, text) in [
        ("", PASSWORD, "Give the passkey a name of at most 60 characters."),
        (&*long, PASSWORD, "Give the passkey a name of at most 60 characters."),
        ("phone", "not-the-password", "The current password is wrong."),
    ] {
        let fields = [("passkey", name), ("current-password", password)];
        let refused = ada.post(&format!("{ADD}/challenge"), &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert!(refused.body.contains(text), "{}", refused.body);
    }
    let rows = app.dump().await;
    assert_eq!(rows["operator_challenges"], before["operator_challenges"]);
    // Without scripts the form comes without an answer.
    let refused = ada
        .post(ADD, &[("passkey", "phone"), ("current-password", PASSWORD)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The passkey was not added") && refused.body.contains("value=\"phone\""));
    assert!(app.dump().await["operator_passkeys"].is_empty());
}

#[apply(on_both_databases)]
async fn no_answer_of_a_passkey_is_accepted_twice_or_late(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let mut phone = device(&mut ada).await;

    let mut browser = Browser::of(&site);
    let asked = ask(&mut browser, SIGN_IN, &[]).await;
    let answer = phone.sign(&asked);
    assert_signed_in(&sign_in(&mut browser, &asked, &answer).await);
    assert_refused(&sign_in(&mut Browser::of(&site), &asked, &answer).await, "replayed");
    // A wrong answer uses the challenge up as well.
    let asked = ask(&mut browser, SIGN_IN, &[]).await;
    assert_refused(&sign_in(&mut Browser::of(&site), &asked, "{}").await, "nothing");
    let answer = phone.sign(&asked);
    assert_refused(
        &sign_in(&mut Browser::of(&site), &asked, &answer).await,
        "the second answer",
    );
    // The answer to one challenge is none to another.
    let (first, second) = (
        ask(&mut browser, SIGN_IN, &[]).await,
        ask(&mut browser, SIGN_IN, &[]).await,
    );
    let answer = phone.sign(&first);
    assert_refused(
        &sign_in(&mut Browser::of(&site), &second, &answer).await,
        "another challenge",
    );

    let asked = ask(&mut browser, SIGN_IN, &[]).await;
    let answer = phone.sign(&asked);
    app.advance(TimeDelta::minutes(11));
    assert_refused(&sign_in(&mut Browser::of(&site), &asked, &answer).await, "late");

    // A challenge to make a passkey works once, too, and for the operator who asked.
    let mut ada = Browser::signed_in(&site, "ada").await;
    let asked = ask_for_new(&mut ada).await;
    app.operator_with_password("eve", Role::Editor).await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    let answer = Authenticator::new().make(&asked);
    assert_eq!(
        add(&mut eve, &asked, &answer).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        add(&mut ada, &asked, &answer).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let asked = ask_for_new(&mut ada).await;
    assert_refused(
        &sign_in(&mut Browser::of(&site), &asked, &phone.sign(&asked)).await,
        "another purpose",
    );
}

#[apply(on_both_databases)]
async fn passkeys_of_other_sites_and_unverified_people_are_refused(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let faults: [(&str, Change); 4] = [
        ("another origin", |device| device.origin = "https://evil.example"),
        ("another scheme", |device| device.origin = "http://news.example"),
        ("another site", |device| device.rp_id = "evil.example"),
        ("nobody verified", |device| device.verifies = false),
    ];
    for (what, change) in faults {
        let mut phone = Authenticator::new();
        change(&mut phone);
        let asked = ask_for_new(&mut ada).await;
        let answer = phone.make(&asked);
        let added = add(&mut ada, &asked, &answer).await;
        assert_eq!(added.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");

        let mut phone = device(&mut ada).await;
        assert_signed_in(&sign_in_with(&site, &mut phone).await.1);
        change(&mut phone);
        assert_refused(&sign_in_with(&site, &mut phone).await.1, what);
    }
}

#[apply(on_both_databases)]
async fn a_passkey_signs_in_its_own_operator_only(mut app: TestApp) {
    for name in ["ada", "eve"] {
        app.operator_with_password(name, Role::Owner).await;
    }
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    let (hers, mut phone) = (device(&mut ada).await, device(&mut eve).await);
    let own = std::mem::replace(&mut phone.user_handle, hers.user_handle.clone());
    assert_refused(
        &sign_in_with(&site, &mut phone).await.1,
        "the handle of another operator",
    );
    phone.user_handle = Vec::new();
    assert_refused(&sign_in_with(&site, &mut phone).await.1, "no handle");
    phone.user_handle = own;
    let (mut browser, answer) = sign_in_with(&site, &mut phone).await;
    assert_signed_in(&answer);
    assert!(browser.get("/admin").await.body.contains("Sign out eve"));
    // The same passkey cannot be added again, also by another operator.
    let asked = ask_for_new(&mut ada).await;
    let answer = phone.make(&asked);
    assert_eq!(
        add(&mut ada, &asked, &answer).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_signed_in(&{
        phone.user_handle = Vec::from(own_handle(&app, "eve").await);
        sign_in_with(&site, &mut phone).await.1
    });

    daywire::operators::remove(
        &app.app,
        &crate::support::operators::actor(),
        "eve",
        &daywire::domain::seen::Seen::Any,
    )
    .await
    .expect("eve is removed");
    assert_refused(&sign_in_with(&site, &mut phone).await.1, "a removed operator");
    assert_eq!(app.dump().await["operator_passkeys"].len(), 1, "only ada's is left");
}

async fn own_handle(app: &TestApp, name: &str) -> [u8; 16] {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let operators = tx.operators().await.expect("the operators are read");
    let found = operators.into_iter().find(|operator| operator.name == name);
    found.expect("the operator exists").id.0.into_bytes()
}

#[apply(on_both_databases)]
async fn a_copied_passkey_is_refused_and_recorded(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let mut phone = device(&mut ada).await;
    phone.counter = 7;
    assert_signed_in(&sign_in_with(&site, &mut phone).await.1);
    phone.counter = 3;
    assert_refused(
        &sign_in_with(&site, &mut phone).await.1,
        "an earlier number of signatures",
    );
    let log = app.audit_log().await;
    // Entries of one instant come in any order.
    let mut refused = log
        .iter()
        .filter(|entry| entry.action == AuditAction::OperatorPasskeyRefused);
    assert_eq!(refused.next().expect("the refusal is recorded").object_name, "ada");
    assert!(refused.next().is_none());
    phone.counter = 20;
    assert_signed_in(&sign_in_with(&site, &mut phone).await.1);

    Program::of(&app).ok(&["operator", "remove-passkeys", "ada"]);
    assert_refused(&sign_in_with(&site, &mut phone).await.1, "removed by a command");
}

#[apply(on_both_databases)]
async fn damaged_and_huge_answers_are_refused(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let mut phone = device(&mut ada).await;
    let mut browser = Browser::of(&site);
    let asked = ask(&mut browser, SIGN_IN, &[]).await;
    let valid = phone.sign(&asked);
    let nested = format!("{}1{}", "[".repeat(3_000), "]".repeat(3_000));
    let padded = format!("{}{valid}", " ".repeat(16 * 1024));
    let response = |name: &str, text: &str| {
        let mut answer: Value = serde_json::from_str(&valid).expect("the answer is JSON");
        answer["response"][name] = text.into();
        answer.to_string()
    };
    let long = "A".repeat(8_000);
    let answers = [
        "",
        "null",
        "[]",
        &nested,
        &padded,
        &valid[..valid.len() / 2],
        &response("clientDataJSON", "!"),
        &response("clientDataJSON", "e30"),
        &response("authenticatorData", ""),
        &response("authenticatorData", &long),
        &response("signature", ""),
        &response("signature", &long),
        &response("userHandle", "AA"),
    ];
    for answer in answers {
        let asked = ask(&mut browser, SIGN_IN, &[]).await;
        let shown: String = answer.chars().take(80).collect();
        assert_refused(&sign_in(&mut browser, &asked, answer).await, &shown);
        let asked = ask_for_new(&mut ada).await;
        let added = add(&mut ada, &asked, answer).await;
        assert_eq!(added.status, StatusCode::UNPROCESSABLE_ENTITY, "{shown}");
    }
    assert_refused(&browser.post(SIGN_IN, &[]).await, "an empty form");
    let huge = browser.post(SIGN_IN, &[("credential", &"A".repeat(70_000))]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_signed_in(&sign_in_with(&site, &mut phone).await.1);
}

#[apply(on_both_databases)]
async fn a_network_cannot_fill_the_table_of_challenges(mut app: TestApp) {
    let site = app.serve_site().await;
    let mut browser = Browser::of(&site);
    for _ in 0..120 {
        ask(&mut browser, SIGN_IN, &[]).await;
    }
    let refused = browser.post(&format!("{SIGN_IN}/challenge"), &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(app.rows("operator_challenges").await.len(), 120);
}
