//! The message that is made once and filled in for each reader is the message that would be made for that reader alone.

use chrono::DateTime;
use daywire::mail::{
    Mailbox,
    message::{ListHeaders, Mail, MessageError, build},
    outgoing::{BareBreak, Outgoing},
    smtp::Envelope,
    template::Template,
};
use proptest::prelude::*;

const PLACEHOLDER: &str = "Qx_placeholder-of-a-token-AAAABBBBCCCC012345";

fn mail(text: &str, html: Option<&str>) -> Mail {
    Mail {
        from: Mailbox::named("Daywire", "desk@example.org"),
        to: Mailbox::bare("nobody@example.org"),
        reply_to: None,
        subject: "Morning wire: 3 stories".to_owned(),
        date: DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
        message_id: "nobody@example.org".to_owned(),
        boundary_seed: "issue 42".to_owned(),
        text: text.to_owned(),
        html: html.map(str::to_owned),
        list: Some(ListHeaders {
            id: "morning.example.org".to_owned(),
            name: "Morning wire".to_owned(),
            unsubscribe_url: format!("https://example.org/unsubscribe/{PLACEHOLDER}"),
            post: true,
            feedback_id: "42:morning:digest:daywire".to_owned(),
            archive: Some("https://example.org/archive/morning/42".to_owned()),
        }),
        auto_generated: false,
    }
}

fn envelope() -> Envelope {
    Envelope {
        return_path: Some("bounce@example.org".to_owned()),
        recipient: "ada@reader.example".to_owned(),
    }
}

/// A token of any characters that tokens have, different for every `seed`.
fn token(seed: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..PLACEHOLDER.len())
        .map(|at| char::from(ALPHABET[(at * 7 + seed * 13 + at * at * seed) % ALPHABET.len()]))
        .collect()
}

/// Both ways of making the message of one reader.
fn both(mail: &Mail, to: Mailbox, token: &str) -> (Outgoing, Outgoing) {
    let id = format!("{}@example.org", token.len() * 31);
    let template = Template::new(mail, PLACEHOLDER).unwrap();
    let filled = template.fill(&to, &id, token).unwrap().outgoing(envelope(), b"");
    let alone = build(&mail.for_reader(PLACEHOLDER, to, id, token)).unwrap();
    (filled, Outgoing::new(envelope(), &alone).unwrap())
}

fn assert_same(mail: &Mail, to: Mailbox, token: &str) {
    let (filled, alone) = both(mail, to, token);
    let readable = |outgoing: &Outgoing| String::from_utf8(outgoing.wire().to_vec()).unwrap();
    assert_eq!(readable(&filled), readable(&alone));
    assert_eq!(filled, alone);
}

fn ada() -> Mailbox {
    Mailbox::named("Ada", "ada@reader.example")
}

#[test]
fn contents_of_every_kind_are_the_same_in_a_template() {
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
fn a_token_may_be_broken_by_the_end_of_a_line_anywhere() {
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
fn recipients_of_every_kind_are_the_same_in_a_template() {
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
                address: address.to_owned(),
            };
            assert_same(&mail, to, &token(address.len()));
        }
    }
}

#[test]
fn headers_of_every_kind_are_the_same_in_a_template() {
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
            from: Mailbox::named("Zürcher Nachrichten, täglich", "desk@bücher.example"),
            reply_to: Some(Mailbox::named("To: Message-ID:", "answers@example.org")),
            auto_generated: true,
            ..plain.clone()
        };
        assert_same(&changed, ada(), &token(5));
    }
    assert_same(&Mail { list: None, ..plain }, ada(), &token(6));
}

#[test]
fn what_cannot_be_built_cannot_be_filled_in_either() {
    let text = format!("Hello\n{PLACEHOLDER}\n");
    let good = mail(&text, None);
    let template = Template::new(&good, PLACEHOLDER).unwrap();
    let fill = |address: &str, id: &str, token: &str| {
        template
            .fill(&Mailbox::bare(address), id, token)
            .map(|filled| filled.outgoing(envelope(), b""))
    };
    assert!(fill("ada@reader.example", "1@example.org", &token(1)).is_ok());
    for address in ["", "ada", "a>b@c.example", "a@b.example\r\nBcc: x"] {
        assert!(
            matches!(fill(address, "1@example.org", &token(1)), Err(MessageError::To(_))),
            "{address:?}"
        );
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
    let bad = Mail {
        from: Mailbox::bare("desk"),
        ..good
    };
    assert!(matches!(Template::new(&bad, PLACEHOLDER), Err(MessageError::From(_))));
}

#[test]
fn a_line_break_that_is_none_is_not_sent() {
    for broken in ["a\nb\r\n", "a\rb\r\n", "a\r", "\n.\n"] {
        assert_eq!(
            Outgoing::new(envelope(), broken.as_bytes()),
            Err(BareBreak),
            "{broken:?}"
        );
    }
}

#[test]
fn what_goes_out_is_stuffed_and_measured_without_the_stuffing() {
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

proptest! {
    #[test]
    fn any_content_is_the_same_in_a_template(
        text in content(),
        html in proptest::option::of(content()),
        subject in "\\PC{0,80}",
        name in proptest::option::of("\\PC{0,60}"),
        token in "[A-Za-z0-9_-]{44}",
    ) {
        let mail = Mail { subject, ..mail(&text, html.as_deref()) };
        let to = Mailbox { name, address: "ada@reader.example".to_owned() };
        let (filled, alone) = both(&mail, to, &token);
        prop_assert_eq!(filled, alone);
    }
}
