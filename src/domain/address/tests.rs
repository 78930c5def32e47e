//! Which addresses are accepted, refused and equal.

use proptest::prelude::*;

use super::{AddressError, EmailAddress, Spelling};

fn parse(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refusal(text: &str) -> AddressError {
    EmailAddress::parse(text).expect_err(text)
}

#[test]
fn white_space_around_an_address_is_removed() {
    let address = parse("\u{a0} Anna.Smith+News@Example.ORG\t");
    assert_eq!(address.as_typed(), "Anna.Smith+News@Example.ORG");
    assert_eq!(address.local(), "Anna.Smith+News");
    assert_eq!(address.domain(), "example.org");
    assert_eq!(address.to_smtp(), "Anna.Smith+News@example.org");
    assert_eq!(address.normal(), "Anna.Smith+News@example.org");
    assert_eq!(address.key(), "anna.smith+news@example.org");
}

#[test]
fn spellings_of_one_mailbox_share_their_key() {
    for (left, right) in [
        ("ANNA@example.org", "anna@EXAMPLE.org"),
        ("e\u{301}ric@example.org", "\u{e9}ric@example.org"),
        ("a@b\u{fc}cher.example", "a@XN--BCHER-KVA.example"),
        ("a@example\u{3002}org", "a@example.org"),
        ("\"anna\"@example.org", "anna@example.org"),
        (r#""a\nna b"@example.org"#, r#""anna b"@example.org"#),
    ] {
        assert_eq!(parse(left), parse(right), "{left} and {right}");
    }
}

#[test]
fn plus_tags_and_dots_make_different_subscribers() {
    assert_ne!(parse("anna@example.org"), parse("anna+news@example.org"));
    assert_ne!(parse("anna.s@example.org"), parse("annas@example.org"));
}

#[test]
fn one_mailbox_is_counted_under_one_key() {
    for (spelling, counted) in [
        ("Anna+News@Example.org", "anna@example.org"),
        ("anna+a+b@example.org", "anna@example.org"),
        ("an.na@example.org", "an.na@example.org"),
        ("A.N.na+x@GMail.com", "anna@gmail.com"),
        ("anna@googlemail.com", "anna@gmail.com"),
        ("An-na_B.c+x@Proton.me", "annabc@proton.me"),
        ("annabc@protonmail.com", "annabc@proton.me"),
        ("anna.bc@pm.me", "annabc@proton.me"),
        ("_-_@proton.me", "_-_@proton.me"),
        ("an-na_b@gmail.com", "an-na_b@gmail.com"),
        ("\"anna b+x\"@example.org", "anna b@example.org"),
        ("+anna@example.org", "+anna@example.org"),
        ("\u{ff41}nna\u{ff0b}x@example.org", "anna@example.org"),
        ("\u{ff21}n\u{ff0e}n\u{3002}a@gmail.com", "anna@gmail.com"),
        ("anna@b\u{fc}cher.example", "anna@xn--bcher-kva.example"),
    ] {
        assert_eq!(parse(spelling).counting_key(), counted, "{spelling}");
    }
}

#[test]
fn a_spelling_is_plain_dotted_or_tagged() {
    for (address, spelling) in [
        ("Anna@Example.org", Spelling::Plain),
        ("an.na@example.org", Spelling::Plain),
        ("anna@googlemail.com", Spelling::Plain),
        ("+anna@example.org", Spelling::Plain),
        ("an.na@gmail.com", Spelling::Dotted),
        ("an_na@pm.me", Spelling::Dotted),
        ("\u{ff41}nna@example.org", Spelling::Dotted),
        ("anna+x@example.org", Spelling::Tagged),
        ("an.na+x@gmail.com", Spelling::Tagged),
        ("\"anna b+x\"@example.org", Spelling::Tagged),
    ] {
        assert_eq!(parse(address).spelling(), spelling, "{address}");
    }
}

#[test]
fn a_domain_has_one_form_for_all_its_spellings() {
    for spelling in [
        "victim.example",
        "VICTIM.EXAMPLE",
        "\u{ff56}ictim.example",
        "\u{1d42f}\u{1d422}ctim.example",
        "victim\u{3002}example",
        "victim\u{ff0e}example",
        "victim\u{ff61}example",
        "\u{24cb}ictim.example",
        "\u{2174}ictim.example",
        "\u{1d5b}ictim.example",
    ] {
        assert_eq!(parse(&format!("a@{spelling}")).domain(), "victim.example", "{spelling}");
    }
}

#[test]
fn sharp_s_is_not_mapped_to_ss() {
    assert_ne!(parse("a@stra\u{df}e.example").domain(), "strasse.example");
}

#[test]
fn a_local_part_beyond_ascii_says_that_it_needs_smtputf8() {
    let address = parse("\u{44e}\u{437}\u{435}\u{440}@\u{44d}\u{43a}.example");
    assert!(!address.is_ascii_local());
    assert!(address.domain().is_ascii());
    assert!(parse("user@\u{44d}\u{43a}.example").is_ascii_local());
}

#[test]
fn reserved_domains_are_valid() {
    for text in [
        "me@reader.example",
        "me@mail.test",
        "me@host.localhost",
        "me@site.invalid",
    ] {
        parse(text);
    }
}

#[test]
fn each_refusal_has_its_own_reason() {
    for (text, error) in [
        (" \t", AddressError::Empty),
        ("anna", AddressError::NoAt),
        ("anna\u{ff20}example.org", AddressError::NoAt),
        ("a@b@example.org", AddressError::SeveralAts),
        ("Anna <anna@example.org>", AddressError::DisplayName),
        ("<anna@example.org>", AddressError::DisplayName),
        ("anna@example.org\n", AddressError::Control),
        ("anna@example.org\r\nBcc: all@example.org", AddressError::Control),
        ("\"a\0\"@example.org", AddressError::Control),
        ("anna smith@example.org", AddressError::Space),
        ("anna@exam ple.org", AddressError::Space),
        ("anna(work)@example.org", AddressError::Comment),
        ("anna@(work)example.org", AddressError::Comment),
        ("an\u{200b}na@example.org", AddressError::Invisible),
        ("\u{202e}anna@example.org", AddressError::Invisible),
        ("an\u{3164}na@example.org", AddressError::Invisible),
        ("anna\u{fe0f}@example.org", AddressError::Invisible),
        ("anna@exam\u{ad}ple.org", AddressError::Invisible),
        ("@example.org", AddressError::LocalEmpty),
        ("\"\"@example.org", AddressError::LocalEmpty),
        (".anna@example.org", AddressError::LocalDots),
        ("anna.@example.org", AddressError::LocalDots),
        ("an..na@example.org", AddressError::LocalDots),
        ("an,na@example.org", AddressError::LocalCharacter(',')),
        ("an\u{37e}na@example.org", AddressError::LocalCharacter(';')),
        ("\u{300}anna@example.org", AddressError::LocalCharacter('\u{300}')),
        ("\"\u{300} anna\"@example.org", AddressError::LocalCharacter('\u{300}')),
        ("an\u{e000}na@example.org", AddressError::LocalCharacter('\u{e000}')),
        ("\"anna@example.org", AddressError::LocalQuotes),
        ("\"an\".na@example.org", AddressError::LocalQuotes),
        ("\"a>b\"@example.org", AddressError::LocalCharacter('>')),
        ("\"a\\<b\"@example.org", AddressError::LocalCharacter('<')),
        ("anna@", AddressError::DomainEmpty),
        ("anna@[192.0.2.1]", AddressError::DomainLiteral),
        ("anna@localhost", AddressError::DomainWithoutDot),
        ("anna@example.org.", AddressError::DomainDots),
        ("anna@example..org", AddressError::DomainDots),
        ("anna@192.0.2.1", AddressError::DomainNumericTld),
        ("anna@example.0x7f", AddressError::DomainNumericTld),
        ("anna@example.tld-2", AddressError::DomainTld),
        ("anna@example.c0m", AddressError::DomainTld),
        ("anna@example.\u{ff43}0m", AddressError::DomainTld),
        ("anna@ex_ample.org", AddressError::DomainInvalid),
        ("anna@-example.org", AddressError::DomainInvalid),
        ("anna@xn--0.example", AddressError::DomainInvalid),
        ("anna@yy--0.example", AddressError::DomainInvalid),
    ] {
        assert_eq!(refusal(text), error, "{text:?}");
    }
}

#[test]
fn lengths_are_counted_in_octets_after_conversion() {
    let local = |count: usize| format!("{}@example.org", "a".repeat(count));
    parse(&local(64));
    assert_eq!(refusal(&local(65)), AddressError::LocalTooLong);
    assert_eq!(
        refusal(&format!("{}@example.org", "\u{e9}".repeat(33))),
        AddressError::LocalTooLong
    );
    assert_eq!(
        refusal(&format!("a@{}.org", "b".repeat(64))),
        AddressError::DomainTooLong
    );
    let long = |last: usize| format!("aa@{0}.{0}.{0}.{1}.org", "b".repeat(62), "c".repeat(last));
    assert_eq!(parse(&long(58)).to_smtp().len(), 254);
    assert_eq!(refusal(&long(59)), AddressError::TooLong);
    assert_eq!(refusal(&long(62)), AddressError::DomainTooLong);
    assert_eq!(refusal(&"a".repeat(100_000)), AddressError::TooLong);
}

#[test]
fn debug_output_hides_the_local_part() {
    assert_eq!(
        format!("{:?}", parse("anna@example.org")),
        "EmailAddress(…@example.org)"
    );
}

#[test]
fn an_error_message_shows_at_most_one_character_of_the_address() {
    assert_eq!(
        refusal("se;cret@example.org").to_string(),
        "the part before the @ sign cannot contain `;`"
    );
    assert!(refusal("\u{300}x@example.org").to_string().ends_with("U+0300"));
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = EmailAddress::parse(&text);
    }

    #[test]
    fn parsing_never_panics_near_an_address(text in "[\"\\\\ a-zA-Zé.@<>()\\[\\]µⅨ﷽\u{200d}-]{0,40}@[a-zäß0-9.-]{0,30}") {
        let _ = EmailAddress::parse(&text);
    }

    #[test]
    fn normal_form_and_key_are_addresses_with_the_same_key(local in "\\PC{1,12}", domain in "[a-zäИ]{1,8}\\.[a-z]{2,4}") {
        for text in [format!("{local}@{domain}"), format!("\"{local}\"@{domain}")] {
            let Ok(address) = EmailAddress::parse(&text) else { continue };
            for form in [address.normal(), address.key().to_owned(), address.to_smtp()] {
                let again = EmailAddress::parse(&form);
                prop_assert_eq!(again.as_ref().map(EmailAddress::key), Ok(address.key()), "{}", form);
            }
            prop_assert_eq!(parse(&address.normal()).normal(), address.normal());
        }
    }
}
