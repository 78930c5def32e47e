//! The counts that a transaction collects in memory until it commits (`daily_counts.rs`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::counted::CountedEvent;
use crate::domain::ids::NewsletterId;

/// Counts by day, newsletter and event, in the order in which their rows are locked.
pub(super) type Counts = BTreeMap<(String, NewsletterId, CountedEvent), i64>;

/// The counts of a transaction.
#[derive(Debug, Default)]
pub(super) struct CollectedCounts {
    pub(super) counts: Counts,
    /// Those before the part that is being made (`parts.rs`), in case it is undone.
    before_part: Counts,
}

impl CollectedCounts {
    pub(super) fn begin_part(&mut self) {
        self.before_part.clone_from(&self.counts);
    }

    pub(super) fn undo_part(&mut self) {
        self.counts = std::mem::take(&mut self.before_part);
    }
}

/// The day of a time in UTC, such as `2026-11-23`.
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
