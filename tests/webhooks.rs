//! Webhooks of mail providers, over real HTTP: what they report takes effect once, and what is forged, old or foreign changes nothing.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::domain::address::EmailAddress;
use daywire::domain::consent::ConsentSource;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{IssueState, ReturnedKind, SubscriptionState, SuppressionReason};
use daywire::store::bounces::Bounce;
use daywire::store::suppressions::Suppression;
use daywire::worker::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::dump::Dump;
use crate::support::feed_server::path;
use crate::support::program::Program;
use crate::support::reports::message_id_tag;
use crate::support::webhooks::{PROVIDERS, Providers, Report, Signed, event, mailgun_signature};
use crate::support::{Engine, TestApp, eventually};

/// An app with all webhooks whose first issue was sent to as many readers as there are providers, and whose site runs.
async fn with_sent_issue(engine: Engine) -> (TestApp, Providers, IssueId) {
    let providers = Providers::start().await;
    let mut app = TestApp::with(engine, |config| providers.configure(config)).await;
    let daily = app.daily().await;
    app.readers(&daily, PROVIDERS.len()).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    app.serve_roles(&[Role::Web, Role::Intake]).await;
    (app, providers, issue)
}

/// The reader whose message a provider reports about.
fn reader(provider: &str) -> String {
    let at = PROVIDERS.iter().position(|known| *known == provider);
    format!("reader{}@reader.example", at.expect("the provider is known"))
}

/// What a provider sends about the reader that belongs to it.
fn report(app: &TestApp, providers: &Providers, provider: &'static str, report: Report) -> Option<Signed> {
    let reader = reader(provider);
    let event = event(provider, report, &reader, Some(&message_id_tag(app, &reader)))?;
    Some(providers.sign(provider, &event, app.now()))
}

async fn accepted(app: &TestApp, signed: &Signed) {
    let answer = signed.post(app.site()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}: {}", signed.provider, answer.body);
}

async fn suppression(app: &TestApp, address: &str) -> Option<Suppression> {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let hash = app.app.keys.address_hash(address.key());
    tx.suppression(&hash).await.expect("the suppression is read")
}

async fn bounces(app: &TestApp) -> Vec<Bounce> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.latest_bounces(100).await.expect("the bounces are read")
}

/// Waits until no event waits.
async fn processed(app: &TestApp) {
    eventually("every event is processed", || async {
        let mut tx = app.app.store.read().await.expect("the database answers");
        tx.waiting_returned_mails(1)
            .await
            .expect("the rows are read")
            .is_empty()
    })
    .await;
}

/// The counts of one outcome, by provider.
async fn counts(app: &TestApp, outcome: &str) -> BTreeMap<String, i64> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let counts = tx.intake_counts(1000).await.expect("the counts are read");
    let counts = counts.into_iter().filter(|count| count.outcome == outcome);
    counts.map(|count| (count.source, count.count)).collect()
}

/// Waits until every one of these providers has this count.
async fn counted(app: &TestApp, outcome: &str, providers: &[&str], count: i64) {
    let expected: BTreeMap<String, i64> = providers.iter().map(|name| ((*name).to_owned(), count)).collect();
    eventually("the outcome is counted", || async {
        counts(app, outcome).await == expected
    })
    .await;
}

/// The whole database but the counts.
async fn everything(app: &TestApp) -> Dump {
    let mut dump = app.dump().await;
    dump.remove("intake_counts");
    // The token of a request is used, also if its event is ignored.
    dump.remove("webhook_nonces");
    // Accepted messages are counted from time to time.
    dump.remove("issue_domains");
    dump
}

#[apply(on_both_databases)]
async fn messages_have_a_header_for_each_provider_that_is_set(engine: Engine) {
    let (app, _, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let address = reader("postmark");
    let tag = message_id_tag(&app, &address);
    let received = app.relay.received_for(&address);
    let text = String::from_utf8_lossy(&received[0].bytes).into_owned();
    for line in [
        format!("X-PM-Metadata-daywire: {tag}"),
        format!("X-SMTPAPI: {{\"unique_args\":{{\"daywire\":\"{tag}\"}}}}"),
        format!("X-Mailgun-Variables: {{\"daywire\":\"{tag}\"}}"),
        format!("X-MJ-CustomID: {tag}"),
        format!("X-MSYS-API: {{\"metadata\":{{\"daywire\":\"{tag}\"}}}}"),
        format!("X-Mailin-custom: {tag}"),
        format!("X-Daywire-Tag: {tag}"),
    ] {
        assert_eq!(text.matches(&format!("\r\n{line}\r\n")).count(), 1, "{line}");
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn messages_have_no_such_header_without_webhooks(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let received = app.relay.received_for("reader0@reader.example");
    let text = String::from_utf8_lossy(&received[0].bytes).to_lowercase();
    for name in [
        "x-pm-",
        "x-smtpapi",
        "x-mailgun-",
        "x-mj-",
        "x-msys-",
        "x-mailin-",
        "x-daywire-",
    ] {
        assert!(!text.contains(&format!("\r\n{name}")), "{name}");
    }
}

#[apply(on_both_databases)]
async fn a_hard_bounce_of_each_provider_suppresses_the_address_once(engine: Engine) {
    let (app, providers, issue) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let mut sent = Vec::new();
    for provider in PROVIDERS {
        let signed = report(&app, &providers, provider, Report::Hard).expect("each provider reports bounces");
        accepted(&app, &signed).await;
        sent.push(signed);
    }
    processed(&app).await;
    for provider in PROVIDERS {
        let suppressed = suppression(&app, &reader(provider)).await;
        let suppressed = suppressed.unwrap_or_else(|| panic!("{provider}: the address is suppressed"));
        assert_eq!(suppressed.reason, SuppressionReason::HardBounce, "{provider}");
        assert!(
            suppressed.evidence.starts_with(&format!("{provider}: ")) && suppressed.evidence.contains("5.1.1"),
            "{provider}: {}",
            suppressed.evidence
        );
    }
    let recorded = bounces(&app).await;
    assert_eq!(recorded.len(), PROVIDERS.len());
    for bounce in &recorded {
        assert_eq!((bounce.issue_id, bounce.subscription_id.is_some()), (Some(issue), true));
        assert_eq!(
            (bounce.kind, bounce.reason.as_str()),
            (ReturnedKind::Bounce, "no_mailbox")
        );
    }

    let before = everything(&app).await;
    for signed in &sent {
        accepted(&app, signed).await;
    }
    processed(&app).await;
    assert_eq!(everything(&app).await, before, "a repeated request changes nothing");
    counted(&app, "repeated", &PROVIDERS, 1).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_evidence_decides_what_a_bounce_leads_to(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    for provider in PROVIDERS {
        for kind in [Report::Full, Report::Policy, Report::Delayed] {
            let signed = report(&app, &providers, provider, kind).expect("each provider reports these");
            accepted(&app, &signed).await;
        }
    }
    processed(&app).await;
    let mut outcomes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for bounce in bounces(&app).await {
        *outcomes.entry((bounce.reason, bounce.action)).or_default() += 1;
    }
    let expected = [("mailbox_full", "count"), ("policy", "none")];
    let expected = expected.map(|(reason, action)| ((reason.to_owned(), action.to_owned()), PROVIDERS.len()));
    assert_eq!(outcomes, expected.into());
    for provider in PROVIDERS {
        assert_eq!(suppression(&app, &reader(provider)).await, None, "{provider}");
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn complaints_and_requests_to_leave_end_the_subscription(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let mut left = Vec::new();
    for provider in PROVIDERS {
        if let Some(signed) = report(&app, &providers, provider, Report::Unsubscribe) {
            accepted(&app, &signed).await;
            left.push(provider);
        }
    }
    assert_eq!(left.len(), 7);
    processed(&app).await;
    for provider in &left {
        let address = reader(provider);
        let state = app.subscription_state(&address).await;
        assert_eq!(state, Some(SubscriptionState::Unsubscribed), "{provider}");
        assert_eq!(
            suppression(&app, &address).await,
            None,
            "{provider}: the reader may subscribe again"
        );
        let last = app.consent(&address).await.pop().expect("there is a record");
        assert_eq!(last.source, ConsentSource::Provider((*provider).to_owned()));
    }
    assert!(
        bounces(&app).await.is_empty(),
        "to leave is neither a bounce nor a complaint"
    );

    let mut complained = 0;
    for provider in PROVIDERS {
        let Some(signed) = report(&app, &providers, provider, Report::Complaint) else {
            continue;
        };
        accepted(&app, &signed).await;
        processed(&app).await;
        let suppressed = suppression(&app, &reader(provider)).await;
        let reason = suppressed.map(|suppressed| suppressed.reason);
        assert_eq!(reason, Some(SuppressionReason::Complaint), "{provider}");
        let state = app.subscription_state(&reader(provider)).await;
        assert_eq!(state, Some(SubscriptionState::Unsubscribed), "{provider}");
        complained += 1;
    }
    assert_eq!(complained, 8);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn forged_and_old_requests_change_nothing_and_are_counted(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let before = everything(&app).await;
    for provider in PROVIDERS {
        let signed = report(&app, &providers, provider, Report::Hard).expect("each provider reports bounces");
        let mut unsigned = signed.clone();
        unsigned.headers.clear();
        let answer = Providers::forge(&signed).post(app.site()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{provider}: {}", answer.body);
        if !matches!(provider, "mailgun" | "ses") {
            assert_eq!(
                unsigned.post(app.site()).await.status,
                StatusCode::UNAUTHORIZED,
                "{provider}"
            );
        }
        // The signature covers the body, except for Mailgun's, and a login covers nothing.
        if matches!(provider, "sendgrid" | "resend" | "postal") {
            let mut changed = signed.clone();
            changed.body.push(b' ');
            assert_eq!(
                changed.post(app.site()).await.status,
                StatusCode::UNAUTHORIZED,
                "{provider}"
            );
        }
    }
    counted(&app, "wrong_login", &["brevo", "mailjet", "postmark", "sparkpost"], 2).await;
    let expected = [
        ("mailgun", 1),
        ("ses", 1),
        ("sendgrid", 3),
        ("resend", 3),
        ("postal", 3),
    ];
    let expected: BTreeMap<String, i64> = expected.map(|(name, count)| (name.to_owned(), count)).into();
    eventually("wrong signatures are counted", || async {
        counts(&app, "wrong_signature").await == expected
    })
    .await;

    let signing = ["ses", "sendgrid", "mailgun", "resend", "postal"];
    for provider in signing {
        let event = event(provider, Report::Hard, &reader(provider), None).expect("each provider reports this");
        for age in [TimeDelta::hours(26), TimeDelta::minutes(-6)] {
            let answer = providers.sign(provider, &event, app.now() - age).post(app.site()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{provider}: {}", answer.body);
        }
    }
    counted(&app, "old_timestamp", &signing, 2).await;
    assert_eq!(everything(&app).await, before);

    let listed = Program::of(&app).json(&["bounce", "counts"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(4 + 5 + 5));
    assert_eq!(listed[0]["day"], "2026-11-23");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_event_about_nobody_is_refused_and_the_others_of_its_request_are_stored(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let before = everything(&app).await;
    for provider in PROVIDERS {
        let reports = [Report::Hard, Report::Full, Report::Complaint, Report::Unsubscribe];
        for about_nobody in reports
            .into_iter()
            .filter_map(|report| event(provider, report, "", None))
        {
            let answer = providers
                .sign(provider, &about_nobody, app.now())
                .post(app.site())
                .await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{provider}: {about_nobody}");
            assert!(
                answer.body.contains("neither an address"),
                "{provider}: {}",
                answer.body
            );
        }
    }
    eventually("each provider's are counted", || async {
        counts(&app, "malformed").await.len() == PROVIDERS.len()
    })
    .await;
    assert_eq!(everything(&app).await, before);
    let good = event("brevo", Report::Hard, &reader("brevo"), None).expect("each provider reports this");
    let batch = json!([{ "event": "hard_bounce" }, good]).to_string().into_bytes();
    let answer = providers.sign_body("brevo", batch, app.now()).post(app.site()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    processed(&app).await;
    assert!(suppression(&app, &reader("brevo")).await.is_some(), "the others count");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn requests_that_a_provider_repeats_for_hours_are_accepted(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    for (provider, age) in [
        ("ses", TimeDelta::hours(1)),
        ("mailgun", TimeDelta::hours(8)),
        ("sendgrid", TimeDelta::hours(24)),
        ("resend", TimeDelta::minutes(4)),
        ("postal", TimeDelta::minutes(36)),
    ] {
        let event = event(provider, Report::Hard, &reader(provider), None).expect("each provider reports this");
        accepted(&app, &providers.sign(provider, &event, app.now() - age)).await;
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn messages_of_a_foreign_sns_topic_are_refused(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let before = everything(&app).await;
    let foreign = "arn:aws:sns:eu-west-1:999999999999:bounces";
    let bounce = event(
        "ses",
        Report::Hard,
        &reader("ses"),
        Some(&message_id_tag(&app, &reader("ses"))),
    )
    .expect("each provider reports this");
    let confirmation = json!({
        "Type": "SubscriptionConfirmation",
        "TopicArn": foreign,
        "Message": "confirm",
        "Token": "t",
        "SubscribeURL": providers.sns.feed("?Action=ConfirmSubscription"),
    });
    for fields in [
        json!({ "TopicArn": foreign, "Message": bounce.to_string() }),
        json!({ "TopicArn": "", "Message": bounce.to_string() }),
        confirmation,
    ] {
        let answer = providers.sns_message(&fields, app.now()).post(app.site()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    }
    assert!(providers.sns.requests().is_empty(), "SNS was asked for nothing");
    counted(&app, "foreign_topic", &["ses"], 3).await;
    assert_eq!(everything(&app).await, before);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_subscription_of_our_sns_topic_is_confirmed_once(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let confirmation = |address: String| {
        json!({
            "Type": "SubscriptionConfirmation",
            "Message": "You have chosen to subscribe",
            "Token": "2336412f37",
            "SubscribeURL": address,
        })
    };
    let asked = || {
        let requests = providers.sns.requests();
        requests.iter().filter(|headers| path(headers) == "/").count()
    };
    let elsewhere = confirmation("http://127.0.0.2:1/?Action=ConfirmSubscription".to_owned());
    let answer = providers.sns_message(&elsewhere, app.now()).post(app.site()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);

    let ours = confirmation(providers.sns.feed("?Action=ConfirmSubscription&Token=2336412f37"));
    let signed = providers.sns_message(&ours, app.now());
    let forged = Providers::forge(&signed).post(app.site()).await;
    assert_eq!((forged.status, asked()), (StatusCode::UNAUTHORIZED, 0));
    accepted(&app, &signed).await;
    assert_eq!(asked(), 1);
    accepted(&app, &signed).await;
    assert_eq!(asked(), 1, "a repeated message confirms nothing again");
    processed(&app).await;
    counted(&app, "repeated", &["ses"], 1).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn both_versions_of_sns_signatures_are_checked(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let bounce = event("ses", Report::Hard, &reader("ses"), None)
        .expect("each provider reports this")
        .to_string();
    let second =
        providers.sns_message_of_version("2", &json!({ "Message": bounce, "Subject": "Amazon SES" }), app.now());
    accepted(&app, &second).await;
    processed(&app).await;
    assert!(suppression(&app, &reader("ses")).await.is_some());

    let other_version = String::from_utf8(second.body.clone()).expect("JSON is text");
    let other_version = other_version.replace("\"SignatureVersion\":\"2\"", "\"SignatureVersion\":\"1\"");
    let certificates = [
        "http://127.0.0.2:1/SimpleNotificationService-00.pem",
        "https://evil.example/a.pem",
        "",
    ];
    let elsewhere = certificates.map(|address| {
        let fields = json!({ "Message": bounce, "SigningCertURL": address });
        providers.sns_message(&fields, app.now())
    });
    for signed in elsewhere.iter().chain([&Signed {
        body: other_version.into_bytes(),
        ..second.clone()
    }]) {
        let answer = signed.post(app.site()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    }
    // The certificate was fetched once.
    assert_eq!(providers.sns.requests().len(), 1);

    let missing =
        json!({ "Message": bounce, "SigningCertURL": providers.sns.feed("SimpleNotificationService-ff.pem") });
    let answer = providers.sns_message(&missing, app.now()).post(app.site()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "SNS sends it again");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn raw_delivery_of_sns_is_recognised(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let bounce = event("ses", Report::Hard, &reader("ses"), None).expect("each provider reports this");
    let raw = Signed {
        provider: "ses",
        headers: vec![("x-amz-sns-rawdelivery", "true".to_owned())],
        body: bounce.to_string().into_bytes(),
    };
    for headers in [raw.headers.clone(), Vec::new()] {
        let answer = Signed { headers, ..raw.clone() }.post(app.site()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains("Raw message delivery is on"), "{}", answer.body);
    }
    // SNS reports in a sentence that SES may write to the topic.
    let sentence = json!({ "Message": "Successfully validated SNS topic for Amazon SES event publishing." });
    accepted(&app, &providers.sns_message(&sentence, app.now())).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_mailgun_token_is_accepted_once(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let signature = mailgun_signature("a token that somebody saw", app.now());
    let body = |address: &str| {
        let event = event("mailgun", Report::Complaint, address, None).expect("each provider reports this");
        let body = json!({ "signature": signature, "event-data": event }).to_string();
        providers.sign_body("mailgun", body.into_bytes(), app.now())
    };
    accepted(&app, &body("reader0@reader.example")).await;
    accepted(&app, &body("reader1@reader.example")).await;
    processed(&app).await;
    assert!(suppression(&app, "reader0@reader.example").await.is_some());
    assert_eq!(suppression(&app, "reader1@reader.example").await, None);
    counted(&app, "repeated", &["mailgun"], 1).await;

    // An event of a subaccount has the signature of the account above it under another name.
    let event =
        event("mailgun", Report::Complaint, "reader2@reader.example", None).expect("each provider reports this");
    let other = json!({ "timestamp": "1", "token": "x", "signature": "00" });
    let parent = mailgun_signature("another token", app.now());
    let body = json!({ "signature": other, "parent-signature": parent, "event-data": event }).to_string();
    accepted(&app, &providers.sign_body("mailgun", body.into_bytes(), app.now())).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_token_of_an_ignored_mailgun_event_is_used_too(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let post = async |body: serde_json::Value| {
        let signed = providers.sign_body("mailgun", body.to_string().into_bytes(), app.now());
        accepted(&app, &signed).await;
    };
    let complaint = event("mailgun", Report::Complaint, "reader1@reader.example", None);
    let complaint = complaint.expect("each provider reports this");
    let opened = json!({ "event": "opened", "id": "1", "recipient": "reader0@reader.example" });
    let (own, parent) = (
        mailgun_signature("own", app.now()),
        mailgun_signature("parent", app.now()),
    );
    post(json!({ "signature": own, "parent-signature": parent, "event-data": opened })).await;
    assert!(
        app.rows("returned_mails").await.is_empty(),
        "an opened mail is not stored"
    );
    for seen in [&own, &parent] {
        post(json!({ "signature": seen, "event-data": complaint })).await;
    }
    counted(&app, "repeated", &["mailgun"], 2).await;
    assert!(app.rows("returned_mails").await.is_empty());

    let fresh = mailgun_signature("fresh", app.now());
    post(json!({ "signature": fresh, "event-data": complaint })).await;
    processed(&app).await;
    assert!(suppression(&app, "reader1@reader.example").await.is_some());
    teardown.finish().await;
}

/// PostgreSQL stores no NUL, and indexes no long text. Such an id must not fail its event and all others of the request.
#[apply(on_both_databases)]
async fn an_event_with_an_id_that_no_database_stores_is_accepted_once(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let random: String = (0..4000_u32)
        .map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 24) as u8 % 26))
        .collect();
    let fields = [
        ("postmark", "ID"),
        ("sendgrid", "sg_event_id"),
        ("sparkpost", "event_id"),
        ("mailgun", "id"),
        ("postal", "uuid"),
    ];
    for (provider, field) in fields {
        for id in ["a\0b", &random] {
            let mut report = event(provider, Report::Complaint, &reader(provider), None)
                .or_else(|| event(provider, Report::Hard, &reader(provider), None))
                .expect("each provider reports this");
            report[field] = id.into();
            for _ in 0..2 {
                accepted(&app, &providers.sign(provider, &report, app.now())).await;
            }
        }
    }
    processed(&app).await;
    assert_eq!(app.rows("returned_mails").await.len(), 2 * fields.len());
    for (provider, _) in fields {
        assert!(suppression(&app, &reader(provider)).await.is_some(), "{provider}");
    }
    teardown.finish().await;
}

/// A client that withholds the end of a body must not keep more memory than the budget, and a wrong login is refused without a body.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_do_not_end_use_a_bounded_memory() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    const BODY: usize = 512 * 1024;
    let (app, providers, _) = with_sent_issue(Engine::Sqlite).await;
    let teardown = app.teardown();
    let address = app
        .site()
        .url("/")
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let begin = async |headers: &str, sent: usize| {
        let mut stream = tokio::net::TcpStream::connect(&address)
            .await
            .expect("the site accepts connections");
        let head = format!("POST {headers}\r\nHost: news.example\r\nContent-Length: {BODY}\r\n\r\n");
        stream
            .write_all(head.as_bytes())
            .await
            .expect("the site reads the head");
        // The site may refuse the request before it has read the body.
        let _ = stream.write_all(&vec![b' '; sent]).await;
        stream
    };
    let read = async |mut stream: tokio::net::TcpStream| {
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.expect("the site answers");
        String::from_utf8_lossy(&answer[..length]).to_lowercase()
    };
    let refused = begin("/hooks/sparkpost HTTP/1.1\r\nAuthorization: Basic eDp5", 1).await;
    assert!(
        read(refused).await.starts_with("http/1.1 401 "),
        "the login is checked without the body"
    );

    // One network may use 8 MiB. A request that came while another one held the last bytes is refused and frees its own: the next one uses them.
    let complaint = report(&app, &providers, "mailgun", Report::Complaint).expect("each provider reports this");
    let mut held = Vec::new();
    let mut busy = None;
    eventually("the budget is used", async || {
        let answer = complaint.post(app.site()).await;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            busy = Some(answer);
            return true;
        }
        held.push(begin("/hooks/mailgun HTTP/1.1", BODY - 1).await);
        false
    })
    .await;
    let busy = busy.expect("the last answer was 503");
    assert_eq!(busy.header("retry-after"), Some("60"));
    let logged_in = report(&app, &providers, "sparkpost", Report::Complaint).expect("each provider reports this");
    accepted(&app, &logged_in).await;
    drop(held);
    eventually("the memory is free again", async || {
        complaint.post(app.site()).await.status == StatusCode::OK
    })
    .await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn without_a_tag_the_address_decides(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    for address in ["reader0@reader.example", "stranger@elsewhere.example"] {
        let hard = event("sendgrid", Report::Hard, address, None).expect("each provider reports this");
        accepted(&app, &providers.sign("sendgrid", &hard, app.now())).await;
    }
    for kind in [Report::Complaint, Report::Unsubscribe] {
        let address = if kind == Report::Complaint {
            "reader1@reader.example"
        } else {
            "reader2@reader.example"
        };
        let event = event("mailjet", kind, address, None).expect("each provider reports this");
        accepted(&app, &providers.sign("mailjet", &event, app.now())).await;
    }
    processed(&app).await;
    assert!(suppression(&app, "reader0@reader.example").await.is_some());
    assert_eq!(
        suppression(&app, "stranger@elsewhere.example").await,
        None,
        "it was never ours"
    );
    for address in ["reader1@reader.example", "reader2@reader.example"] {
        assert_eq!(
            app.subscription_state(address).await,
            Some(SubscriptionState::Unsubscribed),
            "{address}"
        );
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_address_that_was_ours_is_suppressed_after_its_erasure(engine: Engine) {
    let providers = Providers::start().await;
    let mut app = TestApp::with(engine, |config: &mut Config| providers.configure(config)).await;
    let teardown = app.teardown();
    app.daily().await;
    app.serve().await;
    app.sign_up("ada@reader.example").await;
    let tag = message_id_tag(&app, "ada@reader.example");
    app.stop_serving().await;
    app.advance(TimeDelta::days(31));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the subscriber is erased", || async {
        app.subscriptions("ada@reader.example").await.is_empty()
    })
    .await;
    app.stop_serving().await;
    app.serve_roles(&[Role::Web, Role::Intake]).await;

    let last = if tag.ends_with('a') { 'q' } else { 'a' };
    let forged = format!("{}{last}", &tag[..tag.len() - 1]);
    for (address, tag) in [("eve@reader.example", &forged), ("ada@reader.example", &tag)] {
        let hard = event("brevo", Report::Hard, address, Some(tag)).expect("each provider reports this");
        accepted(&app, &providers.sign("brevo", &hard, app.now())).await;
    }
    processed(&app).await;
    assert!(suppression(&app, "ada@reader.example").await.is_some());
    assert_eq!(suppression(&app, "eve@reader.example").await, None);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn deliveries_opens_and_clicks_are_not_stored(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let before = everything(&app).await;
    for provider in PROVIDERS {
        let delivered =
            report(&app, &providers, provider, Report::Delivered).expect("each provider reports deliveries");
        accepted(&app, &delivered).await;
    }
    let ping = json!([{ "msys": {} }]).to_string();
    accepted(&app, &providers.sign_body("sparkpost", ping.into_bytes(), app.now())).await;
    accepted(&app, &providers.sign_body("sendgrid", b"[]".to_vec(), app.now())).await;
    assert_eq!(everything(&app).await, before);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_new_events_of_a_partly_repeated_request_are_stored(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let hard = |at: usize| {
        let address = format!("reader{at}@reader.example");
        event("sendgrid", Report::Hard, &address, None).expect("each provider reports this")
    };
    let batch = |events: &[serde_json::Value]| {
        let body = json!(events).to_string().into_bytes();
        providers.sign_body("sendgrid", body, app.now())
    };
    accepted(&app, &batch(&[hard(0), hard(1), hard(1)])).await;
    accepted(&app, &batch(&[hard(1), hard(2)])).await;
    processed(&app).await;
    assert_eq!(bounces(&app).await.len(), 3);
    counted(&app, "repeated", &["sendgrid"], 2).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn requests_that_cannot_be_read_are_answered_with_400(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let before = everything(&app).await;
    let deep = "[".repeat(100_000);
    for provider in PROVIDERS {
        for body in ["", "no JSON", "null", "[1]", "{", "\"x\"", "{}", "[{}]", &deep, "\u{0}"] {
            let answer = providers
                .sign_body(provider, body.as_bytes().to_vec(), app.now())
                .post(app.site())
                .await;
            // What has no signature of its own inside, or no time, is refused for that.
            let is_refused = matches!(
                answer.status,
                StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            );
            assert!(is_refused, "{provider} {body:.20}: {}", answer.status);
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{provider}"
            );
        }
        let answer = providers
            .sign_body(provider, vec![0xff, 0xfe], app.now())
            .post(app.site())
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{provider}");
    }
    assert_eq!(everything(&app).await, before);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn while_the_database_fails_the_provider_keeps_the_event(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let signed = report(&app, &providers, "resend", Report::Hard).expect("each provider reports this");
    app.execute("ALTER TABLE returned_mails RENAME TO returned_mails_away")
        .await;
    let answer = signed.post(app.site()).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, Some("60"))
    );
    app.execute("ALTER TABLE returned_mails_away RENAME TO returned_mails")
        .await;
    accepted(&app, &signed).await;
    processed(&app).await;
    assert!(suppression(&app, &reader("resend")).await.is_some());
    assert_eq!(counts(&app, "repeated").await.len(), 0);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_large_batch_is_accepted_and_one_beyond_the_limit_is_not(engine: Engine) {
    let (app, providers, _) = with_sent_issue(engine).await;
    let teardown = app.teardown();
    let opened = json!({ "event": "open", "email": "reader0@reader.example", "useragent": "x".repeat(1_000) });
    let batch = json!(vec![opened; 2_000]).to_string().into_bytes();
    assert!(batch.len() > 2_000_000);
    accepted(&app, &providers.sign_body("sendgrid", batch.clone(), app.now())).await;
    let answer = providers.sign_body("postmark", batch, app.now()).post(app.site()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_provider_that_is_not_set_has_no_webhook(engine: Engine) {
    let providers = Providers::start().await;
    let set = |config: &mut Config| config.hooks.postmark.secret = Some("p".into());
    let mut app = TestApp::with(engine, set).await;
    let teardown = app.teardown();
    app.daily().await;
    let site = app.serve_site().await;
    let unknown = site.send(site.request(Method::POST, "/hooks/nobody")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    for provider in PROVIDERS.into_iter().filter(|provider| *provider != "postmark") {
        let event = event(provider, Report::Hard, "ada@reader.example", None).expect("each provider reports this");
        let answer = providers.sign(provider, &event, app.now()).post(&site).await;
        assert_eq!(answer.comparable(), unknown.comparable(), "{provider}");
    }
    let get = site.get("/hooks/postmark").await;
    assert_eq!(
        (get.status, get.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, Some("POST"))
    );
    teardown.finish().await;
}
