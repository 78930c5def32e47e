//! When an issue with `local_time` is due in each recipient's time zone.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::time_zone::first_instant;

/// The longest time from `start` to [`local_time`] in any zone. A time of day comes again within 24 hours, and a
/// change between standard time and daylight saving time adds at most two.
pub(super) const MAX_ZONE_DELAY: TimeDelta = TimeDelta::hours(26);

/// The first time from `start` on when the clock of `zone` shows `time`.
#[must_use]
pub fn local_time(start: DateTime<Utc>, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let first_day = start.with_timezone(&zone).date_naive();
    let mut candidates =
        (0..=2).filter_map(|days| first_instant((first_day + TimeDelta::days(days)).and_time(time), zone));
    candidates.find(|candidate| *candidate >= start).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipients_clock_shows_the_newsletters_time() {
        let at = |due: &str, recipient: &str| {
            let due: DateTime<Utc> = due.parse().expect("a time");
            let zone = recipient.parse().expect("a zone");
            let time = due.with_timezone(&chrono_tz::Europe::Berlin).time();
            local_time(due, time, zone).to_rfc3339()
        };
        // Berlin 07:00.
        assert_eq!(at("2026-03-02T06:00:00Z", "Europe/Berlin"), "2026-03-02T06:00:00+00:00");
        assert_eq!(
            at("2026-03-02T06:00:00Z", "America/New_York"),
            "2026-03-02T12:00:00+00:00"
        );
        // In Tokyo it is 15:00 by then: the next morning.
        assert_eq!(at("2026-03-02T06:00:00Z", "Asia/Tokyo"), "2026-03-02T22:00:00+00:00");
    }

    #[test]
    fn no_zone_is_delayed_longer_than_the_maximum() {
        let start: DateTime<Utc> = "2026-01-01T06:00:00Z".parse().expect("a time");
        for day in 0..366 {
            let due = start + TimeDelta::days(day);
            for zone in chrono_tz::TZ_VARIANTS {
                let time = due.with_timezone(&chrono_tz::Europe::Berlin).time();
                let delay = local_time(due, time, zone) - due;
                assert!(TimeDelta::zero() <= delay && delay <= MAX_ZONE_DELAY, "{zone}: {delay}");
            }
        }
    }

    #[test]
    fn an_hour_that_is_skipped_or_repeated_counts_once() {
        let at = |due: &str, recipient: chrono_tz::Tz| {
            let due: DateTime<Utc> = due.parse().expect("a time");
            local_time(due, due.time(), recipient).to_rfc3339()
        };
        // 02:30 does not exist in New York on 8 March 2026, and comes twice in Berlin on 25 October.
        assert_eq!(
            at("2026-03-08T02:30:00Z", chrono_tz::America::New_York),
            "2026-03-08T07:00:00+00:00"
        );
        assert_eq!(
            at("2026-10-24T02:30:00Z", chrono_tz::Europe::Berlin),
            "2026-10-25T00:30:00+00:00"
        );
    }
}
