//! The address policy compared with the verdicts of three other address parsers.

use std::collections::BTreeMap;
use std::fs;

use chrono::DateTime;
use daywire::domain::address::EmailAddress;
use daywire::mail::mailbox::Mailbox;
use daywire::mail::message::{Mail, build};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{corpora, smtp_address};

/// Addresses that another parser accepts and Daywire refuses, with the reason. Every other difference fails a test.
const REFUSED_ON_PURPOSE: [(&str, &str); 9] = [
    (
        "fab\\ ien@symfony.com",
        "a backslash escapes only inside quotes; isemail calls similar addresses errors",
    ),
    (
        "example @invalid.example.com",
        "obsolete folding white space before the @ is a typing error today",
    ),
    (
        "test@iana.co-uk",
        "no top-level domain has a hyphen (RFC 3696 section 2); isemail only warns that there is no such name in DNS",
    ),
    (
        "\"\t\"@invalid.example.com",
        "a mailbox contains no control characters (RFC 5321 section 4.1.2, qtextSMTP)",
    ),
    (
        "\"\r\"@invalid.example.com",
        "a bare CR could smuggle a header or a command",
    ),
    (
        "too_long_localpart_too_long_localpart_too_long_localpart_too_long_localpart@invalid.example.com",
        "more than 64 octets before the @ (RFC 5321 section 4.5.3.1.1)",
    ),
    (
        "a5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
        "more than 64 octets before the @ (RFC 5321 section 4.5.3.1.1)",
    ),
    (
        "\"My.\\\"Na\\\\me\\\".Is\" <\"me \\\" \\\\ me\"@example.org>",
        "a sign-up accepts an address, not a display name",
    ),
    (
        "\"s\u{323}\u{307}\" <s\u{323}\u{307}@nfc.tld>",
        "a sign-up accepts an address, not a display name",
    ),
];

/// The rows of one file of the test material.
fn rows(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(corpora("addresses").join(file)).expect("the file is readable");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

fn address(row: &Value) -> &str {
    row["address"].as_str().expect("the row has an address")
}

fn is_refused_on_purpose(text: &str) -> bool {
    REFUSED_ON_PURPOSE.iter().any(|(refused, _)| *refused == text)
}

#[apply(with_corpora)]
fn errors_of_isemail_are_refused_and_its_valid_addresses_accepted() {
    let rows = rows("isemail.jsonl");
    let mut scores = BTreeMap::<&str, (usize, usize)>::new();
    for row in &rows {
        let (category, diagnosis) = (
            row["category"].as_str().unwrap_or(""),
            row["diagnosis"].as_str().unwrap_or(""),
        );
        // Addresses with a warning about DNS are valid, and RFC 5321 allows a quoted local part.
        let accepted = matches!(category, "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN")
            || diagnosis == "ISEMAIL_RFC5321_QUOTEDSTRING";
        // Literals, comments and deprecated forms are possible in a header field, and are refused at sign-up.
        let parsed = EmailAddress::parse(address(row));
        let accepted = accepted && !is_refused_on_purpose(address(row));
        assert_eq!(
            parsed.is_ok(),
            accepted,
            "{category} {diagnosis} {:?}: {parsed:?}",
            address(row)
        );
        let score = scores.entry(category).or_default();
        if accepted { score.0 += 1 } else { score.1 += 1 }
    }
    println!("accepted and refused by category: {scores:?}");
    assert_eq!(scores["ISEMAIL_ERR"].0, 0, "no error is accepted");
    assert_eq!(scores["ISEMAIL_VALID_CATEGORY"].1, 0, "no valid address is refused");
}

#[apply(with_corpora)]
fn the_verdicts_of_two_more_parsers_are_the_same() {
    for file in ["egulias.jsonl", "python-email-validator.jsonl"] {
        let rows = rows(file);
        let mut same = 0;
        for row in &rows {
            let Some(valid) = row["valid"].as_bool() else { continue };
            let parsed = EmailAddress::parse(address(row));
            if is_refused_on_purpose(address(row)) {
                assert!(parsed.is_err(), "{:?} is listed as refused", address(row));
                continue;
            }
            assert_eq!(parsed.is_ok(), valid, "{file}: {:?}: {parsed:?}", address(row));
            same += 1;
        }
        println!("{file}: {same} verdicts shared");
        assert!(same > 20);
    }
}

#[apply(with_corpora)]
fn normal_forms_are_those_of_python_email_validator() {
    let rows = rows("python-email-validator.jsonl");
    let mut equal = 0;
    for row in &rows {
        let Some(normalized) = row["expected"]["normalized"].as_str() else {
            continue;
        };
        // The row may have a display name around the address.
        let text = row["expected"]["original"].as_str().unwrap_or(address(row));
        let parsed = EmailAddress::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(parsed.normal(), normalized);
        assert_eq!(Some(parsed.domain()), row["expected"]["ascii_domain"].as_str());
        assert_eq!(Some(!parsed.is_ascii_local()), row["expected"]["smtputf8"].as_bool());
        equal += 1;
    }
    println!("{equal} normal forms equal");
    assert!(equal > 10);
}

#[apply(with_corpora)]
fn the_mail_library_accepts_every_accepted_ascii_address() {
    for file in ["isemail.jsonl", "egulias.jsonl", "python-email-validator.jsonl"] {
        let rows = rows(file);
        // Beyond ASCII the library accepts only letters, without combining marks and punctuation.
        let accepted = rows.iter().filter_map(|row| EmailAddress::parse(address(row)).ok());
        for parsed in accepted.filter(EmailAddress::is_ascii_local) {
            let sent = parsed.to_smtp().parse::<lettre::Address>();
            assert!(sent.is_ok(), "{}: {sent:?}", parsed.to_smtp());
        }
    }
}

#[apply(with_corpora)]
fn unsafe_characters_are_refused_anywhere_in_an_address() {
    let rows = rows("python-email-validator.jsonl");
    let mut tried = 0;
    for row in rows.iter().filter(|row| row["test"] == "test_email_unsafe_character") {
        let c = address(row);
        for text in [format!("{c}a@example.org"), format!("a@{c}b.example")] {
            assert!(EmailAddress::parse(&text).is_err(), "{text:?}");
            tried += 1;
        }
    }
    assert!(tried > 0);
}

/// A message to an address, as the transactional sender builds it.
fn message_to(address: &EmailAddress) -> Mail {
    Mail {
        from: Mailbox::bare(smtp_address("desk@news.example")),
        to: Mailbox::bare(address.into()),
        reply_to: None,
        subject: "Confirm your subscription".into(),
        date: DateTime::UNIX_EPOCH,
        message_id: "1@news.example".into(),
        reference_headers: Vec::new(),
        boundary_seed: "1".into(),
        text: "A text.".into(),
        html: Some("<p>A text.</p>".into()),
        list: None,
        auto_generated: true,
    }
}

proptest! {
    #[test]
    fn every_accepted_address_can_be_mailed(
        local in "[a-zA-Z0-9.+<>@,:;()\\[\\]\\\\ \"'é\u{30a2}!#%&*/=?^_`{|}~-]{1,20}",
        domain in "[a-zäИ]{1,8}(-[a-z0-9]{1,4})?\\.([a-z]{2,6}|xn--p1ai|рф)",
    ) {
        let quoted = format!("\"{}\"@{domain}", local.replace('\\', r"\\").replace('"', "\\\""));
        for text in [format!("{local}@{domain}"), format!("\"{local}\"@{domain}"), quoted] {
            let Ok(address) = EmailAddress::parse(&text) else { continue };
            let built = build(&message_to(&address));
            prop_assert!(built.is_ok(), "{}: {:?}", text, built.err());
            // The queue stores the address as it was typed.
            prop_assert!(EmailAddress::parse(address.as_typed()).is_ok());
        }
    }
}
