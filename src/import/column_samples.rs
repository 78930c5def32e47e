//! What the first pass over a file keeps about the content of each column.

use std::collections::BTreeMap;

use super::cell_time::is_time;
use super::column_role::ColumnRole;
use super::reported_status::{ReportedStatus, interpret_status, mentions_leaving, yes_or_no};
use super::word_list::fold;

/// A column with more different numbers than this is a quantity, and no code that stands for an answer.
const MAX_CODES: u32 = 10;
/// Numbers from here on are no codes.
const CODES_END: u8 = 100;

/// What the operator says about the values of a column, by the folded value.
pub(super) type Rules = BTreeMap<String, ReportedStatus>;

/// The content of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnSample {
    /// The first value that is not empty, with its line.
    pub(super) first: Option<(u64, String)>,
    /// The first value that mentions leaving and has no rule, with its line.
    pub(super) leaving: Option<(u64, String)>,
    /// How many values are known statuses, and how many are not.
    statuses: (u64, u64),
    /// Whether a value is more than an answer, a time or a code.
    has_text: bool,
    /// A bit for each number below [`CODES_END`] that is a value.
    codes: u128,
}

impl ColumnSample {
    /// Adds a value that is not empty.
    pub(super) fn add(&mut self, role: ColumnRole, line: u64, value: &str, rules: Option<&Rules>) {
        let is_found_by_content = matches!(role, ColumnRole::PossibleStatus | ColumnRole::Unexplained);
        if (is_found_by_content || role == ColumnRole::Unclear) && self.first.is_none() {
            self.first = Some((line, value.to_owned()));
        }
        if role == ColumnRole::PossibleStatus {
            match interpret_status(value) {
                ReportedStatus::Unknown => self.statuses.1 += 1,
                _ => self.statuses.0 += 1,
            }
        }
        if is_found_by_content && !self.has_text {
            self.add_answer(value);
        }
        if self.leaving.is_none()
            && is_about_leaving(role, value)
            && rules.is_none_or(|rules| !rules.contains_key(&fold(value)))
        {
            self.leaving = Some((line, value.to_owned()));
        }
    }

    fn add_answer(&mut self, value: &str) {
        let number = value.strip_suffix(".0").unwrap_or(value).parse::<u8>();
        match number.ok().filter(|number| *number < CODES_END) {
            Some(code) => self.codes |= 1_u128 << code,
            None => self.has_text = yes_or_no(value).is_none() && !is_time(value),
        }
        self.has_text |= self.codes.count_ones() > MAX_CODES;
    }

    /// Whether a column that may be a status is one.
    pub(super) fn is_status(&self) -> bool {
        let (known, unknown) = self.statuses;
        known > 0 && (known >= unknown || self.leaving.is_some())
    }

    /// Whether all values are yes, no, times or codes. Such a column can say, in words that are not known here, who left.
    pub(super) fn has_only_answers(&self) -> bool {
        self.first.is_some() && !self.has_text
    }
}

/// Whether a value in a column that is not about leaving is about it.
fn is_about_leaving(role: ColumnRole, value: &str) -> bool {
    match role {
        ColumnRole::PossibleStatus | ColumnRole::Unexplained | ColumnRole::Other | ColumnRole::Tags => {
            mentions_leaving(value)
        }
        // Nearly all are times or network addresses.
        ColumnRole::Evidence | ColumnRole::Timezone => {
            !value.starts_with(|c: char| c.is_ascii_digit())
                && (mentions_leaving(value) || interpret_status(value) == ReportedStatus::Unconfirmed)
        }
        _ => false,
    }
}
