//! `[privacy]`: what is kept about readers, and how long the links work by which they decide about it.

use std::time::Duration;

use serde::Deserialize;

use super::value::{optional, required};

/// The settings of the section `[privacy]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Whether the consent record has the network addresses of requests.
    pub keep_network_addresses: bool,
    /// For how long a subscriber can undo leaving.
    #[serde(deserialize_with = "required")]
    pub undo_leaving_within: Duration,
    /// For how long a change of address can be undone from the old address.
    #[serde(deserialize_with = "required")]
    pub undo_address_within: Duration,
    /// How long a mailed link works that changes, exports or erases what is on record about a subscriber.
    #[serde(deserialize_with = "required")]
    pub link_ttl: Duration,
    /// How long an ended mail to one person stays on record; `None` is for ever.
    #[serde(deserialize_with = "optional")]
    pub keep_mails: Option<Duration>,
}
