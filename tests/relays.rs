//! What each relay has for itself: its name in EHLO, its header fields, and the mail that only it sends.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use daywire::config::{Config, Setting};
use daywire::delivery::test_mail;
use daywire::domain::role::Role as OperatorRole;
use daywire::domain::send_window::SendWindow;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::domain::time_zone::TimeZone;
use daywire::mail::relay::Relay;
use daywire::mail::server::Stage;
use daywire::mail::smtp::{Envelope, Outcome, Outgoing, Session, Timeouts};
use daywire::worker::Role;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::api::Api;
use crate::support::issues::reply;
use crate::support::mock_relay::MockRelay;
use crate::support::operators::Browser;
use crate::support::program::Program;
use crate::support::relay_rules::at;
use crate::support::{TestApp, eventually, smtp_address};

/// Adds a relay with the settings of the first one and these changes.
async fn add_relay(app: &mut TestApp, change: impl FnOnce(&mut daywire::config::Relay)) -> (Arc<MockRelay>, DropGuard) {
    let stop = CancellationToken::new();
    let relay = MockRelay::open(stop.clone()).await;
    app.restart(|config| {
        let mut added = config.relays[0].clone();
        added.url = Some(relay.as_relay());
        change(&mut added);
        config.relays.push(added);
    })
    .await;
    (relay, stop.drop_guard())
}

fn set<T: Setting>(text: &str) -> T {
    T::read(text).expect("the value is allowed")
}

#[apply(on_both_databases)]
async fn a_relay_gets_its_own_name_and_header_fields(mut app: TestApp) {
    app.restart(|config| {
        let relay = &mut config.relays[0];
        relay.helo_name = Some(set("mail.news.example"));
        relay.headers = vec![set("X-PM-Message-Stream: broadcast"), set("X-Tag: a")];
        relay.transactional_headers = vec![set("X-PM-Message-Stream: outbound")];
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 10).await;
    app.serve().await;
    app.sign_up("ada@reader.example").await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let all = app.relay.received();
    assert_eq!(all.len(), 11);
    let name = Some("mail.news.example".to_owned());
    assert!(all.iter().all(|mail| mail.transaction.hello == name));
    for mail in all {
        let text = String::from_utf8(mail.bytes).expect("the message is ASCII");
        let expected = if mail.transaction.recipients == ["ada@reader.example"] {
            "X-PM-Message-Stream: outbound\r\nFrom: "
        } else {
            "X-PM-Message-Stream: broadcast\r\nX-Tag: a\r\nFrom: "
        };
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(text.matches("X-PM-Message-Stream").count(), 1);
    }
}

#[tokio::test]
async fn added_header_fields_count_towards_the_size_of_a_message() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("the socket is bound");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("the client connects");
        let mut stream = BufReader::new(stream);
        let (mut size, mut bytes, mut is_message) = (None, 0, false);
        let mut answer = "220 hi\r\n";
        loop {
            stream
                .write_all(answer.as_bytes())
                .await
                .expect("the client reads the reply");
            let mut line = String::new();
            stream.read_line(&mut line).await.expect("the client sends a line");
            answer = match line.trim_end() {
                "." => {
                    stream
                        .write_all(b"250 ok\r\n")
                        .await
                        .expect("the client reads the reply");
                    return (size, bytes);
                }
                _ if is_message => {
                    bytes += line.len();
                    ""
                }
                "DATA" => {
                    is_message = true;
                    "354 go\r\n"
                }
                line => {
                    size = line.split_once("SIZE=").map(|(_, size)| size.to_owned()).or(size);
                    "250-hi\r\n250 SIZE 10000\r\n"
                }
            };
        }
    });
    let relay = Relay::plain(address).expect("the address is a relay");
    let session = Session::connect(&relay, &Timeouts::default(), "daywire.example").await;
    let mut session = session.expect("the server accepts").with_headers(&[set("X-Tag: a")]);
    let envelope = Envelope {
        return_path: None,
        recipient: smtp_address("ada@reader.example"),
    };
    let mail = Outgoing::new(envelope, b"Subject: x\r\n\r\nHello\r\n").expect("the message has whole lines");
    assert!(matches!(session.send(&mail).await, Outcome::Accepted(_)));
    let (size, bytes) = server.await.expect("the server does not panic");
    assert_eq!((size, bytes), (Some("31".to_owned()), 31));
}

#[apply(on_both_databases)]
async fn a_newsletter_goes_by_the_relays_that_name_it(mut app: TestApp) {
    let (named, _named) = add_relay(&mut app, |relay| relay.newsletters = vec!["weekly".to_owned()]).await;
    let (of_domain, _of_domain) = add_relay(&mut app, |relay| relay.sender_domains = vec![set("sport.example")]).await;
    let daily = app.daily().await;
    let weekly = app
        .apply("slug = \"weekly\"\nname = \"Weekly\"\nfrom = \"Sport <weekly@sport.example>\"")
        .await;
    let sport = app
        .apply("slug = \"sport\"\nname = \"Sport\"\nfrom = \"Sport <news@Sport.example>\"")
        .await;
    for newsletter in [&daily, &weekly, &sport] {
        app.readers_at(newsletter, &format!("{}.example", newsletter.slug), 60)
            .await;
    }
    app.serve().await;
    let mut issues = Vec::new();
    for newsletter in [&daily, &weekly, &sport] {
        issues.push(app.send(newsletter).await);
    }
    for issue in issues {
        app.until(issue, IssueState::Sent).await;
    }
    app.sign_up("ada@reader.example").await;
    for (relay, domain, count) in [
        (&app.relay, "@daily.example", 61),
        (&named, "@weekly.example", 60),
        (&of_domain, "@sport.example", 60),
    ] {
        let copies = relay.copies();
        assert_eq!(copies.len(), count, "{domain}");
        assert!(
            copies
                .keys()
                .all(|to| to.ends_with(domain) || to == "ada@reader.example")
        );
    }
}

#[apply(on_both_databases)]
async fn mail_of_an_unavailable_relay_waits_and_delays_no_other_mail(mut app: TestApp) {
    let (named, _named) = add_relay(&mut app, |relay| relay.newsletters = vec!["weekly".to_owned()]).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = closed.local_addr().expect("the socket is bound");
    drop(closed);
    let by_name = named.as_relay();
    app.restart(|config| {
        config.relays[1].url = Some(Relay::plain(address).expect("the address is a relay"));
        config.delivery.batch = 20;
    })
    .await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers_at(&weekly, "weekly.example", 50).await;
    let daily = app.daily().await;
    app.readers(&daily, 50).await;
    let api = Api::of(&mut app).await;
    let first = app.send(&weekly).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the process says why the mail waits", || async {
        let report = api.get("/api/v1/relays").await;
        let relays = &report["processes"][0]["relays"];
        relays[1]["trouble"].is_string() && relays[0]["trouble"].is_null()
    })
    .await;
    let second = app.send(&daily).await;
    app.until(second, IssueState::Sent).await;
    api.site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert_eq!(app.relay.received().len(), 51);
    assert_eq!(app.count(first, DeliveryState::Queued).await, 50);
    assert_eq!(app.app.health.trouble(), None);
    app.restart(|config| config.relays[1].url = Some(by_name)).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    assert_eq!(named.copies().len(), 50);
}

#[apply(on_both_databases)]
async fn a_refused_login_pauses_only_the_issues_of_that_relay(mut app: TestApp) {
    let (named, _named) = add_relay(&mut app, |relay| relay.newsletters = vec!["weekly".to_owned()]).await;
    named.answer(at(Stage::Connect, reply(554, "5.7.1 you may not send from there")));
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers_at(&weekly, "weekly.example", 5).await;
    let daily = app.daily().await;
    app.readers(&daily, 5).await;
    app.relay.hold_after(0);
    let (first, second) = (app.send(&weekly).await, app.send(&daily).await);
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Paused).await;
    assert_eq!(app.state(second).await, IssueState::Sending);
    app.relay.release();
    app.until(second, IssueState::Sent).await;
    daywire::delivery::control::cancel(&app.app, first)
        .await
        .expect("a paused issue can be cancelled");
}

#[apply(on_both_databases)]
async fn a_queued_test_whose_relay_is_unavailable_delays_no_confirmation(mut app: TestApp) {
    let (named, _named) = add_relay(&mut app, |relay| relay.newsletters = vec!["weekly".to_owned()]).await;
    named.answer(at(Stage::Connect, reply(421, "4.3.2 later")));
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.articles(&weekly, 1).await;
    let issue = app.build(&weekly).await;
    test_mail::queue_test(&app.app, issue, None, "ada@station.example")
        .await
        .expect("the test is queued");
    app.serve().await;
    app.sign_up("ada@reader.example").await;
    assert_eq!(named.received().len(), 0);
    named.answer(|_, _, _| daywire::mail::server::Verdict::Continue);
    app.advance(TimeDelta::minutes(2));
    eventually("the test goes by its relay", || async { named.received().len() == 1 }).await;
}

#[test]
fn the_settings_need_a_relay_for_all_other_mail() {
    let load = |text: &str| {
        let folder = tempfile::TempDir::new().expect("a scratch folder can be made");
        let file = folder.path().join("daywire.toml");
        std::fs::write(&file, text).expect("the file is written");
        daywire::config::load::<&str>(Some(file.as_path()), [], [])
    };
    let refused = |text: &str| load(text).expect_err("the settings are refused").to_string();
    let error = refused("[relay]\nurl = \"smtp://a.example\"\nnewsletters = [\"daily\"]");
    assert!(
        error.contains("relay.newsletters") && error.contains("leave both empty for one relay"),
        "{error}"
    );
    let error = refused("[relay]\nheaders = [\"Bcc: ada@reader.example\"]");
    assert!(
        error.contains("relay.headers") && error.contains("must not be a field"),
        "{error}"
    );
    let error = refused("[relay]\nhelo_name = \"192.0.2.1\"");
    assert!(
        error.contains("relay.helo_name") && error.contains("[192.0.2.1]"),
        "{error}"
    );
    let error = refused("[relay]\nsender_domains = [\"news@news.example\"]");
    assert!(error.contains("relay.sender_domains"), "{error}");
    let both =
        "[[relay]]\nurl = \"smtp://a.example\"\nnewsletters = [\"daily\"]\n[[relay]]\nurl = \"smtp://b.example\"";
    let config: Config = load(both).expect("the settings are allowed");
    assert_eq!(config.relays[0].newsletters, ["daily"]);
}

#[apply(on_both_databases)]
async fn all_processes_together_obey_the_cap_of_each_day(mut app: TestApp) {
    app.restart(|config| {
        config.relays[0].max_per_day = NonZeroU32::new(5);
        config.delivery.expire_after = Duration::from_hours(24 * 30);
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 12).await;
    let issue = app.send(&daily).await;
    for sent in [5, 10] {
        let other = app.another().await;
        tokio::join!(app.send_all_due(issue), other.send_all_due(issue));
        assert_eq!(app.relay.received().len(), sent);
        app.restart(|_| {}).await;
        app.send_all_due(issue).await;
        assert_eq!(app.relay.received().len(), sent, "a restart does not reset the count");
        app.advance(TimeDelta::days(1));
    }
    app.send_all_due(issue).await;
    app.until(issue, IssueState::Sent).await;
    assert!(app.deliveries(issue).await.iter().all(|line| line.attempts == 1));
    assert_eq!(app.relay.copies().len(), 12);
}

#[apply(on_both_databases)]
async fn a_confirmation_counts_towards_the_cap_and_is_sent_above_it(mut app: TestApp) {
    app.restart(|config| config.relays[0].max_per_day = NonZeroU32::new(3))
        .await;
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let api = Api::of(&mut app).await;
    app.serve_roles(&[Role::Sender]).await;
    let sign_up = async |address| {
        api.site.post("/subscribe", &[("email", address)]).await;
        app.relay.link_for(address, "/confirm/").await;
    };
    let used = async |expected: i64| {
        eventually("the mail is counted", || async {
            api.get("/api/v1/relays").await["relays"][0]["used_today"] == expected
        })
        .await;
    };
    sign_up("ada@station.example").await;
    used(1).await;
    let issue = app.send(&daily).await;
    eventually("the cap is used up", || async { app.relay.received().len() == 3 }).await;
    sign_up("ben@station.example").await;
    used(4).await;
    let report = api.get("/api/v1/relays").await;
    let relay = &report["relays"][0];
    assert_eq!(relay["cap_today"], 3);
    assert_eq!(
        (&relay["waits"]["reason"], &relay["waits"]["until"]),
        (&json!("daily_cap"), &json!("2026-11-24T00:00:00Z"))
    );
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 1);
    app.advance_to("2026-11-24T00:00:00Z");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 5);
}

#[apply(on_both_databases)]
async fn outside_the_send_window_issues_wait_and_confirmations_do_not(mut app: TestApp) {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    // It is 07:00 in Berlin.
    let night = SendWindow::new(time(22), time(6), "Europe/Berlin".parse().expect("a time zone"));
    app.restart(|config| config.relays[0].send_window = night).await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let issue = app.send(&daily).await;
    // It ends, because nothing can be sent for hours.
    app.send_all_due(issue).await;
    assert_eq!(app.relay.received().len(), 0);
    app.operator_with_password("ben", OperatorRole::Publisher).await;
    app.serve().await;
    app.sign_up("ada@station.example").await;
    let page = Browser::signed_in(&app.site().clone(), "ben")
        .await
        .get("/admin/relays")
        .await
        .body;
    assert!(
        page.contains("outside the send window") && page.contains("21:00"),
        "{page}"
    );
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 20);
    app.advance_to("2026-11-23T21:00:00Z");
    app.until(issue, IssueState::Sent).await;
    assert!(app.deliveries(issue).await.iter().all(|line| line.attempts == 1));
    assert_eq!(app.relay.received().len(), 21);
}

#[apply(on_both_databases)]
async fn a_relay_without_a_window_sends_while_the_other_waits(mut app: TestApp) {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    let (other, _open) = add_relay(&mut app, |relay| {
        relay.send_window = SendWindow::new(time(22), time(6), TimeZone::default());
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 100).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!((app.relay.received().len(), other.received().len()), (100, 0));
}

#[apply(on_both_databases)]
async fn the_command_says_why_and_until_when_a_relay_waits(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    let program = Program::of(&app).with("DAYWIRE_RELAY__MAX_PER_DAY", "2");
    let ran = program.run(&["issue", "send", &issue, "--wait"]);
    let shown = program.ok(&["issue", "show", &issue]);
    for text in [&ran.out, &shown] {
        assert!(text.contains("00:00 UTC on: its cap of the day is used up"), "{text}");
    }
    let waiting = &program.json(&["issue", "show", &issue])["relays_waiting"];
    assert_eq!(waiting[0]["reason"], "daily_cap", "{waiting}");
    assert!(waiting[0]["until"].is_string(), "{waiting}");
    program.ok(&["issue", "cancel", &issue]);
}

#[test]
fn a_send_window_has_two_different_times() {
    let load = |text: &str| {
        let folder = tempfile::TempDir::new().expect("a scratch folder can be made");
        let file = folder.path().join("daywire.toml");
        std::fs::write(&file, format!("[relay.send_window]\n{text}")).expect("the file is written");
        daywire::config::load::<&str>(Some(file.as_path()), [], [])
    };
    for (text, part) in [
        ("from = \"06:00\"", "two different times"),
        ("from = \"06:00\"\nto = \"06:00\"", "two different times"),
        ("from = \"6am\"\nto = \"22:00\"", "a time of day"),
        ("from = \"06:00\"\nto = \"24:00\"", "a time of day"),
        ("time_zone = \"Mars/Olympus\"", "a time zone such as"),
    ] {
        let error = load(text).expect_err("the window is refused").to_string();
        assert!(error.contains("relay.send_window") && error.contains(part), "{error}");
    }
    let config = load("from = \"22:00\"\nto = \"06:00\"").expect("the window is allowed");
    assert!(config.relays[0].send_window.is_some());
    let config = load("").expect("no window is set");
    assert_eq!(config.relays[0].send_window, None);
}

#[apply(on_both_databases)]
async fn doctor_warns_about_a_relay_for_an_unknown_newsletter(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app).with("DAYWIRE_DNS__SERVER", "127.0.0.1:9");
    let check = |newsletter: &str| {
        let url = app.relay.as_relay();
        let text =
            format!("[[relay]]\nurl = \"{url}\"\n[[relay]]\nurl = \"{url}\"\nnewsletters = [\"{newsletter}\"]\n");
        program.file("daywire.toml", &text);
        let report: serde_json::Value =
            serde_json::from_str(&program.run(&["doctor", "--json"]).out).expect("the report is JSON");
        let checks = report["checks"].as_array().expect("a list").clone();
        let found = checks.into_iter().find(|check| check["name"] == "relay.newsletters");
        found.expect("the names are checked")
    };
    let unknown = check("dialy");
    assert_eq!(unknown["state"], "warning");
    assert!(unknown.to_string().contains("no newsletter dialy"), "{unknown}");
    assert_eq!(check("daily")["state"], "ok");
}
