//! Subscribers from other systems' exports.
//!
//! Columns are found by their names. A row that any column calls unsubscribed, bounced, blocked or unconfirmed is not
//! confirmed. Every row that is not imported is reported with its line.

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
