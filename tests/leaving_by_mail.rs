//! Leaving by a mail to the address in `List-Unsubscribe`, and replies of people, which change nothing.

use daywire::config::{Config, SitePages};
use daywire::delivery::control;
use daywire::domain::consent::ConsentSource;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;

use crate::support::issues::reply;
use crate::support::mock_relay::{parse, text};
use crate::support::program::Program;
use crate::support::{Engine, TestApp, eventually};

const READER: &str = "reader0@reader.example";

fn set_intake_domain(config: &mut Config) {
    config.intake.domain = Some("bounces.news.example".to_owned());
}

fn program(app: &TestApp) -> Program {
    Program::of(app).with("DAYWIRE_INTAKE__DOMAIN", "bounces.news.example")
}

/// Hands one mail over.
fn ingest(app: &TestApp, message: &str) {
    let program = program(app);
    let file = program.file("mail.eml", message);
    program.ok(&["bounce", "ingest", &file]);
}

/// The two addresses in `List-Unsubscribe` of the mail that a reader got: the web address, and the mail address.
pub fn unsubscribe_addresses(app: &TestApp, reader: &str) -> (String, String) {
    let received = app.relay.received_for(reader);
    let message = received.first().expect("the reader got a mail").bytes.clone();
    let message = String::from_utf8(message).expect("the mail is ASCII");
    let (_, field) = message
        .split_once("\r\nList-Unsubscribe: ")
        .expect("the mail has List-Unsubscribe");
    let (url, rest) = field.split_once(",\r\n ").expect("the field has two addresses");
    let (mail, _) = rest.split_once("\r\n").expect("the field ends with a line end");
    let inner = |text: &str| {
        text.strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'))
            .map(str::to_owned)
    };
    let mail = inner(mail).expect("the address is in angle brackets and not folded");
    (
        inner(url).expect("the address is in angle brackets and not folded"),
        mail.strip_prefix("mailto:")
            .expect("the second address is a mailto")
            .to_owned(),
    )
}

#[apply(on_both_databases)]
async fn a_mail_to_the_unsubscribe_address_ends_the_subscription_and_its_queued_deliveries(engine: Engine) {
    let mut app = TestApp::with(engine, set_intake_domain).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let first = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    let (url, address) = unsubscribe_addresses(&app, READER);
    assert!(url.starts_with("https://news.example/unsubscribe/"), "{url}");
    assert!(address.ends_with("@bounces.news.example"), "{address}");

    // The next issue is deferred, so that its deliveries are queued when the mail comes.
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => reply(451, "4.3.0 later"),
        _ => Verdict::Continue,
    });
    let second = app.send(&daily).await;
    app.tried(second, app.now()).await;
    let mail = format!(
        "From: Reader <{READER}>\r\nTo: <{address}>\r\nSubject: unsubscribe\r\nMessage-ID: <1@reader.example>\r\n\r\n\r\n"
    );
    ingest(&app, &mail);
    ingest(&app, &mail);
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
    assert_eq!(app.count(second, DeliveryState::Cancelled).await, 1);
    let consent = app.consent(READER).await;
    let last = consent.last().expect("leaving is on record");
    assert_eq!(last.source, ConsentSource::UnsubscribeMail);
    assert_eq!(consent.len(), 2, "once");
    assert_eq!(
        app.subscription_state("reader1@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
    app.stop_serving().await;
    control::cancel(&app.app, second).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_unsubscribe_address_is_named_only_if_its_mail_is_read(engine: Engine) {
    // A return path alone does not mean that anybody hands its mail over.
    let only_return_path = |config: &mut Config| {
        config.mail.return_path = Some("bounce@news.example".parse().expect("the address is valid"));
    };
    let with_listener = move |config: &mut Config| {
        only_return_path(config);
        config.intake.listen = Some("127.0.0.1:0".parse().expect("the address is valid"));
    };
    for listens in [false, true] {
        let mut app = if listens {
            TestApp::with(engine, with_listener).await
        } else {
            TestApp::with(engine, only_return_path).await
        };
        let teardown = app.teardown();
        let daily = app.daily().await;
        app.readers(&daily, 1).await;
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        let received = app.relay.received_for(READER);
        let message = String::from_utf8_lossy(&received[0].bytes).into_owned();
        assert_eq!(message.contains(",\r\n <mailto:bounce+"), listens, "{message}");
        assert_eq!(
            message
                .matches("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
                .count(),
            1
        );
        teardown.finish().await;
    }
}

#[apply(on_both_databases)]
async fn a_bounce_to_the_unsubscribe_address_and_a_forged_one_change_nothing(engine: Engine) {
    let mut app = TestApp::with(engine, set_intake_domain).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let (_, address) = unsubscribe_addresses(&app, READER);
    let forged = format!("{}{}", &address[1..2], &address[1..]);
    for to in [forged, format!("x{address}")] {
        ingest(
            &app,
            &format!("From: <eve@else.example>\r\nTo: <{to}>\r\nSubject: unsubscribe\r\n\r\n\r\n"),
        );
    }
    ingest(
        &app,
        &format!(
            "From: MAILER-DAEMON@mx.reader.example\r\nTo: <{address}>\r\nSubject: Undelivered\r\n\r\n\
             <{READER}>: 550 5.1.1 User unknown\r\n"
        ),
    );
    assert_eq!(app.subscription_state(READER).await, Some(SubscriptionState::Confirmed));
    assert!(app.rows("suppressions").await.is_empty());
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_reply_of_a_person_changes_nothing_although_it_quotes_links_and_reports(engine: Engine) {
    let mut app = TestApp::with(engine, set_intake_domain).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let digest = app.relay.received_for(READER).remove(0).bytes;
    let quoted: Vec<_> = text(&digest).lines().map(|line| format!("> {line}")).collect();
    let quoted = quoted.join("\r\n");
    let header: String = String::from_utf8_lossy(&digest)
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_owned();
    let message_id = parse(&digest)
        .message_id()
        .expect("the mail has a Message-ID")
        .to_owned();
    app.stop_serving().await;
    let before = app.dump_without_returned_mail().await;

    // Subjects and words of failure reports in replies that quote the digest with its signed link, its header, or the whole of it.
    for (number, subject) in [
        "Re: Daily Broadcast",
        "AW: Delivery failed: a report",
        "Re: Undeliverable warnings bounce",
    ]
    .into_iter()
    .enumerate()
    {
        let top = format!(
            "From: Reader <{READER}>\r\nTo: news@news.example\r\nSubject: {subject}\r\nMessage-ID: <{number}@reader.example>\r\n\
             In-Reply-To: <{message_id}>\r\nReferences: <{message_id}>\r\nMIME-Version: 1.0\r\n"
        );
        let words = format!(
            "My neighbour <{READER}> says: 550 5.1.1 User unknown, could not be delivered. Please unsubscribe me.\r\n\r\n"
        );
        ingest(&app, &format!("{top}Content-Type: text/plain\r\n\r\n{words}{quoted}"));
        ingest(
            &app,
            &format!(
                "{top}Content-Type: text/plain\r\n\r\n{words}----- Original Message -----\r\n{header}\r\n\r\n{quoted}"
            ),
        );
        ingest(
            &app,
            &format!(
                "{top}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{words}\
                 --b\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--b--\r\n",
                String::from_utf8_lossy(&digest)
            ),
        );
    }
    assert_eq!(app.dump_without_returned_mail().await, before);
    assert_eq!(app.rows("returned_mails").await.len(), 9);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn replies_go_to_the_address_that_the_newsletter_names(mut app: TestApp) {
    let toml = "slug = \"daily\"\nname = \"Daily Broadcast\"\nreply_to = \"The desk <desk@news.example>\"";
    let daily = app.apply(toml).await;
    app.readers(&daily, 1).await;
    app.serve().await;
    let reply_to = |reader: &str| {
        let received = app.relay.received_for(reader);
        let message = received.last().expect("the reader got a mail").bytes.clone();
        let parsed = parse(&message);
        let address = parsed.reply_to().and_then(|to| to.first());
        address.and_then(|to| Some(format!("{} <{}>", to.name()?, to.address()?)))
    };
    let desk = Some("The desk <desk@news.example>".to_owned());
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(reply_to(READER), desk, "the issue");
    app.sign_up("ada@reader.example").await;
    assert_eq!(reply_to("ada@reader.example"), desk, "the confirmation");
    app.site().post("/subscribe", &[("email", READER)]).await;
    app.relay.link_for(READER, "/preferences/").await;
    eventually("the mail about the subscription", || async {
        app.relay.received_for(READER).len() == 2
    })
    .await;
    assert_eq!(reply_to(READER), desk, "the mail that the address is subscribed");

    let shown = Program::of(&app).ok(&["newsletter", "show", "daily"]);
    assert!(shown.contains("reply_to = \"The desk <desk@news.example>\""), "{shown}");
    app.daily().await;
    let next = app.send(&daily).await;
    app.until(next, IssueState::Sent).await;
    assert_eq!(reply_to(READER), None, "replies go to the sender");
    for wrong in ["nobody", "desk@news.example, other@news.example", "jörg@news.example"] {
        let toml = format!("slug = \"daily\"\nname = \"Daily\"\nreply_to = \"{wrong}\"");
        let error = daywire::newsletter::parse(&toml)
            .expect_err("the address is refused")
            .to_string();
        assert!(error.contains("reply_to") && error.contains(wrong), "{error}");
    }
}

#[apply(on_both_databases)]
async fn an_issue_names_help_and_the_sign_up_page(mut app: TestApp) {
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    std::fs::create_dir(folder.path().join("texts")).expect("the folder is made");
    for (name, text) in [
        ("texts/help.md", "# Help\n\nWrite to us."),
        (
            "daywire.toml",
            "[site]\nurl = \"https://news.example\"\npages = \"texts\"\n",
        ),
    ] {
        std::fs::write(folder.path().join(name), text).expect("the folder takes files");
    }
    let no_files: [&str; 0] = [];
    let with_page = daywire::config::load(Some(&folder.path().join("daywire.toml")), [], no_files)
        .expect("the settings are valid")
        .site
        .own_pages;
    let base = "slug = \"daily\"\nname = \"Daily Broadcast\"\n";
    let desk = "reply_to = \"The desk <desk@news.example>\"\n";
    let daily = app.apply(base).await;
    app.readers(&daily, 1).await;
    for (keys, has_page, help, subscribe) in [
        ("", false, None, true),
        (desk, false, Some("mailto:desk@news.example"), true),
        (desk, true, Some("https://news.example/pages/help"), true),
        (
            "help = \"https://help.example/a?b=1\"",
            true,
            Some("https://help.example/a?b=1"),
            true,
        ),
        (
            "help = \"mailto:help@news.example?subject=Help\"",
            false,
            Some("mailto:help@news.example?subject=Help"),
            true,
        ),
        ("public = false", false, None, false),
    ] {
        let pages = if has_page {
            with_page.clone()
        } else {
            SitePages::default()
        };
        app.restart(|config| config.site.own_pages = pages.clone()).await;
        let daily = app.apply(&format!("{base}{keys}")).await;
        app.serve_roles(&[Role::Sender]).await;
        let issue = app.send(&daily).await;
        app.until(issue, IssueState::Sent).await;
        let received = app.relay.received_for(READER);
        let message = String::from_utf8_lossy(&received.last().expect("the reader got a mail").bytes).into_owned();
        let (headers, _) = message.split_once("\r\n\r\n").expect("it has a body");
        let field = |name: &str| headers.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        assert_eq!(
            field("List-Help"),
            help.map(|help| format!("<{help}>")).as_deref(),
            "{keys}"
        );
        let expected = subscribe.then_some("<https://news.example/subscribe?newsletter=daily>");
        assert_eq!(field("List-Subscribe"), expected, "{keys}");
        assert_eq!(field("List-Archive").is_some(), subscribe, "{keys}");
        app.stop_serving().await;
    }
    for wrong in [
        "help.example",
        "http://help.example",
        "mailto:",
        "https://help.example/\\u003e",
        "https://hélp.example",
    ] {
        let toml = format!("{base}help = \"{wrong}\"");
        let error = daywire::newsletter::parse(&toml)
            .expect_err("the address is refused")
            .to_string();
        assert!(error.contains("help"), "{error}");
    }
    let shown = Program::of(&app).ok(&["newsletter", "show", "daily"]);
    assert!(!shown.contains("help"), "{shown}");
}
