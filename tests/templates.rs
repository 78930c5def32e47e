//! A message template that is filled for a reader equals the message that is built for that reader alone.

use chrono::{DateTime, Utc};
use daywire::config::{Dkim, DkimKey};
use daywire::delivery::personalise::{IssueTemplate, Recipient, message, message_without_template};
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::SubscriptionId;
use daywire::mail::{
    Mailbox, SmtpAddress,
    dkim::{Signer, Signers},
    message::{ListHeaders, Mail, MessageError, build},
    outgoing::{BareBreak, Outgoing},
    smtp::Envelope,
    template::{Template, Tokens},
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::signatures::{assert_flawless, keys, records, second_opinion, signers};
use crate::support::{Engine, TestApp, smtp_address};

const PLACEHOLDER: &str = "Qx_placeholder-of-a-token-AAAABBBBCCCC012345";
/// A tag of the address for unsubscribing by mail has small letters and digits. These have every character that stands in for another.
const TAG_PLACEHOLDER: &str = "aeaaaaaabbbb2yabcdefgh34567ijklmnopqrstuvwxyz234567a";
const TAG: &str = "aibbbbbbaaaa2yqwertzui23456pasdfghjklyxcvbnmqwer234b";

fn mail(text: &str, html: Option<&str>) -> Mail {
    Mail {
        from: Mailbox::named("Daywire", smtp_address("desk@example.org")),
        to: Mailbox::bare(smtp_address("nobody@example.org")),
        reply_to: None,
        subject: "Morning wire: 3 stories".to_owned(),
        date: now(),
        message_id: "nobody@example.org".to_owned(),
        reference_headers: Vec::new(),
        boundary_seed: "issue 42".to_owned(),
        text: text.to_owned(),
        html: html.map(str::to_owned),
        list: Some(ListHeaders {
            id: "morning.example.org".to_owned(),
            name: "Morning wire".to_owned(),
            unsubscribe_url: format!("https://example.org/unsubscribe/{PLACEHOLDER}"),
            unsubscribe_mail: None,
            post: true,
            feedback_id: "42:morning:digest:daywire".to_owned(),
            help: None,
            subscribe: None,
            archive: Some("https://example.org/archive/morning/42".to_owned()),
        }),
        auto_generated: false,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn envelope() -> Envelope {
    Envelope {
        return_path: Some(smtp_address("bounce@example.org")),
        recipient: smtp_address("ada@reader.example"),
    }
}

/// A token of any characters that tokens have, different for every `seed`.
fn token(seed: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..PLACEHOLDER.len())
        .map(|at| char::from(ALPHABET[(at * 7 + seed * 13 + at * at * seed) % ALPHABET.len()]))
        .collect()
}

/// The placeholders, and the tokens of a reader with this link token. The tag is used only if the mail names an address with it.
fn placeholders_and_tokens<'a>(mail: &Mail, link: &'a str) -> [Tokens<'a>; 2] {
    let list = mail.list.as_ref();
    if list.is_none_or(|list| list.unsubscribe_mail.is_none()) {
        return [PLACEHOLDER.into(), link.into()];
    }
    let tag = |link, tag| Tokens { link, tag };
    [tag(PLACEHOLDER, TAG_PLACEHOLDER), tag(link, TAG)]
}

/// The filled template and the built message of one reader.
fn both(mail: &Mail, to: Mailbox, token: &str) -> (Outgoing, Outgoing) {
    let id = format!("{}@example.org", token.len() * 31);
    let [placeholders, tokens] = placeholders_and_tokens(mail, token);
    let template = Template::new(mail, placeholders).unwrap();
    let filled = template.fill(&to, &id, tokens).unwrap().outgoing(envelope(), b"");
    let alone = build(&mail.for_recipient(placeholders, to, id, tokens)).unwrap();
    (filled, Outgoing::new(envelope(), &alone).unwrap())
}

fn assert_same(mail: &Mail, to: Mailbox, token: &str) {
    let (filled, alone) = both(mail, to, token);
    let readable = |outgoing: &Outgoing| String::from_utf8(outgoing.wire().to_vec()).unwrap();
    assert_eq!(readable(&filled), readable(&alone));
    assert_eq!(filled, alone);
}

/// A filled template with its signatures, and the same mail built alone and signed by one signer after the other.
fn both_signed(
    mail: &Mail,
    to: Mailbox,
    token: &str,
    signers: impl IntoIterator<Item = Signer>,
) -> (Outgoing, Outgoing) {
    let signers = Signers::new(signers.into_iter().collect());
    let id = format!("{}@example.org", token.len());
    let [placeholders, tokens] = placeholders_and_tokens(mail, token);
    let template = Template::new(mail, placeholders).unwrap();
    let filled = template.fill(&to, &id, tokens).unwrap();
    let filled = filled.outgoing(envelope(), &signers.sign_template(&filled, now()).unwrap());
    let alone = build(&mail.for_recipient(placeholders, to, id, tokens)).unwrap();
    let alone = signers
        .iter()
        .fold(alone, |message, signer| signer.sign(&message, now()).unwrap());
    (filled, Outgoing::new(envelope(), &alone).unwrap())
}

fn ada() -> Mailbox {
    Mailbox::named("Ada", smtp_address("ada@reader.example"))
}

/// The mail with an address for unsubscribing by mail.
fn with_unsubscribe_mail(mut mail: Mail) -> Mail {
    let list = mail.list.as_mut().expect("it is mail to a list");
    list.unsubscribe_mail = Some(smtp_address(&format!("bounce+{TAG_PLACEHOLDER}@example.org")));
    mail
}

#[test]
fn a_filled_template_with_an_unsubscribe_address_equals_a_built_message() {
    let mail = with_unsubscribe_mail(mail(
        &format!("Leave: {PLACEHOLDER}"),
        Some(&format!("<p>{PLACEHOLDER}</p>")),
    ));
    assert_same(&mail, ada(), &token(3));
    let (filled, _) = both(&mail, ada(), &token(3));
    let message = String::from_utf8(filled.message()).unwrap();
    let header = format!(
        "List-Unsubscribe: <https://example.org/unsubscribe/{}>,\r\n <mailto:bounce+{TAG}@example.org>\r\n",
        token(3)
    );
    assert!(message.contains(&header), "{message}");
    let (filled, alone) = both_signed(&mail, ada(), &token(4), signers());
    assert_eq!(filled, alone);
}

#[test]
fn a_filled_template_equals_a_built_message_for_every_content() {
    let link = format!("https://example.org/unsubscribe/{PLACEHOLDER}");
    let footer = format!("\n\nLeave: {link}\n.\n..\n{PLACEHOLDER}\n");
    let texts = [
        String::new(),
        footer.clone(),
        format!("{PLACEHOLDER}{PLACEHOLDER} {PLACEHOLDER}=\n={PLACEHOLDER}"),
        format!(".{PLACEHOLDER}\n.\n.\r\n.hidden\n"),
        format!("Новости дня — Zürich 🗞️ {link} ü{PLACEHOLDER}ü{footer}"),
        format!("{}{footer}", "a line that is long, ".repeat(300)),
        format!("{}\n{footer}{}", "x".repeat(3000), ".".repeat(400)),
        format!("trailing space \ntab\t\n{PLACEHOLDER} \n{PLACEHOLDER}\t\n \n\t \n\n\n"),
        format!("a lone\rCR, a NUL\0, {link}\r\n\r\n\r\n"),
        "without any link".to_owned(),
    ];
    for text in &texts {
        let html = format!("<!doctype html>\n<p style=\"color: red\">{text}</p><a href=\"{link}\">leave</a>");
        for html in [None, Some(""), Some(text.as_str()), Some(html.as_str())] {
            for seed in 1..4 {
                assert_same(&mail(text, html), ada(), &token(seed));
            }
        }
    }
}

#[test]
fn a_token_may_be_split_by_a_line_end_at_any_position() {
    for before in 0..160 {
        let text = format!(
            "{}{PLACEHOLDER}\n.{}{PLACEHOLDER}.\n",
            "x".repeat(before),
            "é".repeat(before / 3)
        );
        let mail = mail(&text, Some(&text));
        let (filled, alone) = both(&mail, ada(), &token(before));
        assert_eq!(filled, alone, "{before}");
    }
}

#[test]
fn a_filled_template_equals_a_built_message_for_every_recipient() {
    let text = format!("Hello\n{PLACEHOLDER}\n");
    let mail = mail(&text, Some(&text));
    let names = [
        None,
        Some(String::new()),
        Some("Ada Lovelace".to_owned()),
        Some("Lovelace, \"Ada\" \\ <ada>".to_owned()),
        Some("Jörg Ångström 🗞️".to_owned()),
        Some("Ünïcode of some length ".repeat(20)),
        Some("plain of some length ".repeat(20)),
        Some("x".repeat(400)),
        Some("=?utf-8?q?=0D=0ABcc:_x?=".to_owned()),
        Some("Ada\r\nBcc: x@y.example\0".to_owned()),
    ];
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
    let addresses = [
        "ada@reader.example",
        "jorg@bücher.example",
        "jörg@bücher.example",
        &long,
    ];
    for name in names {
        for address in addresses {
            let to = Mailbox {
                name: name.clone(),
                address: smtp_address(address),
            };
            assert_same(&mail, to, &token(address.len()));
        }
    }
}

#[test]
fn a_filled_template_equals_a_built_message_for_every_header() {
    let text = format!("Hello\n{PLACEHOLDER}\n");
    let plain = mail(&text, Some(&text));
    let subjects = [
        "",
        "To: nobody",
        "Новости дня: 3 ".repeat(20).leak(),
        "=?utf-8?q?x?=",
        "\r\nTo: x",
    ];
    for subject in subjects {
        let changed = Mail {
            subject: subject.to_owned(),
            from: Mailbox::named("Zürcher Nachrichten, täglich", smtp_address("desk@bücher.example")),
            reply_to: Some(Mailbox::named("To: Message-ID:", smtp_address("answers@example.org"))),
            auto_generated: true,
            ..plain.clone()
        };
        assert_same(&changed, ada(), &token(5));
    }
    assert_same(&Mail { list: None, ..plain }, ada(), &token(6));
}

#[test]
fn a_mail_that_cannot_be_built_makes_no_template() {
    let text = format!("Hello\n{PLACEHOLDER}\n");
    let good = mail(&text, None);
    let template = Template::new(&good, PLACEHOLDER).unwrap();
    let fill = |address: &str, id: &str, token: &str| {
        template
            .fill(&Mailbox::bare(smtp_address(address)), id, token)
            .map(|filled| filled.outgoing(envelope(), b""))
    };
    assert!(fill("ada@reader.example", "1@example.org", &token(1)).is_ok());
    for address in ["", "ada", "a>b@c.example", "a@b.example\r\nBcc: x"] {
        assert!(address.parse::<SmtpAddress>().is_err(), "{address:?}");
    }
    for id in ["", "1", "1@example.org>\r\nX: y"] {
        assert!(
            matches!(fill("ada@reader.example", id, &token(1)), Err(MessageError::MessageId)),
            "{id:?}"
        );
    }
    let (short, long) = (token(1)[1..].to_owned(), token(1) + "A");
    let unfit = [".", "=", " ", "\n", "/", "é"].map(|odd| odd.to_owned() + &token(1)[odd.len()..]);
    for token in [String::new(), short, long].into_iter().chain(unfit) {
        assert!(
            matches!(
                fill("ada@reader.example", "1@example.org", &token),
                Err(MessageError::Token(44))
            ),
            "{token:?}"
        );
    }
    assert!(matches!(Template::new(&good, ""), Err(MessageError::Token(0))));
    assert!("desk".parse::<Mailbox>().is_err());
}

#[test]
fn a_message_with_a_bare_cr_or_lf_is_not_sent() {
    for broken in ["a\nb\r\n", "a\rb\r\n", "a\r", "\n.\n"] {
        assert_eq!(
            Outgoing::new(envelope(), broken.as_bytes()),
            Err(BareBreak),
            "{broken:?}"
        );
    }
}

#[test]
fn sent_bytes_are_dot_stuffed_and_the_size_excludes_the_stuffing() {
    for (message, wire, size) in [
        ("", ".\r\n", 0),
        ("a\r\n.\r\n..b\r\n", "a\r\n..\r\n...b\r\n.\r\n", 11),
        ("a: é", "a: é\r\n.\r\n", 7),
    ] {
        let outgoing = Outgoing::new(envelope(), message.as_bytes()).unwrap();
        assert_eq!((outgoing.wire(), outgoing.size()), (wire.as_bytes(), size));
        assert_eq!(outgoing.is_ascii(), message.is_ascii());
        assert_eq!(outgoing.message().len(), size);
    }
}

/// Text with everything that encoders look at, and places for the token.
fn content() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,90}",
        2 => "\\PC{0,30}",
        2 => Just(PLACEHOLDER.to_owned()),
        2 => "[.=\t \r\n\0]{1,4}",
        1 => "[a-z]{70,80}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_filled_template_has_the_signatures_of_a_built_message() {
    let text = format!(".\n a  line \t with \t blanks  \n\n{PLACEHOLDER} \n\n  \n {PLACEHOLDER}é\n\n\n");
    let mails = [
        mail(&text, Some(&text)),
        mail(&text, None),
        mail("", Some("")),
        Mail {
            list: None,
            reply_to: Some(Mailbox::bare(smtp_address("answers@example.org"))),
            ..mail(PLACEHOLDER, Some("no link"))
        },
    ];
    let recipients = [
        ada(),
        Mailbox::named(
            "Ünïcode of some length ".repeat(20),
            smtp_address("jörg@bücher.example"),
        ),
    ];
    for mail in &mails {
        for to in &recipients {
            let [rsa, ed25519] = signers();
            for signers in [vec![rsa], vec![ed25519], signers().into(), Vec::new()] {
                let (filled, alone) = both_signed(mail, to.clone(), &token(3), signers);
                assert_eq!(
                    String::from_utf8(filled.wire().to_vec()),
                    String::from_utf8(alone.wire().to_vec())
                );
                assert_eq!(filled, alone);
            }
        }
    }
}

#[test]
fn signing_with_all_signers_equals_signing_one_after_the_other() {
    let message = build(&mail("text", Some("html"))).unwrap();
    let one_by_one = signers()
        .iter()
        .fold(message.clone(), |message, signer| signer.sign(&message, now()).unwrap());
    assert_eq!(
        Signers::new(signers().into()).sign(message.clone(), now()),
        Ok(one_by_one)
    );
    assert_eq!(Signers::default().sign(message.clone(), now()), Ok(message));
    let [rsa, ed25519] = signers();
    assert!(Signers::new(vec![rsa]).are_slow() && !Signers::new(vec![ed25519]).are_slow());
}

#[apply(with_dkimpy)]
fn python_verifies_both_signatures_of_a_filled_template() {
    for before in [0, 40, 60] {
        let text = format!("Leave:\n{}{PLACEHOLDER}\n.\n{PLACEHOLDER}", "x".repeat(before));
        let (filled, _) = both_signed(&mail(&text, Some(&text)), ada(), &token(before), signers());
        let report = second_opinion(&filled.message(), &records());
        assert_eq!(report["signatures"].as_array().map(Vec::len), Some(2), "{report:#}");
        assert_flawless(&report);
    }
}

/// Compares filled and built messages of an issue, signed with the chosen ones of two keys.
async fn check_signed_issue(engine: Engine, which: [bool; 2]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let key = |at: usize| {
        let file = folder.path().join(format!("{at}.pem"));
        std::fs::write(&file, &keys()[at].private_pem).expect("the scratch folder takes files");
        let selector = format!("key{at}");
        which[at].then_some(DkimKey { selector, file })
    };
    let dkim = Some(Dkim {
        domain: "example.org".to_owned(),
        key: key(0),
        ed25519_key: key(1),
    });
    let app = TestApp::with(engine, |config| config.dkim = dkim).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.articles(&daily, 5).await;
    let id = app.build(&daily).await;
    let issue = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .issue(id)
        .await;
    let issue = issue.expect("the database answers").expect("the issue exists");
    let parts = std::sync::Arc::new(IssueTemplate::new(&app.app, issue, daily).expect("the message is built"));
    for (at, name) in [None, Some("Ada"), Some("Jörg, Désk")].into_iter().enumerate() {
        let address = EmailAddress::parse("Ada@Bücher.example").expect("the address is valid");
        let to = Recipient {
            subscription: SubscriptionId(Uuid::from_u128(at as u128 + 7)),
            message_id_seed: Uuid::from_u128(at as u128 + 7),
            address: &address,
            name,
        };
        let filled = message(&app.app, &parts, to, now())
            .await
            .expect("the message is built");
        let alone = message_without_template(&app.app, &parts, to, now())
            .await
            .expect("the message is built");
        assert_eq!(filled, alone);
        let text = String::from_utf8(filled.message()).expect("the message is ASCII");
        let signatures = which.iter().filter(|set| **set).count();
        assert_eq!(text.matches("DKIM-Signature: ").count(), signatures);
        assert!(!text.contains(&app.app.keys.unsubscribe_token(SubscriptionId(id.0))));
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_issue_is_filled_and_signed_for_each_reader_as_if_built_for_that_reader(engine: Engine) {
    for which in [[true, true], [true, false], [false, true]] {
        check_signed_issue(engine, which).await;
    }
}

proptest! {
    #[test]
    fn a_filled_template_equals_a_built_message_for_any_content(
        text in content(),
        html in proptest::option::of(content()),
        subject in "\\PC{0,80}",
        name in proptest::option::of("\\PC{0,60}"),
        token in "[A-Za-z0-9_-]{44}",
    ) {
        let mail = Mail { subject, ..mail(&text, html.as_deref()) };
        let to = Mailbox { name, address: smtp_address("ada@reader.example") };
        let (filled, alone) = both(&mail, to.clone(), &token);
        prop_assert_eq!(filled, alone);
        let [_, ed25519] = signers();
        let (filled, alone) = both_signed(&mail, to, &token, [ed25519]);
        prop_assert_eq!(filled, alone);
    }
}
