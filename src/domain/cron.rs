//! Schedules: five-field Unix cron lines and when they come due in a time zone.
//!
//! A field that begins with `*` is open. Open fields decide two things, the way Unix has it since Vixie's cron:
//!
//! - *Days.* When neither day field is open, a day that fits either of them is due; else it must fit both.
//! - *Changes of the clock.* A line whose minute and hour both name their times keeps the calendar: a time that the
//!   clock jumps over is due at the first instant after the jump, and one that it shows twice is due once, the first
//!   time. A line with an open minute or hour keeps the clock: it is due whenever the clock shows a time that fits,
//!   so an hourly line fires in both of two equal hours, and nothing is due in an hour that does not exist.

mod days;
mod field;
mod times;

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use thiserror::Error;

use self::{days::DayRule, field::Field, times::Times};

/// What may stand instead of five fields.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The cron crate knows the years 1970 to 2100.
const LAST_YEAR: i32 = 2100;

/// Why a text is not a schedule. Texts are cut to their first characters.
#[derive(Debug, Error)]
pub enum CronError {
    /// Not five fields.
    #[error("a schedule has five fields (minute, hour, day of month, month, day of week), this one has {0}")]
    FieldCount(usize),
    /// A word such as `@reboot` that names no time.
    #[error("`{0}` is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields")]
    Word(String),
    /// Something that is not a value of its field.
    #[error("`{text}` does not fit the {field} field; use {allowed}")]
    Value {
        /// The field's name.
        field: &'static str,
        /// What was found.
        text: String,
        /// What the field takes.
        allowed: &'static str,
    },
    /// A range that runs backwards.
    #[error("the range `{text}` in the {field} field runs backwards; write it as two, `{instead}`")]
    Range {
        /// The field's name.
        field: &'static str,
        /// What was found.
        text: String,
        /// The same as two ranges.
        instead: String,
    },
    /// A step that is no number, zero, or longer than its field.
    #[error("`{text}` is not a step for the {field} field; use a number from 1 to {most}")]
    Step {
        /// The field's name.
        field: &'static str,
        /// What was found.
        text: String,
        /// The number of values the field has.
        most: u32,
    },
    /// A count after `#` that no month has.
    #[error("`{0}` names no weekday of a month; use a number from 1 to 5 after the #, such as MON#2")]
    Nth(String),
    /// No day fits, such as 31 February.
    #[error("this schedule never fires: no year has a day that fits its day and month fields")]
    NeverFires,
    /// The cron crate refused our translation.
    #[error("this schedule cannot be used: {0}")]
    Engine(#[from] ::cron::error::Error),
}

/// A schedule as people write it in a crontab, read and known to fire.
///
/// Names (`MON`, `jan`), ranges, steps and lists in any field; Sunday is 0 or 7; `?` as `*` in the day fields; `L` for
/// the last day of the month, `5L` or `FRIL` for its last Friday, `MON#2` for its second Monday; `@daily` and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronSchedule {
    text: String,
    /// Minutes, hours and months, as the cron crate walks them; every day of those months.
    wall: ::cron::Schedule,
    days: DayRule,
    /// Whether the line keeps the clock rather than the calendar; see the module.
    keeps_clock: bool,
}

impl CronSchedule {
    /// Reads a line of five fields, or one of the words that stand for such a line.
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

    /// The line as it was written, without blanks around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The instants at which the schedule is due in `tz`, in order, each strictly after `from`. They end with the year
    /// 2100.
    pub fn after(&self, tz: Tz, from: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        Times::new(self, tz, from)
    }

    /// The first wall time after `after` that fits, if there is one up to the year 2100.
    fn next_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut at = after;
        while at.year() <= LAST_YEAR {
            let wall = self.wall.after(&at.and_utc()).next()?.naive_utc();
            if wall <= at {
                // The crate promises no progress. We do.
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
