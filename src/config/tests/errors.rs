//! Every error is one line without a secret, and no input causes a panic.

use proptest::prelude::*;
use toml::{Table, Value};

use super::{file_error, from_file, from_variable, variable_error};
use crate::config::layers::DEFAULTS;
use crate::config::{BaseUrl, DatabaseUrl, suggest};
use crate::mail::relay::Relay;

#[test]
fn a_misspelt_key_is_reported_with_its_origin_and_a_suggestion() {
    assert_eq!(
        file_error("[site]\nnmae = \"x\""),
        "site.nmae in daywire.toml is not a setting; did you mean site.name?"
    );
    assert_eq!(
        file_error("[datbase]\nurl = \"x\""),
        "datbase in daywire.toml is not a setting; did you mean database?"
    );
    assert_eq!(
        file_error("tagline = \"x\""),
        "tagline in daywire.toml is not a setting; did you mean site.tagline?"
    );
    assert_eq!(
        file_error("[digest]\nx = 1"),
        "digest.x in daywire.toml is not a setting; [digest] has images, max_candidates, max_editions, max_stories"
    );
    assert_eq!(
        variable_error("DAYWIRE_SIET__URL", "x"),
        "siet.url from DAYWIRE_SIET__URL in the environment is not a setting; did you mean DAYWIRE_SITE__URL?"
    );
    assert_eq!(
        variable_error("DAYWIRE_DATABASE_URL", "x"),
        "database_url from DAYWIRE_DATABASE_URL in the environment is not a setting; \
         did you mean DAYWIRE_DATABASE__URL, with two underscores?"
    );
    assert_eq!(
        file_error("[[relay]]\nurl = \"smtp://a\"\n[[relay]]\nulr = \"smtp://b\""),
        "relay[1].ulr in daywire.toml is not a setting; did you mean relay.url?"
    );
}

#[test]
fn a_listener_for_returned_mail_needs_an_address_that_mail_comes_back_to() {
    let listen = "[intake]\nlisten = \"127.0.0.1:2526\"";
    assert_eq!(
        file_error(listen),
        "intake.listen in daywire.toml is set, but there is no address for returned mail; set intake.domain or mail.return_path"
    );
    for address in [
        "domain = \"bounces.example.org\"",
        "[mail]\nreturn_path = \"bounce@example.org\"",
    ] {
        let config = from_file(&format!("{listen}\n{address}")).expect("the settings are complete");
        assert!(config.intake.listen.is_some());
    }
}

#[test]
fn an_invalid_value_is_reported_with_what_is_allowed() {
    let cases = [
        (
            "[relay]\nconnections = \"20\"",
            "relay.connections in daywire.toml is \"20\"; allowed is a whole number",
        ),
        (
            "[relay]\nconnections = 0",
            "relay.connections in daywire.toml is 0; allowed is a whole number from 1 to 1000",
        ),
        (
            "site = 3",
            "site in daywire.toml is a whole number; allowed is a table of settings",
        ),
        (
            "[signup]\ntoken_ttl = \"5 parsecs\"",
            "signup.token_ttl in daywire.toml is \"5 parsecs\"; allowed is a duration from 1ms to 10years, such as \
             \"30s\", \"15m\" or \"1h 30m\"",
        ),
        (
            "[delivery]\nin_doubt = \"maybe\"",
            "delivery.in_doubt in daywire.toml is \"maybe\"; allowed is `resend` or `hold`",
        ),
        (
            "[dkim]\ndomain = \"a.example\"",
            "dkim in daywire.toml is a table with domain; allowed is all of domain, selector and key_file, or of \
             domain, ed25519_selector and ed25519_key_file, or all five, or none of them",
        ),
        (
            "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"proxy\"]",
            "http.trusted_proxies in daywire.toml is [\"10.0.0.0/8\", \"proxy\"]; allowed is a list, and each of its \
             entries a network such as \"10.0.0.0/8\", or one IP address",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(file_error(text), expected);
    }
    assert_eq!(
        variable_error("DAYWIRE_INBOX__KEEP", "many"),
        "inbox.keep from DAYWIRE_INBOX__KEEP in the environment is \"many\"; allowed is a whole number"
    );
    assert_eq!(
        file_error("[site]\nname = \"a"),
        "daywire.toml, line 2, column 10: invalid basic string, expected `\"`"
    );
}

#[test]
fn invalid_values_are_refused_in_every_section() {
    let refused = [
        "[site]\nname = \" \"",
        "[site]\nvoice = \"\"",
        "[site]\nname = \"a\\r\\nBcc: b@c.example\"",
        "[site]\nurl = \"127.0.0.1:8080\"",
        "[site]\nurl = \"ftp://a.example\"",
        "[site]\nurl = \"https://a.example/?x=1\"",
        "[site]\nurl = \"https://user@a.example\"",
        "[site]\nurl = \"http:a.example\"",
        "[database]\nurl = \"mysql://a\"",
        "[database]\nurl = \"sqlite::memory:\"",
        "[database]\nurl = \"sqlite:\"",
        "[database]\nurl = \"postgres://\"",
        "[database]\nurl = \"postgres://a,b:x/db\"",
        "[database]\nsqlite_synchronous = \"off\"",
        "[database]\npassword_file = \"x\"",
        "[http]\nlisten = \"localhost:8080\"",
        "[http]\nlisten = \"\"",
        "[mail]\nfrom = \"nobody\"",
        "[mail]\nfrom = \"A\\n <a@b.example>\"",
        "[mail]\nreturn_path = \"Name <a@b.example>\"",
        "[relay]\nurl = \"mail.example.org\"",
        "[relay]\nurl = \"http://mail.example.org\"",
        "[relay]\nurl = \"smtp://\"",
        "[relay]\nurl = \"smtp://a.example/path\"",
        "[relay]\nurl = \"smtp://a.example:99999\"",
        "[relay]\nurl = \"smtps://u%0d%0a:p@a.example\"",
        "[relay]\nurl = \"smtps://:p@a.example\"",
        "[relay]\nurl = \"smtps://u@a.example\"",
        "[relay]\nurl = \"smtps://u:p@a.example\"\npassword = \"q\"",
        "[relay]\nurl = \"smtps://a.example\"\npassword = \"q\"",
        "[relay]\nurl = \"smtps://u@a.example\"\npassword = \"q\"\npassword_file = \"/x\"",
        "[[relay]]\nurl = \"smtp://a.example\"\n[[relay]]\nconnections = 2",
        "relay = [1]",
        "[relay.timeouts]\nfinal = \"0s\"",
        "[inbox]\nlisten = \"0.0.0.0:2525\"",
        "[intake.imap]\nhost = \"a.example:993\"",
        "[intake.imap]\nhost = \"a.example\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"\npassword = \"hunter2\"\ntoken_file = \"/t\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"\npassword = \"hunter2\"\nsecurity = \"none\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"\npassword = \"hunter2\"\nmove_to = \"INBOX\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"\npassword = \"hunter2\"\nca_file = \"/dev/null\"",
        "[intake.imap]\nhost = \"a.example\"\nusername = \"u\"\npassword = \"hunter2\"",
        "[intake.imap]\npassword_file = \"/dev/null/x\"",
        "[intake.imap]\nsecurity = \"ssl\"",
        "[intake.imap]\nmailbox = \"Gelöscht\"",
        "[bounces]\nsoft_issues = 1",
        "[bounces]\nwarn_complaints = \"0.4 %\"",
        "[bounces]\npause_hard_bounces = \"1 %\"",
        "[dkim]\ndomain = \"a b\"\nselector = \"s\"\nkey_file = \"k\"",
        "[dkim]\nselector = \"s\"\nkey_file = \"k\"",
        "[dkim]\ndomain = \"a.example\"\nselector = \"s\"\nkey_file = \"k\"\ned25519_selector = \"t\"",
        "[dkim]\ndomain = \"a.example\"\nselector = \"s\"\nkey_file = \"k\"\ned25519_selector = \"s\"\ned25519_key_file = \"l\"",
        "[signup]\ntoken_ttl = \"900years\"",
        "[signup.limits]\nper_hour = -1",
        "[delivery]\nretry_after = []",
        "[delivery]\nretry_after = [1]",
        "[feeds]\nmax_bytes = 5.5",
        "[feeds]\nback_catalogue = \"none\"",
        "[operators]\nnotify = [\"The Desk <desk@example.org>\"]",
        "[feeds]\nallow = [\"http://a.example\"]",
        "[feeds]\nuser_agent = \"a\\nb\"",
        "[secrets]\nkey = \"abc\"",
        "[log]\nlevel = \"loud\"",
        "[log]\nformat = \"xml\"",
    ];
    for text in refused {
        let message = file_error(text);
        assert!(
            message.contains("daywire.toml") && !message.contains('\n'),
            "{text}\n{message}"
        );
    }
}

#[test]
fn no_secret_is_shown_in_debug_output_or_in_an_error() {
    let text = "[database]\nurl = \"postgres://u:hunter2@h/db?password=hunter2\"\n[relay]\n\
                url = \"smtps://u:hunter2@a.example\"\n[secrets]\n\
                key = \"68756e746572320068756e746572320068756e746572320068756e7465723200\"";
    let config = from_file(text).expect("all of it is allowed");
    let debug = format!(
        "{config:?} {} {}",
        config.database.url,
        config.relays[0].url.as_ref().expect("it has one")
    );
    assert!(
        !debug.contains("hunter2") && !debug.contains("68756e74") && !debug.contains("104, 117"),
        "{debug}"
    );
    for text in [
        "[database]\nurl = \"mysql://u:hunter2@h/db\"",
        "[database]\nurl = \"u:hunter2@h/db\"",
        "[database]\nurl = [\"postgres://u:hunter2@h/db\"]",
        "[database]\nurl = \"postgres:///db?password=hunter2\"",
        "database = \"postgres://u:hunter2@h/db\"",
        "relay = \"smtps://u:hunter2@h\"",
        "relay = [\"smtps://u:hunter2@h\"]",
        "[relay]\nurl = \"smtp://u:hunter2@h:port\"",
        "[relay]\npassword = [\"hunter2\"]",
        "[relay]\npassword = \"hunter2\"",
        "[relay]\npasword = \"hunter2\"",
        "[relay]\npassword = \"hunter2",
        "[relay]\npassword = hunter2",
        "[secrets]\nkey = \"hunter2\"",
    ] {
        let message = file_error(text);
        assert!(!message.contains("hunter2"), "{text}\n{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_file_and_no_variable_makes_it_panic(text in any::<String>(), name in any::<String>(), value in any::<String>()) {
        for name in [name.clone(), format!("DAYWIRE_{name}"), format!("DAYWIRE_SITE__{name}"), format!("DAYWIRE_{name}__URL")] {
            if let Err(error) = from_variable(&name, &value) {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
        if let Err(error) = from_file(&text) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn no_value_of_any_setting_makes_it_panic(choice in any::<prop::sample::Index>(), value in any::<String>(), number in any::<i64>()) {
        let table: Table = toml::from_str(DEFAULTS).expect("the defaults are TOML");
        let paths = suggest::paths(&table);
        let path = &paths[choice.index(paths.len())];
        let quoted = Value::from(value.as_str()).to_string();
        for value in [quoted.clone(), number.to_string(), format!("[{quoted}]"), format!("{{ {quoted} = 1 }}"), value.clone()] {
            if let Err(error) = from_file(&format!("{path} = {value}")) {
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
            }
        }
        if let Err(error) = from_variable(&format!("DAYWIRE_{}", path.to_uppercase().replace('.', "__")), &value) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }

    #[test]
    fn addresses_of_every_form_are_read_without_a_panic(text in "(smtp|smtps|smtp\\+starttls|postgres|sqlite|https?):[ -~é]{0,40}") {
        let _ = (Relay::parse(&text).is_ok(), text.parse::<DatabaseUrl>().is_ok(), text.parse::<BaseUrl>().is_ok());
    }
}
