//! Sessions with a server that follows a script: refusals, broken connections, and the exchanges of a login.

use futures_util::FutureExt as _;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::connection::Connection;
use super::*;
use crate::mail::relay::Security;
use crate::mail::tls;

mod floods;

const GREETING: (&str, &str) = ("", "* OK ready\r\n");
/// Expects a line without a command.
const EMPTY_LINE: &str = "an empty line";
const LOGIN: [(&str, &str); 4] = [
    GREETING,
    ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),
    ("LOGIN \"ada\" \"secret word\"", "TAG OK welcome\r\n"),
    (
        "CAPABILITY",
        "* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\nTAG OK done\r\n",
    ),
];

/// A server that expects commands and sends a reply to each, in which `TAG` is the tag of the command.
struct Script {
    server: Server,
    task: JoinHandle<()>,
}

impl Script {
    async fn start(security: Security, steps: Vec<(&'static str, &'static str)>) -> Self {
        Self::start_with(security, steps, None).await
    }

    /// With `flood`, the server repeats that after the last step and the next line of the client, until the client closes the connection.
    async fn start_with(
        security: Security,
        steps: Vec<(&'static str, &'static str)>,
        flood: Option<&'static str>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let port = listener.local_addr().expect("the socket is bound").port();
        let task = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("the client connects");
            let mut stream = BufReader::new(stream);
            for (expected, reply) in steps {
                let mut line = String::new();
                if !expected.is_empty() {
                    stream.read_line(&mut line).await.expect("the client sends text");
                    let is_expected = line.trim_end().ends_with(expected) || (expected == EMPTY_LINE && line == "\r\n");
                    assert!(is_expected, "{line:?} is not {expected:?}");
                }
                let tag = line.split(' ').next().unwrap_or_default();
                let reply = reply.replace("TAG", tag);
                stream.write_all(reply.as_bytes()).await.expect("the client reads");
            }
            if let Some(flood) = flood {
                let mut line = String::new();
                stream.read_line(&mut line).await.expect("the client sends text");
                while stream.write_all(flood.as_bytes()).await.is_ok() {}
            }
        });
        let server = Server {
            security,
            host: "127.0.0.1".to_owned(),
            port,
            username: "ada".to_owned(),
            tls: tls::client_config(tls::public_roots()).expect("TLS can be set up"),
        };
        Self { server, task }
    }

    /// After a login with a password.
    async fn logged_in(steps: &[(&'static str, &'static str)]) -> (Self, Session) {
        let script = Self::start(Security::None, [LOGIN.as_slice(), steps].concat()).await;
        let session = script.open(&password()).await.expect("the login succeeds");
        (script, session)
    }

    async fn open(&self, credential: &Credential) -> Result<Session, ImapError> {
        Session::open(&self.server, credential).await
    }

    /// Fails if the client did not follow the script.
    async fn finish(self) {
        self.task.await.expect("the client follows the script");
    }
}

fn password() -> Credential {
    Credential::Password(SecretString::from("secret word"))
}

fn mailbox(name: &str) -> MailboxName {
    MailboxName::parse(name).expect("the name is valid")
}

/// The text of the error that a connection ends with.
async fn error_of(security: Security, credential: Credential, steps: &[(&'static str, &'static str)]) -> String {
    let script = Script::start(security, steps.to_vec()).await;
    let error = script.open(&credential).await.err().expect("the connection fails");
    script.finish().await;
    error.to_string()
}

#[tokio::test]
async fn only_the_messages_that_a_search_finds_above_the_last_one_are_returned() {
    let (script, mut session) = Script::logged_in(&[
        (
            "SELECT \"INBOX\"",
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* VENDOR ((x)) {3}\r\nabc y\r\nTAG OK [READ-WRITE] done\r\n",
        ),
        ("NOOP", "* 4 EXISTS\r\nTAG OK\r\n"),
        (
            "UID SEARCH UID 10:* UNDELETED",
            "* SEARCH 12 9 11\r\n* SEARCH 12 10 \r\nTAG OK\r\n",
        ),
        ("NOOP", "TAG OK\r\n"),
        ("UID SEARCH UID 13:* UNDELETED", "* SEARCH\r\nTAG OK\r\n"),
    ])
    .await;
    assert_eq!(session.select(&mailbox("INBOX")).await.expect("the mailbox opens"), 7);
    assert_eq!(session.uids_above(9).await.expect("it is searched"), [10, 11, 12]);
    assert!(session.uids_above(12).await.expect("it is searched").is_empty());
    script.finish().await;
}

#[tokio::test]
async fn a_refused_or_broken_fetch_is_not_an_empty_result() {
    const FETCH: &str = "UID FETCH 5,6 (UID BODY.PEEK[]<0.10>)";
    let whole = "* 1 FETCH (UID 5 FLAGS (\\Seen) BODY[]<0> {12}\r\n0123456789ab)\r\n* 9 FETCH (FLAGS ())\r\n* 2 FETCH (BODY[]<0> \"x\" UID 6)\r\nTAG OK\r\n";
    let (script, mut session) = Script::logged_in(&[(FETCH, whole)]).await;
    let fetched = session.fetch(&[5, 6], 10).await.expect("they are fetched");
    let fetched: Vec<_> = fetched.iter().map(|m| (m.uid, m.content.as_slice())).collect();
    assert_eq!(fetched, [(5, b"0123456789".as_slice()), (6, b"x")]);
    script.finish().await;

    for (reply, reason) in [
        (
            "* 1 FETCH (UID 5 BODY[]<0> {1}\r\nx)\r\nTAG NO it is damaged\r\n",
            "refuses FETCH: it is damaged",
        ),
        (
            "* 1 FETCH (UID 5 BODY[]<0> {1}\r\nx)\r\n",
            "the server closed the connection",
        ),
        ("* 1 FETCH (UID 5 BODY[]<0> {9}\r\nx", "closed the connection"),
        ("* BYE too many connections\r\n", "too many connections"),
        ("* 1 FETCH UID\r\nTAG OK\r\n", "cannot be read"),
        ("d999 OK\r\n", "replied to another command"),
    ] {
        let (script, mut session) = Script::logged_in(&[(FETCH, reply)]).await;
        let error = session.fetch(&[5, 6], 10).await.expect_err("the fetch fails");
        assert!(error.to_string().contains(reason), "{error}");
        script.finish().await;
    }
}

#[tokio::test]
async fn a_message_that_a_fetch_leaves_out_must_be_gone() {
    const FETCH: &str = "UID FETCH 5,6 (UID BODY.PEEK[]<0.10>)";
    const SEARCH: &str = "UID SEARCH UID 6 UNDELETED";
    let one = "* 1 FETCH (UID 5 BODY[]<0> {1}\r\nx)\r\nTAG OK\r\n";
    let (script, mut session) = Script::logged_in(&[
        (FETCH, one),
        (SEARCH, "* SEARCH\r\nTAG OK\r\n"),
        (FETCH, one),
        (SEARCH, "* SEARCH 6\r\nTAG OK\r\n"),
    ])
    .await;
    assert_eq!(session.fetch(&[5, 6], 10).await.expect("6 was removed").len(), 1);
    let error = session
        .fetch(&[5, 6], 10)
        .await
        .expect_err("6 is still there")
        .to_string();
    assert!(error.contains("returned nothing for a message"), "{error}");
    script.finish().await;
}

#[tokio::test]
async fn messages_are_moved_or_copied_and_removed_without_touching_others() {
    let (script, mut session) = Script::logged_in(&[
        ("UID MOVE 5,6 \"A&-B\"", "TAG NO [TRYCREATE] no such mailbox\r\n"),
        ("CREATE \"A&-B\"", "TAG OK\r\n"),
        ("SUBSCRIBE \"A&-B\"", "TAG NO\r\n"),
        ("UID MOVE 5,6 \"A&-B\"", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\nTAG OK\r\n"),
        ("UID MOVE 7 \"A&-B\"", "TAG NO over quota\r\n"),
        ("CREATE \"A&-B\"", "TAG NO it exists\r\n"),
    ])
    .await;
    session
        .move_messages(&[5, 6], &mailbox("A&B"))
        .await
        .expect("the messages are moved");
    let full = session.move_messages(&[7], &mailbox("A&B")).await;
    let full = full.expect_err("the mailbox is full").to_string();
    assert!(
        full.contains("A&B: over quota") && full.contains("intake.imap.move_to"),
        "{full}"
    );
    script.finish().await;

    let copy = [
        ("UID COPY 5 \"Done\"", "TAG OK\r\n"),
        ("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "TAG OK\r\n"),
        ("UID EXPUNGE 5", "TAG OK\r\n"),
    ];
    for (offered, steps) in [
        ("* CAPABILITY IMAP4rev1 UIDPLUS\r\nTAG OK\r\n", copy.as_slice()),
        // EXPUNGE without UIDs would remove what others have marked.
        ("* CAPABILITY IMAP4rev1\r\nTAG OK\r\n", &copy[..2]),
    ] {
        let steps = [&LOGIN[..3], &[("CAPABILITY", offered)], steps].concat();
        let script = Script::start(Security::None, steps).await;
        let mut session = script.open(&password()).await.expect("the login succeeds");
        session
            .move_messages(&[5], &mailbox("Done"))
            .await
            .expect("the messages are moved");
        script.finish().await;
    }
}

#[tokio::test]
async fn new_messages_that_arrive_before_idle_or_with_it_are_not_missed() {
    let (script, mut session) = Script::logged_in(&[
        ("NOOP", "TAG OK\r\n"),
        ("UID SEARCH UID 1:* UNDELETED", "* SEARCH\r\nTAG OK\r\n* 1 EXISTS\r\n"),
        ("IDLE", "* OK still here\r\n+ idling\r\n"),
        ("DONE", "* 2 EXISTS\r\nd6 OK\r\n"),
        ("NOOP", "TAG OK\r\n"),
        ("UID SEARCH UID 1:* UNDELETED", "* SEARCH\r\nTAG OK\r\n"),
        ("IDLE", "TAG NO not now\r\n"),
    ])
    .await;
    assert!(session.uids_above(0).await.expect("it is searched").is_empty());
    session.start_idle().await.expect("IDLE begins");
    session.wait_for_new_messages().await.expect("the report arrived");
    session.stop_idle().await.expect("IDLE ends");
    assert!(session.has_new_messages());
    assert!(session.uids_above(0).await.expect("it is searched").is_empty());
    assert!(!session.has_new_messages());
    let refused = session.start_idle().await.expect_err("the server refuses IDLE");
    assert!(refused.to_string().contains("refuses IDLE: not now"), "{refused}");
    script.finish().await;
}

#[tokio::test]
async fn a_response_is_complete_although_reading_it_was_interrupted() {
    let (near, mut far) = tokio::io::duplex(1024);
    let mut connection = Connection::new(Box::new(near));
    for part in ["* 1 FETCH (BODY[] {4}\r\nab", "cd)\r", "\n* 2 EXISTS\r\n"] {
        assert!(
            connection.read().now_or_never().is_none(),
            "the response is not complete"
        );
        far.write_all(part.as_bytes()).await.expect("the client is there");
    }
    let response = connection.read().await.expect("the response is complete");
    assert_eq!(response, b"* 1 FETCH (BODY[] {4}\r\nabcd)\r\n");
    assert_eq!(connection.read().await.expect("another follows"), b"* 2 EXISTS\r\n");
    drop(far);
    assert!(connection.read().await.is_err());
}

#[tokio::test]
async fn a_refused_token_is_reported_without_the_token() {
    let token = || Credential::Token(SecretString::from("ya29.token"));
    // `user=ada^Aauth=Bearer ya29.token^A^A` in base64.
    let offer = "* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\nTAG OK\r\n";
    let text = error_of(
        Security::None,
        token(),
        &[
            GREETING,
            ("CAPABILITY", offer),
            (
                "AUTHENTICATE XOAUTH2 dXNlcj1hZGEBYXV0aD1CZWFyZXIgeWEyOS50b2tlbgEB",
                "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n",
            ),
            (EMPTY_LINE, "d2 NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"),
        ],
    )
    .await;
    assert!(
        text.contains("Invalid credentials") && text.contains("intake.imap.token_file") && !text.contains("ya29"),
        "{text}"
    );
    // Without SASL-IR the response follows the server's question.
    let script = Script::start(
        Security::None,
        vec![
            GREETING,
            ("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK\r\n"),
            ("AUTHENTICATE XOAUTH2", "+ \r\n"),
            ("dXNlcj1hZGEBYXV0aD1CZWFyZXIgeWEyOS50b2tlbgEB", "d2 OK welcome\r\n"),
            ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),
        ],
    )
    .await;
    script.open(&token()).await.expect("the login succeeds");
    script.finish().await;
}

#[tokio::test]
async fn an_error_of_the_login_says_what_to_do_and_shows_no_secret() {
    for (offer, command, reply, shown) in [
        (
            "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n",
            "LOGIN \"ada\" \"secret word\"",
            "TAG BAD LOGIN ada \"secret word\" is refused\r\n",
            "its reply repeats the login",
        ),
        (
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nTAG OK\r\n",
            "AUTHENTICATE PLAIN AGFkYQBzZWNyZXQgd29yZA==",
            "TAG NO [ALERT] Application-specific password required\r\n",
            "Application-specific password required",
        ),
    ] {
        let steps = [GREETING, ("CAPABILITY", offer), (command, reply)];
        let text = error_of(Security::None, password(), &steps).await;
        assert!(text.contains(shown), "{text}");
        assert!(
            text.contains("intake.imap.password") && !text.contains("secret word"),
            "{text}"
        );
    }
    let token = Credential::Token(SecretString::from("t"));
    for (credential, offer, reason) in [
        (
            password(),
            "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK\r\n",
            "offers no login with a password",
        ),
        (
            token,
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK\r\n",
            "offers no login with a token",
        ),
    ] {
        let text = error_of(Security::None, credential, &[GREETING, ("CAPABILITY", offer)]).await;
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn no_login_is_tried_before_the_connection_is_secure() {
    for (security, steps, reason) in [
        (
            Security::StartTls,
            vec![GREETING, ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n")],
            "does not offer STARTTLS",
        ),
        (
            Security::StartTls,
            vec![
                GREETING,
                ("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK\r\n"),
                ("STARTTLS", "TAG OK begin\r\n* PREAUTH\r\n"),
            ],
            "plain text after agreeing to TLS",
        ),
        (
            Security::None,
            vec![("", "* PREAUTH welcome\r\n")],
            "logged in another user",
        ),
        (Security::None, vec![("", "* BYE full\r\n")], "full"),
        (Security::None, vec![("", "220 smtp\r\n")], "not IMAP"),
    ] {
        let text = error_of(security, password(), &steps).await;
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_changed_is_not_opened() {
    for (reply, reason) in [
        ("TAG NO no such mailbox\r\n", "no such mailbox"),
        ("* OK [UIDVALIDITY 7]\r\nTAG OK [READ-ONLY] done\r\n", "read-only"),
        ("TAG OK done\r\n", "no UIDVALIDITY"),
    ] {
        let (script, mut session) = Script::logged_in(&[("SELECT \"INBOX\"", reply)]).await;
        let error = session
            .select(&mailbox("INBOX"))
            .await
            .expect_err("the mailbox does not open");
        assert!(error.needs_operator() && error.to_string().contains(reason), "{error}");
        script.finish().await;
    }
}
