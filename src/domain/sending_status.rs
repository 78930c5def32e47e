//! What a process that sends reports about its relays and recipient domains, for operators.

use std::fmt;

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
    /// Why mail waits for this relay; `None` if it accepts connections or another relay sends its mail.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// Why a relay sends no issue now, and from when on it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayWait {
    /// What it waits for.
    pub reason: WaitReason,
    /// When it sends again.
    pub until: DateTime<Utc>,
}

/// Why a relay sends no issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The cap of the day is used up.
    DailyCap,
    /// It is outside of its send window.
    SendWindow,
}

impl WaitReason {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DailyCap => "daily_cap",
            Self::SendWindow => "send_window",
        }
    }
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DailyCap => "its cap of the day is used up",
            Self::SendWindow => "it is outside of its send window",
        })
    }
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
