//! Text from outside: plain text, HTML and Markdown are made safe to show, shortened, and their language is found.
//!
//! All functions are pure. Text that is too long or too deeply nested to process in linear time is cut or loses its markup.

pub(crate) mod excerpt;
pub mod html;
pub(crate) mod invisible;
pub mod language;
pub(crate) mod latin;
pub(crate) mod markdown;
pub(crate) mod plain;
pub mod search;

/// The most bytes of a text that are processed; of longer text only the beginning is used.
const MAX_BYTES: usize = 256 * 1024;
