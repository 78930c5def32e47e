//! Files that settings name are read from the credentials of the service.

use std::fs;

use secrecy::ExposeSecret;

use super::{Config, ConfigError, assemble};

const SETTINGS: &str = r#"
[relay]
url = "smtps://daywire@mail.example.org"
password_file = "credentials/relay-password"

[metrics]
token_file = "credentials/metrics-token"

[dkim]
domain = "example.org"
selector = "daywire"
key_file = "credentials/dkim.pem"
"#;

fn with_credentials(folder: &tempfile::TempDir) -> Result<Config, ConfigError> {
    let folder = folder.path().to_str().expect("the path is text").to_owned();
    let file = std::path::Path::new("/etc/daywire/daywire.toml");
    assemble(Some((file, SETTINGS)), [("CREDENTIALS_DIRECTORY".to_owned(), folder)])
}

#[test]
fn a_credential_replaces_the_file_of_its_name() {
    for prefix in ["", "daywire_"] {
        let folder = tempfile::tempdir().expect("a folder");
        let credential = |name: &str| folder.path().join(format!("{prefix}{name}"));
        fs::write(credential("relay-password"), "s3cret\n").expect("the file is written");
        fs::write(credential("dkim.pem"), "a key").expect("the file is written");
        fs::write(credential("metrics-token"), "a token of the metrics").expect("the file is written");
        let config = with_credentials(&folder).expect("all of it is allowed");
        let relay = config.relays[0].url.as_ref().expect("a relay");
        let (_, password) = relay.login().expect("a login");
        assert_eq!(password.expect("a password").expose_secret(), "s3cret");
        let key = config.dkim.and_then(|dkim| dkim.key).expect("a key");
        assert_eq!(key.file, credential("dkim.pem"));
        assert_eq!(config.metrics.token_file, Some(credential("metrics-token")));
    }
}

#[test]
fn without_a_credential_the_file_itself_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = with_credentials(&folder)
        .expect_err("the file does not exist")
        .to_string();
    assert!(error.contains("/etc/daywire/credentials/relay-password"), "{error}");
}
