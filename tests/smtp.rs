//! Our SMTP client against our own SMTP server over real sockets: the outcome of a message when any step fails.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use daywire::mail::{
    SmtpAddress,
    relay::Relay,
    reply::Reply,
    server::{Deferral, Options, Received, Receiver, SmtpServer, Stage, Tls, Transaction, Verdict},
    smtp::{Envelope, Outcome, Outgoing, SendError, Session, Timeouts},
};
use secrecy::SecretString;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::support::raw_smtp::say;
use crate::support::tls::certificate;
use crate::support::{eventually, smtp_address};

const NONSENSE: [&[&[u8]]; 5] = [
    &[b"hello\r\n"],
    &[b"999 hello\r\n"],
    &[b"\xff\xff\xff\xff\r\n"],
    &[b"2\r\n"],
    &[b"22\xc3\xa9\r\n"],
];
const BEGIN: &str = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
const MESSAGE: &[u8] = b"From: <desk@example.org>\r\nSubject: Wire\r\n\r\nHello\r\n";

/// Stores the received messages, and gives each planned verdict once.
#[derive(Default)]
pub struct Inbox {
    plan: Mutex<HashMap<Stage, Vec<Verdict>>>,
    mail: Mutex<Vec<Received>>,
    refuse: bool,
}

impl Inbox {
    /// Stores no message.
    pub fn refusing() -> Self {
        Self {
            refuse: true,
            ..Self::default()
        }
    }
}

impl Receiver for Inbox {
    fn decide(&self, stage: Stage, _: &Transaction) -> Verdict {
        self.plan
            .lock()
            .unwrap()
            .get_mut(&stage)
            .and_then(Vec::pop)
            .unwrap_or(Verdict::Continue)
    }

    async fn accept(&self, mail: Received) -> Result<(), Deferral> {
        if self.refuse {
            return Err("the disk is full".to_owned().into());
        }
        self.mail.lock().unwrap().push(mail);
        Ok(())
    }
}

/// A running server.
pub struct Server {
    inbox: Arc<Inbox>,
    port: u16,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(options: Options, inbox: Inbox) -> Self {
        let server = SmtpServer::bind("127.0.0.1:0").await.unwrap().with(options);
        let port = server.local_addr().unwrap().port();
        let (inbox, shutdown) = (Arc::new(inbox), CancellationToken::new());
        let task = tokio::spawn(server.run(inbox.clone(), shutdown.clone()));
        Self {
            inbox,
            port,
            shutdown,
            task,
        }
    }

    async fn plain() -> Self {
        Self::start(Options::default(), Inbox::default()).await
    }

    pub fn plan(&self, stage: Stage, verdict: Verdict) {
        self.inbox.plan.lock().unwrap().entry(stage).or_default().push(verdict);
    }

    /// Whether every planned verdict for this stage was given.
    fn has_reached(&self, stage: Stage) -> bool {
        let plan = self.inbox.plan.lock().expect("no test panicked while it held the lock");
        plan.get(&stage).is_none_or(Vec::is_empty)
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn relay(&self) -> Relay {
        Relay::parse(&format!("smtp://127.0.0.1:{}", self.port)).unwrap()
    }

    async fn session(&self) -> Session {
        Session::connect(&self.relay(), &Timeouts::default(), "daywire.example")
            .await
            .unwrap()
    }

    pub fn mail(&self) -> Vec<Received> {
        self.inbox.mail.lock().unwrap().clone()
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

fn to(recipient: &str) -> Envelope {
    Envelope {
        return_path: Some(smtp_address("bounce@example.org")),
        recipient: smtp_address(recipient),
    }
}

fn mail(envelope: &Envelope, message: &[u8]) -> Outgoing {
    Outgoing::new(envelope.clone(), message).unwrap()
}

fn code(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Accepted(reply)
        | Outcome::Deferred(reply)
        | Outcome::Rejected(reply)
        | Outcome::SenderRefused(reply)
        | Outcome::Slow { reply, .. } => reply.code,
        Outcome::RelayTrouble { reply, .. } => reply.as_ref().map_or(0, |reply| reply.code),
        Outcome::Lost(_) | Outcome::InDoubt(_) => 0,
    }
}

/// A server that sends fixed lines: the first at once, and each other one after it has read a line.
async fn scripted(lines: &'static [&'static [u8]]) -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        for line in lines {
            stream.write_all(line).await.unwrap();
            let mut received = Vec::new();
            stream.read_until(b'\n', &mut received).await.unwrap();
        }
    });
    Relay::parse(&format!("smtp://127.0.0.1:{port}")).unwrap()
}

#[tokio::test]
async fn a_message_is_accepted_and_arrives_with_its_envelope_and_exact_bytes() {
    let server = Server::plain().await;
    let mut session = server.session().await;
    let body = b"From: <a@b.example>\r\n\r\n.\r\n..\r\n.leading\r\n\r\n.\r\n".as_slice();
    let outcome = session.send(&mail(&to("ada@reader.example"), body)).await;
    assert!(
        matches!(
            &outcome,
            Outcome::Accepted(Reply {
                code: 250,
                enhanced: Some((2, 0, 0)),
                ..
            })
        ),
        "{outcome:?}"
    );
    let no_return_path = Envelope {
        return_path: None,
        recipient: smtp_address("ada@reader.example"),
    };
    assert_eq!(code(&session.send(&mail(&no_return_path, MESSAGE)).await), 250);
    session.quit().await;
    let mail = server.mail();
    assert_eq!(mail.len(), 2);
    assert_eq!(mail[0].bytes, body);
    assert_eq!(mail[0].transaction.return_path.as_deref(), Some("bounce@example.org"));
    assert_eq!(mail[0].transaction.recipients, ["ada@reader.example"]);
    assert_eq!(mail[0].transaction.hello.as_deref(), Some("daywire.example"));
    assert_eq!(mail[1].transaction.return_path.as_deref(), Some(""));
    assert_eq!(mail[1].transaction.connection, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_451_at_any_stage_defers_and_the_next_message_goes_over_the_same_connection() {
    let server = Server::plain().await;
    let mut session = server.session().await;
    for stage in [
        Stage::Mail,
        Stage::Rcpt,
        Stage::Data,
        Stage::FinalDot,
        Stage::AfterAccept,
    ] {
        server.plan(stage, Verdict::Reply(451, "4.3.0 not now".to_owned()));
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        assert!(
            matches!(&outcome, Outcome::Deferred(reply) if reply.text == "not now"),
            "{stage:?}: {outcome:?}"
        );
        let next = session.send(&mail(&to("ben@reader.example"), MESSAGE)).await;
        assert!(matches!(next, Outcome::Accepted(_)), "{stage:?}: {next:?}");
    }
    assert!(server.mail().iter().all(|mail| mail.transaction.connection == 1));
    server.stop().await;
}

#[tokio::test]
async fn a_550_for_one_recipient_does_not_affect_the_next() {
    let server = Server::plain().await;
    let mut session = server.session().await;
    for (stage, text, about_recipient) in [
        (Stage::Rcpt, "5.1.1 no such user", true),
        (Stage::Rcpt, "5.7.1 blocked by policy", false),
        (Stage::Data, "no", false),
        (Stage::FinalDot, "5.1.1 no such user", true),
        (Stage::FinalDot, "5.6.0 no", false),
        (Stage::FinalDot, "5.3.4 too large", false),
    ] {
        server.plan(stage, Verdict::Reply(550, text.to_owned()));
        let outcome = session.send(&mail(&to("gone@reader.example"), MESSAGE)).await;
        match &outcome {
            Outcome::Rejected(_) => assert!(about_recipient, "{stage:?}: {outcome:?}"),
            Outcome::SenderRefused(_) => assert!(!about_recipient, "{stage:?}: {outcome:?}"),
            other => panic!("{stage:?}: {other:?}"),
        }
        assert!(matches!(
            session.send(&mail(&to("ada@reader.example"), MESSAGE)).await,
            Outcome::Accepted(_)
        ));
    }
    assert!(
        server
            .mail()
            .iter()
            .all(|mail| mail.transaction.recipients == ["ada@reader.example"])
    );
    server.plan(
        Stage::Rcpt,
        Verdict::Reply(550, "5.7.1 your address is listed".to_owned()),
    );
    let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
    assert!(matches!(outcome, Outcome::SenderRefused(_)), "{outcome:?}");
    assert!(session.is_open());
    server.stop().await;
}

#[tokio::test]
async fn a_421_defers_and_ends_the_session() {
    let server = Server::plain().await;
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::FinalDot] {
        let mut session = server.session().await;
        server.plan(stage, Verdict::Reply(421, "4.7.0 too many connections".to_owned()));
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        assert!(matches!(outcome, Outcome::Slow { .. }), "{stage:?}: {outcome:?}");
        assert_eq!(code(&outcome), 421);
        assert!(!session.is_open());
        assert!(matches!(
            session.send(&mail(&to("ada@reader.example"), MESSAGE)).await,
            Outcome::Lost(_)
        ));
    }
    for stage in [Stage::Connect, Stage::Ehlo] {
        server.plan(stage, Verdict::Reply(421, "4.3.2 busy".to_owned()));
        let refused = Session::connect(&server.relay(), &Timeouts::default(), "daywire.example")
            .await
            .err()
            .unwrap();
        assert!(
            matches!(&refused, SendError::Refused { reply, .. } if reply.code == 421),
            "{refused:?}"
        );
    }
    assert_eq!(server.mail().len(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_lost_before_the_final_dot_is_lost_and_after_it_in_doubt() {
    let server = Server::plain().await;
    for (stage, in_doubt, taken) in [
        (Stage::Mail, false, 0),
        (Stage::Rcpt, false, 0),
        (Stage::Data, false, 0),
        (Stage::FinalDot, true, 0),
        (Stage::AfterAccept, true, 1),
    ] {
        let mut session = server.session().await;
        server.plan(stage, Verdict::HangUp);
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        match &outcome {
            Outcome::InDoubt(_) => assert!(in_doubt, "{stage:?}"),
            Outcome::Lost(_) => assert!(!in_doubt, "{stage:?}"),
            other => panic!("{stage:?}: {other:?}"),
        }
        assert!(!session.is_open());
        assert_eq!(server.mail().len(), taken, "{stage:?}");
    }
    for stage in [Stage::Connect, Stage::Ehlo] {
        server.plan(stage, Verdict::HangUp);
        let lost = Session::connect(&server.relay(), &Timeouts::default(), "daywire.example")
            .await
            .err()
            .unwrap();
        assert!(matches!(Outcome::from(lost), Outcome::Lost(_)), "{stage:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_reading_a_large_message_has_not_accepted_it() {
    let relay = scripted(&[
        b"220 hi\r\n",
        b"250 hi\r\n",
        b"250 ok\r\n",
        b"250 ok\r\n",
        b"354 go\r\n",
    ])
    .await;
    let mut session = Session::connect(&relay, &Timeouts::default(), "daywire.example")
        .await
        .unwrap();
    let large = b"0123456789\r\n".repeat(2_000_000);
    let outcome = session.send(&mail(&to("ada@reader.example"), &large)).await;
    assert!(matches!(outcome, Outcome::Lost(_)), "{outcome:?}");
}

#[tokio::test]
async fn each_missing_reply_ends_in_its_timeout() {
    let server = Server::plain().await;
    let short = Duration::from_millis(50);
    let limits = Timeouts::default();
    for (stage, timeouts, in_doubt) in [
        (Stage::Mail, Timeouts { mail: short, ..limits }, false),
        (Stage::Rcpt, Timeouts { rcpt: short, ..limits }, false),
        (Stage::Data, Timeouts { data: short, ..limits }, false),
        (
            Stage::FinalDot,
            Timeouts {
                message: short,
                ..limits
            },
            true,
        ),
    ] {
        let mut session = Session::connect(&server.relay(), &timeouts, "daywire.example")
            .await
            .unwrap();
        server.plan(stage, Verdict::Delay(Duration::from_mins(10)));
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        match &outcome {
            Outcome::InDoubt(text) if in_doubt => assert_eq!(text, "the server did not answer within 50ms"),
            Outcome::Lost(text) if !in_doubt => assert_eq!(text, "the server did not answer within 50ms"),
            other => panic!("{stage:?}: {other:?}"),
        }
        assert!(!session.is_open());
    }
    for (stage, timeouts) in [
        (
            Stage::Connect,
            Timeouts {
                greeting: short,
                ..limits
            },
        ),
        (
            Stage::Ehlo,
            Timeouts {
                command: short,
                ..limits
            },
        ),
    ] {
        server.plan(stage, Verdict::Delay(Duration::from_mins(10)));
        let lost = Session::connect(&server.relay(), &timeouts, "daywire.example")
            .await
            .err()
            .unwrap();
        assert!(matches!(lost, SendError::Lost { .. }), "{lost:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_abandoned_session_is_not_used_again() {
    let server = Server::plain().await;
    let mut session = server.session().await;
    server.plan(Stage::Rcpt, Verdict::Delay(Duration::from_mins(10)));
    let first = mail(&to("ada@reader.example"), MESSAGE);
    tokio::select! {
        outcome = session.send(&first) => panic!("RCPT has no reply, yet {outcome:?}"),
        () = eventually("the server reads RCPT", || async { server.has_reached(Stage::Rcpt) }) => {}
    }
    assert!(!session.is_open());
    assert!(matches!(
        session.send(&mail(&to("ben@reader.example"), MESSAGE)).await,
        Outcome::Lost(_)
    ));
    server.stop().await;
}

#[tokio::test]
async fn a_correct_login_is_accepted_and_a_wrong_one_is_relay_trouble() {
    for withheld in [vec![], vec!["PLAIN".to_owned()]] {
        let login = Some(("desk@example.org".to_owned(), SecretString::from("hunter2")));
        let server = Server::start(
            Options {
                login,
                withheld,
                ..Options::default()
            },
            Inbox::default(),
        )
        .await;
        let relay = |login: &str| Relay::parse(&format!("smtp://{login}@127.0.0.1:{}", server.port)).unwrap();
        let connect = |relay| async move { Session::connect(&relay, &Timeouts::default(), "daywire.example").await };
        let mut session = connect(relay("desk%40example.org:hunter2")).await.unwrap();
        assert_eq!(
            code(&session.send(&mail(&to("ada@reader.example"), MESSAGE)).await),
            250
        );
        assert_eq!(server.mail()[0].transaction.user.as_deref(), Some("desk@example.org"));

        let refused = connect(relay("desk%40example.org:hunter3")).await.err().unwrap();
        assert!(matches!(refused, SendError::Login { .. }), "{refused:?}");
        assert!(!refused.to_string().contains("hunter3"));
        let outcome = Outcome::from(refused);
        assert!(matches!(outcome, Outcome::RelayTrouble { .. }), "{outcome:?}");
        assert_eq!(code(&outcome), 535);

        let mut session = server.session().await;
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        assert_eq!(
            (code(&outcome), matches!(outcome, Outcome::RelayTrouble { .. })),
            (530, true)
        );
        server.stop().await;
    }
    let server = Server::plain().await;
    let relay = Relay::parse(&format!("smtp://u:p@127.0.0.1:{}", server.port)).unwrap();
    let refused = Session::connect(&relay, &Timeouts::default(), "daywire.example")
        .await
        .err()
        .unwrap();
    assert!(matches!(refused, SendError::NoLogin { .. }), "{refused:?}");
    server.stop().await;
}

#[tokio::test]
async fn mail_is_sent_over_starttls_and_smtps_if_the_certificate_is_trusted() {
    let (config, pem) = certificate();
    for (scheme, tls) in [
        ("smtp+starttls", Tls::StartTls(config.clone())),
        ("smtps", Tls::Implicit(config)),
    ] {
        let server = Server::start(
            Options {
                tls,
                ..Options::default()
            },
            Inbox::default(),
        )
        .await;
        let unknown = Relay::parse(&format!("{scheme}://127.0.0.1:{}", server.port)).unwrap();
        let refused = Session::connect(&unknown, &Timeouts::default(), "daywire.example")
            .await
            .err()
            .unwrap();
        assert!(matches!(refused, SendError::Tls { .. }), "{scheme}: {refused:?}");
        let trusted = unknown.with_roots(pem.as_bytes()).unwrap();
        let mut session = Session::connect(&trusted, &Timeouts::default(), "daywire.example")
            .await
            .unwrap();
        let large = b"0123456789\r\n".repeat(50_000);
        assert_eq!(code(&session.send(&mail(&to("ada@reader.example"), &large)).await), 250);
        session.quit().await;
        let mail = server.mail();
        assert!(mail[0].transaction.tls && mail[0].bytes == large, "{scheme}");
        server.stop().await;
    }
}

#[tokio::test]
async fn starttls_is_required_and_replies_before_the_handshake_are_not_trusted() {
    let starttls = |relay: &Relay| Relay::parse(&format!("smtp+starttls://127.0.0.1:{}", relay.port())).unwrap();
    let server = Server::plain().await;
    let refused = Session::connect(&starttls(&server.relay()), &Timeouts::default(), "daywire.example").await;
    assert!(matches!(refused.err(), Some(SendError::NoStartTls { .. })));
    server.stop().await;

    let relay = scripted(&[b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"454 4.7.0 not now\r\n"]).await;
    let refused = Session::connect(&starttls(&relay), &Timeouts::default(), "daywire.example").await;
    assert!(matches!(refused.err(), Some(SendError::Refused { reply, .. }) if reply.code == 454));

    let relay = scripted(&[
        b"220 hi\r\n",
        b"250-hi\r\n250 STARTTLS\r\n",
        b"220 go\r\n250 me, believe it\r\n",
    ])
    .await;
    let refused = Session::connect(&starttls(&relay), &Timeouts::default(), "daywire.example")
        .await
        .err()
        .unwrap();
    assert!(
        refused
            .to_string()
            .ends_with("the server sent plain text after agreeing to TLS"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_address_or_a_message_that_the_server_cannot_accept_is_not_sent() {
    let withheld = vec!["SMTPUTF8".to_owned(), "8BITMIME".to_owned(), "SIZE".to_owned()];
    let server = Server::start(
        Options {
            withheld,
            ..Options::default()
        },
        Inbox::default(),
    )
    .await;
    let mut session = server.session().await;
    let outcome = session.send(&mail(&to("jörg@reader.example"), MESSAGE)).await;
    assert!(
        matches!(&outcome, Outcome::Rejected(reply) if reply.enhanced == Some((5, 6, 7))),
        "{outcome:?}"
    );
    let outcome = session
        .send(&mail(&to("ada@reader.example"), "Subject: x\r\n\r\né\r\n".as_bytes()))
        .await;
    // Every recipient's copy has the same text: the fault is not this one's.
    assert!(
        matches!(&outcome, Outcome::RelayTrouble { reply: None, text } if text.contains("8BITMIME")),
        "{outcome:?}"
    );
    let from = Envelope {
        return_path: Some(smtp_address("büro@example.org")),
        ..to("ada@reader.example")
    };
    let outcome = session.send(&mail(&from, MESSAGE)).await;
    assert!(
        matches!(&outcome, Outcome::RelayTrouble { reply: None, text } if text.contains("SMTPUTF8")),
        "{outcome:?}"
    );
    assert!("a@b.example>\r\nRCPT TO:<x@y.example".parse::<SmtpAddress>().is_err());
    assert_eq!(
        code(&session.send(&mail(&to("ada@bücher.example"), MESSAGE)).await),
        250
    );
    assert_eq!(server.mail()[0].transaction.recipients, ["ada@xn--bcher-kva.example"]);
    server.stop().await;

    let server = Server::start(
        Options {
            size_limit: 1000,
            ..Options::default()
        },
        Inbox::default(),
    )
    .await;
    let mut session = server.session().await;
    assert_eq!(
        code(&session.send(&mail(&to("jörg@reader.example"), MESSAGE)).await),
        250
    );
    let outcome = session
        .send(&mail(&to("ada@reader.example"), &b"x\r\n".repeat(500)))
        .await;
    assert!(
        matches!(&outcome, Outcome::SenderRefused(reply)
            if reply.to_string() == "552 5.3.4 the message has 1500 bytes and the relay takes at most 1000"),
        "{outcome:?}"
    );
    assert_eq!(
        code(&session.send(&mail(&to("ada@reader.example"), MESSAGE)).await),
        250
    );
    server.stop().await;
}

#[tokio::test]
async fn nothing_inside_a_message_ends_it() {
    let server = Server::plain().await;
    for body in [
        "a\n.\nMAIL FROM:<x@y.example>\n",
        "a\r.\rb",
        "a\r\n.\nb\r\n",
        "a\n.\r\nb\r\n",
    ] {
        assert!(Outgoing::new(to("ada@reader.example"), body.as_bytes()).is_err());
        // The server on its own holds out against a sender that lets such a message through.
        let smuggled = format!("{BEGIN}{body}\r\n.\r\nQUIT\r\n");
        let answers = say(server.address(), &smuggled).await;
        assert!(answers.ends_with(
            "554 5.6.0 the message contains a CR or LF that is not part of a line end\r\n221 2.0.0 goodbye\r\n"
        ));
        assert_eq!(answers.matches("2.1.0").count(), 1, "{answers}");
    }
    assert_eq!(server.mail().len(), 0);
    server.stop().await;
}

#[tokio::test]
async fn replies_that_are_not_utf8_or_not_smtp_cause_no_panic() {
    let relay = scripted(&[
        b"220 gr\xfc\xdf dich\r\n",
        b"250 hi\r\n",
        b"250 ok\r\n",
        b"550-5.1.1 kein\r\n550 5.1.1 \xe9mile\r\n",
        b"nonsense\r\n",
    ])
    .await;
    let mut session = Session::connect(&relay, &Timeouts::default(), "daywire.example")
        .await
        .unwrap();
    let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
    assert!(
        matches!(&outcome, Outcome::Rejected(reply) if reply.text == "kein \u{fffd}mile"),
        "{outcome:?}"
    );
    assert!(session.is_open());
    let outcome = session.send(&mail(&to("ben@reader.example"), MESSAGE)).await;
    assert!(matches!(&outcome, Outcome::Lost(_)), "{outcome:?}");
    assert!(!session.is_open(), "RSET was answered with nonsense");

    for lines in NONSENSE {
        let relay = scripted(lines).await;
        let lost = Session::connect(&relay, &Timeouts::default(), "daywire.example")
            .await
            .err()
            .unwrap();
        assert!(matches!(lost, SendError::Lost { .. }), "{lost:?}");
    }
}

#[tokio::test]
async fn refusing_a_parameter_for_one_recipient_concerns_that_recipient() {
    let server = Server::plain().await;
    let mut session = server.session().await;
    for (text, rejected) in [
        ("555 5.5.4 SMTPUTF8 is not available", true),
        ("501 5.5.4 syntax", true),
        ("553 5.6.7 not for us", true),
        ("550 5.7.1 policy", false),
    ] {
        let (code, text) = text.split_once(' ').unwrap();
        server.plan(Stage::Mail, Verdict::Reply(code.parse().unwrap(), text.to_owned()));
        let outcome = session.send(&mail(&to("jörg@reader.example"), MESSAGE)).await;
        match &outcome {
            Outcome::Rejected(_) => assert!(rejected, "{outcome:?}"),
            Outcome::SenderRefused(_) => assert!(!rejected, "{outcome:?}"),
            other => panic!("{other:?}"),
        }
        server.plan(Stage::Mail, Verdict::Reply(code.parse().unwrap(), text.to_owned()));
        let outcome = session.send(&mail(&to("ada@reader.example"), MESSAGE)).await;
        assert!(matches!(outcome, Outcome::RelayTrouble { .. }), "{outcome:?}");
    }
    assert_eq!(
        code(&session.send(&mail(&to("jörg@reader.example"), MESSAGE)).await),
        250
    );
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_stored_is_not_acknowledged() {
    let server = Server::start(Options::default(), Inbox::refusing()).await;
    let outcome = server
        .session()
        .await
        .send(&mail(&to("ada@reader.example"), MESSAGE))
        .await;
    assert!(
        matches!(&outcome, Outcome::Deferred(reply) if reply.text == "the disk is full"),
        "{outcome:?}"
    );
    server.stop().await;
}

#[tokio::test]
async fn an_error_about_a_closed_port_does_not_show_the_login() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let relay = Relay::parse(&format!("smtp://desk:hunter2@127.0.0.1:{port}")).unwrap();
    let error = Session::connect(&relay, &Timeouts::default(), "daywire.example")
        .await
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with(&format!("smtp://127.0.0.1:{port} cannot be reached: ")),
        "{error}"
    );
    let hello = Session::connect(&relay, &Timeouts::default(), "a\r\nb")
        .await
        .err()
        .unwrap();
    assert!(matches!(hello, SendError::Hello(_)));
}

#[tokio::test]
async fn many_connections_at_once_deliver_everything_once() {
    let server = Server::start(
        Options {
            connections: 8,
            ..Options::default()
        },
        Inbox::default(),
    )
    .await;
    let senders: Vec<_> = (0..20)
        .map(|sender| {
            let relay = server.relay();
            tokio::spawn(async move {
                let mut session = Session::connect(&relay, &Timeouts::default(), "daywire.example")
                    .await
                    .unwrap();
                for n in 0..10 {
                    assert_eq!(
                        code(
                            &session
                                .send(&mail(&to(&format!("r{sender}-{n}@reader.example")), MESSAGE))
                                .await
                        ),
                        250
                    );
                }
                session.quit().await;
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let mut recipients: Vec<_> = server
        .mail()
        .into_iter()
        .flat_map(|mail| mail.transaction.recipients)
        .collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 200);
    server.stop().await;
}

#[tokio::test]
async fn a_shutdown_closes_idle_connections_and_finishes_messages() {
    let server = Server::plain().await;
    let mut idle = BufReader::new(TcpStream::connect(("127.0.0.1", server.port)).await.unwrap());
    let mut greeting = String::new();
    idle.read_line(&mut greeting).await.unwrap();
    let mut busy = BufReader::new(TcpStream::connect(("127.0.0.1", server.port)).await.unwrap());
    let commands = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nhalf a mess";
    busy.write_all(commands.as_bytes()).await.unwrap();
    let mut received = String::new();
    while !received.contains("354") {
        assert_ne!(busy.read_line(&mut received).await.unwrap(), 0);
    }
    server.shutdown.cancel();
    let mut goodbye = String::new();
    idle.read_to_string(&mut goodbye).await.unwrap();
    assert_eq!(goodbye, "421 4.3.2 shutting down\r\n");
    busy.write_all(b"age\r\n.\r\n").await.unwrap();
    received.clear();
    busy.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "250 2.0.0 accepted\r\n421 4.3.2 shutting down\r\n");
    assert_eq!(server.mail()[0].bytes, b"half a message\r\n");
    server.stop().await;
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_and_bad_ones_do_no_harm() {
    let server = Server::plain().await;
    let pipelined =
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n..x\r\n.\r\nNOOP\r\nQUIT\r\n";
    let answers = say(server.address(), pipelined).await;
    let codes: Vec<_> = answers.lines().map(|line| &line[..3]).collect();
    assert_eq!(codes.join(" "), "220 250 250 250 250 250 250 250 250 354 250 250 221");
    assert_eq!(server.mail()[0].bytes, b".x\r\n");

    let answers = say(
        server.address(),
        "RCPT TO:<a@b.example>\r\nEHLO x\r\nDATA\r\nNOOP\nFOO\r\nAUTH PLAIN\r\nQUIT\r\n",
    )
    .await;
    let codes: Vec<_> = answers
        .lines()
        .filter(|line| &line[3..4] == " ")
        .map(|line| &line[..3])
        .collect();
    assert_eq!(codes.join(" "), "220 503 250 503 500 500 502 221");

    let long = format!(
        "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n{}\r\n.\r\nQUIT\r\n",
        "x".repeat(999)
    );
    assert!(
        say(server.address(), &long)
            .await
            .contains("554 5.6.0 the message has a line longer")
    );
    let endless = "x".repeat(13_000) + "\r\n";
    assert!(say(server.address(), &endless).await.contains("500 5.5.2"));
    assert!(
        say(server.address(), &"FOO\r\n".repeat(30))
            .await
            .ends_with("421 4.7.0 too many protocol errors\r\n")
    );
    server.stop().await;
}
