//! The settings: every one is documented, every error is one line, and no secret is shown.

mod brand;
mod comments;
mod credentials;
mod defaults;
mod errors;
mod values;

use std::fs;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Config, ConfigError, assemble, load};
use crate::mail::relay::Security;

const FILE: &str = "daywire.toml";

fn from_file(text: &str) -> Result<Config, ConfigError> {
    assemble(Some((Path::new(FILE), text)), [])
}

fn from_variable(name: &str, text: &str) -> Result<Config, ConfigError> {
    assemble(None, [(name.to_owned(), text.to_owned())])
}

fn file_error(text: &str) -> String {
    from_file(text).expect_err("this must be refused").to_string()
}

fn variable_error(name: &str, text: &str) -> String {
    from_variable(name, text).expect_err("this must be refused").to_string()
}

#[test]
fn the_environment_overrides_the_file_and_the_file_the_defaults() {
    let file = "[site]\nname = \"File\"\ntagline = \"File\"";
    let environment = [("DAYWIRE_SITE__NAME".to_owned(), "Environment".to_owned())];
    let config = assemble(Some((Path::new(FILE), file)), environment).expect("all of it is allowed");
    assert_eq!(config.site.name, "Environment");
    assert_eq!(config.site.tagline, "File");
}

#[test]
fn a_variable_is_parsed_by_the_type_of_the_default() {
    let set = |name, text| from_variable(name, text).expect("this is allowed");
    assert_eq!(set("DAYWIRE_RELAY__CONNECTIONS", "7").relays[0].connections, 7);
    assert_eq!(
        set("DAYWIRE_RELAY__TIMEOUTS__FINAL", "2s").relays[0].timeouts.final_dot,
        Duration::from_secs(2)
    );
    assert_eq!(set("DAYWIRE_SITE__NAME", "7").site.name, "7");
    assert_eq!(
        set("DAYWIRE_DELIVERY__RETRY_AFTER", "1s, 2s")
            .delivery
            .retry_after
            .len(),
        2
    );
    assert_eq!(
        set("DAYWIRE_DELIVERY__RETRY_AFTER", r#"["1s"]"#).delivery.retry_after,
        [Duration::from_secs(1)]
    );
    assert_eq!(
        set("DAYWIRE_HTTP__TRUSTED_PROXIES", "10.0.0.0/8,::1")
            .http
            .trusted_proxies
            .len(),
        2
    );
    assert!(set("DAYWIRE_HTTP__TRUSTED_PROXIES", "").http.trusted_proxies.is_empty());
}

#[test]
fn variables_of_other_programs_are_ignored() {
    for name in [
        "DAYWIRE_CORPORA",
        "DAYWIRE_TEST_POSTGRES",
        "DAYWIRE_TEST_PYTHON",
        "DAYWIRE_SITE",
        "PATH",
        "A__B",
    ] {
        assert!(from_variable(name, "anything").is_ok(), "{name}");
    }
}

#[test]
fn every_relay_has_the_defaults_and_variables_set_the_first() {
    let file = "[[relay]]\nurl = \"smtp://127.0.0.1:2525\"\nconnections = 3\n[[relay]]\nurl = \"smtps://[::1]\"";
    let environment = [(
        "DAYWIRE_RELAY__URL".to_owned(),
        "smtp+starttls://u%40x:p%2F@Mail.Example".to_owned(),
    )];
    let config = assemble(Some((Path::new(FILE), file)), environment).expect("all of it is allowed");
    let [first, second] = &config.relays[..] else {
        panic!("{:?}", config.relays)
    };
    let url = first.url.as_ref().expect("it has one");
    let (user, password) = url.login().expect("it logs in");
    assert_eq!((user, password.expect("a password").expose_secret()), ("u@x", "p/"));
    assert_eq!(
        (url.security(), url.host(), url.port()),
        (Security::StartTls, "mail.example", 587)
    );
    assert_eq!((first.connections, second.connections), (3, 20));
    let url = second.url.as_ref().expect("it has one");
    assert_eq!(
        (url.host(), url.port(), url.to_string().as_str()),
        ("::1", 465, "smtps://[::1]:465")
    );
    assert!(url.login().is_none() && !config.captures_mail());
}

#[test]
fn a_named_file_must_exist_and_searched_files_need_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (absent, present) = (folder.path().join("absent.toml"), folder.path().join("present.toml"));
    fs::write(&present, "[site]\nname = \"Present\"").expect("the file is written");
    let config = load(None, [], [&absent, &present]).expect("the second is there");
    assert_eq!(config.site.name, "Present");
    assert_eq!(
        load(None, [], [&absent]).expect("no file is needed").site.name,
        "Daywire"
    );
    assert_eq!(
        load(Some(&present), [], [&absent]).expect("it is there").site.name,
        "Present"
    );
    let message = load(Some(&absent), [], [&present])
        .expect_err("it is not there")
        .to_string();
    assert!(
        message.starts_with("the settings file ") && message.contains("absent.toml cannot be read"),
        "{message}"
    );
    fs::write(&present, [0xff, 0xfe]).expect("the file is written");
    assert!(matches!(
        load(None, [], [&present]),
        Err(ConfigError::Unreadable { .. })
    ));
}
