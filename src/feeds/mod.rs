//! Fetches and parses feeds. Connections to private networks are refused, and every response is treated as hostile.

pub mod access_token;
mod addresses;
mod charset;
mod connection;
mod cookies;
pub mod date;
mod entities;
mod entry;
mod error;
mod error_cause;
pub mod fetch;
mod fetch_error;
pub mod guard;
pub mod image;
mod json_feed;
mod json_text;
pub mod jsonlines;
mod links;
pub mod opml;
pub(crate) mod page;
pub mod parse;
pub mod post;
pub mod proxy;
pub mod request_settings;
mod response_headers;
mod unpack;
mod xml;
mod xml_feed;

pub use fetch::install_crypto;
