//! The two day fields of a cron line, and the days that match them.

use chrono::{Datelike, NaiveDate};

use super::error::CronError;
use super::field::{self, Field};
use crate::text::plain::beginning;

/// The days on which a line is due. The cron crate supports neither Unix's rule for two day fields nor `L` and `#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DayRule {
    /// Bit `n` for day `n` of the month.
    days: u64,
    last_day: bool,
    /// Bit `n` for weekday `n`, Sunday 0.
    weekdays: u64,
    /// For each weekday, bit `n` for the `n`th in the month.
    nth: [u8; 7],
    /// Bit `n` for the last weekday `n` of the month.
    last_weekdays: u64,
    /// Whether either field is open, so that a day must match both.
    both: bool,
}

impl DayRule {
    /// Parses the day-of-month and the day-of-week field.
    pub(super) fn parse(day: &str, weekday: &str) -> Result<Self, CronError> {
        let both = field::is_open(day) || field::is_open(weekday);
        let mut rule = Self {
            days: 0,
            last_day: false,
            weekdays: 0,
            nth: [0; 7],
            last_weekdays: 0,
            both,
        };
        for item in any_as_star(day).split(',') {
            if item.eq_ignore_ascii_case("L") {
                rule.last_day = true;
            } else {
                rule.days |= Field::DAY.item(item)?;
            }
        }
        for item in any_as_star(weekday).split(',') {
            if let Some((name, nth)) = item.split_once('#') {
                let place = Field::WEEKDAY.value(name)? as usize % 7;
                let nth = nth.parse().ok().filter(|nth: &u32| (1..=5).contains(nth));
                rule.nth[place] |= 1u8 << nth.ok_or_else(|| CronError::Nth(beginning(item)))?;
            } else if let Some(name) = item.strip_suffix(['L', 'l']) {
                rule.last_weekdays |= 1 << (Field::WEEKDAY.value(name)? % 7);
            } else {
                rule.weekdays |= Field::WEEKDAY.item(item)?;
            }
        }
        rule.weekdays |= rule.weekdays >> 7 & 1;
        Ok(rule)
    }

    /// Whether the day fields match `date`, in any month.
    pub(super) fn fit(&self, date: NaiveDate) -> bool {
        let is_last = |span| {
            date.checked_add_days(chrono::Days::new(span))
                .is_none_or(|d| d.month() != date.month())
        };
        let weekday = date.weekday().num_days_from_sunday();
        let by_day = self.days >> date.day() & 1 == 1 || self.last_day && is_last(1);
        let by_weekday = self.weekdays >> weekday & 1 == 1
            || self.nth[weekday as usize] >> date.day().div_ceil(7) & 1 == 1
            || self.last_weekdays >> weekday & 1 == 1 && is_last(7);
        if self.both {
            by_day && by_weekday
        } else {
            by_day || by_weekday
        }
    }

    /// Whether any day of these months is ever due.
    pub(super) fn fit_any(&self, months: u64) -> bool {
        // Within 28 years every date, leap days included, falls on every weekday.
        let start = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
        start
            .iter_days()
            .take(28 * 366)
            .any(|date| months >> date.month() & 1 == 1 && self.fit(date))
    }
}

/// `?` comes from Quartz and means the same as `*`.
fn any_as_star(text: &str) -> &str {
    if text == "?" { "*" } else { text }
}
