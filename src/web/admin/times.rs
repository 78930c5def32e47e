//! Times on pages of the console: on the newsletter's clock, and in UTC.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::time_zone::TimeZone;
use crate::web::pages::Stamp;
use crate::words::Words;

/// When an issue is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct DueTime {
    pub(super) local: Stamp,
    utc: Stamp,
    /// Whether it should have been sent already.
    pub(super) is_overdue: bool,
}

impl DueTime {
    pub(super) fn new(at: DateTime<Utc>, zone: TimeZone, now: DateTime<Utc>) -> Self {
        Self {
            local: Stamp::in_zone(at, zone),
            utc: Stamp::utc(at),
            is_overdue: at + TimeDelta::minutes(1) < now,
        }
    }

    /// The time on the newsletter's clock, and in UTC if that differs.
    pub(super) fn shown(&self, words: &Words) -> String {
        let (local, utc) = (self.local.shown(words), self.utc.shown(words));
        if local == utc {
            return local;
        }
        words.draft_time_in_utc(local, utc)
    }
}
