//! The day of the week on which weekly digests are sent.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;
use serde::{Deserialize, Deserializer};

use super::column::text_column;

/// A weekday, written in three small letters such as `mon`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyDay(pub Weekday);

/// A text that is not a weekday.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no day of the week; write one such as mon")]
pub struct WeeklyDayError(String);

impl Default for WeeklyDay {
    fn default() -> Self {
        Self(Weekday::Mon)
    }
}

impl fmt::Display for WeeklyDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string().to_lowercase())
    }
}

impl FromStr for WeeklyDay {
    type Err = WeeklyDayError;

    fn from_str(text: &str) -> Result<Self, WeeklyDayError> {
        text.parse().map(Self).map_err(|_| WeeklyDayError(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for WeeklyDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

text_column!(WeeklyDay);
