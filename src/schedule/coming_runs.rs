//! The coming due times of a schedule, for the people who set it.

use chrono::{DateTime, MappedLocalTime, Offset, TimeDelta, TimeZone as _, Timelike, Utc};

use crate::domain::cron::CronSchedule;
use crate::domain::skip_days::SkipDays;
use crate::domain::time_zone::TimeZone;

/// At most this many due times on skipped days are listed.
const MAX_SKIPPED: usize = 30;

/// A coming due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComingRun {
    pub(crate) due: DateTime<Utc>,
    pub(crate) clock: Option<ClockChange>,
    /// The day of the newsletter's `skip` on which it falls: then there is no issue.
    pub(crate) skipped: Option<String>,
}

/// What a change of the clock does to a due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockChange {
    /// The clock skips the time, so the run is due after the gap.
    Skipped,
    /// The clock shows the time twice on that day.
    Twice,
}

/// The coming due times, of which `count` have an issue.
pub(crate) fn coming_runs(
    schedule: &CronSchedule,
    TimeZone(zone): TimeZone,
    skip: &SkipDays,
    now: DateTime<Utc>,
    count: usize,
) -> Vec<ComingRun> {
    let wall_time = wall_time_of(schedule.as_str());
    let (mut runs, mut with_issue) = (Vec::new(), 0);
    for due in schedule.after(zone, now) {
        let local = due.with_timezone(&zone);
        let before = (due - TimeDelta::seconds(1)).with_timezone(&zone);
        let is_after_gap = before.offset().fix().local_minus_utc() < local.offset().fix().local_minus_utc();
        let is_other_time = wall_time.is_some_and(|time| time != (local.hour(), local.minute()));
        let clock = if is_after_gap && is_other_time {
            Some(ClockChange::Skipped)
        } else if matches!(
            zone.from_local_datetime(&local.naive_local()),
            MappedLocalTime::Ambiguous(..)
        ) {
            Some(ClockChange::Twice)
        } else {
            None
        };
        let skipped = skip.names(local.date_naive());
        with_issue += usize::from(skipped.is_none());
        runs.push(ComingRun { due, clock, skipped });
        if with_issue == count || runs.len() >= count + MAX_SKIPPED {
            break;
        }
    }
    runs
}

/// Hour and minute of a line that names one of each.
fn wall_time_of(line: &str) -> Option<(u32, u32)> {
    let mut fields = line.split_whitespace();
    let minute = fields.next()?.parse().ok()?;
    let hour = fields.next()?.parse().ok()?;
    Some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(line: &str, skip: &[&str], from: &str) -> Vec<(String, Option<ClockChange>, bool)> {
        let schedule = CronSchedule::parse(line).expect("a schedule");
        let zone = "Europe/Berlin".parse().expect("a zone");
        let skip = SkipDays::parse(skip.iter().copied()).expect("days");
        let from = from.parse().expect("a time");
        let runs = coming_runs(&schedule, zone, &skip, from, 3);
        let shown = |run: ComingRun| (run.due.format("%d %H:%M").to_string(), run.clock, run.skipped.is_some());
        runs.into_iter().map(shown).collect()
    }

    #[test]
    fn times_that_the_clock_skips_or_repeats_are_marked() {
        use ClockChange::{Skipped, Twice};
        assert_eq!(
            runs("30 2 * * *", &[], "2026-03-28T12:00:00Z"),
            [
                ("29 01:00".into(), Some(Skipped), false),
                ("30 00:30".into(), None, false),
                ("31 00:30".into(), None, false)
            ]
        );
        assert_eq!(
            runs("0 3 * * *", &[], "2026-03-28T12:00:00Z")[0],
            ("29 01:00".into(), None, false),
            "three o'clock exists on that day"
        );
        assert_eq!(
            runs("30 2 * * *", &[], "2026-10-24T12:00:00Z")[0],
            ("25 00:30".into(), Some(Twice), false)
        );
        let hourly = runs("30 * * * *", &[], "2026-10-25T00:00:00Z");
        assert_eq!(hourly[0], ("25 00:30".into(), Some(Twice), false));
        assert_eq!(hourly[1], ("25 01:30".into(), Some(Twice), false));
    }

    #[test]
    fn days_without_an_issue_are_listed_and_do_not_count() {
        let runs = runs("0 7 * * *", &["sat", "sun"], "2026-11-26T12:00:00Z");
        let days: Vec<_> = runs
            .iter()
            .map(|(time, _, skipped)| (time.as_str(), *skipped))
            .collect();
        assert_eq!(
            days,
            [
                ("27 06:00", false),
                ("28 06:00", true),
                ("29 06:00", true),
                ("30 06:00", false),
                ("01 06:00", false)
            ]
        );
    }
}
