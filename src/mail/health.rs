//! Whether the relay accepts mail and the mailbox for returned mail can be read: what `/readyz` and the log report while that is not so.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::smtp::SendError;
use crate::domain::redact::without_addresses;

/// A connection that the relay accepts and then breaks off, or leaves without an answer, may be an accident. After this many in a
/// row the relay counts as unavailable.
const MAX_BROKEN: u32 = 3;

/// Why a server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When it first failed.
    pub since: DateTime<Utc>,
    /// The server, its reply and what to do, without addresses.
    pub reason: String,
}

/// New connections that broke or stalled since the last one that succeeded.
#[derive(Debug, Default)]
pub struct BrokenInARow(AtomicU32);

impl BrokenInARow {
    /// Records that a connection succeeded.
    pub fn succeeded(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Counts a connection that failed. Returns whether the relay is unavailable, and not only this connection.
    pub fn failed(&self, error: &SendError) -> bool {
        if !error.is_of_one_connection() {
            return true;
        }
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        before.saturating_add(1) >= MAX_BROKEN
    }
}

/// The present trouble with a server; `None` if there is none.
#[derive(Debug, Default)]
struct Health(Mutex<Option<Trouble>>);

impl Health {
    /// Ends the trouble; returns whether there was any.
    fn end(&self) -> bool {
        self.lock().take().is_some()
    }

    /// Records trouble. Returns its reason if it is new.
    fn begin(&self, reason: &str, now: DateTime<Utc>) -> Option<String> {
        let reason = without_addresses(reason);
        let mut trouble = self.lock();
        if trouble.as_ref().is_some_and(|trouble| trouble.reason == reason) {
            return None;
        }
        let since = trouble.as_ref().map_or(now, |trouble| trouble.since);
        *trouble = Some(Trouble {
            since,
            reason: reason.clone(),
        });
        Some(reason)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of the relay, shared by everything that connects to it.
#[derive(Debug, Default)]
pub struct RelayHealth(Health);

impl RelayHealth {
    /// Records that the relay accepts mail; logs it if it did not before.
    pub fn up(&self) {
        if self.0.end() {
            tracing::info!("relay accepts mail again");
        }
    }

    /// Records that the relay accepts no mail; logs it if it did before, or if the reason changed.
    pub fn down(&self, reason: &str, now: DateTime<Utc>) {
        if let Some(reason) = self.0.begin(reason, now) {
            tracing::error!(reason, "relay accepts no mail; trying again");
        }
    }

    /// Why the relay accepts no mail; `None` if it accepts mail.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.lock().clone()
    }
}

/// The state of the mailbox for returned mail.
#[derive(Debug, Default)]
pub struct MailboxHealth(Health);

impl MailboxHealth {
    /// Records that the mailbox can be read; logs it if it could not before.
    pub fn up(&self) {
        if self.0.end() {
            tracing::info!("IMAP mailbox can be read again");
        }
    }

    /// Records that this process has no failure of the mailbox to report, because another process polls it; logs it if there was one.
    pub fn polled_by_another_process(&self) {
        if self.0.end() {
            tracing::info!("IMAP mailbox is polled by another process");
        }
    }

    /// Records that the mailbox cannot be read; logs it if it could before, or if the reason changed.
    pub fn down(&self, reason: &str, now: DateTime<Utc>) {
        if let Some(reason) = self.0.begin(reason, now) {
            tracing::error!(reason, "IMAP mailbox cannot be read; trying again");
        }
    }

    /// Why the mailbox cannot be read; `None` if it can.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_connection_is_not_the_relay() {
        let broken = || SendError::Lost {
            relay: "smtp://relay.example".into(),
            reason: "the server did not answer within 5m".into(),
        };
        let unreachable = SendError::Unreachable {
            relay: "smtp://relay.example".into(),
            reason: "connection refused".into(),
        };
        let in_a_row = BrokenInARow::default();
        assert!(in_a_row.failed(&unreachable));
        assert!(!in_a_row.failed(&broken()) && !in_a_row.failed(&broken()));
        assert!(in_a_row.failed(&broken()) && in_a_row.failed(&broken()));
        in_a_row.succeeded();
        assert!(!in_a_row.failed(&broken()));
    }
}
