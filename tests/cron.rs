//! Schedules against the next times of five other cron implementations.

use std::collections::BTreeMap;
use std::fs;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use daywire::domain::cron::CronSchedule;
use serde_json::Value;

use crate::support::corpora;

/// Rows of robfig's tests that our rule answers differently, by their start and line, with the reason.
const OTHERWISE_ON_PURPOSE: [(&str, &str, &str); 4] = [
    (
        "Mon Jul 9 23:35 2012",
        "0 0 */5 Apr,Aug,Oct Mon",
        "a day field that begins with * is open, as in Vixie's cron",
    ),
    (
        "2012-03-11T00:00:00-0500",
        "30 2 11 Mar ?",
        "robfig drops a time inside a gap; ours is due after it",
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
    fs::read_to_string(corpora("cron").join(file)).expect("a readable file")
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn instant(text: &str) -> DateTime<Utc> {
    let time = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    time.unwrap_or_else(|error| panic!("{text}: {error}")).to_utc()
}

/// What a row of `next-times.jsonl` wants, and what we say, as its `consensus` writes it.
fn wanted_and_got(row: &Value) -> (Value, Value) {
    let (line, tz) = (
        row["expr"].as_str().expect("a line"),
        zone(row["tz"].as_str().expect("a zone")),
    );
    let from = instant(row["start_utc"].as_str().expect("a start"));
    let wanted = row["consensus"].clone();
    let count = wanted.as_array().map_or(4, Vec::len);
    let got = CronSchedule::parse(line).map_or_else(
        |_| Value::from("ERR"),
        |line| {
            line.after(tz, from)
                .take(count)
                .map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
                .collect()
        },
    );
    (wanted, got)
}

#[apply(with_corpora)]
fn what_three_implementations_agree_on_is_what_we_say() {
    let text = corpus("next-times.jsonl");
    let mut scores = BTreeMap::<u64, (usize, usize)>::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("a JSON line");
        let agree = row["agree"].as_u64().expect("a number");
        let (wanted, got) = wanted_and_got(&row);
        if agree == 3 {
            assert_eq!(
                got, wanted,
                "{} in {} from {}",
                row["expr"], row["tz"], row["start_utc"]
            );
        }
        let score = scores.entry(agree).or_default();
        score.0 += usize::from(got == wanted);
        score.1 += 1;
    }
    println!("equal rows, of all, by how many agree: {scores:?}");
    assert!(scores[&3].1 > 1_900);
}

#[apply(with_corpora)]
fn the_changes_of_the_clock_are_taken_as_cronsim_takes_them() {
    let text = corpus("cronsim-dst.tsv");
    let mut compared = 0;
    for row in text.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [name, tz, start, line, expected] = fields[..] else {
            panic!("{row}: five columns")
        };
        if line.split_whitespace().count() != 5 {
            println!("not compared: {name} has a field for seconds");
            continue;
        }
        let tz = zone(tz);
        // `fold=0` is the first of two equal times, which `earliest` takes anyway.
        let start = start.trim_end_matches(", fold=0");
        let start = NaiveDateTime::parse_from_str(&format!("{start}, 0"), "%Y, %m, %d, %H, %M, %S").expect("a time");
        let from = tz.from_local_datetime(&start).earliest().expect("an instant").to_utc();
        let wanted: Vec<_> = expected.split(',').map(instant).collect();
        let schedule = CronSchedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let got: Vec<_> = schedule.after(tz, from).take(wanted.len()).collect();
        assert_eq!(got, wanted, "{name}");
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
    let (_, date) = text.split_once(' ').expect("a weekday");
    let time = NaiveDateTime::parse_from_str(date, "%b %d %H:%M:%S %Y");
    time.or_else(|_| NaiveDateTime::parse_from_str(date, "%b %d %H:%M %Y"))
        .expect("a time")
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
fn next_times_are_those_of_robfig_where_the_rules_are_the_same() {
    let text = corpus("robfig-next.tsv");
    let (mut equal, mut otherwise) = (0, 0);
    for row in text.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [time, spec, expected] = fields[..] else {
            panic!("{row}: three columns")
        };
        let ((time_tz, time), (spec_tz, spec)) = (robfig_zone(time), robfig_zone(spec));
        // Six fields, the first for seconds; one line has five.
        let line = match spec.split_whitespace().count() {
            6 => match spec.strip_prefix("0 ") {
                Some(line) => line,
                None => continue,
            },
            _ => spec,
        };
        let from = robfig_time(time);
        // Where no zone is named, the offset of the start is the zone; a single row has one, of half an hour.
        let tz = spec_tz.or(time_tz).unwrap_or(if time.ends_with("+0530") {
            Tz::Asia__Kolkata
        } else {
            Tz::UTC
        });
        let got = CronSchedule::parse(line)
            .ok()
            .and_then(|schedule| schedule.after(tz, from).next());
        let wanted = (!expected.is_empty()).then(|| robfig_time(expected));
        if OTHERWISE_ON_PURPOSE
            .iter()
            .any(|(start, other, _)| *start == time && *other == line)
        {
            assert_ne!(got, wanted, "{time} {line} is listed as different");
            otherwise += 1;
        } else {
            assert_eq!(got, wanted, "{time} {line}");
            equal += 1;
        }
    }
    println!("{equal} rows equal, {otherwise} otherwise on purpose");
    assert!(equal > 20 && otherwise == OTHERWISE_ON_PURPOSE.len());
}

#[apply(with_corpora)]
fn lines_are_due_when_robfig_says_so() {
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
