//! Schedules: five-field Unix cron lines, and the times at which they are due in a time zone.
//!
//! A field that begins with `*` is open. Open fields decide two things, as in Vixie's cron:
//!
//! - *Days.* If neither day field is open, a day that matches either of them is due. Otherwise it must match both.
//! - *Changes of the clock.* If neither minute nor hour is open, the line fires once for each matching time of the calendar: a time that
//!   the clock skips is due at the first instant after the gap, and a time that occurs twice is due at the first one. If minute or hour is
//!   open, the line fires whenever the clock shows a matching time: in both of two equal hours, and not in an hour that is skipped.

mod days;
mod field;
mod times;

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use thiserror::Error;

use self::{days::DayRule, field::Field, times::Times};

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

/// Why a text is not a schedule. Contained texts are shortened.
#[derive(Debug, Error)]
pub enum CronError {
    /// The line does not have five fields.
    #[error("a schedule has five fields (minute, hour, day of month, month, day of week), this one has {0}")]
    FieldCount(usize),
    /// The word, such as `@reboot`, names no time.
    #[error("`{0}` is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields")]
    Word(String),
    /// An item is not a value of its field.
    #[error("`{text}` does not fit the {field} field; use {allowed}")]
    Value {
        /// The name of the field.
        field: &'static str,
        /// The invalid item.
        text: String,
        /// The valid values.
        allowed: &'static str,
    },
    /// The start of a range is after its end.
    #[error("the range `{text}` in the {field} field runs backwards; write it as two, `{instead}`")]
    Range {
        /// The name of the field.
        field: &'static str,
        /// The invalid item.
        text: String,
        /// The equivalent two ranges.
        instead: String,
    },
    /// A step is not a number, is zero, or exceeds its field.
    #[error("`{text}` is not a step for the {field} field; use a number from 1 to {most}")]
    Step {
        /// The name of the field.
        field: &'static str,
        /// The invalid item.
        text: String,
        /// The number of values of the field.
        most: u32,
    },
    /// The count after `#` is not from 1 to 5.
    #[error("`{0}` names no weekday of a month; use a number from 1 to 5 after the #, such as MON#2")]
    Nth(String),
    /// The line never fires, such as on 31 February.
    #[error("this schedule never fires: no year has a day that fits its day and month fields")]
    NeverFires,
    /// The cron crate refused the translated line.
    #[error("this schedule cannot be used: {0}")]
    Engine(#[from] ::cron::error::Error),
}

/// A parsed cron line that fires at least once.
///
/// Every field accepts names (`MON`, `jan`), ranges, steps and lists. Sunday is 0 or 7. The day fields accept `?` as `*`, `L` for the last
/// day of the month, `5L` or `FRIL` for its last Friday, and `MON#2` for its second Monday. `@daily` and similar words replace a line.
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

impl fmt::Display for CronSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn word(text: &str) -> Result<&'static str, CronError> {
    let known = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    known
        .map(|(_, line)| *line)
        .ok_or_else(|| CronError::Word(field::excerpt(text)))
}

fn last_second(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399)
}

#[cfg(test)]
mod tests;
