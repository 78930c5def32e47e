//! Stores articles from feeds, files and the API, and records in which newsletters they arrived. An article that comes again is
//! recognised, so that each newsletter sends it at most once.
//!
//! - From feeds: `poll.rs` leases the feeds that are due, `feed_fetch.rs` fetches one as `requesting_feeds.rs` says, and `limits.rs`
//!   bounds what it brings. `page_texts.rs` then takes the texts of articles from their pages, if an operator wants that.
//! - From files and requests: `json_lines.rs`, and `editorial.rs` for the articles that the newsroom writes.
//! - All of these but the editorial articles go through `storing.rs`. It asks `known_article.rs` and `identity.rs` whether an entry
//!   is a stored article, and `arrival.rs` whether a newsletter may have it.
//! - Afterwards: `edit.rs` and `retraction.rs` change stored articles, and `rating.rs` says what one is worth to an issue.

pub mod adding_feeds;
mod arrival;
mod article_field;
pub mod change;
pub mod edit;
pub mod editorial;
mod editorial_entry;
pub mod failure_notices;
mod feed_document;
pub(crate) mod feed_export;
pub mod feed_fetch;
pub(crate) mod feed_trouble;
pub mod feed_url;
mod fetch_schedule;
mod identity;
pub mod json_lines;
mod known_article;
mod limits;
pub(crate) mod managing_feeds;
mod new_article;
mod origin;
mod page_texts;
mod pending_writes;
pub mod poll;
pub mod rating;
pub(crate) mod requesting_feeds;
pub mod retraction;
mod storing;
pub mod view;

pub use origin::Origin;
pub use storing::{Tally, store_entries, store_in};
