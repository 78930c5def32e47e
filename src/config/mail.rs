//! `[mail]`: the sender, and the address for bounces.

use lettre::Address;
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer};

use super::value::{optional, or_placeholder};
use crate::mail::SmtpAddress;

/// The settings of the section `[mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The sender of confirmations, and of newsletters without their own. While it is unset, an address that no mail reaches.
    #[serde(deserialize_with = "from")]
    pub from: Mailbox,
    /// The mailbox whose plus-tag carries the bounce address.
    #[serde(deserialize_with = "optional")]
    pub return_path: Option<SmtpAddress>,
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
