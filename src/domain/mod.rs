//! Values and their rules. They know nothing of databases, networks or pages.

pub mod address;
pub mod article_file;
pub mod article_input;
pub mod canonical_url;
pub(crate) mod column;
pub mod consent;
pub mod cron;
pub mod delta;
pub mod ids;
pub(crate) mod json;
mod language;
pub(crate) mod network;
pub mod public_id;
pub mod redact;
pub(crate) mod return_path;
pub(crate) mod returned_states;
pub mod scope;
pub mod skip_days;
pub mod slug;
pub(crate) mod state_words;
pub mod states;
pub mod time;
pub mod time_zone;
pub mod tokens;
pub mod topics;
pub mod weekly_day;
