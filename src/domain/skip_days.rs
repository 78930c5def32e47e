//! Days on which a newsletter has no issue: weekdays, days of every year, and single days.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer};

use super::column::text_column;

/// A set of days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkipDays(Vec<Day>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Weekly(Weekday),
    Yearly(u32, u32),
    Once(NaiveDate),
}

/// The word names no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is no day; write a weekday such as sat, a day of every year such as 12-25, or a date such as 2026-12-25"
)]
pub struct SkipDaysError(String);

impl SkipDays {
    /// Parses words in any order. The error contains the first word that names no day.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, SkipDaysError> {
        let days = words
            .into_iter()
            .map(|word| day(word).ok_or_else(|| SkipDaysError(word.to_owned())));
        Ok(Self(days.collect::<Result<_, _>>()?))
    }

    /// The words of the days.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }

    /// Whether the set contains all seven weekdays.
    #[must_use]
    pub fn skips_every_day(&self) -> bool {
        let weekdays = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ];
        weekdays.iter().all(|weekday| self.0.contains(&Day::Weekly(*weekday)))
    }

    /// The word that matches `date`; `None` if the set does not contain it.
    #[must_use]
    pub fn names(&self, date: NaiveDate) -> Option<String> {
        let is_it = |day: &&Day| match day {
            Day::Weekly(weekday) => date.weekday() == *weekday,
            Day::Yearly(month, day) => (date.month(), date.day()) == (*month, *day),
            Day::Once(once) => date == *once,
        };
        self.0.iter().find(is_it).map(ToString::to_string)
    }
}

impl std::str::FromStr for SkipDays {
    type Err = SkipDaysError;

    /// Parses words separated by white space.
    fn from_str(text: &str) -> Result<Self, SkipDaysError> {
        Self::parse(text.split_whitespace())
    }
}

impl<'de> Deserialize<'de> for SkipDays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        Self::parse(words.iter().map(String::as_str)).map_err(serde::de::Error::custom)
    }
}

text_column!(SkipDays);

fn day(word: &str) -> Option<Day> {
    if let Ok(weekday) = word.parse() {
        return Some(Day::Weekly(weekday));
    }
    if let Ok(date) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return Some(Day::Once(date));
    }
    // A leap year, so that 02-29 is valid.
    let date = NaiveDate::parse_from_str(&format!("2024-{word}"), "%Y-%m-%d").ok()?;
    Some(Day::Yearly(date.month(), date.day()))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekly(weekday) => f.write_str(&weekday.to_string().to_lowercase()),
            Self::Yearly(month, day) => write!(f, "{month:02}-{day:02}"),
            Self::Once(date) => write!(f, "{date}"),
        }
    }
}

impl fmt::Display for SkipDays {
    /// The words, separated by spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, day) in self.0.iter().enumerate() {
            write!(f, "{}{day}", if at > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_date_is_named_by_its_word() {
        let days = SkipDays::parse(["Saturday", "sun", "12-25", "2026-03-02"]).expect("days");
        assert_eq!(days.to_string(), "sat sun 12-25 2026-03-02");
        let named = |text: &str| days.names(text.parse().expect("a date"));
        assert_eq!(named("2026-02-28").as_deref(), Some("sat"));
        assert_eq!(named("2031-12-25").as_deref(), Some("12-25"));
        assert_eq!(named("2026-03-02").as_deref(), Some("2026-03-02"));
        assert_eq!(named("2026-03-03"), None);
        assert_eq!(SkipDays::parse(days.to_string().split(' ')), Ok(days));
    }

    #[test]
    fn an_invalid_word_is_reported() {
        for word in ["someday", "13-01", "02-30", "2026-02-29", ""] {
            assert_eq!(SkipDays::parse([word]), Err(SkipDaysError(word.to_owned())));
        }
    }
}
