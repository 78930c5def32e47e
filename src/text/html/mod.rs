//! Sanitises HTML from strangers, and takes text, titles and links out of it.

mod cost;
mod elements;
mod escape;
mod feed_links;
mod first_paragraph;
mod foreign;
mod main_text;
mod pictures;
mod sanitise;
mod sanitized_html;
mod title;
mod to_text;
mod tokenizer;
mod visible_text;

pub(crate) use escape::paragraphs;
pub use feed_links::{FeedLink, feed_links};
pub(crate) use first_paragraph::first_paragraph;
pub(crate) use main_text::{MainTextError, main_text};
pub(crate) use pictures::without_pictures;
pub use sanitise::{sanitise, sanitise_at};
pub use sanitized_html::SanitizedHtml;
pub(crate) use title::title_line;
pub use to_text::to_text;
pub(crate) use tokenizer::{content_rule, is_void, run_unlimited};
pub use visible_text::clean_line;
pub(crate) use visible_text::{running_text, strip_tags};
