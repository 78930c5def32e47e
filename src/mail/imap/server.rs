//! An IMAP server: its address, how connections to it are encrypted, and the user.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use secrecy::SecretString;

use crate::mail::relay::Security;

/// An IMAP server and a user on it. `Display` and `Debug` show `scheme://host:port`, never the user.
#[derive(Clone)]
pub struct Server {
    /// How the connection is encrypted.
    pub(crate) security: Security,
    /// A host name as A-labels, or an IP address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) username: String,
    pub(crate) tls: Arc<ClientConfig>,
}

/// What proves to the server who the user is.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A password, sent by PLAIN or LOGIN.
    Password(SecretString),
    /// An OAuth 2.0 access token, sent by XOAUTH2. It expires after about an hour.
    Token(SecretString),
}

/// The name of a mailbox: printable ASCII. Other names are not sent, because servers encode them differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxName(String);

impl MailboxName {
    /// `None` if the name is empty or not printable ASCII.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        (is_printable && !text.trim().is_empty()).then(|| Self(text.to_owned()))
    }

    /// As a quoted string. `&` begins an encoded character in the names of mailboxes
    /// ([RFC 3501 §5.1.3](https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3)), so it is written as `&-`.
    pub(super) fn quoted(&self) -> String {
        quoted(&self.0.replace('&', "&-"))
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A quoted string ([RFC 3501 §4.3](https://www.rfc-editor.org/rfc/rfc3501#section-4.3)). The text has no line breaks.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::Tls => "imaps",
            Security::StartTls => "imap+starttls",
            Security::None => "imap",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_mailbox_is_printable_ascii_and_is_quoted() {
        let quoted = |name: &str| MailboxName::parse(name).map(|name| name.quoted());
        assert_eq!(quoted("INBOX").as_deref(), Some("\"INBOX\""));
        assert_eq!(quoted("A&B \"C\\").as_deref(), Some("\"A&-B \\\"C\\\\\""));
        for refused in ["", " ", "Gelöscht", "INBOX\r\nd9 LOGOUT", "a\tb"] {
            assert_eq!(quoted(refused), None, "{refused:?}");
        }
    }
}
