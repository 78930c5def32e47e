//! The start of an SMTP session: EHLO or HELO, and AUTH with a mechanism that the server accepts.

use daywire::mail::relay::Relay;
use daywire::mail::smtp::{Envelope, Outcome, Outgoing, SendError, Session, Timeouts};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::support::smtp_address;

/// Connects to a server that sends the first line at once, and each other line after a line of the client.
async fn connect(login: &str, lines: &[&str]) -> Result<Session, SendError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let port = listener.local_addr().expect("the socket is bound").port();
    let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("the client connects");
        let mut stream = BufReader::new(stream);
        for line in lines {
            stream
                .write_all(line.as_bytes())
                .await
                .expect("the client reads the line");
            let mut read = String::new();
            stream.read_line(&mut read).await.expect("the client sends a line");
        }
    });
    let relay = Relay::parse(&format!("smtp://{login}127.0.0.1:{port}")).expect("the address is valid");
    Session::connect(&relay, &Timeouts::default(), "daywire.example").await
}

#[tokio::test]
async fn after_a_permanent_refusal_of_ehlo_the_client_sends_helo() {
    for refusal in [
        "500 5.5.1 what?",
        "501 5.5.4 what?",
        "502 what?",
        "550 5.7.1 what?",
        "554 what?",
    ] {
        let refusal = format!("{refusal}\r\n");
        let lines = [
            "220 hi\r\n",
            &refusal,
            "250 hi\r\n",
            "250 ok\r\n",
            "250 ok\r\n",
            "354 go\r\n",
        ];
        let mut session = connect("", &lines).await.expect("HELO is accepted");
        let envelope = Envelope {
            return_path: None,
            recipient: smtp_address("ada@reader.example"),
        };
        let mail = Outgoing::new(envelope, b"Subject: x\r\n\r\nHello\r\n").expect("the message has whole lines");
        // The script ends before the last answer.
        assert!(matches!(session.send(&mail).await, Outcome::InDoubt(_)), "{refusal}");
    }
    // The server accepts neither: the first refusal is reported, even if the connection ends with it.
    for lines in [
        &["220 hi\r\n", "550 5.7.1 not you\r\n", "503 5.5.1 what?\r\n"] as &[&str],
        &["220 hi\r\n", "550 5.7.1 not you\r\n"],
        &["220 hi\r\n", "451 4.7.1 not you\r\n"],
    ] {
        let refused = connect("", lines).await.err().expect("the connection is refused");
        assert!(
            matches!(&refused, SendError::Refused { reply, .. } if reply.text == "not you"),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn after_a_refused_mechanism_the_client_tries_the_next_one() {
    for lines in [
        &[
            "220 hi\r\n",
            "250-hi\r\n250 AUTH PLAIN LOGIN\r\n",
            "504 5.5.4 mechanism disabled\r\n",
            "334 VXNlcm5hbWU6\r\n",
            "334 UGFzc3dvcmQ6\r\n",
            "235 ok\r\n",
        ] as &[&str],
        &[
            "220 hi\r\n",
            "250-hi\r\n250 AUTH CRAM-MD5 LOGIN PLAIN\r\n",
            "535 5.7.8 no\r\n",
            "334 VXNlcm5hbWU6\r\n",
            "334 UGFzc3dvcmQ6\r\n",
            "235 ok\r\n",
        ],
        &[
            "220 hi\r\n",
            "250-hi\r\n250-AUTH PLAIN\r\n250 AUTH=LOGIN\r\n",
            "534 5.7.9 too weak\r\n",
            "334 VXNlcm5hbWU6\r\n",
            "334 UGFzc3dvcmQ6\r\n",
            "235 ok\r\n",
        ],
        // The server asks for the response instead of reading it from the command.
        &["220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "334 \r\n", "235 ok\r\n"],
    ] {
        let session = connect("desk:hunter2@", lines).await;
        assert!(session.is_ok(), "{:?}", session.err());
    }
}

#[tokio::test]
async fn the_error_of_a_refused_login_shows_only_the_codes() {
    // AGRlc2sAaHVudGVyMg== is user and password.
    for (lines, shown) in [
        (
            &[
                "220 hi\r\n",
                "250-hi\r\n250 AUTH PLAIN\r\n",
                "535 5.7.8 no: AUTH PLAIN AGRlc2sAaHVudGVyMg==\r\n",
            ] as &[&str],
            "535 5.7.8",
        ),
        // The wrong password is reported, and not that the other mechanism is not allowed or that the connection ended.
        (
            &[
                "220 hi\r\n",
                "250-hi\r\n250 AUTH PLAIN LOGIN\r\n",
                "535 5.7.8 hunter2 is wrong\r\n",
                "504 5.5.4 no\r\n",
            ],
            "535 5.7.8",
        ),
        (
            &[
                "220 hi\r\n",
                "250-hi\r\n250 AUTH PLAIN LOGIN\r\n",
                "535 hunter2 is wrong\r\n",
            ],
            "535",
        ),
        (
            &[
                "220 hi\r\n",
                "250-hi\r\n250 AUTH PLAIN LOGIN\r\n",
                "454 4.7.0 hunter2 later\r\n",
            ],
            "454 4.7.0",
        ),
        (
            &[
                "220 hi\r\n",
                "250-hi\r\n250 AUTH LOGIN\r\n",
                "334 x\r\n",
                "334 x\r\n",
                "334 x\r\n",
                "501 5.5.0 hunter2\r\n",
            ],
            "501 5.5.0",
        ),
    ] {
        let refused = connect("desk:hunter2@", lines)
            .await
            .err()
            .expect("the connection is refused");
        let text = refused.to_string();
        assert!(
            text.contains(&format!("refuses the login with {shown}; check")),
            "{text}"
        );
        for text in [text, format!("{refused:?}"), format!("{:?}", Outcome::from(refused))] {
            assert!(!text.contains("hunter2") && !text.contains("AGRlc2sA"), "{text}");
        }
    }
}
