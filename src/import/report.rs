//! The result of an import, line by line.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::text::plain::{beginning, counted};

/// A summary names at most this many ranges of lines.
const MAX_RANGES: usize = 12;
/// At most this many different reasons are kept; later ones are counted together.
const MAX_REASONS: usize = 500;
/// At most this many ranges of lines are kept for each reason; later rows are only counted.
const MAX_KEPT_RANGES: usize = 50_000;
/// At most this many refused rows are kept; later ones are only counted.
const MAX_KEPT_REFUSED: usize = 10_000;

/// The result of an import; after a dry run, the result that the import would have.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Lines of the file, the header and blank lines included.
    pub lines: u64,
    /// Rows below the header that are not empty.
    pub rows: u64,
    /// The number of new subscriptions.
    pub added: usize,
    /// Those of `added` that are pending. These people are mailed nothing until they sign up and confirm, unless they are asked.
    pub pending: usize,
    /// Existing subscriptions that changed.
    pub updated: usize,
    /// Existing subscriptions that stay as they are.
    pub skipped: usize,
    /// Addresses added to the suppression list.
    pub suppressed: usize,
    /// Who is asked by mail to confirm; `None` if the import asks nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// The encoding of a file that is neither UTF-8 nor UTF-16, such as `windows-1252`.
    pub encoding: Option<&'static str>,
    /// Names of the columns that were not used.
    pub unused_columns: Vec<String>,
    /// Rows that cannot be used.
    #[serde(flatten)]
    pub refused: RefusedRows,
    /// Why rows were skipped, or were taken but not confirmed.
    pub reasons: Reasons,
}

/// Who is asked by mail to confirm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asks {
    /// How many people the import has added to those who wait to be asked.
    pub new: u64,
    /// How many people wait, with those of earlier imports and other newsletters.
    pub waiting: u64,
    /// The most people who are asked in an hour.
    pub per_hour: u32,
}

/// A row that cannot be used.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// 1-based line in the file.
    pub line: u64,
    /// The address as written, if the row could be read.
    pub address: Option<String>,
    /// Why it cannot be used.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "line {}: \"{}\": {}", self.line, beginning(address), self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

/// Rows that cannot be used: the first ones, and how many there are.
#[derive(Debug, Default, Serialize)]
pub struct RefusedRows {
    #[serde(rename = "refused")]
    kept: Vec<Refused>,
    #[serde(rename = "refused_rows")]
    count: usize,
}

impl RefusedRows {
    pub(super) fn push(&mut self, row: Refused) {
        self.count += 1;
        if self.kept.len() < MAX_KEPT_REFUSED {
            self.kept.push(row);
        }
    }

    /// The number of all refused rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The first refused rows.
    #[must_use]
    pub fn first(&self) -> &[Refused] {
        &self.kept
    }
}

/// Reasons, each with its lines.
#[derive(Debug, Default)]
pub struct Reasons(BTreeMap<String, Lines>);

/// The lines of a reason. Adjacent lines are kept as ranges, so that a million rows with one reason take little memory.
#[derive(Debug, Default)]
struct Lines {
    rows: u64,
    ranges: Vec<(u64, u64)>,
}

impl Lines {
    fn add(&mut self, line: u64) {
        self.rows += 1;
        let is_full = self.ranges.len() >= MAX_KEPT_RANGES;
        match self.ranges.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ if is_full => {}
            _ => self.ranges.push((line, line)),
        }
    }

    /// Such as `2-90, 92`. If some are left out, it ends in `…`.
    fn text(&self, max_ranges: usize) -> String {
        let mut text = String::new();
        for (first, last) in self.ranges.iter().take(max_ranges) {
            if !text.is_empty() {
                text.push_str(", ");
            }
            // Writing to a String cannot fail.
            let _ = if first == last {
                write!(text, "{first}")
            } else {
                write!(text, "{first}-{last}")
            };
        }
        let shown = self.ranges.iter().take(max_ranges);
        if shown.map(|(first, last)| last - first + 1).sum::<u64>() < self.rows {
            text.push_str(", …");
        }
        text
    }
}

impl Reasons {
    pub(super) fn add(&mut self, reason: &str, line: u64) {
        let reason = if self.0.len() < MAX_REASONS || self.0.contains_key(reason) {
            reason
        } else {
            "for other reasons"
        };
        match self.0.get_mut(reason) {
            Some(lines) => lines.add(line),
            None => self.0.entry(reason.to_owned()).or_default().add(line),
        }
    }

    /// Each reason with its lines, such as `2-90, 92`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, String)> {
        self.0
            .iter()
            .map(|(reason, lines)| (reason.as_str(), lines.text(usize::MAX)))
    }
}

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (reason, lines) in self.iter() {
            map.serialize_entry(reason, &lines)?;
        }
        map.end()
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (reason, lines) in &self.0 {
            let rows = counted(lines.rows, "row", "rows");
            writeln!(f, "{rows} {reason} (line {})", lines.text(MAX_RANGES))?;
        }
        Ok(())
    }
}
