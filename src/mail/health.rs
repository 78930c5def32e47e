//! How the relay is: what `/readyz` and the log say while it does not let us send.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::redact::without_addresses;

/// Why mail does not go out, if so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The relay, its reply and what to do, without addresses.
    pub reason: String,
}

/// The last word about the relay, shared by everything that connects to it.
#[derive(Debug, Default)]
pub struct RelayHealth(Mutex<Option<Trouble>>);

impl RelayHealth {
    /// Notes that the relay takes mail; logs when it did not before.
    pub fn up(&self) {
        if self.lock().take().is_some() {
            tracing::info!("the relay takes mail again");
        }
    }

    /// Notes that the relay does not take mail; logs when it did before, or the reason is another one.
    pub fn down(&self, reason: &str, now: DateTime<Utc>) {
        let reason = without_addresses(reason);
        let mut trouble = self.lock();
        if trouble.as_ref().is_none_or(|trouble| trouble.reason != reason) {
            tracing::error!(reason, "relay takes no mail; retrying");
            let since = trouble.as_ref().map_or(now, |trouble| trouble.since);
            *trouble = Some(Trouble { since, reason });
        }
    }

    /// What is wrong, if anything.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
