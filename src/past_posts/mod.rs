//! Imports the posts that another system exported: they become articles of this site, with their dates, and their old addresses redirect
//! to them.
//!
//! - `ghost.rs`, `substack.rs`, `mailchimp.rs` and `wordpress.rs` read one export each, and pass its posts one by one to `importer.rs`.
//!   `short_texts.rs` and `limited_file.rs` keep what they read at once below a limit.
//! - `importer.rs` stores them as editorial articles. A post has an id, so importing an export again adds only what is missing.
//! - `redirects.rs` writes the old addresses for a proxy.

mod error;
mod export;
mod ghost;
mod html_page;
mod importer;
mod limited_file;
mod mailchimp;
mod post;
mod redirects;
mod short_texts;
mod substack;
mod wordpress;

pub use error::PastPostsError;
pub use export::{ExportFormat, detect};
pub use importer::{ImportOptions, ImportReport, ReportedPost, import};
pub use redirects::proxy_rules;
