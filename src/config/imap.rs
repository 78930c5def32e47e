//! `[intake.imap]`: a mailbox on an IMAP server that is polled for returned mail.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Host;

use super::error::Problem;
use super::secrets::{password_or_file, read_secret};
use super::value::{Setting, optional, required, whole};
use crate::mail::imap::{Credential, ImapError, MailboxName, Server};
use crate::mail::relay::Security;
use crate::mail::tls;

/// The settings of the section `[intake.imap]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imap {
    /// A host name as A-labels, or an IP address; `None`: no mailbox is polled.
    #[serde(deserialize_with = "host")]
    host: Option<String>,
    /// 0 is the usual port of `security`.
    #[serde(deserialize_with = "whole::<0, 65_535, _, _>")]
    port: u16,
    #[serde(deserialize_with = "required")]
    security: Security,
    #[serde(deserialize_with = "optional")]
    username: Option<String>,
    /// The password, even if it is from `password_file`.
    #[serde(deserialize_with = "optional")]
    password: Option<SecretString>,
    #[serde(deserialize_with = "optional")]
    password_file: Option<PathBuf>,
    /// The file with an access token, which another program renews.
    #[serde(deserialize_with = "optional")]
    token_file: Option<PathBuf>,
    /// Further root certificates as PEM.
    #[serde(deserialize_with = "optional")]
    ca_file: Option<PathBuf>,
    #[serde(deserialize_with = "required")]
    pub(crate) mailbox: MailboxName,
    /// The mailbox to which stored messages are moved.
    #[serde(deserialize_with = "required")]
    pub move_to: MailboxName,
    /// How often to look for messages on a server without IDLE.
    #[serde(deserialize_with = "required")]
    pub poll_interval: Duration,
    /// What the settings say together.
    #[serde(skip)]
    server: Option<Server>,
}

impl Imap {
    /// The server; `None`: no mailbox is polled.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The password, or the token as it is in its file now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn credential(&self) -> Result<Credential, ImapError> {
        if let Some(password) = &self.password {
            return Ok(Credential::Password(password.clone()));
        }
        let token = match &self.token_file {
            Some(path) => read_secret("token_file", path),
            None => Err(Problem::new("token_file", "is empty")),
        };
        token
            .map(Credential::Token)
            .map_err(|problem| ImapError::Credential(format!("intake.imap.{} {}", problem.key, problem.reason)))
    }

    /// Checks the settings against each other, and reads the files of the password and the certificates.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        password_or_file(&mut self.password, self.password_file.as_deref())?;
        let Some(host) = self.host.clone() else { return Ok(()) };
        let Some(username) = self.username.clone() else {
            return Err(Problem::new("username", "is empty; set the user of the mailbox"));
        };
        match (&self.password, &self.token_file) {
            (None, None) => {
                let missing = "is empty; set it, or password_file, or token_file";
                return Err(Problem::new("password", missing));
            }
            (Some(_), Some(_)) => {
                let surplus = "is set, and password or password_file too; keep one";
                return Err(Problem::new("token_file", surplus));
            }
            _ => {}
        }
        if self.security == Security::None && !is_loopback(&host) {
            let reason = format!(
                "is \"none\", which would send the password to {host} in the clear; set \"tls\" or \"starttls\""
            );
            return Err(Problem::new("security", reason));
        }
        if self.mailbox == self.move_to {
            let reason = "is the mailbox that is polled; set another one";
            return Err(Problem::new("move_to", reason));
        }
        let roots = match &self.ca_file {
            None => tls::public_roots(),
            Some(path) => {
                let problem =
                    |reason: &str| Problem::new("ca_file", format!("names {}, which {reason}", path.display()));
                let pem = std::fs::read(path).map_err(|error| problem(&format!("cannot be read: {error}")))?;
                tls::public_roots_and(&pem).ok_or_else(|| problem("holds no usable PEM certificate"))?
            }
        };
        let usual_port = if self.security == Security::Tls { 993 } else { 143 };
        self.server = Some(Server {
            security: self.security,
            host,
            port: if self.port == 0 { usual_port } else { self.port },
            username,
            tls: tls::client_config(roots).map_err(|error| Problem::new("security", format!("fails: {error}")))?,
        });
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn host<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = optional::<D, String>(deserializer)? else {
        return Ok(None);
    };
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Some(ip.to_string()));
    }
    match Host::parse(&text) {
        Ok(Host::Domain(name)) => Ok(Some(name)),
        Ok(Host::Ipv4(ip)) => Ok(Some(ip.to_string())),
        Ok(Host::Ipv6(ip)) => Ok(Some(ip.to_string())),
        Err(_) => Err(D::Error::custom(
            "the name or address of a host, such as \"imap.example.org\" (the port is a setting of its own), or an empty string",
        )),
    }
}

impl Setting for Security {
    const ALLOWED: &'static str = "\"tls\", \"starttls\" or \"none\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "tls" => Some(Self::Tls),
            "starttls" => Some(Self::StartTls),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

impl Setting for MailboxName {
    const ALLOWED: &'static str = "the name of a mailbox in printable ASCII, such as \"INBOX\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}
