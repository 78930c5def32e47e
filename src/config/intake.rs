//! `[intake]`: where returned mail comes back to.

use std::net::SocketAddr;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::imap::Imap;
use super::value::optional;
use crate::domain::return_path::TAG_LENGTH;

/// The most octets of a local part ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
const MAX_LOCAL_PART: usize = 64;
/// The longest local part of `mail.return_path` that leaves room for a plus sign and a tag.
pub(super) const MAX_RETURN_PATH_LOCAL: usize = MAX_LOCAL_PART - 1 - TAG_LENGTH;

/// The settings of the section `[intake]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Where the SMTP and LMTP listener for returned mail listens; `None` if there is none.
    #[serde(deserialize_with = "optional")]
    pub listen: Option<SocketAddr>,
    /// A domain whose addresses are all for returned mail, as A-labels in lower case. It replaces the plus-tags of `mail.return_path`.
    #[serde(deserialize_with = "domain")]
    pub domain: Option<String>,
    /// How long the content of a returned mail is kept after it was processed; `None` is for ever.
    #[serde(deserialize_with = "optional")]
    pub keep_contents: Option<Duration>,
    /// A mailbox that is polled for returned mail.
    pub imap: Imap,
}

impl Intake {
    /// Whether a way is set by which returned mail reaches the program without an operator.
    pub(crate) fn is_set(&self) -> bool {
        self.listen.is_some() || self.domain.is_some() || self.imap.server().is_some()
    }
}

fn domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = optional::<D, String>(deserializer)? else {
        return Ok(None);
    };
    let allowed = || D::Error::custom("the name of a domain, such as \"bounces.example.org\", or an empty string");
    let address = crate::domain::address::EmailAddress::parse(&format!("a@{text}")).map_err(|_| allowed())?;
    Ok(Some(address.domain().to_owned()))
}
