//! Spans of time, between what settings hold and what the calendar counts with.

use std::time::Duration;

use chrono::TimeDelta;

/// A setting's duration for arithmetic with dates; one that is too long for it counts as the longest.
#[must_use]
pub fn time_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
