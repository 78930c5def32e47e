//! Schedules compared with the next times of five other cron implementations.

use std::collections::BTreeMap;
use std::fs;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use daywire::domain::cron::CronSchedule;
use serde_json::Value;

use crate::support::corpora;

/// Rows of robfig's tests in which Daywire differs on purpose: start, line and reason.
const INTENDED_DIFFERENCES: [(&str, &str, &str); 4] = [
    (
        "Mon Jul 9 23:35 2012",
        "0 0 */5 Apr,Aug,Oct Mon",
        "a day field that begins with * is open, as in Vixie's cron",
    ),
    (
        "2012-03-11T00:00:00-0500",
        "30 2 11 Mar ?",
        "robfig drops a time inside a gap; Daywire runs after it",
    ),
    (
        "2012-11-04T01:45:00-0400",
        "30 1 04 Nov ?",
        "robfig fires a doubled time twice",
    ),
    (
        "2012-11-04T01:00:00-0400",
        "0 1 * * ?",
        "robfig fires a doubled time twice",
    ),
];

/// The text of one file of the test material.
fn corpus(file: &str) -> String {
    fs::read_to_string(corpora("cron").join(file)).expect("the file is readable")
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn instant(text: &str) -> DateTime<Utc> {
    let time = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    time.unwrap_or_else(|error| panic!("{text}: {error}")).to_utc()
}

/// The next times of a row of `next-times.jsonl`: the expected ones and ours, in the format of its `consensus`.
fn expected_and_actual(row: &Value) -> (Value, Value) {
    let (line, tz) = (
        row["expr"].as_str().expect("the row has a line"),
        zone(row["tz"].as_str().expect("the row has a zone")),
    );
    let from = instant(row["start_utc"].as_str().expect("the row has a start"));
    let expected = row["consensus"].clone();
    let count = expected.as_array().map_or(4, Vec::len);
    let actual = CronSchedule::parse(line).map_or_else(
        |_| Value::from("ERR"),
        |line| {
            line.after(tz, from)
                .take(count)
                .map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
                .collect()
        },
    );
    (expected, actual)
}

#[apply(with_corpora)]
fn next_times_are_those_that_three_implementations_agree_on() {
    let text = corpus("next-times.jsonl");
    let mut scores = BTreeMap::<u64, (usize, usize)>::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("each line is JSON");
        let agree = row["agree"].as_u64().expect("the count is a number");
        let (expected, actual) = expected_and_actual(&row);
        if agree == 3 {
            assert_eq!(
                actual, expected,
                "{} in {} from {}",
                row["expr"], row["tz"], row["start_utc"]
            );
        }
        let score = scores.entry(agree).or_default();
        score.0 += usize::from(actual == expected);
        score.1 += 1;
    }
    println!("equal rows, of all, by how many agree: {scores:?}");
    assert!(scores[&3].1 > 1_900);
}

#[apply(with_corpora)]
fn clock_changes_are_handled_as_cronsim_handles_them() {
    let text = corpus("cronsim-dst.tsv");
    let mut compared = 0;
    for row in text.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [name, tz, start, line, next] = fields[..] else {
            panic!("{row}: five columns")
        };
        if line.split_whitespace().count() != 5 {
            println!("not compared: {name} has a field for seconds");
            continue;
        }
        let tz = zone(tz);
        // `fold=0` is the first of two equal times, which is also the result of `earliest`.
        let start = start.trim_end_matches(", fold=0");
        let start =
            NaiveDateTime::parse_from_str(&format!("{start}, 0"), "%Y, %m, %d, %H, %M, %S").expect("the time is valid");
        let from = tz
            .from_local_datetime(&start)
            .earliest()
            .expect("the local time exists")
            .to_utc();
        let expected: Vec<_> = next.split(',').map(instant).collect();
        let schedule = CronSchedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let actual: Vec<_> = schedule.after(tz, from).take(expected.len()).collect();
        assert_eq!(actual, expected, "{name}");
        compared += 1;
    }
    println!("{compared} rows equal");
    assert!(compared > 15);
}

/// The times of robfig's files: with an offset, or in UTC as `Mon Jul 9 23:35 2012`, with seconds or without. Some name
/// the wrong weekday, so it is left out.
fn robfig_time(text: &str) -> DateTime<Utc> {
    if text.contains('T') && text.contains('-') {
        return instant(text);
    }
    let (_, date) = text.split_once(' ').expect("the time begins with a weekday");
    let time = NaiveDateTime::parse_from_str(date, "%b %d %H:%M:%S %Y");
    time.or_else(|_| NaiveDateTime::parse_from_str(date, "%b %d %H:%M %Y"))
        .expect("the time is valid")
        .and_utc()
}

/// A value and the zone written before it, such as `TZ=America/New_York …`.
fn robfig_zone(text: &str) -> (Option<Tz>, &str) {
    let Some((tz, rest)) = text
        .trim_start_matches("CRON_")
        .strip_prefix("TZ=")
        .and_then(|s| s.split_once(' '))
    else {
        return (None, text);
    };
    (Some(zone(tz)), rest)
}

#[apply(with_corpora)]
fn next_times_are_those_of_robfig_where_the_rules_agree() {
    let text = corpus("robfig-next.tsv");
    let (mut equal, mut different) = (0, 0);
    for row in text.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [time, spec, next] = fields[..] else {
            panic!("{row}: three columns")
        };
        let ((time_tz, time), (spec_tz, spec)) = (robfig_zone(time), robfig_zone(spec));
        // Most lines have six fields, the first for seconds. One line has five.
        let line = match spec.split_whitespace().count() {
            6 => match spec.strip_prefix("0 ") {
                Some(line) => line,
                None => continue,
            },
            _ => spec,
        };
        let from = robfig_time(time);
        // Without a named zone the offset of the start is the zone. Only one row has such an offset.
        let tz = spec_tz.or(time_tz).unwrap_or(if time.ends_with("+0530") {
            Tz::Asia__Kolkata
        } else {
            Tz::UTC
        });
        let actual = CronSchedule::parse(line)
            .ok()
            .and_then(|schedule| schedule.after(tz, from).next());
        let expected = (!next.is_empty()).then(|| robfig_time(next));
        if INTENDED_DIFFERENCES
            .iter()
            .any(|(start, other, _)| *start == time && *other == line)
        {
            assert_ne!(actual, expected, "{time} {line} is listed as different");
            different += 1;
        } else {
            assert_eq!(actual, expected, "{time} {line}");
            equal += 1;
        }
    }
    println!("{equal} rows equal, {different} different on purpose");
    assert!(equal > 20 && different == INTENDED_DIFFERENCES.len());
}

#[apply(with_corpora)]
fn lines_are_due_at_the_times_that_robfig_lists() {
    let text = corpus("robfig-activation.tsv");
    let mut compared = 0;
    for row in text.lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [time, line, due] = fields[..] else {
            panic!("{row}: three columns")
        };
        let Ok(due) = due.parse::<bool>() else { continue };
        let time = robfig_time(time);
        let schedule = CronSchedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let next = schedule.after(Tz::UTC, time - TimeDelta::seconds(1)).next();
        assert_eq!(next == Some(time), due, "{time} {line}");
        compared += 1;
    }
    println!("{compared} rows equal");
    assert!(compared > 9);
}
