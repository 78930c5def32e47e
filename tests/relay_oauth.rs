//! Relays that log in with access tokens of OAuth 2.0: expiry, refusals, a revoked refresh token, and an endpoint that is unavailable.

use chrono::TimeDelta;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::worker::Role;
use serde_json::json;

use crate::support::oauth_relay::{CLIENT_SECRET, OauthRelay, REFRESH_TOKEN, TokenEndpoint, token};
use crate::support::{Engine, TestApp, eventually, notify_desk};

/// A relay that asks for access tokens in front of the app's relay, and their endpoint.
async fn guarded(app: &mut TestApp, mechanism: &'static str) -> (OauthRelay, TokenEndpoint) {
    let relay = OauthRelay::in_front_of(&app.relay, mechanism).await;
    let endpoint = TokenEndpoint::start().await;
    app.restart(|config| endpoint.configure(config, &relay)).await;
    (relay, endpoint)
}

#[apply(on_both_databases)]
async fn all_connections_log_in_with_one_token(mut app: TestApp) {
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let (relay, endpoint) = guarded(&mut app, mechanism).await;
        let newsletter = app
            .apply(&format!("slug = \"{}\"\nname = \"N\"", mechanism.to_lowercase()))
            .await;
        app.readers(&newsletter, 60).await;
        let issue = app.send(&newsletter).await;
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        app.stop_serving().await;
        assert!(
            relay.logins().iter().all(|token| token == "token-1"),
            "{:?}",
            relay.logins()
        );
        let requests = endpoint.requests();
        assert_eq!(requests.len(), 1);
        for (name, value) in [
            ("grant_type", "refresh_token"),
            ("refresh_token", REFRESH_TOKEN),
            ("client_id", "newsroom"),
            ("client_secret", CLIENT_SECRET),
            ("scope", "https://mail.google.com/"),
        ] {
            assert_eq!(requests[0].get(name).map(String::as_str), Some(value), "{name}");
        }
    }
    assert_eq!(app.relay.received().len(), 120);
}

#[apply(on_both_databases)]
async fn a_token_that_expires_is_renewed_with_the_newest_refresh_token(mut app: TestApp) {
    let (relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    app.restart(|config| config.relays[0].connections = 1).await;
    endpoint.answer(|n, _| {
        let (status, mut answer) = token(&format!("token-{n}"), 0);
        answer["refresh_token"] = json!(format!("refresh-{n}"));
        (status, answer)
    });
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    // A connection for each message.
    app.restart(|config| config.relays[0].messages_per_connection = 1).await;
    let issue = app.send(&daily).await;
    app.send_all_due(issue).await;
    assert_eq!(app.relay.received().len(), 3);
    let logins = relay.logins();
    assert!(
        logins.len() >= 3 && logins.windows(2).all(|two| two[0] != two[1]),
        "{logins:?}"
    );
    let requests = endpoint.requests();
    assert_eq!(requests[0]["refresh_token"], REFRESH_TOKEN);
    assert_eq!(requests[1]["refresh_token"], "refresh-1");
    assert_eq!(requests[2]["refresh_token"], "refresh-2");
}

#[apply(on_both_databases)]
async fn without_a_refresh_token_the_program_gets_tokens_of_its_own(mut app: TestApp) {
    let (_relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    app.restart(|config| config.relays[0].oauth.refresh_token = None).await;
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.send_all_due(issue).await;
    let requests = endpoint.requests();
    assert_eq!(requests[0]["grant_type"], "client_credentials");
    assert!(!requests[0].contains_key("refresh_token"));
}

#[apply(on_both_databases)]
async fn a_refused_token_is_replaced_once(mut app: TestApp) {
    let (relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    relay.accept_if(|token| token != "token-1");
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 20);
    assert_eq!(
        endpoint.requests().len(),
        2,
        "connections that were refused together share the new token"
    );
    assert!(relay.acknowledgements().iter().all(String::is_empty));
    assert_eq!(app.app.health.trouble(), None);

    // No token is accepted: an operator must act, and nobody is rejected.
    app.stop_serving().await;
    relay.accept_if(|_| false);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    let reason = app.issue(issue).await.reason.expect("a reason is recorded");
    assert!(reason.contains("refuses the access token with 535 5.7.8"), "{reason}");
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 20);
    relay.accept_if(|_| true);
    daywire::delivery::control::resume(&app.app, issue)
        .await
        .expect("the issue can be resumed");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 40);
}

#[apply(on_both_databases)]
async fn a_refusal_by_oauthbearer_is_acknowledged_by_one_octet(mut app: TestApp) {
    let (relay, _endpoint) = guarded(&mut app, "OAUTHBEARER").await;
    relay.accept_if(|token| token != "token-1");
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert!(relay.acknowledgements().iter().all(|line| line == "AQ=="));
    assert!(!relay.acknowledgements().is_empty());
}

#[apply(on_both_databases)]
async fn a_revoked_refresh_token_pauses_the_issue_and_shows_no_secret(mut app: TestApp) {
    let (relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    endpoint.answer(|_, fields| {
        let description = format!("Token {} has been revoked", fields["refresh_token"]);
        (
            400,
            json!({ "error": "invalid_grant", "error_description": description }),
        )
    });
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    let reason = app.issue(issue).await.reason.expect("a reason is recorded");
    assert!(
        reason.contains("400 invalid_grant") && reason.contains("[relay.oauth]"),
        "{reason}"
    );
    assert!(
        !reason.contains(REFRESH_TOKEN) && !reason.contains("revoked, and"),
        "{reason}"
    );
    let trouble = app.app.health.trouble().expect("the relay is unavailable");
    assert!(!trouble.reason.contains(REFRESH_TOKEN), "{}", trouble.reason);
    assert!(!format!("{:?} {:?}", app.app, app.app.config).contains(REFRESH_TOKEN));
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 20);
    assert_eq!(relay.logins().len(), 0);
    endpoint.answer(|n, _| token(&format!("token-{n}"), 3600));
    // The refresh token is a setting, so the service is started again with another one.
    app.restart(|_| {}).await;
    daywire::delivery::control::resume(&app.app, issue)
        .await
        .expect("the issue can be resumed");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn mail_waits_while_the_endpoint_is_unavailable(mut app: TestApp) {
    let (_relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    endpoint.answer(|_, _| (503, json!({ "error": "temporarily_unavailable" })));
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let issue = app.send(&daily).await;
    app.serve().await;
    app.site().post("/subscribe", &[("email", "ada@station.example")]).await;
    eventually("the relay counts as unavailable", || async {
        let trouble = app.app.health.trouble();
        trouble.is_some_and(|trouble| trouble.reason.contains("503 temporarily_unavailable"))
    })
    .await;
    eventually("the endpoint was asked again", || async {
        endpoint.requests().len() >= 3
    })
    .await;
    assert_eq!(app.state(issue).await, IssueState::Sending);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 20);
    endpoint.answer(|_, _| (200, json!({ "token_type": "Bearer" })));
    eventually("the answer without a token is reported", || async {
        let trouble = app.app.health.trouble();
        trouble.is_some_and(|trouble| trouble.reason.contains("no access token"))
    })
    .await;
    endpoint.answer(|n, _| token(&format!("token-{n}"), 3600));
    app.until(issue, IssueState::Sent).await;
    app.relay.link_for("ada@station.example", "/confirm/").await;
    assert!(app.deliveries(issue).await.iter().all(|line| line.attempts == 1));
    assert_eq!(app.relay.received().len(), 21);
    eventually("the relay accepts mail again", || async {
        app.app.health.trouble().is_none()
    })
    .await;
}

#[apply(on_both_databases)]
async fn operators_get_a_notice_a_day_about_a_relay_without_access_tokens(engine: Engine) {
    let mut app = TestApp::with(engine, notify_desk).await;
    let teardown = app.teardown();
    let (_relay, endpoint) = guarded(&mut app, "XOAUTH2").await;
    endpoint.answer(|_, _| (503, json!({ "error": "temporarily_unavailable" })));
    app.serve_roles(&[Role::Sender]).await;
    let asked_again = async || {
        let before = endpoint.requests().len();
        eventually("the endpoint is asked twice more", || async {
            endpoint.requests().len() >= before + 2
        })
        .await;
    };
    let notices = async |count: usize| {
        eventually("the notice is queued", || async {
            app.rows("transactional_mails").await.len() == count
        })
        .await;
    };
    asked_again().await;
    app.advance(TimeDelta::minutes(59));
    asked_again().await;
    notices(0).await;
    app.advance(TimeDelta::minutes(2));
    notices(1).await;
    app.advance(TimeDelta::hours(23));
    asked_again().await;
    notices(1).await;
    app.advance(TimeDelta::hours(1));
    notices(2).await;

    endpoint.answer(|n, _| token(&format!("token-{n}"), 3600));
    eventually("both notices are mailed", || async {
        app.relay.received_for("desk@news.example").len() == 2
    })
    .await;
    for mail in app.relay.received_for("desk@news.example") {
        let text = String::from_utf8_lossy(&mail.bytes).replace("=\r\n", "");
        for part in ["gets no access token", "503 temporarily_unavailable", "daywire doctor"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(REFRESH_TOKEN) && !text.contains(CLIENT_SECRET), "{text}");
    }
    app.advance(TimeDelta::days(2));
    notices(2).await;
    teardown.finish().await;
}

#[test]
fn the_settings_of_access_tokens_belong_together() {
    let load = |text: &str| {
        let folder = tempfile::TempDir::new().expect("a scratch folder can be made");
        let file = folder.path().join("daywire.toml");
        std::fs::write(folder.path().join("token"), "1//from-the-file\n").expect("the file is written");
        std::fs::write(&file, text).expect("the file is written");
        daywire::config::load::<&str>(Some(file.as_path()), [], [])
    };
    let url = "[relay]\nurl = \"smtps://news%40news.example@smtp.gmail.com\"";
    let oauth = "[relay.oauth]\ntoken_url = \"https://oauth2.googleapis.com/token\"\nclient_id = \"a\"";
    let token = "refresh_token = \"b\"";
    for (text, part) in [
        (format!("{url}\n{oauth}"), "relay.oauth.refresh_token"),
        (
            format!("[relay]\nurl = \"smtps://smtp.gmail.com\"\n{oauth}\n{token}"),
            "names no user",
        ),
        (
            format!("{url}\npassword = \"x\"\n{oauth}\n{token}"),
            "keep one of the two",
        ),
        (
            format!("{url}\n[relay.oauth]\nclient_id = \"a\"\n{token}"),
            "relay.oauth.token_url",
        ),
        (
            format!("{url}\n[relay.oauth]\ntoken_url = \"http://oauth.example/token\"\nclient_id = \"a\"\n{token}"),
            "an https address",
        ),
    ] {
        let error = load(&text).expect_err("the settings are refused").to_string();
        assert!(error.contains(part), "{error}");
    }
    let config = load(&format!("{url}\n{oauth}\nrefresh_token_file = \"token\"")).expect("the settings are allowed");
    assert!(config.relays[0].oauth.refresh_token.is_some());
    let shown = config
        .in_force
        .iter()
        .find(|setting| setting.path == "relay.oauth.refresh_token");
    assert!(shown.is_some());
    assert!(!format!("{config:?}").contains("from-the-file"));
    let config = load(&format!("{url}\n{oauth}\n{token}\nclient_secret = \"c\"")).expect("the settings are allowed");
    for name in ["refresh_token", "client_secret"] {
        let path = format!("relay.oauth.{name}");
        let shown = config.in_force.iter().find(|setting| setting.path == path);
        assert_eq!(shown.expect("the setting is listed").value, None, "{name}");
    }
}
