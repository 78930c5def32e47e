//! The text of the settings file.

use secrecy::{ExposeSecret as _, SecretString};
use toml::Value;

use super::answers::Answers;
use super::files::{NewFiles, SECRETS_FOLDER};

/// The settings file to write.
pub(super) struct Settings {
    pub(super) text: String,
    /// Whether the text contains a password.
    pub(super) has_secret: bool,
}

impl Settings {
    /// Writes the answers as settings. Passwords are added to `files`.
    pub(super) fn of(answers: &Answers, dkim_domain: &str, files: &mut NewFiles) -> Self {
        let mut password_file = |password: &Option<SecretString>, name: &str| match password {
            None => String::new(),
            Some(password) => {
                files.add_secret(name, format!("{}\n", password.expose_secret()));
                format!("\n# The file with the password.\npassword_file = \"{SECRETS_FOLDER}/{name}\"")
            }
        };
        let relay_password = password_file(&answers.relay_password, "relay-password");
        let database_password = password_file(&answers.database_password, "database-password");
        let text = format!(
            r#"# Settings of Daywire, written by `daywire init`. Every other setting has its default. config/default.toml lists all of them, with what
# they mean; the Debian package installs it as /usr/share/doc/daywire/default.toml.
#
# A relative path starts at the folder of this file. The service reads the file at its start.

[site]
# The name of the publication in page titles, mail and feeds.
name = {name}
# The base of every link, in mail too.
url = {url}
# One sentence under the name on every page.
# tagline = "The day's news, once a day."
# The sender's postal address in one line, which many countries require in bulk mail.
# postal_address = "Example Wire, 1 Main Street, Sampletown"

[mail]
# The sender of confirmations, and of newsletters that name none.
from = {from}
# The mailbox to which other servers return mail. docs/reference/returned-mail.md explains how it is read.
{return_path}

[operators]
# Who gets a mail when something needs a person, such as a feed that has failed for days.
# notify = ["desk@example.org"]

[relay]
# The SMTP server that sends the mail on: smtp://HOST:PORT (no TLS), smtp+starttls://HOST:PORT or smtps://HOST:PORT, with USER@ before the
# host if it asks for a login. Without one, no mail reaches a reader, and /inbox shows it.
{relay}{relay_password}

[database]
# sqlite:PATH, or postgres://USER@HOST/DB.
url = {database}{database_password}

[http]
# Where the site listens. A proxy in front of it terminates HTTPS.
listen = "127.0.0.1:8080"
# The networks of your own proxies, whose X-Forwarded-For is trusted.
{proxy}trusted_proxies = ["127.0.0.1"]

[dkim]
# The keys that sign every message; their public halves are in the DNS. An RSA key, which every receiver can check:
domain = {dkim_domain}
selector = "daywire"
key_file = "{SECRETS_FOLDER}/dkim.pem"
# A second signature with an Ed25519 key.
ed25519_selector = "daywire-ed25519"
ed25519_key_file = "{SECRETS_FOLDER}/dkim-ed25519.pem"
"#,
            name = quoted(&answers.name),
            url = quoted(&answers.url),
            from = quoted(&answers.from),
            return_path = set("return_path", &answers.return_path, "bounce@news.example.org"),
            relay = set("url", &answers.relay, "smtps://daywire@mail.example.org"),
            database = quoted(&answers.database),
            proxy = if answers.url.starts_with("https:") { "" } else { "# " },
            dkim_domain = quoted(dkim_domain),
        );
        // The driver of PostgreSQL also takes a password from the options of the address.
        let has_secret = answers.database.contains("password=");
        Self { text, has_secret }
    }
}

/// The line of a setting. Without a value it is a comment with an example.
fn set(key: &str, value: &str, example: &str) -> String {
    if value.is_empty() {
        format!("# {key} = {}", quoted(example))
    } else {
        format!("{key} = {}", quoted(value))
    }
}

/// A text with the quotes and escapes of TOML.
fn quoted(text: &str) -> Value {
    Value::from(text)
}
