//! Imports subscribers from a CSV file that another system exported, and suppressions from a CSV file or a plain list.
//!
//! - `input.rs` is the file, which is read several times, and `archive.rs` a file in a ZIP archive. `encoding.rs`, `csv_lines.rs`, `csv_record.rs` and `table.rs` read rows from it.
//! - `column_role.rs` finds the role of a column from its name, and `reported_status.rs` interprets a cell. `column_fault.rs` says why
//!   columns cannot be used.
//! - `column_samples.rs` keeps what the columns contain, for which `cell_time.rs` recognises times.
//! - `columns.rs` reads from a row what the other system reports about a subscriber, and `read_row.rs` the address.
//! - `row_stream.rs` does this on several threads while the database is busy.
//! - `decision.rs` decides what a row of subscribers changes, and `batch.rs` writes many rows in one transaction.
//! - `examination.rs` is the first pass over all files: it finds the columns, and the addresses that no row may confirm (`held_back.rs`).
//!   `importer.rs` then writes the rows of each file. `import_error.rs` says why an import stops.
//! - `report.rs` is its result, and an observer (`observer.rs`) sees each reported row.
//! - `suppression_layout.rs` finds the values in a list of suppressions, and `suppression_list.rs` suppresses its addresses.
//!
//! No one is confirmed by mistake: an address that any column of any row calls unsubscribed, bounced, blocked or unconfirmed is not
//! confirmed. Every row that is not imported is reported with its line.

mod archive;
mod batch;
mod cell_time;
mod column_fault;
mod column_role;
mod column_samples;
mod columns;
mod csv_lines;
mod csv_record;
mod decision;
mod encoding;
mod examination;
mod held_back;
mod import_error;
mod importer;
mod input;
mod observer;
mod options;
mod read_row;
mod report;
mod reported_status;
mod row_stream;
mod suppression_layout;
mod suppression_list;
mod table;
mod value_rule;
mod word_list;

pub use archive::ArchiveError;
pub(crate) use archive::{ArchivedFile, csv_files, zip_files};
pub use column_fault::UnclearColumn;
pub use examination::{AllRows, Examined, examine};
pub use import_error::ImportError;
pub use importer::{import, import_examined};
pub use input::Input;
pub use observer::Observer;
pub use options::Options;
pub use report::{Asks, Reasons, Refused, RefusedRows, Report};
pub(crate) use suppression_layout::{Cells, HASH_COLUMNS, hash_key};
pub(crate) use suppression_list::{SuppressionOptions, SuppressionReport, import_suppressions};
pub use value_rule::ValueRule;
