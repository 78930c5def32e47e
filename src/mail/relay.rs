//! The address of a relay, how connections to it are encrypted, and the login.

use std::{fmt, sync::Arc};

use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use secrecy::SecretString;
use url::Url;

use super::tls;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `smtp://`, without encryption.
    None,
    /// `smtp+starttls://`, TLS after the greeting, and required (RFC 3207).
    StartTls,
    /// `smtps://`, TLS from the first byte (RFC 8314).
    Tls,
}

/// An SMTP server that sends our mail on. `Display` and `Debug` show `scheme://host:port`, never the login.
#[derive(Clone)]
pub struct Relay {
    pub(super) security: Security,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretString>,
    /// Logs in instead of a password.
    pub(super) access_token: Option<SecretString>,
    pub(super) tls: Arc<ClientConfig>,
}

/// Why the address of a relay is invalid. The text never contains the address, because the address may contain the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// The text is not a URL.
    #[error(
        "the relay's address cannot be read; write smtps://USER:PASSWORD@HOST:PORT, and a character such as / # ? @ or : inside the password as %2F %23 %3F %40 %3A"
    )]
    Malformed,
    /// The scheme is not supported.
    #[error("a relay's address begins with smtp://, smtp+starttls:// or smtps://, not with {0}://")]
    Scheme(String),
    /// The URL has no host.
    #[error("the relay's address names no host; write smtps://HOST:PORT")]
    Host,
    /// The URL has a path, query or fragment.
    #[error("a relay's address ends after the port: remove the path, query or fragment")]
    Extra,
    /// There is a password, but no user.
    #[error("the relay has a password but no user; write smtps://USER@HOST:PORT")]
    User,
    /// The certificate file contains no usable certificate.
    #[error("no usable PEM certificate was found; give the root certificate that signed the relay's own")]
    Certificate,
    /// Setting up the TLS library failed.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl From<rustls::Error> for RelayError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error.to_string())
    }
}

impl Relay {
    /// Parses `smtp://[user:password@]HOST[:PORT]`, `smtp+starttls://…` or `smtps://…`. The default ports are 25, 587 and 465. User and
    /// password are percent-decoded.
    pub fn parse(text: &str) -> Result<Self, RelayError> {
        let url = Url::parse(text.trim()).map_err(|_| RelayError::Malformed)?;
        let (security, default_port) = match url.scheme() {
            "smtp" => (Security::None, 25),
            "smtp+starttls" => (Security::StartTls, 587),
            "smtps" => (Security::Tls, 465),
            other => return Err(RelayError::Scheme(other.to_owned())),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(RelayError::Extra);
        }
        let host = decode(url.host_str().unwrap_or_default())?;
        let host = if host.is_ascii() {
            host
        } else {
            idna::domain_to_ascii(&host).map_err(|_| RelayError::Malformed)?
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.is_empty() {
            return Err(RelayError::Host);
        }
        let user = decode(url.username())?;
        let password = url.password().map(decode).transpose()?;
        if user.is_empty() && password.is_some() {
            return Err(RelayError::User);
        }
        Ok(Self {
            security,
            host,
            port: url.port().unwrap_or(default_port),
            user: (!user.is_empty()).then_some(user),
            password: password.map(SecretString::from),
            access_token: None,
            tls: tls::client_config(tls::public_roots())?,
        })
    }

    /// A relay without TLS and login.
    ///
    /// # Errors
    /// [`RelayError::Tls`] if the TLS library does not start.
    pub fn plain(at: std::net::SocketAddr) -> Result<Self, RelayError> {
        Self::parse(&format!("smtp://{at}"))
    }

    /// The same relay with the password from another setting.
    ///
    /// # Errors
    /// [`RelayError::User`] if the address names no user.
    pub fn with_password(self, password: SecretString) -> Result<Self, RelayError> {
        if self.user.is_none() {
            return Err(RelayError::User);
        }
        Ok(Self {
            password: Some(password),
            ..self
        })
    }

    /// The same relay, to which the user logs in with an access token of OAuth 2.0 instead of a password.
    #[must_use]
    pub fn with_access_token(&self, token: SecretString) -> Self {
        Self {
            access_token: Some(token),
            ..self.clone()
        }
    }

    /// The same relay, which also trusts the root certificates in this PEM text.
    ///
    /// # Errors
    /// [`RelayError::Certificate`] if it contains none.
    pub fn with_roots(self, pem: &[u8]) -> Result<Self, RelayError> {
        let roots = tls::public_roots_and(pem).ok_or(RelayError::Certificate)?;
        Ok(Self {
            tls: tls::client_config(roots)?,
            ..self
        })
    }

    /// How the connection is encrypted.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }

    /// The host name as A-labels, or the IP address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port that is connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// User and password; `None` if the relay needs no login.
    #[must_use]
    pub fn login(&self) -> Option<(&str, Option<&SecretString>)> {
        Some((self.user.as_deref()?, self.password.as_ref()))
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::None => "smtp",
            Security::StartTls => "smtp+starttls",
            Security::Tls => "smtps",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({self})")
    }
}

fn decode(text: &str) -> Result<String, RelayError> {
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| RelayError::Malformed)?;
    if text.chars().any(char::is_control) {
        Err(RelayError::Malformed)
    } else {
        Ok(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn each_scheme_has_its_default_port() {
        for (text, shown) in [
            ("smtp://127.0.0.1", "smtp://127.0.0.1:25"),
            (
                "smtp+starttls://mail.example.org",
                "smtp+starttls://mail.example.org:587",
            ),
            ("smtps://mail.example.org/", "smtps://mail.example.org:465"),
            ("smtp://[::1]:2525", "smtp://[::1]:2525"),
            ("smtps://b%C3%BCcher.example", "smtps://xn--bcher-kva.example:465"),
        ] {
            assert_eq!(Relay::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let relay = Relay::parse("smtps://desk%40example.org:p%2Fw%23%C3%BC@mail.example.org").unwrap();
        assert_eq!(relay.user.as_deref(), Some("desk@example.org"));
        assert_eq!(relay.password.as_ref().unwrap().expose_secret(), "p/w#ü");
        for shown in [format!("{relay}"), format!("{relay:?}"), format!("{relay:#?}")] {
            assert!(shown.contains("smtps://mail.example.org:465"), "{shown}");
            assert!(
                !shown.contains("p/w") && !shown.contains("p%2F") && !shown.contains("desk"),
                "{shown}"
            );
        }
    }

    #[test]
    fn an_invalid_address_is_refused_without_showing_the_password() {
        for (text, error) in [
            ("mail.example.org:25", RelayError::Scheme("mail.example.org".to_owned())),
            ("http://mail.example.org", RelayError::Scheme("http".to_owned())),
            ("smtp://", RelayError::Host),
            ("smtp://u:hunter2@", RelayError::Malformed),
            ("smtp://:hunter2@mail.example.org", RelayError::User),
            ("smtp://u:hun/ter2@mail.example.org", RelayError::Malformed),
            ("smtp://mail.example.org/inbox", RelayError::Extra),
            ("smtp://u:%00hunter2@mail.example.org", RelayError::Malformed),
            ("smtp://mail.example.org:99999", RelayError::Malformed),
        ] {
            let found = Relay::parse(text).unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(!found.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_password_without_a_user_and_a_root_without_a_certificate_are_refused() {
        let relay = Relay::parse("smtp://127.0.0.1").unwrap();
        assert!(relay.clone().with_password(SecretString::from("x")).is_err());
        assert_eq!(relay.with_roots(b"nothing here").unwrap_err(), RelayError::Certificate);
    }
}
