//! Returned mail: the return paths of sent messages, reports about them, and how they are handed over.

use daywire::config::Config;

use super::TestApp;
use super::mock_relay::parse;
use super::program::Program;

pub const RETURN_PATH: &str = "bounce@news.example";

/// A message within a message that has no body: in a build with debug assertions, mail-parser panics on it.
pub const UNREADABLE: &str = "Content-Type: multipart/report; boundary=\"b b\"\r\n\r\n--b b\r\nContent-Type: message/rfc822\r\n\r\n\
                              Content-Type: message/rfc822\r\n\r\n\r\n--b b--\r\n";

pub fn set_return_path(config: &mut Config) {
    config.mail.return_path = Some(RETURN_PATH.parse().expect("the address is valid"));
}

/// A delivery status notification to `to` about `recipient`.
pub fn report(to: &str, recipient: &str, status: &str, diagnostic: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.reader.example\r\nTo: <{to}>\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.reader.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {diagnostic}\r\n--b--\r\n"
    )
}

/// A feedback report of `kind` to `to`, such as `abuse`.
pub fn complaint(to: &str, kind: &str) -> String {
    format!(
        "From: feedback@provider.example\r\nTo: <{to}>\r\nSubject: Report\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\
         Content-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n--b--\r\n"
    )
}

/// The return path of the last message that a reader got.
pub fn return_path(app: &TestApp, reader: &str) -> String {
    let received = app.relay.received_for(reader);
    let last = received.last().expect("the reader got a message");
    last.transaction
        .return_path
        .clone()
        .expect("the message has a return path")
}

/// The tag in the Message-ID of the message that a reader got.
pub fn message_id_tag(app: &TestApp, reader: &str) -> String {
    let received = app.relay.received_for(reader);
    let id = parse(&received[0].bytes).message_id().map(str::to_owned);
    let id = id.expect("the message has a Message-ID");
    let (tag, domain) = id.split_once('@').expect("a Message-ID has two sides");
    assert_eq!((tag.len(), domain), (52, "news.example"));
    tag.to_owned()
}

/// The program, with the same return path.
pub fn program(app: &TestApp) -> Program {
    Program::of(app).with("DAYWIRE_MAIL__RETURN_PATH", RETURN_PATH)
}

/// Hands one returned mail over.
pub fn ingest(app: &TestApp, message: &str) {
    let program = program(app);
    let file = program.file("returned.eml", message);
    program.ok(&["bounce", "ingest", &file]);
}

/// Hands returned mails over, all at once.
pub fn ingest_all(program: &Program, messages: &[String]) {
    let mut arguments = vec!["bounce".to_owned(), "ingest".to_owned()];
    for (n, message) in messages.iter().enumerate() {
        arguments.push(program.file(&format!("returned-{n}.eml"), message));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.ok(&arguments);
}
