//! `[mail]`: the sender, and where bounces go.

use lettre::Address;
use lettre::message::Mailbox;
use serde::Deserialize;

use super::value::{optional, required};

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The sender of confirmations and of newsletters that name none.
    #[serde(deserialize_with = "required")]
    pub from: Mailbox,
    /// The mailbox whose plus-tag carries the bounce address.
    #[serde(deserialize_with = "optional")]
    pub return_path: Option<Address>,
}
