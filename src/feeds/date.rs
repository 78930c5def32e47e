//! Parses the dates in feeds: the forms of RFC 3339, RFC 5322, ISO 8601, Unix and JavaScript, and what people type.
//!
//! Text that is ambiguous or names an unknown time zone is not a date:
//! - `03/12/2026` is March 12 only with AM or PM, which Americans write; `13/12/2026` and `12/13/2026` are unambiguous.
//!   With dots or hyphens the day comes first.
//! - A date without a zone is in UTC.
//! - A year of two digits is 1950 to 2049 ([RFC 5322 §4.3](https://www.rfc-editor.org/rfc/rfc5322#section-4.3)).
//! - A year before 1000 is not a date: programs write it for an unset time.

mod names;
mod tokens;
mod zones;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};

use tokens::{Clock, Number, Tokens};
use zones::{UnknownZone, Zone};

/// The most characters of a date.
const MAX_CHARS: usize = 150;
/// Years outside are taken for errors.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// Parses a date; `None` for text that is not a date or is ambiguous.
#[must_use]
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.chars().nth(MAX_CHARS).is_some() || text.starts_with(['-', '+']) {
        return None;
    }
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.matches('.').count() <= 1;
    let date = if is_number { number(text) } else { written(text) };
    date.and_then(in_range)
}

/// The date; `None` if its year shows that it is an error, such as that of an unset time.
#[must_use]
pub fn in_range(date: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(date).filter(|date| YEARS.contains(&date.year()))
}

/// A date that is one number: `2026`, `20261123`, `202611231930`, seconds or milliseconds since 1970.
fn number(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let value: i64 = whole.parse().ok()?;
    let form = |form| NaiveDateTime::parse_from_str(whole, form).ok();
    let epoch_milliseconds = |value| DateTime::from_timestamp_millis(value);
    if !fraction.is_empty() {
        let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        return (9..=10)
            .contains(&whole.len())
            .then(|| epoch_milliseconds(value * 1000 + thousandths))?;
    }
    match whole.len() {
        4 | 7 | 8 => midnight(alone(whole)?).map(|date| date.and_utc()),
        // `2026112319` is ambiguous: an hour of 2026-11-23, or a second in 2034.
        10 if (19..=20).contains(&(value / 100_000_000)) && form_of_hour(whole) => None,
        9 | 10 => epoch_milliseconds(value * 1000),
        12 => form("%Y%m%d%H%M")
            .filter(|date| (1900..2100).contains(&date.year()))
            .map_or_else(|| epoch_milliseconds(value), |date| Some(date.and_utc())),
        13 => epoch_milliseconds(value),
        14 => form("%Y%m%d%H%M%S").map(|date| date.and_utc()),
        16 => DateTime::from_timestamp_micros(value),
        _ => None,
    }
}

fn form_of_hour(digits: &str) -> bool {
    NaiveDateTime::parse_from_str(&format!("{digits}00"), "%Y%m%d%H%M").is_ok()
}

/// A day that is one number: a year, a year with the number of the day, or year, month and day.
fn alone(digits: &str) -> Option<NaiveDate> {
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(part(0..4)?).ok()?;
    match digits.len() {
        4 => NaiveDate::from_ymd_opt(year, 1, 1),
        7 => NaiveDate::from_yo_opt(year, part(4..7)?),
        8 => NaiveDate::from_ymd_opt(year, part(4..6)?, part(6..8)?),
        _ => None,
    }
}

fn midnight(day: NaiveDate) -> Option<NaiveDateTime> {
    day.and_hms_opt(0, 0, 0)
}

/// A date of words, numbers and signs.
fn written(text: &str) -> Option<DateTime<Utc>> {
    let (text, commented) = without_comments(text);
    let (text, region) = without_region(&text);
    let mut tokens = Tokens::new(&names::folded(&text));
    let clock = tokens.take_clock();
    let zone = tokens.take_zone().ok()?;
    let zone = match zone.or(region) {
        Some(zone) => zone,
        None => commented.ok()?.unwrap_or(Zone::Offset(0)),
    };
    let day = day(&tokens, clock)?;
    let time = clock.map_or(TimeDelta::zero(), |clock| clock.since_midnight);
    zone.instant(midnight(day)?.checked_add_signed(time)?)
}

/// Removes parts in parentheses and brackets. Returns the rest, and the zone that the parts name.
///
/// Every part after the time counts as the name of a zone.
fn without_comments(text: &str) -> (String, Result<Option<Zone>, UnknownZone>) {
    let (mut rest, mut bare, mut zone) = (text, String::new(), Ok(None));
    while let Some(at) = rest.find(['(', '[', '（']) {
        let (before, from) = rest.split_at(at);
        bare.push_str(before);
        bare.push(' ');
        let end = from.find([')', ']', '）']).unwrap_or(from.len());
        let comment = from
            .get(..end)
            .unwrap_or_default()
            .trim_start_matches(['(', '[', '（'])
            .trim();
        rest = from.get(end..).unwrap_or_default().trim_start_matches([')', ']', '）']);
        if bare.contains(':') && zone == Ok(None) {
            let named = zones::region(comment).or_else(|| zones::abbreviation(&names::folded(comment)));
            zone = named.map(Some).ok_or(UnknownZone);
        }
    }
    bare.push_str(rest);
    (bare, zone)
}

/// Removes the name of a zone such as `Europe/Berlin`. Returns the rest and the zone.
fn without_region(text: &str) -> (String, Option<Zone>) {
    let named = text
        .split_whitespace()
        .find_map(|word| Some((word, zones::region(word)?)));
    match named {
        Some((word, zone)) => (text.replacen(word, " ", 1), Some(zone)),
        None => (text.to_owned(), None),
    }
}

/// The day that the tokens name after time and zone were removed.
fn day(tokens: &Tokens, clock: Option<Clock>) -> Option<NaiveDate> {
    let numbers = tokens.numbers();
    if let Some((at, month)) = tokens.month() {
        let before = numbers.iter().filter(|number| number.at < at).count();
        return match (before, numbers.as_slice()) {
            (0 | 1, [year]) if year.digits.len() == 4 => civil(year, month, 1),
            // `23 Nov 2026`, as RFC 5322 has it, and `2026 Nov 23`.
            (1, [first, second]) if first.digits.len() != 4 => civil(second, month, first.value),
            (_, [year, day]) if year.digits.len() == 4 => {
                full_year(year).and_then(|year| NaiveDate::from_ymd_opt(year, month, day.value))
            }
            (0, [day, year]) => civil(year, month, day.value),
            _ => None,
        };
    }
    match numbers.as_slice() {
        // [W3C's date format](https://www.w3.org/TR/NOTE-datetime) also allows a year alone, or year and month.
        [only] if only.digits.len() == 8 || clock.is_none() || only.digits.len() == 7 => alone(&only.digits),
        [year, week] if tokens.is_week(week) => iso_week(full_year(year)?, &week.digits, None),
        [year, week, weekday] if tokens.is_week(week) => iso_week(full_year(year)?, &week.digits, Some(weekday.value)),
        [year, day] if day.digits.len() == 3 => NaiveDate::from_yo_opt(full_year(year)?, day.value),
        [year, month] if clock.is_none() => NaiveDate::from_ymd_opt(full_year(year)?, month.value, 1),
        [first, second, third] => numeric(first, second, third, tokens.separator(first), clock),
        _ => None,
    }
}

/// The day of three numbers. The separator and the numbers decide their order; `None` if it stays ambiguous.
fn numeric(a: &Number, b: &Number, c: &Number, separator: char, clock: Option<Clock>) -> Option<NaiveDate> {
    if let Some(year) = full_year(a) {
        return NaiveDate::from_ymd_opt(year, b.value, c.value);
    }
    let day_first = civil(c, b.value, a.value);
    let month_first = civil(c, a.value, b.value);
    let year_first = civil(a, b.value, c.value).filter(|_| c.digits.len() == 2);
    match separator {
        '.' => day_first,
        '/' if clock.is_some_and(|clock| clock.has_half) => month_first.or(day_first),
        '/' => only_one(&[day_first, month_first]),
        _ if c.digits.len() == 4 => day_first.or(month_first),
        _ => only_one(&[day_first, year_first]),
    }
}

/// The day on which all valid interpretations agree; `None` if they differ.
fn only_one(readings: &[Option<NaiveDate>]) -> Option<NaiveDate> {
    let mut possible = readings.iter().flatten();
    let first = possible.next()?;
    possible.all(|other| other == first).then_some(*first)
}

fn civil(year: &Number, month: u32, day: u32) -> Option<NaiveDate> {
    let value = i32::try_from(year.value).ok()?;
    let year = match (year.digits.len(), value) {
        (4, _) => value,
        (2, 0..50) => 2000 + value,
        // Programs that count years from 1900 write 126 for 2026.
        (2, _) | (3, 100..200) => 1900 + value,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, day)
}

fn full_year(number: &Number) -> Option<i32> {
    (number.digits.len() == 4).then(|| i32::try_from(number.value).ok())?
}

/// A day by its week ([ISO 8601](https://www.iso.org/iso-8601-date-and-time-format.html)); Monday if only the week is given.
fn iso_week(year: i32, week: &str, weekday: Option<u32>) -> Option<NaiveDate> {
    let (week, joined) = match week.len() {
        2 => (week, None),
        3 => (week.get(..2)?, week.get(2..)?.parse().ok()),
        _ => return None,
    };
    let number = weekday.or(joined).unwrap_or(1);
    let weekday = Weekday::try_from(u8::try_from(number.checked_sub(1)?).ok()?).ok()?;
    NaiveDate::from_isoywd_opt(year, week.parse().ok()?, weekday)
}

#[cfg(test)]
mod tests;
