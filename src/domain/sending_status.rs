//! What a process that sends reports about its relays and recipient domains, for operators.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How fast a process sends now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingStatus {
    /// The relays in the order of the settings.
    pub relays: Vec<RelayStatus>,
    /// Recipient domains with a limit, those with the most waiting deliveries first.
    pub domains: Vec<DomainStatus>,
    /// Why no relay accepts mail; `None` if one does.
    pub trouble: Option<String>,
}

/// How fast a relay is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayStatus {
    /// The address without the login.
    pub name: String,
    /// How many messages may be sent at once now.
    pub limit: u64,
    /// How many may be sent at once by the settings.
    pub max: u64,
    /// Until when nothing is sent, because the relay asked us to slow down.
    pub paused_until: Option<DateTime<Utc>>,
}

/// How fast messages are sent to a recipient domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainStatus {
    /// The domain, or the first of those that share a limit.
    pub domain: String,
    /// How many messages may be sent at once now; `None` without a limit.
    pub limit: Option<u64>,
    /// How many messages are being sent.
    pub in_flight: u64,
    /// How many deliveries wait in the memory of the process.
    pub waiting: u64,
    /// Until when nothing is sent.
    pub paused_until: Option<DateTime<Utc>>,
}
