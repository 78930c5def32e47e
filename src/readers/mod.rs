//! What operators see and do about readers: the list, the record of one address, and the changes. The console, the API and the commands
//! use the same functions, and each change has an entry in the audit log.

mod actions;
mod list;
mod record;
mod suppression_file;

pub use actions::{SubscribeError, Suppressed, erase, export, lift, lift_address, subscribe, suppress, unsubscribe};
pub(crate) use list::{ListedReader, ReaderFilter, ReaderPage, ReaderPosition, readers};
pub(crate) use record::{Record, SubscriptionDetails, details, read};
pub use suppression_file::export_suppressions;
pub(crate) use suppression_file::{write_head, write_rows};
