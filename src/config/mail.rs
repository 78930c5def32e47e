//! `[mail]`: the sender, and the address for bounces.

use lettre::Address;
use lettre::message::Mailbox;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::intake::MAX_RETURN_PATH_LOCAL;
use super::value::{optional, or_placeholder};
use crate::mail::SmtpAddress;

/// The settings of the section `[mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The sender of confirmations, and of newsletters without their own. While it is unset, an address that no mail reaches.
    #[serde(deserialize_with = "from")]
    pub from: Mailbox,
    /// The mailbox to which other servers return mail. Each message gets a return path of its own there, with a signed plus-tag, unless
    /// `intake.domain` is set.
    #[serde(deserialize_with = "return_path")]
    pub return_path: Option<SmtpAddress>,
}

/// Reads the return path. Its local part leaves room for a tag.
fn return_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SmtpAddress>, D::Error> {
    let address: Option<SmtpAddress> = optional(deserializer)?;
    match address {
        Some(address) if address.local().len() > MAX_RETURN_PATH_LOCAL => Err(D::Error::custom(format_args!(
            "an address with at most {MAX_RETURN_PATH_LOCAL} characters before the @, because a tag follows them, or an empty string"
        ))),
        address => Ok(address),
    }
}

/// Domain of the sender while none is set. No mail reaches the top-level domain `invalid`
/// ([RFC 2606 §2](https://www.rfc-editor.org/rfc/rfc2606#section-2)).
const PLACEHOLDER_DOMAIN: &str = "daywire.invalid";

/// Whether this From header has the placeholder sender.
pub(crate) fn is_placeholder(from: &str) -> bool {
    from.trim_end()
        .trim_end_matches('>')
        .ends_with(&format!("@{PLACEHOLDER_DOMAIN}"))
}

fn from<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mailbox, D::Error> {
    or_placeholder(deserializer, || {
        let address = Address::new("news", PLACEHOLDER_DOMAIN).expect("a local part and a domain");
        Mailbox::new(Some("Daywire".to_owned()), address)
    })
}
