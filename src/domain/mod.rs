//! Values and rules that know nothing of databases, networks or pages.

pub mod address;
pub mod canonical_url;
pub mod cron;
pub mod delta;
mod excerpt;
pub mod feed_links;
pub mod html;
mod html_foreign;
mod html_line;
mod html_scan;
mod html_text;
mod html_title;
mod html_tokens;
pub mod ids;
pub(crate) mod json;
pub mod language;
pub mod manuscript;
pub mod markdown;
pub mod prose;
pub mod public_id;
pub mod redact;
pub mod skip_days;
pub mod slug;
pub mod states;
pub mod time;
pub mod tokens;
pub mod topics;
