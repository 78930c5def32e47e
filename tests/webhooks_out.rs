//! Webhooks out: other programs get signed events, each at least once and those of one reader in order.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daywire::clock::Clock;
use daywire::domain::address::EmailAddress;
use daywire::domain::states::IssueState;
use daywire::domain::webhook::{EventSelection, MessageState};
use daywire::mail::server::{Stage, Verdict};
use daywire::privacy;
use daywire::store::webhook_endpoints::WebhookEndpoint;
use daywire::store::webhook_messages::{LoggedMessage, ReplaySelection};
use daywire::webhooks::{self, EndpointChange, NewEndpoint, WebhookError};
use daywire::worker::Role;

use crate::support::issues::reply;
use crate::support::operators::actor;
use crate::support::program::{CONFIRMED, Program};
use crate::support::webhook_receiver::{ReceivedEvent, WebhookReceiver, allow_loopback};
use crate::support::{Engine, TestApp, eventually, notify_desk};

const ADA: &str = "ada@reader.example";

impl TestApp {
    /// Adds a webhook, and returns its secret.
    async fn webhook(&self, name: &str, url: &str, events: &[&str]) -> String {
        let new = NewEndpoint {
            url,
            name,
            events: EventSelection::parse_names(events).expect("the events are known"),
        };
        let (_, secret) = webhooks::add(&self.app, &actor(), &new)
            .await
            .expect("the webhook is added");
        secret
    }

    async fn set_webhook_enabled(&self, name: &str, enabled: bool) {
        let change = EndpointChange {
            enabled: Some(enabled),
            ..EndpointChange::default()
        };
        let changed = webhooks::change(&self.app, &actor(), name, &change).await;
        changed.expect("the webhook is changed");
    }

    async fn endpoint(&self, name: &str) -> WebhookEndpoint {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let found = tx.webhook_endpoint_by_name(name).await.expect("the webhook is read");
        found.expect("there is a webhook with the name")
    }

    async fn webhook_messages(&self, name: &str) -> Vec<LoggedMessage> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let endpoint = tx.webhook_endpoint_by_name(name).await.expect("the webhook is read");
        let id = endpoint.expect("there is a webhook with the name").id;
        tx.webhook_log(id, None, None, 1_000).await.expect("the log is read")
    }

    async fn all_in_state(&self, name: &str, state: MessageState) -> bool {
        let messages = self.webhook_messages(name).await;
        !messages.is_empty() && messages.iter().all(|message| message.state == state)
    }
}

/// The events about an address, in the order in which they were accepted.
fn about(receiver: &WebhookReceiver, address: &str) -> Vec<String> {
    let accepted = receiver.accepted().into_iter();
    accepted
        .filter(|event| event.address().as_deref() == Some(address))
        .map(|event| event.kind())
        .collect()
}

#[apply(on_both_databases)]
async fn a_reader_s_events_arrive_signed_and_in_order(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    app.daily().await;
    let receiver = WebhookReceiver::start().await;
    let secret = app.webhook("crm", receiver.url(), &[]).await;
    app.serve().await;
    let link = app.sign_up(ADA).await;
    app.site().post(&link, &[]).await;
    app.leave(ADA).await;
    let expected = ["subscription.requested", "subscription.confirmed", "subscription.ended"];
    eventually("all events came", || async {
        about(&receiver, ADA).len() >= expected.len()
    })
    .await;
    assert_eq!(about(&receiver, ADA), expected);
    let requests = receiver.requests();
    let ids: BTreeSet<_> = requests.iter().map(ReceivedEvent::id).collect();
    assert_eq!(
        ids.len(),
        requests.len(),
        "each event has an id of its own and came once"
    );
    for request in &requests {
        assert!(request.is_signed_with(&secret), "{request:?}");
        assert!(!request.is_signed_with("whsec_c2VjcmV0"), "{request:?}");
        assert_eq!(request.header("webhook-timestamp"), app.now().timestamp().to_string());
        assert_eq!(request.header("content-type"), "application/json");
    }
    let confirmed = requests[1].json();
    assert_eq!(confirmed["version"], 1);
    assert_eq!(confirmed["id"], requests[1].id().as_str());
    assert_eq!(confirmed["data"]["subscription"]["newsletter"], "daily");
    assert_eq!(confirmed["data"]["source"], "mail");
    let dump = format!("{:?}", app.dump().await);
    assert!(!dump.contains(&secret), "the secret is stored encrypted");
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn without_a_webhook_that_wants_an_event_nothing_is_written(engine: Engine) {
    let app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    app.readers(&newsletter, 3).await;
    let receiver = WebhookReceiver::start().await;
    app.webhook("issues", receiver.url(), &["issue"]).await;
    app.readers_at(&newsletter, "other.example", 3).await;
    assert_eq!(app.webhook_messages("issues").await.len(), 0);
    app.set_webhook_enabled("issues", false).await;
    app.silent_reader(&newsletter).await;
    app.articles(&newsletter, 1).await;
    app.build(&newsletter).await;
    assert_eq!(app.webhook_messages("issues").await.len(), 0, "it is disabled");
    app.set_webhook_enabled("issues", true).await;
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_waiting_event_holds_back_those_of_its_reader_only(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|event| if event.body.contains("reader1@") { 500 } else { 200 });
    app.webhook("crm", receiver.url(), &["subscription"]).await;
    app.readers(&newsletter, 3).await;
    app.leave("reader1@reader.example").await;
    app.leave("reader2@reader.example").await;
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("the others' events came", || async {
        about(&receiver, "reader0@reader.example").len() == 1 && about(&receiver, "reader2@reader.example").len() == 2
    })
    .await;
    eventually("the first event failed", || async {
        receiver.requests().iter().any(|request| request.status == 500)
    })
    .await;
    let kinds: Vec<_> = receiver
        .requests()
        .iter()
        .filter(|request| request.status == 500)
        .map(ReceivedEvent::kind)
        .collect();
    assert!(kinds.iter().all(|kind| kind == "subscription.imported"), "{kinds:?}");
    receiver.answer(|_| 200);
    app.advance(TimeDelta::minutes(1));
    eventually("the reader's events came", || async {
        about(&receiver, "reader1@reader.example").len() == 2
    })
    .await;
    assert_eq!(
        about(&receiver, "reader1@reader.example"),
        ["subscription.imported", "subscription.ended"]
    );
    // The receiver has an event before the program has stored its answer.
    eventually("the results are stored", || async {
        app.all_in_state("crm", MessageState::Delivered).await
    })
    .await;
    assert_eq!(app.endpoint("crm").await.failures, 0);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_silent_endpoint_does_not_delay_others(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let (silent, other) = (WebhookReceiver::start().await, WebhookReceiver::start().await);
    silent.answer(|_| 0);
    app.webhook("silent", silent.url(), &[]).await;
    app.webhook("other", other.url(), &[]).await;
    app.readers(&newsletter, 20).await;
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("the other got all", || async { other.accepted().len() == 20 }).await;
    assert_eq!(silent.accepted().len(), 0);
    let in_flight = silent.requests().len();
    assert!(
        in_flight <= app.app.config.webhooks.concurrency,
        "{in_flight} requests at once"
    );
    app.stop_serving().await;
    let waiting = app.webhook_messages("silent").await;
    assert!(
        waiting
            .iter()
            .all(|message| message.state == MessageState::Waiting && message.attempts == 0)
    );
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_killed_process_loses_no_event(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 0);
    app.webhook("crm", receiver.url(), &["subscription"]).await;
    let settings = Program::in_folder(app.folder()).file("hooks.toml", "[webhooks]\nallow = [\"127.0.0.0/8\"]\n");
    let program = Program::of(&app);
    let people: Vec<_> = (0..12).map(|n| format!("reader{n}@reader.example")).collect();
    let list = program.file("list.csv", format!("email\n{}\n", people.join("\n")));
    // The processes have the real time.
    program.ok(&[&["subscriber", "import", &list][..], &CONFIRMED].concat());
    let mut serving = program.start(&["--config", &settings, "serve", "--role", "fetcher"]);
    eventually("the process sends", || async { receiver.requests().len() >= 2 }).await;
    serving.kill().expect("the process is killed");
    serving.wait().expect("the process has ended");
    receiver.answer(|_| 200);
    // The leases of a killed process end by themselves.
    app.advance(Clock::System.now() - app.now() + TimeDelta::minutes(10));
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("all events came", || async { receiver.accepted().len() >= 12 }).await;
    let ids: BTreeSet<_> = receiver.accepted().iter().map(ReceivedEvent::id).collect();
    assert_eq!(ids.len(), 12);
    eventually("the results are stored", || async {
        app.all_in_state("crm", MessageState::Delivered).await
    })
    .await;
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn private_and_unencrypted_addresses_are_refused(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    for url in [
        "http://127.0.0.1:8080/events",
        "https://localhost/events",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://10.0.0.1/",
        "http://93.184.215.14/",
        "ftp://example.org/",
        "https://user:secret@example.org/",
        "events",
    ] {
        let new = NewEndpoint {
            url,
            name: "crm",
            events: EventSelection::All,
        };
        let refused = webhooks::add(&app.app, &actor(), &new).await;
        assert!(matches!(refused, Err(WebhookError::Address(_))), "{url}: {refused:?}");
    }
    // An address that was allowed when it was added is checked before every request.
    app.restart(allow_loopback).await;
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    app.webhook("crm", receiver.url(), &[]).await;
    app.restart(|config| config.webhooks.allow = Vec::new()).await;
    app.readers(&newsletter, 1).await;
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("the attempt failed", || async {
        app.endpoint("crm").await.failures > 0
    })
    .await;
    let messages = app.webhook_messages("crm").await;
    let error = messages[0].last_error.as_deref().expect("the attempt failed");
    assert!(error.contains("webhooks.allow"), "{error}");
    assert_eq!(receiver.requests().len(), 0);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn redirects_are_failures(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 307);
    app.webhook("crm", receiver.url(), &[]).await;
    app.readers(&newsletter, 1).await;
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("the attempt failed", || async {
        app.endpoint("crm").await.failures > 0
    })
    .await;
    let messages = app.webhook_messages("crm").await;
    assert_eq!(messages[0].last_status, Some(307));
    assert_eq!(messages[0].state, MessageState::Waiting);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_event_fails_after_a_day_and_can_be_replayed(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        allow_loopback(config);
        notify_desk(config);
    })
    .await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 503);
    app.webhook("crm", receiver.url(), &[]).await;
    app.readers(&newsletter, 2).await;
    app.serve_roles(&[Role::Fetcher, Role::Sender]).await;
    eventually("it was tried", || async {
        app.webhook_messages("crm")
            .await
            .iter()
            .any(|message| message.attempts > 0)
    })
    .await;
    // The result of an attempt is stored with the time at which it is stored, so an hour more or less can pass until the next one.
    eventually("the events failed", || async {
        app.advance(TimeDelta::hours(1));
        app.all_in_state("crm", MessageState::Failed).await
    })
    .await;
    eventually("the operators got a notice", || async {
        !app.relay.received_for("desk@news.example").is_empty()
    })
    .await;
    let attempts = receiver.requests().len();
    assert!(attempts < 60, "{attempts} attempts in a day");
    receiver.answer(|_| 200);
    let selection = ReplaySelection {
        failed: true,
        ..ReplaySelection::default()
    };
    let replayed = webhooks::replay(&app.app, &actor(), "crm", &selection).await;
    assert_eq!(replayed.expect("the messages wait again"), 2);
    app.advance(TimeDelta::hours(5));
    eventually("the events came", || async {
        app.all_in_state("crm", MessageState::Delivered).await
    })
    .await;
    let ids: BTreeSet<_> = receiver.requests().iter().map(ReceivedEvent::id).collect();
    assert_eq!(ids.len(), 2, "a replayed event has its id");
    let again = webhooks::replay(&app.app, &actor(), "crm", &selection).await;
    assert!(matches!(again, Err(WebhookError::NothingToReplay(_))), "{again:?}");
    assert_eq!(app.relay.received_for("desk@news.example").len(), 1, "one notice");
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_endpoint_that_is_gone_is_disabled(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        allow_loopback(config);
        notify_desk(config);
    })
    .await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    receiver.answer(|_| 410);
    app.webhook("crm", receiver.url(), &[]).await;
    app.readers(&newsletter, 1).await;
    app.serve_roles(&[Role::Fetcher, Role::Sender]).await;
    eventually("it is disabled", || async {
        app.endpoint("crm").await.disabled_at.is_some()
    })
    .await;
    eventually("the operators got a notice", || async {
        !app.relay.received_for("desk@news.example").is_empty()
    })
    .await;
    app.readers_at(&newsletter, "other.example", 2).await;
    assert_eq!(
        app.webhook_messages("crm").await.len(),
        1,
        "a disabled webhook gets no events"
    );
    receiver.answer(|_| 200);
    app.set_webhook_enabled("crm", true).await;
    app.advance(TimeDelta::minutes(1));
    eventually("what waited came", || async { receiver.accepted().len() == 1 }).await;
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_issue_and_a_refused_recipient_are_reported(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    app.webhook("crm", receiver.url(), &["issue", "delivery", "bounce", "suppression"])
        .await;
    app.readers(&newsletter, 2).await;
    app.relay.answer(|stage, transaction, _| {
        let to = transaction.recipients.last().map(String::as_str).unwrap_or_default();
        if stage == Stage::Rcpt && to.starts_with("reader1@") {
            reply(550, "5.1.1 no such user")
        } else {
            Verdict::Continue
        }
    });
    app.serve().await;
    app.articles(&newsletter, 1).await;
    let issue = app.send(&newsletter).await;
    app.until(issue, IssueState::Sent).await;
    let issue_events = || {
        let accepted = receiver.accepted().into_iter();
        let kinds = accepted
            .map(|event| event.kind())
            .filter(|kind| kind.starts_with("issue."));
        kinds.collect::<Vec<_>>()
    };
    eventually("the events of the issue came", || async { issue_events().len() == 3 }).await;
    assert_eq!(issue_events(), ["issue.compiled", "issue.sending", "issue.sent"]);
    eventually("the events of the reader came", || async {
        about(&receiver, "reader1@reader.example").len() == 3
    })
    .await;
    let kinds: BTreeSet<_> = about(&receiver, "reader1@reader.example").into_iter().collect();
    let expected = ["bounce.recorded", "delivery.failed", "suppression.added"];
    assert_eq!(kinds, expected.map(str::to_owned).into());
    let failed = receiver
        .accepted()
        .into_iter()
        .find(|event| event.kind() == "delivery.failed");
    let failed = failed.expect("the failure came").json();
    assert_eq!(failed["data"]["state"], "rejected");
    assert_eq!(failed["data"]["issue_id"], issue.to_string());
    assert_eq!(about(&receiver, "reader0@reader.example"), Vec::<String>::new());
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_erasure_deletes_the_reader_s_events_and_names_the_id_only(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    let receiver = WebhookReceiver::start().await;
    app.webhook("crm", receiver.url(), &[]).await;
    app.readers(&newsletter, 1).await;
    let address = EmailAddress::parse("reader0@reader.example").expect("an address");
    privacy::erase(&app.app, &actor(), &address)
        .await
        .expect("the reader is erased");
    let messages = app.webhook_messages("crm").await;
    let events: Vec<_> = messages.iter().map(|message| message.event.as_str()).collect();
    assert_eq!(events, ["reader.erased"]);
    app.serve_roles(&[Role::Fetcher]).await;
    eventually("the event came", || async { receiver.accepted().len() == 1 }).await;
    let erased = receiver.accepted()[0].json();
    assert!(erased["data"]["subscriber"]["id"].is_string(), "{erased}");
    assert!(!erased.to_string().contains("reader0"), "{erased}");
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn commands_manage_webhooks_and_show_a_secret_once(engine: Engine) {
    let app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let receiver = WebhookReceiver::start().await;
    let settings = Program::in_folder(app.folder()).file("hooks.toml", "[webhooks]\nallow = [\"127.0.0.0/8\"]\n");
    let program = Program::of(&app);
    let run = |arguments: &[&str]| {
        let arguments: Vec<_> = ["--config", settings.as_str(), "webhook"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        program.run(&arguments)
    };
    let added = run(&["add", receiver.url(), "--name", "crm", "--event", "subscription"]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let secret = added.out.trim().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let tested = run(&["test", "crm"]);
    assert_eq!(tested.status, Some(0), "{tested:?}");
    let rotated = run(&["rotate", "crm"]).out.trim().to_owned();
    assert_ne!(rotated, secret);
    run(&["test", "crm"]);
    let requests = receiver.requests();
    assert!(requests[0].is_signed_with(&secret) && !requests[0].is_signed_with(&rotated));
    assert!(requests[1].is_signed_with(&secret) && requests[1].is_signed_with(&rotated));
    let changed = run(&["change", "crm", "--event", "issue.sent"]);
    assert_eq!(changed.status, Some(0), "{changed:?}");
    let shown = run(&["show", "crm"]).out;
    assert!(shown.contains("events   issue.sent\n"), "{shown}");
    run(&["change", "crm", "--all-events"]);
    receiver.answer(|_| 404);
    let refused = run(&["test", "crm"]);
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("404"), "{refused:?}");
    for arguments in [&["list"][..], &["show", "crm"], &["log", "crm"]] {
        let shown = run(arguments);
        assert_eq!(shown.status, Some(0), "{shown:?}");
        assert!(!shown.out.contains(&secret) && !shown.out.contains(&rotated));
    }
    for (arguments, status, words) in [
        (&["add", receiver.url(), "--name", "crm"][..], 1, "another name"),
        (&["add", "https://10.0.0.1/"], 1, "webhooks.allow"),
        (&["show", "erp"], 1, "webhook list"),
        (&["replay", "crm", "--failed"], 1, "webhook log"),
        (&["replay", "crm"], 2, "--failed"),
        (&["change", "crm"], 2, "--all-events"),
        (&["change", "crm", "--url", "https://10.0.0.1/"], 1, "webhooks.allow"),
        (
            &["add", receiver.url(), "--name", "x", "--event", "open"],
            1,
            "subscription",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(output.status, Some(status), "{arguments:?}: {output:?}");
        assert!(output.err.contains(words), "{arguments:?}: {output:?}");
    }
    assert_eq!(run(&["remove", "crm"]).status, Some(0));
    assert!(run(&["list"]).out.contains("webhook add"));
    let audit = program.ok(&["audit", "list", "--action", "webhook"]);
    for action in ["webhook.added", "webhook.secret_rotated", "webhook.removed"] {
        assert!(audit.contains(action), "{audit}");
    }
    assert!(!audit.contains('{'), "the table shows JSON: {audit}");
    drop(app);
    teardown.finish().await;
}
