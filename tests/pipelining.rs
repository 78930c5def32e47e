//! One session, one message after another: whatever the relay offers, and however it answers, the same becomes of each.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use daywire::mail::relay::Relay;
use daywire::mail::reply::Reply;
use daywire::mail::smtp::{Delivered, Envelope, Outcome, Outgoing, Session, Timeouts};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::adversarial_relay::{Act, AdversarialRelay, At, Behaviour, Manner};
use crate::support::smtp_address;

const EXTENSIONS: [&str; 4] = ["PIPELINING", "8BITMIME", "SIZE", "SMTPUTF8"];
const MANNERS: [Manner; 3] = [Manner::Together, Manner::Apart, Manner::Bytes];
const STRAYS: [&str; 4] = ["250 stray", "421 4.3.2 closing", "354 stray", "550 5.1.1 stray"];

/// The name of a message's recipient, what the relay does, and what becomes of it.
type Scene = (&'static str, Option<(At, Act)>, &'static str);

fn script() -> Vec<Scene> {
    use Act::{HangUp, RefuseAndTakeData, Say, TakeAndHangUp};
    use At::{Data, Dot, Mail, Rcpt};
    let at = |at, act| Some((at, act));
    vec![
        ("first", None, "accepted"),
        ("large", None, "accepted"),
        ("policy", at(Mail, Say("550 5.7.1 not from you")), "trouble 550"),
        ("after-policy", None, "accepted"),
        (
            "unknown",
            at(Rcpt, Say("550-5.1.1 no such\r\n550 5.1.1 mailbox")),
            "rejected 550",
        ),
        ("later", at(Rcpt, Say("451 4.3.0 later")), "deferred 451"),
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
        ("after-nothing", None, "accepted"),
        ("no-data", at(Data, Say("554 5.6.0 no")), "standing 554"),
        (
            "later-data",
            at(Data, Say("451-4.3.0 la\r\n451 4.3.0 ter")),
            "deferred 451",
        ),
        ("dots", None, "accepted"),
        ("bad-form", at(Dot, Say("554 5.6.0 not MIME")), "standing 554"),
        ("later-dot", at(Dot, Say("452 4.3.1 no space")), "deferred 452"),
        ("empty", None, "accepted"),
        ("bye-mail", at(Mail, Say("421 4.3.2 closing")), "slow 421"),
        ("after-bye", None, "accepted"),
        ("bye-rcpt", at(Rcpt, Say("421 4.3.2 closing")), "slow 421"),
        ("bye-data", at(Data, Say("421 4.3.2 closing")), "slow 421"),
        ("between", None, "accepted"),
        ("bye-dot", at(Dot, Say("421 4.3.2 closing")), "slow 421"),
        ("off-mail", at(Mail, HangUp), "lost"),
        ("after-off", None, "accepted"),
        ("off-rcpt", at(Rcpt, HangUp), "lost"),
        ("off-data", at(Data, HangUp), "lost"),
        ("in-front", None, "accepted"),
        ("off-dot", at(Dot, HangUp), "in doubt"),
        ("taken-off", at(Dot, TakeAndHangUp), "in doubt"),
        ("last", None, "accepted"),
    ]
}

fn body(name: &str) -> Vec<u8> {
    let head = format!("From: <desk@example.org>\r\nSubject: {name}\r\n\r\n");
    let text = match name {
        // Several blocks, so that the last one takes the next announcement with it.
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
    Outgoing::new(envelope, body).expect("whole lines")
}

fn told(offers: &[&'static str], manner: Manner) -> Behaviour {
    Behaviour {
        offers: offers.to_vec(),
        manner,
        tls: None,
        acts: HashMap::new(),
        after_ehlo: "",
        rset: "250-all is\r\n250 forgotten",
    }
}

/// Each with every other.
fn subsets() -> impl Iterator<Item = Vec<&'static str>> {
    (0..16).map(|set| {
        let chosen = EXTENSIONS.iter().enumerate().filter(move |(n, _)| set & (1 << n) != 0);
        chosen.map(|(_, extension)| *extension).collect()
    })
}

/// What became of a message, in words.
fn words(outcome: &Outcome) -> String {
    let code = |reply: &Reply| reply.code;
    match outcome {
        Outcome::Accepted(_) => "accepted".into(),
        Outcome::Deferred(reply) => format!("deferred {}", code(reply)),
        Outcome::Slow { reply, .. } => format!("slow {}", code(reply)),
        Outcome::Rejected(reply) => format!("rejected {}", code(reply)),
        Outcome::RelayTrouble { reply, .. } => format!("trouble {}", reply.as_ref().map_or(0, code)),
        Outcome::SenderRefused(reply) => format!("standing {}", code(reply)),
        Outcome::Lost(_) => "lost".into(),
        Outcome::InDoubt(_) => "in doubt".into(),
    }
}

/// Sends one after the other as a worker does: the next one is announced with the text of the one before, and what was
/// not even tried, because a connection that had served before was closed, goes by another.
async fn send(relay: &Relay, mails: &[Outgoing]) -> Vec<String> {
    let mut outcomes = Vec::new();
    let mut open: Option<Session> = None;
    let (mut served, mut awaited) = (0, false);
    while let Some(mail) = mails.get(outcomes.len()) {
        let mut session = if let Some(session) = open.take().filter(Session::is_open) {
            session
        } else {
            (served, awaited) = (0, false);
            let session = Session::connect(relay, &Timeouts::default(), "daywire.example").await;
            session.expect("it lets us in")
        };
        if !awaited {
            match session.announce(mail).await {
                Ok(()) => {}
                Err(Outcome::Lost(_)) if served > 0 => continue,
                Err(outcome) => {
                    outcomes.push(words(&outcome));
                    open = Some(session);
                    continue;
                }
            }
        }
        let next = mails.get(outcomes.len() + 1);
        let Delivered { outcome, next: answer } = session.deliver(mail, next).await;
        outcomes.push(words(&outcome));
        served += 1;
        awaited = answer == Some(Ok(()));
        if let Some(Err(outcome)) = answer {
            outcomes.push(words(&outcome));
        }
        open = Some(session);
    }
    if let Some(session) = open {
        session.quit().await;
    }
    outcomes
}

fn certificate() -> (Arc<ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    (Arc::new(config), made.cert.pem())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_relay_offers_and_however_it_answers_the_same_becomes_of_each_message() {
    let (tls, pem) = certificate();
    for offers in subsets() {
        for (manner, tls) in MANNERS
            .map(|manner| (manner, None))
            .into_iter()
            .chain([(Manner::Together, Some(&tls))])
        {
            let script = script();
            let acts = script
                .iter()
                .filter_map(|(name, act, _)| Some(((*name).to_owned(), act.clone()?)));
            let (sly, relay) = AdversarialRelay::open(Behaviour {
                acts: acts.collect(),
                tls: tls.cloned(),
                ..told(&offers, manner)
            })
            .await;
            let relay = if tls.is_some() {
                relay.with_roots(pem.as_bytes()).expect("a root")
            } else {
                relay
            };
            let mails: Vec<_> = script.iter().map(|(name, ..)| mail(name, &body(name))).collect();
            let outcomes = send(&relay, &mails).await;
            let case = format!("{offers:?} {manner:?} TLS: {}", tls.is_some());
            for ((name, _, expected), outcome) in script.iter().zip(&outcomes) {
                assert_eq!(outcome, expected, "{name} with {case}");
            }
            let expected = script
                .iter()
                .filter(|(name, _, becomes)| *becomes == "accepted" || *name == "taken-off");
            let expected: Vec<_> = expected.map(|(name, ..)| ((*name).to_owned(), body(name))).collect();
            assert!(
                *sly.seen.taken.lock().expect("it lives") == expected,
                "{case}: the relay got something else"
            );
            assert_eq!(
                *sly.seen.faults.lock().expect("it lives"),
                Vec::<String>::new(),
                "{case}"
            );
            let nothings = if offers.contains(&"PIPELINING") { 2 } else { 0 };
            assert_eq!(sly.seen.nothings.load(Ordering::SeqCst), nothings, "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_an_extension_is_refused_where_that_is_not_offered_and_the_next_goes_on() {
    let eight_bit = "Subject: 8\r\n\r\nGrüße\r\n".as_bytes();
    let mails = [
        mail("first", &body("first")),
        mail("eight-bit", eight_bit),
        mail("jörg", &body("jörg")),
        mail("eight-bit-jörg", eight_bit),
        mail("last", &body("last")),
    ];
    for offers in subsets() {
        for manner in MANNERS {
            let (sly, relay) = AdversarialRelay::open(told(&offers, manner)).await;
            let (eight, utf8) = (offers.contains(&"8BITMIME"), offers.contains(&"SMTPUTF8"));
            // The head of a message to Jörg is not ASCII either.
            let fits = [true, eight, utf8 && eight, utf8 && eight, true];
            let of_joerg = if utf8 { "rejected 554" } else { "rejected 553" };
            // What every recipient's message needs is no recipient's fault.
            let expected = ["accepted", "trouble 0", of_joerg, of_joerg, "accepted"];
            for ((outcome, fits), expected) in send(&relay, &mails).await.iter().zip(fits).zip(expected) {
                assert_eq!(outcome, if fits { "accepted" } else { expected }, "{offers:?}");
            }
            let taken = sly.seen.taken.lock().expect("it lives").len();
            assert_eq!(taken, fits.iter().filter(|fits| **fits).count());
            assert_eq!(*sly.seen.faults.lock().expect("it lives"), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn with_pipelining_a_message_costs_one_exchange_and_without_it_four() {
    let mails: Vec<_> = (0..20).map(|n| mail(&format!("reader{n}"), &body("text"))).collect();
    for (offers, expected) in [(vec!["PIPELINING"], 20 + 1), (vec![], 4 * 20)] {
        let (sly, relay) = AdversarialRelay::open(told(&offers, Manner::Together)).await;
        assert!(send(&relay, &mails).await.iter().all(|outcome| outcome == "accepted"));
        // EHLO and QUIT are one each.
        let turns = sly.seen.turns.load(Ordering::SeqCst) - 2;
        assert_eq!(turns, expected, "{offers:?}");
        assert_eq!(sly.seen.connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_relay_says_unasked_is_never_taken_for_an_answer() {
    for offers in [vec!["PIPELINING"], vec![]] {
        for manner in [Manner::Together, Manner::Apart] {
            for stray in STRAYS {
                for at in [At::Mail, At::Rcpt, At::Data, At::Dot] {
                    for refused in [At::Rcpt, At::Dot] {
                        stray_at(&offers, manner, stray, at, refused).await;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_a_relay_says_before_the_first_message_is_no_answer_to_it() {
    for offers in [vec!["PIPELINING"], vec![]] {
        for stray in ["\r\n250 stray", "\r\n421 4.3.2 closing", "\r\n354 stray"] {
            let (sly, relay) = AdversarialRelay::open(Behaviour {
                after_ehlo: stray,
                ..told(&offers, Manner::Together)
            })
            .await;
            let outcomes = send(&relay, &[mail("first", &body("first"))]).await;
            assert_eq!(outcomes, ["lost"], "{stray} {offers:?}");
            assert!(sly.seen.taken.lock().expect("it lives").is_empty());
        }
    }
}

#[tokio::test]
async fn a_relay_that_does_not_forget_what_it_refused_is_gone_on_with_over_another_connection() {
    let mails = ["first", "second", "third"].map(|name| mail(name, &body(name)));
    for offers in [vec!["PIPELINING"], vec![]] {
        // The words of the refusal must not stick to the next.
        for (rset, then) in [
            ("550 5.1.1 no such mailbox", "accepted"),
            ("354 go", "accepted"),
            ("421 4.3.2 closing", "slow 421"),
        ] {
            let acts = [("second".to_owned(), (At::Rcpt, Act::Say("550 5.1.1 no such mailbox")))];
            let (sly, relay) = AdversarialRelay::open(Behaviour {
                acts: acts.into(),
                rset,
                ..told(&offers, Manner::Together)
            })
            .await;
            let outcomes = send(&relay, &mails).await;
            assert_eq!(outcomes, ["accepted", "rejected 550", then], "{rset} {offers:?}");
            let taken = sly.seen.taken.lock().expect("it lives").len();
            assert_eq!(taken, outcomes.iter().filter(|outcome| *outcome == "accepted").count());
        }
    }
}

/// The relay says something behind its answer for the second message; the third is refused.
async fn stray_at(offers: &[&'static str], manner: Manner, stray: &'static str, at: At, refused: At) {
    let acts = [
        ("second".to_owned(), (at, Act::Also(stray))),
        ("third".to_owned(), (refused, Act::Say("550 5.1.1 no such mailbox"))),
    ];
    let (sly, relay) = AdversarialRelay::open(Behaviour {
        acts: acts.into(),
        ..told(offers, manner)
    })
    .await;
    let names = ["first", "second", "third", "fourth", "fifth"];
    let mails = names.map(|name| mail(name, &body(name)));
    let outcomes = send(&relay, &mails).await;
    let taken = sly.seen.taken.lock().expect("it lives").clone();
    let case = format!("{stray:?} at {at:?}, refused at {refused:?}, {manner:?}, {offers:?}: {outcomes:?}");
    for (name, outcome) in names.iter().zip(&outcomes) {
        let copies = taken.iter().filter(|(to, _)| to == name).count();
        match outcome.as_str() {
            "accepted" => assert_eq!(copies, 1, "{name}: {case}"),
            "in doubt" => assert!(copies <= 1, "{name}: {case}"),
            _ => assert_eq!(copies, 0, "{name}: {case}"),
        }
        // Nobody is given up for what the relay did not mean; amid a group nothing tells a stray line from an answer.
        let amid = offers.contains(&"PIPELINING") && matches!(at, At::Mail | At::Rcpt);
        let blamed = outcome.starts_with("rejected") && *name != "third";
        assert!(amid || !blamed, "{name}: {case}");
    }
    assert_eq!(outcomes[0], "accepted", "{case}");
    assert_eq!(outcomes[4], "accepted", "{case}");
    assert!(
        sly.seen.connections.load(Ordering::SeqCst) > 1,
        "it was gone on with: {case}"
    );
}
