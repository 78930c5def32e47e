//! Why the columns of a file cannot be used.

use crate::text::plain::beginning;

/// A file with more columns is probably not a CSV file.
pub(super) const MAX_COLUMNS: usize = 1_000;
/// An error names at most this many columns.
const MAX_SHOWN_COLUMNS: usize = 30;

/// Why the columns cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ColumnFault {
    #[error("the first line names {0} columns and at most {MAX_COLUMNS} are read; is this file a CSV?")]
    TooMany(usize),
    #[error("no column is named email or address; the first line must name the columns, and it names {}", quoted(.0))]
    NoAddress(Vec<String>),
    #[error(
        "columns {first} and {second} are both named \"{}\"; rename or delete one of them",
        beginning(name)
    )]
    Twice { name: String, first: usize, second: usize },
    #[error("no column is named \"{0}\"; the columns are {names}", names = quoted(.1))]
    NoSuchColumn(String, Vec<String>),
}

/// A column that may be about consent and is not understood, with its first value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnclearColumn {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) value: String,
}

/// The names of columns, the first ones of many. If the file is not what the operator thinks, they can be anything.
fn quoted(names: &[String]) -> String {
    let mut shown: Vec<_> = names
        .iter()
        .take(MAX_SHOWN_COLUMNS)
        .map(|name| format!("\"{}\"", beginning(name)))
        .collect();
    if names.len() > MAX_SHOWN_COLUMNS {
        shown.push(format!("and {} more", names.len() - MAX_SHOWN_COLUMNS));
    }
    shown.join(", ")
}
