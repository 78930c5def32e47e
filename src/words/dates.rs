//! Dates, times, durations and numbers in the words and the order of a language.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeZone};

use super::argument::{Count, Value};
use super::bundle::Words;

impl Words {
    /// A number with the separators of the language, such as `12,345`.
    #[must_use]
    pub(crate) fn number(&self, count: impl Count) -> String {
        match count.value(self.language()) {
            Value::Count(count) => self.formats().number(count),
            Value::Text(text) => text.into_owned(),
        }
    }

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

    /// A duration as a phrase such as `within 48 hours`, in the largest unit that divides it, and in days only from three days on. At
    /// least one minute.
    #[must_use]
    pub(crate) fn within(&self, duration: Duration) -> String {
        let minutes = (duration.as_secs() / 60).max(1);
        match minutes {
            m if m % 1440 == 0 && m >= 3 * 1440 => self.within_days(m / 1440),
            m if m % 60 == 0 => self.within_hours(m / 60),
            m => self.within_minutes(m),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, Locales, Voice};

    #[test]
    fn durations_are_written_in_the_largest_unit_that_fits() {
        let words = Locales::default().words(Language::English, Voice::Plain);
        let written = |minutes: u64| words.within(Duration::from_secs(minutes * 60));
        assert_eq!(written(0), "within 1 minute");
        assert_eq!(written(10), "within 10 minutes");
        assert_eq!(written(60), "within 1 hour");
        assert_eq!(written(48 * 60), "within 48 hours");
        assert_eq!(written(7 * 1440), "within 7 days");
        assert_eq!(written(90), "within 90 minutes");
    }
}
