//! Returned mail in a mailbox on a real IMAP server: what is moved out of it, what stays, and that nothing counts twice or is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use daywire::bounce::read::read;
use daywire::config::Config;
use daywire::worker::Role;
use reqwest::StatusCode;

use crate::returned_mail::{bounces, send, suppression};
use crate::support::dovecot::{Dovecot, Options, PASSWORD, StoredMessage, USER, imap};
use crate::support::feed_server::{FeedServer, path};
use crate::support::postgres::Server;
use crate::support::program::Serving;
use crate::support::reports::{RETURN_PATH, UNREADABLE, program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp, eventually, notify_desk};

const QUESTION: &str =
    "From: ada@reader.example\r\nTo: bounce@news.example\r\nSubject: A question\r\n\r\nWhen is the next issue?\r\n";

/// An app that polls the mailbox, and whose first issue was sent to `readers` readers.
async fn polling(engine: Engine, server: &Dovecot, readers: usize) -> TestApp {
    polling_with(engine, server, readers, &[]).await
}

/// [`polling`] with further settings.
async fn polling_with(engine: Engine, server: &Dovecot, readers: usize, settings: &[(&'static str, &str)]) -> TestApp {
    let app = TestApp::with(engine, |config| {
        set_return_path(config);
        notify_desk(config);
        config.intake.imap = imap(&changed(server, settings));
    });
    let mut app = app.await;
    let daily = app.daily().await;
    app.readers(&daily, readers).await;
    send(&mut app, &daily).await;
    app
}

/// The settings of the mailbox, some of them replaced.
fn changed(server: &Dovecot, settings: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut all = server.settings();
    for (name, value) in settings {
        all.retain(|(known, _)| known != name);
        all.push((name, (*value).to_owned()));
    }
    all
}

/// A report that the mailbox of a reader does not exist.
fn bounce(app: &TestApp, reader: usize) -> String {
    let address = format!("reader{reader}@reader.example");
    report(&return_path(app, &address), &address, "5.1.1", "550 5.1.1 User unknown")
}

async fn is_suppressed(app: &TestApp, reader: usize) -> bool {
    suppression(app, &format!("reader{reader}@reader.example"))
        .await
        .is_some()
}

async fn eventually_moved(server: &Dovecot, count: usize) {
    eventually(&format!("{count} messages are moved"), || async {
        server.mailbox("Daywire").len() == count
    })
    .await;
}

fn flags(messages: &[StoredMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.flags.as_str()).collect()
}

#[apply(with_dovecot)]
async fn only_mail_about_our_messages_is_moved_and_the_rest_stays_unread(engine: Engine) {
    let server = Dovecot::start().await;
    let mut app = polling(engine, &server, 4).await;
    let teardown = app.teardown();
    let to = |reader: &str| return_path(&app, reader);
    let original = app.relay.received_for("reader2@reader.example")[0].bytes.clone();
    let original = String::from_utf8_lossy(&original).into_owned();
    let (head, _) = original.split_once("\r\n\r\n").expect("a message has a header");
    assert!(head.contains("List-Unsubscribe:"), "{head}");
    // A report about reader2 that came to the address without a tag, and quotes our message.
    let quoting = report(RETURN_PATH, "reader2@reader.example", "5.1.1", "550 5.1.1 User unknown").replace(
        "--b--",
        &format!("--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--b--"),
    );
    let absent = format!(
        "Delivered-To: {}\r\nFrom: reader1@reader.example\r\nTo: Example Wire <news@news.example>\r\nSubject: Out of office\r\n\
         Auto-Submitted: auto-replied\r\n\r\nUntil May.\r\n",
        to("reader1@reader.example")
    );
    let forwarded = format!(
        "From: ada@reader.example\r\nTo: {RETURN_PATH}\r\nSubject: Look at this\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nNice.\r\n\
         --m\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--m--\r\n"
    );
    let unsigned = report(RETURN_PATH, "reader3@reader.example", "5.1.1", "550 5.1.1 User unknown");
    let forged = bounce(&app, 3).replace(&to("reader3@reader.example"), "bounce+aaaaaaaaaaaaaaaa@news.example");
    let (ours, foreign) = (
        [bounce(&app, 0), quoting, absent],
        [QUESTION.to_owned(), forwarded, unsigned, forged],
    );
    for message in foreign.iter().chain(&ours) {
        server.deliver(message);
    }

    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 3).await;
    eventually("two addresses are suppressed", || async {
        is_suppressed(&app, 0).await && is_suppressed(&app, 2).await
    })
    .await;
    // Without IDLE nobody would look for an hour.
    server.deliver(&bounce(&app, 1));
    eventually_moved(&server, 4).await;
    eventually("it is processed", || async { is_suppressed(&app, 1).await }).await;
    app.stop_serving().await;

    assert!(!is_suppressed(&app, 3).await);
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"; 3]);
    let left: Vec<_> = server.inbox().into_iter().map(|message| message.content).collect();
    assert_eq!(left, foreign);
    assert_eq!(flags(&server.inbox()), [""; 4], "nothing is marked as read");
    let counts = program(&app).ok(&["bounce", "counts"]);
    assert!(counts.contains("imap") && counts.contains("forged_tag"), "{counts}");
    assert_eq!(server.logins(), 1);

    // What was examined is not fetched again after a restart.
    let bytes = server.fetched_bytes();
    app.serve_roles(&[Role::Intake]).await;
    server.deliver(QUESTION);
    eventually("the mailbox is read again", || async { server.logins() == 2 }).await;
    app.stop_serving().await;
    assert!(server.fetched_bytes() - bytes < 4 * QUESTION.len() as u64 + 200);
    teardown.finish().await;
}

#[apply(with_dovecot)]
async fn without_idle_and_move_the_mailbox_is_polled_and_messages_are_copied(engine: Engine) {
    for (capabilities, left) in [("IMAP4rev1 UIDPLUS", vec![""]), ("IMAP4rev1", vec!["", "T", "T"])] {
        let server = Dovecot::start_with(Options {
            capabilities: Some(capabilities),
            ..Options::default()
        })
        .await;
        let port = server.plain_port().to_string();
        let settings = [
            ("DAYWIRE_INTAKE__IMAP__SECURITY", "none"),
            ("DAYWIRE_INTAKE__IMAP__PORT", port.as_str()),
            ("DAYWIRE_INTAKE__IMAP__POLL_INTERVAL", "50ms"),
            ("DAYWIRE_INTAKE__IMAP__MOVE_TO", "Done"),
        ];
        let mut app = polling_with(engine, &server, 2, &settings).await;
        let teardown = app.teardown();
        server.deliver(QUESTION);
        server.deliver(&bounce(&app, 0));
        app.serve_roles(&[Role::Intake]).await;
        for reader in 0..2 {
            eventually("the report is copied", || async {
                server.mailbox("Done").len() == reader + 1 && is_suppressed(&app, reader).await
            })
            .await;
            if reader == 0 {
                server.deliver(&bounce(&app, 1));
            }
        }
        app.stop_serving().await;
        assert_eq!(flags(&server.inbox()), left, "{capabilities}");
        teardown.finish().await;
    }
}

#[apply(with_dovecot)]
async fn after_a_change_of_uidvalidity_every_message_is_examined_again(engine: Engine) {
    let mut server = Dovecot::start().await;
    let mut app = polling(engine, &server, 2).await;
    let teardown = app.teardown();
    server.deliver(QUESTION);
    server.deliver(&bounce(&app, 0));
    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 1).await;
    app.stop_serving().await;
    server.stop();
    server.forget_uids();
    // It gets a UID that was examined before the change.
    server.deliver(&bounce(&app, 1));
    server.run().await;
    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 2).await;
    eventually("it is processed", || async { is_suppressed(&app, 1).await }).await;
    app.stop_serving().await;
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"; 2]);
    assert_eq!(flags(&server.inbox()), [""]);
    teardown.finish().await;
}

#[apply(with_dovecot)]
async fn a_message_that_the_server_cannot_read_does_not_hold_up_others(engine: Engine) {
    let server = Dovecot::start().await;
    let mut app = polling(engine, &server, 2).await;
    let teardown = app.teardown();
    server.deliver("Subject: damaged\r\n\r\nIt cannot be read.\r\n");
    server.damage();
    server.deliver(&bounce(&app, 0));
    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 1).await;
    server.deliver(&bounce(&app, 1));
    eventually_moved(&server, 2).await;
    app.stop_serving().await;
    assert_eq!(server.inbox().len(), 1);
    teardown.finish().await;
}

#[apply(with_dovecot)]
async fn a_message_on_which_the_parser_panics_stays_and_does_not_stop_the_poller(engine: Engine) {
    let server = Dovecot::start().await;
    let mut app = polling(engine, &server, 2).await;
    let teardown = app.teardown();
    let panics = std::panic::catch_unwind(|| read(UNREADABLE.as_bytes())).is_err();
    assert_eq!(panics, cfg!(debug_assertions));
    // The first report is fetched together with it, and the second one later.
    server.deliver(UNREADABLE);
    server.deliver(&bounce(&app, 0));
    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 1).await;
    server.deliver(&bounce(&app, 1));
    eventually_moved(&server, 2).await;
    eventually("both are processed", || async {
        is_suppressed(&app, 0).await && is_suppressed(&app, 1).await
    })
    .await;
    app.stop_serving().await;
    assert_eq!(flags(&server.inbox()), [""], "it stays there, unread");
    assert_eq!(server.logins(), 1);
    teardown.finish().await;
}

#[apply(with_dovecot)]
async fn a_token_is_read_from_its_file_at_each_login(engine: Engine) {
    let valid = Arc::new(AtomicUsize::new(1));
    let accepted = Arc::clone(&valid);
    let introspection = FeedServer::start(move |headers, _| {
        // Dovecot appends parameters to the token.
        let token = path(headers).split('&').next();
        let is_valid = token == Some(&format!("/token/secret{}", accepted.load(Ordering::SeqCst)));
        let json = format!("{{\"active\": \"{is_valid}\", \"email\": \"{USER}\"}}");
        (if is_valid { 200 } else { 401 }, vec![], json)
    })
    .await;
    let mut server = Dovecot::start_with(Options {
        introspection: Some(introspection.feed("token/")),
        ..Options::default()
    })
    .await;
    let tokens = tempfile::NamedTempFile::new().expect("a scratch file can be made");
    let file = tokens.path();
    std::fs::write(file, "secret1\n").expect("the file is written");
    let settings = [
        ("DAYWIRE_INTAKE__IMAP__PASSWORD", ""),
        (
            "DAYWIRE_INTAKE__IMAP__TOKEN_FILE",
            file.to_str().expect("the path is text"),
        ),
    ];
    let mut app = polling_with(engine, &server, 2, &settings).await;
    let teardown = app.teardown();
    server.deliver(&bounce(&app, 0));
    app.serve_roles(&[Role::Intake]).await;
    eventually_moved(&server, 1).await;

    server.stop();
    valid.store(2, Ordering::SeqCst);
    std::fs::write(file, "secret2\n").expect("the file is written");
    server.run().await;
    server.deliver(&bounce(&app, 1));
    eventually_moved(&server, 2).await;
    app.stop_serving().await;

    // A token that has expired: the reason is there, and the token is not.
    std::fs::write(file, "secret3\n").expect("the file is written");
    app.serve_roles(&[Role::Intake]).await;
    let reason = failure_reason(&app).await;
    assert!(
        reason.contains("refuses the login") && reason.contains("intake.imap.token_file"),
        "{reason}"
    );
    assert!(!reason.contains("secret3") && !reason.contains('@'), "{reason}");
    teardown.finish().await;
}

/// Waits until the mailbox cannot be read, and returns why.
async fn failure_reason(app: &TestApp) -> String {
    let health = &app.app.mailbox_health;
    eventually("the mailbox cannot be read", || async { health.trouble().is_some() }).await;
    health.trouble().expect("the loop ends when there is trouble").reason
}

#[apply(with_dovecot)]
async fn a_failure_that_lasts_is_reported_to_the_operators_once(engine: Engine) {
    let server = Dovecot::start().await;
    let wrong = [("DAYWIRE_INTAKE__IMAP__PASSWORD", "another secret")];
    let mut app = polling_with(engine, &server, 1, &wrong).await;
    let teardown = app.teardown();
    for (hours, notices) in [(0, 0), (2, 1), (2, 1)] {
        app.advance(TimeDelta::hours(hours));
        app.restart(|_| ()).await;
        app.serve_roles(&[Role::Intake]).await;
        let reason = failure_reason(&app).await;
        assert!(
            reason.contains("refuses the login") && reason.contains("intake.imap.password"),
            "{reason}"
        );
        app.stop_serving().await;
        assert_eq!(
            app.rows("transactional_mails").await.len(),
            notices,
            "after {hours} hours"
        );
    }
    let notice = app.rows("transactional_mails").await.concat();
    assert!(
        notice.contains("The mailbox for returned mail cannot be read"),
        "{notice}"
    );
    assert!(!notice.contains("another secret"));

    let without_ca = imap(&changed(&server, &[("DAYWIRE_INTAKE__IMAP__CA_FILE", "")]));
    app.restart(|config| config.intake.imap = without_ca).await;
    app.serve_roles(&[Role::Intake]).await;
    let reason = failure_reason(&app).await;
    assert!(
        reason.contains("TLS with imaps://127.0.0.1") && reason.contains("intake.imap.ca_file"),
        "{reason}"
    );
    app.stop_serving().await;

    let right = imap(&server.settings());
    app.restart(|config| config.intake.imap = right).await;
    app.serve_roles(&[Role::Intake]).await;
    server.deliver(&bounce(&app, 0));
    eventually_moved(&server, 1).await;
    app.stop_serving().await;
    let recorded = app.rows("polled_mailboxes").await.concat();
    assert!(!recorded.contains("refuses") && !recorded.contains("TLS"), "{recorded}");
    teardown.finish().await;
}

/// Starts a process that polls the mailbox.
fn poll(app: &TestApp, server: &Dovecot) -> Serving {
    program(app).polling(server).serve_role("intake")
}

#[apply(with_dovecot)]
async fn one_process_polls_and_another_takes_over_when_it_dies(engine: Engine) {
    let server = Dovecot::start().await;
    let app = polling(engine, &server, 2).await;
    let teardown = app.teardown();
    let first = poll(&app, &server);
    eventually("the first process polls", || async { server.logins() == 1 }).await;
    let second = program(&app)
        .polling(&server)
        .with("DAYWIRE_HTTP__OPS_LISTEN", "127.0.0.1:0")
        .serve_role("intake");
    assert_eq!(second.ops().await.get("/readyz").await.body, "ready\n");
    server.deliver(&bounce(&app, 0));
    eventually_moved(&server, 1).await;
    assert_eq!(server.logins(), 1);
    first.kill();
    server.deliver(&bounce(&app, 1));
    eventually_moved(&server, 2).await;
    assert_eq!(server.logins(), 2);

    // The process that polls shows why it cannot, and stays ready: other parts do not need the mailbox.
    let ops = second.ops().await;
    let mut server = server;
    server.stop();
    eventually("the trouble is shown", || async {
        ops.get("/readyz").await.body.contains("mailbox: ")
    })
    .await;
    let shown = ops.get("/readyz").await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown.body.starts_with("ready\nmailbox: ") && !shown.body.contains(USER),
        "{}",
        shown.body
    );
    let log = second.log().concat();
    assert!(
        log.contains("IMAP mailbox cannot be read") && !log.contains(PASSWORD) && !log.contains(USER),
        "{log}"
    );
    second.terminate();
    teardown.finish().await;
}

#[apply(with_dovecot)]
async fn each_bounce_counts_once_although_the_database_stops_and_the_process_is_killed_twice() {
    const READERS: usize = 120;
    const OUTAGE: Duration = Duration::from_secs(10);
    let database = Server::alone();
    let server = Dovecot::start().await;
    let url = format!("postgres://postgres@{}/postgres", database.address());
    // The database of the engine is replaced.
    let app = TestApp::with(Engine::Sqlite, |config: &mut Config| {
        set_return_path(config);
        config.database.url = url.parse().expect("the address is valid");
    });
    let mut app = app.await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    send(&mut app, &daily).await;
    let deliver = |readers: std::ops::Range<usize>| {
        for reader in readers {
            server.deliver(&bounce(&app, reader));
        }
    };
    let moved = || server.mailbox("Daywire").len();
    let stored = || async { database.ask("SELECT count(*) FROM returned_mails").await };

    server.deliver(QUESTION);
    deliver(0..60);
    let intake = poll(&app, &server);
    eventually("some messages are moved", || async { moved() > 0 }).await;
    intake.kill();

    let intake = poll(&app, &server);
    eventually("more messages are stored", || async { stored().await > 20 }).await;
    database.crash();
    let stopped = Instant::now();
    deliver(60..READERS);
    // Some groups of messages were stored before the crash and are moved after it; those of the outage are not.
    eventually("the outage is over", || async {
        assert!(moved() <= 60, "a message is moved before it is stored");
        stopped.elapsed() > OUTAGE
    })
    .await;
    database.start();
    eventually("messages of the outage are moved", || async { moved() > 60 }).await;
    intake.kill();

    let intake = poll(&app, &server);
    eventually_moved(&server, READERS).await;
    let processed = "SELECT count(*) FROM returned_mails WHERE processed_at IS NOT NULL";
    eventually("all are processed", || async {
        database.ask(processed).await == i64::try_from(READERS).expect("the number fits the type")
    })
    .await;
    let (status, _) = intake.terminate();
    assert!(status.success());
    let each_once = "SELECT count(*) FROM (SELECT subscription_id FROM bounces WHERE action = 'suppress' \
                     GROUP BY subscription_id HAVING count(*) = 1) each";
    for sql in [
        "SELECT count(*) FROM returned_mails",
        "SELECT count(*) FROM bounces",
        each_once,
        "SELECT count(*) FROM suppressions",
    ] {
        assert_eq!(
            database.ask(sql).await,
            i64::try_from(READERS).expect("the number fits the type"),
            "{sql}"
        );
    }
    assert_eq!(flags(&server.inbox()), [""], "the question of a person stays unread");
    assert_eq!(server.inbox()[0].content, QUESTION);
    teardown.finish().await;
}
