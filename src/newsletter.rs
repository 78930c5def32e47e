//! Newsletters, each described by a TOML file. Applying the same file twice changes nothing.
//!
//! `newsletter apply` reads a file ([`parse`]) and stores what it says ([`apply`]). `newsletter show` writes the file of a stored
//! newsletter ([`file_of`]). [`removal`] ends a newsletter, and applying its file brings it back.

mod apply;
mod error;
pub(crate) mod fields;
mod file;
pub(crate) mod json_settings;
pub mod removal;
mod syntax_errors;
mod written_file;

pub use apply::{Applied, apply, apply_by};
pub use error::NewsletterError;
pub use file::{NewsletterFile, parse};
pub(crate) use written_file::settings_of;
pub use written_file::{ChangedKey, file_of, version_of};
