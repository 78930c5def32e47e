//! The times at which cron lines fire, above all when the clock changes.

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, Tz};
use proptest::prelude::*;

use super::{CronError, CronSchedule};

fn schedule(line: &str) -> CronSchedule {
    CronSchedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The first `count` times after `from`, as local text with offset.
fn times(line: &str, tz: Tz, from: &str, count: usize) -> Vec<String> {
    let local = |time: DateTime<Utc>| time.with_timezone(&tz).format("%m-%d %H:%M %z").to_string();
    schedule(line).after(tz, utc(from)).take(count).map(local).collect()
}

/// The days of 2026 on which `line` fires in UTC, the first `count`.
fn days(line: &str, count: usize) -> Vec<String> {
    let from = utc("2025-12-31T23:59:59Z");
    schedule(line)
        .after(Tz::UTC, from)
        .take(count)
        .map(|time| time.format("%m-%d").to_string())
        .collect()
}

#[test]
fn a_skipped_time_is_due_right_after_the_gap() {
    assert_eq!(
        times("30 2 * * *", America::New_York, "2026-03-08T00:00:00Z", 2),
        ["03-08 03:00 -0400", "03-09 02:30 -0400"]
    );
    assert_eq!(
        times("0 2 * * *", Australia::Lord_Howe, "2026-10-03T00:00:00Z", 2),
        ["10-04 02:30 +1100", "10-05 02:00 +1100"]
    );
}

#[test]
fn a_midnight_digest_in_cairo_fires_when_midnight_is_skipped() {
    assert_eq!(
        times("@daily", Africa::Cairo, "2026-04-23T12:00:00Z", 2),
        ["04-24 01:00 +0300", "04-25 00:00 +0300"]
    );
}

#[test]
fn the_digest_of_a_skipped_day_fires_at_the_next_midnight() {
    let got = times("0 9 30 12 *", Pacific::Apia, "2011-12-29T12:00:00Z", 2);
    assert_eq!(got, ["12-31 00:00 +1400", "12-30 09:00 +1400"]);
}

#[test]
fn several_times_in_one_gap_fire_once() {
    assert_eq!(
        times("0,20,40 2 * * *", America::New_York, "2026-03-08T00:00:00Z", 2),
        ["03-08 03:00 -0400", "03-09 02:00 -0400"]
    );
    assert_eq!(
        times("0,30 2,3 * * *", America::New_York, "2026-03-08T00:00:00Z", 3),
        ["03-08 03:00 -0400", "03-08 03:30 -0400", "03-09 02:00 -0400"]
    );
}

#[test]
fn a_time_that_occurs_twice_fires_once_at_the_first() {
    assert_eq!(
        times("30 1 * * *", America::New_York, "2026-11-01T00:00:00Z", 2),
        ["11-01 01:30 -0400", "11-02 01:30 -0500"]
    );
    let between = times("30 1 * * *", America::New_York, "2026-11-01T06:10:00Z", 1);
    assert_eq!(between, ["11-02 01:30 -0500"], "asked between the two half past ones");
}

#[test]
fn an_hourly_line_fires_in_every_hour_of_both_clock_changes() {
    assert_eq!(
        times("30 * * * *", America::New_York, "2026-03-08T06:00:00Z", 3),
        ["03-08 01:30 -0500", "03-08 03:30 -0400", "03-08 04:30 -0400"]
    );
    assert_eq!(
        times("30 * * * *", America::New_York, "2026-11-01T05:00:00Z", 3),
        ["11-01 01:30 -0400", "11-01 01:30 -0500", "11-01 02:30 -0500"]
    );
}

#[test]
fn a_line_of_minutes_fires_through_a_half_hour_change() {
    for start in [
        "2026-04-04T14:00:00Z",
        "2026-04-04T14:40:00Z",
        "2026-04-04T14:59:30Z",
        "2026-04-04T15:10:00Z",
    ] {
        let from = utc(start);
        let whole = from.with_second(0).unwrap_or(from);
        let got: Vec<_> = schedule("* * * * *")
            .after(Australia::Lord_Howe, from)
            .take(90)
            .collect();
        let want: Vec<_> = (1..=90).map(|minute| whole + TimeDelta::minutes(minute)).collect();
        assert_eq!(got, want, "from {start}");
    }
}

#[test]
fn a_day_is_due_by_either_day_field_when_both_are_restricted() {
    assert_eq!(days("0 0 13 * FRI", 4), ["01-02", "01-09", "01-13", "01-16"]);
    assert_eq!(days("0 0 13 * *", 2), ["01-13", "02-13"]);
    assert_eq!(days("0 0 * * FRI", 2), ["01-02", "01-09"]);
    assert_eq!(
        days("0 0 1-7 * */7", 2),
        ["01-04", "02-01"],
        "the old way to say first Sunday"
    );
}

#[test]
fn last_days_and_counted_weekdays_match() {
    assert_eq!(days("0 0 L * *", 3), ["01-31", "02-28", "03-31"]);
    assert_eq!(days("0 0 15,l 2 *", 2), ["02-15", "02-28"]);
    assert_eq!(days("0 0 * * FRIL", 2), ["01-30", "02-27"]);
    assert_eq!(days("0 0 * * 0L", 1), days("0 0 * * 7L", 1));
    assert_eq!(days("0 0 * * mon#2,3#1", 4), ["01-07", "01-12", "02-04", "02-09"]);
    assert_eq!(days("0 0 * * 5#5", 2), ["01-30", "05-29"]);
}

#[test]
fn sunday_is_both_0_and_7() {
    for line in [
        "0 0 * * 0",
        "0 0 * * 7",
        "0 0 * * SUN",
        "0 0 * * sun",
        "@weekly",
        "0 0 ? * 0,7",
    ] {
        assert_eq!(days(line, 3), ["01-04", "01-11", "01-18"], "{line}");
    }
    assert_eq!(days("0 0 * * SAT-SUN", 3), ["01-03", "01-04", "01-10"]);
    assert_eq!(days("0 0 * * 5-7", 3), ["01-02", "01-03", "01-04"]);
}

#[test]
fn words_such_as_daily_replace_a_line_in_any_case() {
    for (word, line) in [
        ("@hourly", "0 * * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@annually", "0 0 1 1 *"),
    ] {
        let from = utc("2026-05-05T05:05:05Z");
        let first = |line: &str| schedule(line).after(Asia::Kolkata, from).take(5).collect::<Vec<_>>();
        assert_eq!(first(word), first(line));
        assert_eq!(schedule(word).to_string(), word);
    }
}

#[test]
fn a_leap_day_line_waits_for_leap_years() {
    let got: Vec<_> = schedule("0 0 29 2 *")
        .after(Tz::UTC, utc("2089-01-01T00:00:00Z"))
        .collect();
    assert_eq!(
        got,
        [utc("2092-02-29T00:00:00Z"), utc("2096-02-29T00:00:00Z")],
        "2100 is no leap year, and the last"
    );
}

#[test]
fn a_line_that_never_fires_is_refused() {
    for line in ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 */31 * MON#4"] {
        assert!(
            matches!(CronSchedule::parse(line), Err(CronError::NeverFires)),
            "{line}"
        );
    }
    for line in ["0 0 29 2 *", "0 0 31 2 MON", "0 0 29 2 */7"] {
        schedule(line);
    }
}

#[test]
fn an_error_names_the_field_and_its_valid_values() {
    for (line, message) in [
        (
            "0 0 * *",
            "a schedule has five fields (minute, hour, day of month, month, day of week), this one has 4",
        ),
        ("60 0 * * *", "`60` does not fit the minute field; use 0 to 59 or *"),
        ("0 0-z * * *", "`z` does not fit the hour field; use 0 to 23 or *"),
        (
            "0 22-2 * * *",
            "the range `22-2` in the hour field runs backwards; write it as two, `22-23,0-2`",
        ),
        (
            "0 7 * * FRI-MON",
            "the range `FRI-MON` in the day of week field runs backwards; write it as two, `FRI-SUN,MON`",
        ),
        (
            "0 7 * * 5-2",
            "the range `5-2` in the day of week field runs backwards; write it as two, `5-7,1-2`",
        ),
        (
            "0 7 * NOV-FEB *",
            "the range `NOV-FEB` in the month field runs backwards; write it as two, `NOV-DEC,JAN-FEB`",
        ),
        (
            "*/90 * * * *",
            "`90` is not a step for the minute field; use a number from 1 to 60",
        ),
        (
            "0 */-5 * * *",
            "`-5` is not a step for the hour field; use a number from 1 to 24",
        ),
        (
            "0 0 * * 1#6",
            "`1#6` names no weekday of a month; use a number from 1 to 5 after the #, such as MON#2",
        ),
    ] {
        let error = CronSchedule::parse(line).map(|_| ()).expect_err(line);
        assert_eq!(error.to_string(), message);
    }
    for line in [
        "",
        "@reboot",
        "0 0 15W * *",
        "0 0 L/2 * *",
        "0 0 * * 5L/3",
        "0 0 * * TUR",
        "0 0 0 * *",
        "? * * * *",
    ] {
        assert!(CronSchedule::parse(line).is_err(), "{line}");
    }
}

#[test]
fn start_times_at_the_limits_cause_no_panic() {
    for tz in [Tz::UTC, Pacific::Apia, Europe::Riga] {
        assert_eq!(schedule("* * * * *").after(tz, DateTime::<Utc>::MAX_UTC).next(), None);
        assert!(schedule("* * * * *").after(tz, DateTime::<Utc>::MIN_UTC).next() > Some(DateTime::UNIX_EPOCH));
        let late = utc("2100-12-31T00:00:00Z");
        assert!(schedule("0 * * * *").after(tz, late).count() < 40);
    }
}

fn any_field(first: u32, last: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        2 => (2..8u32).prop_map(|step| format!("*/{step}")),
        4 => (first..=last).prop_map(|value| value.to_string()),
        2 => (first..=last, first..=last).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => prop::collection::vec(first..=last, 1..4)
            .prop_map(|values| values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")),
    ]
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>(), line in "[0-9*/,L#a-z@?-]{0,6}( [0-9*/,L#SUNMO?-]{1,6}){4}") {
        let _ = CronSchedule::parse(&text);
        let _ = CronSchedule::parse(&line);
    }

    #[test]
    fn times_ascend_strictly_after_the_start_and_do_not_depend_on_it(
        minute in any_field(0, 59), hour in any_field(0, 23), day in any_field(1, 28), weekday in any_field(0, 7),
        start in 1_700_000_000i64..1_900_000_000, zone in 0..6usize,
    ) {
        let zones = [Europe::Riga, America::New_York, Australia::Lord_Howe, Africa::Cairo, Africa::Casablanca, Asia::Kolkata];
        let tz = zones[zone];
        let line = schedule(&format!("{minute} {hour} {day} * {weekday}"));
        let from = DateTime::from_timestamp(start, 0).unwrap_or_default();
        let times: Vec<_> = line.after(tz, from).take(6).collect();
        prop_assert_eq!(times.len(), 6);
        prop_assert!(times[0] > from && times.is_sorted_by(|a, b| a < b));
        for pair in times.windows(2) {
            prop_assert_eq!(line.after(tz, pair[0]).next(), Some(pair[1]));
            prop_assert_eq!(line.after(tz, pair[1] - TimeDelta::milliseconds(1)).next(), Some(pair[1]));
        }
    }

    #[test]
    fn the_walk_finds_the_same_wall_times_as_trying_every_minute(
        minute in any_field(0, 59), hour in any_field(0, 23), start in 1_700_000_000i64..1_900_000_000,
    ) {
        let line = schedule(&format!("{minute} {hour} * * *"));
        let from = DateTime::from_timestamp(start, 0).unwrap_or_default();
        let set = |text: &str, field: &super::field::Field| field.parse(text).unwrap_or_default();
        let (minutes, hours) = (set(&minute, &super::field::Field::MINUTE), set(&hour, &super::field::Field::HOUR));
        let first = from.with_time(NaiveTime::MIN).single().unwrap_or(from);
        let tried = (0..3 * 1440).map(|offset| first + TimeDelta::minutes(offset)).find(|time| {
            *time > from && minutes >> time.minute() & 1 == 1 && hours >> time.hour() & 1 == 1
        });
        prop_assert_eq!(line.after(Tz::UTC, from).next(), tried);
    }
}
