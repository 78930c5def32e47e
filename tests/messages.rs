//! Whole messages: their bytes, their safety against hostile parts, and their signatures, checked by others.

use std::{collections::HashMap, path::PathBuf};

use chrono::{DateTime, Utc};
use daywire::mail::{
    Mailbox, SmtpAddress,
    dkim::{DkimError, KeyKind, Signer, dns_record, generate},
    message::{ListHeaders, Mail, MessageError, build},
};
use mail_auth::DkimResult;
use rsa::{
    pkcs1::EncodeRsaPrivateKey,
    pkcs8::{DecodePrivateKey, LineEnding},
};

use crate::support::signatures::{Dns, System, assert_flawless, keys, records, second_opinion, signers, verify};
use crate::support::smtp_address;

fn digest() -> Mail {
    Mail {
        from: Mailbox::named("Daywire", smtp_address("desk@example.org")),
        to: Mailbox::bare(smtp_address("ada@reader.example")),
        reply_to: None,
        subject: "Morning wire: 3 stories".to_owned(),
        date: now(),
        message_id: "0190c0de.42@example.org".to_owned(),
        reference_headers: Vec::new(),
        boundary_seed: "0190c0de.42@example.org".to_owned(),
        text: "Hello,\n\n.\nthree stories, one of them about Zürich.\n".to_owned(),
        html: Some("<!doctype html>\n<p>Hello, <b>three</b> stories = a day.</p>".to_owned()),
        list: Some(ListHeaders {
            id: "morning.example.org".to_owned(),
            name: "Morning wire".to_owned(),
            unsubscribe_url: format!("https://example.org/unsubscribe/{}", "t".repeat(300)),
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

fn confirmation() -> Mail {
    Mail {
        html: None,
        list: None,
        auto_generated: true,
        ..digest()
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn text(mail: &Mail) -> String {
    String::from_utf8(build(mail).unwrap()).unwrap()
}

/// The header section, unfolded, as name and value.
fn headers(message: &str) -> Vec<(String, String)> {
    let head = message
        .split_once("\r\n\r\n")
        .unwrap()
        .0
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ");
    head.split("\r\n")
        .map(|line| {
            line.split_once(": ")
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .unwrap()
        })
        .collect()
}

fn assert_sound(message: &str) {
    assert!(!message.replace("\r\n", "").contains(['\r', '\n', '\0']));
    assert!(message.split("\r\n").all(|line| line.len() <= 998));
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"] {
        assert_eq!(headers(message).iter().filter(|(n, _)| n == name).count(), 1, "{name}");
    }
}

#[test]
fn messages_match_their_snapshots() {
    insta::assert_snapshot!(
        "digest",
        text(&digest())
            .replace("\r\n", "\n")
            .replace(&"t".repeat(300), "[300 x t]")
    );
    insta::assert_snapshot!("confirmation", text(&confirmation()).replace("\r\n", "\n"));
}

#[test]
fn equal_mails_make_equal_bytes() {
    assert_eq!(build(&digest()).unwrap(), build(&digest()).unwrap());
    let other = Mail {
        boundary_seed: "another issue".to_owned(),
        ..digest()
    };
    let boundary = |mail: &Mail| {
        headers(&text(mail))
            .into_iter()
            .find(|(n, _)| n == "Content-Type")
            .unwrap()
            .1
    };
    assert_ne!(boundary(&digest()), boundary(&other));
}

#[test]
fn the_unsubscribe_address_is_neither_folded_nor_encoded() {
    let message = text(&digest());
    let line = message
        .split("\r\n")
        .find(|line| line.starts_with("List-Unsubscribe:"))
        .unwrap();
    assert_eq!(
        line,
        format!(
            "List-Unsubscribe: <https://example.org/unsubscribe/{}>",
            "t".repeat(300)
        )
    );
    assert!(message.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

#[test]
fn the_mail_address_follows_the_web_address_and_is_neither_folded_nor_encoded() {
    let mut mail = digest();
    let list = mail.list.as_mut().expect("it is mail to a list");
    // The longest address: a local part of 64 characters, and a long domain. Only some characters are percent-encoded in a mailto.
    let local = format!("a/b=c?d%{}", "t".repeat(55));
    let domain = format!("{}.example", vec!["d".repeat(60); 2].join("."));
    list.unsubscribe_mail = Some(smtp_address(&format!("{local}@{domain}")));
    let message = text(&mail);
    let encoded = local
        .replace('%', "%25")
        .replace('/', "%2F")
        .replace('=', "%3D")
        .replace('?', "%3F");
    let field = format!(
        "List-Unsubscribe: <https://example.org/unsubscribe/{}>,\r\n <mailto:{encoded}@{domain}>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "t".repeat(300)
    );
    assert!(message.contains(&field), "{message}");
}

#[test]
fn text_that_is_mostly_not_ascii_is_quoted_printable() {
    let mail = Mail {
        text: "Новости дня\n".repeat(50),
        html: Some("<p>Новости дня</p>".repeat(50)),
        ..digest()
    };
    let message = text(&mail);
    assert_eq!(
        message.matches("Content-Transfer-Encoding: quoted-printable").count(),
        2
    );
    assert!(!message.contains("base64"));
    let body = message.split_once("\r\n\r\n").unwrap().1;
    assert!(body.split("\r\n").all(|line| line.len() <= 76));
    let parsed = mail_parser::MessageParser::default().parse(message.as_bytes()).unwrap();
    assert_eq!(
        parsed.body_text(0).unwrap().trim_end(),
        "Новости дня\r\n".repeat(50).trim_end()
    );
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Новости дня</p>".repeat(50));
    assert_eq!(parsed.text_body_count(), 1);
}

#[test]
fn subjects_are_encoded_in_short_words_without_loss() {
    let hostile = [
        "x".repeat(3000),
        "й".repeat(1500),
        "🗞️ família ünïcode ".repeat(80).trim_end().to_owned(),
        "=?utf-8?q?=0D=0ABcc:_x?= and more".to_owned(),
        "a plain one of many words ".repeat(60).trim_end().to_owned(),
        "é".to_owned(),
        String::new(),
    ];
    for subject in hostile {
        let message = text(&Mail {
            subject: subject.clone(),
            ..digest()
        });
        assert_sound(&message);
        for word in message.split([' ', '\r', '\n']).filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75 && word.ends_with("?="), "{word}");
            let inner = word.trim_start_matches("=?utf-8?b?").trim_end_matches("?=");
            let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, inner).unwrap();
            assert!(String::from_utf8(bytes).is_ok(), "a character is split: {word}");
        }
        let parsed = mail_parser::MessageParser::default().parse(message.as_bytes()).unwrap();
        assert_eq!(parsed.subject().unwrap_or_default(), subject);
    }
}

#[test]
fn no_field_of_a_mail_can_add_a_header() {
    let names: Vec<_> = headers(&text(&digest())).into_iter().map(|(name, _)| name).collect();
    let mut payloads: Vec<String> = [
        "\r\nBcc: x@y.example",
        "\nBcc: x",
        "\rBcc: x",
        "\0",
        "\r\n\r\n<b>body</b>",
        "\u{2028}Bcc: x",
    ]
    .map(str::to_owned)
    .to_vec();
    let corpora = PathBuf::from(std::env::var("DAYWIRE_CORPORA").unwrap_or("../shared/corpora".to_owned()));
    match std::fs::read_to_string(corpora.join("injection/crlf-payloads.txt")) {
        Ok(lines) => payloads.extend(lines.lines().flat_map(|line| {
            let decoded = percent_encoding::percent_decode_str(line)
                .decode_utf8_lossy()
                .into_owned();
            let twice = percent_encoding::percent_decode_str(&decoded)
                .decode_utf8_lossy()
                .into_owned();
            [line.to_owned(), decoded, twice]
        })),
        Err(_) => println!(
            "not run with the payloads of {}: the folder is missing",
            corpora.display()
        ),
    }
    for payload in payloads {
        let mut mail = digest();
        mail.subject = format!("Wire {payload}");
        mail.from.name = Some(format!("Desk {payload}"));
        mail.to.name = Some(format!("{payload} Ada"));
        mail.list.as_mut().unwrap().name = format!("Morning {payload}");
        mail.text = format!("a{payload}b\n.\n{payload}");
        let message = text(&mail);
        assert_sound(&message);
        assert_eq!(
            headers(&message).into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
            names,
            "{payload:?}"
        );

        // Where text cannot be made harmless without changing what it says, the mail is refused.
        if payload.chars().any(|c| c.is_control() || c == '\u{2028}') {
            let list = |change: fn(&mut ListHeaders, &str)| {
                let mut mail = digest();
                change(mail.list.as_mut().unwrap(), &payload);
                build(&mail)
            };
            assert!(matches!(list(|l, p| l.id += p), Err(MessageError::ListId)));
            assert!(matches!(
                list(|l, p| l.unsubscribe_url += p),
                Err(MessageError::Url { .. })
            ));
            assert!(matches!(list(|l, p| l.feedback_id += p), Err(MessageError::FeedbackId)));
            let bad = format!("{payload}@example.org");
            assert!(matches!(
                build(&Mail {
                    message_id: bad.clone(),
                    ..digest()
                }),
                Err(MessageError::MessageId)
            ));
            assert!(bad.parse::<SmtpAddress>().is_err(), "{bad:?}");
        }
    }
}

#[test]
fn a_unicode_domain_is_written_in_ascii() {
    let message = text(&Mail {
        to: Mailbox::named("Jörg", smtp_address("jorg@bücher.example")),
        ..digest()
    });
    assert!(
        message.contains("\r\nTo: =?utf-8?b?SsO2cmc=?= <jorg@xn--bcher-kva.example>\r\n"),
        "{message}"
    );
}

#[test]
fn a_body_cannot_end_its_mime_part() {
    let boundary = headers(&text(&digest()))
        .into_iter()
        .find(|(name, _)| name == "Content-Type")
        .unwrap()
        .1;
    let boundary = boundary.split('"').nth(1).unwrap();
    let mail = Mail {
        text: format!("a\n--{boundary}--\nb\n--{boundary}\n\nc"),
        ..digest()
    };
    assert_eq!(text(&mail).matches(&format!("\r\n--{boundary}")).count(), 3);
}

fn signed(mail: &Mail) -> Vec<u8> {
    signers().iter().fold(build(mail).unwrap(), |message, signer| {
        signer.sign(&message, now()).unwrap()
    })
}

#[tokio::test]
async fn signatures_of_both_kinds_verify_and_break_when_a_covered_header_or_the_body_is_changed() {
    let dns = Dns::new(&records());
    for mail in [digest(), confirmation()] {
        let message = String::from_utf8(signed(&mail)).unwrap();
        assert_eq!(
            verify(message.as_bytes(), &dns).await,
            [DkimResult::Pass, DkimResult::Pass],
            "{message}"
        );
        assert_sound(&message);
        let (head, body) = message.split_once("\r\n\r\n").unwrap();
        let own: Vec<_> = headers(&message)
            .into_iter()
            .map(|(name, _)| name)
            .filter(|n| n != "DKIM-Signature")
            .collect();
        assert!(own.len() >= 8);
        for name in own {
            let changed = format!("\r\n{head}").replacen(&format!("\r\n{name}: "), &format!("\r\n{name}: z"), 1);
            let changed = format!("{}\r\n\r\n{body}", changed.trim_start());
            let results = verify(changed.as_bytes(), &dns).await;
            assert!(
                results.iter().all(|result| *result != DkimResult::Pass),
                "{name}: {results:?}"
            );
        }
        let second_from = format!("From: <evil@example.net>\r\n{message}");
        assert!(
            verify(second_from.as_bytes(), &dns)
                .await
                .iter()
                .all(|result| *result != DkimResult::Pass)
        );
        let results = verify(message.replace("Hello", "Hallo").as_bytes(), &dns).await;
        assert!(results.iter().all(|result| *result != DkimResult::Pass));
    }
}

#[test]
fn signatures_have_the_required_tags() {
    let [signer, _] = signers();
    let message = String::from_utf8(signer.sign(&build(&digest()).unwrap(), now()).unwrap()).unwrap();
    let (name, value) = headers(&message).swap_remove(0);
    assert_eq!(name, "DKIM-Signature");
    let value = value.replace([' ', '\t'], "");
    let tags: HashMap<_, _> = value.split(';').filter_map(|tag| tag.split_once('=')).collect();
    assert_eq!(
        (tags["a"], tags["c"], tags["d"], tags["s"]),
        ("rsa-sha256", "relaxed/relaxed", "example.org", "news")
    );
    assert_eq!(tags["t"], "1760000000");
    assert!(!tags.contains_key("l"));
    let covered: Vec<_> = tags["h"].split(':').collect();
    assert_eq!(covered.iter().filter(|name| **name == "From").count(), 2);
    for name in [
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "List-Id",
        "List-Unsubscribe",
        "Feedback-ID",
    ] {
        assert!(covered.contains(&name), "{name}");
    }
    assert!(covered.contains(&"List-Unsubscribe-Post") && !covered.contains(&"Reply-To"));
    assert_eq!(
        message,
        String::from_utf8(signer.sign(&build(&digest()).unwrap(), now()).unwrap()).unwrap()
    );
    assert_eq!(
        signer.sign(b"To: a\r\n\r\nx", now()).unwrap_err(),
        DkimError::Sign("it has no From header".to_owned())
    );
}

#[test]
fn keys_are_read_as_pkcs1_and_pkcs8_and_weak_ones_are_refused() {
    let [rsa, ed25519] = keys();
    let pkcs1 = rsa::RsaPrivateKey::from_pkcs8_pem(&rsa.private_pem)
        .unwrap()
        .to_pkcs1_pem(LineEnding::CRLF)
        .unwrap();
    let signer = Signer::new("example.org", "news", &pkcs1).unwrap();
    assert_eq!(signer.public_record_value(), rsa.public_record_value);
    assert!(!format!("{signer:?}").contains("BEGIN"));
    let weak = rsa::RsaPrivateKey::new(&mut System, 1024)
        .unwrap()
        .to_pkcs1_pem(LineEnding::LF)
        .unwrap();
    assert_eq!(
        Signer::new("example.org", "news", &weak).unwrap_err(),
        DkimError::Weak(1024)
    );
    assert_eq!(
        generate(KeyKind::Rsa(1024), &mut System).err(),
        Some(DkimError::Weak(1024))
    );
    for nonsense in [
        "",
        "hello",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(
            Signer::new("example.org", "news", nonsense).unwrap_err(),
            DkimError::Key,
            "{nonsense}"
        );
    }
    assert!(matches!(
        Signer::new("a\r\nb", "news", &ed25519.private_pem),
        Err(DkimError::Name("domain", _))
    ));
    assert!(matches!(
        Signer::new("example.org", "", &ed25519.private_pem),
        Err(DkimError::Name("selector", _))
    ));
}

#[test]
fn a_dns_record_is_split_into_strings_of_at_most_255_bytes() {
    let value = &keys()[0].public_record_value;
    let record = dns_record("example.org", "news", value);
    assert!(
        record.starts_with("news._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p=MII"),
        "{record}"
    );
    let strings: Vec<_> = record.split('"').skip(1).step_by(2).collect();
    assert!(strings.len() == 2 && strings.iter().all(|string| string.len() <= 255));
    assert_eq!(strings.concat(), *value);
}

#[apply(with_dkimpy)]
fn python_finds_no_defect_and_verifies_the_signatures() {
    let long = Mail {
        subject: "Новости 🗞️ ".repeat(60),
        text: "Новости\n".repeat(40),
        ..digest()
    };
    let answer = Mail {
        reply_to: Some(Mailbox::named("Désk", smtp_address("desk@example.org"))),
        ..digest()
    };
    for mail in [digest(), confirmation(), long, answer] {
        let report = second_opinion(&signed(&mail), &records());
        assert_eq!(report["signatures"].as_array().map(Vec::len), Some(2), "{report:#}");
        assert_flawless(&report);
    }
}
