//! Imports subscribers from a CSV file that another system exported, and suppressions from a CSV file or a plain list.
//!
//! - `encoding.rs`, `csv_lines.rs`, `csv_record.rs` and `table.rs` read rows from the file.
//! - `column_role.rs` finds the role of a column from its name, and `reported_status.rs` interprets a cell.
//! - `columns.rs` reads from a row what the other system reports about a subscriber.
//! - `importer.rs` decides what a row of subscribers changes, and writes it.
//! - `suppression_layout.rs` finds the values in a list of suppressions, and `suppression_list.rs` suppresses its addresses.
//!
//! No one is confirmed by mistake: a row that any column calls unsubscribed, bounced, blocked or unconfirmed is not confirmed. Every
//! row that is not imported is reported with its line.

mod column_role;
mod columns;
mod csv_lines;
mod csv_record;
mod encoding;
mod importer;
mod report;
mod reported_status;
mod suppression_layout;
mod suppression_list;
mod table;
mod value_rule;
mod word_list;

pub use columns::UnclearColumn;
pub use importer::{ImportError, Options, import};
pub use report::{Reasons, Refused, Report};
pub(crate) use suppression_layout::{Cells, HASH_COLUMNS, hash_key};
pub(crate) use suppression_list::{SuppressionOptions, SuppressionReport, import_suppressions};
pub use value_rule::ValueRule;
