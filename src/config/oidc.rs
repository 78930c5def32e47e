//! `[operators.oidc]`: the identity provider at which operators sign in to the console.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::error::Problem;
use super::secrets::read_into;
use super::value::{Setting, list, optional};
use crate::feeds::guard::Allowed;

/// The settings of the section `[operators.oidc]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider; `None` if there is none.
    #[serde(deserialize_with = "optional")]
    pub issuer: Option<Issuer>,
    /// The id of this site at the provider.
    #[serde(deserialize_with = "optional")]
    pub client_id: Option<String>,
    /// The secret of this site at the provider, even if it is from `secret_file`; `None` for a public client.
    #[serde(deserialize_with = "optional")]
    pub secret: Option<SecretString>,
    #[serde(deserialize_with = "optional")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The name of the provider for people; `None` for its host.
    #[serde(deserialize_with = "optional")]
    pub name: Option<String>,
    /// Private hosts and networks in which the provider may be.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<Allowed>,
}

impl Oidc {
    /// Checks that all or nothing is set, and reads the secret from its file.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        read_into(&mut self.secret, "secret", "secret_file", self.secret_file.as_deref())?;
        match (&self.issuer, &self.client_id) {
            (Some(_), None) => Err(Problem::new(
                "client_id",
                "is empty, but issuer is set; set the id that the provider has given to this site",
            )),
            (None, Some(_)) => Err(Problem::new(
                "issuer",
                "is empty, but client_id is set; set the address of the provider",
            )),
            _ => Ok(()),
        }
    }
}

/// The address that names a provider. It is compared byte by byte, so it is kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    host: String,
}

impl Issuer {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host of the address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Setting for Issuer {
    const ALLOWED: &'static str =
        "an https address without query, such as \"https://accounts.google.com\", or an http address of this machine";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        (is_plain && is_confidential(&url)).then(|| Self {
            text: text.to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
        })
    }
}

/// Whether nobody on the way can read or change what is exchanged with an address: over HTTPS, or within this machine.
pub(crate) fn is_confidential(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_has_https_or_is_on_this_machine() {
        for text in [
            "https://accounts.google.com",
            "https://sso.example.org/realms/news/",
            "http://127.0.0.1:8180/realms/news",
            "http://[::1]:8180",
            "http://localhost:8180",
        ] {
            assert_eq!(Issuer::read(text).map(|issuer| issuer.text).as_deref(), Some(text));
        }
        for text in [
            "",
            "sso.example.org",
            "http://sso.example.org",
            "http://localhost.example.org",
            "https://sso.example.org?x=1",
            "https://sso.example.org/#x",
            "https://ada:secret@sso.example.org",
            "file:///etc/passwd",
        ] {
            assert_eq!(Issuer::read(text), None, "{text}");
        }
    }
}
