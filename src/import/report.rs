//! The result of an import, line by line.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::text::plain::beginning;

/// A summary names at most this many ranges of lines.
const MAX_RANGES: usize = 12;
/// At most this many different reasons are kept; later ones are counted together.
const MAX_REASONS: usize = 500;

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
    /// Those of `added` that are pending. These people are mailed nothing until they sign up and confirm.
    pub pending: usize,
    /// Existing subscriptions that changed.
    pub updated: usize,
    /// Existing subscriptions that stay as they are.
    pub skipped: usize,
    /// Addresses added to the suppression list.
    pub suppressed: usize,
    /// Names of the columns that were not used.
    pub unused_columns: Vec<String>,
    /// Rows that cannot be used.
    pub refused: Vec<Refused>,
    /// Why rows were skipped, or were taken but not confirmed.
    pub reasons: Reasons,
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

/// Reasons, each with its lines. Adjacent lines are kept as ranges, so that a million rows with one reason take little memory.
#[derive(Debug, Default)]
pub struct Reasons(BTreeMap<String, Vec<(u64, u64)>>);

impl Reasons {
    pub(super) fn add(&mut self, reason: &str, line: u64) {
        let reason = if self.0.len() < MAX_REASONS || self.0.contains_key(reason) {
            reason
        } else {
            "for other reasons"
        };
        let ranges = match self.0.get_mut(reason) {
            Some(ranges) => ranges,
            None => self.0.entry(reason.to_owned()).or_default(),
        };
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => ranges.push((line, line)),
        }
    }

    /// Each reason with its lines, such as `2-90, 92`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, String)> {
        self.0
            .iter()
            .map(|(reason, ranges)| (reason.as_str(), lines(ranges, usize::MAX)))
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
        for (reason, ranges) in &self.0 {
            let rows: u64 = ranges.iter().map(|(first, last)| last - first + 1).sum();
            let rows = if rows == 1 {
                "1 row".to_owned()
            } else {
                format!("{rows} rows")
            };
            writeln!(f, "{rows} {reason} (line {})", lines(ranges, MAX_RANGES))?;
        }
        Ok(())
    }
}

fn lines(ranges: &[(u64, u64)], max_ranges: usize) -> String {
    let mut text = String::new();
    for (first, last) in ranges.iter().take(max_ranges) {
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
    if ranges.len() > max_ranges {
        text.push_str(", …");
    }
    text
}
