//! Sign-up by form and API: valid and invalid requests, repeated requests, and requests by strangers.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use daywire::config::{Setting, WebOrigin};
use daywire::delivery::control;
use daywire::domain::address::EmailAddress;
use daywire::domain::consent::ConsentSource;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use daywire::signup::Signups;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::readers::request_by_program;
use crate::support::site::{Answer, Site};
use crate::support::{TestApp, eventually, mock_relay};

/// Every response takes at least this long, so that its time does not reveal the status of an address.
const MIN_RESPONSE_TIME: Duration = Duration::from_millis(55);

/// An address of every status: new, pending, confirmed, unsubscribed and suppressed. Responses must not reveal the status.
async fn addresses_of_every_status(app: &TestApp) -> [&'static str; 5] {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.leave("reader1@reader.example").await;
    app.suppress("suppressed@reader.example", "complained").await;
    app.site()
        .post("/subscribe", &[("email", "pending@reader.example")])
        .await;
    [
        "new@reader.example",
        "pending@reader.example",
        "reader0@reader.example",
        "reader1@reader.example",
        "suppressed@reader.example",
    ]
}

/// POST of a body with a content type, and with other headers.
async fn post_as(site: &Site, path: &str, (kind, body): (&str, &'static str), headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(site.request(Method::POST, path), |request, (name, value)| {
            request.header(*name, *value)
        });
    let request = if kind.is_empty() {
        request
    } else {
        request.header("content-type", kind)
    };
    site.send(request.body(body)).await
}

#[apply(on_both_databases)]
async fn a_reader_signs_up_and_confirms_by_the_mailed_link(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    let sent = site
        .post(
            "/subscribe",
            &[("email", "Ada@Reader.example"), ("newsletter", "daily")],
        )
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.header("location"), Some("/subscribe/sent"));
    assert!(site.get("/subscribe/sent").await.body.contains("Check your inbox"));

    let link = app.relay.link_for("Ada@reader.example", "/confirm/").await;
    assert!(site.get(&link).await.body.contains("<button"));
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Pending)
    );
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
}

#[apply(on_both_databases)]
async fn a_program_signs_a_reader_up(mut app: TestApp) {
    let daily = app.daily().await;
    app.send(&daily).await;
    let site = app.serve().await.clone();
    let asked = json!({
        "email": "ada@reader.example", "newsletters": ["daily"], "name": "Ada", "timezone": "Europe/Berlin",
        "topics": ["Test"],
    });
    let taken = site.post_json("/api/v1/subscriptions", &asked).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED);
    assert_eq!(taken.header("content-type"), Some("application/json"));
    assert!(taken.body.contains("\"status\":\"accepted\""), "{}", taken.body);
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
}

#[apply(on_both_databases)]
async fn the_form_response_is_the_same_for_every_address(mut app: TestApp) {
    app.serve_site().await;
    let mut answers = Vec::new();
    for email in addresses_of_every_status(&app).await {
        let begun = Instant::now();
        answers.push(app.site().post("/subscribe", &[("email", email)]).await.comparable());
        assert!(
            begun.elapsed() >= MIN_RESPONSE_TIME,
            "the response about {email} took less than the others"
        );
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[apply(on_both_databases)]
async fn the_api_response_is_the_same_for_every_address(mut app: TestApp) {
    app.serve_site().await;
    let mut answers = Vec::new();
    for email in addresses_of_every_status(&app).await {
        let begun = Instant::now();
        answers.push(
            app.site()
                .post_json("/api/v1/subscriptions", &json!({ "email": email }))
                .await
                .comparable(),
        );
        assert!(
            begun.elapsed() >= MIN_RESPONSE_TIME,
            "the response about {email} took less than the others"
        );
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[apply(on_both_databases)]
async fn only_addresses_that_must_confirm_get_a_confirmation_link(mut app: TestApp) {
    app.serve_site().await;
    for email in addresses_of_every_status(&app).await {
        app.site().post("/subscribe", &[("email", email)]).await;
    }
    let queued = app.rows("transactional_mails").await.join("\n");
    // The pending address asked twice within `resend_after`. The unsubscribed one gets a mail at once.
    for (email, mails) in [
        ("new@", 1),
        ("pending@", 1),
        ("reader0@", 1),
        ("reader1@", 1),
        ("suppressed@", 0),
    ] {
        assert_eq!(queued.matches(email).count(), mails, "{email}");
    }
    let confirmations = queued.lines().filter(|mail| mail.contains("confirmation"));
    assert!(
        confirmations.clone().count() == 3 && !confirmations.clone().any(|mail| mail.contains("reader0@")),
        "{queued}"
    );
}

#[apply(on_both_databases)]
async fn an_invalid_form_is_shown_again_with_the_reason(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump_without_counts().await;
    let long = format!("{}@reader.example", "a".repeat(50_000));
    for (email, newsletter, reason) in [
        ("ada.reader.example", "daily", "has no @ sign"),
        ("", "daily", "is empty"),
        ("\"<b>@reader.example", "daily", "Quotes must be closed"),
        (&long, "daily", "too long"),
        (
            "ada@reader.example\r\nBcc: eve@reader.example",
            "daily",
            "control character",
        ),
        ("ada@reader.example", "weekly", "There is no newsletter “weekly”"),
        ("\"a>b\"@reader.example", "daily", "cannot contain the character &#62;"),
        ("ada@reader.tld-2", "daily", "is not a top-level domain"),
    ] {
        let form = [("email", email), ("newsletter", newsletter), ("name", "Ada <i>")];
        let shown = site.post("/subscribe", &form).await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
        assert!(shown.body.contains(reason), "{reason}: {}", shown.body);
        assert!(
            shown.body.contains("value=\"Ada &#60;i&#62;\""),
            "what was typed is kept: {}",
            shown.body
        );
        assert!(!shown.body.contains("<b>@"), "what was typed is escaped");
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn all_problems_of_the_form_are_shown_at_once_each_beside_its_field(mut app: TestApp) {
    app.apply(
        "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\nlocal_time = true\ntopics = [\"Science\"]",
    )
    .await;
    let site = app.serve_site().await;
    let before = app.dump_without_counts().await;
    let wrong = [
        ("email", "ada.reader.example"),
        ("name", "visit https://shop.example"),
        ("newsletter", ""),
        ("cadence", "hourly"),
        ("timezone", "Mars/Base"),
    ];
    let page = site.post("/subscribe", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut ids: Vec<&str> = page.body.split("role=\"alert\"").collect();
    assert_eq!(ids.pop().map(|_| ids.len()), Some(wrong.len()), "{}", page.body);
    for (field, _) in wrong {
        let problem = format!("id=\"{field}-problem\"");
        assert!(page.body.contains(&problem), "{field}: {}", page.body);
        let described = page.body.split("aria-describedby=\"").skip(1);
        let mut described = described.filter_map(|rest| rest.split('"').next());
        assert!(
            described.any(|ids| ids.contains(&format!("{field}-problem"))),
            "{field}: {}",
            page.body
        );
    }
    // A topic that the newsletter does not have, and a domain that the reader is asked about.
    let wrong = [
        ("email", "ada@gmial.com"),
        ("newsletter", "daily"),
        ("topic", "witchcraft"),
        ("timezone", "Mars/Base"),
    ];
    let page = site.post("/subscribe", &wrong).await.body;
    for part in [
        "Did you mean gmail.com?",
        "“witchcraft” is not a topic",
        "“Mars/Base” is not a known",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let body = json!({ "email": "ada", "timezone": "Mars/Base", "newsletters": ["weekly"] });
    let answer = site.post_json("/api/v1/subscriptions", &body).await;
    for part in ["no @ sign", "“Mars/Base”", "“weekly”"] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn an_invalid_api_request_gets_problem_details(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump_without_counts().await;
    for (body, reason) in [
        (r#"{"email": "ada"}"#, "has no @ sign"),
        (
            r#"{"email": "ada@reader.example", "newsletters": ["weekly"]}"#,
            "there is no newsletter",
        ),
        (
            r#"{"email": "ada@reader.example", "timezone": "Berlin"}"#,
            "not a known time zone",
        ),
        (
            r#"{"email": "ada@reader.example", "topics": ["kernal"]}"#,
            "“kernal” is not a topic",
        ),
        (
            r#"{"email": "a@reader.example", "email": "b@reader.example"}"#,
            "duplicate field",
        ),
        (
            r#"{"email": "ada@reader.example", "newsleters": []}"#,
            "there is no `newsleters` here",
        ),
        (r#"{"newsletters": ["daily"]}"#, "`email` is missing"),
        (r#"{"email": "#, "is not JSON"),
        ("[]", "must be one JSON object"),
        ("", "is not JSON"),
    ] {
        let request = site.request(Method::POST, "/api/v1/subscriptions");
        let refused = site
            .send(request.header("content-type", "application/json").body(body))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json"),
            "{body}"
        );
        let problem: serde_json::Value = serde_json::from_str(&refused.body).expect("the body is JSON");
        assert_eq!(problem["status"], 422);
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.contains(reason)),
            "{problem}"
        );
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn an_invalid_api_request_gets_every_wrong_field(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump_without_counts().await;
    let everything = json!({
        "email": "ada", "newsletters": ["weekly"], "name": "https://evil.example/", "timezone": "Mars/Base", "topics": 5,
        "cadence": "hourly", "language": "tlh", "words": "a".repeat(2_001), "page": "javascript:alert(1)", "altcha": 5, "colour": "red"
    });
    let of_service = json!({ "email": "ada", "newsletters": ["weekly"], "timezone": "Mars/Base" });
    for (body, named) in [
        (
            everything,
            &[
                "altcha",
                "cadence",
                "colour",
                "email",
                "language",
                "name",
                "newsletters",
                "page",
                "timezone",
                "topics",
                "words",
            ][..],
        ),
        (of_service, &["email", "newsletters", "timezone"]),
        (
            json!({ "email": "ada@reader.example", "topics": ["kernal"] }),
            &["topics"],
        ),
        (json!({ "timezone": "Mars/Base" }), &["email", "timezone"]),
        (json!([]), &[""]),
    ] {
        let refused = site.post_json("/api/v1/subscriptions", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        let problem: serde_json::Value = serde_json::from_str(&refused.body).expect("the body is JSON");
        let mut fields: Vec<_> = problem["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|error| error["field"].as_str())
            .collect();
        fields.sort_unstable();
        assert_eq!(fields, named, "{problem}");
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn a_form_of_another_site_signs_nobody_up(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    for headers in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        let form = ("application/x-www-form-urlencoded", "email=ada%40reader.example");
        let refused = post_as(&site, "/subscribe", form, headers).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(refused.body.contains("Sent from another site"), "{}", refused.body);
        let document = ("application/json", r#"{"email": "ada@reader.example"}"#);
        let refused = post_as(&site, "/api/v1/subscriptions", document, headers).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    }
    assert_eq!(app.dump().await, before);
}

#[apply(on_both_databases)]
async fn a_form_of_a_listed_site_is_accepted_and_recorded_as_such(mut app: TestApp) {
    let listed = WebOrigin::read("https://www.partner.example").expect("the origin is valid");
    app.restart(|config| config.signup.origins = vec![listed]).await;
    app.daily().await;
    let site = app.serve_site().await;
    let form = ("application/x-www-form-urlencoded", "email=ada%40reader.example");
    let headers = [
        ("origin", "https://www.partner.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(
        post_as(&site, "/subscribe", form, &headers).await.status,
        StatusCode::SEE_OTHER
    );
    let record = app.consent("ada@reader.example").await;
    assert_eq!(
        record[0].source,
        ConsentSource::FormOf("https://www.partner.example".to_owned())
    );
    assert_eq!(record[0].words, None, "we cannot know what that page showed");
}

#[apply(on_both_databases)]
async fn a_script_of_a_listed_site_signs_up_by_the_api(app: TestApp) {
    const PARTNER: &str = "https://www.partner.example";
    let mut app = app;
    app.restart(|config| config.signup.origins = vec![WebOrigin::read(PARTNER).expect("the origin is valid")])
        .await;
    app.daily().await;
    let site = app.serve_site().await;
    let preflight = async |path: &str, origin: &str| {
        let request = site
            .request(Method::OPTIONS, path)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .header("sec-fetch-site", "cross-site")
            .header("sec-fetch-mode", "cors");
        site.send(request).await
    };
    let cors = |answer: &Answer| {
        let names = answer.headers.keys().map(|name| name.as_str().to_owned());
        names
            .filter(|name| name.starts_with("access-control-"))
            .collect::<Vec<_>>()
    };

    let allowed = preflight("/api/v1/subscriptions", PARTNER).await;
    assert_eq!(allowed.status, StatusCode::NO_CONTENT);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(PARTNER));
    assert_eq!(allowed.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("content-type"));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    assert_eq!(allowed.header("vary"), Some("origin"));
    let from_script = [
        ("origin", PARTNER),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "cors"),
    ];
    for (document, status) in [
        (r#"{"email": "ada@reader.example"}"#, StatusCode::ACCEPTED),
        (r#"{"email": "ada"}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = post_as(
            &site,
            "/api/v1/subscriptions",
            ("application/json", document),
            &from_script,
        )
        .await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(PARTNER),
            "the script can read the answer"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let record = app.consent("ada@reader.example").await;
    assert_eq!(
        record[0].source,
        ConsentSource::ApiOf("https://www.partner.example".to_owned())
    );

    let before = app.dump().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://www.partner.example",
        "https://www.partner.example.evil.example",
    ] {
        let refused = preflight("/api/v1/subscriptions", origin).await;
        assert_eq!(
            (refused.status, cors(&refused)),
            (StatusCode::METHOD_NOT_ALLOWED, vec![]),
            "{origin}"
        );
        let document = ("application/json", r#"{"email": "eve@reader.example"}"#);
        let refused = post_as(&site, "/api/v1/subscriptions", document, &[("origin", origin)]).await;
        assert_eq!(
            (refused.status, cors(&refused)),
            (StatusCode::FORBIDDEN, vec![]),
            "{origin}"
        );
    }
    for path in ["/api/v1/articles", "/subscribe", "/"] {
        let refused = preflight(path, PARTNER).await;
        assert_eq!(
            (refused.status, cors(&refused)),
            (StatusCode::METHOD_NOT_ALLOWED, vec![]),
            "{path}"
        );
    }
    assert_eq!(app.dump().await, before);
}

#[apply(on_both_databases)]
async fn the_api_accepts_only_json(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    for kind in [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ] {
        let document = (kind, r#"{"email": "ada@reader.example"}"#);
        let refused = post_as(&site, "/api/v1/subscriptions", document, &[]).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert!(refused.body.contains("application/json"), "{}", refused.body);
    }
    assert_eq!(app.dump().await, before);
    let document = ("application/json; charset=utf-8", r#"{"email": "ada@reader.example"}"#);
    assert_eq!(
        post_as(&site, "/api/v1/subscriptions", document, &[]).await.status,
        StatusCode::ACCEPTED
    );
}

#[apply(on_both_databases)]
async fn a_request_that_fills_the_hidden_field_stores_nothing(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    assert!(
        site.get("/").await.body.contains("name=\"website\""),
        "the form has the field"
    );
    let before = app.dump_without_counts().await;
    let trapped = site
        .post(
            "/subscribe",
            &[("email", "bot@reader.example"), ("website", "http://x")],
        )
        .await;
    assert_eq!(app.dump_without_counts().await, before);
    let person = site
        .post("/subscribe", &[("email", "ada@reader.example"), ("website", "")])
        .await;
    assert_eq!(trapped.comparable(), person.comparable());
    assert_ne!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn only_topics_of_the_newsletter_are_accepted(mut app: TestApp) {
    let daily = app.daily().await;
    let site = app.serve().await.clone();
    let sign_up = async |topic: &str| {
        site.post("/subscribe", &[("email", "ada@reader.example"), ("topic", topic)])
            .await
    };
    let refused = sign_up("test").await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "no issue was sent yet"
    );
    assert!(refused.body.contains("no topics to choose from"), "{}", refused.body);
    app.send(&daily).await;
    let refused = sign_up("tset").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("“tset” is not a topic of this newsletter; its topics are: test"),
        "{}",
        refused.body
    );
    assert_eq!(sign_up("TEST").await.status, StatusCode::SEE_OTHER);
    site.post(&app.relay.link_for("ada@reader.example", "/confirm/").await, &[])
        .await;
    let id = app.subscriptions("ada@reader.example").await[0].id;
    let wants = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .preferences(id)
        .await
        .expect("the database answers");
    assert_eq!(wants.topics.to_string(), "test");
}

#[apply(on_both_databases)]
async fn the_details_of_a_request_are_stored_only_by_its_own_confirmation_link(mut app: TestApp) {
    let daily = app.daily().await;
    app.send(&daily).await;
    let site = app.serve().await.clone();
    let forged = [
        ("email", "vera@victim.example"),
        ("name", "Claim your prize"),
        ("timezone", "Pacific/Apia"),
        ("topic", "test"),
    ];
    site.post("/subscribe", &forged).await;
    app.relay.link_for("vera@victim.example", "/confirm/").await;
    app.advance(TimeDelta::minutes(11));
    site.post("/subscribe", &[("email", "vera@victim.example"), ("name", "Vera")])
        .await;
    eventually("the second request is mailed", || async {
        app.relay.received_for("vera@victim.example").len() == 2
    })
    .await;
    let subscription = app.subscriptions("vera@victim.example").await.remove(0);
    let known = async || {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let subscriber = tx
            .subscriber(subscription.subscriber_id)
            .await
            .expect("the database answers")
            .expect("the subscriber exists");
        let wants = tx.preferences(subscription.id).await.expect("the database answers");
        (subscriber.name, subscriber.timezone, wants.topics.to_string())
    };
    assert_eq!(
        known().await,
        (None, None, String::new()),
        "no details are stored before a confirmation"
    );
    let own = app
        .relay
        .received_for("vera@victim.example")
        .pop()
        .expect("a mail was received");
    let own = mock_relay::link(&mock_relay::text(&own.bytes), "/confirm/").expect("the mail has the link");
    assert_eq!(site.post(&own, &[]).await.status, StatusCode::OK);
    assert_eq!(known().await, (Some("Vera".into()), None, String::new()));
    let forged = mock_relay::link(
        &mock_relay::text(&app.relay.received_for("vera@victim.example")[0].bytes),
        "/confirm/",
    )
    .expect("the mail has the link");
    site.post(&forged, &[]).await;
    assert_eq!(
        known().await,
        (Some("Vera".into()), None, String::new()),
        "the link of the other request changes nothing"
    );
}

#[apply(on_both_databases)]
async fn details_that_two_requests_disagree_about_are_not_stored(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    site.post(
        "/subscribe",
        &[
            ("email", "vera@victim.example"),
            ("name", "Claim your prize"),
            ("timezone", "Pacific/Apia"),
        ],
    )
    .await;
    let link = app.relay.link_for("vera@victim.example", "/confirm/").await;
    // The first link is still valid, so no second mail is sent.
    site.post("/subscribe", &[("email", "vera@victim.example"), ("name", "Vera")])
        .await;
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
    let address = EmailAddress::parse("vera@victim.example").expect("the address is valid");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let vera = tx
        .subscriber_by_address(&app.app.keys, &address)
        .await
        .expect("the database answers")
        .expect("the subscriber exists");
    assert_eq!((vera.name, vera.timezone), (None, None));
}

#[apply(on_both_databases)]
async fn an_invalid_name_is_refused(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for name in [
        "\u{fdfa}".repeat(101),
        "Your prize: https://evil.example/x".to_owned(),
        "WWW.evil.example".to_owned(),
    ] {
        let refused = site
            .post_json(
                "/api/v1/subscriptions",
                &json!({ "email": "ada@reader.example", "name": name }),
            )
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.body.contains("at most 100 characters and no web address"),
            "{}",
            refused.body
        );
    }
}

#[apply(on_both_databases)]
async fn a_clock_that_was_ahead_delays_no_mail(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let ask = async || site.post("/subscribe", &[("email", "ada@reader.example")]).await.status;
    app.advance(TimeDelta::days(3_653));
    assert_eq!(ask().await, StatusCode::SEE_OTHER);
    app.advance(-TimeDelta::days(3_653));
    for _ in 0..2 {
        assert_eq!(ask().await, StatusCode::SEE_OTHER);
    }
    assert_eq!(app.rows("transactional_mails").await.len(), 2);
}

#[apply(on_both_databases)]
async fn signing_up_again_sends_a_second_mail_only_after_resend_after(mut app: TestApp) {
    app.daily().await;
    let site = app.serve().await.clone();
    let ask = async || site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    ask().await;
    app.advance(TimeDelta::minutes(9));
    ask().await;
    assert_eq!(app.rows("transactional_mails").await.len(), 1);
    app.advance(TimeDelta::minutes(1));
    ask().await;
    eventually("a second mail", || async {
        app.relay.received_for("ada@reader.example").len() == 2
    })
    .await;
}

#[apply(on_both_databases)]
async fn many_requests_at_once_send_one_mail(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    let site = app.serve_site().await;
    let requests = (0..12).map(|n| {
        let site = site.clone();
        tokio::spawn(async move {
            let (one, other) = if n % 2 == 0 {
                ("daily", "weekly")
            } else {
                ("weekly", "daily")
            };
            let form = [
                ("email", "ada@reader.example"),
                ("newsletter", one),
                ("newsletter", other),
            ];
            site.post("/subscribe", &form).await.status
        })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(
            request.await.expect("the request does not panic"),
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(app.rows("transactional_mails").await.len(), 1);
    assert_eq!(app.subscriptions("ada@reader.example").await.len(), 2);
}

/// On PostgreSQL the row of a new address is unique by two columns, and both transactions insert it.
#[apply(on_both_databases)]
async fn requests_that_add_the_same_address_at_once_all_succeed(app: TestApp) {
    app.daily().await;
    let signups = Signups::new(&app.app);
    for n in 0..60 {
        let requests = (0..4).map(|_| {
            let signups = signups.clone();
            let request = request_by_program(&format!("reader{n}@wire{n}.example"));
            tokio::spawn(async move { signups.request(request).await })
        });
        for request in requests.collect::<Vec<_>>() {
            let stored = request.await.expect("the request does not panic");
            stored.expect("no request fails because of another one");
        }
    }
    assert_eq!(app.rows("subscribers").await.len(), 60);
}

#[apply(on_both_databases)]
async fn several_newsletters_are_confirmed_by_one_mail(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    let site = app.serve().await.clone();
    let slugs = ["daily", "weekly", "daily"].map(|slug| ("newsletter", slug));
    let form = [&[("email", "ada@reader.example")], &slugs[..]].concat();
    site.post("/subscribe", &form).await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert_eq!(app.rows("transactional_mails").await.len(), 1);
    let page = site.get(&link).await.body;
    assert!(page.contains("Daily Broadcast") && page.contains("Weekly Log"));
    site.post(&link, &[]).await;
    let states: Vec<_> = app
        .subscriptions("ada@reader.example")
        .await
        .iter()
        .map(|subscription| subscription.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Confirmed; 2]);
}

#[apply(on_both_databases)]
async fn a_reader_who_chooses_no_newsletter_is_asked_to_choose_one(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    let site = app.serve().await.clone();
    let page = site.get("/subscribe").await.body;
    assert!(
        page.contains("<input type=\"hidden\" name=\"newsletter\" value=\"\">"),
        "{page}"
    );
    let no_newsletter = [("email", "ada@reader.example"), ("newsletter", "")];
    let answer = site.post("/subscribe", &no_newsletter).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("Choose at least one newsletter"),
        "{}",
        answer.body
    );
    assert!(app.subscriptions("ada@reader.example").await.is_empty());
    let one = [&no_newsletter[..], &[("newsletter", "weekly")]].concat();
    assert_eq!(site.post("/subscribe", &one).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        app.subscriptions("ada@reader.example").await[0].newsletter_slug,
        "weekly"
    );
}

#[apply(on_both_databases)]
async fn a_confirmation_is_sent_before_a_digest_in_progress_ends(app: TestApp) {
    const READERS: usize = 2_000;
    let mut app = app;
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::FinalDot => Verdict::Delay(Duration::from_millis(5)),
        _ => Verdict::Continue,
    });
    let site = app.serve().await.clone();
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.app.delivery_wakeup.notify_one();
    eventually("the digest is being sent", || async { app.relay.received().len() > 50 }).await;
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    app.relay.link_for("ada@reader.example", "/confirm/").await;
    app.until(issue, IssueState::Sent).await;

    assert_eq!(
        app.count(issue, DeliveryState::Accepted).await,
        i64::try_from(READERS).expect("the value is a count")
    );
    let order = app.relay.received();
    let place = order
        .iter()
        .position(|mail| mail.transaction.recipients == ["ada@reader.example"]);
    let place = place.expect("the confirmation was mailed");
    assert!(
        place < READERS,
        "the confirmation came after the digest, as mail {place}"
    );
}
