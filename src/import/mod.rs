//! Imports subscribers from a CSV file that another system exported.
//!
//! - `encoding.rs`, `csv_lines.rs`, `csv_record.rs` and `table.rs` read rows from the file.
//! - `column_role.rs` finds the role of a column from its name, and `reported_status.rs` interprets a cell.
//! - `columns.rs` reads from a row what the other system reports about a subscriber.
//! - `importer.rs` decides what a row changes, and writes it.
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
mod table;
mod value_rule;
mod word_list;

pub use columns::UnclearColumn;
pub use importer::{ImportError, Options, import};
pub use report::{Reasons, Refused, Report};
pub use value_rule::ValueRule;
