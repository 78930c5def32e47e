//! Subscribers from other systems' exports.
//!
//! Columns are found by their names. Nobody is confirmed whom any column calls gone, bounced, blocked or unconfirmed, and
//! every row that is not taken is reported with its line.

mod columns;
mod encoding;
mod importer;
mod meaning;
mod report;
mod role;
mod table;
mod value;

pub use importer::{ImportError, Options, import};
pub use report::{Reasons, Refused, Report};
pub use value::ValueMeaning;
