//! Reads the dates that feeds write: RFC 3339, RFC 2822, W3C's shorter forms, and common departures from them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

/// Forms without a zone, taken as UTC; tried in this order. Reading, `%B` takes a month's short name too.
const WITHOUT_ZONE: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%d %B %Y %H:%M:%S",
    "%d %B %Y %H:%M",
    "%B %d %H:%M:%S %Y",
    "%B %d %Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
];
/// Forms with an offset.
const WITH_ZONE: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M%#z",
    "%d %B %Y %H:%M:%S %#z",
    "%d %B %Y %H:%M %#z",
];
/// Days alone, taken as midnight in UTC.
const DAYS: &[&str] = &["%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%B %d %Y", "%Y/%m/%d"];

/// Reads a date, or gives nothing: a date is never made up. Years have four digits; beyond them it is a slip, and not every
/// database can keep it.
#[must_use]
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    read(text).filter(|date| (1..=9999).contains(&date.year()))
}

fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.get(..text.len().min(100)).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Ok(date) = DateTime::parse_from_rfc3339(&text).or_else(|_| DateTime::parse_from_rfc2822(&text)) {
        return Some(date.to_utc());
    }
    let bare = without_weekday(&text);
    let bare = bare.replace(',', "");
    let (bare, named_offset) = named_zone(&bare);
    let zoned = format!("{bare} {named_offset}");
    let with_zone = |text: &str| {
        WITH_ZONE
            .iter()
            .find_map(|form| DateTime::parse_from_str(text, form).ok())
    };
    if let Some(date) = with_zone(bare)
        .or_else(|| with_zone(&zoned))
        .or_else(|| rfc2822(&zoned))
    {
        return Some(date.to_utc());
    }
    WITHOUT_ZONE
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())
        .or_else(|| day(bare))
        .map(|date| date.and_utc())
}

fn rfc2822(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc2822(text).ok()
}

fn day(text: &str) -> Option<NaiveDateTime> {
    // W3C's note allows the year, and year and month, alone.
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    DAYS.iter()
        .find_map(|form| NaiveDate::parse_from_str(&padded, form).ok())
        .and_then(|day| day.and_hms_opt(0, 0, 0))
}

/// Weekdays are often wrong or in another language, and never needed.
fn without_weekday(text: &str) -> &str {
    let Some((first, rest)) = text.split_once(' ') else {
        return text;
    };
    let is_word = first.chars().all(|c| c.is_alphabetic() || c == ',' || c == '.');
    let is_month = NaiveDate::parse_from_str(&format!("1 {} 2000", first.trim_end_matches([',', '.'])), "%d %B %Y");
    if is_word && is_month.is_err() { rest } else { text }
}

/// Splits a zone's name off the end and gives its offset; no name, or one that nobody knows, counts as UTC.
fn named_zone(text: &str) -> (&str, &'static str) {
    let Some((rest, zone)) = text.rsplit_once(' ') else {
        return (text, "+0000");
    };
    if zone.is_empty() || !zone.chars().all(|c| c.is_ascii_alphabetic()) {
        return (text, "+0000");
    }
    let offset = match zone.to_ascii_uppercase().as_str() {
        "EDT" => "-0400",
        "EST" | "CDT" => "-0500",
        "CST" | "MDT" => "-0600",
        "MST" | "PDT" => "-0700",
        "PST" => "-0800",
        "BST" | "CET" | "MEZ" | "WEST" => "+0100",
        "CEST" | "EET" | "MESZ" => "+0200",
        "EEST" | "MSK" => "+0300",
        "IST" => "+0530",
        "JST" | "KST" => "+0900",
        "AEST" => "+1000",
        "AEDT" => "+1100",
        _ => "+0000",
    };
    (rest, offset)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_of_every_common_form_are_read() {
        for (text, expected) in [
            ("2004-02-28T18:14:55Z", "2004-02-28T18:14:55+00:00"),
            ("2004-02-28T18:14:55.123-08:00", "2004-02-29T02:14:55.123+00:00"),
            ("2004-02-28T18:14:55-0800", "2004-02-29T02:14:55+00:00"),
            ("2004-02-28T18:14+01:00", "2004-02-28T17:14:00+00:00"),
            ("2004-02-28 18:14:55", "2004-02-28T18:14:55+00:00"),
            ("2004-02-28", "2004-02-28T00:00:00+00:00"),
            ("2004-02", "2004-02-01T00:00:00+00:00"),
            ("2004", "2004-01-01T00:00:00+00:00"),
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21+00:00"),
            // The weekday is wrong, and misspelt.
            ("Mon, 01 Jan 2004 19:48:21 +0100", "2004-01-01T18:48:21+00:00"),
            ("Thurs, 1 Jan 2004 19:48:21 UTC", "2004-01-01T19:48:21+00:00"),
            ("Thu, 01 Jan 04 19:48:21 EST", "2004-01-02T00:48:21+00:00"),
            ("01 January 2004 19:48 CEST", "2004-01-01T17:48:00+00:00"),
            ("Thu Jan  1 19:48:21 2004", "2004-01-01T19:48:21+00:00"),
            ("January 1, 2004 19:48:21", "2004-01-01T19:48:21+00:00"),
            ("1 Jan 2004", "2004-01-01T00:00:00+00:00"),
            ("  2004-02-28T18:14:55Z\n", "2004-02-28T18:14:55+00:00"),
        ] {
            assert_eq!(
                parse(text).map(|date| date.to_rfc3339()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date_gives_none() {
        for text in [
            "",
            "yesterday",
            "2004-13-45",
            "99999999999",
            "Thu, 32 Jan 2004 19:48:21 GMT",
            "日付",
            "-",
            "+262142-12-31 00:00",
            "-0001-01-01",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
