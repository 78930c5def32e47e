//! The hours of the day in which a relay sends issues.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::time_zone::{TimeZone, first_instant};

/// A span of each day by the clock of a time zone, also over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendWindow {
    from: NaiveTime,
    to: NaiveTime,
    zone: Tz,
}

impl SendWindow {
    /// `None` if the window would be empty.
    #[must_use]
    pub fn new(from: NaiveTime, to: NaiveTime, TimeZone(zone): TimeZone) -> Option<Self> {
        (from != to).then_some(Self { from, to, zone })
    }

    /// When issues may be sent again; `None` if they may be sent at `now`.
    #[must_use]
    pub fn closed_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(now) {
            return None;
        }
        // The clock of the zone may skip the beginning: then the window begins after the gap, or on the next day if all of it is skipped.
        let today = now.with_timezone(&self.zone).date_naive();
        let mut beginnings =
            (0..=3).filter_map(|days| first_instant((today + TimeDelta::days(days)).and_time(self.from), self.zone));
        beginnings.find(|beginning| *beginning > now && self.is_open(*beginning))
    }

    fn is_open(&self, at: DateTime<Utc>) -> bool {
        let time = at.with_timezone(&self.zone).time();
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> SendWindow {
        let time = |text: &str| text.parse().expect("a time");
        SendWindow::new(time(from), time(to), TimeZone(chrono_tz::Europe::Berlin)).expect("the window is not empty")
    }

    fn closed_until(window: SendWindow, now: &str) -> Option<String> {
        let until = window.closed_until(now.parse().expect("an instant"));
        until.map(|until| until.format("%FT%H:%MZ").to_string())
    }

    #[test]
    fn a_window_is_open_from_its_beginning_to_before_its_end() {
        let day = window("06:00:00", "22:00:00");
        assert_eq!(
            closed_until(day, "2026-11-23T04:59:59Z").as_deref(),
            Some("2026-11-23T05:00Z")
        );
        assert_eq!(closed_until(day, "2026-11-23T05:00:00Z"), None);
        assert_eq!(closed_until(day, "2026-11-23T20:59:59Z"), None);
        assert_eq!(
            closed_until(day, "2026-11-23T21:00:00Z").as_deref(),
            Some("2026-11-24T05:00Z")
        );
    }

    #[test]
    fn a_window_may_go_over_midnight() {
        let night = window("22:00:00", "06:00:00");
        assert_eq!(closed_until(night, "2026-11-23T21:00:00Z"), None);
        assert_eq!(closed_until(night, "2026-11-24T04:59:00Z"), None);
        assert_eq!(
            closed_until(night, "2026-11-24T05:00:00Z").as_deref(),
            Some("2026-11-24T21:00Z")
        );
        let to_midnight = window("22:00:00", "00:00:00");
        assert_eq!(closed_until(to_midnight, "2026-11-23T22:59:00Z"), None);
        assert_eq!(
            closed_until(to_midnight, "2026-11-23T23:00:00Z").as_deref(),
            Some("2026-11-24T21:00Z")
        );
    }

    #[test]
    fn a_beginning_that_the_clock_skips_is_after_the_gap() {
        // On 29 March 2026 at 01:00 UTC, clocks in Berlin go from 02:00 to 03:00.
        let early = window("02:30:00", "12:00:00");
        assert_eq!(
            closed_until(early, "2026-03-29T00:59:00Z").as_deref(),
            Some("2026-03-29T01:00Z")
        );
        assert_eq!(closed_until(early, "2026-03-29T01:00:00Z"), None);
    }

    #[test]
    fn every_closed_window_opens_within_two_days() {
        for zone in chrono_tz::TZ_VARIANTS {
            let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
            let window = SendWindow::new(time(0), time(1), TimeZone(zone)).expect("the window is not empty");
            let mut now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("an instant");
            for _ in 0..366 {
                if let Some(until) = window.closed_until(now) {
                    assert!(
                        until > now && until - now <= TimeDelta::hours(48),
                        "{zone} at {now}: {until}"
                    );
                    assert_eq!(window.closed_until(until), None, "{zone} at {until}");
                }
                now += TimeDelta::hours(25);
            }
        }
    }
}
