//! Why an import of subscribers stops.

use std::io;

use super::column_fault::{ColumnFault, UnclearColumn};
use crate::store::StoreError;
use crate::text::plain::beginning;

/// Why nothing was imported, or why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The columns cannot be used.
    #[error("{0}")]
    Columns(String),
    /// Columns may be about consent and are not understood.
    #[error("{}", unclear(.0))]
    Unclear(Vec<UnclearColumn>),
    /// The file cannot be read, or has no header that can be read.
    #[error("{0}")]
    File(#[from] io::Error),
    /// Confirming needs a provenance of the consent.
    #[error("--status confirmed needs --provenance TEXT: where and how these people agreed, for the consent record")]
    NoProvenance,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ColumnFault> for ImportError {
    fn from(fault: ColumnFault) -> Self {
        Self::Columns(fault.to_string())
    }
}

fn unclear(columns: &[UnclearColumn]) -> String {
    let named = columns.iter().map(|UnclearColumn { name, line, value }| {
        let (name, value) = (beginning(name), beginning(value));
        format!(
            "the column \"{name}\" may say who must not be mailed, and its value \"{value}\" (line {line}) is not understood"
        )
    });
    let named: Vec<_> = named.collect();
    let (name, value) = columns.first().map_or_else(
        || ("NAME".to_owned(), "VALUE".to_owned()),
        |column| (beginning(&column.name), beginning(&column.value)),
    );
    format!(
        "{}; nothing was imported. Say what a value means with --value \"{name}:{value}=confirmed\" (or unconfirmed, \
         unsubscribed, suppressed, bounced, complained), or leave a column out with --ignore-column \"{name}\"",
        named.join("; ")
    )
}
