//! When a newsletter's next issues are due, for readers.

use chrono::{DateTime, TimeDelta, Utc};

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

/// Whether a newsletter is sent more than once a week, so that readers may want fewer issues. On demand counts as that, too.
pub(crate) fn is_sent_more_than_weekly(newsletter: &Newsletter, now: DateTime<Utc>) -> bool {
    let Some(schedule) = &newsletter.schedule else {
        return true;
    };
    let due: Vec<_> = schedule.after(newsletter.timezone.0, now).take(2).collect();
    matches!(due[..], [first, second] if second - first < TimeDelta::days(6))
}

/// How long the oldest due time that no process has handled has waited; zero if there is none.
pub(crate) fn longest_wait(newsletters: &[Newsletter], now: DateTime<Utc>) -> TimeDelta {
    let waits = newsletters.iter().filter_map(|newsletter| {
        let schedule = newsletter.schedule.as_ref()?;
        let mut due = schedule.after(newsletter.timezone.0, newsletter.scheduled_through);
        due.next().map(|due| now - due)
    });
    waits
        .max()
        .map_or(TimeDelta::zero(), |wait| wait.max(TimeDelta::zero()))
}
