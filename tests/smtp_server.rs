//! The SMTP server: LMTP, its limits, and messages that it takes as they come.

use std::time::Duration;

use daywire::mail::server::{Content, Options, Stage, Verdict};
use tokio::time::interval;

use crate::smtp::{Inbox, Server};
use crate::support::raw_smtp::{RawSmtp, say};

const LONG: Duration = Duration::from_mins(5);
const SHORT: Duration = Duration::from_millis(300);

/// A server that takes everything, as the listener for returned mail does.
fn lenient() -> Options {
    Options {
        content: Content::AsReceived,
        lmtp: true,
        size_limit: 1000,
        ..Options::default()
    }
}

async fn start(options: Options) -> Server {
    Server::start(options, Inbox::default()).await
}

/// The codes of all replies, without the lines before the last of each.
fn codes(replies: &str) -> String {
    let last = replies.lines().filter(|line| line.get(3..4) == Some(" "));
    last.map(|line| &line[..3]).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn lmtp_replies_to_the_message_once_for_each_recipient() {
    let server = start(lenient()).await;
    let replies = say(
        server.address(),
        "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(codes(&replies), "220 250 250 250 250 354 250 250 221");
    let recipients: Vec<_> = server
        .mail()
        .into_iter()
        .map(|mail| mail.transaction.recipients)
        .collect();
    assert_eq!(recipients, [["a@b.example"], ["c@d.example"]]);

    // The same connection may begin again by SMTP.
    let replies = say(
        server.address(),
        "LHLO x\r\nEHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(codes(&replies), "220 250 250 250 250 250 354 250 221");
    assert_eq!(server.mail()[2].transaction.recipients, ["a@b.example", "c@d.example"]);
    server.stop().await;
}

#[tokio::test]
async fn lmtp_is_unknown_where_it_is_not_offered() {
    let server = start(Options::default()).await;
    let replies = say(server.address(), "LHLO x\r\nMAIL FROM:<>\r\nQUIT\r\n").await;
    assert_eq!(codes(&replies), "220 500 503 221");
    server.stop().await;
}

#[tokio::test]
async fn lmtp_defers_every_recipient_if_the_message_cannot_be_stored() {
    let server = Server::start(lenient(), Inbox::refusing()).await;
    let replies = say(
        server.address(),
        "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(codes(&replies), "220 250 250 250 250 354 451 451 221");
    server.stop().await;
}

#[tokio::test]
async fn lmtp_refuses_data_after_it_refused_every_recipient() {
    let server = start(lenient()).await;
    server.plan(Stage::Rcpt, Verdict::Reply(550, "5.1.1 unknown".to_owned()));
    let replies = say(
        server.address(),
        "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(codes(&replies), "220 250 250 550 503 221");
    server.stop().await;
}

#[tokio::test]
async fn a_message_is_taken_as_it_comes_and_only_crlf_dot_crlf_ends_it() {
    let server = start(lenient()).await;
    for body in [
        "a\n.\nMAIL FROM:<x@y.example>\nRCPT TO:<z@y.example>\n",
        "a\r.\rQUIT\r",
        "a\r\n.\nQUIT\r\n",
        "a\n.\r\nQUIT\r\n",
        "a\r\r\n",
    ] {
        let before = server.mail().len();
        let text = format!("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n{body}\r\n.\r\nQUIT\r\n");
        assert_eq!(
            codes(&say(server.address(), &text).await),
            "220 250 250 250 354 250 221",
            "{body:?}"
        );
        assert_eq!(server.mail().len(), before + 1);
        // A dot at the beginning of a line is removed, as every server does.
        let expected = format!("{body}\r\n").replace("\r\n.", "\r\n");
        assert_eq!(String::from_utf8_lossy(&server.mail()[before].bytes), expected);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_cut_and_read_to_its_end() {
    let server = start(lenient()).await;
    let body = "x".repeat(200_000);
    let text = format!(
        "EHLO x\r\nMAIL FROM:<> SIZE=200000\r\nRCPT TO:<a@b.example>\r\nDATA\r\n{body}\r\n.\r\nNOOP\r\nQUIT\r\n"
    );
    let replies = say(server.address(), &text).await;
    assert_eq!(codes(&replies), "220 250 250 250 354 250 250 221");
    assert!(!replies.contains("SIZE"), "{replies}");
    assert_eq!(server.mail()[0].bytes, &body.as_bytes()[..1000]);
    server.stop().await;
}

#[tokio::test]
async fn a_sender_that_is_no_valid_address_is_accepted() {
    let server = start(lenient()).await;
    let text = [
        &b"EHLO x\r\nMAIL FROM:<m\xfcller at home>\r\n"[..],
        b"RCPT TO:<@relay.example:a@b.example> NOTIFY=NEVER\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n",
    ]
    .concat();
    assert_eq!(codes(&say(server.address(), text).await), "220 250 250 250 354 250 221");
    assert_eq!(server.mail()[0].transaction.recipients, ["a@b.example"]);
    server.stop().await;
}

#[tokio::test]
async fn a_silent_client_is_disconnected() {
    let server = start(Options {
        idle: SHORT,
        ..lenient()
    })
    .await;
    let silent = RawSmtp::connect(server.address()).await;
    assert_eq!(silent.rest().await, "421 4.4.2 silent for too long\r\n");
    let mut half = RawSmtp::begin_message(server.address(), "a@b.example").await;
    half.send("half a message\r\n").await;
    assert_eq!(half.rest().await, "421 4.4.2 silent for too long\r\n");
    assert!(server.mail().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_sends_slowly_without_a_pause_is_disconnected_in_the_end() {
    let server = start(Options {
        lifetime: SHORT,
        ..lenient()
    })
    .await;
    for is_in_message in [false, true] {
        let mut client = if is_in_message {
            RawSmtp::begin_message(server.address(), "a@b.example").await
        } else {
            RawSmtp::connect(server.address()).await
        };
        let mut tick = interval(Duration::from_millis(20));
        loop {
            tokio::select! {
                reply = client.reply() => {
                    assert_eq!(reply, "421 4.4.2 the connection lasted too long\r\n");
                    break;
                }
                _ = tick.tick() => {}
            }
            // It may have been disconnected since.
            let _ = client.try_send("x").await;
        }
    }
    assert!(server.mail().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_never_pauses_is_disconnected_in_the_end() {
    let server = start(Options {
        lifetime: SHORT,
        // A fast machine reaches the usual limit before the lifetime ends.
        commands_per_message: usize::MAX,
        ..lenient()
    })
    .await;
    let mut client = RawSmtp::connect(server.address()).await;
    let mut reply = client.ask("NOOP\r\n").await;
    while reply.starts_with("250") {
        reply = client.ask("NOOP\r\n").await;
    }
    assert_eq!(reply, "421 4.4.2 the connection lasted too long\r\n");
    server.stop().await;
}

#[tokio::test]
async fn commands_that_lead_to_no_message_are_limited() {
    let server = start(Options {
        commands_per_message: 6,
        ..lenient()
    })
    .await;
    let message = "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nhello\r\n.\r\n";
    let replies = say(server.address(), format!("EHLO x\r\n{}QUIT\r\n", message.repeat(5))).await;
    assert!(replies.ends_with("221 2.0.0 goodbye\r\n"), "{replies}");
    let replies = say(server.address(), format!("EHLO x\r\n{}", "NOOP\r\n".repeat(10))).await;
    assert!(
        replies.ends_with("250 2.0.0 ok\r\n421 4.7.0 too many commands\r\n"),
        "{replies}"
    );
    assert_eq!(codes(&replies), "220 250 250 250 250 250 250 421");
    server.stop().await;
}

#[tokio::test]
async fn recipients_of_one_message_are_limited() {
    let server = start(Options {
        recipients: 2,
        ..lenient()
    })
    .await;
    let recipients = "RCPT TO:<a@b.example>\r\n".repeat(3);
    let replies = say(
        server.address(),
        format!("EHLO x\r\nMAIL FROM:<>\r\n{recipients}DATA\r\nhello\r\n.\r\nQUIT\r\n"),
    )
    .await;
    assert_eq!(codes(&replies), "220 250 250 250 250 452 354 250 221");
    server.stop().await;
}

#[tokio::test]
async fn connections_of_one_network_are_limited() {
    let server = start(Options {
        connections_per_network: 2,
        ..lenient()
    })
    .await;
    let first = RawSmtp::connect(server.address()).await;
    let _second = RawSmtp::connect(server.address()).await;
    let refused = RawSmtp::connect_unread(server.address()).await.rest().await;
    assert!(refused.starts_with("421 4.7.0 too many connections"), "{refused}");
    let mut first = first;
    assert!(first.ask("QUIT\r\n").await.starts_with("221"));
    assert_eq!(first.rest().await, "");
    // The server counts the connection until its task ends, which is shortly after.
    let greeted = async {
        loop {
            let reply = RawSmtp::connect_unread(server.address()).await.reply().await;
            if reply.starts_with("220") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), greeted)
        .await
        .expect("a connection is free again");
    server.stop().await;
}

#[tokio::test]
async fn idle_clients_do_not_keep_others_out() {
    let server = start(Options {
        connections: 4,
        idle: LONG,
        idle_when_scarce: SHORT,
        ..lenient()
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(RawSmtp::connect(server.address()).await);
    }
    // All connections are in use. The idle ones that came last are disconnected soon.
    let text = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n";
    assert_eq!(codes(&say(server.address(), text).await), "220 250 250 250 354 250 221");
    drop(idle);
    server.stop().await;
}

/// Clients that send a command now and then are never silent.
#[tokio::test]
async fn clients_that_deliver_nothing_do_not_keep_others_out() {
    let server = start(Options {
        connections: 4,
        idle: LONG,
        idle_when_scarce: LONG,
        replaceable_after: Some(SHORT),
        ..lenient()
    })
    .await;
    let address = server.address();
    let mut busy = tokio::task::JoinSet::new();
    for commands in ["NOOP\r\n", "RSET\r\n", "EHLO x\r\n"].into_iter().cycle().take(6) {
        busy.spawn(async move {
            let mut every = tokio::time::interval(SHORT / 20);
            let mut connection = RawSmtp::connect_unread(address).await;
            loop {
                if connection.try_send(commands).await.is_err() {
                    connection = RawSmtp::connect_unread(address).await;
                }
                every.tick().await;
            }
        });
    }
    let text = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n";
    for _ in 0..3 {
        let replies = tokio::time::timeout(Duration::from_secs(20), say(address, text)).await;
        assert_eq!(codes(&replies.expect("it gets a place")), "220 250 250 250 354 250 221");
    }
    busy.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn a_client_whose_place_is_needed_gets_421_also_within_a_message() {
    let server = start(Options {
        connections: 1,
        replaceable_after: Some(Duration::from_millis(20)),
        ..lenient()
    })
    .await;
    let idle = RawSmtp::connect(server.address()).await;
    let receiving = RawSmtp::begin_message(server.address(), "a@b.example").await;
    let reply = idle.rest().await;
    assert!(reply.starts_with("421 4.3.2 other clients wait"), "{reply}");
    let _third = RawSmtp::connect(server.address()).await;
    let reply = receiving.rest().await;
    assert!(reply.starts_with("421 4.3.2 other clients wait"), "{reply}");
    server.stop().await;
}

#[tokio::test]
async fn while_connections_are_scarce_a_client_without_a_recipient_gets_few_commands() {
    let server = start(Options {
        connections: 2,
        commands_when_scarce: 3,
        ..lenient()
    })
    .await;
    let first = RawSmtp::connect(server.address()).await;
    let replies = say(server.address(), "EHLO x\r\nNOOP\r\nNOOP\r\nNOOP\r\n").await;
    assert_eq!(codes(&replies), "220 250 250 250 421");
    let message = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nNOOP\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n";
    let replies = say(server.address(), message).await;
    assert_eq!(codes(&replies), "220 250 250 250 250 354 250 221");
    drop(first);
    server.stop().await;
}
