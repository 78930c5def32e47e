//! The accounts of operators in the console: authenticator apps, recovery codes, roles, tokens and the audit log.

use chrono::TimeDelta;
use daywire::domain::audit::AuditAction;
use daywire::domain::role::{Role, Scope, Scopes};
use daywire::operators;
use daywire::store::Store;
use reqwest::{Method, StatusCode};
use ring::hmac;

use crate::support::TestApp;
use crate::support::operators::{Browser, PASSWORD, actor};
use crate::support::program::Program;
use crate::support::site::{Answer, Site};

const APP: &str = "/admin/account/authenticator";

/// The text between two parts of a page.
fn between(page: &str, before: &str, after: &str) -> String {
    let found = page.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found
        .unwrap_or_else(|| panic!("{before} is not in {page}"))
        .0
        .to_owned()
}

/// What an authenticator app does, with another implementation of HMAC than the program's.
pub fn app_code(app: &TestApp, secret: &str, steps_later: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).expect("a secret");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let step = app.now().timestamp() / 30 + steps_later;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let hash = tag.as_ref();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Sets an app up. Returns its secret and the recovery codes.
pub async fn set_up_app(app: &TestApp, browser: &mut Browser) -> (String, Vec<String>) {
    let page = browser.get(APP).await.body;
    assert!(page.contains("<svg"), "the page has a QR code");
    let secret = between(&page, "class=\"secret\" dir=\"ltr\">", "<");
    let sealed = between(&page, "name=\"secret\" value=\"", "\"");
    assert!(!sealed.contains(&secret));
    for (code, password, text) in [
        ("000000", PASSWORD, "The code is wrong"),
        (
            &*app_code(app, &secret, 0),
            "not-the-password",
            "The current password is wrong",
        ),
    ] {
        let fields = [("secret", &*sealed), ("code", code), ("current-password", password)];
        let refused = browser.post(APP, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(text), "{}", refused.body);
        assert!(refused.body.contains(&secret), "the same secret is offered again");
    }
    let code = app_code(app, &secret, 0);
    let fields = [("secret", &*sealed), ("code", &*code), ("current-password", PASSWORD)];
    let enabled = browser.post(APP, &fields).await;
    assert_eq!(enabled.status, StatusCode::OK, "{}", enabled.body);
    let codes: Vec<String> = enabled
        .body
        .split("<li><code>")
        .skip(1)
        .map(|part| part.split('<').next().expect("a code").to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

pub async fn type_code(browser: &mut Browser, code: &str) -> Answer {
    browser.post("/admin/login/code", &[("code", code)]).await
}

/// A browser that has typed the password and not yet the code.
async fn half_signed_in(site: &Site) -> Browser {
    let mut browser = Browser::of(site);
    let answer = browser.sign_in("ada", PASSWORD).await;
    assert_eq!(answer.header("location"), Some("/admin/login/code"));
    browser
}

#[apply(on_both_databases)]
async fn with_an_app_a_sign_in_needs_a_code_which_works_once(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let (secret, _) = set_up_app(&app, &mut browser).await;

    let mut second = half_signed_in(&site).await;
    let half = second.get("/admin").await;
    assert_eq!(
        half.header("location"),
        Some("/admin/login"),
        "the password alone opens nothing"
    );
    let used = app_code(&app, &secret, 0);
    assert_eq!(
        type_code(&mut second, &used).await.status,
        StatusCode::UNAUTHORIZED,
        "it set the app up"
    );
    let before = second.cookie("__Host-daywire-session").map(str::to_owned);
    let next = app_code(&app, &secret, 1);
    assert_eq!(type_code(&mut second, &next).await.status, StatusCode::SEE_OTHER);
    assert_eq!(second.get("/admin").await.status, StatusCode::OK);
    assert_ne!(
        second.cookie("__Host-daywire-session").map(str::to_owned),
        before,
        "the session has a new token"
    );

    let mut third = half_signed_in(&site).await;
    assert_eq!(
        type_code(&mut third, &next).await.status,
        StatusCode::UNAUTHORIZED,
        "it was used"
    );
    app.advance(TimeDelta::minutes(1));
    let later = app_code(&app, &secret, 0);
    assert_eq!(
        type_code(&mut third, &format!("{} {}", &later[..3], &later[3..]))
            .await
            .status,
        StatusCode::SEE_OTHER
    );

    let mut late = half_signed_in(&site).await;
    app.advance(TimeDelta::minutes(10));
    let answer = type_code(&mut late, &app_code(&app, &secret, 0)).await;
    assert_eq!(
        answer.header("location"),
        Some("/admin/login"),
        "the password has to be typed again"
    );
    assert!(
        !format!("{:?}", app.dump().await).contains(&secret),
        "the secret is stored encrypted"
    );
}

#[apply(on_both_databases)]
async fn two_requests_with_one_code_sign_in_once(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let (secret, _) = set_up_app(&app, &mut browser).await;
    let code = app_code(&app, &secret, 1);
    let (mut one, mut other) = (half_signed_in(&site).await, half_signed_in(&site).await);
    let (one, other) = tokio::join!(type_code(&mut one, &code), type_code(&mut other, &code));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 401]);
}

#[apply(on_both_databases)]
async fn a_recovery_code_works_once_instead_of_the_phone(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let (_, codes) = set_up_app(&app, &mut browser).await;
    let mut second = half_signed_in(&site).await;
    assert_eq!(
        type_code(&mut second, &codes[3].to_uppercase()).await.status,
        StatusCode::SEE_OTHER
    );
    let mut third = half_signed_in(&site).await;
    assert_eq!(type_code(&mut third, &codes[3]).await.status, StatusCode::UNAUTHORIZED);
    let page = second.get(APP).await.body;
    assert!(page.contains("Recovery codes left: 9"), "{page}");

    let new = second
        .post(&format!("{APP}/codes"), &[("current-password", PASSWORD)])
        .await;
    assert_eq!(new.status, StatusCode::OK);
    assert_eq!(
        type_code(&mut third, &codes[4]).await.status,
        StatusCode::UNAUTHORIZED,
        "old codes end"
    );
    let everything = format!("{:?}", app.dump().await);
    assert!(codes.iter().all(|code| !everything.contains(&code.replace('-', ""))));

    let removed = second
        .post_and_follow(&format!("{APP}/remove"), &[("current-password", PASSWORD)])
        .await;
    assert!(
        removed.body.contains("The authenticator app was removed."),
        "{}",
        removed.body
    );
    Browser::signed_in(&site, "ada").await;
    let actions: Vec<_> = app.audit_log().await.iter().map(|entry| entry.action).collect();
    for action in [
        AuditAction::OperatorTotpEnabled,
        AuditAction::OperatorRecoveryCodeUsed,
        AuditAction::OperatorRecoveryCodesMade,
        AuditAction::OperatorTotpDisabled,
    ] {
        assert!(actions.contains(&action), "{action}");
    }
}

#[apply(on_both_databases)]
async fn guesses_of_codes_are_limited(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    set_up_app(&app, &mut browser).await;
    let mut stranger = half_signed_in(&site).await;
    for _ in 0..4 {
        assert_eq!(
            type_code(&mut stranger, "000000").await.status,
            StatusCode::UNAUTHORIZED
        );
        // The right password does not reset the limit of the codes.
        assert_eq!(stranger.sign_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(
        type_code(&mut stranger, "000000").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        type_code(&mut stranger, "000000").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[apply(on_both_databases)]
async fn a_lost_app_is_removed_at_the_command_line(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    set_up_app(&app, &mut browser).await;
    Program::of(&app).ok(&["operator", "reset-totp", "ada"]);
    Browser::signed_in(&site, "ada").await;
}

#[apply(on_both_databases)]
async fn an_owner_adds_operators_and_changes_their_roles(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let fields = [("name", "Eve"), ("email", "eve@news.example"), ("role", "analyst")];
    let added = ada.post_and_follow("/admin/operators", &fields).await;
    assert!(added.body.contains("an invitation is on its way") && added.body.contains("eve@news.example"));
    let taken = ada.post("/admin/operators", &fields).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("Another operator has"), "{}", taken.body);
    operators::set_password(&app.app, &actor(), "eve", PASSWORD)
        .await
        .expect("the password is set");
    let mut eve = Browser::signed_in(&site, "eve").await;
    assert_eq!(eve.get("/admin/operators").await.status, StatusCode::FORBIDDEN);
    // A new role counts from the next request.
    ada.post("/admin/operators/role", &[("operator", "eve"), ("role", "owner")])
        .await;
    assert_eq!(eve.get("/admin/operators").await.status, StatusCode::OK);
    eve.post("/admin/operators/role", &[("operator", "ada"), ("role", "editor")])
        .await;
    let last = eve
        .post("/admin/operators/role", &[("operator", "eve"), ("role", "editor")])
        .await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.body.contains("the last owner who can sign in"), "{}", last.body);
    let last = eve.post("/admin/operators/remove", &[("operator", "eve")]).await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    eve.post("/admin/operators/remove", &[("operator", "ada")]).await;
    assert_eq!(ada.get("/admin").await.status, StatusCode::SEE_OTHER);
    let log = app.audit_log().await;
    let role = log
        .iter()
        .find(|entry| entry.action == AuditAction::OperatorRoleChanged && entry.actor == "eve");
    let role = role.expect("the change is recorded");
    assert_eq!((role.actor.as_str(), role.object_name.as_str()), ("eve", "ada"));
    assert_eq!(role.old_values.as_deref(), Some(r#"{"role":"owner"}"#));
    assert_eq!(role.new_values.as_deref(), Some(r#"{"role":"editor"}"#));
    let added = log
        .iter()
        .find(|entry| entry.object_name == "eve" && entry.action == AuditAction::OperatorAdded);
    let values = added
        .and_then(|entry| entry.new_values.clone())
        .expect("it is recorded");
    assert!(
        values.contains("e…@news.example") && !values.contains("eve@"),
        "{values}"
    );
}

#[apply(on_both_databases)]
async fn the_audit_log_is_never_changed(app: TestApp) {
    app.operator("ada", Role::Owner).await;
    let before = app.rows("audit_log").await;
    assert_eq!(before.len(), 1);
    for sql in [
        "UPDATE audit_log SET actor = 'eve'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        let refused = match &app.app.store {
            Store::Sqlite { write, .. } => sqlx::raw_sql(sql).execute(write).await.map(drop),
            Store::Postgres(cluster) => sqlx::raw_sql(sql).execute(&cluster.pool()).await.map(drop),
        };
        refused.expect_err("the database refuses it");
    }
    assert_eq!(app.rows("audit_log").await, before);
}

#[apply(on_both_databases)]
async fn the_audit_log_is_paged_and_filtered(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    for number in 0..60 {
        app.operator(&format!("cms{number}"), Role::Editor).await;
    }
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let first = ada.get("/admin/audit").await.body;
    assert_eq!(first.matches("<code dir=\"ltr\">operator.").count(), 50);
    let older = between(&first, "class=\"action\" href=\"", "\"").replace("&#38;", "&");
    let second = ada.get(&older).await.body;
    // 61 added, a password and the sign-in.
    assert_eq!(second.matches("<code dir=\"ltr\">operator.").count(), 13);
    let one = ada.get("/admin/audit?object=cms7&action=operator.added").await.body;
    assert_eq!(one.matches("<code dir=\"ltr\">operator.").count(), 1);
    let none = ada.get("/admin/audit?to=2026-11-22").await.body;
    assert!(none.contains("No entry matches."));
    let by_ada = ada
        .get("/admin/audit?actor=ada&from=2026-11-23&to=2026-11-23")
        .await
        .body;
    assert_eq!(by_ada.matches("<code dir=\"ltr\">operator.").count(), 1);
    let program = Program::of(&app);
    let listed = program.json(&["audit", "list", "--action", "operator.signed_in"]);
    assert_eq!(listed[0]["actor"], "ada");
    assert_eq!(listed[0]["way"], "console");
    assert!(
        program
            .ok(&["audit", "list", "--object", "cms7"])
            .contains("operator.added")
    );
}

#[apply(on_both_databases)]
async fn tokens_are_made_and_revoked_on_a_page(mut app: TestApp) {
    app.operator_with_password("eve", Role::Editor).await;
    let site = app.serve_site().await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    let none = eve
        .post("/admin/tokens", &[("label", "cms"), ("current-password", PASSWORD)])
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wanted = [("label", "cms"), ("scope", "read"), ("scope", "write"), ("days", "7")];
    let without_password = eve.post("/admin/tokens", &wanted).await;
    assert_eq!(without_password.status, StatusCode::UNPROCESSABLE_ENTITY);
    let password = ("current-password", PASSWORD);
    let made = eve.post("/admin/tokens", &[&wanted[..], &[password]].concat()).await;
    let token = between(&made.body, "class=\"secret\" dir=\"ltr\">", "<");
    let ask = async |token: &str| {
        let request = site.request(Method::GET, "/api/v1/articles").bearer_auth(token);
        site.send(request).await.status
    };
    assert_eq!(ask(&token).await, StatusCode::OK);
    assert!(
        !eve.get("/admin/tokens").await.body.contains(&token),
        "it is shown once"
    );
    app.advance(TimeDelta::days(7));
    assert_eq!(ask(&token).await, StatusCode::UNAUTHORIZED, "it has expired");

    let mut eve = Browser::signed_in(&site, "eve").await;
    let made = eve
        .post("/admin/tokens", &[("scope", "read"), ("days", "30"), password])
        .await;
    let token = between(&made.body, "class=\"secret\" dir=\"ltr\">", "<");
    let prefix: String = token.chars().take(16).collect();
    eve.post("/admin/tokens/revoke", &[("token", &prefix)]).await;
    assert_eq!(ask(&token).await, StatusCode::UNAUTHORIZED);
}

#[apply(on_both_databases)]
async fn the_api_permits_what_scopes_and_role_both_permit(mut app: TestApp) {
    app.operator("cms", Role::Editor).await;
    app.operator("eye", Role::Analyst).await;
    let site = app.serve_site().await;
    let read: Scopes = [Scope::Read].into_iter().collect();
    let send: Scopes = [Scope::Send].into_iter().collect();
    let article = serde_json::json!({ "title": "Mast struck", "text": "At dawn." });
    for (name, scopes, may_read, may_write) in [
        ("cms", Scopes::all(), true, true),
        ("cms", read, true, false),
        ("cms", send, false, false),
        ("eye", Scopes::all(), true, false),
    ] {
        let token = app.token_with(name, scopes.clone()).await;
        let request = site.request(Method::GET, "/api/v1/articles").bearer_auth(&token);
        let answer = site.send(request).await;
        let expected = if may_read {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(answer.status, expected, "{name} {scopes}: {}", answer.body);
        let before = app.dump().await;
        let request = site
            .request(Method::POST, "/api/v1/articles")
            .bearer_auth(&token)
            .header("content-type", "application/json")
            .body(article.to_string());
        let answer = site.send(request).await;
        if may_write {
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        } else {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {scopes}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(app.dump().await, before);
        }
    }
}

#[apply(on_both_databases)]
async fn commands_change_operators(mut app: TestApp) {
    let site = app.serve_site().await;
    let program = Program::of(&app);
    let added = program.json(&[
        "operator",
        "add",
        "Ada",
        "--role",
        "owner",
        "--email",
        "ada@news.example",
    ]);
    assert_eq!((&added["name"], &added["role"]), (&"ada".into(), &"owner".into()));
    let missing = program.run(&["operator", "passwd", "ada"]);
    assert!(missing.reason().contains("no password"), "{missing:?}");
    operators::set_password(&app.app, &actor(), "ada", PASSWORD)
        .await
        .expect("the password is set");
    let refused = program.run(&["operator", "role", "ada", "editor"]);
    assert!(
        refused.reason().contains("is the last owner who can sign in"),
        "{refused:?}"
    );
    assert_eq!(program.run(&["operator", "role", "ada", "king"]).status, Some(2));
    let mut browser = Browser::of(&site);
    assert_eq!(
        browser.sign_in("ADA@news.example", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    program.ok(&["operator", "add", "cms"]);
    let token = program.json(&["operator", "token", "cms", "--scope", "read", "--expires", "90d"]);
    assert_eq!(token["scopes"], serde_json::json!(["read"]));
    assert_eq!(token["expires"].as_str().map(|time| time.len() > 10), Some(true));
    program.ok(&["operator", "remove", "cms"]);
    let listed = program.json(&["operator", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

/// The path of the link in the last mail to an address.
async fn mailed_path(app: &TestApp, address: &str) -> String {
    let link = app.relay.link_for(address, "/admin/password/").await;
    link.strip_prefix("https://news.example")
        .expect("a link of the site")
        .to_owned()
}

#[apply(on_both_databases)]
async fn an_invited_operator_chooses_a_password_by_a_mailed_link(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.serve_roles(&[daywire::worker::Role::Web, daywire::worker::Role::Sender])
        .await;
    let site = app.site().clone();
    let mut ada = Browser::signed_in(&site, "ada").await;
    let fields = [("name", "eve"), ("email", "eve@news.example"), ("role", "editor")];
    let invited = ada.post_and_follow("/admin/operators", &fields).await;
    assert!(invited.body.contains("an invitation is on its way"), "{}", invited.body);
    let path = mailed_path(&app, "eve@news.example").await;
    let mut eve = Browser::of(&site);
    let before = app.dump().await;
    let page = eve.get(&path).await;
    assert!(page.body.contains("Your name to sign in is eve."), "{}", page.body);
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    crate::support::dump::assert_nothing_changed(&app, &before).await;
    let token = path.rsplit('/').next().expect("a token");
    assert!(!format!("{before:?}").contains(token), "the token is stored nowhere");
    let short = eve.post(&path, &[("new-password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = eve.post_and_follow(&path, &[("new-password", PASSWORD)]).await;
    assert!(chosen.body.contains("The password is set."), "{}", chosen.body);
    assert_eq!(
        eve.post(&path, &[("new-password", PASSWORD)]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(eve.sign_in("eve", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[apply(on_both_databases)]
async fn an_unused_invitation_is_sent_again_and_the_earlier_link_is_dead(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.serve_roles(&[daywire::worker::Role::Web, daywire::worker::Role::Sender])
        .await;
    let site = app.site().clone();
    let mut ada = Browser::signed_in(&site, "ada").await;
    let fields = [("name", "eve"), ("email", "eve@news.example"), ("role", "editor")];
    ada.post("/admin/operators", &fields).await;
    let first = mailed_path(&app, "eve@news.example").await;
    let again = ada
        .post_and_follow("/admin/operators/invite", &[("operator", "eve")])
        .await;
    assert!(again.body.contains("A new invitation is on its way."), "{}", again.body);
    let mails = async |count: usize| {
        crate::support::eventually("another invitation came", || async {
            app.relay.received_for("eve@news.example").len() == count
        })
        .await;
    };
    mails(2).await;
    let second = mailed_path(&app, "eve@news.example").await;
    let mut eve = Browser::of(&site);
    assert_eq!(eve.get(&first).await.status, StatusCode::NOT_FOUND);
    let late = eve.post(&first, &[("new-password", PASSWORD)]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert_eq!(eve.get(&second).await.status, StatusCode::OK);

    // The operator is invited again also when the time of the link is over.
    app.advance(TimeDelta::days(8));
    let invited = operators::invite_again(&app.app, &actor(), "eve").await;
    invited.expect("the invitation is queued");
    mails(3).await;
    let third = mailed_path(&app, "eve@news.example").await;
    assert_eq!(eve.get(&second).await.status, StatusCode::NOT_FOUND);
    eve.post(&third, &[("new-password", PASSWORD)]).await;
    assert_eq!(eve.sign_in("eve", PASSWORD).await.status, StatusCode::SEE_OTHER);

    let mut ada = Browser::signed_in(&site, "ada").await;
    let needless = ada.post("/admin/operators/invite", &[("operator", "eve")]).await;
    assert_eq!(needless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let program = Program::of(&app);
    let refused = program.run(&["operator", "invite", "eve"]);
    assert!(refused.reason().contains("has a password already"), "{refused:?}");
    app.operator("cms", Role::Editor).await;
    let refused = program.run(&["operator", "invite", "cms"]);
    assert!(refused.reason().contains("has no address"), "{refused:?}");
    program.ok(&["operator", "add", "fay", "--email", "fay@news.example"]);
    program.ok(&["operator", "invite", "fay"]);
    let log = app.audit_log().await;
    let invited = log.iter().filter(|entry| entry.action == AuditAction::OperatorInvited);
    assert_eq!(invited.count(), 4);
}

#[apply(on_both_databases)]
async fn an_owner_changes_an_address_and_links_mailed_to_the_former_one_are_dead(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.serve_roles(&[daywire::worker::Role::Web, daywire::worker::Role::Sender])
        .await;
    let site = app.site().clone();
    let mut ada = Browser::signed_in(&site, "ada").await;
    for (name, email) in [("eve", "eve@news.example"), ("fay", "fay@news.example")] {
        let fields = [("name", name), ("email", email), ("role", "editor")];
        ada.post("/admin/operators", &fields).await;
    }
    let former = mailed_path(&app, "eve@news.example").await;
    for (email, text) in [
        ("no address", "This is not an email address"),
        ("FAY@news.example", "has this address"),
    ] {
        let refused = ada
            .post("/admin/operators/email", &[("operator", "eve"), ("email", email)])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(text), "{}", refused.body);
    }
    assert_eq!(Browser::of(&site).get(&former).await.status, StatusCode::OK);
    let fields = [("operator", "eve"), ("email", "eve@desk.example")];
    let changed = ada.post_and_follow("/admin/operators/email", &fields).await;
    assert!(
        changed.body.contains("The email address was changed."),
        "{}",
        changed.body
    );
    assert!(changed.body.contains("eve@desk.example"), "{}", changed.body);
    assert_eq!(Browser::of(&site).get(&former).await.status, StatusCode::NOT_FOUND);
    ada.post("/admin/operators/invite", &[("operator", "eve")]).await;
    let path = mailed_path(&app, "eve@desk.example").await;
    let mut eve = Browser::of(&site);
    eve.post(&path, &[("new-password", PASSWORD)]).await;
    assert_eq!(eve.sign_in("eve", PASSWORD).await.status, StatusCode::SEE_OTHER);

    let program = Program::of(&app);
    let output = program.ok(&["operator", "email", "eve"]);
    assert!(output.contains("has no address"), "{output}");
    let refused = program.run(&["operator", "email", "eve", "fay@news.example"]);
    assert!(
        refused.reason().contains("another operator has this address"),
        "{refused:?}"
    );
    let log = app.audit_log().await;
    let mut addresses: Vec<_> = log
        .iter()
        .filter(|entry| entry.action == AuditAction::OperatorEmailChanged)
        .map(|entry| entry.new_values.clone().expect("the new address"))
        .collect();
    addresses.sort();
    assert_eq!(addresses, [r#"{"email":"e…@desk.example"}"#, r#"{"email":null}"#]);
}

#[apply(on_both_databases)]
async fn a_forgotten_password_is_replaced_by_a_mailed_link(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let new = operators::NewOperator {
        name: "eve",
        role: Role::Editor,
        email: "eve@news.example",
    };
    operators::add(&app.app, &actor(), &new)
        .await
        .expect("the operator is added");
    operators::set_password(&app.app, &actor(), "eve", PASSWORD)
        .await
        .expect("the password is set");
    app.serve_roles(&[daywire::worker::Role::Web, daywire::worker::Role::Sender])
        .await;
    let site = app.site().clone();
    let mut signed_in = Browser::signed_in(&site, "eve").await;
    let mut browser = Browser::of(&site);
    let mut answers = Vec::new();
    for name in ["eve", "ada", "nobody"] {
        let answer = browser.post("/admin/forgot", &[("name", name)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        answers.push(answer.comparable());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let path = mailed_path(&app, "eve@news.example").await;
    let new = "quiet-orchard-window";
    browser.post(&path, &[("new-password", new)]).await;
    assert_eq!(
        signed_in.get("/admin").await.status,
        StatusCode::SEE_OTHER,
        "all sessions ended"
    );
    assert_eq!(browser.sign_in("eve", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.sign_in("eve", new).await.status, StatusCode::SEE_OTHER);
    // A link expires.
    browser.post("/admin/forgot", &[("name", "eve@news.example")]).await;
    crate::support::eventually("another mail came", || async {
        app.relay.received_for("eve@news.example").len() == 2
    })
    .await;
    app.advance(TimeDelta::hours(2));
    let path = mailed_path(&app, "eve@news.example").await;
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}
