//! One session sends message after message. The outcome of each message must not depend on the extensions that the relay
//! offers, nor on how it splits its replies.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use daywire::mail::relay::Relay;
use daywire::mail::reply::Reply;
use daywire::mail::smtp::{Delivered, Envelope, Outcome, Outgoing, Session, Timeouts};

use crate::support::adversarial_relay::{AdversarialRelay, Behaviour, Fault, Packets, Stage};
use crate::support::smtp_address;
use crate::support::tls::certificate;

const EXTENSIONS: [&str; 5] = ["PIPELINING", "8BITMIME", "SIZE", "SMTPUTF8", "DSN"];
const PACKETS: [Packets; 3] = [Packets::Together, Packets::Separate, Packets::SingleBytes];
const STRAY_REPLIES: [&str; 4] = ["250 stray", "421 4.3.2 closing", "354 stray", "550 5.1.1 stray"];

/// The local part of a message's recipient, the relay's fault, and the expected outcome.
type Case = (&'static str, Option<(Stage, Fault)>, &'static str);

fn cases() -> Vec<Case> {
    use Fault::{AcceptAndHangUp, HangUp, RefuseAndTakeData};
    use Stage::{Data, FinalDot, Mail, Rcpt};
    let at = |stage, fault| Some((stage, fault));
    vec![
        ("first", None, "accepted"),
        ("large", None, "accepted"),
        (
            "policy",
            at(Mail, Fault::Reply("550 5.7.1 not from you")),
            "trouble 550",
        ),
        ("after-policy", None, "accepted"),
        (
            "unknown",
            at(Rcpt, Fault::Reply("550-5.1.1 no such\r\n550 5.1.1 mailbox")),
            "rejected 550",
        ),
        ("later", at(Rcpt, Fault::Reply("451 4.3.0 later")), "deferred 451"),
        ("after-later", None, "accepted"),
        (
            "taken-anyway",
            at(Rcpt, RefuseAndTakeData("550 5.1.1 no such mailbox", "554 5.5.1 nobody")),
            "rejected 550",
        ),
        (
            "taken-anyway-too",
            at(Rcpt, RefuseAndTakeData("451 4.3.0 later", "250 sent to nobody")),
            "deferred 451",
        ),
        ("after-empty", None, "accepted"),
        ("no-data", at(Data, Fault::Reply("554 5.6.0 no")), "sender refused 554"),
        (
            "later-data",
            at(Data, Fault::Reply("451-4.3.0 la\r\n451 4.3.0 ter")),
            "deferred 451",
        ),
        ("dots", None, "accepted"),
        (
            "bad-form",
            at(FinalDot, Fault::Reply("554 5.6.0 not MIME")),
            "sender refused 554",
        ),
        (
            "later-dot",
            at(FinalDot, Fault::Reply("452 4.3.1 no space")),
            "deferred 452",
        ),
        ("empty", None, "accepted"),
        ("bye-mail", at(Mail, Fault::Reply("421 4.3.2 closing")), "slow 421"),
        ("after-bye", None, "accepted"),
        ("bye-rcpt", at(Rcpt, Fault::Reply("421 4.3.2 closing")), "slow 421"),
        ("bye-data", at(Data, Fault::Reply("421 4.3.2 closing")), "slow 421"),
        ("between", None, "accepted"),
        ("bye-dot", at(FinalDot, Fault::Reply("421 4.3.2 closing")), "slow 421"),
        ("off-mail", at(Mail, HangUp), "lost"),
        ("after-off", None, "accepted"),
        ("off-rcpt", at(Rcpt, HangUp), "lost"),
        ("off-data", at(Data, HangUp), "lost"),
        ("in-front", None, "accepted"),
        ("off-dot", at(FinalDot, HangUp), "in doubt"),
        ("taken-off", at(FinalDot, AcceptAndHangUp), "in doubt"),
        ("last", None, "accepted"),
    ]
}

fn body(name: &str) -> Vec<u8> {
    let head = format!("From: <desk@example.org>\r\nSubject: {name}\r\n\r\n");
    let text = match name {
        // Several blocks, so that the last one is sent together with the commands for the next message.
        "large" => b"0123456789012345678901234567890123456789\r\n".repeat(8000),
        "dots" => b".\r\n..\r\n.x\r\n\r\n.\r\n\r\n".to_vec(),
        "empty" => return b"\r\n".to_vec(),
        _ => b"Hello\r\n".to_vec(),
    };
    [head.into_bytes(), text].concat()
}

fn mail(name: &str, body: &[u8]) -> Outgoing {
    let envelope = Envelope {
        // The sender's address never needs an extension.
        return_path: Some(smtp_address(&format!("{}@example.org", name.replace('ö', "oe")))),
        recipient: smtp_address(&format!("{name}@reader.example")),
    };
    Outgoing::new(envelope, body).expect("the message has whole lines")
}

fn behaviour(offers: &[&'static str], packets: Packets) -> Behaviour {
    Behaviour {
        offers: offers.to_vec(),
        packets,
        tls: None,
        faults: HashMap::new(),
        after_ehlo: "",
        rset: "250-all is\r\n250 forgotten",
    }
}

/// Every combination of the extensions.
fn combinations() -> impl Iterator<Item = Vec<&'static str>> {
    (0..1 << EXTENSIONS.len()).map(|set| {
        let chosen = EXTENSIONS.iter().enumerate().filter(move |(n, _)| set & (1 << n) != 0);
        chosen.map(|(_, extension)| *extension).collect()
    })
}

/// An outcome as the cases spell it.
fn name(outcome: &Outcome) -> String {
    let code = |reply: &Reply| reply.code;
    match outcome {
        Outcome::Accepted(_) => "accepted".into(),
        Outcome::Deferred(reply) => format!("deferred {}", code(reply)),
        Outcome::Slow { reply, .. } => format!("slow {}", code(reply)),
        Outcome::Rejected(reply) => format!("rejected {}", code(reply)),
        Outcome::RelayTrouble { reply, .. } => format!("trouble {}", reply.as_ref().map_or(0, code)),
        Outcome::SenderRefused(reply) => format!("sender refused {}", code(reply)),
        Outcome::Lost(_) => "lost".into(),
        Outcome::InDoubt(_) => "in doubt".into(),
    }
}

/// Sends the messages as a connection task does. The commands for the next message go with the text of the one before. If a
/// connection that carried a message was closed, the next message goes over a new connection.
async fn send(relay: &Relay, mails: &[Outgoing]) -> Vec<String> {
    let mut outcomes = Vec::new();
    let mut open: Option<Session> = None;
    let (mut sent, mut announced) = (0, false);
    while let Some(mail) = mails.get(outcomes.len()) {
        let mut session = if let Some(session) = open.take().filter(Session::is_open) {
            session
        } else {
            (sent, announced) = (0, false);
            let session = Session::connect(relay, &Timeouts::default(), "daywire.example").await;
            session.expect("the relay accepts the connection")
        };
        if !announced {
            match session.send_envelope(mail).await {
                Ok(()) => {}
                Err(Outcome::Lost(_)) if sent > 0 => continue,
                Err(outcome) => {
                    outcomes.push(name(&outcome));
                    open = Some(session);
                    continue;
                }
            }
        }
        let next = mails.get(outcomes.len() + 1);
        let Delivered { outcome, next: answer } = session.send_text(mail, next).await;
        outcomes.push(name(&outcome));
        sent += 1;
        announced = answer == Some(Ok(()));
        if let Some(Err(outcome)) = answer {
            outcomes.push(name(&outcome));
        }
        open = Some(session);
    }
    if let Some(session) = open {
        session.quit().await;
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_are_the_same_with_all_extensions_and_ways_to_reply() {
    let (tls, pem) = certificate();
    for offers in combinations() {
        for (packets, tls) in PACKETS
            .map(|packets| (packets, None))
            .into_iter()
            .chain([(Packets::Together, Some(&tls))])
        {
            let cases = cases();
            let faults = cases
                .iter()
                .filter_map(|(name, fault, _)| Some(((*name).to_owned(), fault.clone()?)));
            let (server, relay) = AdversarialRelay::open(Behaviour {
                faults: faults.collect(),
                tls: tls.cloned(),
                ..behaviour(&offers, packets)
            })
            .await;
            let relay = if tls.is_some() {
                relay.with_roots(pem.as_bytes()).expect("a root")
            } else {
                relay
            };
            let mails: Vec<_> = cases.iter().map(|(name, ..)| mail(name, &body(name))).collect();
            let outcomes = send(&relay, &mails).await;
            let case = format!("{offers:?} {packets:?} TLS: {}", tls.is_some());
            for ((name, _, expected), outcome) in cases.iter().zip(&outcomes) {
                assert_eq!(outcome, expected, "{name} with {case}");
            }
            let expected = cases
                .iter()
                .filter(|(name, _, outcome)| *outcome == "accepted" || *name == "taken-off");
            let expected: Vec<_> = expected.map(|(name, ..)| ((*name).to_owned(), body(name))).collect();
            assert!(
                *server
                    .observed
                    .accepted
                    .lock()
                    .expect("no thread panicked with the lock")
                    == expected,
                "{case}: the relay accepted other messages"
            );
            assert_eq!(
                *server
                    .observed
                    .violations
                    .lock()
                    .expect("no thread panicked with the lock"),
                Vec::<String>::new(),
                "{case}"
            );
            let empty_messages = if offers.contains(&"PIPELINING") { 2 } else { 0 };
            assert_eq!(
                server.observed.empty_messages.load(Ordering::SeqCst),
                empty_messages,
                "{case}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_needs_a_missing_extension_is_refused_and_the_next_is_sent() {
    let eight_bit = "Subject: 8\r\n\r\nGrüße\r\n".as_bytes();
    let mails = [
        mail("first", &body("first")),
        mail("eight-bit", eight_bit),
        mail("jörg", &body("jörg")),
        mail("eight-bit-jörg", eight_bit),
        mail("last", &body("last")),
    ];
    for offers in combinations() {
        for packets in PACKETS {
            let (server, relay) = AdversarialRelay::open(behaviour(&offers, packets)).await;
            let (eight, utf8) = (offers.contains(&"8BITMIME"), offers.contains(&"SMTPUTF8"));
            // The header of a message to Jörg is not ASCII either, so it needs 8BITMIME as well.
            let fits = [true, eight, utf8 && eight, utf8 && eight, true];
            let of_joerg = if utf8 { "rejected 554" } else { "rejected 553" };
            // A need that all recipients' messages have must not reject a recipient.
            let expected = ["accepted", "trouble 0", of_joerg, of_joerg, "accepted"];
            for ((outcome, fits), expected) in send(&relay, &mails).await.iter().zip(fits).zip(expected) {
                assert_eq!(outcome, if fits { "accepted" } else { expected }, "{offers:?}");
            }
            let accepted = server
                .observed
                .accepted
                .lock()
                .expect("no thread panicked with the lock")
                .len();
            assert_eq!(accepted, fits.iter().filter(|fits| **fits).count());
            assert_eq!(
                *server
                    .observed
                    .violations
                    .lock()
                    .expect("no thread panicked with the lock"),
                Vec::<String>::new()
            );
        }
    }
}

#[tokio::test]
async fn a_message_takes_one_round_trip_with_pipelining_and_four_without() {
    let mails: Vec<_> = (0..20).map(|n| mail(&format!("reader{n}"), &body("text"))).collect();
    for (offers, expected) in [(vec!["PIPELINING"], 20 + 1), (vec![], 4 * 20)] {
        let (server, relay) = AdversarialRelay::open(behaviour(&offers, Packets::Together)).await;
        assert!(send(&relay, &mails).await.iter().all(|outcome| outcome == "accepted"));
        // EHLO and QUIT take one round trip each.
        let round_trips = server.observed.round_trips.load(Ordering::SeqCst) - 2;
        assert_eq!(round_trips, expected, "{offers:?}");
        assert_eq!(server.observed.connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stray_reply_is_never_taken_for_the_answer_to_a_command() {
    for offers in [vec!["PIPELINING"], vec![]] {
        for packets in [Packets::Together, Packets::Separate] {
            for stray in STRAY_REPLIES {
                for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::FinalDot] {
                    for refused in [Stage::Rcpt, Stage::FinalDot] {
                        stray_at(&offers, packets, stray, stage, refused).await;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_stray_reply_before_the_first_message_does_not_answer_it() {
    for offers in [vec!["PIPELINING"], vec![]] {
        for stray in ["\r\n250 stray", "\r\n421 4.3.2 closing", "\r\n354 stray"] {
            let (server, relay) = AdversarialRelay::open(Behaviour {
                after_ehlo: stray,
                ..behaviour(&offers, Packets::Together)
            })
            .await;
            let outcomes = send(&relay, &[mail("first", &body("first"))]).await;
            assert_eq!(outcomes, ["lost"], "{stray} {offers:?}");
            assert!(
                server
                    .observed
                    .accepted
                    .lock()
                    .expect("no thread panicked with the lock")
                    .is_empty()
            );
        }
    }
}

#[tokio::test]
async fn after_a_refused_rset_the_session_continues_over_another_connection() {
    let mails = ["first", "second", "third"].map(|name| mail(name, &body(name)));
    for offers in [vec!["PIPELINING"], vec![]] {
        // The text of the refusal must not count for the next message.
        for (rset, then) in [
            ("550 5.1.1 no such mailbox", "accepted"),
            ("354 go", "accepted"),
            ("421 4.3.2 closing", "slow 421"),
        ] {
            let faults = [(
                "second".to_owned(),
                (Stage::Rcpt, Fault::Reply("550 5.1.1 no such mailbox")),
            )];
            let (server, relay) = AdversarialRelay::open(Behaviour {
                faults: faults.into(),
                rset,
                ..behaviour(&offers, Packets::Together)
            })
            .await;
            let outcomes = send(&relay, &mails).await;
            assert_eq!(outcomes, ["accepted", "rejected 550", then], "{rset} {offers:?}");
            let accepted = server
                .observed
                .accepted
                .lock()
                .expect("no thread panicked with the lock")
                .len();
            assert_eq!(
                accepted,
                outcomes.iter().filter(|outcome| *outcome == "accepted").count()
            );
        }
    }
}

/// The relay sends a stray reply after its answer for the second message, and refuses the third.
async fn stray_at(offers: &[&'static str], packets: Packets, stray: &'static str, stage: Stage, refused: Stage) {
    let faults = [
        ("second".to_owned(), (stage, Fault::StrayReply(stray))),
        ("third".to_owned(), (refused, Fault::Reply("550 5.1.1 no such mailbox"))),
    ];
    let (server, relay) = AdversarialRelay::open(Behaviour {
        faults: faults.into(),
        ..behaviour(offers, packets)
    })
    .await;
    let names = ["first", "second", "third", "fourth", "fifth"];
    let mails = names.map(|name| mail(name, &body(name)));
    let outcomes = send(&relay, &mails).await;
    let accepted = server
        .observed
        .accepted
        .lock()
        .expect("no thread panicked with the lock")
        .clone();
    let case = format!("{stray:?} at {stage:?}, refused at {refused:?}, {packets:?}, {offers:?}: {outcomes:?}");
    for (name, outcome) in names.iter().zip(&outcomes) {
        let copies = accepted.iter().filter(|(to, _)| to == name).count();
        match outcome.as_str() {
            "accepted" => assert_eq!(copies, 1, "{name}: {case}"),
            "in doubt" => assert!(copies <= 1, "{name}: {case}"),
            _ => assert_eq!(copies, 0, "{name}: {case}"),
        }
        // A stray reply must not reject a recipient. Within a pipelined group it looks like the reply to a command.
        let in_group = offers.contains(&"PIPELINING") && matches!(stage, Stage::Mail | Stage::Rcpt);
        let wrongly_rejected = outcome.starts_with("rejected") && *name != "third";
        assert!(in_group || !wrongly_rejected, "{name}: {case}");
    }
    assert_eq!(outcomes[0], "accepted", "{case}");
    assert_eq!(outcomes[4], "accepted", "{case}");
    assert!(
        server.observed.connections.load(Ordering::SeqCst) > 1,
        "the session continued over another connection: {case}"
    );
}

#[tokio::test]
async fn a_relay_that_offers_dsn_is_asked_for_reports_of_failures_and_delays() {
    let id = uuid::Uuid::from_u128(7);
    let mails = ["ada+x=y", "bea"].map(|name| mail(name, &body(name)).identified_by(id));
    for (offers, expected) in [
        (
            &["PIPELINING", "DSN"][..],
            [
                "MAIL FROM:<ada+x=y@example.org> RET=HDRS ENVID=00000000000000000000000000000007",
                "RCPT TO:<ada+x=y@reader.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ada+2Bx+3Dy@reader.example",
                "MAIL FROM:<bea@example.org> RET=HDRS ENVID=00000000000000000000000000000007",
                "RCPT TO:<bea@reader.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bea@reader.example",
            ],
        ),
        (
            &["PIPELINING"][..],
            [
                "MAIL FROM:<ada+x=y@example.org>",
                "RCPT TO:<ada+x=y@reader.example>",
                "MAIL FROM:<bea@example.org>",
                "RCPT TO:<bea@reader.example>",
            ],
        ),
    ] {
        let (server, relay) = AdversarialRelay::open(behaviour(offers, Packets::Together)).await;
        assert_eq!(send(&relay, &mails).await, ["accepted", "accepted"]);
        let envelopes = server
            .observed
            .envelopes
            .lock()
            .expect("no thread panicked with the lock");
        assert_eq!(*envelopes, expected);
    }
}
