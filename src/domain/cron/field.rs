//! Parses one field of a cron line into the set of its values.

use super::error::CronError;
use crate::text::plain::beginning;

/// The name and the valid values of a field.
pub(super) struct Field {
    pub(super) name: &'static str,
    allowed: &'static str,
    first: u32,
    /// The last value of `*`.
    last: u32,
    /// The highest valid number; 7 is a second number of Sunday.
    written: u32,
    /// Names of the values from `first` on.
    names: &'static [&'static str],
}

impl Field {
    pub(super) const MINUTE: Self = Self {
        name: "minute",
        allowed: "0 to 59 or *",
        first: 0,
        last: 59,
        written: 59,
        names: &[],
    };
    pub(super) const HOUR: Self = Self {
        name: "hour",
        allowed: "0 to 23 or *",
        first: 0,
        last: 23,
        written: 23,
        names: &[],
    };
    pub(super) const DAY: Self = Self {
        name: "day of month",
        allowed: "1 to 31, L or *",
        first: 1,
        last: 31,
        written: 31,
        names: &[],
    };
    pub(super) const MONTH: Self = Self {
        name: "month",
        allowed: "1 to 12, JAN to DEC or *",
        first: 1,
        last: 12,
        written: 12,
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    };
    pub(super) const WEEKDAY: Self = Self {
        name: "day of week",
        allowed: "0 to 7, SUN to SAT, such as MON#2 or 5L, or *",
        first: 0,
        last: 6,
        written: 7,
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    };

    /// The values of a whole field, bit `n` for value `n`.
    pub(super) fn parse(&self, text: &str) -> Result<u64, CronError> {
        text.split(',').try_fold(0, |set, item| Ok(set | self.item(item)?))
    }

    /// The values of one item of the field's list.
    pub(super) fn item(&self, item: &str) -> Result<u64, CronError> {
        let (base, step) = match item.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step)?)),
            None => (item, None),
        };
        let (from, to) = if base == "*" {
            (self.first, self.last)
        } else if let Some((from, to)) = base.split_once('-') {
            self.range(base, self.value(from)?, self.value(to)?)?
        } else {
            let value = self.value(base)?;
            // `5/15` means every 15th value from 5 to the end of the field.
            (value, if step.is_some() { self.written } else { value })
        };
        Ok((from..=to)
            .step_by(step.unwrap_or(1))
            .fold(0, |set, value| set | 1 << value))
    }

    /// A number or a name.
    pub(super) fn value(&self, text: &str) -> Result<u32, CronError> {
        let number = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().ok()
        } else {
            (self.first..)
                .zip(self.names)
                .find(|(_, name)| name.eq_ignore_ascii_case(text))
                .map(|(value, _)| value)
        };
        number
            .filter(|value| (self.first..=self.written).contains(value))
            .ok_or_else(|| CronError::Value {
                field: self.name,
                text: beginning(text),
                allowed: self.allowed,
            })
    }

    fn range(&self, text: &str, from: u32, to: u32) -> Result<(u32, u32), CronError> {
        // In SAT-SUN the Sunday is the one after Saturday.
        let to = if to == self.first && self.written > self.last && from > to {
            self.written
        } else {
            to
        };
        if from <= to {
            Ok((from, to))
        } else {
            Err(CronError::Range {
                field: self.name,
                text: beginning(text),
                instead: self.in_two(text, from, to),
            })
        }
    }

    /// The two ranges that are equivalent to a reversed range: `FRI-SUN,MON` for `FRI-MON`.
    fn in_two(&self, text: &str, from: u32, to: u32) -> String {
        let (from_text, to_text) = text.split_once('-').unwrap_or((text, text));
        // Sunday has two numbers, 0 and 7, and its name means both, so that a range from Monday to Sunday is valid.
        let (first, last) = if self.written > self.last {
            (self.first + 1, self.written)
        } else {
            (self.first, self.last)
        };
        let named = from_text.bytes().all(|b| b.is_ascii_alphabetic());
        let write = |value: u32| {
            let place = (value - self.first) as usize;
            let name = self.names.get(place % self.names.len().max(1)).filter(|_| named);
            name.map_or_else(|| value.to_string(), |name| (*name).to_owned())
        };
        let upper = if from == last {
            from_text.to_owned()
        } else {
            format!("{from_text}-{}", write(last))
        };
        let lower = if to == first {
            to_text.to_owned()
        } else {
            format!("{}-{to_text}", write(first))
        };
        beginning(&format!("{upper},{lower}"))
    }

    fn step(&self, text: &str) -> Result<usize, CronError> {
        let most = self.last - self.first + 1;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let step = text
            .parse()
            .ok()
            .filter(|step| digits && (1..=most as usize).contains(step));
        step.ok_or_else(|| CronError::Step {
            field: self.name,
            text: beginning(text),
            most,
        })
    }
}

/// Whether a field is open: `*`, with or without a step, or `?`.
pub(super) fn is_open(text: &str) -> bool {
    text.starts_with(['*', '?'])
}

/// A set of values in the syntax of the cron crate.
pub(super) fn list(set: u64) -> String {
    let values: Vec<String> = (0..64)
        .filter(|value| set >> value & 1 == 1)
        .map(|value| value.to_string())
        .collect();
    values.join(",")
}
