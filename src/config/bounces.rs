//! `[bounces]`: what follows from soft bounces, and from many bounces or complaints.

use std::time::Duration;

use serde::Deserialize;

use super::error::Problem;
use super::value::{Setting, optional, required, whole};

/// The settings of the section `[bounces]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounces {
    /// A subscription is paused after soft bounces of this many issues in a row; 0 is never.
    #[serde(deserialize_with = "whole::<0, 100, _, _>")]
    pub soft_issues: usize,
    /// The least time from the day of the first to the day of the last of these issues, in UTC.
    #[serde(deserialize_with = "required")]
    pub soft_period: Duration,
    /// The rates of newsletters and domains are those of the issues that started within this time.
    #[serde(deserialize_with = "required")]
    pub rate_window: Duration,
    /// A rate is compared with its limits once the relay has accepted this many messages.
    #[serde(deserialize_with = "whole::<1, 1_000_000_000, _, _>")]
    pub min_accepted: i64,
    /// The share of complaints at which the operators are notified; `None` is never.
    #[serde(deserialize_with = "optional")]
    pub warn_complaints: Option<Share>,
    /// The share of complaints at which the issue is paused; `None` is never.
    #[serde(deserialize_with = "optional")]
    pub pause_complaints: Option<Share>,
    /// The share of hard bounces at which the operators are notified; `None` is never.
    #[serde(deserialize_with = "optional")]
    pub warn_hard_bounces: Option<Share>,
    /// The share of hard bounces at which the issue is paused; `None` is never.
    #[serde(deserialize_with = "optional")]
    pub pause_hard_bounces: Option<Share>,
    /// How long replies and lines of reports are kept; `None` is for ever.
    #[serde(deserialize_with = "optional")]
    pub keep_evidence: Option<Duration>,
}

impl Bounces {
    /// Checks what concerns several values.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        if self.soft_issues == 1 && !self.soft_period.is_zero() {
            return Err(Problem::new(
                "soft_issues",
                "is 1, and one issue never spans the time of bounces.soft_period, so nothing would ever be paused; set at least 2, or 0 \
                 for no pause",
            ));
        }
        for (key, warn, pause) in [
            ("warn_complaints", self.warn_complaints, self.pause_complaints),
            ("warn_hard_bounces", self.warn_hard_bounces, self.pause_hard_bounces),
        ] {
            if let (Some(warn), Some(pause)) = (warn, pause)
                && warn > pause
            {
                let pause_key = key.replace("warn", "pause");
                return Err(Problem::new(
                    key,
                    format!(
                        "is {warn}, above bounces.{pause_key} ({pause}), so the issue would be paused before the operators are warned; set \
                         it to {pause} or less"
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// A share of messages, in millionths, so that it is compared with whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(i64);

impl Share {
    const WHOLE: i64 = 1_000_000;

    /// Whether `part` of `all` is at least this share.
    #[must_use]
    pub const fn is_reached(self, part: i64, all: i64) -> bool {
        part.saturating_mul(Self::WHOLE) >= all.saturating_mul(self.0)
    }

    /// Four fifths of this share.
    #[must_use]
    pub const fn four_fifths(self) -> Self {
        Self(self.0 * 4 / 5)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        write!(f, "{} %", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Setting for Share {
    const ALLOWED: &'static str = "a share from 0.0001 % to 100 %, such as \"0.3 %\"";

    fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = {
            let number = text.trim().strip_suffix('%')?.trim_end();
            number.split_once('.').unwrap_or((number, ""))
        };
        let is_number = |digits: &str, most: usize| digits.len() <= most && digits.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !is_number(whole, 3) || !is_number(fraction, 4) {
            return None;
        }
        let millionths: i64 = format!("{whole}{fraction:0<4}").parse().ok()?;
        (1..=Self::WHOLE).contains(&millionths).then_some(Self(millionths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_and_shown_exactly() {
        for (text, shown) in [
            ("0.1 %", "0.1 %"),
            ("5%", "5 %"),
            ("100 %", "100 %"),
            ("0.0001 %", "0.0001 %"),
        ] {
            let share = Share::read(text).map(|share| share.to_string());
            assert_eq!(share.as_deref(), Some(shown));
        }
        for text in ["", "5", "0 %", "101 %", "-1 %", "0.00001 %", "a %", ".5 %", "1e2 %"] {
            assert_eq!(Share::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_share_is_reached_at_the_limit_itself() {
        let share = Share::read("0.3 %").expect("the share is valid");
        assert!(share.is_reached(3, 1_000) && share.is_reached(2, 600));
        assert!(!share.is_reached(2, 1_000) && !share.is_reached(0, 1));
    }
}
