//! Dates and times in the words and the order of a language.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeZone};

use super::bundle::Words;

impl Words {
    /// A date with its weekday, such as `Sunday 23 November 2025`.
    #[must_use]
    pub fn full_date(&self, date: NaiveDate) -> String {
        self.formats().full_date(date)
    }

    /// A date, such as `23 November 2025`.
    #[must_use]
    pub(crate) fn day(&self, date: NaiveDate) -> String {
        self.formats().day(date)
    }

    /// A month with its year, such as `November 2025`.
    #[must_use]
    pub(crate) fn month(&self, date: NaiveDate) -> String {
        self.formats().month(date)
    }

    /// A moment with its zone, such as `23 Nov 2025 · 07:09 CET`.
    #[must_use]
    pub(crate) fn moment<Z: TimeZone>(&self, at: &DateTime<Z>) -> String
    where
        Z::Offset: fmt::Display,
    {
        let date = self.formats().short_day(at.date_naive());
        self.time_stamp(date, at.format("%H:%M %Z").to_string())
    }

    /// A time with its zone, such as `06:12 CET`, and with the weekday if it is not on `today`.
    #[must_use]
    pub(crate) fn time_of_day<Z: TimeZone>(&self, at: &DateTime<Z>, today: NaiveDate) -> String
    where
        Z::Offset: fmt::Display,
    {
        let time = at.format("%H:%M %Z").to_string();
        if at.date_naive() == today {
            time
        } else {
            self.weekday_time(self.formats().weekday(at.date_naive()), time)
        }
    }
}
