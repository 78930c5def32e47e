//! The outcome of a run, and when a run is too late.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::newsletters::Newsletter;

/// The outcome of the run of one due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// An issue to this number of recipients.
    Made(u64),
    /// No issue, because there was nothing to send.
    Empty(String),
    /// No issue, because the run was too late, its day is a skip day, or a later run replaced it.
    Skipped(String),
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(1) => write!(f, "made, 1 recipient"),
            Self::Made(recipients) => write!(f, "made, {recipients} recipients"),
            Self::Empty(reason) => write!(f, "nothing to send: {reason}"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

/// Why a run is skipped if its due time is longer ago than the newsletter's grace; `None` if it can still be made.
pub(super) fn too_late(newsletter: &Newsletter, due: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let late = now - due;
    let grace = TimeDelta::seconds(newsletter.grace_seconds);
    (late > grace).then(|| {
        format!(
            "{} minutes late, the grace is {} minutes",
            late.num_minutes(),
            grace.num_minutes()
        )
    })
}
