//! Formats times for people, and converts durations.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::time_zone::TimeZone;

/// A duration for arithmetic with dates. A longer one than dates allow becomes the longest.
#[must_use]
pub fn time_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// A time on a newsletter's clock and in UTC: `Wed 2026-11-25 07:00 CET (06:00 UTC)`. Only UTC in that zone.
#[must_use]
pub fn zoned(at: DateTime<Utc>, zone: TimeZone) -> String {
    let TimeZone(zone) = zone;
    let local = at.with_timezone(&zone);
    let shown = local.format("%a %Y-%m-%d %H:%M %Z");
    if zone == Tz::UTC {
        return shown.to_string();
    }
    let same_day = local.date_naive() == at.date_naive();
    let utc = at.format(if same_day { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" });
    format!("{shown} ({utc})")
}

/// The due time of an issue that is not sent yet, as [`zoned`] shows it, and by how much it is overdue.
#[must_use]
pub fn due(at: DateTime<Utc>, zone: TimeZone, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    let shown = zoned(at, zone);
    if minutes < 1 {
        return shown;
    }
    let late = Duration::from_secs(minutes.unsigned_abs() * 60);
    format!("{shown}, overdue by {}", humantime::format_duration(late))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_is_shown_in_both_zones_with_the_time_overdue() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let zone = |name: &str| name.parse::<TimeZone>().expect("a zone");
        let seven = at("2026-11-25T06:00:00Z");
        assert_eq!(
            due(seven, zone("Europe/Berlin"), at("2026-11-25T05:00:00Z")),
            "Wed 2026-11-25 07:00 CET (06:00 UTC)"
        );
        assert_eq!(
            due(seven, zone("Europe/Berlin"), at("2026-11-25T07:30:20Z")),
            "Wed 2026-11-25 07:00 CET (06:00 UTC), overdue by 1h 30m"
        );
        assert_eq!(zoned(seven, zone("UTC")), "Wed 2026-11-25 06:00 UTC");
        assert_eq!(
            zoned(at("2026-11-25T03:00:00Z"), zone("America/New_York")),
            "Tue 2026-11-24 22:00 EST (2026-11-25 03:00 UTC)"
        );
    }
}
