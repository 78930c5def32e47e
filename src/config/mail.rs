//! `[mail]`: the sender, and where bounces go.

use lettre::Address;
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer};

use super::value::{optional, or_stand_in};

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The sender of confirmations and of newsletters that name none. While it is unset, an address that no mail reaches.
    #[serde(deserialize_with = "from")]
    pub from: Mailbox,
    /// The mailbox whose plus-tag carries the bounce address.
    #[serde(deserialize_with = "optional")]
    pub return_path: Option<Address>,
}

fn from<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mailbox, D::Error> {
    or_stand_in(deserializer, || {
        // Top-level domain `invalid`: RFC 2606 section 2.
        let address = Address::new("news", "daywire.invalid").expect("a local part and a domain");
        Mailbox::new(Some("Daywire".to_owned()), address)
    })
}
