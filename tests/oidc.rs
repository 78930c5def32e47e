//! Signing in at an identity provider by OpenID Connect: who is signed in, and which answers must not be accepted.

use chrono::TimeDelta;
use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::operators::{self, NewOperator};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::console_accounts::{app_code, set_up_app, type_code};
use crate::support::TestApp;
use crate::support::identity_provider::{IdentityProvider, Signing};
use crate::support::operators::{Browser, PASSWORD, actor};
use crate::support::program::Program;
use crate::support::site::{Answer, Site};

const START: &str = "/admin/login/provider";
const CALLBACK: &str = "https://news.example/admin/login/provider/callback";
const COOKIE: &str = "__Host-daywire-provider";
const SESSION: &str = "__Host-daywire-session";

/// A change of the claims of a token.
type Forge = fn(&mut Value);

impl TestApp {
    /// Serves the site with a provider, at which the operator ada has an account.
    async fn with_provider(&mut self) -> (Site, IdentityProvider) {
        let provider = IdentityProvider::start().await;
        self.restart(|config| provider.configure(config)).await;
        self.invited("ada", "ada@news.example").await;
        (self.serve_site().await, provider)
    }

    /// Adds an operator with an address and without a password.
    async fn invited(&self, name: &str, email: &str) {
        let new = NewOperator {
            name,
            role: Role::Editor,
            email,
        };
        let added = operators::add(&self.app, &actor(), &new).await;
        added.expect("the operator is added");
    }

    async fn sessions(&self) -> usize {
        self.dump().await["operator_sessions"].len()
    }

    async fn count_in_audit_log(&self, action: AuditAction) -> usize {
        let log = self.audit_log().await;
        log.iter().filter(|entry| entry.action == action).count()
    }
}

/// The page of the provider to which the site leads a browser.
async fn page_of_provider(browser: &mut Browser, next: &str) -> String {
    let started = browser.post(START, &[("next", next)]).await;
    assert_eq!(started.status, StatusCode::OK, "{}", started.body);
    let (_, rest) = started.body.split_once("content=\"0; url=").expect("the page leads on");
    let (url, _) = rest.split_once('"').expect("the attribute ends");
    url.replace("&#38;", "&")
}

/// Signs in at the provider in a new browser, which is led back to the returned address.
async fn at_provider(site: &Site, provider: &IdentityProvider) -> (Browser, String) {
    let mut browser = Browser::of(site);
    let page = page_of_provider(&mut browser, "/admin/account").await;
    let back = provider.visit(&page).await;
    assert!(back.starts_with(CALLBACK), "{back}");
    (browser, back)
}

async fn sign_in(site: &Site, provider: &IdentityProvider) -> (Browser, Answer) {
    let (mut browser, back) = at_provider(site, provider).await;
    let answer = browser.get(&back).await;
    (browser, answer)
}

#[track_caller]
fn assert_signed_in(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), Some("/admin/account"));
}

#[track_caller]
fn assert_refused(answer: &Answer, status: StatusCode, text: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert!(
        answer.body.contains("You were not signed in"),
        "{what}: {}",
        answer.body
    );
    assert!(answer.body.contains(text), "{what}: {}", answer.body);
    for field in answer.headers.get_all("set-cookie") {
        let field = field.to_str().expect("a cookie is ASCII");
        assert!(!field.starts_with(SESSION), "{what}: {field}");
    }
}

#[track_caller]
fn assert_expired(answer: &Answer, what: &str) {
    assert_refused(answer, StatusCode::UNAUTHORIZED, "began in another browser", what);
}

#[track_caller]
fn assert_invalid(answer: &Answer, what: &str) {
    assert_refused(answer, StatusCode::UNAUTHORIZED, "Newsroom SSO is not valid", what);
}

#[apply(on_both_databases)]
async fn an_invited_operator_signs_in_by_the_address_and_later_by_the_account(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let page = site.get("/admin/login").await.body;
    assert!(page.contains("Sign in with Newsroom SSO"), "{page}");

    let (mut browser, back) = at_provider(&site, &provider).await;
    let answer = browser.get(&back).await;
    assert_signed_in(&answer);
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(browser.cookie(COOKIE), None, "the cookie of the sign-in is removed");
    assert_eq!(browser.get("/admin/account").await.status, StatusCode::OK);
    assert_eq!(app.count_in_audit_log(AuditAction::OperatorIdentityLinked).await, 1);
    assert_eq!(app.count_in_audit_log(AuditAction::OperatorSignedIn).await, 1);

    // The address of the account may change, and belong to nobody here.
    provider.account(json!({ "sub": "account-1", "email": "ada@elsewhere.example", "email_verified": false }));
    assert_signed_in(&sign_in(&site, &provider).await.1);
    assert_eq!(app.count_in_audit_log(AuditAction::OperatorIdentityLinked).await, 1);
    assert_eq!(app.sessions().await, 2);
    assert_eq!(provider.requests("/.well-known/openid-configuration"), 1);
    assert_eq!(provider.requests("/keys"), 1);
    // What a process knows about the provider ages.
    app.advance(TimeDelta::minutes(11));
    assert_signed_in(&sign_in(&site, &provider).await.1);
    assert_eq!(provider.requests("/.well-known/openid-configuration"), 2);
}

#[apply(on_both_databases)]
async fn a_sign_in_is_bound_to_the_browser_by_a_cookie_that_the_database_does_not_have(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let mut browser = Browser::of(&site);
    let started = browser.post(START, &[]).await;
    let cookie = started.header("set-cookie").expect("a cookie is set").to_owned();
    assert!(cookie.starts_with(&format!("{COOKIE}=")), "{cookie}");
    for part in ["; Path=/", "; Max-Age=600", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = page_of_provider(&mut browser, "").await;
    let asked: std::collections::BTreeMap<_, _> = url::Url::parse(&page)
        .expect("an address")
        .query_pairs()
        .into_owned()
        .collect();
    assert_eq!(asked["redirect_uri"], CALLBACK);
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid email");
    let value = browser.cookie(COOKIE).expect("the cookie is kept").to_owned();
    let stored = format!("{:?}", app.dump().await["operator_challenges"]);
    for secret in [&value, &asked["state"], &asked["nonce"]] {
        assert!(!stored.contains(secret.as_str()), "{stored}");
    }
    assert!(!page.contains(&value), "the provider does not see the cookie");
    drop(provider);
}

#[apply(on_both_databases)]
async fn a_new_key_is_fetched_once_and_a_removed_one_is_refused(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    assert_signed_in(&sign_in(&site, &provider).await.1);
    provider.rotate();
    assert_signed_in(&sign_in(&site, &provider).await.1);
    assert_eq!(provider.requests("/keys"), 2, "the new key is fetched");
    assert_signed_in(&sign_in(&site, &provider).await.1);
    assert_eq!(provider.requests("/keys"), 2, "the new key is known");

    provider.sign_by(Signing::Key(0));
    assert_invalid(&sign_in(&site, &provider).await.1, "a removed key");
    provider.sign_by(Signing::UnknownKey);
    assert_invalid(&sign_in(&site, &provider).await.1, "an unknown key");
    assert_eq!(provider.requests("/keys"), 2, "unknown keys cause few requests");
    app.advance(TimeDelta::minutes(2));
    assert_invalid(&sign_in(&site, &provider).await.1, "an unknown key");
    assert_eq!(provider.requests("/keys"), 3);
    provider.sign_by(Signing::Key(1));
    assert_signed_in(&sign_in(&site, &provider).await.1);
}

#[apply(on_both_databases)]
async fn a_token_that_is_not_for_this_site_and_sign_in_is_refused(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let forged: [(&str, Forge); 9] = [
        ("another audience", |claims| claims["aud"] = json!("another-client")),
        ("a further audience", |claims| {
            claims["aud"] = json!(["newsroom", "another-client"]);
        }),
        ("no audience", |claims| claims["aud"] = json!([])),
        ("another issuer", |claims| {
            claims["iss"] = json!("https://accounts.evil.example");
        }),
        ("another nonce", |claims| {
            claims["nonce"] = json!("the nonce of another sign-in");
        }),
        ("no nonce", |claims| claims["nonce"] = Value::Null),
        // The tests begin at 2026-11-23T06:00:00Z.
        ("a token that has expired", |claims| {
            claims["exp"] = json!(1_795_413_600 - 120);
        }),
        ("a token for another party", |claims| {
            claims["azp"] = json!("another-client");
        }),
        ("no subject", |claims| claims["sub"] = json!("")),
    ];
    for (what, forge) in forged {
        provider.forge(forge);
        assert_invalid(&sign_in(&site, &provider).await.1, what);
    }
    provider.forge(|_| {});
    for signing in [Signing::None, Signing::Hmac, Signing::WrongKey] {
        provider.sign_by(signing);
        assert_invalid(&sign_in(&site, &provider).await.1, &format!("signed by {signing:?}"));
    }
    provider.rotate();
    provider.sign_by(Signing::WrongKey);
    assert_invalid(
        &sign_in(&site, &provider).await.1,
        "a wrong signature of the other kind",
    );
    assert_eq!(app.sessions().await, 0);
    assert!(app.dump().await["operator_identities"].is_empty());
    provider.sign_by(Signing::Key(1));
    assert_signed_in(&sign_in(&site, &provider).await.1);
}

#[apply(on_both_databases)]
async fn a_token_of_an_earlier_sign_in_is_refused(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let page = page_of_provider(&mut Browser::of(&site), "").await;
    let nonce = page.split("nonce=").nth(1).and_then(|rest| rest.split('&').next());
    let nonce = nonce.expect("the page has a nonce").to_owned();
    provider.forge(move |claims| claims["nonce"] = json!(nonce));
    assert_invalid(&sign_in(&site, &provider).await.1, "the nonce of an earlier sign-in");
}

#[apply(on_both_databases)]
async fn a_stolen_code_signs_nobody_in(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let (mut browser, back) = at_provider(&site, &provider).await;
    assert_expired(&Browser::of(&site).get(&back).await, "a browser without the cookie");
    assert_expired(&browser.get(&back).await, "the sign-in was tried elsewhere");

    // In a browser with a sign-in of its own.
    let (_, stolen) = at_provider(&site, &provider).await;
    let (mut thief, _) = at_provider(&site, &provider).await;
    assert_expired(&thief.get(&stolen).await, "the cookie of another sign-in");
    let code = |back: &str| {
        let url = url::Url::parse(back).expect("an address");
        let found = url.query_pairs().find(|(name, _)| name == "code");
        found.expect("a code").1.into_owned()
    };
    // The wrong state has ended that sign-in.
    let (mut thief, own) = at_provider(&site, &provider).await;
    let swapped = own.replace(&code(&own), &code(&stolen));
    assert_invalid(&thief.get(&swapped).await, "the code of another sign-in");

    // A code and the token of a sign-in work once.
    let (mut browser, back) = at_provider(&site, &provider).await;
    let cookie = browser.cookie(COOKIE).expect("the cookie is kept").to_owned();
    assert_signed_in(&browser.get(&back).await);
    browser.set_cookie(COOKIE, &cookie);
    assert_expired(&browser.get(&back).await, "a second time");

    for query in ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"] {
        let answer = browser.get(&format!("{CALLBACK}{query}")).await;
        assert_expired(&answer, query);
    }
    let (mut browser, back) = at_provider(&site, &provider).await;
    app.advance(TimeDelta::minutes(11));
    assert_expired(&browser.get(&back).await, "an old sign-in");
    assert_eq!(app.sessions().await, 1);
}

#[apply(on_both_databases)]
async fn a_refusal_of_the_provider_and_another_issuer_sign_nobody_in(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let (mut browser, back) = at_provider(&site, &provider).await;
    let state = back.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let state = state.expect("a state").to_owned();
    let refused = format!("{CALLBACK}?error=access_denied&error_description=%3Cb%3E&state={state}");
    let answer = browser.get(&refused).await;
    assert_refused(&answer, StatusCode::UNAUTHORIZED, "did not sign you in", "a refusal");
    assert!(!answer.body.contains("<b>"), "{}", answer.body);

    let (mut browser, back) = at_provider(&site, &provider).await;
    let (beginning, _) = back.split_once("&iss=").expect("the provider names itself");
    let answer = browser
        .get(&format!("{beginning}&iss=https%3A%2F%2Fevil.example"))
        .await;
    assert_invalid(&answer, "another issuer");
    assert_eq!(provider.requests("/token"), 0, "the code is sent to nobody");
}

#[apply(on_both_databases)]
async fn only_operators_whose_address_is_verified_are_signed_in(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    for account in [
        json!({ "sub": "account-1", "email": "ada@news.example", "email_verified": false }),
        json!({ "sub": "account-1", "email": "ada@news.example" }),
        json!({ "sub": "account-1", "email_verified": true }),
        json!({ "sub": "account-1", "email": "ada", "email_verified": true }),
    ] {
        provider.account(account.clone());
        let answer = sign_in(&site, &provider).await.1;
        assert_refused(
            &answer,
            StatusCode::FORBIDDEN,
            "address is verified",
            &account.to_string(),
        );
    }
    let account = |subject: &str, email: &str| {
        provider.account(json!({ "sub": subject, "email": email, "email_verified": true }));
    };
    account("account-2", "eve@news.example");
    let answer = sign_in(&site, &provider).await.1;
    assert_refused(
        &answer,
        StatusCode::FORBIDDEN,
        "No operator of this site",
        "not invited",
    );

    account("account-1", "ada@news.example");
    assert_signed_in(&sign_in(&site, &provider).await.1);
    // The provider may give the address to another person later.
    account("account-3", "ada@news.example");
    let answer = sign_in(&site, &provider).await.1;
    assert_refused(
        &answer,
        StatusCode::FORBIDDEN,
        "with another account",
        "another account",
    );
    Program::of(&app).ok(&["operator", "unlink", "ada"]);
    assert_eq!(app.count_in_audit_log(AuditAction::OperatorIdentityUnlinked).await, 1);
    assert_signed_in(&sign_in(&site, &provider).await.1);

    app.operator_with_password("olga", Role::Owner).await;
    Program::of(&app).ok(&["operator", "remove", "ada"]);
    let answer = sign_in(&site, &provider).await.1;
    assert_refused(
        &answer,
        StatusCode::FORBIDDEN,
        "No operator of this site",
        "a removed operator",
    );
    assert!(app.dump().await["operator_identities"].is_empty());
    assert_eq!(app.sessions().await, 0);
}

#[apply(on_both_databases)]
async fn an_address_that_the_token_lacks_is_asked_for(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    provider.account(json!({ "sub": "account-1" }));
    // It is about another account.
    provider.user_info(json!({ "sub": "account-2", "email": "ada@news.example", "email_verified": true }));
    assert_invalid(&sign_in(&site, &provider).await.1, "the address of another account");
    provider.user_info(json!({ "sub": "account-1", "email": "ada@news.example", "email_verified": "true" }));
    assert_signed_in(&sign_in(&site, &provider).await.1);
}

#[apply(on_both_databases)]
async fn the_code_of_an_authenticator_app_is_still_asked_for(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let set = operators::set_password(&app.app, &actor(), "ada", PASSWORD).await;
    set.expect("the password is set");
    let mut browser = Browser::signed_in(&site, "ada").await;
    let (secret, _) = set_up_app(&app, &mut browser).await;

    let (mut browser, answer) = sign_in(&site, &provider).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        Some("/admin/login/code?next=%2Fadmin%2Faccount")
    );
    assert_eq!(browser.get("/admin/account").await.status, StatusCode::SEE_OTHER);
    app.advance(TimeDelta::minutes(1));
    let answer = type_code(&mut browser, &app_code(&app, &secret, 0)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(browser.get("/admin/account").await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn a_provider_that_cannot_be_used_leaves_the_password(mut app: TestApp) {
    let (site, mut provider) = app.with_provider().await;
    app.operator_with_password("olga", Role::Owner).await;
    let (mut browser, back) = at_provider(&site, &provider).await;
    provider.stop().await;
    let unavailable = |answer: &Answer| {
        assert_refused(
            answer,
            StatusCode::SERVICE_UNAVAILABLE,
            "cannot be reached",
            "a provider that is down",
        );
        assert!(answer.body.contains("Sign in with your password"));
    };
    unavailable(&browser.get(&back).await);
    app.advance(TimeDelta::minutes(11));
    unavailable(&Browser::of(&site).post(START, &[]).await);
    Browser::signed_in(&site, "olga").await;

    // A private address that the settings do not allow.
    let provider = IdentityProvider::start().await;
    app.restart(|config| {
        provider.configure(config);
        config.operators.oidc.allow.clear();
    })
    .await;
    let site = app.serve_site().await;
    unavailable(&Browser::of(&site).post(START, &[]).await);
    assert_eq!(provider.requests("/.well-known/openid-configuration"), 0);
    Browser::signed_in(&site, "olga").await;
}

#[apply(on_both_databases)]
async fn a_sign_in_leads_to_pages_of_the_console_only(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let long = format!("/admin/{}", "x".repeat(3_000));
    for next in [
        "https://evil.example",
        "//evil.example",
        "/subscribe",
        "/admin/logout",
        "",
        &long,
    ] {
        let mut browser = Browser::of(&site);
        let page = page_of_provider(&mut browser, next).await;
        let answer = browser.get(&provider.visit(&page).await).await;
        assert_eq!(answer.header("location"), Some("/admin"), "{next}");
    }
}

#[apply(on_both_databases)]
async fn another_process_completes_a_sign_in(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let (browser, back) = at_provider(&site, &provider).await;
    let mut other = app.another().await;
    let mut elsewhere = Browser::of(&other.serve_site().await);
    elsewhere.set_cookie(COOKIE, browser.cookie(COOKIE).expect("the cookie is kept"));
    assert_signed_in(&elsewhere.get(&back).await);
}

#[apply(on_both_databases)]
async fn sign_ins_at_the_provider_are_throttled(mut app: TestApp) {
    let (site, provider) = app.with_provider().await;
    let mut browser = Browser::of(&site);
    let mut started = 0;
    while browser.post(START, &[]).await.status == StatusCode::OK {
        started += 1;
        assert!(started < 500, "there is a limit");
    }
    assert!(started >= 60, "only {started}");
    let answer = browser.post(START, &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").is_some());
    drop(provider);
}

#[apply(on_both_databases)]
async fn without_a_provider_there_is_no_button_and_no_page(mut app: TestApp) {
    let site = app.serve_site().await;
    assert!(!site.get("/admin/login").await.body.contains(START));
    assert_eq!(site.post(START, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(CALLBACK).await.status, StatusCode::NOT_FOUND);
}
