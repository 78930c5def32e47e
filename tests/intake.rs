//! The listener for returned mail: what it accepts by SMTP and LMTP, and that it acknowledges only what is stored.

use std::net::SocketAddr;

use daywire::config::Config;
use daywire::domain::states::{IssueState, SubscriptionState};
use daywire::worker::Role;

use crate::leaving_by_mail::unsubscribe_addresses;
use crate::returned_mail::{bounces, suppression};
use crate::support::raw_smtp::{RawSmtp, deliver, say};
use crate::support::reports::{message_id_tag, report, return_path, set_return_path};
use crate::support::{Engine, TestApp, eventually};

const ACCEPTED: &str = "250 2.0.0 accepted\r\n";
const UNKNOWN: &str = "550 5.1.1 this address does not exist\r\n";
/// How much of a message is kept.
const KEPT: usize = 256 * 1024;

fn listen(config: &mut Config) {
    set_return_path(config);
    config.intake.listen = Some("127.0.0.1:0".parse().expect("the address is valid"));
}

/// An app whose first issue was sent to `readers` readers, with its listener.
async fn with_listener(engine: Engine, readers: usize) -> TestApp {
    let mut app = TestApp::with(engine, listen).await;
    let daily = app.daily().await;
    app.readers(&daily, readers).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender, Role::Intake]).await;
    app.until(issue, IssueState::Sent).await;
    app
}

fn address(app: &TestApp) -> SocketAddr {
    app.intake.expect("the listener runs")
}

/// The return path of the message that a reader got, and a report to it that the reader does not exist.
fn bounce(app: &TestApp, reader: usize) -> (String, String) {
    let reader = format!("reader{reader}@reader.example");
    let to = return_path(app, &reader);
    let report = report(&to, &reader, "5.1.1", "550 5.1.1 User unknown");
    (to, report)
}

async fn is_suppressed(app: &TestApp, reader: usize) -> bool {
    suppression(app, &format!("reader{reader}@reader.example"))
        .await
        .is_some()
}

/// What was refused or repeated, as `source outcome count`, in alphabetical order.
async fn counts(app: &TestApp) -> Vec<String> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let counts = tx.intake_counts(100).await.expect("the counts are read").into_iter();
    let mut lines: Vec<String> = counts
        .map(|count| format!("{} {} {}", count.source, count.outcome, count.count))
        .collect();
    lines.sort();
    lines
}

async fn until_suppressed(app: &TestApp, readers: &[usize]) {
    for reader in readers {
        eventually("the address is suppressed", || is_suppressed(app, *reader)).await;
    }
}

#[apply(on_both_databases)]
async fn bounces_by_smtp_and_by_lmtp_suppress_their_recipients(engine: Engine) {
    let app = with_listener(engine, 4).await;
    let teardown = app.teardown();
    let (to, message) = bounce(&app, 0);
    assert_eq!(deliver(address(&app), &to, &message).await, ACCEPTED);
    // Servers may change the case of an address.
    let (to, message) = bounce(&app, 1);
    assert_eq!(deliver(address(&app), &to.to_uppercase(), &message).await, ACCEPTED);

    let mut lmtp = RawSmtp::connect(address(&app)).await;
    assert!(lmtp.ask("LHLO relay.example\r\n").await.starts_with("250"));
    let (to, message) = bounce(&app, 2);
    let envelope = format!("MAIL FROM:<MAILER-DAEMON@relay.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
    lmtp.send(format!("{envelope}{message}.\r\n")).await;
    for expected in ["250 2.1.0", "250 2.1.5", "354 ", "250 2.0.0"] {
        let reply = lmtp.reply().await;
        assert!(reply.starts_with(expected), "{reply}");
    }
    until_suppressed(&app, &[0, 1, 2]).await;
    assert!(!is_suppressed(&app, 3).await);
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"; 3]);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_message_to_several_tags_is_stored_for_each_of_them(engine: Engine) {
    let app = with_listener(engine, 4).await;
    let teardown = app.teardown();
    let (forged, _) = bounce(&app, 0);
    let forged = forged.replacen("bounce+a", "bounce+b", 1);
    let recipients = |readers: [usize; 2]| {
        let [first, second] = readers.map(|reader| bounce(&app, reader).0);
        format!("RCPT TO:<{first}>\r\nRCPT TO:<{forged}>\r\nRCPT TO:<{second}>\r\nDATA\r\n")
    };
    let message = report(
        "x@news.example",
        "somebody@else.example",
        "5.1.1",
        "550 5.1.1 User unknown",
    );
    for (hello, readers, expected) in [
        ("EHLO", [0, 1], "250 550 250 354 250 221"),
        ("LHLO", [2, 3], "250 550 250 354 250 250 221"),
    ] {
        let envelope = format!("{hello} x\r\nMAIL FROM:<>\r\n{}", recipients(readers));
        let replies = say(address(&app), format!("{envelope}{message}.\r\nQUIT\r\n")).await;
        let codes: Vec<_> = replies
            .lines()
            .filter(|line| &line[3..4] == " ")
            .map(|line| &line[..3])
            .collect();
        assert_eq!(codes.join(" "), format!("220 250 250 {expected}"));
    }
    until_suppressed(&app, &[0, 1, 2, 3]).await;
    assert_eq!(app.rows("returned_mails").await.len(), 4);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn other_addresses_are_refused_and_counted(engine: Engine) {
    let app = with_listener(engine, 1).await;
    let teardown = app.teardown();
    let (to, _) = bounce(&app, 0);
    let (local, domain) = to.split_once('@').expect("an address has an @");
    let last = if local.ends_with('a') { 'b' } else { 'a' };
    let message_id = message_id_tag(&app, "reader0@reader.example");
    let forged = [
        format!("{}{last}@{domain}", &local[..local.len() - 1]),
        format!("{}@{domain}", &local[..local.len() - 1]),
        format!("{local}a@{domain}"),
        format!("bounce+@{domain}"),
        format!("bounce+é@{domain}"),
        // It is signed, and every recipient of the message sees it.
        format!("bounce+{message_id}@{domain}"),
    ];
    let unknown = [
        "postmaster".to_owned(),
        format!("postmaster@{domain}"),
        format!("bounce@{domain}"),
        format!("{local}@elsewhere.example"),
        "reader0@reader.example".to_owned(),
        "@".to_owned(),
    ];
    let mut connection = RawSmtp::connect(address(&app)).await;
    connection.ask("EHLO mx.example\r\n").await;
    connection.ask("MAIL FROM:<>\r\n").await;
    for recipient in forged.iter().chain(&unknown) {
        let reply = connection.ask(&format!("RCPT TO:<{recipient}>\r\n")).await;
        assert_eq!(reply, UNKNOWN, "{recipient}");
    }
    assert!(connection.ask("DATA\r\n").await.starts_with("503 "));
    drop(connection);
    app.stop_serving().await;
    assert_eq!(
        counts(&app).await,
        ["listener forged_tag 6", "listener unknown_recipient 6"]
    );
    assert!(app.rows("returned_mails").await.is_empty());
    assert!(!is_suppressed(&app, 0).await);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn with_a_domain_of_its_own_the_tag_is_the_whole_local_part(engine: Engine) {
    let mut app = with_listener(engine, 2).await;
    let teardown = app.teardown();
    let (old, old_report) = bounce(&app, 0);
    app.restart(|config| config.intake.domain = Some("bounces.news.example".to_owned()))
        .await;
    app.serve_roles(&[Role::Intake]).await;
    let (other, report) = bounce(&app, 1);
    let tag = other
        .strip_prefix("bounce+")
        .and_then(|rest| rest.strip_suffix("@news.example"));
    let to = format!("{}@bounces.news.example", tag.expect("the return path has a tag"));
    assert_eq!(deliver(address(&app), &to, &report).await, ACCEPTED);
    // What was sent before the domain was set still comes back to the plus-tag.
    assert_eq!(deliver(address(&app), &old, &old_report).await, ACCEPTED);
    until_suppressed(&app, &[0, 1]).await;
    let mut connection = RawSmtp::connect(address(&app)).await;
    connection.ask("EHLO mx.example\r\n").await;
    connection.ask("MAIL FROM:<>\r\n").await;
    let reply = connection.ask("RCPT TO:<postmaster@bounces.news.example>\r\n").await;
    assert_eq!(reply, UNKNOWN);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_mail_to_the_unsubscribe_tag_ends_the_subscription(engine: Engine) {
    let app = with_listener(engine, 2).await;
    let teardown = app.teardown();
    let (_, to) = unsubscribe_addresses(&app, "reader1@reader.example");
    let mail = "From: reader1@reader.example\r\nSubject: unsubscribe\r\n\r\n";
    assert_eq!(deliver(address(&app), &to, mail).await, ACCEPTED);
    eventually("the subscription ends", || async {
        app.subscription_state("reader1@reader.example").await == Some(SubscriptionState::Unsubscribed)
    })
    .await;
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_repeated_mail_is_accepted_and_counts_once(engine: Engine) {
    let app = with_listener(engine, 1).await;
    let teardown = app.teardown();
    let (to, message) = bounce(&app, 0);
    for _ in 0..3 {
        assert_eq!(deliver(address(&app), &to, &message).await, ACCEPTED);
    }
    let other_case = to.to_uppercase();
    let both = tokio::join!(
        deliver(address(&app), &to, &message),
        deliver(address(&app), &other_case, &message)
    );
    assert_eq!(both, (ACCEPTED.to_owned(), ACCEPTED.to_owned()));
    until_suppressed(&app, &[0]).await;
    assert_eq!(app.rows("returned_mails").await.len(), 1);
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);
    app.stop_serving().await;
    assert_eq!(counts(&app).await, ["listener repeated 4"]);
    teardown.finish().await;
}

/// A person with one valid tag must not fill the disk.
#[apply(on_both_databases)]
async fn the_mail_to_one_recipients_tags_is_limited_by_day(engine: Engine) {
    const FULL: &str = "452 4.2.2 this recipient has received too much today; try again tomorrow\r\n";
    let app = with_listener(engine, 3).await;
    let teardown = app.teardown();
    let (small, large, other) = (bounce(&app, 0).0, bounce(&app, 1).0, bounce(&app, 2).0);
    let mail = |number: usize, size: usize| format!("Subject: {number}\r\n\r\n{}\r\n", "x".repeat(size));
    let mut connection = RawSmtp::connect(address(&app)).await;
    connection.ask("LHLO mx.example\r\n").await;
    let mut send = async |to: &[&str], message: &str| {
        connection.ask("MAIL FROM:<>\r\n").await;
        for to in to {
            connection.ask(&format!("RCPT TO:<{to}>\r\n")).await;
        }
        connection.ask("DATA\r\n").await;
        let mut replies = vec![connection.ask(&format!("{message}.\r\n")).await];
        for _ in 1..to.len() {
            replies.push(connection.reply().await);
        }
        replies
    };
    for number in 0..50 {
        assert_eq!(send(&[&small], &mail(number, 10)).await, [ACCEPTED]);
    }
    for number in 0..16 {
        assert_eq!(send(&[&large], &mail(number, 262_000)).await, [ACCEPTED]);
    }
    for full in [&small, &large] {
        assert_eq!(send(&[full, &other], &mail(60, 262_000)).await, [FULL, ACCEPTED]);
        assert_eq!(send(&[&full.to_uppercase()], &mail(61, 262_000)).await, [FULL]);
        assert_eq!(
            send(&[full], &mail(0, if full == &small { 10 } else { 262_000 })).await,
            [ACCEPTED],
            "it is repeated"
        );
    }
    assert_eq!(app.rows("returned_mails").await.len(), 50 + 16 + 1);
    app.advance(chrono::TimeDelta::days(1));
    assert_eq!(send(&[&small], &mail(60, 10)).await, [ACCEPTED]);
    connection.ask("QUIT\r\n").await;
    app.stop_serving().await;
    let counts = counts(&app).await;
    assert!(counts.contains(&"listener over_budget 4".to_owned()), "{counts:?}");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_mail_that_cannot_be_stored_is_deferred_and_accepted_later(engine: Engine) {
    let mut app = with_listener(engine, 3).await;
    let teardown = app.teardown();
    app.stop_serving().await;
    let mut other = app.another().await;
    other.serve_roles(&[Role::Intake]).await;
    let (first, first_report) = bounce(&app, 0);
    let mut begun = RawSmtp::begin_message(address(&other), &first).await;
    // The database is unavailable from now on.
    other.app.store.close().await;
    let deferred = "451 4.3.0 the message cannot be stored now; try again later\r\n";
    assert_eq!(begun.ask(&format!("{first_report}.\r\n")).await, deferred);
    let (second, message) = bounce(&app, 1);
    let (third, _) = bounce(&app, 2);
    begun
        .send(format!(
            "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<{second}>\r\nRCPT TO:<{third}>\r\nDATA\r\n{message}.\r\n"
        ))
        .await;
    for expected in ["250", "250", "250", "250", "354", deferred, deferred] {
        let reply = begun.reply().await;
        assert!(reply.starts_with(expected), "{reply}");
    }
    assert!(app.rows("returned_mails").await.is_empty());

    app.serve_roles(&[Role::Intake]).await;
    assert_eq!(deliver(address(&app), &first, &first_report).await, ACCEPTED);
    assert_eq!(app.rows("returned_mails").await.len(), 1);
    until_suppressed(&app, &[0]).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_oversized_mail_is_kept_in_part_and_read_to_its_end(engine: Engine) {
    let app = with_listener(engine, 1).await;
    let teardown = app.teardown();
    let (to, message) = bounce(&app, 0);
    // Longer than any line may be.
    let message = format!("{message}{}\r\n", "x".repeat(2 * KEPT));
    assert_eq!(deliver(address(&app), &to, &message).await, ACCEPTED);
    until_suppressed(&app, &[0]).await;
    let rows = app.rows("returned_mails").await;
    let kept = hexadecimal(&message.as_bytes()[..KEPT]);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains(&kept) && !rows[0].contains(&format!("{kept}78")));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn bare_line_ends_in_a_mail_start_no_second_one(engine: Engine) {
    let app = with_listener(engine, 1).await;
    let teardown = app.teardown();
    let (to, message) = bounce(&app, 0);
    let second = format!("MAIL FROM:<>\nRCPT TO:<{to}>\nDATA\nsmuggled\n");
    for end in ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r"] {
        let content = format!("{message}{end}{second}");
        let mut connection = RawSmtp::begin_message(address(&app), &to).await;
        assert_eq!(connection.ask(&format!("{content}\r\n.\r\n")).await, ACCEPTED);
        assert!(connection.ask("QUIT\r\n").await.starts_with("221 "), "{end:?}");
        let kept = hexadecimal(format!("{content}\r\n").replace("\r\n.", "\r\n").as_bytes());
        let rows = app.rows("returned_mails").await;
        assert!(rows.iter().any(|row| row.contains(&kept)), "{end:?}");
    }
    assert_eq!(app.rows("returned_mails").await.len(), 5);
    teardown.finish().await;
}

fn hexadecimal(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

#[apply(on_both_databases)]
async fn a_stop_finishes_the_current_mail(engine: Engine) {
    let app = with_listener(engine, 1).await;
    let teardown = app.teardown();
    let (to, message) = bounce(&app, 0);
    let idle = RawSmtp::connect(address(&app)).await;
    let mut busy = RawSmtp::begin_message(address(&app), &to).await;
    let (first, second) = message.split_at(message.len() / 2);
    busy.send(first).await;
    let shutting_down = "421 4.3.2 shutting down\r\n";
    tokio::join!(app.stop_serving(), async {
        assert_eq!(idle.rest().await, shutting_down);
        busy.send(format!("{second}.\r\n")).await;
        assert_eq!(busy.rest().await, format!("{ACCEPTED}{shutting_down}"));
    });
    assert_eq!(app.rows("returned_mails").await.len(), 1);
    teardown.finish().await;
}

#[tokio::test]
async fn a_second_listener_on_the_same_address_does_not_start() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a loopback port is free");
    let address = taken.local_addr().expect("the socket is bound");
    let app = TestApp::with(Engine::Sqlite, |config| {
        listen(config);
        config.intake.listen = Some(address);
    })
    .await;
    let teardown = app.teardown();
    let started = daywire::worker::Service::start(&app.app, &[Role::Intake].into()).await;
    let error = started.expect_err("the address is in use").to_string();
    assert!(error.starts_with("intake.listen: cannot listen on"), "{error}");
    teardown.finish().await;
}
