//! When a newsletter's next issue is due, for readers.

use chrono::{DateTime, Utc};

use crate::store::newsletters::Newsletter;

/// At most this many due times are skipped: a daily newsletter with a year of skipped days has no next issue to announce.
const MAX_SKIPPED: usize = 366;

/// When the next issue is due that is not on a skipped day; `None` without a schedule. There may be nothing to send then.
pub(crate) fn next_issue(newsletter: &Newsletter, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = newsletter.timezone.0;
    let mut due = newsletter.schedule.as_ref()?.after(zone, now).take(MAX_SKIPPED);
    due.find(|due| {
        newsletter
            .skip_days
            .names(due.with_timezone(&zone).date_naive())
            .is_none()
    })
}
