//! A parsed cron line, and its times across changes of the clock.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::days::DayRule;
use super::error::CronError;
use super::field::{self, Field};
use crate::domain::column::text_column;
use crate::domain::time_zone::first_instant;
use crate::text::plain::beginning;

/// Words that replace the five fields.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The cron crate supports the years 1970 to 2100.
const LAST_YEAR: i32 = 2100;

/// A parsed cron line that fires at least once.
///
/// Every field accepts names (`MON`, `jan`), ranges, steps and lists. Sunday is 0 or 7. The day fields accept `?` as `*`, `L` for
/// the last day of the month, `5L` or `FRIL` for its last Friday, and `MON#2` for its second Monday. `@daily` and similar words
/// replace a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronSchedule {
    text: String,
    /// Minutes, hours and months, for the cron crate; every day of those months.
    wall: ::cron::Schedule,
    days: DayRule,
    /// Whether minute or hour is open, so that the line follows the clock; see the module.
    keeps_clock: bool,
}

impl CronSchedule {
    /// Parses a line of five fields, or one of the words that replace a line.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        let line = if text.starts_with('@') { word(text)? } else { text };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(CronError::FieldCount(fields.len()));
        };
        let months = Field::MONTH.parse(month)?;
        let wall = format!(
            "0 {} {} * {} *",
            field::list(Field::MINUTE.parse(minute)?),
            field::list(Field::HOUR.parse(hour)?),
            field::list(months)
        );
        let schedule = Self {
            text: text.to_owned(),
            wall: wall.parse()?,
            days: DayRule::parse(day, weekday)?,
            keeps_clock: field::is_open(minute) || field::is_open(hour),
        };
        if schedule.days.fit_any(months) {
            Ok(schedule)
        } else {
            Err(CronError::NeverFires)
        }
    }

    /// The line as it was written, without white space around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The instants after `from` at which the schedule is due in `tz`, in order. They end with the year 2100.
    pub fn after(&self, tz: Tz, from: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        Times::new(self, tz, from)
    }

    /// The first matching wall time after `after`; `None` if there is none up to the year 2100.
    fn next_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut at = after;
        while at.year() <= LAST_YEAR {
            let wall = self.wall.after(&at.and_utc()).next()?.naive_utc();
            if wall <= at {
                // The crate may return the same time again, so this checks for progress.
                at += TimeDelta::minutes(1);
            } else if self.days.fit(wall.date()) {
                return Some(wall);
            } else {
                at = last_second(wall.date());
            }
        }
        None
    }
}

impl FromStr for CronSchedule {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        Self::parse(text)
    }
}

text_column!(CronSchedule);

impl fmt::Display for CronSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn word(text: &str) -> Result<&'static str, CronError> {
    let known = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    known
        .map(|(_, line)| *line)
        .ok_or_else(|| CronError::Word(beginning(text)))
}

fn last_second(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399)
}

/// The instants of one schedule in one time zone, in order.
struct Times<'a> {
    schedule: &'a CronSchedule,
    tz: Tz,
    /// The wall time reached so far; `None` after the last one.
    wall: Option<NaiveDateTime>,
    /// The instant of that wall time, if it was not returned yet.
    ahead: Option<DateTime<Utc>>,
    /// Second instants of wall times that occur twice.
    again: VecDeque<DateTime<Utc>>,
    /// All later results are after this instant.
    past: DateTime<Utc>,
}

impl<'a> Times<'a> {
    fn new(schedule: &'a CronSchedule, tz: Tz, from: DateTime<Utc>) -> Self {
        // Wall times at the far ends of chrono's range would overflow.
        let past = from.max(DateTime::UNIX_EPOCH);
        let wall = (past.year() <= LAST_YEAR).then(|| {
            let wall = past.with_timezone(&tz).naive_local();
            // If the clock was set back, earlier wall times follow a second time.
            match tz.from_local_datetime(&wall) {
                MappedLocalTime::Ambiguous(first, second) => wall - (second - first),
                _ => wall,
            }
        });
        Self {
            schedule,
            tz,
            wall,
            ahead: None,
            again: VecDeque::new(),
            past,
        }
    }

    /// The first instant of the next wall time that has any.
    fn walk(&mut self) -> Option<DateTime<Utc>> {
        loop {
            self.wall = self.schedule.next_wall(self.wall?);
            let wall = self.wall?;
            match self.tz.from_local_datetime(&wall) {
                MappedLocalTime::Single(time) => return Some(time.to_utc()),
                MappedLocalTime::Ambiguous(first, second) => {
                    if self.schedule.keeps_clock {
                        self.again.push_back(second.to_utc());
                    }
                    return Some(first.to_utc());
                }
                MappedLocalTime::None if self.schedule.keeps_clock => {}
                MappedLocalTime::None => {
                    if let Some(after_gap) = first_instant(wall, self.tz) {
                        return Some(after_gap);
                    }
                }
            }
        }
    }
}

impl Iterator for Times<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        loop {
            if self.ahead.is_none() {
                self.ahead = self.walk();
            }
            let repeat_is_first = self
                .again
                .front()
                .is_some_and(|again| self.ahead.is_none_or(|ahead| *again < ahead));
            let time = if repeat_is_first {
                self.again.pop_front()
            } else {
                self.ahead.take()
            }?;
            if time > self.past {
                self.past = time;
                return Some(time);
            }
        }
    }
}
