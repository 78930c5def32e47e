//! Recognises cells that are times, and times that mean that something has not happened.

use chrono::{DateTime, Datelike as _, Utc};

use crate::feeds::date;

/// A date has at least this many digits.
const MIN_DIGITS_OF_DATE: usize = 6;
/// A date that is one number, such as `20261123` or the seconds since 1970, has at least this many digits. A year has fewer.
const MIN_DIGITS_OF_NUMBER: usize = 8;
/// A time after this year is a number of another kind.
const MAX_YEAR: i32 = 2100;

/// Whether the text is a date, with or without a time of day.
pub(super) fn is_time(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let min_digits = if digits == value.len() {
        MIN_DIGITS_OF_NUMBER
    } else {
        MIN_DIGITS_OF_DATE
    };
    date_parts(value).is_some() || digits >= min_digits && date::parse(value).is_some_and(|at| at.year() <= MAX_YEAR)
}

/// Whether the text is a time at which something happened. Programs write the first day of 1970, or an earlier one, if nothing did.
pub(super) fn is_set_time(value: &str) -> bool {
    let unset = DateTime::UNIX_EPOCH.date_naive();
    let is_later = |at: DateTime<Utc>| at.date_naive() > unset;
    let Some(parts) = date_parts(value) else {
        return is_time(value) && date::parse(value).is_some_and(is_later);
    };
    let number = |digits: &&str| digits.parse().unwrap_or(0);
    let year: Option<i32> = parts.iter().find(|digits| digits.len() == 4).map(number);
    parts.iter().map(number).all(|number| number > 0)
        && match year {
            Some(year) => year > unset.year() || date::parse(value).is_some_and(is_later),
            // The order of day and month may be ambiguous.
            None => date::parse(value).is_none_or(is_later),
        }
}

/// The digits of year, month and day at the beginning, in any order: `2026-11-23`, `23.11.2026` or `11/23/26`.
fn date_parts(value: &str) -> Option<[&str; 3]> {
    let date = value.split([' ', 'T']).next()?;
    let mut parts = date.split(['-', '/', '.']);
    let all = [parts.next()?, parts.next()?, parts.next()?];
    let are_digits = all.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
    let lengths_fit = matches!(all.map(str::len), [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4]);
    (are_digits && lengths_fit && parts.next().is_none()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_the_second_day_of_1970_is_not_set() {
        for set in [
            "2020-03-23 17:30:05",
            "2020-01-01",
            "01-02-2020",
            "03/12/2026 10:00",
            "03/12/26",
            "2018-08-27T15:06:27.713Z",
            "2021-02-04 07:55:20 +0000",
            "Apr 02, 2019 09:30 am",
            "1577836800",
            "20200101",
        ] {
            assert!(is_set_time(set), "{set}");
        }
        for unset in [
            "",
            "1970-01-01 00:00:00",
            "1970-01-01 01:00:00",
            "1969-12-31T19:00:00-05:00",
            "01/01/1970",
            "1900-01-01",
            "0001-01-01T00:00:00",
            "0000-00-00 00:00:00",
            "0000-00-00T00:00:00Z",
            "00/00/0000",
            "2020",
            "3600",
            "0",
            "not confirmed",
            "pending",
            "192.168.2.7",
            "0151-1234567",
            "06.12.34.56.78",
        ] {
            assert!(!is_set_time(unset), "{unset}");
        }
    }
}
