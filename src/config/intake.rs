//! `[intake]`: where returned mail comes back to.

use std::net::SocketAddr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Config;
use super::value::optional;
use crate::domain::return_path::TAG_LENGTH;
use crate::mail::SmtpAddress;

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
}

fn domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = optional::<D, String>(deserializer)? else {
        return Ok(None);
    };
    let allowed = || D::Error::custom("the name of a domain, such as \"bounces.example.org\", or an empty string");
    let address = crate::domain::address::EmailAddress::parse(&format!("a@{text}")).map_err(|_| allowed())?;
    Ok(Some(address.domain().to_owned()))
}

impl Config {
    /// The address that carries a tag; `None` if neither `intake.domain` nor `mail.return_path` is set.
    #[must_use]
    pub(crate) fn tagged_address(&self, tag: &str) -> Option<SmtpAddress> {
        if let Some(domain) = &self.intake.domain {
            return Some(SmtpAddress::of_parts(tag, domain));
        }
        let mailbox = self.mail.return_path.as_ref()?;
        let local = format!("{}+{tag}", mailbox.local());
        Some(SmtpAddress::of_parts(&local, mailbox.domain()))
    }

    /// What an address has in the place of the tag; `None` if it is not one that returned mail comes to.
    pub(crate) fn tag_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (local, domain) = address.rsplit_once('@')?;
        if let Some(own) = &self.intake.domain {
            return domain.eq_ignore_ascii_case(own).then_some(local);
        }
        let mailbox = self.mail.return_path.as_ref()?;
        let (name, tag) = local.split_once('+')?;
        let is_ours = name.eq_ignore_ascii_case(mailbox.local()) && domain.eq_ignore_ascii_case(mailbox.domain());
        is_ours.then_some(tag)
    }
}
